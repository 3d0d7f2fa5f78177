# SPDX-License-Identifier: GPL-3.0-or-later
"""lsnrctl of Oracle: start, status and stop of the listener LISTENER. It ends with 1 after a TNS error (assumed)."""

from __future__ import annotations

import time
from collections.abc import Callable

from impax_lab import oracle_instance
from impax_lab.program import Call

NAMES = ("lsnrctl",)
SYSTEMS = ("unix", "windows")
SOURCES = (
    "Oracle Net Services Reference 11.2; public console output for the forms; exit codes, the start date and where its files "
    "lie are assumed"
)
SPECIAL = {
    "no_listener": "status and stop: TNS-12541, the listener does not answer, whatever runs",
    "already_started": "start: TNS-01106, whatever runs",
    "address_in_use": "start: TNS-12542, another process holds the port",
    "no_services": "the listener runs and knows of no instance",
}
PLACES = {"unix": ["/opt/oracle/product/11.2.0/bin"]}
places = oracle_instance.places
FAILURE = "TNS-12541: TNS:no listener\n TNS-12560: TNS:protocol adapter error\n  TNS-00511: No listener\n"
TRANSLATED = {  # German
    "The command completed successfully": "Der Befehl wurde erfolgreich ausgeführt.",
    "Connecting to": "Anmeldung bei", "please wait...": "Bitte warten...", "STATUS of the LISTENER": "STATUS des LISTENER",
    "has already been started": "wurde bereits gestartet", "no listener": "Kein Listener",
    "Listener failed to start. See the error message(s) above...": "Listener konnte nicht gestartet werden.",
}  # fmt: skip
DONE = "The command completed successfully\n"
HOMES = {False: "/opt/oracle/product/11.2.0", True: "C:\\oracle\\product\\11.2.0\\db_1"}
REFUSED = {False: "Solaris Error: 146: Connection refused", True: "64-bit Windows Error: 61: Unknown error"}
IN_USE = {False: "Solaris Error: 125: Address already in use", True: "64-bit Windows Error: 48: Unknown error"}


def main(call: Call) -> int:
    words = [word.lower() for word in call.words[1:]]
    verb = words[0] if words else ""
    call.out(
        f"\nLSNRCTL for {_version(call)} on {_now()}\n\nCopyright (c) 1991, 2011, Oracle.  All rights reserved.\n\n"
    )
    if verb not in _VERBS or words[1:] not in ([], ["listener"]):
        call.note(f"not simulated: lsnrctl {' '.join(words)}")
        call.out(f"impax-lab: lsnrctl: {' '.join(words) or 'the interactive mode'} is not simulated\n")
        return 70
    return _VERBS[verb](call)


def _status(call: Call) -> int:
    call.out(f"Connecting to {_address(call, 'TCP')}\n")
    return _shown(call) if _answers(call) else _no_listener(call)


def _start(call: Call) -> int:
    if call.behaviour == "already_started" or oracle_instance.listens(call.station):
        call.out("TNS-01106: Listener using listener name LISTENER has already been started\n")
        return 1
    home, slash = HOMES[call.windows], "\\" if call.windows else "/"
    call.out(f"Starting {home}{slash}bin{slash}tnslsnr{'.exe' if call.windows else ''}: please wait...\n\n"
             f"TNSLSNR for {_version(call)}\n{_files(call)}")  # fmt: skip
    if call.behaviour == "address_in_use":
        call.out(f"Error listening on: {_address(call, 'tcp')}\nTNS-12542: TNS:address already in use\n"
                 " TNS-12560: TNS:protocol adapter error\n  TNS-00512: Address already in use\n"
                 f"   {IN_USE[call.windows]}\n\nListener failed to start. See the error message(s) above...\n\n")  # fmt: skip
        return 1
    call.out(f"Listening on: {_address(call, 'tcp')}\n\nConnecting to {_address(call, 'TCP')}\n")
    if not call.pretend:
        oracle_instance.listen(call.station, on=True)
        with call.station.folder.remembering() as memory:
            memory.setdefault("oracle", {})["listener_since"] = time.time()
    return _shown(call, fresh=True)


def _stop(call: Call) -> int:
    call.out(f"Connecting to {_address(call, 'TCP')}\n")
    if not _answers(call):
        return _no_listener(call)
    if not call.pretend:
        oracle_instance.listen(call.station, on=False)
    call.out(DONE)
    return 0


_VERBS: dict[str, Callable[[Call], int]] = {"status": _status, "start": _start, "stop": _stop}


def _answers(call: Call) -> bool:
    return call.behaviour != "no_listener" and oracle_instance.listens(call.station)


def _no_listener(call: Call) -> int:
    call.out("TNS-12541: TNS:no listener\n TNS-12560: TNS:protocol adapter error\n  TNS-00511: No listener\n"
             f"   {REFUSED[call.windows]}\n")  # fmt: skip
    return 1


def _shown(call: Call, fresh: bool = False) -> int:
    """fresh: right after a start no instance has registered yet."""
    name = oracle_instance.sid(call.station)
    since = call.station.folder.remembered().get("oracle", {}).get("listener_since", time.time() - 86400.0)
    minutes, seconds = divmod(0 if fresh else int(time.time() - since), 60)
    hours, minutes = divmod(minutes, 60)
    known = not fresh and call.behaviour != "no_services" and oracle_instance.status(call.station) != "down"
    call.out("STATUS of the LISTENER\n------------------------\n"
             f"Alias                     LISTENER\nVersion                   TNSLSNR for {_version(call)}\n"
             f"Start Date                {_now(time.time() if fresh else since)}\n"
             f"Uptime                    {hours // 24} days {hours % 24} hr. {minutes} min. {seconds} sec\n"
             "Trace Level               off\nSecurity                  ON: Local OS Authentication\n"
             f"SNMP                      OFF\n{_listed_files(call)}Listening Endpoints Summary...\n"
             f"  {_address(call, 'tcp')}\n")  # fmt: skip
    call.out(f'Services Summary...\nService "{name}" has 1 instance(s).\n'
             f'  Instance "{name}", status READY, has 1 handler(s) for this service...\n'
             if known else "The listener supports no services\n")  # fmt: skip
    call.out(DONE)
    return 0


def _version(call: Call) -> str:
    version = call.station.spec.oracle.get("version", "11.2.0.4.0")
    return f"{'64-bit Windows' if call.windows else 'Solaris'}: Version {version} - Production"


def _now(at: float | None = None) -> str:
    return time.strftime("%d-%b-%Y %H:%M:%S", time.localtime(at)).upper()


def _address(call: Call, protocol: str) -> str:
    return f"(DESCRIPTION=(ADDRESS=(PROTOCOL={protocol})(HOST={call.station.spec.hostname})(PORT=1521)))"


def _paths(call: Call) -> tuple[str, str]:
    """Its parameter file and its log."""
    home = HOMES[call.windows]
    names = (f"{home}/network/admin/listener.ora", f"{home}/network/log/listener.log")
    own = [name.replace("/", "\\") if call.windows else name for name in names]
    return own[0], own[1]


def _files(call: Call) -> str:
    parameters, log = _paths(call)
    return f"System parameter file is {parameters}\nLog messages written to {log}\n"


def _listed_files(call: Call) -> str:
    parameters, log = _paths(call)
    return f"Listener Parameter File   {parameters}\nListener Log File         {log}\n"
