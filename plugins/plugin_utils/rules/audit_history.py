# SPDX-License-Identifier: GPL-3.0-or-later
"""What the journal knows of one audit table: which export is at hand, which truncate was begun, which job may still run.

A truncate ends an epoch: identities start anew and keys may repeat, so nothing is compared across it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .audit import Exported, Measured, exported_from

EXPORT, BEGUN, NOT_DONE, EMPTIED, JOB, JOB_ENDED = (
    "audit_export",
    "audit_truncate_begun",
    "audit_truncate_not_done",
    "audit_emptied",
    "audit_job",
    "audit_job_ended",
)


@dataclass(frozen=True)
class Past:
    """exports: the verified ones of this epoch, oldest first. begun: a truncate whose end is not known.
    emptied, emptied_at: the last proved truncate (UTC ISO) and who approved it. job: a detached job that was started and
        whose end nobody has seen: its facts as journalled. A begun truncate stays so until its end, either way, was seen."""

    exports: tuple[Exported, ...] = ()
    begun: Mapping[str, Any] | None = None
    emptied: Mapping[str, Any] | None = None
    emptied_at: str = ""
    job: Mapping[str, Any] | None = None

    @property
    def latest(self) -> Exported | None:
        return self.exports[-1] if self.exports else None


def past(entries: Iterable[Mapping[str, Any]], station: str, table: str) -> Past:
    """Reads the journal's evidence entries, oldest first, for one table of one station."""
    seen = Past()
    for entry in entries:
        facts = entry.get("facts", {})
        if facts.get("station") == station and facts.get("table") == table:
            seen = _after(seen, str(entry.get("what")), facts, str(entry.get("at", "")))
    return seen


def _after(seen: Past, what: str, facts: Mapping[str, Any], at: str) -> Past:
    if what == EXPORT:
        return Past((*seen.exports, exported_from(facts)), seen.begun, seen.emptied, seen.emptied_at, seen.job)
    if what == BEGUN:
        return Past(seen.exports, facts, seen.emptied, seen.emptied_at, seen.job)
    if what == NOT_DONE:
        return Past(seen.exports, None, seen.emptied, seen.emptied_at, seen.job)
    if what == EMPTIED:
        return Past((), None, facts, at, seen.job)
    if what == JOB:
        return Past(seen.exports, seen.begun, seen.emptied, seen.emptied_at, facts)
    if what == JOB_ENDED:
        return Past(seen.exports, seen.begun, seen.emptied, seen.emptied_at, None)
    return seen


def truncate_took_place(export: Exported, now: Measured) -> bool | None:
    """Whether a begun truncate of `export` happened, by what the table holds now. None: it cannot be told.

    Empty, or nothing but keys beyond the export's: it happened. The export's own key range still there: it did not.
    Fewer rows from the same first key on: identities start anew after a truncate (SQL Server), while a purge would
    take the oldest rows first (`assumed`): it happened. Anything else cannot be told by counting.
    """
    if now.rows is None or now.database != export.database:
        return None
    if now.rows == 0:
        return True
    if not export.key or now.key != export.key or None in (now.least, now.greatest, export.least, export.greatest):
        return False if now.rows == export.rows else None
    assert (
        now.least is not None and now.greatest is not None and export.least is not None and export.greatest is not None
    )
    if now.least > export.greatest:
        return True
    if now.least == export.least:
        return (
            False
            if now.rows >= export.rows and now.greatest >= export.greatest
            else now.greatest < export.greatest or None
        )
    return None


def still_covers(export: Exported, now: Measured, late_rows: int) -> bool:
    """Whether the export at hand still holds the table, but for at most `late_rows` rows that came since."""
    if now.rows is None or now.database != export.database or now.rows < export.rows:
        return False
    if now.rows == export.rows:
        return now.greatest == export.greatest and now.least == export.least
    return bool(export.key) and now.least == export.least and now.rows - export.rows <= late_rows
