# SPDX-License-Identifier: GPL-3.0-or-later
"""One run a site, one worker a station.

A worker of an ansible-playbook that was killed goes on working. So the station's lock is an flock of the worker's own,
which the kernel keeps exactly as long as that very process lives; the run's lock is a note of who runs, stale as soon
as that process is gone.
"""

from __future__ import annotations

import contextlib
import fcntl
import getpass
import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from .journal import JournalUnwritable, now

NOTICE = 5.0  # seconds between two notices of a wait
PAUSE = 0.2  # seconds between two tries


class Held(Exception):
    """Somebody else holds the lock. holder: {pid, since, host, user, ...} as far as they noted it."""

    def __init__(self, text: str, holder: Mapping[str, Any]) -> None:
        super().__init__(text)
        self.holder = dict(holder)


def started(pid: int) -> int | None:
    """Start time of a living process in clock ticks since boot (proc(5), field 22); None: there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in "ZXx" else int(fields[18])


class RunLock:
    """Who runs the preparation of this site. Held by the ansible-playbook process, taken for it by a worker."""

    def __init__(self, state: Path) -> None:
        self.path = Path(state) / "run.lock"

    def take(self, run: str, pid: int) -> None:
        """Raises Held while another living process holds it; the same process may take it again."""
        with _open(self.path, fcntl.LOCK_EX) as descriptor:
            other = _living(_noted(descriptor))
            if other and (other["pid"], other["host"]) != (pid, socket.gethostname()):
                raise Held(f"run {other['run']} is under way: {_who(other)}. Let it end, or stop it.", other)
            _note(descriptor, {"run": run, "pid": pid, "started": started(pid)})

    def release(self, run: str | None = None) -> None:
        """Frees it. run: only when that run holds it."""
        with _open(self.path, fcntl.LOCK_EX) as descriptor:
            if run is None or _noted(descriptor).get("run") == run:
                os.ftruncate(descriptor, 0)

    def holder(self) -> dict[str, Any] | None:
        """{run, pid, started, since, host, user} of the living holder, else None."""
        if not self.path.exists():
            return None
        with _open(self.path, fcntl.LOCK_SH) as descriptor:
            return _living(_noted(descriptor))


class StationLock:
    """`with StationLock(state, "as300"):` one worker at this station, as long as this process lives.

    wait: seconds to wait for another one; waiting: called every few seconds with a sentence. Raises Held after that.
    """

    def __init__(
        self, state: Path, station: str, *, wait: float = 3600, waiting: Callable[[str], object] = lambda text: None
    ) -> None:
        self.path = Path(state) / "locks" / f"{quote(station, safe='')}.lock"
        self.station, self.wait, self.waiting = station, wait, waiting

    def __enter__(self) -> StationLock:
        self._descriptor = _descriptor(self.path)
        try:
            self._acquire()
            _note(self._descriptor, {"station": self.station, "pid": os.getpid()})
        except BaseException:
            os.close(self._descriptor)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)

    def _acquire(self) -> None:
        begun, noticed = time.monotonic(), float("-inf")
        while not _try(self._descriptor):
            waited = time.monotonic() - begun
            holder = _noted(self._descriptor)
            if waited >= self.wait:
                raise Held(f"{self.station} is held by {_who(holder)}, waited {waited:.0f} s", holder)
            if waited - noticed >= NOTICE:
                noticed = waited
                self.waiting(f"{self.station} is held by {_who(holder)}, waiting since {waited:.0f} s")
            time.sleep(min(PAUSE, max(0.01, self.wait - waited)))


class HeavySlot:
    """`with HeavySlot(state, 1):` one of so many heavy jobs of the site at once, as long as this process lives.

    wait: seconds to wait for a free one; waiting: called every few seconds with a sentence. Raises Held after that.
    """

    def __init__(
        self, state: Path, slots: int, *, wait: float, waiting: Callable[[str], object] = lambda text: None
    ) -> None:
        self.paths = [Path(state) / "locks" / f"heavy-{number}.slot" for number in range(max(1, slots))]
        self.wait, self.waiting = wait, waiting

    def __enter__(self) -> HeavySlot:
        begun, noticed = time.monotonic(), float("-inf")
        while (taken := self._taken()) is None:
            waited = time.monotonic() - begun
            if waited >= self.wait:
                raise Held(f"{len(self.paths)} heavy jobs are at work on this site, waited {waited:.0f} s", {})
            if waited - noticed >= NOTICE:
                noticed = waited
                self.waiting(f"{len(self.paths)} heavy jobs at once are at work, waiting since {waited:.0f} s")
            time.sleep(min(PAUSE, max(0.01, self.wait - waited)))
        self._descriptor = taken
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    def _taken(self) -> int | None:
        for path in self.paths:
            descriptor = _descriptor(path)
            if _try(descriptor):
                return descriptor
            os.close(descriptor)
        return None


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _descriptor(path: Path) -> int:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise JournalUnwritable(
            f"the lock {path} cannot be used: {error.strerror}. Check the folder and its rights."
        ) from error


@contextmanager
def _open(path: Path, how: int) -> Iterator[int]:
    descriptor = _descriptor(path)
    try:
        fcntl.flock(descriptor, how)
        yield descriptor
    finally:
        os.close(descriptor)


def _note(descriptor: int, who: Mapping[str, Any]) -> None:
    noted = {**who, "since": now(), "host": socket.gethostname(), "user": _user()}
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(noted).encode(), 0)


def _noted(descriptor: int) -> dict[str, Any]:
    with contextlib.suppress(ValueError):
        noted = json.loads(os.pread(descriptor, 4096, 0))
        if isinstance(noted, dict):
            return noted
    return {}


def _living(holder: dict[str, Any]) -> dict[str, Any] | None:
    """The holder, unless it is certain that its process is gone. On another host that cannot be seen from here."""
    if not holder:
        return None
    if holder.get("host") != socket.gethostname():
        return holder
    return holder if started(holder["pid"]) == holder.get("started") else None


def _who(holder: Mapping[str, Any]) -> str:
    if not holder:
        return "somebody who left no note"
    return f"{holder.get('user')} on {holder.get('host')}, process {holder.get('pid')}, since {holder.get('since')}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())
