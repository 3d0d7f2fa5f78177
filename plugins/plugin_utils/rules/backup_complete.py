# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of RMAN's sets hold a whole database together (S29, S32, S33). Times are the station's own clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from .backup_oracle import BackupSet


@dataclass(frozen=True)
class Complete:
    """Sets that hold a whole database together. scn: archived logs from there on are needed to open it."""

    keys: tuple[int, ...]
    completed: datetime
    bytes: int
    scn: int | None = None


def complete(
    sets: Iterable[BackupSet], files: Collection[int], known: Iterable[Collection[int]] = ()
) -> tuple[Complete, ...]:
    """Backups of the whole database, oldest first: sets of one tag that hold every datafile once, and a control file in them
    or the first one behind them. A tag may be the same each night: a datafile that comes again begins another backup.
    known: keys of backups that were proved before."""
    listed = [one for one in sets if one.is_available and one.completed is not None]
    by_key = {one.key: one for one in listed}
    found = [[by_key[key] for key in keys] for keys in known if keys and set(keys) <= set(by_key)]
    taken = {one.key for group in found for one in group}
    tags: dict[str, list[BackupSet]] = {}
    for one in listed:
        if one.files and one.key not in taken:
            tags.setdefault(one.tag or f"set {one.key}", []).append(one)
    parts = [part for one_tag in tags.values() for part in _nights(one_tag)]
    found += [group for group in (_with_control_file(part, listed) for part in parts) if group]
    whole = [group for group in found if set(files) <= {number for one in group for number in one.files} and files]
    return tuple(sorted((_complete(group) for group in whole), key=lambda each: each.completed))


def expected(completes: Sequence[Complete], in_use: int) -> int:
    """Bytes of the next backup: as the last complete one, else as much as the datafiles hold now."""
    return completes[-1].bytes if completes else in_use


def _nights(sets: Iterable[BackupSet]) -> list[list[BackupSet]]:
    """Sets of one tag, oldest first, cut where a datafile comes again."""
    parts: list[list[BackupSet]] = []
    for one in sorted(sets, key=lambda each: (each.completed or datetime.min, each.key)):
        if not parts or set(one.files) & {number for each in parts[-1] for number in each.files}:
            parts.append([])
        parts[-1].append(one)
    return parts


def _with_control_file(part: list[BackupSet], listed: Sequence[BackupSet]) -> list[BackupSet]:
    if any(one.controlfile for one in part):
        return part
    begun = min(one.completed for one in part if one.completed)
    behind = [one for one in listed if one.controlfile and one.completed and one.completed >= begun]
    return [*part, min(behind, key=lambda one: (one.completed or begun, one.key))] if behind else []


def _complete(group: Sequence[BackupSet]) -> Complete:
    return Complete(
        tuple(sorted(one.key for one in group)),
        max(one.completed for one in group if one.completed),
        sum(one.bytes or 0 for one in group),
        min((one.scn for one in group if one.scn is not None), default=None),
    )
