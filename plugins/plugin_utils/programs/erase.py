# SPDX-License-Identifier: GPL-3.0-or-later
"""del (or erase) of cmd.exe: it ends with 0 whether the file was there or not, so look afterwards."""

from __future__ import annotations

from ..command import Command


def file(path: str) -> Command:
    return Command(("del", "/f", "/q", path), builtin=True, expected=frozenset({0, 1}))
