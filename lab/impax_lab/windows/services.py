# SPDX-License-Identifier: GPL-3.0-or-later
"""The services of a station: what the site says of them, and what has become of them since.

The site gives ``services: {NAME: running | stopped}``, and under ``options: {services: {NAME: ...}}`` what is special of one::

    start: auto | delayed | demand | disabled     # default: auto
    display: SQL Server Browser                   # the name that people see
    needs: [NAME, ...]                            # services that have to run before it
    start_seconds: 3   stop_seconds: 3            # how long START_PENDING, STOP_PENDING last
    ends_after: 5   ends_with: [1066, 17113]      # it ends again so many seconds after it was started, with these exit codes
    restarts_after: 3                             # something starts it again so many seconds after it was stopped or ended
    denied: true                                  # the account may neither start nor stop it
    start_error: 1069                             # a start is turned down with this Win32 error
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from impax_lab import oracle_instance

if TYPE_CHECKING:
    from impax_lab.program import Call

STATES = {"stopped": 1, "start_pending": 2, "stop_pending": 3, "running": 4, "paused": 7}
START_TYPES = {"auto": "2   AUTO_START", "delayed": "2   AUTO_START  (DELAYED)", "demand": "3   DEMAND_START",
               "disabled": "4   DISABLED"}  # fmt: skip
DISPLAY = {  # names as people see them; assumed for services that are not listed here
    "mssqlserver": "SQL Server (MSSQLSERVER)",
    "sqlserveragent": "SQL Server Agent (MSSQLSERVER)",
    "mssqlfdlauncher": "SQL Full-text Filter Daemon Launcher (MSSQLSERVER)",
    "sqlbrowser": "SQL Server Browser",
    "msdtsserver100": "SQL Server Integration Services 10.0",
}
NEEDS = {"sqlserveragent": ["MSSQLSERVER"]}
DENIED, DEPENDENTS_RUN, ALREADY_RUNS, DISABLED = 5, 1051, 1056, 1058
NO_CONTROLS_NOW, NOT_STARTED, ENDED, DEPENDENCY_FAILED, NEVER_STARTED = 1061, 1062, 1067, 1068, 1077
FIRST_PID = 804


def all_services(call: Call) -> dict[str, str]:
    """State by name, in the site's order, as it is now: what was on its way has arrived when its time has come."""
    for name, coming in call.station.folder.remembered().get("services_coming", {}).items():
        if time.time() >= coming["at"]:
            put(call, name, coming["state"], coming.get("exit"))
    return {**call.station.spec.services, **call.station.folder.remembered().get("services", {})}


def find(call: Call, name: str) -> str | None:
    """The service of that name or display name, letters as the site writes them."""
    wanted = name.lower()
    return next((each for each in all_services(call) if wanted in (each.lower(), display(call, each).lower())), None)


def key(call: Call, name: str) -> str | None:
    """The service of that very name, letters as the site writes them."""
    return next((each for each in all_services(call) if each.lower() == name.lower()), None)


def special(call: Call, name: str) -> dict[str, Any]:
    """What the site says of this service besides its state."""
    given = call.station.spec.options.get("services") or {}
    return next((dict(of) for each, of in given.items() if each.lower() == name.lower()), {})


def display(call: Call, name: str) -> str:
    return str(special(call, name).get("display") or DISPLAY.get(name.lower(), name))


def start_type(call: Call, name: str) -> str:
    return str(special(call, name).get("start", "auto"))


def needs(call: Call, name: str) -> list[str]:
    """Services that have to run before it, as the site writes them; one that is not there stays as it was named."""
    named = special(call, name).get("needs", NEEDS.get(name.lower(), []))
    return [key(call, each) or each for each in named]


def dependants(call: Call, name: str) -> list[str]:
    """Every service that needs it, directly or not, in stopping order: the one that would be started last comes first."""
    direct = [each for each in all_services(call) if name in needs(call, each)]
    found = [other for each in direct for other in [*dependants(call, each), each]]
    return list(dict.fromkeys(found))


def running_dependants(call: Call, name: str) -> list[str]:
    states = all_services(call)
    return [each for each in dependants(call, name) if states[each] != "stopped"]


def exit_codes(call: Call, name: str) -> tuple[int, int]:
    """Win32 exit code and the service's own, of its last end."""
    first = [NEVER_STARTED if call.station.spec.services.get(name) == "stopped" else 0, 0]
    win32, own = call.station.folder.remembered().get("services_ended", {}).get(name, first)
    return (win32, own) if all_services(call)[name] == "stopped" else (0, 0)


def pid(call: Call, name: str) -> int:
    """0 while it does not run; another one each time that it was started."""
    if all_services(call)[name] == "stopped":
        return 0
    started = call.station.folder.remembered().get("services_started", {})
    place = list(call.station.spec.services).index(name) if name in call.station.spec.services else 0
    return FIRST_PID + 4 * place + 1000 * int(started.get(name, 0))


def start(call: Call, name: str, hangs: bool = False) -> int:
    """The Win32 error, 0 when it is on its way. What it needs is started first. hangs: it never gets there."""
    state, of = all_services(call)[name], special(call, name)
    if of.get("denied"):
        return DENIED
    if state != "stopped":
        return ALREADY_RUNS
    if start_type(call, name) == "disabled":
        return DISABLED
    for each in needs(call, name):
        if key(call, each) is None or start(call, each) not in (0, ALREADY_RUNS):
            return DEPENDENCY_FAILED
    if of.get("start_error"):
        return int(of["start_error"])
    if hangs or of.get("start_seconds"):
        _later(call, name, "start_pending", "running", None if hangs else of["start_seconds"])
    else:
        put(call, name, "running")
    return 0


def stop(call: Call, name: str, hangs: bool = False) -> int:
    """The Win32 error, 0 when it is on its way."""
    state, of = all_services(call)[name], special(call, name)
    if of.get("denied"):
        return DENIED
    if state == "stopped":
        return NOT_STARTED
    if state in ("start_pending", "stop_pending"):
        return NO_CONTROLS_NOW
    if running_dependants(call, name):
        return DEPENDENTS_RUN
    if hangs or of.get("stop_seconds"):
        _later(call, name, "stop_pending", "stopped", None if hangs else of["stop_seconds"])
    else:
        put(call, name, "stopped")
    return 0


def put(call: Call, name: str, state: str, ended: list[int] | None = None) -> None:
    """The service is in that state now; what the site says comes of it is on its way. ended: its exit codes."""
    if call.pretend:
        return
    of = special(call, name)
    with call.station.folder.remembering() as memory:
        memory.setdefault("services", {})[name] = state
        memory.setdefault("services_coming", {}).pop(name, None)
        if state == "running":
            started = memory.setdefault("services_started", {})
            started[name] = int(started.get(name, 0)) + 1
            if "ends_after" in of:
                codes = of.get("ends_with", [ENDED, 0])
                coming = {"at": time.time() + of["ends_after"], "state": "stopped", "exit": codes}
                memory["services_coming"][name] = coming
        if state == "stopped":
            memory.setdefault("services_ended", {})[name] = ended or [0, 0]
            if "restarts_after" in of:
                memory["services_coming"][name] = {"at": time.time() + of["restarts_after"], "state": "running"}
    oracle_instance.service_changed(call.station, name, state)


def _later(call: Call, name: str, now: str, then: str, seconds: float | None) -> None:
    put(call, name, now)
    if seconds is None or call.pretend:
        return
    with call.station.folder.remembering() as memory:
        memory.setdefault("services_coming", {})[name] = {"at": time.time() + seconds, "state": then}
