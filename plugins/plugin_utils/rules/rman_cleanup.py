# SPDX-License-Identifier: GPL-3.0-or-later
"""Which backup sets may go, in which order, and what is never touched (S29).

The room in the recovery area decides. Room enough for the next backup: that comes first, the clean-up after it. Not enough:
expired and obsolete sets, then the oldest, only until it fits. What stays in every case: the newest complete backups,
read to their end in this run, the one that was just made, the archived logs that these need, what the site marked KEEP,
and everything younger than the policy says. Sizes are bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..findings import Finding, Remediation, Verdict
from . import rman_room
from .backup import Where
from .backup_complete import Complete
from .backup_oracle import BackupSet
from .rman_room import Room


@dataclass(frozen=True)
class Policy:
    """keep: complete backups that stay. older_than: age from which on a set may go. expected: bytes of the next backup,
    None: not known. margin_percent: on top of it. keys: sets that a person named; none: the policy chooses."""

    keep: int = 1
    older_than: timedelta = timedelta(days=1)
    expected: int | None = None
    margin_percent: int = 10
    keys: tuple[int, ...] = ()

    @property
    def wanted(self) -> int | None:
        return None if self.expected is None else self.expected * (100 + self.margin_percent) // 100


@dataclass(frozen=True)
class Choice:
    """What would go, in order, why (key -> reason), and which complete backups stay. frees: bytes in the area."""

    sets: tuple[BackupSet, ...]
    reasons: dict[int, str]
    kept: tuple[Complete, ...]
    frees: int = 0

    def evidence(self, database: str, dbid: int | None) -> dict[str, Any]:
        """What an approval is bound to: this very list, with sizes, and what stays."""
        return {
            "database": database,
            "dbid": dbid,
            "delete": [
                {
                    "key": one.key,
                    "bytes": one.bytes,
                    "completed": str(one.completed),
                    "pieces": [piece.path for piece in one.pieces],
                    "why": self.reasons.get(one.key, ""),
                }
                for one in self.sets
            ],
            "keep": [list(each.keys) for each in self.kept],
        }


# What may go


def choose(
    where: Where,
    sets: Sequence[BackupSet],
    completes: Sequence[Complete],
    policy: Policy,
    seen: Room,
    *,
    now: datetime,
    obsolete: Collection[int] = (),
    made: Collection[int] = (),
) -> tuple[Choice | None, list[Finding]]:
    """What would be deleted, or why nothing is.

    completes: oldest first. made: keys of the backup that the journal knows as verified and recent; with it the clean-up
    is the one after the backup, without it the one before. now: the station's clock.
    """
    kept = _kept(completes, policy.keep, made)
    protected = _protected(sets, kept, made)
    if policy.keys:
        return _named(where, sets, policy.keys, protected, kept, seen)
    units = _units(sets, completes, protected, policy, now, frozenset(obsolete))
    if made:
        return _whole(units, kept, seen), []
    free, wanted = seen.free, policy.wanted
    if free is None or wanted is None:
        return None, [rman_room.room_not_judged(where, free, wanted)]
    if free >= wanted:
        return None, [rman_room.room_enough(where, free, wanted, sum(len(unit) for _, unit in units))]
    taken: list[tuple[str, tuple[BackupSet, ...]]] = []
    for unit in units:
        if _after(seen, _frees([one for _, part in taken for one in part], seen)) >= wanted:
            break
        taken.append(unit)
    choice = _whole(taken, kept, seen)
    if _after(seen, choice.frees) < wanted:
        return None, [rman_room.not_enough(where, free, choice.frees, wanted, kept)]
    return choice, []


def _kept(completes: Sequence[Complete], keep: int, made: Collection[int]) -> tuple[Complete, ...]:
    newest = list(completes[-max(keep, 1) :])
    newest += [each for each in completes if set(made) & set(each.keys) and each not in newest]
    return tuple(newest)


def _protected(sets: Sequence[BackupSet], kept: Sequence[Complete], made: Collection[int]) -> dict[int, str]:
    """Key -> why it stays."""
    found = {one.key: "the site keeps it (KEEP)" for one in sets if one.keep}
    scns = [each.scn for each in kept]
    oldest = min((scn for scn in scns if scn is not None), default=None)
    for one in sets:
        needed = oldest is None or None in scns or one.highest_next is None or one.highest_next > oldest
        if one.has_logs and needed:
            found[one.key] = "its archived logs are needed by a backup that stays"
    for each in kept:
        found |= dict.fromkeys(each.keys, "it is part of a complete backup that stays")
    return found | dict.fromkeys(made, "it was made for this upgrade")


def _units(
    sets: Sequence[BackupSet],
    completes: Sequence[Complete],
    protected: dict[int, str],
    policy: Policy,
    now: datetime,
    obsolete: frozenset[int],
) -> list[tuple[str, tuple[BackupSet, ...]]]:
    """What may go, in order: expired, obsolete, oldest. The sets of one complete backup go together."""
    by_key = {one.key: one for one in sets if one.key not in protected}
    expired = [("expired", (one,)) for one in by_key.values() if one.is_expired]
    aged = {key: one for key, one in by_key.items() if _may_go(one, policy, now)}
    units: list[tuple[str, tuple[BackupSet, ...]]] = []
    for each in completes:
        part = tuple(aged[key] for key in each.keys if key in aged)
        taken = {one.key for _, unit in units for one in unit}
        stays = [key for key in each.keys if key in by_key and key not in taken and key not in aged]
        aged = {key: one for key, one in aged.items() if key not in each.keys}
        units += [("", part)] if part and not stays else []
    units += [("", (one,)) for one in aged.values()]
    units = [(_why(unit, obsolete), unit) for _, unit in units if unit]
    ordered = sorted(units, key=lambda unit: (unit[0] != "obsolete", max(one.completed or now for one in unit[1])))
    return [*expired, *ordered]


def _may_go(one: BackupSet, policy: Policy, now: datetime) -> bool:
    """Old enough, on disk, and there: what the policy may choose on its own."""
    return (
        one.is_available
        and not one.is_on_tape
        and one.completed is not None
        and now - one.completed >= policy.older_than
    )


def _why(unit: Sequence[BackupSet], obsolete: frozenset[int]) -> str:
    return "obsolete" if all(one.key in obsolete for one in unit) else "old"


def _whole(units: Sequence[tuple[str, tuple[BackupSet, ...]]], kept: tuple[Complete, ...], seen: Room) -> Choice:
    sets = tuple(one for _, unit in units for one in unit)
    return Choice(sets, {one.key: why for why, unit in units for one in unit}, kept, _frees(sets, seen))


def _frees(sets: Sequence[BackupSet], seen: Room) -> int:
    """Bytes in the recovery area that these sets take: an expired one takes none, one elsewhere takes none there."""
    return sum(
        one.bytes or 0
        for one in sets
        if one.is_available and all(_inside(piece.path, seen.area) for piece in one.pieces)
    )


def _after(seen: Room, frees: int) -> int:
    """Bytes that are free at least once sets of `frees` bytes are gone: what Oracle calls reclaimable may be the same ones."""
    reclaimable = seen.reclaimable or 0
    return (seen.free or 0) - reclaimable + max(reclaimable, frees)


def _inside(path: str, area: str | None) -> bool:
    if not area:
        return False
    folder = area.rstrip("/\\")
    return path.lower().startswith(folder.lower()) and path[len(folder) : len(folder) + 1] in ("/", "\\")


def _named(
    where: Where,
    sets: Sequence[BackupSet],
    keys: Sequence[int],
    protected: dict[int, str],
    kept: tuple[Complete, ...],
    seen: Room,
) -> tuple[Choice | None, list[Finding]]:
    """A list that a person wrote: what is not listed any more is done; what has to stay is refused, and then all of it."""
    by_key = {one.key: one for one in sets}
    refused = {key: protected[key] for key in keys if key in protected}
    if refused:
        told = ", ".join(f"{key} ({why})" for key, why in refused.items())
        return None, [
            where.finding(
                "keys",
                Verdict.BLOCKER,
                f"Backup sets named for deletion on {where.station} have to stay: {told}. Nothing was deleted.",
                evidence={"keys": sorted(refused)},
                remediation=Remediation("guided", "Take these keys out of the list, then run this section again."),
            )
        ]
    chosen = tuple(by_key[key] for key in dict.fromkeys(keys) if key in by_key)
    return Choice(chosen, dict.fromkeys((one.key for one in chosen), "named"), kept, _frees(chosen, seen)), []
