# SPDX-License-Identifier: GPL-3.0-or-later
"""The views of the control file: data files, backup sets and pieces, jobs of RMAN, the recovery area.

Oracle Database Reference 11g Release 2. Rows come from the catalogue that RMAN keeps (`impax_lab.rman.catalogue`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from impax_lab.engine.ora import dates
from impax_lab.engine.ora.definitions import BLOCK
from impax_lab.oracle_files import current
from impax_lab.rman import catalogue, retention

if TYPE_CHECKING:
    from impax_lab.engine.ora.session import Session
    from impax_lab.rman.catalogue import BackupSet

Row = Iterator[tuple[Any, ...]]
STATUS = {"AVAILABLE": "A", "EXPIRED": "X", "UNAVAILABLE": "U"}
KINDS = {"full": "D", "controlfile": "D", "incremental": "I", "archivelog": "L"}
FILE_TYPES = ("CONTROL FILE", "REDO LOG", "ARCHIVED LOG", "BACKUP PIECE", "IMAGE COPY", "FLASHBACK LOG")


def _at(moment: float | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment).strftime(dates.STORED)


def _known(session: Session) -> list[BackupSet]:
    return catalogue.sets(catalogue.read(session.instance.folder))


def data_files(session: Session) -> Row:
    scn = session.store.scn
    spaces: dict[str, int] = {}
    for number, space, path, mb in current(session.instance):
        at = spaces.setdefault(space, len(spaces))
        status = "SYSTEM" if space == "SYSTEM" else "ONLINE"
        yield number, at, status, "READ WRITE", scn, int(mb * 1048576), int(mb * 1048576) // BLOCK, path


def backup_sets(session: Session) -> Row:
    for each in _known(session):
        elapsed = round(each.completed - each.started)
        included = "YES" if each.controlfile else "NO"
        yield (
            each.key, each.stamp, each.stamp, each.key, KINDS[each.kind], included, each.level, 1, _at(each.started),
            _at(each.completed), elapsed, BLOCK, "NO",
        )  # fmt: skip


def backup_pieces(session: Session) -> Row:
    kept = catalogue.read(session.instance.folder)
    known = catalogue.sets(kept)
    in_area = {each.key for each in retention.in_area(known, kept["area"])} if kept.get("area") else set()
    for each in known:
        yield (
            each.piece_key, each.stamp, each.stamp, each.key, 1, each.device, each.piece, each.tag, STATUS[each.status],
            _at(each.started), _at(each.completed), round(each.completed - each.started), "NO", each.bytes,
            "YES" if each.compressed else "NO", "YES" if each.key in in_area else "NO",
        )  # fmt: skip


def backup_data_files(session: Session) -> Row:
    """A row for each data file in a set, file 0 for a control file."""
    blocks = {number: int(mb * 1048576) // BLOCK for number, _, _, mb in current(session.instance)}
    for each in _known(session):
        for number in [*each.files, *([0] if each.controlfile else [])]:
            yield (
                each.key * 100 + number, each.stamp, each.stamp, each.key, number, each.level, each.scn, _at(each.completed),
                blocks.get(number, 128), each.bytes // BLOCK // max(1, len(each.files)),
            )  # fmt: skip


def jobs(session: Session) -> Row:
    for job in catalogue.read(session.instance.folder)["jobs"]:
        ended = job["ended"]
        elapsed = None if ended is None else round(ended - job["started"])
        yield (
            job["key"], job["key"], catalogue.stamp(job["started"]), _at(job["started"])[:16], _at(job["started"]), _at(ended),
            job["bytes"], job["bytes"], job["status"], job["type"], job["device"], elapsed,
        )  # fmt: skip


def recovery_area(session: Session) -> Row:
    kept = catalogue.read(session.instance.folder)
    area, known = kept.get("area"), catalogue.sets(kept)
    if area is None:
        return
    free = sum(each.bytes for each in retention.reclaimable(known, area, kept["redundancy"]))
    files = len(retention.in_area(known, area)) + bool(area["other"])
    yield area["path"], area["limit"], retention.used(known, area), free, files


def recovery_area_usage(session: Session) -> Row:
    """A row for each type of file; the site's other files count as archived logs."""
    kept = catalogue.read(session.instance.folder)
    area, known = kept.get("area"), catalogue.sets(kept)
    if area is None:
        return
    inside = retention.in_area(known, area)
    free = sum(each.bytes for each in retention.reclaimable(known, area, kept["redundancy"]))
    held = {"BACKUP PIECE": (sum(each.bytes for each in inside), free, len(inside)),
            "ARCHIVED LOG": (area["other"], 0, int(bool(area["other"])))}  # fmt: skip
    for kind in FILE_TYPES:
        taken, reclaimable, files = held.get(kind, (0, 0, 0))
        yield kind, round(taken * 100 / area["limit"], 2), round(reclaimable * 100 / area["limit"], 2), files


_USAGE = ("FILE_TYPE:20 PERCENT_SPACE_USED:N PERCENT_SPACE_RECLAIMABLE:N NUMBER_OF_FILES:N", recovery_area_usage)
# name: (its columns, its rows)
VIEWS = {
    "V$DATAFILE": ("FILE#:N TS#:N STATUS:7 ENABLED:10 CHECKPOINT_CHANGE#:N BYTES:N BLOCKS:N NAME:513", data_files),
    "V$BACKUP_SET": ("RECID:N STAMP:N SET_STAMP:N SET_COUNT:N BACKUP_TYPE:1 CONTROLFILE_INCLUDED:3 INCREMENTAL_LEVEL:N PIECES:N"
                     " START_TIME:D COMPLETION_TIME:D ELAPSED_SECONDS:N BLOCK_SIZE:N KEEP:3", backup_sets),
    "V$BACKUP_PIECE": ("RECID:N STAMP:N SET_STAMP:N SET_COUNT:N PIECE#:N DEVICE_TYPE:17 HANDLE:513 TAG:32 STATUS:1 START_TIME:D"
                       " COMPLETION_TIME:D ELAPSED_SECONDS:N DELETED:3 BYTES:N COMPRESSED:3 IS_RECOVERY_DEST_FILE:3",
                       backup_pieces),
    "V$BACKUP_DATAFILE": ("RECID:N STAMP:N SET_STAMP:N SET_COUNT:N FILE#:N INCREMENTAL_LEVEL:N CHECKPOINT_CHANGE#:N"
                          " COMPLETION_TIME:D DATAFILE_BLOCKS:N BLOCKS:N", backup_data_files),
    "V$RMAN_BACKUP_JOB_DETAILS": ("SESSION_KEY:N SESSION_RECID:N SESSION_STAMP:N COMMAND_ID:33 START_TIME:D END_TIME:D"
                                  " INPUT_BYTES:N OUTPUT_BYTES:N STATUS:23 INPUT_TYPE:13 OUTPUT_DEVICE_TYPE:17"
                                  " ELAPSED_SECONDS:N", jobs),
    "V$RECOVERY_FILE_DEST": ("NAME:513 SPACE_LIMIT:N SPACE_USED:N SPACE_RECLAIMABLE:N NUMBER_OF_FILES:N", recovery_area),
    "V$FLASH_RECOVERY_AREA_USAGE": _USAGE,
    "V$RECOVERY_AREA_USAGE": _USAGE,
}  # fmt: skip
