# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle's services on Windows by sc and net: RUNNING says that the service runs, not that the instance is open.

sc's state is read by its number, which is the same in every language; its exit code is the Win32 error.
Source: Microsoft, sc query, net start; winerror.h.
"""

from __future__ import annotations

from ..command import Outcome
from .net import start as start
from .net import why as why
from .sc import entry_of, missing
from .sc import query as query

STATES = {
    "STOPPED": "stopped",
    "START_PENDING": "starting",
    "STOP_PENDING": "stopping",
    "RUNNING": "running",
    "CONTINUE_PENDING": "changing",
    "PAUSE_PENDING": "changing",
    "PAUSED": "paused",
}


def state(outcome: Outcome) -> str | None:
    """stopped, starting, stopping, running, changing, paused, or missing (no such service); None: not said."""
    if missing(outcome):
        return "missing"
    entry = entry_of(outcome)
    return STATES[entry.state] if entry and entry.state else None
