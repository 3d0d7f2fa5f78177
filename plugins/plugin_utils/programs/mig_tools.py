# SPDX-License-Identifier: GPL-3.0-or-later
"""The Migration Toolbox on a station: where its programs lie, and whether one of them is there.

The folders and names stand in the vendor's text; that the Solaris programs have no ending is `assumed`.
"""

from __future__ import annotations

from ..command import Command, Outcome
from . import ls

WINDOWS, SOLARIS = "windows", "solaris"
FOLDERS = {WINDOWS: "C:\\mvf-mig6\\bin", SOLARIS: "/usr/mvf-mig6/bin"}
SEPARATORS = {WINDOWS: "\\", SOLARIS: "/"}


def folder_of(system: str, folder: str | None) -> str:
    """The folder of the programs: the site's, else the vendor's."""
    given = folder or FOLDERS[system]
    return given.rstrip(SEPARATORS[system]) or given


def path(system: str, folder: str, name: str) -> str:
    return f"{folder}{SEPARATORS[system]}{name}"


def look(system: str, file: str) -> Command:
    """Asks for one file by its path; it is read by `is_there`."""
    if system == WINDOWS:
        return Command(("dir", "/b", "/a-d", file), builtin=True, expected=frozenset({0, 1}))
    return ls.entry(file)


def is_there(system: str, outcome: Outcome) -> bool | None:
    """None: the station did not say it, or what it said is not about a file."""
    if not outcome.as_expected:
        return None
    if system == WINDOWS:
        named = outcome.out.strip().lower() == str(outcome.command.words[-1]).rsplit("\\", 1)[-1].lower()
        return named if outcome.exit_code == 0 else False
    entry = ls.read(outcome.out)
    if outcome.exit_code == 0:
        return entry.kind in "-l" if entry else None
    return False
