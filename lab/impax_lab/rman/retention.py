# SPDX-License-Identifier: GPL-3.0-or-later
"""What is obsolete by the retention policy, and what the recovery area holds. Pure.

Backup and Recovery User's Guide 11g Release 2, "Configuring a Redundancy-Based Retention Policy" and "Managing Space in the
Fast Recovery Area": a set that is obsolete can be reclaimed when room is wanted; one that was deleted beside RMAN takes its
room until it is deleted with RMAN too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from impax_lab.rman.catalogue import BackupSet


def is_full(backup: BackupSet) -> bool:
    """Full, or incremental of level 0: what a restore can begin with."""
    return backup.kind == "full" or (backup.kind == "incremental" and backup.level == 0)


def obsolete(known: Sequence[BackupSet], redundancy: int) -> list[BackupSet]:
    """The sets that a redundancy of so many copies does not need, by key. Only available ones count as a copy."""
    needed: set[int] = set()
    newest_first = sorted(known, key=lambda each: -each.completed)
    available = [each for each in newest_first if each.status == "AVAILABLE"]
    for number in {number for each in available for number in each.files}:
        copies = [each for each in available if is_full(each) and number in each.files]
        needed |= {each.key for each in copies[:redundancy]}
    needed |= {each.key for each in [one for one in available if one.controlfile][:redundancy]}
    oldest = min((each.started for each in available if each.key in needed and is_full(each)), default=None)
    return [
        each
        for each in known
        if each.key not in needed
        and (is_full(each) or each.kind == "controlfile" or (oldest is not None and each.completed < oldest))
    ]


def in_area(known: Iterable[BackupSet], area: Mapping[str, Any]) -> list[BackupSet]:
    """The sets whose piece lies in the recovery area, whatever their status."""
    folder = str(area["path"]).replace("\\", "/").rstrip("/").lower() + "/"
    return [
        each for each in known if each.device == "DISK" and each.piece.replace("\\", "/").lower().startswith(folder)
    ]


def used(known: Iterable[BackupSet], area: Mapping[str, Any]) -> int:
    """Bytes in use, the site's other files among them."""
    return int(area["other"]) + sum(each.bytes for each in in_area(known, area))


def reclaimable(known: Sequence[BackupSet], area: Mapping[str, Any], redundancy: int) -> list[BackupSet]:
    """Obsolete sets in the area, the oldest first."""
    return sorted(in_area(obsolete(known, redundancy), area), key=lambda each: each.completed)
