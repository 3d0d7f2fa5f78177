# SPDX-License-Identifier: GPL-3.0-or-later
"""When may the audit table be saved, when is its copy proved, when is it emptied (S34, S35, S36).

The vendor text measures the table, exports it, and truncates it without having looked at the export. The judgements
here stand between the two: every one of them needs a number that was read, and a number that was not read is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..findings import Finding, Remediation, Verdict


@dataclass(frozen=True)
class Where:
    """Which table of which station a finding is about. by: the action, first part of the finding's key."""

    section: str
    station: str
    site: str
    table: str
    by: str = "audit_table"

    def finding(self, what: str, verdict: Verdict, summary: str, **more: Any) -> Finding:
        return Finding(f"{self.by}.{self.table}.{what}", self.section, self.station, verdict, summary, **more)


@dataclass(frozen=True)
class Measured:
    """What was read about the table before anything is done. None: it was asked for and not answered.

    database: name and number the database gives itself, e.g. ``MVF 1234567``. size_kb and free_kb: kilobytes of 1024.
    key, least, greatest: the numeric key column and its range; key "" where the table has none.
    unread: fact -> why it could not be read.
    """

    database: str | None = None
    rows: int | None = None
    size_kb: int | None = None
    free_kb: int | None = None
    null_user_id: int | None = None
    key: str = ""
    least: int | None = None
    greatest: int | None = None
    referenced_by: tuple[str, ...] | None = None
    unread: Mapping[str, str] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        return {
            "database": self.database,
            "rows": self.rows,
            "size_kb": self.size_kb,
            "free_kb": self.free_kb,
            "null_user_id": self.null_user_id,
            "key": self.key,
            "least": self.least,
            "greatest": self.greatest,
        }


@dataclass(frozen=True)
class Exported:
    """An export as it is known to be. how: what the proof rests on, one phrase. sha1: of the file on its station.

    rows: rows in the file by the exporting program's own total. scn: Oracle's system change number, or None.
    """

    site: str
    station: str
    database: str
    table: str
    file: str
    rows: int
    bytes: int
    sha1: str
    how: str
    key: str = ""
    least: int | None = None
    greatest: int | None = None
    scn: int | None = None

    def evidence(self) -> dict[str, Any]:
        """What an approval is bound to: this very file, never the table's live count."""
        return dict(self.__dict__)

    def contains(self, older: Mapping[str, Any]) -> bool:
        """Whether this export of the same table holds every row that an older one holds."""
        same = all(older.get(name) == getattr(self, name) for name in ("site", "station", "database", "table", "key"))
        if not same or not isinstance(older.get("rows"), int) or older["rows"] > self.rows:
            return False
        if not self.key:
            return older["rows"] == self.rows and older.get("sha1") == self.sha1
        return (
            older.get("least") == self.least
            and older.get("greatest") is not None
            and older["greatest"] <= (self.greatest or 0)
        )


def exported_from(evidence: Mapping[str, Any]) -> Exported:
    """The export that `Exported.evidence` described. Raises TypeError where it is none."""
    return Exported(**{name: evidence[name] for name in Exported.__dataclass_fields__ if name in evidence})


def before_export(
    where: Where, seen: Measured, *, folder: str, margin_percent: int, nulls_waived: bool, emptied_later: bool = True
) -> list[Finding]:
    """Everything that must be good before a byte is written. The worst verdict decides.

    emptied_later: the table is to be truncated; else nulls and references stand in nobody's way.
    """
    return [
        _readable(where, seen),
        *(_nulls(where, seen, nulls_waived) if emptied_later else []),
        *(_references(where, seen) if emptied_later else []),
        *_room(where, seen, folder, margin_percent),
    ]


def _readable(where: Where, seen: Measured) -> Finding:
    if seen.unread:
        what = "; ".join(f"{fact}: {why}" for fact, why in seen.unread.items())
        return where.finding(
            "measure",
            Verdict.UNKNOWN,
            f"{where.table} on {where.station} could not be measured: {what}. Nothing was changed.",
            evidence=seen.shown(),
            remediation=Remediation("command", "Mend what is named, then run this section again."),
        )
    if seen.rows and seen.size_kb is None:
        return where.finding(
            "measure",
            Verdict.UNKNOWN,
            f"{where.table} on {where.station} has {seen.rows} rows but the size query answered nothing (expected a"
            " number of kB). Nothing was changed.",
            evidence=seen.shown(),
            remediation=Remediation("command", f"Look whether {where.table} belongs to the account that was asked."),
        )
    return where.finding(
        "measure",
        Verdict.OK,
        f"{where.table} of {seen.database} holds {seen.rows} rows in {seen.size_kb or 0} kB.",
        evidence=seen.shown(),
    )


def _nulls(where: Where, seen: Measured, waived: bool) -> list[Finding]:
    if not seen.null_user_id:
        return []
    return [
        where.finding(
            "null_user_id",
            Verdict.WAIVED if waived else Verdict.BLOCKER,
            f"{seen.null_user_id} rows of {where.table} on {where.station} have no user_id; truncating would erase the"
            " evidence of that.",
            evidence={"null_user_id": seen.null_user_id},
            remediation=Remediation(
                "vendor", "Ask the vendor's support what these rows mean; then waive this finding."
            ),
        )
    ]


def _references(where: Where, seen: Measured) -> list[Finding]:
    if not seen.referenced_by:
        return []
    return [
        where.finding(
            "referenced",
            Verdict.BLOCKER,
            f"{', '.join(seen.referenced_by)} refers to {where.table} on {where.station}: the database will refuse the"
            " truncate. Nothing was exported.",
            evidence={"referenced_by": list(seen.referenced_by)},
            remediation=Remediation("vendor", "A site's own foreign key: ask its owner and the vendor's support."),
        )
    ]


def _room(where: Where, seen: Measured, folder: str, margin_percent: int) -> list[Finding]:
    if not seen.rows or seen.size_kb is None:
        return []
    needed = seen.size_kb * (100 + margin_percent) // 100
    evidence = {"needed_kb": needed, "free_kb": seen.free_kb, "folder": folder, "margin_percent": margin_percent}
    if seen.free_kb is None or seen.free_kb < needed:
        verdict = Verdict.UNKNOWN if seen.free_kb is None else Verdict.BLOCKER
        free = "an unknown number of" if seen.free_kb is None else str(seen.free_kb)
        return [
            where.finding(
                "room",
                verdict,
                f"{folder} on {where.station} has {free} kB free, {needed} kB are needed for the copy of {where.table}"
                f" (its size and {margin_percent} %). Nothing was exported.",
                evidence=evidence,
                remediation=Remediation("command", "Free room there or set impax_audit_folder to another disk."),
            )
        ]
    return [
        where.finding(
            "room", Verdict.OK, f"{folder} has {seen.free_kb} kB free, {needed} kB are needed.", evidence=evidence
        )
    ]


def nothing_to_save(where: Where, seen: Measured) -> Finding:
    return where.finding(
        "truncate", Verdict.OK, f"{where.table} of {seen.database} on {where.station} is empty.", evidence=seen.shown()
    )
