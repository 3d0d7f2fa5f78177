# SPDX-License-Identifier: GPL-3.0-or-later
"""dbstartmvf, the vendor's start of the instance MVF on Solaris, as mvf. `assumed`: no words, and its exit code says little.

Whether the instance is open is asked of the instance afterwards.
"""

from __future__ import annotations

from ..command import Command
from .sqlplus import CODE

EVERY = frozenset(range(256))  # what it did is read from the instance


def start(program: str = "dbstartmvf") -> Command:
    return Command((program,), expected=EVERY, timeout=900)


def codes(printed: str) -> tuple[str, ...]:
    """Errors of Oracle that it printed, distinct and in order."""
    return tuple(dict.fromkeys(CODE.findall(printed)))
