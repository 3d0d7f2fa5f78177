# SPDX-License-Identifier: GPL-3.0-or-later
"""where of Windows Server 2003 and later: whether a program is on the search path. Windows 2000 has no such program."""

from __future__ import annotations

from ..command import Command, Outcome

MISSING = 9009  # cmd.exe: no such program


def is_there(program: str) -> Command:
    return Command(("where", "/q", program), expected=frozenset({0, 1, MISSING}))


def found(outcome: Outcome) -> bool:
    """By its exit code alone; an answer that did not come is no."""
    return outcome.ended and outcome.exit_code == 0
