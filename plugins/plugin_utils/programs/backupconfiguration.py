# SPDX-License-Identifier: GPL-3.0-or-later
"""backupconfiguration of the Business Services medium: copies the Application Server's configuration; it lies by any output.

The vendor's text names the program, its folder ``appserver`` on the medium, and where the files go:
C:\\Impax\\ConfigurationsBackups\\DateTimeStamp. `assumed`: that it takes no words, that it is a batch file or a program, that
it may ask for a key, that 0 is its good exit code. It is run in its own folder, as the text says, and given no input: what
waits for a key by ``pause`` goes on. Its output proves nothing; the known English messages of copy and xcopy are looked for
because they tell of a file that was not copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..command import Command

NAME = "backupconfiguration"
MEDIUM_FOLDER = "appserver"
BACKUPS = "C:\\Impax\\ConfigurationsBackups"
ENDINGS = (".com", ".exe", ".bat", ".cmd")  # in the order in which cmd.exe looks for them

NOT_COPIED = re.compile(
    r"not enough space on the disk|insufficient disk space|access is denied|sharing violation|"
    r"cannot find the (?:file|path|drive) specified|file not found|path not found|used by another process|"
    r"\b0 file\(s\) copied|is not recognized as an internal or external command|device is not ready|invalid drive|"
    r"unable to create directory|file creation error",
    re.IGNORECASE,
)
PROMPT = re.compile(r"press any key|\(y/n\)|\(yes/no", re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """errors: lines with a known message of a copy that failed, each once. prompted: it asked for a key or an answer."""

    errors: tuple[str, ...] = ()
    prompted: bool = False


def folder_of(medium: str) -> str:
    """The folder of the program on the medium: ``E:`` and ``E:\\`` are ``E:\\appserver``, and so is that folder itself."""
    top = medium.rstrip("\\")
    return top if top.lower().endswith(f"\\{MEDIUM_FOLDER}") else f"{top}\\{MEDIUM_FOLDER}"


def medium_of(folder: str) -> str:
    """What holds the program's folder, in a form that `dir` takes: a drive alone would be its current folder."""
    top = folder.rpartition("\\")[0]
    return f"{top}\\" if top.endswith(":") else top


def file_of(names: Iterable[str]) -> str | None:
    """Which file of the folder cmd.exe would run; None: no such file among them."""
    there = {name.lower(): name for name in names}
    return next((there[NAME + ending] for ending in ENDINGS if NAME + ending in there), None)


def save(folder: str, file: str, *, user: str | None = None, timeout: float = 1800) -> Command:
    return Command((f"{folder}\\{file}",), folder=folder, user=user, timeout=timeout)


def read(printed: str) -> Said:
    lines = [line.strip() for line in printed.replace("\r", "\n").split("\n")]
    return Said(tuple(dict.fromkeys(line for line in lines if NOT_COPIED.search(line))), bool(PROMPT.search(printed)))
