# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a clean-up of RMAN's backups: awaited, done, refused, not seen (S29)."""

from __future__ import annotations

from collections.abc import Sequence

from ..findings import Finding, Remediation, Verdict
from . import approvals
from .backup import Where
from .rman_cleanup import Choice
from .rman_room import KEY


def nothing_stays(where: Where, choice: Choice) -> Finding | None:
    """Without a complete backup that stays nothing is deleted, expired archived logs excepted. An expired set may lie on a
    disk that is not mounted: its record is all that is known of it."""
    if choice.kept or all(one.is_expired and one.has_logs for one in choice.sets):
        return None
    return where.finding(
        "last_one",
        Verdict.BLOCKER,
        f"No complete backup of {where.database} on {where.station} would stay behind: nothing is deleted.",
        evidence={"keys": [one.key for one in choice.sets]},
        remediation=Remediation(
            "guided",
            "See whether the disk of the area is mounted; make a complete backup first, or copy one elsewhere and enlarge the area.",
        ),
    )


def nothing_to_do(where: Where, choice: Choice) -> Finding:
    return where.finding(
        KEY,
        Verdict.OK,
        f"No backup set of {where.database} on {where.station} is to go; {len(choice.kept)} complete ones stay.",
        evidence={"keep": [list(each.keys) for each in choice.kept]},
    )


def would_delete(where: Where, choice: Choice, dbid: int | None) -> Finding:
    return where.finding(
        KEY,
        Verdict.ATTENTION,
        f"On {where.station} {_told(choice)} would be deleted if that is approved.",
        evidence=choice.evidence(where.database, dbid),
        would=True,
    )


def approval_awaited(where: Where, choice: Choice, dbid: int | None, reason: str) -> Finding:
    finding = where.finding(
        KEY,
        Verdict.ATTENTION,
        f"On {where.station} {_told(choice)} would be deleted. That awaits an approval: {reason}.",
        evidence=choice.evidence(where.database, dbid),
    )
    return approvals.awaited(finding)


def deleted(where: Where, choice: Choice, dbid: int | None, by: str) -> Finding:
    stay = "; ".join(" ".join(str(key) for key in each.keys) for each in choice.kept) or "none"
    return where.finding(
        KEY,
        Verdict.CHANGED,
        f"On {where.station} {_told(choice)} are deleted and gone from the list; complete backups that stay: {stay}. Approved by"
        f" {by}.",
        evidence={**choice.evidence(where.database, dbid), "approved_by": by},
    )


def not_deleted(where: Where, left: Sequence[int], done: Sequence[int], why: str) -> Finding:
    return where.finding(
        "not_deleted",
        Verdict.BLOCKER,
        f"RMAN on {where.station} still lists the backup sets {_keys(left)} after their deletion: {why}. Deleted: {_keys(done)}.",
        evidence={"left": list(left), "deleted": list(done), "why": why},
        remediation=Remediation(
            "command", "See what RMAN says of these sets (crosscheck), then run this section again."
        ),
    )


def kept_lost(where: Where, keys: Sequence[int]) -> Finding:
    return where.finding(
        "kept_lost",
        Verdict.BLOCKER,
        f"Backup sets that had to stay are not listed as AVAILABLE on {where.station} any more: {_keys(keys)}.",
        evidence={"keys": list(keys)},
        remediation=Remediation("command", "Make a new backup now (S32, S33)."),
    )


def pieces_left(where: Where, paths: Sequence[str]) -> Finding:
    """Gone from the list, still on the disk: the room was not freed, and RMAN knows nothing of it any more."""
    shown = ", ".join(paths[:5]) + (f" and {len(paths) - 5} more" if len(paths) > 5 else "")
    return where.finding(
        "pieces_left",
        Verdict.BLOCKER,
        f"RMAN on {where.station} lists deleted backup sets no more, but their pieces are still on the disk: {shown}.",
        evidence={"pieces": list(paths)},
        remediation=Remediation("guided", "Look at these files, and remove them by hand or catalog them again."),
    )


def unlisted_after(where: Where, done: Sequence[int], why: str) -> Finding:
    return where.finding(
        "unproved",
        Verdict.UNKNOWN,
        f"Backup sets on {where.station} were deleted ({_keys(done)}), but the list afterwards was not understood: {why}.",
        evidence={"deleted": list(done), "why": why},
        remediation=Remediation("command", "Run this section again: it lists them again."),
    )


def _told(choice: Choice) -> str:
    sets = "; ".join(
        f"{one.key} ({_size(one.bytes)}, {one.completed}, {choice.reasons[one.key]})" for one in choice.sets
    )
    return f"{len(choice.sets)} backup sets, {_size(choice.frees)} of the recovery area: {sets}"


def _size(size: int | None) -> str:
    return "size unknown" if size is None else f"{size / 1024**2:.1f} MB"


def _keys(keys: Sequence[int]) -> str:
    return ", ".join(str(key) for key in keys) or "none"
