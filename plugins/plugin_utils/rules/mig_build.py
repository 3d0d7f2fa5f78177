# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be so before the pre-migration schema is built (S16, S17): the script, room, an approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ..findings import Finding, Remediation, Verdict
from . import approvals
from .mig_schema import KEY, Past, Where


class Room(Protocol):
    """inside: MiB free within the files. grow: MiB that they may grow by themselves, None: as long as the disk has room."""

    @property
    def inside(self) -> Mapping[str, float]: ...

    @property
    def grow(self) -> Mapping[str, float | None]: ...


def room(
    where: Where,
    seen: Room | None,
    why: str,
    *,
    tablespaces: Sequence[str],
    room_mb: int,
    disk_mb: Mapping[str, float | None],
) -> Finding:
    """disk_mb: by the same names, MiB free on the disk of the files that may grow by themselves, the least; None: not told.

    tablespaces: those that must have the room, on SQL Server ``data``. How much the script needs is not published:
    room_mb is `assumed`.
    """
    remedy = Remediation("command", "Make room (S18, S19 on Oracle), then run this section again.")
    if seen is None:
        return where.finding(
            "room",
            Verdict.UNKNOWN,
            f"The room in {where.database} on {where.station} could not be read: {why}; {room_mb} MB are wanted.",
            remediation=remedy,
        )
    missing = [name for name in tablespaces if name not in seen.inside]
    if missing:
        text = f"{where.database} on {where.station} has no tablespace {', '.join(missing)}: its room is not known."
        return where.finding("room", Verdict.UNKNOWN, text, evidence={"missing": missing}, remediation=remedy)
    free = {name: _free(seen, name, disk_mb.get(name), room_mb) for name in tablespaces}
    evidence = {"free_mb": {name: None if mb is None else int(mb) for name, mb in free.items()}, "wanted_mb": room_mb}
    shown = ", ".join(f"{name} {'?' if mb is None else int(mb)} MB" for name, mb in free.items())
    if any(mb is not None and mb < room_mb for mb in free.values()):
        text = (
            f"Too little room in {where.database} on {where.station} for the schema: {shown}; {room_mb} MB are wanted."
        )
        return where.finding("room", Verdict.BLOCKER, text, evidence=evidence, remediation=remedy)
    if any(mb is None for mb in free.values()):
        text = f"{where.database} on {where.station} would grow onto a disk whose room is not known: {shown}."
        return where.finding("room", Verdict.UNKNOWN, text, evidence=evidence, remediation=remedy)
    text = f"There is room for the schema in {where.database} on {where.station}: {shown}; {room_mb} MB are wanted."
    return where.finding("room", Verdict.OK, text, evidence=evidence)


def short_of(seen: Room, names: Sequence[str], wanted: float) -> list[str]:
    """Those whose files have too little room inside and may grow: their disks have to be asked."""
    return [name for name in names if seen.inside.get(name, wanted) < wanted and seen.grow.get(name, 0.0) != 0]


def _free(seen: Room, name: str, disk_mb: float | None, wanted: float) -> float | None:
    """MiB inside the files, and if that is not enough what they may grow to; None: that hangs on a disk that did not say."""
    inside, grow = seen.inside[name], seen.grow.get(name, 0.0)
    if inside >= wanted or grow == 0:
        return inside
    if disk_mb is None:
        return None
    return inside + (disk_mb if grow is None else min(grow, disk_mb))


def tool(section: str, station: str, program: str, there: bool | None) -> Finding:
    """Whether a program of the Migration Toolbox is on its station."""
    key = f"{KEY}.toolbox"
    if there:
        return Finding(key, section, station, Verdict.OK, f"{program} is on {station}.")
    seen = "its station did not say" if there is None else "it is not there"
    return Finding(
        key,
        section,
        station,
        Verdict.UNKNOWN,
        f"{program} is expected on {station}: {seen}. Nothing was begun.",
        {"program": program, "there": there},
        Remediation("automatic", "Install the Migration Toolbox first (S07, S08), then run this section again."),
    )


def to_approve(where: Where, engine: str, program: str, known: Past, identity: str = "") -> dict[str, Any]:
    """What an approval of the build is bound to. identity: tells the database from another of its name."""
    built = known.built.get("finished", "") if known.built else ""
    return {
        "station": where.station,
        "database": where.database,
        "identity": identity,
        "engine": engine,
        "program": program,
        "objects": 0,
        "built_before": built,
    }


def approval_awaited(where: Where, evidence: Mapping[str, Any], reason: str) -> Finding:
    gone = f" A build of {evidence['built_before']} is gone." if evidence["built_before"] else ""
    text = (
        f"{where.database} on {where.station} has no pre-migration schema.{gone} Building it, from which there is no way back but"
        f" the backup, needs an approval: {reason}."
    )
    return approvals.awaited(where.finding("build", Verdict.ATTENTION, text, evidence=evidence))


def would_build(where: Where, evidence: Mapping[str, Any], granted: bool, reason: str) -> Finding:
    when = "would be built" if granted else f"would be built once that is approved ({reason})"
    text = f"The pre-migration schema of {where.database} on {where.station} {when} by {evidence['program']}."
    return where.finding(
        "build",
        Verdict.ATTENTION,
        text,
        evidence=evidence,
        remediation=None if granted else Remediation("command", "Approve it, then run this section."),
        would=True,
    )


def running(where: Where, known: Past) -> Finding:
    return where.finding(
        "schema",
        Verdict.UNKNOWN,
        f"A build of the schema in {where.database} on {where.station}, begun {known.open_at}, may still run: its answer"
        " never came, and no object is there yet.",
        evidence={"begun": known.open_at},
        remediation=Remediation("command", "Wait until the time for a build has passed, then run this section again."),
    )


def unfit_pattern(section: str, station: str, pattern: str) -> Finding:
    return Finding(
        f"{KEY}.pattern",
        section,
        station,
        Verdict.UNKNOWN,
        f"impax_mig_schema_pattern for {station} is {pattern!r}: expected a name or its beginning and %, as in MIG_%.",
        remediation=Remediation("command", "Correct it, then run this section again."),
    )


def not_begun(where: Where, program: str, why: str) -> Finding:
    return where.finding(
        "build",
        Verdict.UNKNOWN,
        f"{program} on {where.station} was not begun: {why}. Nothing was changed.",
        remediation=Remediation("command", "Mend what is named, then run this section again."),
    )
