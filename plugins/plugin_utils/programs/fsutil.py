# SPDX-License-Identifier: GPL-3.0-or-later
"""fsutil volume diskfree: three numbers of bytes, in this order in every language: free, size, free for the caller.

Source: its reference for Windows Server 2003 and 2008. It needs an administrator.
"""

from __future__ import annotations

import re

from ..command import Command

TRANSCRIPTS = ("fsutil",)

NUMBER = re.compile(r": *(\d{1,3}(?:[^\d\n]\d{3})+|\d+)(?!\d)")  # Windows 10 and later group the digits


def free(path: str) -> Command:
    """The volume that holds `path` (``D:\\audit`` -> ``D:``)."""
    return Command(("fsutil", "volume", "diskfree", path[:2]))


def available_kb(printed: str) -> int | None:
    """kB that the caller may write; None where the three numbers are not there or cannot be."""
    numbers = [int(re.sub(r"\D", "", number)) for number in NUMBER.findall(printed)]
    if len(numbers) < 3 or not numbers[2] <= numbers[0] <= numbers[1]:
        return None
    return numbers[2] // 1024
