# SPDX-License-Identifier: GPL-3.0-or-later
"""Dead processes of Wine, waited for: they lose their starter at once and become children of the station's process.

Where process 1 does not reap (containers), each would else stay as a zombie for ever.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import threading
import time
from pathlib import Path

from impax_lab.windows import wine

PR_SET_CHILD_SUBREAPER = 36
EVERY_SECONDS = 0.5
LONGEST_NAME = 15  # bytes that the kernel keeps of a process's name


def adopt() -> None:
    """Make this process the parent of orphans below it."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_until(over: threading.Event) -> None:
    while not over.wait(EVERY_SECONDS):
        for pid, dead in children().items():
            if dead:
                _wait_for(pid)


def reap_all(seconds: float) -> None:
    """Wait until no child of Wine is left, dead or alive, at most so long."""
    until = time.monotonic() + seconds
    while (left := children()) and time.monotonic() < until:
        for pid, dead in left.items():
            if dead:
                _wait_for(pid)
        time.sleep(0.02)


def children() -> dict[int, bool]:
    """Wine's processes among our children that no Popen of ours waits for: whether each is dead."""
    ours = wine.waited_for()
    found = {}
    for tasks in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
        for pid in map(int, _read(tasks).split()):
            name, _, rest = _read(Path(f"/proc/{pid}/stat")).partition(" (")[2].rpartition(")")
            if pid not in ours and _of_wine(name):
                found[pid] = rest.split()[:1] == ["Z"]
    return found


def _of_wine(name: str) -> bool:
    return name.startswith("wine") or name.lower().endswith(".exe") or len(name.encode()) == LONGEST_NAME


def _wait_for(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _read(path: Path) -> str:
    """A file of /proc; empty when its process or thread has gone."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
