# SPDX-License-Identifier: GPL-3.0-or-later
"""df -k of Solaris: a long device name pushes the numbers right or breaks the line; pseudo file systems say 0.

Source: df(1M), Solaris 10. Numbers are kilobytes of 1024.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..command import Command

TRANSCRIPTS = ("df_k",)

NUMBERS = re.compile(r"(?:^|\s)(\d+)\s+(\d+)\s+(-?\d+)\s+(\d+)%\s+(/.*)$")


@dataclass(frozen=True)
class FileSystem:
    """kilobytes, used, available: kB of 1024 (available can be below zero); capacity: percent in use; mounted: mount point."""

    kilobytes: int
    used: int
    available: int
    capacity: int
    mounted: str


def free(path: str) -> Command:
    """The one file system that holds `path`."""
    return Command(("df", "-k", path), environment={"LC_ALL": "C"})


def read(printed: str) -> tuple[FileSystem, ...]:
    """Every file system that is listed. The device's name is not needed: the five last fields tell."""
    found = [NUMBERS.search(line.rstrip()) for line in printed.split("\n")]
    return tuple(
        FileSystem(int(match[1]), int(match[2]), int(match[3]), int(match[4]), match[5]) for match in found if match
    )


def available_kb(printed: str) -> int | None:
    """kB free where exactly one file system was asked for and told; else None."""
    systems = read(printed)
    return systems[0].available if len(systems) == 1 else None
