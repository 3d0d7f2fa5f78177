# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: what was done at a site, append-only, one JSON line an entry, each bound to the one before.

A line is ``{"n":3,"at":"2026-11-24T08:00:00Z","kind":"finding",...,"prev":"<64 hex>","hash":"<64 hex>"}``. ``hash`` is
the SHA-256 of the line's bytes before ``,"hash":``, ``prev`` the hash of the line before (64 zeros in the first), so
that ``sha256sum`` alone can check it. ``journal.head`` beside it notes the last entry, which shows a journal cut at its
end. Both catch accident and carelessness. Against someone who may write both files only a hash kept elsewhere helps:
every report carries the journal's head.
"""

from __future__ import annotations

import datetime as dt
import errno
import fcntl
import hashlib
import json
import os
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = 1
NAME, HEAD = "journal.jsonl", "journal.head"
ZERO = "0" * 64
_TAIL = re.compile(rb',"prev":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"}\Z')
_HASH_PART = len(',"hash":""}') + 64
_LONE = re.compile("[\ud800-\udfff]")
_RESERVED = frozenset({"n", "at", "kind", "prev", "hash"})
_TORN_SHOWN = 2000  # bytes of a torn line that the healing entry repeats


class JournalError(Exception):
    """What is wrong with the journal, and what to do about it."""


class JournalMissing(JournalError):
    pass


class JournalOfOtherSite(JournalError):
    pass


class JournalBroken(JournalError):
    pass


class JournalUnwritable(JournalError):
    pass


class JournalFull(JournalUnwritable):
    pass


@dataclass(frozen=True)
class Verification:
    """count: good entries. head: hash of the last of them. torn: bytes of an unfinished last line.

    broken_at: number of the first entry that does not belong (count + 1), or None; why: one phrase.
    """

    count: int
    head: str
    torn: int = 0
    broken_at: int | None = None
    why: str = ""


def plain(value: Any) -> Any:
    """`value` rebuilt of dict, list, str, int, float, bool and None only. Raises TypeError on anything else.

    Ansible's values carry tags and lazy templates in subclasses of these; YAML makes dates of what looks like one.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__add__(value, 0)
    if isinstance(value, float):
        return float.__add__(value, 0.0)
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(plain(name)): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    raise TypeError(f"a {type(value).__name__} is no plain value")


def now() -> str:
    return dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Journal:
    """The journal of one site, in the folder `state`. Every call opens the file anew: forks and threads share it."""

    def __init__(self, state: Path, genesis: Mapping[str, Any]) -> None:
        self.state = state
        self.site = str(genesis["site"])
        self.site_id = str(genesis["site_id"])

    @classmethod
    def open(cls, state: Path, site: str | None = None, create: bool = False) -> Journal:
        """The journal in `state`, checked from end to end. site None: whichever site it belongs to.

        Raises JournalMissing, JournalOfOtherSite, JournalBroken, JournalUnwritable.
        """
        state = Path(state)
        if create and site:
            _found(state, str(site))
        data, noted = _snapshot(state)
        checked = verify_bytes(data, noted)
        if checked.broken_at is not None:
            raise JournalBroken(
                f"the journal {state / NAME} is broken at entry {checked.broken_at}: {checked.why}. Nothing was"
                " added. Keep the file for whoever looks into it, and restore the last good copy; the hash in the"
                " latest report tells which."
            )
        if not checked.count:
            raise JournalMissing(f"there is no journal in {state}: nothing was run there yet")
        journal = cls(state, json.loads(data[: data.index(b"\n")]))
        if site and journal.site != str(site):
            raise JournalOfOtherSite(
                f"the journal {state / NAME} belongs to the site {journal.site!r}, not to {str(site)!r} (impax_site)."
                " Name the state folder of this site (impax_state), or correct impax_site."
            )
        return journal

    def append(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Writes one entry under a lock; returns it once it is on the disk. Raises JournalUnwritable, JournalFull."""
        fields = _storable(fields)
        with _locked(self.state, fcntl.LOCK_EX) as descriptor:
            end = _end(descriptor)
            torn = os.pread(descriptor, os.fstat(descriptor).st_size - end.at, end.at)
            if torn:
                end, _line = _add(self.state, descriptor, end, "healed", _torn(torn))
            _end_now, line = _add(self.state, descriptor, end, kind, fields)
        entry: dict[str, Any] = json.loads(line)
        return entry

    def entries(self, kind: str | None = None, **match: Any) -> Iterator[dict[str, Any]]:
        """Entries, oldest first, of that kind and with these fields. An unfinished last line is none."""
        wanted = b"" if kind is None else b'"kind":' + json.dumps(kind).encode()
        for line in _snapshot(self.state)[0].split(b"\n")[:-1]:
            if wanted not in line:
                continue
            entry: dict[str, Any] = json.loads(line)
            if (kind is None or entry["kind"] == kind) and all(
                entry.get(name) == value for name, value in match.items()
            ):
                yield entry

    def last(self, kind: str, **match: Any) -> dict[str, Any] | None:
        return max(self.entries(kind, **match), key=lambda entry: int(entry["n"]), default=None)

    def verify(self) -> Verification:
        return verification(self.state)


def verification(state: Path) -> Verification:
    """Checks whatever journal lies in `state`, a broken one, too; without one nothing is counted."""
    return verify_bytes(*_snapshot(Path(state)))


def verify_bytes(data: bytes, noted: tuple[int, str] | None) -> Verification:
    """Checks the bytes of a journal against themselves and against the last entry `noted` in the head file."""
    *lines, torn = data.split(b"\n")
    count, head, at_note = 0, ZERO, ZERO
    for line in lines:
        if why := _mismatch(line, count + 1, head):
            return Verification(count, head, len(torn), count + 1, why)
        count, head = count + 1, line[-66:-2].decode()
        at_note = head if noted and noted[0] == count else at_note
    return Verification(count, head, len(torn), *_against_note(count, at_note, noted))


def _mismatch(line: bytes, number: int, before: str) -> str:
    """Why `line` cannot be entry `number` after the one with the hash `before`; empty when it can."""
    tail = _TAIL.search(line)
    if not tail:
        return "it is not a journal line"
    if hashlib.sha256(line[:-_HASH_PART]).hexdigest().encode() != tail[2]:
        return "its text was changed after it was written"
    if tail[1].decode() != before or not line.startswith(b'{"n":%d,' % number):
        return "entries before it were removed, added or put in another order"
    return ""


def _against_note(count: int, at_note: str, noted: tuple[int, str] | None) -> tuple[int | None, str]:
    if noted is None:
        return (None, "") if count < 2 else (count + 1, f"{HEAD}, which notes the last entry, is missing")
    if noted[0] > count:
        return count + 1, f"{noted[0]} entries were written, {count} are there: the end is cut off"
    return (None, "") if at_note == noted[1] else (noted[0], f"it is not the entry that {HEAD} notes")


@dataclass(frozen=True)
class _End:
    """Where the last whole line ends (offset in bytes), its number and its hash."""

    at: int
    count: int
    head: str


def _end(descriptor: int) -> _End:
    """Reads backwards until the last whole line is there; what comes after it is an unfinished one."""
    at = os.fstat(descriptor).st_size
    tail = b""
    while at and tail.count(b"\n") < 2:
        step = min(at, 65536)
        at -= step
        tail = os.pread(descriptor, step, at) + tail
    whole = tail[: tail.rfind(b"\n") + 1]
    line = whole[:-1].rsplit(b"\n", 1)[-1]
    found, number = _TAIL.search(line), re.match(rb'{"n":(\d+),', line)
    if not found or not number:
        raise JournalBroken("the journal's last line is not a journal line; nothing was added")
    return _End(at + len(whole), int(number[1]), found[2].decode())


def _add(state: Path, descriptor: int, end: _End, kind: str, fields: Mapping[str, Any]) -> tuple[_End, bytes]:
    """Writes one line at `end`, over an unfinished one if there is; takes it back when it cannot be written whole."""
    line = _line(end, kind, fields)
    try:
        _write_all(descriptor, line, end.at)
        os.ftruncate(descriptor, end.at + len(line))
        os.fsync(descriptor)
    except OSError as error:
        with suppress(OSError):
            os.ftruncate(descriptor, end.at)
        raise _unwritable(state, error) from error
    added = _End(end.at + len(line), end.count + 1, line[-67:-3].decode())
    _note_head(state, added)
    return added, line


def _line(end: _End, kind: str, fields: Mapping[str, Any]) -> bytes:
    body = {"n": end.count + 1, "at": now(), "kind": kind, **fields, "prev": end.head}
    text = json.dumps(body, separators=(",", ":"), allow_nan=False)[:-1].encode()
    return b'%s,"hash":"%s"}\n' % (text, hashlib.sha256(text).hexdigest().encode())


def _write_all(descriptor: int, data: bytes, at: int) -> None:
    while data:
        written = os.pwrite(descriptor, data, at)
        data, at = data[written:], at + written


def _storable(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values, none under a name of the journal's own; undecodable characters made visible (``\\udcXX``)."""
    if taken := _RESERVED & set(fields):
        raise ValueError(f"the journal writes {', '.join(sorted(taken))} itself")
    text = json.dumps(plain(fields), ensure_ascii=False, allow_nan=False)
    stored: dict[str, Any] = json.loads(_LONE.sub(lambda found: f"\\\\u{ord(found[0]):04x}", text))
    return stored


def _torn(data: bytes) -> dict[str, Any]:
    return {
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "text": data[:_TORN_SHOWN].decode("utf-8", "backslashreplace"),
    }


def _found(state: Path, site: str) -> None:
    """Begins the journal of `site` unless one is there; a beginning that was interrupted is made anew."""
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        (state / NAME).touch(mode=0o600)
    except OSError as error:
        raise _unwritable(state, error) from error
    if b"\n" in _snapshot(state)[0]:
        return
    with _locked(state, fcntl.LOCK_EX) as descriptor:
        if b"\n" in os.pread(descriptor, os.fstat(descriptor).st_size, 0):
            return
        if _head(state) is not None:
            raise JournalBroken(f"the journal {state / NAME} is gone, but {HEAD} notes its entries. Restore it.")
        genesis = {"schema": SCHEMA, "site": site, "site_id": uuid.uuid4().hex}
        _add(state, descriptor, _End(0, 0, ZERO), "genesis", _storable(genesis))
        _sync_folder(state)


def _sync_folder(state: Path) -> None:
    descriptor = os.open(state, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(state: Path, how: int) -> Iterator[int]:
    """The journal's file, open and locked."""
    try:
        descriptor = os.open(state / NAME, os.O_RDWR if how == fcntl.LOCK_EX else os.O_RDONLY)
    except OSError as error:
        raise _unwritable(state, error) from error
    try:
        fcntl.flock(descriptor, how)
        yield descriptor
    finally:
        os.close(descriptor)


def _snapshot(state: Path) -> tuple[bytes, tuple[int, str] | None]:
    """The journal's bytes and what the head file notes, both of one moment."""
    if not (state / NAME).exists():
        return b"", _head(state)
    with _locked(state, fcntl.LOCK_SH) as descriptor, open(descriptor, "rb", closefd=False) as file:
        return file.read(), _head(state)


def _head(state: Path) -> tuple[int, str] | None:
    """Number and hash of the last entry as noted; None: nothing is noted. What cannot be read fits no journal."""
    try:
        noted = (state / HEAD).read_text(encoding="ascii", errors="replace").split()
    except FileNotFoundError:
        return None
    if not noted:
        return None
    return (int(noted[0]), noted[1]) if len(noted) == 2 and noted[0].isdecimal() else (1, "unreadable")


def _note_head(state: Path, end: _End) -> None:
    """After the entry is on the disk, so that the note never runs ahead of it; one that lags does no harm."""
    try:
        descriptor = os.open(state / HEAD, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            _write_all(descriptor, b"%012d %s\n" % (end.count, end.head.encode()), 0)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _unwritable(state, error) from error


def _unwritable(state: Path, error: OSError) -> JournalUnwritable:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return JournalFull(f"the disk of {state} is full: the entry was not written. Make room there, then run again.")
    return JournalUnwritable(
        f"the journal in {state} cannot be used: {error.strerror or error}. Check the folder and its rights."
    )
