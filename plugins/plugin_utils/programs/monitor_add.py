# SPDX-License-Identifier: GPL-3.0-or-later
"""monitor_add, the vendor's program that adds a data file to a tablespace. It asks four questions on its standard input and
ends with 0 even when the database refused the file.

The vendor's text gives the questions: C to continue, the tablespace, the path, the size in MB. All else is `assumed`: that
each is answered by a line, that it ends after one file, that it prints ORA- codes. Whether the file was added is asked of the
dictionary.
"""

from __future__ import annotations

import re

from ..command import Command
from .audit_oracle import name
from .sqlplus import CODE

NAME = "monitor_add"
PATH = re.compile(r"(?:/|[A-Za-z]:\\)[A-Za-z0-9_$#.~ /\\+-]+\Z")


def add(folder: str, separator: str, tablespace: str, path: str, mb: int, *, timeout: float = 3600) -> Command:
    """One file. Raises ValueError for a tablespace or a path that its statement cannot carry."""
    if not PATH.match(path) or path != path.strip():
        raise ValueError(f"{path!r} is no path that {NAME} can be given")
    answers = ("C", name(tablespace), path, str(int(mb)))
    return Command(
        (f"{folder}{separator}{NAME}",),
        stdin="".join(f"{answer}\n" for answer in answers),
        folder=folder,
        timeout=timeout,
    )


def codes(printed: str) -> tuple[str, ...]:
    """Errors of Oracle that it printed, distinct and in order."""
    return tuple(dict.fromkeys(CODE.findall(printed)))
