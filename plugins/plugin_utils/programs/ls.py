# SPDX-License-Identifier: GPL-3.0-or-later
"""ls of Solaris. -lnd: of one path, its kind, rights, owner's number and size; a missing one is told on stderr, exit 2. -1a: names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..command import Command, Outcome

LINE = re.compile(r"^([-dlbcps])([-rwxsStTlL]{9})[+@.]?\s+\d+\s+(\d+)\s+(\d+)\s+(\d+)\s+\S", re.M)


MISSING = "No such file or directory"  # ENOENT in the C locale; a folder that may not be looked into says another thing


@dataclass(frozen=True)
class Entry:
    """kind: ``-`` file, ``d`` folder, ``l`` link. rights: ``rw-r--r--``. size: bytes."""

    kind: str
    rights: str
    owner: int
    size: int


def entry(path: str) -> Command:
    return Command(("ls", "-lnd", path), expected=frozenset({0, 1, 2}), environment={"LC_ALL": "C"})


def read(printed: str) -> Entry | None:
    """The one path that was asked for; None: it is not there, or the line was not understood."""
    match = LINE.search(printed)
    return Entry(match[1], match[2], int(match[3]), int(match[5])) if match else None


def there(outcome: Outcome) -> bool | None:
    """Whether the path that was asked for is there; None: the station did not say it (no rights, another message)."""
    if not outcome.as_expected:
        return None
    if read(outcome.out) is not None:
        return True
    return False if outcome.exit_code and MISSING in outcome.printed else None


def everything(folder: str) -> Command:
    """The names of all that is in a folder."""
    return Command(("ls", "-1a", folder), environment={"LC_ALL": "C"})


def names(outcome: Outcome) -> tuple[str, ...] | None:
    """Of `everything`; None: not told. A folder lists ``.`` and ``..`` at least."""
    found = tuple(line for line in outcome.out.split("\n") if line.strip()) if outcome.as_expected else ()
    return found or None
