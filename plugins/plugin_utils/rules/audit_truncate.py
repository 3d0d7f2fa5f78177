# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of the truncate: awaited, done, refused, or not seen (S34, S35, S36)."""

from __future__ import annotations

from ..findings import Finding, Remediation, Verdict
from . import approvals
from . import backup as backups
from .audit import Exported, Measured, Where


def approval_awaited(
    where: Where,
    export: Exported,
    reason: str,
    risks: tuple[str, ...],
    site_folder: str = "DIR",
    backup: backups.Standing | None = None,
) -> Finding:
    """The step would truncate now; what it would destroy, and what to type so that it may."""
    behind = "" if backup is None or backup.backup else f" No backup stands behind it: {backup.reason}."
    finding = where.finding(
        "truncate",
        Verdict.ATTENTION,
        f"{export.rows} rows of {where.table} on {where.station} are saved in {export.file} ({export.bytes} bytes) and"
        f" verified ({export.how}). Truncating awaits an approval: {reason}.{behind}",
        evidence=export.evidence(),
    )
    return approvals.awaited(finding, risks, site_folder)


def backup_stands(where: Where, standing: backups.Standing) -> list[Finding]:
    """The verified backup behind the truncate; nothing where there is none, which the approval has to accept."""
    if standing.backup is None:
        return []
    text = f"A backup of the database of {where.table} on {where.station} is {standing.reason}."
    return [where.finding("backup", Verdict.OK, text, evidence=standing.backup.evidence())]


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
