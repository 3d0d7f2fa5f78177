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


def rows_agree(
    where: Where, exported: int | None, counted: int | None, later: int | None, program: str
) -> Finding | None:
    """None when the export holds what was counted in the same view; else why not.

    later: None when exported and counted are one view (an SCN, a key range); else a count taken after the export, and
    the export may lie anywhere between the two.
    """
    if exported is None or counted is None:
        return where.finding(
            "export",
            Verdict.UNKNOWN,
            f"{program} on {where.station} did not say how many rows of {where.table} it exported"
            if exported is None
            else f"the rows of {where.table} on {where.station} could not be counted for comparison",
            evidence={"exported": exported, "counted": counted},
            remediation=Remediation("command", "Read the program's log in the journal, then run this section again."),
        )
    if counted <= exported <= (counted if later is None else later):
        return None
    return where.finding(
        "export",
        Verdict.BLOCKER,
        f"{program} on {where.station} exported {exported} rows of {where.table}, expected {counted}"
        + ("" if later is None else f" to {later}")
        + ". The table is untouched.",
        evidence={"exported": exported, "counted": counted, "later": later},
        remediation=Remediation(
            "command", "Look for the reason in the program's log; run this section again for a new export."
        ),
    )


def approval_awaited(
    where: Where, export: Exported, reason: str, risks: tuple[str, ...], site_folder: str = "DIR"
) -> Finding:
    """The step would truncate now; what it would destroy, and what to type so that it may."""
    finding = where.finding(
        "truncate",
        Verdict.ATTENTION,
        f"{export.rows} rows of {where.table} on {where.station} are saved in {export.file} ({export.bytes} bytes) and"
        f" verified ({export.how}). Truncating awaits an approval: {reason}.",
        evidence=export.evidence(),
    )
    allow = " ".join(f"--allow {risk}" for risk in risks)
    text = (
        f"impax-prepare approve {site_folder} {finding.key} --station {where.station} --evidence {finding.evidence_hash}"
        f" --by NAME {allow}"
    )
    return Finding(**{**finding.__dict__, "remediation": Remediation("command", text.strip())})


def emptied(where: Where, export: Exported, *, since: int, by: str, resumed: bool = False) -> Finding:
    """The table was truncated and the copy is still whole. since: rows that are in the table now."""
    how = "was truncated by an earlier run, which is now proved" if resumed else "was truncated"
    return where.finding(
        "truncate",
        Verdict.CHANGED,
        f"{where.table} on {where.station} {how}: {export.rows} rows saved in {export.file}, {since} rows since. Approved"
        f" by {by}.",
        evidence={**export.evidence(), "rows_since": since, "approved_by": by},
    )


def still_done(
    where: Where, export: Exported, *, since: int, limit: int, age_s: float, best_before_s: float
) -> Finding | None:
    """OK while the truncate is recent and few rows came since; None when it is due again."""
    if age_s > best_before_s or since > limit:
        return None
    return where.finding(
        "truncate",
        Verdict.OK,
        f"{where.table} on {where.station} was emptied {int(age_s // 3600)} h ago, {since} rows since; {export.rows} rows"
        f" are saved in {export.file}, still whole.",
        evidence={**export.evidence(), "rows_since": since},
    )


def nothing_to_save(where: Where, seen: Measured) -> Finding:
    return where.finding(
        "truncate", Verdict.OK, f"{where.table} of {seen.database} on {where.station} is empty.", evidence=seen.shown()
    )


def copy_is_whole(where: Where, export: Exported, size: int | None, sha1: str | None) -> Finding | None:
    """None while the export's file is what was verified; else a blocker or, when it could not be read, unknown."""
    if (size, sha1) == (export.bytes, export.sha1):
        return None
    unread = size is None or sha1 is None
    return where.finding(
        "copy",
        Verdict.UNKNOWN if unread else Verdict.BLOCKER,
        f"{export.file} on {where.station} "
        + ("could not be read again" if unread else f"has changed: {size} bytes, SHA-1 {sha1}")
        + f"; expected {export.bytes} bytes, SHA-1 {export.sha1}.",
        evidence={**export.evidence(), "bytes_now": size, "sha1_now": sha1},
        remediation=Remediation("command", "Find out who touched the file; the journal names the verified copy."),
    )


def truncate_uncertain(where: Where, export: Exported, now: Measured) -> Finding:
    return where.finding(
        "truncate",
        Verdict.UNKNOWN,
        f"A truncate of {where.table} on {where.station} was begun and its end not seen. {now.rows} rows are there now"
        f" ({now.least} to {now.greatest}), {export.rows} were exported ({export.least} to {export.greatest}): these numbers"
        " do not tell whether it happened. Nothing more was done.",
        evidence={**now.shown(), "export": export.evidence()},
        remediation=Remediation("guided", f"Compare the table with {export.file} and note by attest what you found."),
    )


def keeps_growing(where: Where, export: Exported, times: int) -> Finding:
    return where.finding(
        "truncate",
        Verdict.ATTENTION,
        f"{where.table} on {where.station} keeps growing: rows arrived after each of {times} exports, the last of"
        f" {export.rows} rows. Nothing was truncated.",
        evidence=export.evidence(),
        remediation=Remediation(
            "guided", "Run this section in a quiet hour, or have what writes to the table stopped."
        ),
    )


def table_busy(where: Where, export: Exported, seen: str, waited_s: int) -> Finding:
    return where.finding(
        "truncate",
        Verdict.ATTENTION,
        f"{where.table} on {where.station} was in use for {waited_s} s: {seen}. Rolled back, nothing was truncated.",
        evidence={**export.evidence(), "seen": seen},
        remediation=Remediation(
            "command", "Try again in a window; the export stays valid while the table does not change."
        ),
    )


def truncate_unseen(where: Where, export: Exported, why: str) -> Finding:
    return where.finding(
        "truncate",
        Verdict.UNKNOWN,
        f"The truncate of {where.table} on {where.station} was sent and its end not seen: {why}. The copy in {export.file} is"
        " verified.",
        evidence=export.evidence(),
        remediation=Remediation("command", "Run this section again: it looks at the table and goes on from there."),
    )


def writers_not_stopped(where: Where, export_rows: int, now: int | None, locks: int | None) -> Finding:
    return where.finding(
        "writers",
        Verdict.UNKNOWN if now is None or locks is None else Verdict.BLOCKER,
        f"The approval says that the writers are stopped, but {where.table} on {where.station} holds {now} rows (exported:"
        f" {export_rows}) and {locks} sessions have a lock on it. Nothing was truncated.",
        evidence={"rows": now, "exported": export_rows, "locks": locks},
        remediation=Remediation("guided", "Stop what writes to the table, or approve with accept_window."),
    )


def file_exists(where: Where, path: str) -> Finding:
    return where.finding(
        "export",
        Verdict.BLOCKER,
        f"{path} on {where.station} exists already: an export never overwrites a file. Nothing was exported.",
        evidence={"file": path},
        remediation=Remediation("command", "Name another file, or leave the name out."),
    )


def file_unread(where: Where, path: str, size: int | None) -> Finding:
    return where.finding(
        "copy",
        Verdict.UNKNOWN,
        f"{path} on {where.station} was exported, but its size ({size}) and SHA-1 could not both be read. The table is untouched.",
        evidence={"file": path, "bytes": size},
        remediation=Remediation("command", "Look at the file and its disk, then run this section again."),
    )


def export_failed(
    where: Where,
    path: str,
    exit_code: int | None,
    success: bool | None,
    removed: bool,
    rows: int | None,
    codes: tuple[str, ...],
    job: str,
) -> Finding:
    """success None: the program's words could not be read, which is no proof either way. job: the detached job's state."""
    heard = "did not say in a way that can be read that it was done" if success is None else "was not done"
    return where.finding(
        "export",
        Verdict.UNKNOWN if success is None else Verdict.BLOCKER,
        f"The export of {where.table} on {where.station} {heard}: expected the table's rows and a closing, seen"
        f" {'no number of rows' if rows is None else f'{rows} rows'}, {', '.join(codes) or 'no code'}, exit code {exit_code} (job {job})."
        f" Its file {path} {'was removed' if removed else 'was left'}; the table is untouched.",
        evidence={"file": path, "exit_code": exit_code, "rows": rows, "codes": list(codes), "job": job},
        remediation=Remediation(
            "command", "Mend what the codes say (disk, account, table), then run this section again."
        ),
    )


def dump_not_whole(where: Where, path: str, whole: bool | None, codes: tuple[str, ...]) -> Finding:
    said = "says that it is broken" if whole is False else "did not say that it is whole"
    return where.finding(
        "verify",
        Verdict.BLOCKER if whole is False else Verdict.UNKNOWN,
        f"imp show=y on {where.station} read {path} and {said} ({', '.join(codes) or 'no code'}). The table is untouched.",
        evidence={"file": path, "codes": list(codes)},
        remediation=Remediation("command", "Run this section again for a new export; keep this file for a look at it."),
    )


def truncate_refused(where: Where, export: Exported, codes: str) -> Finding:
    return where.finding(
        "truncate",
        Verdict.BLOCKER,
        f"The database on {where.station} refused to truncate {where.table}: {codes}. Every row is still there.",
        evidence={**export.evidence(), "codes": codes},
        remediation=Remediation("command", "Look the code up, mend its cause, then run this section again."),
    )


def left_unread(where: Where) -> Finding:
    return where.finding(
        "truncate",
        Verdict.UNKNOWN,
        f"{where.table} on {where.station} was truncated, but what is in it now could not be counted.",
        remediation=Remediation("command", "Run this section again: it looks at the table and goes on from there."),
    )


def no_password(where: Where, account: str) -> Finding:
    return where.finding(
        "password",
        Verdict.UNKNOWN,
        f"The password of {account} could not be had from passkey on {where.station}. Nothing was changed.",
        remediation=Remediation(
            "command", "Run the vendor's passkey there by hand, or give impax_sa_password from a vault."
        ),
    )


def no_verify_instance(where: Where) -> Finding:
    return where.finding(
        "verify_instance",
        Verdict.ATTENTION,
        f"The copy of {where.table} on {where.station} cannot be proved: no instance is named to load it into. Nothing was exported.",
        remediation=Remediation(
            "command",
            "Name another SQL Server in impax_verify_instance (station, server, folder); or, with approval and twice the"
            " table's room on a disk without production files, the production instance itself.",
        ),
    )


def copy_not_carried(where: Where, why: str) -> Finding:
    return where.finding(
        "copy",
        Verdict.UNKNOWN,
        f"The export of {where.table} on {where.station} could not be carried to where it is proved: {why}. The table is untouched.",
        evidence={"why": why},
        remediation=Remediation("command", "Make room or mend the way, then run this section again."),
    )


def copy_not_loaded(
    where: Where, verifier: str, exported: int, loaded: int | None, errors: tuple[tuple[str, int], ...]
) -> Finding:
    codes = ", ".join(f"{state}/{native}" for state, native in errors) or "no code"
    return where.finding(
        "verify",
        Verdict.UNKNOWN if loaded is None and not errors else Verdict.BLOCKER,
        f"bcp on {verifier} loaded {'an unknown number of' if loaded is None else loaded} rows of the copy of {where.table},"
        f" expected {exported} ({codes}). The table is untouched.",
        evidence={"exported": exported, "loaded": loaded, "codes": codes},
        remediation=Remediation("command", "Run this section again for a new export; keep this file for a look at it."),
    )


def copy_differs(where: Where, path: str, differing: list[str], source: Any, copy: Any, exported: int) -> Finding:
    """source, copy: the figures of both sides (counts and checksums, no content)."""
    unread = any(part is None for side in (source, copy) for part in (side.rows, side.whole, side.columns))
    return where.finding(
        "verify",
        Verdict.UNKNOWN if unread else Verdict.BLOCKER,
        f"The copy of {where.table} in {path} "
        + ("could not be compared with the table" if unread else "is not the table")
        + f": {', '.join(differing)} differ ({source.rows} rows there, {copy.rows} loaded, {exported} exported). The table is untouched.",
        evidence={"file": path, "table": _figures(source), "copy": _figures(copy)},
        remediation=Remediation(
            "command",
            "Characters that the code page lacks are lost by bcp -c; rows that changed meanwhile differ too. Run it again in a"
            " quiet hour; if it stays, export in Unicode.",
        ),
    )


def _figures(side: Any) -> dict[str, Any]:
    return {"rows": side.rows, "whole": side.whole and list(side.whole), "columns": side.columns and list(side.columns)}


def not_prepared(where: Where, verifier: str, what: str, seen: str) -> Finding:
    return where.finding(
        "verify",
        Verdict.UNKNOWN,
        f"{what} could not be made on {verifier}: {seen}. The table on {where.station} is untouched.",
        evidence={"seen": seen},
        remediation=Remediation(
            "command", f"See that the account may create databases on {verifier} and that its disk has room."
        ),
    )


def saved(where: Where, export: Exported, changed: bool) -> Finding:
    return where.finding(
        "export",
        Verdict.CHANGED if changed else Verdict.OK,
        f"{export.rows} rows of {where.table} on {where.station} are saved in {export.file} ({export.bytes} bytes) and proved:"
        f" {export.how}.",
        evidence=export.evidence(),
    )


def would_export(where: Where, seen: Measured) -> Finding:
    return where.finding(
        "export",
        Verdict.ATTENTION,
        f"{seen.rows} rows of {where.table} on {where.station} would be exported and the file proved.",
        evidence=seen.shown(),
        would=True,
    )
