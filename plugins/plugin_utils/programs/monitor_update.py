# SPDX-License-Identifier: GPL-3.0-or-later
"""monitor_update, the vendor's collector of the database's figures: no words, and it may write to the monitor's own tables.

How it answers is not published and `assumed`: exit code 0, a line or two. An error of Oracle in its output counts, whatever
the exit code is.
"""

from __future__ import annotations

from ..command import Command
from .sqlplus import CODE

NAME = "monitor_update"


def update(folder: str, separator: str) -> Command:
    """folder: where the vendor's programs are, ``/usr/mvf/bin``; separator: ``/`` or ``\\``. It runs alone there, since on
    Windows it may be a batch file, which cmd.exe finds by its bare name (`assumed`)."""
    return Command((f"{folder}{separator}{NAME}",), folder=folder, timeout=1800)


def codes(printed: str) -> tuple[str, ...]:
    """Errors of Oracle that it printed, distinct and in order."""
    return tuple(dict.fromkeys(CODE.findall(printed)))
