# SPDX-License-Identifier: GPL-3.0-or-later
"""What a verified database backup is, on every engine, and whether there is one that is young enough (S30-S33).

The journal says what was proved, and when. Steps that need a backup behind them (S16-S19, S34-S36) ask `verified` and
say the answer with `needed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from ..findings import Finding, Remediation, Verdict
from . import approvals

BACKUP = "database_backup"  # evidence: a backup that was proved
WITHDRAWN = "database_backup_withdrawn"  # evidence: that backup is no longer there, or no longer whole
JOB = "database_backup_job"  # evidence: a detached job that makes one was started
JOB_ENDED = "database_backup_job_ended"  # evidence: what became of that job is certain
CLOCKS = timedelta(minutes=5)  # how far in the future a moment may lie before it counts as nonsense


@dataclass(frozen=True)
class Where:
    """Which database of which station a finding is about. by: the action, first part of the finding's key."""

    section: str
    station: str
    database: str
    by: str = "database_backup"

    def finding(self, what: str, verdict: Verdict, summary: str, **more: Any) -> Finding:
        return Finding(f"{self.by}.{what}", self.section, self.station, verdict, summary, **more)


@dataclass(frozen=True)
class Backup:
    """A backup as it is known to be.

    database: the name that the database gives itself. engine: ``oracle`` or ``sqlserver``. kind: ``full`` only.
    started, finished: UTC, ISO 8601, on the controller's clock. verified: what the proof rests on, one phrase.
    where: paths of the files, or the keys of the backup sets (as text). bytes: of all of it. sha1: of its one file on
    the station, "" where there are several or none was read. identity: what tells this database from another of the
    same name (Oracle: DBID). more: facts of the engine, plain JSON (Oracle: pieces with their sizes).
    """

    station: str
    database: str
    engine: str
    started: str
    finished: str
    verified: str
    where: tuple[str, ...]
    bytes: int
    kind: str = "full"
    sha1: str = ""
    identity: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    def evidence(self) -> dict[str, Any]:
        """The facts to journal as BACKUP."""
        return {**self.__dict__, "where": list(self.where), "more": dict(self.more)}


def from_evidence(facts: Mapping[str, Any]) -> Backup | None:
    """The backup that these journalled facts describe; None where they do not say enough to rely on it."""
    texts = {name: facts.get(name) for name in ("station", "database", "engine", "started", "finished", "verified")}
    if any(not isinstance(text, str) or not text for text in texts.values()):
        return None
    where, size = facts.get("where"), facts.get("bytes")
    where = [where] if isinstance(where, str) else where
    if not isinstance(where, (list, tuple)) or not where or not isinstance(size, int) or isinstance(size, bool):
        return None
    more = facts.get("more")
    return Backup(
        **{name: str(text) for name, text in texts.items()},
        where=tuple(str(part) for part in where),
        bytes=size,
        kind=str(facts.get("kind") or ""),
        sha1=str(facts.get("sha1") or ""),
        identity=str(facts.get("identity") or ""),
        more=more if isinstance(more, Mapping) else {},
    )


@dataclass(frozen=True)
class Standing:
    """backup: the newest one that counts, age_h its age in hours; None: none does, and `reason` says why."""

    backup: Backup | None
    reason: str
    age_h: float | None = None


def verified(
    entries: Iterable[Mapping[str, Any]],
    station: str,
    database: str,
    max_age_h: float,
    now: datetime,
    identity: str | None = None,
) -> Standing:
    """The newest backup of this database that was proved, is full, not withdrawn and at most `max_age_h` hours old.

    entries: the journal's evidence entries, oldest first. now: with its zone. identity: what tells the database from
    another of its name (as `Backup` has it), whose backups do not count; "": it did not say; None: it is not asked here.
    """
    known: list[Backup] = []
    for entry in entries:
        facts = entry.get("facts") or {}
        if facts.get("station") != station or not same_name(facts.get("database"), database):
            continue
        if entry.get("what") == BACKUP and (backup := from_evidence(facts)) is not None:
            known.append(backup)
        elif entry.get("what") == WITHDRAWN:
            gone = {str(part) for part in facts.get("where") or ()}
            known = [backup for backup in known if not gone & set(backup.where)]
    reason = f"the journal knows no verified backup of {database} on {station}"
    for backup in reversed(known):
        refused = another(backup, identity) or unfit(backup, max_age_h, now)
        if not refused:
            age = age_h(backup, now)
            return Standing(backup, f"verified ({backup.verified}), {age:.1f} h old", age)
        reason = refused if backup is known[-1] else reason
    return Standing(None, reason)


def another(backup: Backup, identity: str | None) -> str:
    """Why it is of another database of the same name, or may be; "" when it is not, has no identity, or was not asked."""
    if not backup.identity or identity is None or backup.identity.casefold() == identity.casefold():
        return ""
    this = f"this is {identity}" if identity else "this one did not say which it is"
    return f"the last verified backup is of {backup.database} {backup.identity}, and {this}"


def unfit(backup: Backup, max_age_h: float, now: datetime) -> str:
    """Why this backup does not count; "" when it does."""
    if backup.kind != "full":
        return f"the last backup of {backup.database} is of kind {backup.kind or 'unknown'}, not full"
    if backup.bytes <= 0:
        return f"the last backup of {backup.database} has {backup.bytes} bytes"
    age = age_h(backup, now)
    if age is None:
        return f"the end of the last backup of {backup.database} is no moment in the past: {backup.finished}"
    if age > max_age_h:
        return f"the last verified backup of {backup.database} is {age:.1f} h old, at most {max_age_h:g} h count"
    return ""


def age_h(backup: Backup, now: datetime) -> float | None:
    """Hours since the backup's end; None where that is unreadable or in the future."""
    finished = moment(backup.finished)
    if finished is None or finished - now > CLOCKS:
        return None
    return max(0.0, (now - finished).total_seconds() / 3600)


def moment(text: str) -> datetime | None:
    """An ISO 8601 moment, in UTC where it names no zone."""
    try:
        read = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=timezone.utc)


def same_name(one: Any, other: Any) -> bool:
    """Names of databases, as both engines compare them."""
    return isinstance(one, str) and isinstance(other, str) and one.casefold() == other.casefold()


def open_job(
    entries: Iterable[Mapping[str, Any]], station: str, database: str | None, engine: str
) -> Mapping[str, Any] | None:
    """The facts of a backup job that was started and whose end nobody has seen; the newest one. database None: of
    whichever database, for a station that has one and whose name is not known while it is down."""
    found: Mapping[str, Any] | None = None
    for entry in entries:
        facts = entry.get("facts") or {}
        mine = facts.get("station") == station and facts.get("engine") == engine
        if not mine or not (database is None or same_name(facts.get("database"), database)):
            continue
        if entry.get("what") == JOB:
            found = facts
        elif entry.get("what") == JOB_ENDED and found and facts.get("job") == found.get("job"):
            found = None
    return found


def seconds_before(entries: Iterable[Mapping[str, Any]], station: str, database: str) -> float | None:
    """How long the last backup of this database took; None: not known."""
    took: float | None = None
    for entry in entries:
        backup = from_evidence(entry.get("facts") or {}) if entry.get("what") == BACKUP else None
        if backup and backup.station == station and same_name(backup.database, database):
            started, finished = moment(backup.started), moment(backup.finished)
            took = (finished - started).total_seconds() if started and finished and finished > started else took
    return took


# What is said


def needed(where: Where, standing: Standing) -> Finding:
    """For a step that must not begin without a verified backup: key ``BY.backup``."""
    if standing.backup is not None:
        return where.finding(
            "backup",
            Verdict.OK,
            f"A backup of {where.database} on {where.station} is {standing.reason}.",
            evidence=standing.backup.evidence(),
        )
    return where.finding(
        "backup",
        Verdict.BLOCKER,
        f"No backup stands behind this step on {where.station}: {standing.reason}.",
        evidence={"database": where.database, "reason": standing.reason},
        remediation=Remediation("automatic", "Run the backup of this database (S30 to S33), then this section again."),
    )


def still_good(where: Where, backup: Backup, age: float) -> Finding:
    """The journal's backup is young enough and what it consists of is still there."""
    return where.finding(
        "verified",
        Verdict.OK,
        f"{backup.database} on {where.station} has a verified full backup, {age:.1f} h old: {_what(backup)}, still there.",
        evidence=backup.evidence(),
    )


def of_another(where: Where, backup: Backup, identity: str) -> Finding | None:
    """None: it is of the database that answers now."""
    told = another(backup, identity)
    if not told:
        return None
    return where.finding(
        "gone",
        Verdict.BLOCKER,
        f"{where.database} on {where.station}: {told}.",
        evidence={"backup": backup.identity, "database": identity},
        remediation=Remediation("automatic", "Run this section: it makes a new backup."),
    )


def made(where: Where, backup: Backup, resumed: bool = False) -> Finding:
    how = "An earlier run's backup" if resumed else "A full backup"
    return where.finding(
        "verified",
        Verdict.CHANGED,
        f"{how} of {backup.database} on {where.station} is done and verified: {_what(backup)}.",
        evidence=backup.evidence(),
    )


def adopted(where: Where, backup: Backup, age: float) -> Finding:
    """A backup that the site made itself and that could be proved."""
    return where.finding(
        "verified",
        Verdict.OK,
        f"The site's own full backup of {backup.database} on {where.station}, {age:.1f} h old, is verified: {_what(backup)}.",
        evidence=backup.evidence(),
    )


def would_back_up(where: Where, how: str, reason: str) -> Finding:
    return where.finding(
        "verified",
        Verdict.ATTENTION,
        f"{where.database} on {where.station} would be backed up by {how}, because {reason}.",
        evidence={"database": where.database, "reason": reason},
        would=True,
    )


def consent_awaited(
    where: Where, what: str, sentence: str, evidence: Mapping[str, Any], risks: Iterable[str], reason: str
) -> Finding:
    """The backup would start now; what a person has to agree to, and what to type for it."""
    finding = where.finding(
        what, Verdict.ATTENTION, f"{sentence} That awaits an approval: {reason}.", evidence=evidence
    )
    return approvals.awaited(finding, risks)


def put_off(where: Where, reason: str) -> Finding:
    return where.finding(
        "window",
        Verdict.ATTENTION,
        f"The backup of {where.database} on {where.station} was not started: {reason}.",
        evidence={"reason": reason},
        remediation=Remediation("command", "Run this section again inside the window."),
    )


def _what(backup: Backup) -> str:
    named = ", ".join(backup.where[:3]) + (f" and {len(backup.where) - 3} more" if len(backup.where) > 3 else "")
    kind = "backup sets" if backup.engine == "oracle" else "in"
    return f"{kind} {named}, {backup.bytes} bytes ({backup.verified})"
