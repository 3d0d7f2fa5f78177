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
from typing import NamedTuple

from impax_lab.windows import wine

PR_SET_CHILD_SUBREAPER = 36
EVERY_SECONDS = 0.5


def adopt() -> None:
    """Make this process the parent of orphans below it."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_until(over: threading.Event) -> None:
    """Whoever waits for a process of his own does so at once: what is dead at two looks in a row is an orphan."""
    before: set[int] = set()
    while not over.wait(EVERY_SECONDS):
        now = {child.pid for child in children() if child.dead}
        for pid in before & now:
            _wait_for(pid)
        before = now - before


def reap_all(seconds: float) -> None:
    """Wait until no child of Wine is left, dead or alive, at most so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for child in children():
            if child.dead:
                _wait_for(child.pid)
        if not any(child.dead or _of_wine(child.name) for child in children()):
            return
        time.sleep(0.02)


class Child(NamedTuple):
    """name: as its starter spelt it, so it may lack the .exe."""

    pid: int
    name: str
    dead: bool


def children() -> list[Child]:
    """Children of this process that no Popen of Wine's waits for."""
    ours = wine.waited_for()
    found = []
    for tasks in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
        for pid in map(int, _read(tasks).split()):
            name, _, rest = _read(Path(f"/proc/{pid}/stat")).partition(" (")[2].rpartition(")")
            if pid not in ours and rest:
                found.append(Child(pid, name, rest.split()[0] == "Z"))
    return found


def _of_wine(name: str) -> bool:
    return name.startswith("wine") or name.lower().endswith(".exe")


def _wait_for(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _read(path: Path) -> str:
    """A file of /proc; empty when its process or thread has gone."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
