# SPDX-License-Identifier: GPL-3.0-or-later
"""Locks of tables and waits for transactions: first come, first served; a circle of waiters is found at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field

Owner = Hashable


class LockTimeout(Exception):
    """The lock was not to be had in the time allowed."""


class Deadlock(Exception):
    """Waiting would close a circle; the asker is the victim."""


class Interrupted(Exception):
    """The wait was cancelled: by the client, or because the engine closes."""


@dataclass(frozen=True)
class Modes:
    """A vendor's lock modes. fits: the modes others may hold beside each. joined: what two modes of one owner make."""

    fits: Mapping[str, frozenset[str]]
    joined: Mapping[frozenset[str], str]

    def join(self, one: str, other: str) -> str:
        return one if one == other or not other else other if not one else self.joined[frozenset((one, other))]


def _modes(fits: dict[str, str], rank: str, joined: dict[tuple[str, str], str]) -> Modes:
    """rank: the modes from weak to strong; of two the stronger one is their union unless `joined` says otherwise."""
    order = rank.split()
    table = {frozenset((a, b)): b for i, a in enumerate(order) for b in order[i + 1 :]}
    table.update({frozenset(pair): mode for pair, mode in joined.items()})
    return Modes({mode: frozenset(others.split()) for mode, others in fits.items()}, table)


# Oracle Database Concepts, "Table Locks (TM)": row share, row exclusive, share, share row exclusive, exclusive
ORACLE = _modes(
    {"RS": "RS RX S SRX", "RX": "RS RX", "S": "RS S", "SRX": "RS", "X": ""},
    "RS RX S SRX X",
    {("RX", "S"): "SRX"},
)
# SQL Server Books Online, "Lock Compatibility": intent shared ... exclusive
SQL_SERVER = _modes(
    {"IS": "IS S U IX SIX", "S": "IS S U", "U": "IS S", "IX": "IS IX", "SIX": "IS", "X": ""},
    "IS S U IX SIX X",
    {("S", "IX"): "SIX", ("U", "IX"): "SIX"},
)


@dataclass
class _Request:
    owner: Owner
    mode: str
    conversion: bool


@dataclass
class _Resource:
    held: dict[Owner, str] = field(default_factory=dict)
    queue: list[_Request] = field(default_factory=list)


class Locks:
    """All locks of one engine. An owner is whatever ends them together: a transaction."""

    def __init__(self, modes: Modes) -> None:
        self._modes = modes
        self._changed = threading.Condition()
        self._resources: dict[Hashable, _Resource] = {}
        self._waiting: dict[Owner, Callable[[], set[Owner]]] = {}
        self._cancelled: set[Owner] = set()
        self._closed = False

    def acquire(self, owner: Owner, resource: Hashable, mode: str, timeout: float | None = None) -> str:
        """Hold `resource` in `mode` at least; the result is what was held before ("": nothing).

        timeout: seconds, 0 not to wait, None to wait for ever. Raises LockTimeout, Deadlock, Interrupted.
        """
        with self._changed:
            entry = self._resources.setdefault(resource, _Resource())
            before = entry.held.get(owner, "")
            request = _Request(owner, self._modes.join(mode, before), bool(before))
            if request.mode != before:
                entry.queue.append(request)
                try:
                    self._wait(owner, lambda: self._in_the_way(entry, request), timeout)
                    entry.held[owner] = request.mode
                finally:
                    entry.queue.remove(request)
                    self._changed.notify_all()
            return before

    def restore(self, owner: Owner, resource: Hashable, before: str) -> None:
        """Go back to what `acquire` said was held before."""
        with self._changed:
            held = self._resources.setdefault(resource, _Resource()).held
            if before:
                held[owner] = before
            else:
                held.pop(owner, None)
            self._changed.notify_all()

    def release_all(self, owner: Owner) -> None:
        """The owner has ended: its locks are free and who waits for it goes on."""
        with self._changed:
            for entry in self._resources.values():
                entry.held.pop(owner, None)
            self._cancelled.discard(owner)
            self._changed.notify_all()

    def wait_for(self, owner: Owner, others: Callable[[], set[Owner]], timeout: float | None = None) -> None:
        """Wait until `others` (asked again after each change) is empty."""
        with self._changed:
            self._wait(owner, others, timeout)

    def held(self, resource: Hashable) -> dict[Owner, str]:
        with self._changed:
            entry = self._resources.get(resource)
            return dict(entry.held) if entry else {}

    def holdings(self) -> list[tuple[Hashable, Owner, str]]:
        """(resource, owner, mode) of every lock held."""
        with self._changed:
            return [(res, owner, mode) for res, entry in self._resources.items() for owner, mode in entry.held.items()]

    def waits(self, owner: Owner) -> bool:
        with self._changed:
            return owner in self._waiting

    def cancel(self, owner: Owner) -> None:
        """The owner's present or next wait is interrupted, until it ends."""
        with self._changed:
            self._cancelled.add(owner)
            self._changed.notify_all()

    def go_on(self, owner: Owner) -> None:
        """The owner may wait again."""
        with self._changed:
            self._cancelled.discard(owner)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _in_the_way(self, entry: _Resource, request: _Request) -> set[Owner]:
        """Who holds it in a mode that does not fit, or asked earlier for one; who holds a part already passes these."""
        fits = self._modes.fits[request.mode]
        found = {owner for owner, mode in entry.held.items() if owner != request.owner and mode not in fits}
        if not request.conversion:
            for earlier in entry.queue:
                if earlier is request:
                    break
                if earlier.mode not in fits and earlier.owner != request.owner:
                    found.add(earlier.owner)
        return found

    def _wait(self, owner: Owner, blockers: Callable[[], set[Owner]], timeout: float | None) -> None:
        until = None if timeout is None else time.monotonic() + timeout
        while blocking := blockers():
            self._check(owner)
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0:
                raise LockTimeout
            if self._closes_a_circle(owner, blocking):
                raise Deadlock
            self._waiting[owner] = blockers
            try:
                self._changed.wait(left)
            finally:
                self._waiting.pop(owner, None)
            self._check(owner)

    def _check(self, owner: Owner) -> None:
        if self._closed or owner in self._cancelled:
            raise Interrupted

    def _closes_a_circle(self, owner: Owner, blocking: set[Owner]) -> bool:
        seen: set[Owner] = set()
        todo = list(blocking)
        while todo:
            one = todo.pop()
            if one == owner:
                return True
            if one not in seen and one in self._waiting:
                seen.add(one)
                todo.extend(self._waiting[one]())
        return False
