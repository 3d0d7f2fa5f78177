# SPDX-License-Identifier: GPL-3.0-or-later
"""sc: the state of services by number, and starting and stopping them. It ends with the Windows error's number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from impax_lab.windows import services

if TYPE_CHECKING:
    from impax_lab.program import Call

NAMES = ("sc",)
SYSTEMS = ("windows",)
SOURCES = "public console output of sc query (errors 1060 and 1077); which controls a service takes is assumed"
SPECIAL = {"pending": "the service hangs in its change: STOP_PENDING or START_PENDING for ever"}
FAILURE = "[SC] OpenService FAILED 5:\n\nAccess is denied.\n\n"
NOT_INSTALLED, ALREADY_RUNS, NOT_STARTED = 1060, 1056, 1062
TEXTS = {
    NOT_INSTALLED: "The specified service does not exist as an installed service.",
    ALREADY_RUNS: "An instance of the service is already running.",
    NOT_STARTED: "The service has not been started.",
}
NEVER_STARTED = 1077


def main(call: Call) -> int:
    words = call.words[1:]
    verb = words[0].lower() if words else ""
    if verb == "query" and len(words) == 1:
        for name, state in services.all_services(call).items():
            call.out(_described(name, state) if state == "running" else "")
        return 0
    if verb not in _VERBS or len(words) != 2:
        call.out("DESCRIPTION:\n        SC is a command line program used for communicating with the\n")
        call.out(
            "        Service Control Manager and services.\nUSAGE:\n        sc [query | start | stop] [service name]\n"
        )
        return 1
    name = services.find(call, words[1])
    if name is None:
        step = "EnumQueryServicesStatus:OpenService" if verb == "query" else "OpenService"
        return _failed(call, step, NOT_INSTALLED)
    return _VERBS[verb](call, name)


def _query(call: Call, name: str) -> int:
    state = services.all_services(call)[name]
    if call.behaviour == "pending":
        state = "stop_pending" if state == "running" else "start_pending"
    call.out(_described(name, state))
    return 0


def _start(call: Call, name: str) -> int:
    if services.all_services(call)[name] == "running":
        return _failed(call, "StartService", ALREADY_RUNS)
    services.put(call, name, "start_pending" if call.behaviour == "pending" else "running")
    call.out(_described(name, "start_pending"))
    return 0


def _stop(call: Call, name: str) -> int:
    if services.all_services(call)[name] != "running":
        return _failed(call, "ControlService", NOT_STARTED)
    services.put(call, name, "stop_pending" if call.behaviour == "pending" else "stopped")
    call.out(_described(name, "stop_pending"))
    return 0


_VERBS = {"query": _query, "start": _start, "stop": _stop}


def _failed(call: Call, step: str, number: int) -> int:
    call.out(f"[SC] {step} FAILED {number}:\n\n{TEXTS[number]}\n\n")
    return number


def _described(name: str, state: str) -> str:
    controls = "STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN" if state == "running" else "NOT_STOPPABLE, NOT_PAUSABLE"
    code = NEVER_STARTED if state == "stopped" else 0
    return (
        f"\nSERVICE_NAME: {name}\n"
        "        TYPE               : 10  WIN32_OWN_PROCESS  \n"
        f"        STATE              : {services.STATES[state]}  {state.upper()} \n"
        f"                                ({controls})\n"
        f"        WIN32_EXIT_CODE    : {code}  (0x{code:x})\n"
        "        SERVICE_EXIT_CODE  : 0  (0x0)\n"
        "        CHECKPOINT         : 0x0\n"
        "        WAIT_HINT          : 0x0\n"
    )
