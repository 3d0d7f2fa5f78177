# SPDX-License-Identifier: GPL-3.0-or-later
"""Has every tablespace that the migration fills its room, by the dictionary and by the vendor's monitor (S18, S19).

The vendor's text wants 2-3 GB free and adds files of 2000 MB: one such file on a full tablespace gives less than 2 GB, so
the limit is 1,990 MB. Neither source is believed alone once something was changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..findings import Finding, Remediation, Verdict
from . import approvals
from .oracle_instance import DBA, Seen, Where
from .tablespace_files import Add, Plan, Space, room_mb

TOLERANCE_MB = 64


class Figures(Protocol):
    """What the monitor printed of one tablespace; MB."""

    @property
    def free_mb(self) -> float: ...


@dataclass(frozen=True)
class Disk:
    """The disk of a folder. name: mount point or drive."""

    name: str
    free_mb: int


# Room


def room(where: Where, seen: Seen, name: str, limit_mb: int) -> Finding:
    """Whether one tablespace has its room, by the dictionary."""
    key, space = f"{name.lower()}.free", seen.space(name)
    if space is None:
        return where.finding(
            key,
            Verdict.UNKNOWN,
            f"{seen.full_name} on {where.station} has no tablespace {name}; expected one with {limit_mb} MB free.",
            evidence={"tablespace": name, "tablespaces": sorted(seen.spaces or {})},
            remediation=Remediation(
                "command", "Name the site's tablespaces in impax_tablespaces, then run this section again."
            ),
        )
    evidence = {**_shown(space), "limit_mb": limit_mb}
    bad = [file.path for file in space.files if file.status != "AVAILABLE"]
    if space.status != "ONLINE" or bad or not space.files:
        seen_as = f"{space.status}, {len(space.files)} data files" + (
            f", not available: {', '.join(bad)}" if bad else ""
        )
        text = f"The tablespace {name} on {where.station} is {seen_as}; expected ONLINE with all its files."
        return where.finding(key, Verdict.BLOCKER, text, evidence=evidence, remediation=DBA)
    has = room_mb(space)
    parts = f"{has} MB free ({_parts(space)})"
    if has >= limit_mb:
        text = f"{name} on {where.station} has {parts}; {limit_mb} MB are wanted."
        return where.finding(key, Verdict.OK, text, evidence=evidence)
    return where.finding(
        key,
        Verdict.ATTENTION,
        f"{name} on {where.station} has {parts}; expected at least {limit_mb} MB.",
        evidence=evidence,
        remediation=Remediation("automatic", "Approve the data files that this section proposes, and run it again."),
    )


def _shown(space: Space) -> dict[str, Any]:
    return {
        "tablespace": space.name, "status": space.status, "contents": space.contents, "free_mb": space.free_mb,
        "expired_mb": space.expired_mb, "extend_mb": space.extend_mb, "files": len(space.files),
        "total_mb": sum(file.mb for file in space.files),
    }  # fmt: skip


def _parts(space: Space) -> str:
    parts = [f"{space.free_mb} in extents"]
    parts += [f"{space.expired_mb} of expired undo"] if space.expired_mb else []
    parts += [f"{space.extend_mb} by growing files"] if space.extend_mb else []
    return ", ".join(parts)


def stuck(where: Where, plan: Plan) -> list[Finding]:
    """Tablespaces that no file can be proposed for."""
    return [
        where.finding(
            f"{name.lower()}.path",
            Verdict.UNKNOWN,
            f"No data file can be proposed for {name} on {where.station}: {why}.",
            evidence={"tablespace": name, "why": why},
            remediation=Remediation(
                "command", "Name a folder for it in impax_tablespace_folders, then run this section again."
            ),
        )
        for name, why in (plan.stuck or {}).items()
    ]


def disks(where: Where, plan: Plan, disks: Mapping[str, Disk | None], margin_mb: int) -> list[Finding]:
    """Whether each disk has the room that new files and files that grow by themselves need together."""
    wanted: dict[str, int] = {}
    found: list[Finding] = []
    for folder, mb in plan.demands().items():
        disk = disks.get(folder)
        if disk is None:
            found.append(_disk_unknown(where, folder, mb))
        else:
            wanted[disk.name] = wanted.get(disk.name, 0) + mb
    free = {disk.name: disk.free_mb for disk in disks.values() if disk is not None}
    return [*found, *(_disk(where, name, free[name], mb, margin_mb) for name, mb in wanted.items())]


def _disk_unknown(where: Where, folder: str, mb: int) -> Finding:
    return where.finding(
        "disk",
        Verdict.UNKNOWN,
        f"How much is free at {folder} on {where.station} was not told; {mb} MB are needed for data files.",
        evidence={"folder": folder, "needed_mb": mb, "free_mb": None},
        remediation=Remediation("command", "See what df or fsutil says of that folder; then run this section again."),
    )


def _disk(where: Where, name: str, free_mb: int, needed_mb: int, margin_mb: int) -> Finding:
    enough = free_mb >= needed_mb + margin_mb
    text = (
        f"The disk {name} on {where.station} has {free_mb} MB free; {needed_mb} MB are needed for data files, and"
        f" {margin_mb} MB to stay free."
    )
    evidence = {"disk": name, "free_mb": free_mb, "needed_mb": needed_mb, "margin_mb": margin_mb}
    if enough:
        return where.finding("disk", Verdict.OK, text, evidence=evidence)
    remedy = "Make room on that disk, or name a folder on another one in impax_tablespace_folders; then run this section again."
    return where.finding(
        "disk",
        Verdict.BLOCKER,
        f"{text} Nothing was added.",
        evidence=evidence,
        remediation=Remediation("guided", remedy),
    )


# Adding


def awaited(where: Where, evidence: Mapping[str, Any], reason: str, foretold: bool = False) -> Finding:
    """foretold: check mode says it, of a change that comes once it is approved."""
    text = (
        f"Adding {_files(evidence)} on {where.station} awaits an approval, and the database's administrator's look at path and"
        f" size: {reason}."
    )
    return approvals.awaited(where.finding("add", Verdict.ATTENTION, text, evidence=evidence, would=foretold))


def would_add(where: Where, evidence: Mapping[str, Any], foretold: bool = True) -> Finding:
    """foretold: by check mode; else a run that only reads says it."""
    text = f"{_files(evidence)} would be added on {where.station}, as approved."
    return where.finding("add", Verdict.ATTENTION, text, evidence=evidence, would=foretold)


def added(where: Where, evidence: Mapping[str, Any], by: str) -> Finding:
    text = f"{_files(evidence)} was added on {where.station}, and the dictionary has it (approved by {by})."
    return where.finding("add", Verdict.CHANGED, text, evidence={**evidence, "approved_by": by})


def resumed(where: Where, add: Add) -> Finding:
    text = (
        f"{add.path}, which an earlier run began to add to {add.tablespace} on {where.station}, is in the dictionary."
    )
    return where.finding("resumed", Verdict.OK, text, evidence=add.evidence())


def left_behind(where: Where, add: Add, exists: bool | None) -> Finding:
    """An adding was begun, nobody saw its end, and the dictionary has no such file."""
    seen = "the file is on the disk" if exists else "whether the file is on the disk was not told"
    return where.finding(
        "left_behind",
        Verdict.BLOCKER if exists else Verdict.UNKNOWN,
        f"Adding {add.path} to {add.tablespace} on {where.station} was begun by an earlier run; expected it in the"
        f" dictionary, seen that it is not, and {seen}. Nothing more is added.",
        evidence={**add.evidence(), "exists": exists},
        remediation=Remediation(
            "guided",
            "Wait until no session adds it any more. If it is still not in dba_data_files then, have the database's"
            " administrator remove that file; run this section again.",
        ),
    )


def elsewhere(where: Where, add: Add) -> Finding:
    """A file that an earlier run began to add is in another tablespace: in use there, whatever the disk shows."""
    return where.finding(
        "elsewhere",
        Verdict.BLOCKER,
        f"{add.path}, which an earlier run began to add to {add.tablespace} on {where.station}, is in another tablespace; it"
        " is in use there and must not be removed from the disk. Nothing more is added.",
        evidence=add.evidence(),
        remediation=Remediation(
            "guided",
            "Have the database's administrator drop it from that tablespace while it is empty, or waive this finding if it is"
            " to stay there; then run this section again.",
        ),
    )


def other_size(where: Where, add: Add, mb: int | None) -> Finding:
    """monitor_add made a file, and not the one that was approved."""
    return where.finding(
        "add",
        Verdict.BLOCKER,
        f"{add.path} was added to {add.tablespace} on {where.station} with {mb} MB; expected {add.mb} MB. No further file is"
        " added.",
        evidence={**add.evidence(), "seen_mb": mb},
        remediation=Remediation(
            "guided",
            "See why monitor_add took another size, and let the database's administrator look at that file; then run this"
            " section again.",
        ),
    )


def not_added(where: Where, add: Add, there: bool | None, said: str) -> Finding:
    """After monitor_add: the dictionary does not have the file where it belongs. there None: in another tablespace."""
    seen = "it is in another tablespace" if there is None else "it is not there"
    return where.finding(
        "add",
        Verdict.BLOCKER,
        f"{add.path} was to be added to {add.tablespace} on {where.station}; expected it in the dictionary, seen that"
        f" {seen} ({said or 'monitor_add printed no error'}). No further file is added.",
        evidence={**add.evidence(), "said": said},
        remediation=Remediation(
            "guided", "Mend what the code names (disk, rights, limit of files); then run this section again."
        ),
    )


def add_unseen(where: Where, add: Add, said: str) -> Finding:
    return where.finding(
        "add",
        Verdict.UNKNOWN,
        f"What became of adding {add.path} to {add.tablespace} on {where.station} was not seen ({said}). No further file is added.",
        evidence={**add.evidence(), "said": said},
        remediation=Remediation(
            "automatic", "Run this section again: the dictionary tells whether the file was added."
        ),
    )


# The second source


def pattern_unfit(where: Where, why: str) -> Finding:
    return where.finding(
        "pattern",
        Verdict.UNKNOWN,
        f"impax_monitor_stats_pattern of {where.station} cannot be used: {why}. Nothing was asked.",
        evidence={"why": why},
        remediation=Remediation("command", "Correct the pattern in the inventory, then run this section again."),
    )


def not_refreshed(where: Where, codes: Sequence[str]) -> Finding:
    return where.finding(
        "monitor_update",
        Verdict.UNKNOWN,
        f"monitor_update on {where.station} did not refresh the monitor's figures; expected no error, seen"
        f" {', '.join(codes)}. They are not compared.",
        evidence={"codes": list(codes)},
        remediation=Remediation("command", "Mend what the code names; then run this section again."),
    )


def two_sources(where: Where, name: str, space: Space | None, figures: Figures | None) -> Finding:
    """Whether the monitor and the dictionary tell the same. The monitor may or may not count growth and expired undo."""
    key = f"{name.lower()}.monitor"
    evidence: dict[str, Any] = {"tablespace": name, "monitor_free_mb": figures.free_mb if figures else None}
    if space is None or figures is None:
        return where.finding(
            key,
            Verdict.UNKNOWN,
            f"What monitor_stats prints of {name} on {where.station} was not understood; expected a free figure with a"
            " heading and a unit.",
            evidence=evidence,
            remediation=Remediation(
                "command",
                "Give impax_monitor_stats_pattern (see the documentation of S18), then run this section again.",
            ),
        )
    evidence |= _shown(space)
    both = (
        f"{name} on {where.station}: {space.free_mb} MB free by the dictionary, {figures.free_mb:g} MB by monitor_stats"
    )
    if any(_alike(figures.free_mb, told) for told in _tellings(space)):
        return where.finding(key, Verdict.OK, f"{both}.", evidence=evidence)
    return where.finding(
        key,
        Verdict.ATTENTION,
        f"{both}; expected the same.",
        evidence=evidence,
        remediation=Remediation(
            "command", "See why they differ (another database, figures not refreshed); then run it again."
        ),
    )


def _tellings(space: Space) -> set[int]:
    plain, undo = space.free_mb, space.expired_mb
    return {plain, plain + undo, plain + space.extend_mb, plain + undo + space.extend_mb}


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= max(TOLERANCE_MB, other / 50)


def _files(evidence: Mapping[str, Any]) -> str:
    return ", ".join(f"{file['path']} ({file['mb']} MB) to {file['tablespace']}" for file in evidence["files"])
