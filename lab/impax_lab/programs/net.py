# SPDX-License-Identifier: GPL-3.0-or-later
"""net: services started, stopped and listed. It waits for them, and ends with 2 for whatever goes wrong; a number tells.

A service that others need is stopped with them, after a question that ``/y`` answers.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from impax_lab.windows import services

if TYPE_CHECKING:
    from impax_lab.program import Call

NAMES = ("net",)
SYSTEMS = ("windows",)
SOURCES = (
    "public console output of net start and net stop (NET HELPMSG 2182, 2185, 3521, 3534, 3547, system errors), and of the"
    " question for dependent services; how an empty answer to it ends is assumed; other verbs are not there"
)
SPECIAL = {"cannot_stop": "the service does not stop in time and stays as it is (NET HELPMSG 3523)"}
FAILURE = "System error 5 has occurred.\n\nAccess is denied.\n"
TRANSLATED = {  # German
    "service is starting": "wird gestartet", "service was started successfully": "wurde erfolgreich gestartet",
    "service is stopping": "wird beendet", "service was stopped successfully": "wurde erfolgreich beendet",
    "The requested service has already been started.": "Der angeforderte Dienst wurde bereits gestartet.",
    "More help is available by typing NET HELPMSG": "Sie erhalten weitere Hilfe, wenn Sie NET HELPMSG eingeben:",
}  # fmt: skip


PATIENCE = 30.0  # seconds that it waits for a service
STARTED, STOPPED, UNSAID, OWN_ERROR, NOT_IN_TIME = 2182, 3521, 3534, 3547, 3523
SYSTEM = {
    services.DENIED: "Access is denied.",
    services.DISABLED: "The service cannot be started, either because it is disabled or because it has no enabled devices"
    " associated with it.",
    services.DEPENDENCY_FAILED: "The dependency service or group failed to start.",
    services.NO_CONTROLS_NOW: "The service cannot accept control messages at this time.",
    1069: "The service did not start due to a logon failure.",
}


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
    if verb == "start":
        return _start(call, name)
    return _stop(call, name) if _agreed(call, name, len(words) < len(call.words) - 1) else 2


def _list(call: Call) -> int:
    states = services.all_services(call)
    names = sorted(services.display(call, name) for name, state in states.items() if state == "running")
    call.out("These Windows services are started:\n\n" + "".join(f"   {name}\n" for name in names))
    call.out("\nThe command completed successfully.\n\n")
    return 0


def _start(call: Call, name: str) -> int:
    error = services.start(call, name)
    if error == services.ALREADY_RUNS:
        return _failed(call, "The requested service has already been started.", STARTED)
    if error:
        return _system_error(call, error)
    shown = services.display(call, name)
    call.out(f"The {shown} service is starting.\n")
    if _waited(call, name, "start_pending") in ("running", "start_pending") or call.pretend:
        call.out(f"The {shown} service was started successfully.\n\n")
        return 0
    call.out(f"The {shown} service could not be started.\n\n")
    own = services.exit_codes(call, name)[1]
    if own:
        return _failed(call, f"A service specific error occurred: {own}.", OWN_ERROR)
    return _failed(call, "The service did not report an error.", UNSAID)


def _agreed(call: Call, name: str, yes: bool) -> bool:
    """Whether the services that need it may be stopped, too; there may be none."""
    others, shown = services.running_dependants(call, name), services.display(call, name)
    if not others:
        return True
    call.out(f"The following services are dependent on the {shown} service.\n")
    call.out(f"Stopping the {shown} service will also stop these services.\n\n")
    call.out("".join(f"   {services.display(call, each)}\n" for each in others) + "\n")
    if yes:
        return True
    call.out("Do you want to continue this operation? (Y/N) [N]: ")
    answer = call.readline().decode("cp850", "replace").strip().lower()
    if answer in ("y", "yes"):
        return True
    call.out("" if answer in ("n", "no") else "\nNo valid response was provided.\n")
    return False


def _stop(call: Call, name: str) -> int:
    for each in services.running_dependants(call, name):
        if code := _stop_one(call, each):
            return code
    return _stop_one(call, name)


def _stop_one(call: Call, name: str) -> int:
    shown = services.display(call, name)
    if services.all_services(call)[name] == "stopped":
        return _failed(call, f"The {shown} service is not started.", STOPPED)
    if call.behaviour == "cannot_stop":
        call.out(f"The {shown} service is stopping.\n")
        return _failed(call, f"The {shown} service could not be stopped.", NOT_IN_TIME)
    error = services.stop(call, name)
    if error:
        return _system_error(call, error)
    call.out(f"The {shown} service is stopping.\n")
    if _waited(call, name, "stop_pending") != "stopped" and not call.pretend:
        return _failed(call, f"The {shown} service could not be stopped.", NOT_IN_TIME)
    call.out(f"The {shown} service was stopped successfully.\n\n")
    return 0


def _waited(call: Call, name: str, pending: str) -> str:
    """The state of the service once it is no longer on its way, or when patience has ended."""
    until = time.monotonic() + PATIENCE
    while (state := services.all_services(call)[name]) == pending and time.monotonic() < until:
        time.sleep(0.2)
    return state


def _system_error(call: Call, number: int) -> int:
    call.err(f"System error {number} has occurred.\n\n{SYSTEM.get(number, f'Error {number}.')}\n\n")
    return 2


def _failed(call: Call, text: str, number: int) -> int:
    call.err(f"{text}\n\nMore help is available by typing NET HELPMSG {number}.\n\n")
    return 2
