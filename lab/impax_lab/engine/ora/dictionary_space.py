# SPDX-License-Identifier: GPL-3.0-or-later
"""The views that tell of room: tablespaces, data files, free and undo extents (Oracle Database Reference 10.2, 11.2).

A tablespace without free room has no row in DBA_FREE_SPACE. Only an account that may see the whole dictionary sees them;
to another one they are ORA-00942.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from impax_lab.engine.ora import space
from impax_lab.engine.ora.definitions import BLOCK
from impax_lab.engine.ora.dictionary_instance import segments

if TYPE_CHECKING:
    from impax_lab.engine.ora.session import Session

Row = Iterator[tuple[Any, ...]]


def used(session: Session) -> dict[str, int]:
    """Bytes that tables and indexes take in each tablespace."""
    found: dict[str, int] = {}
    for _, _, _, _, name, size, *_ in segments(True)(session):
        found[name] = found.get(name, 0) + size
    return found


def tablespaces(session: Session) -> Row:
    known = space.described(session.instance)
    for name, kept in known.items():
        kind = "UNDO" if space.is_undo(name) else "PERMANENT"
        yield name, BLOCK, str(kept.get("status", "ONLINE")).upper(), kind, "LOGGING", "LOCAL", "SYSTEM", "AUTO", "NO"
    if "TEMP" not in known:
        yield "TEMP", BLOCK, "ONLINE", "TEMPORARY", "NOLOGGING", "LOCAL", "UNIFORM", "MANUAL", "NO"


def names(session: Session) -> Row:
    for number, name in enumerate([*space.described(session.instance), "TEMP"]):
        yield number, name, "NO" if name == "TEMP" else "YES", "NO", "YES", None


def data_files(session: Session) -> Row:
    for file in space.data_files(session.instance):
        online = "SYSTEM" if file.tablespace == "SYSTEM" else "ONLINE"
        inside = file.bytes - space.HEADER
        yield (
            file.path, file.number, file.tablespace, file.bytes, file.bytes // BLOCK, "AVAILABLE", file.number,
            "YES" if file.most else "NO", file.most, file.most // BLOCK, int(bool(file.most)), inside, inside // BLOCK, online,
        )  # fmt: skip


def free_space(session: Session) -> Row:
    for file, size in space.free(session.instance, used(session)):
        first = (file.bytes - size) // BLOCK + 1
        yield file.tablespace, file.number, first, size // BLOCK * BLOCK, size // BLOCK, file.number


def undo_extents(session: Session) -> Row:
    block = 9
    for number, (file, state, size) in enumerate(space.undo(session.instance, used(session))):
        segment = f"_SYSSMU{number % 10 + 1}$"
        yield "SYS", segment, file.tablespace, number, file.number, block, size, size // BLOCK, file.number, state
        block += size // BLOCK


FREE = "TABLESPACE_NAME:30 FILE_ID:N BLOCK_ID:N BYTES:N BLOCKS:N RELATIVE_FNO:N"
# name: (its columns, its rows)
VIEWS = {
    "DBA_TABLESPACES": ("TABLESPACE_NAME:30 BLOCK_SIZE:N STATUS:9 CONTENTS:9 LOGGING:9 EXTENT_MANAGEMENT:10 ALLOCATION_TYPE:9"
                        " SEGMENT_SPACE_MANAGEMENT:6 BIGFILE:3", tablespaces),
    "DBA_DATA_FILES": ("FILE_NAME:513 FILE_ID:N TABLESPACE_NAME:30 BYTES:N BLOCKS:N STATUS:9 RELATIVE_FNO:N AUTOEXTENSIBLE:3"
                       " MAXBYTES:N MAXBLOCKS:N INCREMENT_BY:N USER_BYTES:N USER_BLOCKS:N ONLINE_STATUS:7", data_files),
    "DBA_FREE_SPACE": (FREE, free_space),
    "DBA_UNDO_EXTENTS": ("OWNER:3 SEGMENT_NAME:30 TABLESPACE_NAME:30 EXTENT_ID:N FILE_ID:N BLOCK_ID:N BYTES:N BLOCKS:N"
                         " RELATIVE_FNO:N STATUS:9", undo_extents),
    "V$TABLESPACE": ("TS#:N NAME:30 INCLUDED_IN_DATABASE_BACKUP:3 BIGFILE:3 FLASHBACK_ON:3 ENCRYPT_IN_BACKUP:3", names),
}  # fmt: skip
