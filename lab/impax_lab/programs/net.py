# SPDX-License-Identifier: GPL-3.0-or-later
"""net: services started, stopped and listed. It ends with 2 for whatever goes wrong; the number of the message tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from impax_lab.windows import services

if TYPE_CHECKING:
    from impax_lab.program import Call

NAMES = ("net",)
SYSTEMS = ("windows",)
SOURCES = "public console output of net start and net stop (NET HELPMSG 2182, 2185, 3521); other verbs are not there"
SPECIAL = {"cannot_stop": "the service does not stop in time and stays as it is (NET HELPMSG 3523)"}
FAILURE = "System error 5 has occurred.\n\nAccess is denied.\n"
TRANSLATED = {  # German
    "service is starting": "wird gestartet", "service was started successfully": "wurde erfolgreich gestartet",
    "service is stopping": "wird beendet", "service was stopped successfully": "wurde erfolgreich beendet",
    "The requested service has already been started.": "Der angeforderte Dienst wurde bereits gestartet.",
    "More help is available by typing NET HELPMSG": "Sie erhalten weitere Hilfe, wenn Sie NET HELPMSG eingeben:",
}  # fmt: skip


def main(call: Call) -> int:
    words = [word for word in call.words[1:] if word.lower() not in ("/y", "/yes")]
    verb = words[0].lower() if words else ""
    if verb == "start" and len(words) == 1:
        return _list(call)
    if verb not in ("start", "stop") or len(words) != 2:
        call.err("The syntax of this command is:\n\nNET\n    [ START | STOP ]\n\n")
        return 1
    name = services.find(call, words[1])
    if name is None:
        return _failed(call, "The service name is invalid.", 2185)
    return _start(call, name) if verb == "start" else _stop(call, name)


def _list(call: Call) -> int:
    names = sorted(services.display(name) for name, state in services.all_services(call).items() if state == "running")
    call.out("These Windows services are started:\n\n" + "".join(f"   {name}\n" for name in names))
    call.out("\nThe command completed successfully.\n\n")
    return 0


def _start(call: Call, name: str) -> int:
    if services.all_services(call)[name] == "running":
        return _failed(call, "The requested service has already been started.", 2182)
    services.put(call, name, "running")
    shown = services.display(name)
    call.out(f"The {shown} service is starting.\nThe {shown} service was started successfully.\n\n")
    return 0


def _stop(call: Call, name: str) -> int:
    shown = services.display(name)
    if services.all_services(call)[name] != "running":
        return _failed(call, f"The {shown} service is not started.", 3521)
    call.out(f"The {shown} service is stopping.\n")
    if call.behaviour == "cannot_stop":
        return _failed(call, f"The {shown} service could not be stopped.", 3523)
    services.put(call, name, "stopped")
    call.out(f"The {shown} service was stopped successfully.\n\n")
    return 0


def _failed(call: Call, text: str, number: int) -> int:
    call.err(f"{text}\n\nMore help is available by typing NET HELPMSG {number}.\n\n")
    return 2
