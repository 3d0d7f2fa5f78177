# SPDX-License-Identifier: GPL-3.0-or-later
"""What Oracle says of its flash recovery area, its datafiles and itself. An area that is not set has a row of nulls.

Reads in the states open and mounted; before that v$ views say ORA-01507. Sizes are bytes.
Source: Oracle Database Reference 10.2 and 11.2: V$RECOVERY_FILE_DEST, V$FLASH_RECOVERY_AREA_USAGE, V$DATAFILE, V$INSTANCE,
V$DATABASE, DBA_FREE_SPACE.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .sqlplus import NULL, Answer

TIME = "%Y-%m-%d %H:%M:%S"  # of `now`, in Python's letters
DOWN = frozenset({"ORA-01034", "ORA-27101", "ORA-01033", "ORA-01090"})  # no instance, or one that starts or stops
QUESTIONS = {
    "instance": "select instance_name, status from v$instance",
    "database": "select name, dbid from v$database",
    "log_mode": "select log_mode from v$database",
    "area": "select name, space_limit, space_used, space_reclaimable from v$recovery_file_dest",
    "usage": "select file_type, percent_space_used, percent_space_reclaimable from v$flash_recovery_area_usage",
    "files": "select file#, bytes from v$datafile order by file#",
    "free": "select file_id, sum(bytes) from dba_free_space group by file_id",
    "now": "select to_char(sysdate, 'YYYY-MM-DD HH24:MI:SS') from dual",
}
OPTIONAL = frozenset({"log_mode", "usage", "free"})


@dataclass(frozen=True)
class Facts:
    """None: not answered. files: number -> bytes, free: of these in no extent (open databases only). area: its folder, ""
    where none is set; limit, used, reclaimable: bytes.

    usage: type of file -> percent of the limit. log_mode: ARCHIVELOG, NOARCHIVELOG. now: the station's own clock.
    down: the codes that say that there is no open instance. unread: question -> why it was not answered.
    """

    instance: str | None = None
    status: str | None = None
    database: str | None = None
    dbid: int | None = None
    log_mode: str | None = None
    area: str | None = None
    limit: int | None = None
    used: int | None = None
    reclaimable: int | None = None
    files: Mapping[int, int] | None = None
    free: Mapping[int, int] = field(default_factory=dict)
    now: str | None = None
    usage: Mapping[str, float] = field(default_factory=dict)
    down: tuple[str, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def in_use(self) -> int:
        """Bytes of the datafiles less their free extents, which a backup leaves out (from 10.2 on, to disk)."""
        return sum(max(0, size - self.free.get(number, 0)) for number, size in (self.files or {}).items())


def read(answers: Mapping[str, Answer]) -> Facts:
    rows = {name: _rows(answers.get(name)) for name in QUESTIONS}
    instance, database, area = (
        _one(rows[name], width) for name, width in (("instance", 2), ("database", 2), ("area", 4))
    )
    files = _files(rows["files"])
    limit, used, reclaimable = (_number(text) for text in (area[1:] if area else ("", "", "")))
    now, log_mode = _one(rows["now"], 1), _one(rows["log_mode"], 1)
    parts = {
        "instance": instance,
        "database": database and _number(database[1]),
        "files": files,
        "now": now,
        "area": () if rows["area"] == () else area,
    }
    codes = {code for answer in answers.values() for code in answer.codes}
    return Facts(
        instance=instance[0] if instance else None,
        status=instance[1].upper() if instance else None,
        database=database[0] if database else None,
        dbid=_number(database[1]) if database else None,
        log_mode=log_mode[0] if log_mode else None,
        area="" if rows["area"] == () else _text(area[0]) if area else None,
        limit=limit,
        used=used,
        reclaimable=reclaimable,
        files=files,
        free=_files(rows["free"]) or {},
        now=now[0] if now and re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", now[0]) else None,
        usage=_usage(rows["usage"]),
        down=tuple(sorted(DOWN & codes)),
        unread={name: _why(answers.get(name)) for name, part in parts.items() if part is None},
    )


def _rows(answer: Answer | None) -> tuple[tuple[str, ...], ...] | None:
    return None if answer is None or answer.error else answer.rows


def _why(answer: Answer | None) -> str:
    return (answer.why if answer else "") or "not as expected"


def _one(rows: tuple[tuple[str, ...], ...] | None, width: int) -> tuple[str, ...] | None:
    return rows[0] if rows is not None and len(rows) == 1 and len(rows[0]) == width else None


def _text(field_: str) -> str:
    return "" if field_ == NULL else field_


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d+", text) else None


def _files(rows: tuple[tuple[str, ...], ...] | None) -> dict[int, int] | None:
    """Every datafile, or None: one that is not understood would be missed in the proof."""
    if not rows or any(len(row) != 2 or _number(row[0]) is None for row in rows):
        return None
    return {int(row[0]): _number(row[1]) or 0 for row in rows}


def _usage(rows: tuple[tuple[str, ...], ...] | None) -> dict[str, float]:
    found = {}
    for row in rows or ():
        if len(row) == 3 and re.fullmatch(r"-?\d*\.?\d+", row[1]):
            found[row[0]] = float(row[1])
    return found
