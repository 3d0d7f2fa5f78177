# SPDX-License-Identifier: GPL-3.0-or-later
"""mig_reporter of the Migration Toolbox: writes what a report's program has found to a file, and prints its path.

The vendor's text gives the words: ``-t mig-study-archive-report``, on Windows with ``-d mvf`` before. `assumed`: the path
is printed whole, as the last one, and the program ends with 0 also after a failure. It takes no password.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..command import Command
from . import mig_tools
from .mig_schema import CODE, NOTES

TRANSCRIPTS = ("mig_reporter",)

NAME = "mig_reporter"
WINDOWS_PATH = re.compile(r'[A-Za-z]:\\[^"<>|*?\n:]*\.\w{1,5}\b')
UNIX_PATH = re.compile(r"(?<![\w./])/(?:[\w.+@-]+/)*[\w.+@-]*\w")


@dataclass(frozen=True)
class Written:
    """path None: no path was printed. codes: errors of the database."""

    path: str | None
    codes: tuple[str, ...] = ()


def file_name(system: str) -> str:
    return f"{NAME}.exe" if system == mig_tools.WINDOWS else NAME


def write(
    system: str, folder: str, report: str, *, database: str = "mvf", user: str | None = None, timeout: float = 1800
) -> Command:
    """report: the name of the program whose findings are written."""
    where = ("-d", database) if system == mig_tools.WINDOWS else ()
    words = (mig_tools.path(system, folder, file_name(system)), *where, "-t", report)
    return Command(words, folder=folder, user=user, timeout=timeout)


def read(printed: str) -> Written:
    codes = tuple(dict.fromkeys(code for code in CODE.findall(printed) if code not in NOTES))
    text = printed.replace("\r", "")
    paths = [*WINDOWS_PATH.findall(text)] or UNIX_PATH.findall(text)
    return Written(paths[-1].strip() if paths and not codes else None, codes)
