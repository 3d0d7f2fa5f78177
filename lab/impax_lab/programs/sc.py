# SPDX-License-Identifier: GPL-3.0-or-later
"""sc: services asked, started and stopped by their own names. It does not wait, and ends with the Windows error's number."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from impax_lab.windows import services

if TYPE_CHECKING:
    from impax_lab.program import Call

NAMES = ("sc",)
SYSTEMS = ("windows",)
SOURCES = (
    "public console output of sc query (errors 1060 and 1077), queryex, qc, enumdepend, getkeyname; winerror.h."
    " Which controls a service takes, paths and accounts are assumed"
)
SPECIAL = {
    "pending": "the service hangs in its change: STOP_PENDING or START_PENDING for ever",
    "access_denied": "the account may not control services (Win32 error 5)",
    "more_data": "the answer does not fit into the buffer (122, 234): part of it, or nothing, is printed",
}
FAILURE = "[SC] OpenService FAILED 5:\n\nAccess is denied.\n\n"
NOT_INSTALLED, TOO_SMALL, MORE_DATA = 1060, 122, 234
TEXTS = {
    services.DENIED: "Access is denied.",
    TOO_SMALL: "The data area passed to a system call is too small.",
    MORE_DATA: "More data is available.",
    services.DEPENDENTS_RUN: "A stop control has been sent to a service that other running services are dependent on.",
    services.ALREADY_RUNS: "An instance of the service is already running.",
    services.DISABLED: "The service cannot be started, either because it is disabled or because it has no enabled devices"
    " associated with it.",
    NOT_INSTALLED: "The specified service does not exist as an installed service.",
    services.NO_CONTROLS_NOW: "The service cannot accept control messages at this time.",
    services.NOT_STARTED: "The service has not been started.",
    services.DEPENDENCY_FAILED: "The dependency service or group failed to start.",
    1069: "The service did not start due to a logon failure.",
}
TRANSLATED = {  # German, assumed; the labels of the fields stay
    " FAILED ": " FEHLER ",
    TEXTS[NOT_INSTALLED]: "Der angegebene Dienst ist kein installierter Dienst.",
    TEXTS[services.NOT_STARTED]: "Der Dienst wurde nicht gestartet.",
}  # fmt: skip
USAGE = (
    "DESCRIPTION:\n        SC is a command line program used for communicating with the\n"
    "        Service Control Manager and services.\nUSAGE:\n        sc <server> [command] [service name] <option1> ...\n"
)


def main(call: Call) -> int:
    words = call.words[1:]
    verb = words[0].lower() if words else ""
    if verb == "query" and len(words) == 1:
        return _all(call)
    if verb == "getkeyname" and len(words) == 2:
        return _key_name(call, words[1])
    if verb not in _VERBS or len(words) not in ((2, 3) if verb in SIZED else (2,)):
        call.out(USAGE)
        return 1
    name = services.key(call, words[1])
    if name is None:
        step = "EnumQueryServicesStatus:OpenService" if verb.startswith("query") else "OpenService"
        return _failed(call, step, NOT_INSTALLED)
    if call.behaviour == "access_denied" and verb in ("start", "stop"):
        return _failed(call, "OpenService", services.DENIED)
    return _VERBS[verb](call, name)


def _all(call: Call) -> int:
    for name, state in services.all_services(call).items():
        if state == "running":
            call.out(_described(call, name, services.display(call, name)))
    return 0


def _key_name(call: Call, shown: str) -> int:
    found = (each for each in services.all_services(call) if services.display(call, each).lower() == shown.lower())
    name = next(found, None)
    if name is None:
        return _failed(call, "GetServiceKeyName", NOT_INSTALLED)
    call.out(f"[SC] GetServiceKeyName SUCCESS\nName = {name}\n")
    return 0


def _query(call: Call, name: str) -> int:
    state = services.all_services(call)[name]
    if call.behaviour == "pending":
        state = "stop_pending" if state == "running" else "start_pending"
    call.out(_described(call, name, state=state))
    return 0


def _queryex(call: Call, name: str) -> int:
    _query(call, name)
    call.out(f"        PID                : {services.pid(call, name)}\n        FLAGS              : \n")
    return 0


def _config(call: Call, name: str) -> int:
    done = "GetServiceConfig" if call.station.spec.release.startswith("5.") else "QueryServiceConfig"
    if call.behaviour == "more_data":
        return _failed(call, done, TOO_SMALL)
    kind = services.START_TYPES[services.start_type(call, name)]
    needs = "\n                           : ".join(services.needs(call, name))
    call.out(
        f"[SC] {done} SUCCESS\n\nSERVICE_NAME: {name}\n"
        "        TYPE               : 10  WIN32_OWN_PROCESS \n"
        f"        START_TYPE         : {kind}\n"
        "        ERROR_CONTROL      : 1   NORMAL\n"
        f'        BINARY_PATH_NAME   : "C:\\Program Files\\Services\\{name}.exe" -s {name}\n'
        "        LOAD_ORDER_GROUP   : \n        TAG                : 0\n"
        f"        DISPLAY_NAME       : {services.display(call, name)}\n"
        f"        DEPENDENCIES       : {needs}\n        SERVICE_START_NAME : LocalSystem\n"
    )
    return 0


def _dependants(call: Call, name: str) -> int:
    names = services.dependants(call, name)
    shown = names[: len(names) // 2] if call.behaviour == "more_data" else names
    call.out(f"[SC] EnumDependentServices: entriesread = {len(shown)}\n")
    for each in shown:
        call.out(_described(call, each, services.display(call, each)))
    return _failed(call, "EnumDependentServices", MORE_DATA) if call.behaviour == "more_data" else 0


def _start(call: Call, name: str) -> int:
    error = services.start(call, name, hangs=call.behaviour == "pending")
    if error:
        return _failed(call, "OpenService" if error == services.DENIED else "StartService", error)
    call.out(_described(call, name, state="start_pending"))
    return 0


def _stop(call: Call, name: str) -> int:
    error = services.stop(call, name, hangs=call.behaviour == "pending")
    if error:
        return _failed(call, "OpenService" if error == services.DENIED else "ControlService", error)
    call.out(_described(call, name, state="stop_pending"))
    return 0


SIZED = ("qc", "enumdepend")
_VERBS: dict[str, Callable[[Call, str], int]] = {
    "query": _query,
    "queryex": _queryex,
    "qc": _config,
    "enumdepend": _dependants,
    "start": _start,
    "stop": _stop,
}


def _failed(call: Call, step: str, number: int) -> int:
    call.out(f"[SC] {step} FAILED {number}:\n\n{TEXTS.get(number, f'Error {number}.')}\n\n")
    return number


def _described(call: Call, name: str, display: str = "", state: str = "") -> str:
    state = state or services.all_services(call)[name]
    controls = "STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN" if state == "running" else "NOT_STOPPABLE, NOT_PAUSABLE"
    win32, own = services.exit_codes(call, name) if state == "stopped" else (0, 0)
    pending = state.endswith("_pending")
    return (
        f"\nSERVICE_NAME: {name}\n"
        + (f"DISPLAY_NAME: {display}\n" if display else "")
        + "        TYPE               : 10  WIN32_OWN_PROCESS  \n"
        f"        STATE              : {services.STATES[state]}  {state.upper()} \n"
        f"                                ({controls})\n"
        f"        WIN32_EXIT_CODE    : {win32}  (0x{win32:x})\n"
        f"        SERVICE_EXIT_CODE  : {own}  (0x{own:x})\n"
        f"        CHECKPOINT         : 0x{int(pending)}\n"
        f"        WAIT_HINT          : 0x{0x7530 * pending:x}\n"
    )
