# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle's services on Windows by sc and net: RUNNING says that the service runs, not that the instance is open.

sc's state is read by its number, which is the same in every language; its exit code is the Win32 error.
Source: Microsoft, sc query, net start; winerror.h.
"""

from __future__ import annotations

import re

from ..command import Command, Outcome

MISSING = 1060  # ERROR_SERVICE_DOES_NOT_EXIST
ALREADY = "2182"
STATES = {
    "1": "stopped",
    "2": "starting",
    "3": "stopping",
    "4": "running",
    "5": "changing",
    "6": "changing",
    "7": "paused",
}
STATE = re.compile(r"^ +\w[^:\n]*: ([1-7])  ?[A-Z_]+ *$", re.M)
HELP = re.compile(r"NET HELPMSG (\d+)")


def query(service: str) -> Command:
    return Command(("sc", "query", service), expected=frozenset({0, MISSING}))


def state(outcome: Outcome) -> str | None:
    """stopped, starting, stopping, running, changing, paused, or missing (no such service); None: not said."""
    if outcome.ended and outcome.exit_code == MISSING:
        return "missing"
    found = STATE.findall(outcome.out) if outcome.as_expected else []
    return STATES[found[-1]] if len(found) == 1 else None


def start(service: str) -> Command:
    """It waits for the service. Exit code 2 stands for every failure, and for a service that runs already."""
    return Command(("net", "start", service), expected=frozenset({0, 2}), timeout=600)


def why(outcome: Outcome) -> str:
    """Why a start failed, by its number; "" where it worked or found the service running."""
    if outcome.ended and outcome.exit_code == 0:
        return ""
    found = HELP.findall(outcome.printed)
    if ALREADY in found:
        return ""
    return f"NET HELPMSG {found[-1]}" if found else outcome.why or f"exit code {outcome.exit_code}"
