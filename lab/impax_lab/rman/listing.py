# SPDX-License-Identifier: GPL-3.0-or-later
"""LIST, REPORT and SHOW: what RMAN prints of the sets it knows. Each function gives the whole text of its command.

Columns stand as in public output of 10g and 11g: a set of archived logs has no columns Type and LV, the columns of dates are
as wide as a date of the session.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from impax_lab.oracle_files import DataFile
from impax_lab.rman import forms
from impax_lab.rman.catalogue import BackupSet

NOTHING = "specification does not match any backup in the repository\n"
KINDS = {"full": "Full", "incremental": "Incr", "controlfile": "Full", "archivelog": ""}
LETTERS = {"AVAILABLE": "A", "EXPIRED": "X", "UNAVAILABLE": "U"}


@dataclass(frozen=True)
class Style:
    """model: of dates. files: the database's. release: its first number. name: of the database."""

    model: str
    files: Sequence[DataFile]
    release: int
    name: str

    def date(self, at: float) -> str:
        return forms.date(at, self.model)

    def width(self, heading: str) -> int:
        return max(len(heading), len(self.date(0)))


def in_full(known: Sequence[BackupSet], style: Style) -> str:
    """LIST BACKUP."""
    if not known:
        return NOTHING
    return "\nList of Backup Sets\n===================\n\n\n" + "\n".join(one_set(each, style) for each in known)


def one_set(backup: BackupSet, style: Style) -> str:
    return "".join((_heading(backup, style), _piece(backup), *_contents(backup, style)))


def _heading(backup: BackupSet, style: Style) -> str:
    width = style.width("Completion Time")
    kind = "" if backup.kind == "archivelog" else "Type LV "
    rule = "" if backup.kind == "archivelog" else "---- -- "
    level = "" if backup.level is None else str(backup.level)
    value = "" if backup.kind == "archivelog" else f"{KINDS[backup.kind]:<4} {level:<2} "
    return (
        f"BS Key  {kind}Size       Device Type Elapsed Time {'Completion Time':<{width}}\n"
        f"------- {rule}---------- ----------- ------------ {'-' * width}\n"
        f"{backup.key:<7} {value}{forms.size(backup.bytes):<10} {backup.device:<11} "
        f"{forms.elapsed(backup.completed - backup.started):<12} {style.date(backup.completed):<{width}}\n"
    )


def _piece(backup: BackupSet) -> str:
    compressed = "YES" if backup.compressed else "NO"
    name = "Piece Name" if backup.device == "DISK" else "Handle"
    media = "" if backup.device == "DISK" else "   Media: IMPAX"
    return (
        f"        BP Key: {backup.piece_key}   Status: {backup.status}  Compressed: {compressed}  Tag: {backup.tag}\n"
        f"        {name}: {backup.piece}{media}\n"
    )


def _contents(backup: BackupSet, style: Style) -> Iterator[str]:
    if backup.logs:
        yield _logs(backup, style)
    if backup.files:
        yield _datafiles(backup, style)
    if backup.controlfile:
        at = style.date(backup.completed)
        yield f"  SPFILE Included: Modification time: {style.date(backup.started - 7 * 86400)}\n"
        if style.release > 10:
            yield f"  SPFILE db_unique_name: {style.name}\n"
        yield f"  Control File Included: Ckp SCN: {backup.scn:<12} Ckp time: {at}\n"


def _datafiles(backup: BackupSet, style: Style) -> str:
    width = style.width("Ckp Time")
    names = {number: path for number, _, path, _ in style.files}
    level = "" if backup.level is None else str(backup.level)
    return (
        f"  List of Datafiles in backup set {backup.key}\n"
        f"  File LV Type Ckp SCN    {'Ckp Time':<{width}} Name\n"
        f"  ---- -- ---- ---------- {'-' * width} ----\n"
    ) + "".join(
        f"  {number:<4} {level:<2} {KINDS[backup.kind]:<4} {backup.scn:<10} {style.date(backup.started):<{width}} "
        f"{names.get(number, '')}\n"
        for number in backup.files
    )


def _logs(backup: BackupSet, style: Style) -> str:
    low, after = style.width("Low Time"), style.width("Next Time")
    return (
        f"\n  List of Archived Logs in backup set {backup.key}\n"
        f"  Thrd Seq     Low SCN    {'Low Time':<{low}} Next SCN   {'Next Time':<{after}}\n"
        f"  ---- ------- ---------- {'-' * low} ---------- {'-' * after}\n"
    ) + "".join(
        f"  1    {log:<7} {backup.scn - 500:<10} {style.date(backup.started - 3600):<{low}} {backup.scn:<10} "
        f"{style.date(backup.started):<{after}}\n"
        for log in backup.logs
    )


def summary(known: Sequence[BackupSet], style: Style) -> str:
    """LIST BACKUP SUMMARY."""
    if not known:
        return NOTHING
    width = style.width("Completion Time")
    head = (
        "\nList of Backups\n===============\n"
        f"Key     TY LV S Device Type {'Completion Time':<{width}} #Pieces #Copies Compressed Tag\n"
        f"------- -- -- - ----------- {'-' * width} ------- ------- ---------- ---\n"
    )
    return head + "".join(_summed(each, style, width) for each in known)


def _summed(backup: BackupSet, style: Style, width: int) -> str:
    level = {"archivelog": "A", "incremental": str(backup.level)}.get(backup.kind, "F")
    status, compressed = LETTERS.get(backup.status, "A"), "YES" if backup.compressed else "NO"
    return (
        f"{backup.key:<7} B  {level:<2} {status} {backup.device:<11} {style.date(backup.completed):<{width}} "
        f"{1:<7} {1:<7} {compressed:<10} {backup.tag}\n"
    )


def pieces(known: Sequence[BackupSet]) -> str:
    """What DELETE shows before it asks."""
    return (
        "List of Backup Pieces\n"
        "BP Key  BS Key  Pc# Cp# Status      Device Type Piece Name\n"
        "------- ------- --- --- ----------- ----------- ----------\n"
    ) + "".join(
        f"{each.piece_key:<7} {each.key:<7} 1   1   {each.status:<11} {each.device:<11} {each.piece}\n"
        for each in known
    )


def policy(redundancy: int) -> str:
    return (
        "RMAN retention policy will be applied to the command\n"
        f"RMAN retention policy is set to redundancy {redundancy}\n"
    )


def obsolete(known: Sequence[BackupSet], style: Style) -> str:
    """The table of REPORT OBSOLETE and DELETE OBSOLETE."""
    return (
        "Type                 Key    Completion Time    Filename/Handle\n"
        "-------------------- ------ ------------------ --------------------\n"
    ) + "".join(
        f"{'Backup Set':<20} {each.key:<6} {style.date(each.completed):<18}\n"
        f"{'  Backup Piece':<20} {each.piece_key:<6} {style.date(each.completed):<18} {each.piece}\n"
        for each in known
    )


def settings(style: Style, redundancy: int, device: str, windows: bool) -> list[tuple[str, str]]:
    """What SHOW ALL prints: ``(name of the parameter, line)``."""
    mark = " # default"
    kept = f"CONFIGURE RETENTION POLICY TO REDUNDANCY {redundancy};{mark if redundancy == 1 else ''}"
    snapshot = "C:\\ORACLE\\DATABASE\\SNCF{}.ORA" if windows else "/opt/oracle/product/11.2.0/dbs/snapcf_{}.f"
    return [
        ("retention policy", kept),
        ("backup optimization", f"CONFIGURE BACKUP OPTIMIZATION OFF;{mark}"),
        ("default device type", f"CONFIGURE DEFAULT DEVICE TYPE TO {device};{mark if device == 'DISK' else ''}"),
        ("controlfile autobackup", f"CONFIGURE CONTROLFILE AUTOBACKUP OFF;{mark}"),
        ("device type", f"CONFIGURE DEVICE TYPE DISK PARALLELISM 1 BACKUP TYPE TO BACKUPSET;{mark}"),
        ("maxsetsize", f"CONFIGURE MAXSETSIZE TO UNLIMITED;{mark}"),
        ("encryption for database", f"CONFIGURE ENCRYPTION FOR DATABASE OFF;{mark}"),
        ("archivelog deletion policy", f"CONFIGURE ARCHIVELOG DELETION POLICY TO NONE;{mark}"),
        ("snapshot controlfile name", f"CONFIGURE SNAPSHOT CONTROLFILE NAME TO '{snapshot.format(style.name)}';{mark}"),
    ]
