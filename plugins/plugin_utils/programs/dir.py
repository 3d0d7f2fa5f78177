# SPDX-License-Identifier: GPL-3.0-or-later
"""dir of cmd.exe, for the size of one file. Date, time and words are the system's own language; /-c leaves the size bare.

A file that is not there is told on stderr, exit code 1. Line: date, time, size, name (`assumed` for languages not seen).
"""

from __future__ import annotations

import re

from ..command import Command


def entry(path: str) -> Command:
    """The one file; folders are left out."""
    return Command(("dir", "/-c", "/a-d", path), builtin=True, expected=frozenset({0, 1}))


def size(printed: str, path: str) -> int | None:
    """Bytes of the file; None: it is not there, or its line was not understood."""
    name = re.escape(path.rpartition("\\")[2])
    found = re.findall(rf"^\d\S* +\S.* (\d+) {name}\s*$", printed, re.M | re.I)
    return int(found[0]) if len(found) == 1 else None
