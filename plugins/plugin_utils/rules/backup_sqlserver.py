# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a file of SQL Server's is a full backup of this database: each way in which it can be none has its own key (S30, S31).

Three sources have to agree: what BACKUP said, what the file says of itself, and the file on the disk. VERIFYONLY is no
integrity check: it reads the set to its end and, without checksums, looks into no page. Moments are the server's own clock.
A fact that was not read is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..findings import Finding, Remediation, Verdict
from .backup import Where, same_name

FULL, LOG, DIFFERENTIAL = 1, 2, frozenset({5, 6, 8})  # HEADERONLY's BackupType; 6 and 8: of files, of a part
PARTS = frozenset({4, 7})  # files or filegroups, a part
USED_PERCENT = 30  # assumed: a whole backup is hardly smaller than this share of what sp_spaceused calls reserved
ROUNDING = 0.01  # the file holds the set and its frame; the header's size is taken as that of the set alone (assumed)
SECOND = timedelta(seconds=1)  # the file and msdb round moments to whole seconds, each in its way
AGAIN = "Mend what is named, then run this section again: it makes a new backup under a new name. {file} is no backup to rely on."
PROOF = "RESTORE VERIFYONLY and its header read back ({checks}); VERIFYONLY is no integrity check: neither DBCC nor a restore"


@dataclass(frozen=True)
class Said:
    """What one statement said. ok None: neither success nor an error was seen. codes: ``Msg 3201``, in order."""

    ok: bool | None
    codes: tuple[str, ...] = ()
    os_error: int | None = None
    pages: int | None = None


@dataclass(frozen=True)
class Set:
    """A set as the file itself (or msdb) tells it. bytes before, stored after compression (None: not told)."""

    name: str
    type: int
    position: int
    database: str
    bytes: int
    started: datetime
    finished: datetime
    stored: int | None = None
    damaged: bool | None = None


@dataclass(frozen=True)
class Seen:
    """A file and all that was seen of it.

    made None: not made by us; lost: its job was started and is gone without an end. sets None: the header was not read,
    () : the file holds none. there, on_disk: the file as the station's disk has it, None: not told. files: of the database
    in the set, absent: named and not in it. incomplete: positions of sets that were never finished. remembered: msdb's row
    of that file and position, None: it has none.
    """

    path: str
    made: Said | None
    verify: Said
    sets: tuple[Set, ...] | None
    there: bool | None
    on_disk: int | None
    files: int | None
    absent: int = 0
    remembered: Set | None = None
    lost: bool = False
    incomplete: tuple[int, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Expected:
    """What the set has to be. name: of the set. since: it may not have ended before. used_kb, files: of the database as it
    was read before. position: of the set in the file; alone: no other set is in it."""

    database: str
    name: str
    position: int
    since: datetime
    used_kb: int | None
    files: int | None
    alone: bool = True
    percent: int = USED_PERCENT


# The proof


def judge(where: Where, seen: Seen, expected: Expected) -> list[Finding]:
    """All that is wrong with it; nothing when it is a whole, full and new backup of this database."""
    found = [*_made(where, seen), *_file(where, seen), *_verified(where, seen)]
    if seen.there is False or seen.on_disk == 0:
        return found
    if seen.sets is None:
        why = seen.why or "a form that is not known"
        unread = f"the header of {seen.path} on {where.station} was not read: {why}."
        return [*found, unknown(where, "header", unread[:1].upper() + unread[1:], AGAIN.format(file=seen.path))]
    mine = next((one for one in seen.sets if one.position == expected.position), None)
    if expected.position in seen.incomplete:
        told = f"The set in {seen.path} on {where.station} was never finished, by its own header."
        return [*found, _bad(where, "incomplete", seen, told)]
    if mine is None:
        return [*found, _bad(where, "empty", seen, f"{seen.path} on {where.station} holds no set at position"
                             f" {expected.position}; it holds {len(seen.sets)}.")]  # fmt: skip
    return [
        *found,
        *_same(where, seen, mine, expected),
        *_whole(where, seen, mine, expected),
        *_new(where, seen, mine, expected),
        *_size(where, seen, mine, expected),
    ]


def _made(where: Where, seen: Seen) -> list[Finding]:
    said = seen.made
    if seen.lost:
        return [_bad(where, "failed", seen, f"The backup of {where.database} on {where.station} to {seen.path} was started and is"
                     " gone without an end: killed, or the station restarted.")]  # fmt: skip
    if said is None:
        return []
    if said.ok is False:
        error = f", operating system error {said.os_error}" if said.os_error is not None else ""
        return [_bad(where, "failed", seen, f"The backup of {where.database} on {where.station} to {seen.path} failed: expected no"
                     f" error, seen {', '.join(said.codes) or 'an error without a number'}{error}.",
                     codes=list(said.codes), os_error=said.os_error)]  # fmt: skip
    if said.ok is None:
        return [unknown(where, "unread", f"The backup of {where.database} on {where.station} to {seen.path}: expected"
                         " \"successfully processed\" or an error, seen neither.", AGAIN.format(file=seen.path))]  # fmt: skip
    if said.pages == 0:
        return [_bad(where, "empty", seen, f"The backup of {where.database} on {where.station} has processed 0 pages.")]
    return []


def _file(where: Where, seen: Seen) -> list[Finding]:
    if seen.there is False:
        return [
            _bad(where, "missing", seen, f"{seen.path} is not on the disk of {where.station}, whatever was said of it.")
        ]
    if seen.there is None or seen.on_disk is None:
        return [unknown(where, "size", f"{where.station} did not say how large {seen.path} is.",
                         "See why files there cannot be looked at; then run this section again.")]  # fmt: skip
    if seen.on_disk == 0 and seen.verify.ok:
        return [_bad(where, "verified_empty", seen, f"{seen.path} on {where.station} was verified and has 0 bytes: VERIFYONLY was"
                     " told of something else.")]  # fmt: skip
    if seen.on_disk == 0:
        return [_bad(where, "empty", seen, f"{seen.path} on {where.station} has 0 bytes.")]
    return []


def _verified(where: Where, seen: Seen) -> list[Finding]:
    if seen.verify.ok:
        return []
    if seen.verify.ok is None:
        why = seen.why or "neither that it is valid nor an error"
        return [unknown(where, "verify", f"RESTORE VERIFYONLY of {seen.path} on {where.station}: expected \"is valid\", seen {why}.",
                         AGAIN.format(file=seen.path))]  # fmt: skip
    codes = ", ".join(seen.verify.codes) or "an error without a number"
    return [_bad(where, "unreadable", seen, f"RESTORE VERIFYONLY cannot read {seen.path} on {where.station}: {codes}.",
                 codes=list(seen.verify.codes))]  # fmt: skip


def _same(where: Where, seen: Seen, mine: Set, expected: Expected) -> list[Finding]:
    """It is the set that was asked for: its own name in it, one set only, and msdb remembers the same of that path."""
    found = []
    if mine.name != expected.name or (expected.alone and len(seen.sets or ()) != 1):
        found.append(_bad(where, "wrong_file", seen, f"{seen.path} on {where.station} is not the file that was asked for: expected"
                          f" the one set {expected.name!r}, seen {len(seen.sets or ())}, the one at {mine.position} named"
                          f" {mine.name!r}."))  # fmt: skip
    elif (told := seen.remembered) is not None and not _agree(mine, told):
        found.append(_bad(where, "wrong_file", seen, f"{seen.path} on {where.station}: the file says {_told(mine)}, msdb remembers"
                          f" {_told(told)}."))  # fmt: skip
    if not same_name(mine.database, expected.database):
        found.append(_bad(where, "other_database", seen, f"{seen.path} on {where.station} holds the database"
                          f" {mine.database}, expected {expected.database}."))  # fmt: skip
    return found


def _agree(one: Set, other: Set) -> bool:
    return (
        one.name == other.name
        and same_name(one.database, other.database)
        and abs(one.finished - other.finished) <= SECOND
        and one.type == other.type
    )


def _told(one: Set) -> str:
    return f"{one.name!r} of {one.database}, type {one.type}, ended {one.finished}"


def _whole(where: Where, seen: Seen, mine: Set, expected: Expected) -> list[Finding]:
    held = f"{seen.path} on {where.station} holds"
    if mine.type in DIFFERENTIAL:
        return [_bad(where, "differential", seen, f"{held} a differential backup (type {mine.type}), expected a full one"
                     f" (type {FULL}).")]  # fmt: skip
    if mine.type in PARTS:
        return [
            _bad(
                where,
                "partial",
                seen,
                f"{held} a part of {mine.database} only (type {mine.type}), expected type {FULL}.",
            )
        ]
    if mine.type != FULL:
        what = "the log" if mine.type == LOG else f"type {mine.type}"
        return [
            _bad(where, "not_full", seen, f"{held} {what} of {mine.database}, expected a full backup (type {FULL}).")
        ]
    found = []
    if mine.damaged:
        found.append(_bad(where, "damaged", seen, f"{held} a set that was written with errors in it (IsDamaged)."))
    if seen.files is None or expected.files is None:
        lacks = "the set's list of files" if seen.files is None else f"the number of files of {where.database}"
        found.append(unknown(where, "files", f"Whether {seen.path} on {where.station} holds every file of {where.database} is not"
                              f" known: {lacks} was not read.", AGAIN.format(file=seen.path)))  # fmt: skip
    elif seen.absent or seen.files < expected.files:
        found.append(_bad(where, "partial", seen, f"{held} {seen.files} of the {max(expected.files, seen.files + seen.absent)} files"
                          f" of {mine.database}.", files=seen.files, expected=expected.files))  # fmt: skip
    return found


def _new(where: Where, seen: Seen, mine: Set, expected: Expected) -> list[Finding]:
    if mine.finished + SECOND >= expected.since and mine.finished >= mine.started:
        return []
    return [_bad(where, "old", seen, f"The set in {seen.path} on {where.station} ended {mine.finished} by the server's clock, expected"
                 f" {expected.since} or later.", finished=str(mine.finished), since=str(expected.since))]  # fmt: skip


def _size(where: Where, seen: Seen, mine: Set, expected: Expected) -> list[Finding]:
    told = sum(one.bytes if one.stored is None else one.stored for one in seen.sets or ())
    if mine.bytes == 0:
        key = "verified_empty" if seen.verify.ok else "empty"
        return [_bad(where, key, seen, f"The set in {seen.path} on {where.station} has a size of 0 by its own header.")]
    found = []
    if seen.on_disk is not None and seen.on_disk < told * (1 - ROUNDING):
        found.append(_bad(where, "truncated", seen, f"{seen.path} on {where.station} has {seen.on_disk} bytes, its header tells"
                          f" {told}: it was cut.", told=told))  # fmt: skip
    if expected.used_kb is None:
        found.append(unknown(where, "plausible", f"Whether {mine.bytes} bytes are plausible for {where.database} on {where.station}"
                              " is not known: the space that it uses was not read.", AGAIN.format(file=seen.path)))  # fmt: skip
    elif mine.bytes * 100 < expected.used_kb * 1024 * expected.percent:
        found.append(_bad(where, "too_small", seen, f"The set in {seen.path} on {where.station} has {mine.bytes} bytes before"
                          f" compression, {where.database} uses {expected.used_kb} KB: expected at least {expected.percent} % of that"
                          " (assumed).", used_kb=expected.used_kb, bytes=mine.bytes))  # fmt: skip
    return found


def _bad(where: Where, key: str, seen: Seen, summary: str, **evidence: object) -> Finding:
    return blocker(
        where, key, summary, AGAIN.format(file=seen.path), {"file": seen.path, "bytes": seen.on_disk, **evidence}
    )


def blocker(where: Where, key: str, summary: str, remedy: str, evidence: Mapping[str, object] | None = None) -> Finding:
    return where.finding(
        key, Verdict.BLOCKER, summary, evidence=dict(evidence or {}), remediation=Remediation("guided", remedy)
    )


def unknown(where: Where, key: str, summary: str, remedy: str, evidence: Mapping[str, object] | None = None) -> Finding:
    return where.finding(
        key, Verdict.UNKNOWN, summary, evidence=dict(evidence or {}), remediation=Remediation("command", remedy)
    )


def proof(checksums: bool, own: bool) -> str:
    """The phrase that the evidence keeps."""
    checks = "database, type full, end, size, files" + (", checksums of pages" if checksums else "")
    return f"{'the site made it; ' if own else ''}{PROOF.format(checks=checks)}"


def is_settled(found: Sequence[Finding]) -> bool:
    """Looking at the same job again would say the same. Only the disk can answer otherwise."""
    return any(one.verdict is Verdict.BLOCKER or not one.key.endswith(".size") for one in found)
