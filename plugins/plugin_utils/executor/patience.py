# SPDX-License-Identifier: GPL-3.0-or-later
"""A limit for waiting on a connection plugin that has none of its own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType


class OutOfTime(Exception):
    """The limit passed. What the station does with the command is not known."""


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Raises OutOfTime in the block after `seconds`. Works in the main thread of a worker, where Ansible runs actions.

    A timer that was running already (a task's own ``timeout``) is set again afterwards with what is left of it.
    """

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTime

    handler = signal.signal(signal.SIGALRM, ring)
    began, (left, _interval) = time.monotonic(), signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(0.001, left - (time.monotonic() - began)))


def end_children(program: str) -> None:
    """Ends this process's own children of that name: the ssh client that a given-up call leaves behind."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = status.read_text().partition("(")[2].rpartition(")")
            if name == program and int(rest.split()[1]) == os.getpid():
                os.kill(int(status.parent.name), signal.SIGTERM)
        except (OSError, ValueError, IndexError):
            continue
