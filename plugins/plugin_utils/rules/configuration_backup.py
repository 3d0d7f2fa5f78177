# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an Application Server's configuration is saved (S28): before the program runs, what it left, what stands of it.

A backup is known by the folder that was not there before, never by its name or by what the program says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..findings import Finding, Remediation, Verdict, evidence_hash
from .backup import moment

KEY = "configuration_backup"
BACKUP = "configuration_backup"  # evidence: a backup that was proved, its doubts named
BEGUN = "configuration_backup_begun"  # evidence: the program is about to run
ENDED = "configuration_backup_ended"  # evidence: that run is over and made no backup, or never began
WITHDRAWN = "configuration_backup_withdrawn"  # evidence: that backup is no longer there, or no longer whole
SHOWN = 5
AGAIN = "Then run this section again."


@dataclass(frozen=True)
class File:
    """path: below the backup's folder. sha1: None where it was not had."""

    path: str
    bytes: int
    sha1: str | None = None


@dataclass(frozen=True)
class Backup:
    """A backup of the journal. folder: its whole path. at: UTC, ISO 8601, of the controller. doubts: why it needs attention."""

    folder: str
    at: str
    files: tuple[File, ...]
    doubts: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    def facts(self) -> list[dict[str, Any]]:
        return [{"path": file.path, "bytes": file.bytes, "sha1": file.sha1} for file in self.files]

    def copy_folder(self) -> str:
        """A name for its copy that no other backup has: folders of a station whose clock is set back come again."""
        return f"configuration/{name_of(self.folder)}-{evidence_hash({'files': self.facts()})[:12]}"


@dataclass(frozen=True)
class Past:
    """What the journal knows. last: the newest backup that stands. good: the newest without doubts, to compare with.

    open_at: when a program was begun whose end was never seen; "" for none. known: every folder that it vouches for.
    """

    last: Backup | None = None
    good: Backup | None = None
    open_at: str = ""
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class Where:
    section: str
    station: str
    folder: str

    def finding(self, what: str, verdict: Verdict, summary: str, **more: Any) -> Finding:
        return Finding(f"{KEY}.{what}", self.section, self.station, verdict, summary, **more)


# The journal


def past(entries: Iterable[Mapping[str, Any]], station: str, folder: str) -> Past:
    """entries: the journal's evidence, oldest first."""
    last: Backup | None = None
    good: Backup | None = None
    open_at, known = "", list[str]()
    for entry in entries:
        facts = entry.get("facts") or {}
        if facts.get("station") != station or not same(str(facts.get("below", "")), folder):
            continue
        what = entry.get("what")
        if what == BEGUN:
            open_at = str(entry.get("at", ""))
        elif what == ENDED:
            open_at = ""
        elif what == WITHDRAWN:
            last, known = None, [name for name in known if not same(name, name_of(str(facts.get("folder", ""))))]
        elif what == BACKUP and (one := _noted(entry)):
            last, open_at, known = one, "", [*known, name_of(one.folder)]
            good = good if one.doubts else one
    return Past(last, good, open_at, tuple(known))


def without_last(known: Past) -> Past:
    """After the last one was found to be no longer whole."""
    gone = name_of(known.last.folder) if known.last else ""
    return replace(known, last=None, known=tuple(name for name in known.known if not same(name, gone)))


def _noted(entry: Mapping[str, Any]) -> Backup | None:
    """None where it does not say enough to rely on it."""
    facts = entry["facts"]
    files = tuple(File(str(one.get("path")), one.get("bytes"), one.get("sha1")) for one in facts.get("files") or ())
    sound = files and all(_number(file.bytes) and file.bytes > 0 and file.sha1 for file in files)
    if not sound or not facts.get("folder") or moment(facts.get("finished")) is None:
        return None
    return Backup(str(facts["folder"]), str(facts["finished"]), files, tuple(facts.get("doubts") or ()))


def evidence(where: Where, made: Backup, program: str) -> dict[str, Any]:
    """The facts to journal as BACKUP."""
    return {
        "station": where.station,
        "below": where.folder,
        "folder": made.folder,
        "program": program,
        "finished": made.at,
        "bytes": made.bytes,
        "count": len(made.files),
        "files": made.facts(),
        "doubts": list(made.doubts),
    }


def age_h(backup: Backup | None, now: datetime) -> float | None:
    """Hours; None where there is none, or it lies in the future."""
    at = moment(backup.at) if backup else None
    if at is None:
        return None
    hours = (now - at).total_seconds() / 3600
    return hours if hours >= 0 else None


def young(backup: Backup | None, now: datetime, max_age_h: float) -> bool:
    age = age_h(backup, now)
    return age is not None and age <= max_age_h


# What stands of the last one


def differences(noted: Sequence[File], seen: Sequence[File] | None) -> list[str] | None:
    """What is no longer as it was noted, a phrase each; None: not told. A file more is none of ours."""
    if seen is None:
        return None
    there = {file.path.lower(): file for file in seen}
    told: list[str] = []
    for file in noted:
        now = there.get(file.path.lower())
        if now is None:
            told.append(f"{file.path} is gone")
        elif now.bytes != file.bytes:
            told.append(f"{file.path} has {now.bytes} bytes, it had {file.bytes}")
        elif now.sha1 is None:
            return None
        elif now.sha1 != file.sha1:
            told.append(f"{file.path} has another SHA-1")
    return told


def standing(where: Where, last: Backup, age: float, wrong: Sequence[str] | None) -> Finding:
    """One finding on the last backup: still whole, no longer so, or not told."""
    facts = {"folder": last.folder, "count": len(last.files), "bytes": last.bytes, "finished": last.at}
    if wrong is None:
        return where.finding(
            "whole",
            Verdict.UNKNOWN,
            f"Whether the {len(last.files)} files of {last.folder} on {where.station} are as they were saved {age:.1f} h ago"
            " was not told.",
            evidence=facts,
            remediation=Remediation("command", f"See why files there cannot be looked at. {AGAIN}"),
        )
    if wrong:
        return where.finding(
            "whole",
            Verdict.OK,
            f"{last.folder} on {where.station} counts no more, a new backup is due: {some(wrong)}.",
            evidence={**facts, "wrong": list(wrong)},
        )
    text = (
        f"The configuration of {where.station} was saved {age:.1f} h ago to {last.folder}: {len(last.files)} files with"
        f" {last.bytes} bytes, still with the sizes and SHA-1 of then."
    )
    if not last.doubts:
        return where.finding("folder", Verdict.OK, text, evidence=facts)
    return _doubted(where, f"{text} But {some(last.doubts)}.", {**facts, "doubts": list(last.doubts)})


def _doubted(where: Where, text: str, facts: Mapping[str, Any]) -> Finding:
    return where.finding(
        "folder",
        Verdict.ATTENTION,
        text,
        evidence=facts,
        remediation=Remediation(
            "guided",
            f"Compare the folder with the earlier one; waive {KEY}.folder where what is missing is meant to be.",
        ),
    )


def unvouched(where: Where, known: Past, there: Sequence[str] | None) -> Finding | None:
    """Folders that nobody vouches for: of other hands, or of a program whose end was not seen. They do not count."""
    strange = [name for name in there or () if not any(same(name, one) for one in known.known)]
    if not strange and not known.open_at:
        return None
    told = f"{where.folder} on {where.station} has {len(strange)} folders that this journal does not vouch for"
    told += f" ({some(strange)}); they do not count" if strange else ""
    told += f"; a backup was begun at {known.open_at} and its end was not seen" if known.open_at else ""
    return where.finding("unvouched", Verdict.OK, f"{told}.", evidence={"folders": strange, "open": known.open_at})


# Made, and off the station


def saved(where: Where, made: Backup, prompted: bool) -> Finding:
    facts = {"folder": made.folder, "count": len(made.files), "bytes": made.bytes, "finished": made.at}
    text = (
        f"The configuration of {where.station} is saved to {made.folder}: {len(made.files)} files with {made.bytes} bytes, none"
        f" empty, each with its SHA-1.{' The program asked for a key and went on without one.' if prompted else ''}"
    )
    if not made.doubts:
        return where.finding("folder", Verdict.CHANGED, text, evidence=facts)
    return _doubted(where, f"{text} But {some(made.doubts)}.", {**facts, "doubts": list(made.doubts)})


def carried(where: Where, made: Backup, place: str) -> Finding:
    return where.finding(
        "copy",
        Verdict.OK,
        f"The {len(made.files)} files of {made.folder} of {where.station} are copied to {place} on the controller and have the"
        " same sizes and SHA-1. They may hold passwords and names.",
        evidence={"folder": made.folder, "copy": place, "count": len(made.files)},
    )


def not_carried(where: Where, made: Backup, why: str) -> Finding:
    return where.finding(
        "copy",
        Verdict.ATTENTION,
        f"{made.folder} lies on {where.station} only: not all of it could be carried off: {why}.",
        evidence={"folder": made.folder},
        remediation=Remediation(
            "guided", f"Copy {made.folder} off {where.station} by hand, or mend what is named. {AGAIN}"
        ),
    )


def stays(where: Where, made: Backup) -> Finding:
    return where.finding(
        "copy",
        Verdict.ATTENTION,
        f"{made.folder} lies on {where.station} only, on the machine whose configuration it is to save.",
        evidence={"folder": made.folder},
        remediation=Remediation(
            "guided", f"Copy {made.folder} off {where.station}, or set impax_configuration_carry_off: true."
        ),
    )


# Phrases


def some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


def name_of(path: str) -> str:
    return path.rstrip("\\").rpartition("\\")[2]


def same(one: str, other: str) -> bool:
    return one.rstrip("\\").lower() == other.rstrip("\\").lower()


def _number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
