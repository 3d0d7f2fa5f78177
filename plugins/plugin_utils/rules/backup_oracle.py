# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what runbackup left is a backup: each way in which it can be none is a finding of its own (S32, S33).

A backup is evidence for what it holds only: every datafile whole, the control file, pieces that are there and were read
to their end, all of it newer than the start. A fact that was not read is unknown. Times are the station's own clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..findings import Finding, Remediation, Verdict
from .backup import Where

AVAILABLE = "AVAILABLE"
ROUNDING = 0.01  # RMAN tells sizes with two decimals of K, M, G: a set of 1.00G may be half a percent smaller
HEADER = 64 * 1024  # bytes that a piece may be smaller than told, whatever its size
AGAIN = "See runbackup's log and RMAN's messages, mend the cause, then run this section again: it makes a new backup."


@dataclass(frozen=True)
class Piece:
    """on_disk: bytes of its file; seen False: there is no such file, None: not asked (tape) or not answered."""

    path: str
    device: str
    status: str
    on_disk: int | None = None
    seen: bool | None = None

    @property
    def is_on_tape(self) -> bool:
        return self.device.upper() != "DISK"


@dataclass(frozen=True)
class BackupSet:
    """One set as RMAN lists it. files: numbers of whole datafiles in it; changed_files: of those with changes only.

    completed None: its moment was not understood. bytes None: its size was not. scn: least checkpoint in it.
    highest_next: the greatest next SCN of its archived logs. keep: kept by the site beyond the retention policy.
    """

    key: int
    completed: datetime | None
    bytes: int | None
    pieces: tuple[Piece, ...] = ()
    files: tuple[int, ...] = ()
    changed_files: tuple[int, ...] = ()
    controlfile: bool = False
    tag: str = ""
    scn: int | None = None
    highest_next: int | None = None
    has_logs: bool = False
    keep: bool = False

    @property
    def is_available(self) -> bool:
        return bool(self.pieces) and all(piece.status == AVAILABLE for piece in self.pieces)

    @property
    def is_expired(self) -> bool:
        return bool(self.pieces) and all(piece.status == "EXPIRED" for piece in self.pieces)

    @property
    def is_on_tape(self) -> bool:
        return any(piece.is_on_tape for piece in self.pieces)


@dataclass(frozen=True)
class Validated:
    """What `validate` said of the sets: handles of pieces that were read to their end. error None: no answer."""

    error: bool | None
    handles: tuple[str, ...] = ()
    count: int = 0
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Log:
    """What became of the program that made the backup. lost: it was started and nobody saw its end. dbid: of the database
    that its log says it was connected to."""

    exit_code: int | None
    lost: bool = False
    error: bool | None = None
    failed_command: str = ""
    codes: tuple[str, ...] = ()
    dbid: int | None = None


@dataclass(frozen=True)
class Listed:
    """RMAN's list. sets None: it was not understood, `why` says so. dbid: of the database that RMAN is connected to."""

    sets: tuple[BackupSet, ...] | None
    dbid: int | None = None
    why: str = ""
    obsolete: tuple[int, ...] | None = None


# The proof


def before_the_proof(where: Where, log: Log, dbid: int | None = None) -> list[Finding]:
    """What the program itself said; its exit code alone is never success (`assumed`: 0 even after failures). dbid: of the
    database that was to be backed up."""
    if log.dbid is not None and dbid is not None and log.dbid != dbid:
        return [_bad(where, "other_database", f"runbackup on {where.station} has backed up the database with DBID {log.dbid}, not"
                     f" {where.database} with DBID {dbid}.")]  # fmt: skip
    if log.lost:
        return [_bad(where, "failed", f"runbackup on {where.station} was started and is gone without an end: killed, or the"
                     " station restarted.", log.codes)]  # fmt: skip
    if log.error or log.exit_code:
        at = f" at RMAN's command {log.failed_command}" if log.failed_command else ""
        said = ", ".join(log.codes) or "no code"
        return [_bad(where, "failed", f"runbackup on {where.station} failed half way{at}: expected no error, seen {said}, exit"
                     f" code {log.exit_code}.", log.codes)]  # fmt: skip
    return []


def recognised(where: Where, listed: Listed, dbid: int | None) -> list[Finding]:
    """Whether the list can be judged at all: it was understood, and it is this database's."""
    if listed.sets is None or listed.dbid is None or dbid is None:
        why = listed.why or "it does not say which database it is connected to"
        return [
            where.finding(
                "unread",
                Verdict.UNKNOWN,
                f"RMAN on {where.station}: expected the list of backup sets of {where.database}, seen {why}.",
                evidence={"why": why},
                remediation=Remediation("command", "See that rman target / works there; then run this section again."),
            )
        ]
    if listed.dbid != dbid:
        return [
            where.finding(
                "other_database",
                Verdict.BLOCKER,
                f"RMAN on {where.station} is connected to the database with DBID {listed.dbid}, not to {where.database} with"
                f" DBID {dbid}: its backups say nothing about this one.",
                evidence={"rman": listed.dbid, "database": dbid},
                remediation=Remediation(
                    "guided", "See which instance ORACLE_SID of the account names, and correct it."
                ),
            )
        ]
    return []


def no_database(where: Where, down: Sequence[str], unread: Mapping[str, str], status: str | None) -> Finding:
    """The instance does not answer as it must for a list of datafiles to be had."""
    if down:
        return where.finding(
            "instance",
            Verdict.BLOCKER,
            f"The instance on {where.station} is not open: expected OPEN or MOUNTED, seen {', '.join(down)}.",
            evidence={"codes": list(down)},
            remediation=Remediation("guided", "See why it is down (a cold backup, or an emergency); have it started."),
        )
    told = "; ".join(f"{name}: {why}" for name, why in sorted(unread.items()))
    return where.finding(
        "unread",
        Verdict.UNKNOWN,
        f"The database on {where.station} (instance {status or 'unknown'}) did not answer everything: {told}.",
        evidence={"unread": dict(unread)},
        remediation=Remediation("command", "See that sqlplus / as sysdba works there; then run this section again."),
    )


def since(sets: Iterable[BackupSet], started: datetime) -> tuple[BackupSet, ...]:
    """Sets of datafiles and control files that were completed since `started`."""
    return tuple(
        one
        for one in sets
        if _counts(one) and one.completed is not None and one.completed >= started.replace(microsecond=0)
    )


def nothing_new(where: Where, sets: Sequence[BackupSet], started: datetime) -> list[Finding]:
    """There is no set since the start: none at all, older ones only, or ones whose date was not understood."""
    undated = [one.key for one in sets if _counts(one) and one.completed is None]
    if undated:
        return [
            where.finding(
                "unread",
                Verdict.UNKNOWN,
                f"RMAN on {where.station} lists sets whose completion time was not understood: {_some(undated)}.",
                evidence={"keys": undated},
                remediation=Remediation("command", "Run this section again; if it stays, report it with RMAN's list."),
            )
        ]
    old = [one for one in sets if _counts(one) and one.completed is not None]
    if not old:
        return [_bad(where, "empty", f"RMAN on {where.station} lists no backup of {where.database} at all.")]
    newest = max(old, key=lambda one: one.completed or started)
    return [_bad(where, "old", f"RMAN on {where.station} lists no backup of {where.database} since {started}: the newest set,"
                 f" {newest.key}, is of {newest.completed}.")]  # fmt: skip


def judge_sets(
    where: Where, sets: Sequence[BackupSet], files: Mapping[int, int], on_tape: bool = False
) -> list[Finding]:
    """Everything that a list and a look at the disk can tell about these sets. Nothing: they seem whole."""
    astray = [one.key for one in sets if one.pieces and one.is_on_tape is not on_tape]
    if astray:
        wanted, seen = ("tape", "disk") if on_tape else ("disk", "tape")
        return [
            _bad(
                where,
                "wrong_device",
                f"Backup sets on {where.station} went to {seen}, expected {wanted}: {_some(astray)}.",
            )
        ]
    return [*judge_pieces(where, sets), *_coverage(where, sets, files)]


def judge_pieces(where: Where, sets: Sequence[BackupSet]) -> list[Finding]:
    """Whether what these sets consist of is there, whatever they hold."""
    return [*_statuses(where, sets), *_sizes(where, sets), *_on_disk(where, sets)]


def judge_validated(where: Where, sets: Sequence[BackupSet], validated: Validated) -> list[Finding]:
    """Whether every piece of these sets, and no other one in its place, was read to its end."""
    keys = [one.key for one in sets]
    if validated.error is None:
        return [
            where.finding(
                "unvalidated",
                Verdict.UNKNOWN,
                f"RMAN on {where.station} did not say whether it could read the sets {_some(keys)}.",
                evidence={"keys": keys},
                remediation=Remediation("command", "Run this section again: it validates them again."),
            )
        ]
    if validated.error:
        return [_bad(where, "unreadable", f"RMAN on {where.station} cannot read the sets {_some(keys)} to their end:"
                     f" {', '.join(validated.codes)}.", validated.codes)]  # fmt: skip
    read = {_name(handle) for handle in validated.handles}
    wrong = [piece.path for one in sets for piece in one.pieces if _name(piece.path) not in read]
    if validated.count < len(sets) and not wrong:
        wrong = [f"{len(sets) - validated.count} of {len(sets)} sets"]
    if wrong:
        return [_bad(where, "wrong_file", f"RMAN on {where.station} read {_some(validated.handles) or 'nothing'}, which is not"
                     f" what the sets {_some(keys)} consist of: not read are {_some(wrong)}.")]  # fmt: skip
    return []


def still_running(where: Where, job: str, seen: str) -> Finding:
    return where.finding(
        "running",
        Verdict.UNKNOWN,
        f"The backup of {where.database} on {where.station} runs as the detached job {job}; its end was not seen: {seen}.",
        evidence={"job": job},
        remediation=Remediation("command", "Run this section again: it finds the job and goes on from there."),
    )


def _statuses(where: Where, sets: Sequence[BackupSet]) -> list[Finding]:
    bad = {one.key: sorted({piece.status for piece in one.pieces}) for one in sets if not one.is_available}
    if not bad:
        return []
    told = ", ".join(f"{key} {' '.join(status) or 'has no piece'}" for key, status in bad.items())
    return [_bad(where, "expired", f"Backup sets on {where.station} are not AVAILABLE: {told}.")]


def _sizes(where: Where, sets: Sequence[BackupSet]) -> list[Finding]:
    empty = [one.key for one in sets if one.bytes == 0]
    unknown = [one.key for one in sets if one.bytes is None]
    found = (
        [_bad(where, "size_zero", f"Backup sets on {where.station} have a size of 0: {_some(empty)}.")] if empty else []
    )
    if unknown:
        found.append(
            _unseen(where, f"The sizes of the backup sets {_some(unknown)} on {where.station} were not understood.")
        )
    return found


def _on_disk(where: Where, sets: Sequence[BackupSet]) -> list[Finding]:
    pieces = [piece for one in sets for piece in one.pieces if not piece.is_on_tape]
    gone = [piece.path for piece in pieces if piece.seen is False]
    unknown = [piece.path for piece in pieces if piece.seen is None]
    empty = [piece.path for piece in pieces if piece.on_disk == 0]
    short = [one for one in sets if (_short_by(one) or 0) > 0 and not empty]
    found = []
    if gone:
        found.append(_bad(where, "piece_missing", f"Pieces that RMAN lists are not on the disk of {where.station}:"
                          f" {_some(gone)}."))  # fmt: skip
    if unknown:
        found.append(
            _unseen(
                where, f"Whether these pieces are on the disk of {where.station} could not be seen: {_some(unknown)}."
            )
        )
    if empty:
        found.append(_bad(where, "size_zero", f"Pieces on the disk of {where.station} have 0 bytes: {_some(empty)}."))
    if short:
        told = ", ".join(f"set {one.key}: {_on_disk_bytes(one)} of {one.bytes} bytes" for one in short)
        found.append(
            _bad(where, "truncated", f"Pieces on the disk of {where.station} are shorter than RMAN says: {told}.")
        )
    return found


def _coverage(where: Where, sets: Sequence[BackupSet], files: Mapping[int, int]) -> list[Finding]:
    whole = {number for one in sets for number in one.files}
    changed = {number for one in sets for number in one.changed_files} - whole
    missing = sorted(set(files) - whole - changed)
    found = []
    if changed:
        found.append(_bad(where, "incremental", f"The backup of {where.database} on {where.station} holds only the changes of the"
                          f" datafiles {_some(sorted(changed))}: it is incremental, not full."))  # fmt: skip
    if missing:
        what = "partial" if whole or changed else "empty"
        found.append(_bad(where, what, f"The backup of {where.database} on {where.station} lacks {len(missing)} of"
                          f" {len(files)} datafiles: {_some(missing)}."))  # fmt: skip
    if not any(one.controlfile for one in sets):
        found.append(_bad(where, "no_control_file", f"No control file is in the backup of {where.database} on"
                          f" {where.station}."))  # fmt: skip
    return found


def _short_by(one: BackupSet) -> float | None:
    """Bytes that the set lacks on disk, beyond rounding; None where that is not known."""
    there = _on_disk_bytes(one)
    return None if one.bytes is None or there is None else one.bytes * (1 - ROUNDING) - HEADER - there


def _on_disk_bytes(one: BackupSet) -> int | None:
    sizes = [piece.on_disk for piece in one.pieces]
    known = [size for size in sizes if size is not None]
    return sum(known) if sizes and len(known) == len(sizes) else None


def _counts(one: BackupSet) -> bool:
    return bool(one.files or one.changed_files or one.controlfile)


def _name(path: str) -> str:
    return path.strip().lower() if path[1:2] == ":" else path.strip()


def _some(things: Collection[object]) -> str:
    shown = [str(thing) for thing in things]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")


def _bad(where: Where, what: str, summary: str, codes: Sequence[str] = ()) -> Finding:
    evidence = {"database": where.database, "codes": list(codes)} if codes else {"database": where.database}
    return where.finding(what, Verdict.BLOCKER, summary, evidence=evidence, remediation=Remediation("command", AGAIN))


def _unseen(where: Where, summary: str) -> Finding:
    return where.finding(
        "unseen",
        Verdict.UNKNOWN,
        summary,
        evidence={"database": where.database},
        remediation=Remediation(
            "command", "See that the account may read the recovery area; then run this section again."
        ),
    )
