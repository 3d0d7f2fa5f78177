# SPDX-License-Identifier: GPL-3.0-or-later
"""runbackup, the vendor's script for an Oracle backup. It ends with 0 after some failures; it may be hot or cold.

Private: that it has no words, calls RMAN for database and control file and prints RMAN's own log is `assumed`. So its log
is read as RMAN's (codes stay codes in every language), its exit code is only a hint, and what it made is told by RMAN's
list and by `validate`.
"""

from __future__ import annotations

from ..command import Command

WINDOWS = "C:\\mvf\\bin\\runbackup"
SOLARIS = "/usr/mvf/bin/runbackup"


def on_windows(path: str) -> bool:
    """Whether the script's path is one of Windows: ``C:\\mvf\\bin\\runbackup``."""
    return path[1:2] == ":" or path.startswith("\\\\")


def run(path: str, bash: str = "bash", *, timeout: float = 86400) -> Command:
    """The whole backup. On Windows as the vendor's text has it: ``bash runbackup`` in the script's folder. Any exit code
    is one that it ended with."""
    if on_windows(path):
        folder, _, name = path.rpartition("\\")
        return Command((bash, name), folder=folder, expected=frozenset(range(256)), timeout=timeout)
    return Command((path,), expected=frozenset(range(256)), timeout=timeout)
