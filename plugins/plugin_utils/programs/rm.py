# SPDX-License-Identifier: GPL-3.0-or-later
"""rm of one file by its full path. It says nothing and ends 0 when the file is gone, also when it never was (-f)."""

from __future__ import annotations

from ..command import Command


def file(path: str) -> Command:
    return Command(("rm", "-f", path))
