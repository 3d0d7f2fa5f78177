# SPDX-License-Identifier: GPL-3.0-or-later
"""The room in Oracle's recovery area, and whether the next backup fits (S29, S32, S33). Sizes are bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..findings import Finding, Remediation, Verdict
from .backup import Where
from .backup_complete import Complete

FULL_FROM = 85  # percent of the limit from which on the area is close to full (Oracle warns at the same mark)
KEY = "cleanup"


@dataclass(frozen=True)
class Room:
    """The recovery area: its folder ("" where none is set), limit, used and reclaimable bytes; None: not answered."""

    area: str | None = None
    limit: int | None = None
    used: int | None = None
    reclaimable: int | None = None

    @property
    def free(self) -> int | None:
        if self.limit is None or self.used is None:
            return None
        return self.limit - self.used + (self.reclaimable or 0)

    @property
    def percent(self) -> float | None:
        return 100 * self.used / self.limit if self.limit and self.used is not None else None


def room(where: Where, seen: Room) -> list[Finding]:
    evidence = {"area": seen.area, "limit": seen.limit, "used": seen.used, "reclaimable": seen.reclaimable}
    if seen.area == "":
        return [
            where.finding(
                "room",
                Verdict.UNKNOWN,
                f"{where.database} on {where.station} has no recovery area set: whether the next backup has room is not known.",
                evidence=evidence,
                remediation=Remediation("guided", "See where runbackup writes to, and that there is room for it."),
            )
        ]
    percent = seen.percent
    if percent is None:
        return [
            where.finding(
                "room",
                Verdict.UNKNOWN,
                f"The recovery area of {where.database} on {where.station}: expected its limit and use, seen no answer.",
                evidence=evidence,
                remediation=Remediation("command", "See that the instance is open; then run this section again."),
            )
        ]
    tight = percent >= FULL_FROM
    return [
        where.finding(
            "room",
            Verdict.ATTENTION if tight else Verdict.OK,
            f"The recovery area {seen.area} of {where.station} is {percent:.0f} % full: {seen.used} of {seen.limit} bytes,"
            f" {seen.reclaimable} of them reclaimable.",
            evidence=evidence,
            remediation=Remediation(
                "guided", "Enlarge the area or clean it up before it is full: then the database stands still."
            )
            if tight
            else None,
        )
    ]


def room_not_judged(where: Where, free: int | None, wanted: int | None) -> Finding:
    lacks = "the room in the recovery area" if free is None else "the size of the next backup"
    return where.finding(
        KEY,
        Verdict.UNKNOWN,
        f"Whether the next backup of {where.database} fits on {where.station} is not known: {lacks} is not. Nothing is deleted.",
        evidence={"free": free, "wanted": wanted},
        remediation=Remediation("guided", "Say the expected size (expected_mb), or name the sets to delete (keys)."),
    )


def room_enough(where: Where, free: int, wanted: int, later: int) -> Finding:
    return where.finding(
        KEY,
        Verdict.OK,
        f"The next backup of {where.database} fits on {where.station}: {free} bytes free, {wanted} wanted. Back up first;"
        f" {later} sets may go afterwards.",
        evidence={"database": where.database},
    )


def not_enough(where: Where, free: int, frees: int, wanted: int, kept: Sequence[Complete]) -> Finding:
    return where.finding(
        "last_one",
        Verdict.BLOCKER,
        f"The next backup of {where.database} does not fit on {where.station}: {free} bytes free, {frees} more without the"
        f" {len(kept)} complete backups that have to stay and what is too young, {wanted} wanted. Nothing is deleted.",
        evidence={"free": free, "frees": frees, "wanted": wanted, "keep": [list(each.keys) for each in kept]},
        remediation=Remediation(
            "guided", "Copy the backup elsewhere, or enlarge the area (db_recovery_file_dest_size)."
        ),
    )


def fits(where: Where, seen: Room, on_disk: int | None, expected: int, margin_percent: int) -> list[Finding]:
    """Whether a backup to disk has room, by the area's limit and by the disk below it. on_disk: bytes free there."""
    wanted = expected * (100 + margin_percent) // 100
    free = seen.free
    evidence = {"free": free, "on_disk": on_disk, "wanted": wanted, "area": seen.area}
    if free is None or on_disk is None:
        lacks = "free room of the recovery area" if free is None else f"free room of the disk below {seen.area}"
        return [
            where.finding(
                "room",
                Verdict.UNKNOWN,
                f"Whether the backup of {where.database} fits on {where.station} is not known: expected the {lacks}, seen no"
                " answer.",
                evidence=evidence,
                remediation=Remediation(
                    "command", "See that the recovery area is set and can be read; then run it again."
                ),
            )
        ]
    if min(free, on_disk) < wanted:
        return [
            where.finding(
                "room",
                Verdict.BLOCKER,
                f"The backup of {where.database} does not fit on {where.station}: {wanted} bytes wanted, {free} free in the"
                f" recovery area, {on_disk} on its disk.",
                evidence=evidence,
                remediation=Remediation(
                    "automatic", "Clean up old backups (S29), or enlarge the area; then run this again."
                ),
            )
        ]
    return [
        where.finding(
            "room",
            Verdict.OK,
            f"The backup of {where.database} fits on {where.station}: {wanted} bytes wanted, {min(free, on_disk)} free.",
            evidence=evidence,
        )
    ]
