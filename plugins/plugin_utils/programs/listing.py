# SPDX-License-Identifier: GPL-3.0-or-later
"""The names in one folder: ls -1a of Solaris, dir /b /a of Windows. An empty folder and a missing one are both errors to dir."""

from __future__ import annotations

from ..command import Command, Outcome


def solaris(folder: str) -> Command:
    return Command(("ls", "-1a", folder), environment={"LC_ALL": "C"})


def windows(folder: str) -> Command:
    return Command(("dir", "/b", "/a", folder), builtin=True)


def names(outcome: Outcome) -> tuple[str, ...] | None:
    """None: not told. A folder that holds data files is never empty, so nothing at all is not told either."""
    found = tuple(line.rstrip("\r") for line in outcome.out.split("\n") if line.strip()) if outcome.as_expected else ()
    return found or None
