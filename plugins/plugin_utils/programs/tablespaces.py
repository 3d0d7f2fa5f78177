# SPDX-License-Identifier: GPL-3.0-or-later
"""What Oracle's dictionary says of its tablespaces: free room, room to grow by itself, data files; and of the instance.

A full tablespace has no row in dba_free_space at all: no row is 0 there, and unknown only where the question itself failed.
UNDO is full by habit: its expired extents are free to the next transaction (`assumed` to be enough for the migration).
Source: Oracle Database Reference 10.2 and 11.2: DBA_TABLESPACES, DBA_DATA_FILES, DBA_FREE_SPACE, DBA_UNDO_EXTENTS, V$INSTANCE.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ._answers import WHOLE
from .sqlplus import Answer

MB = 1024 * 1024
QUESTIONS = {
    "instance": "select instance_name, status, version from v$instance",
    "database": "select name, dbid, open_mode from v$database",
    "tablespaces": "select tablespace_name, status, contents from dba_tablespaces",
    "files": "select tablespace_name, bytes, autoextensible, maxbytes, status, file_name from dba_data_files",
    "free": "select tablespace_name, sum(bytes) from dba_free_space group by tablespace_name",
    "undo": "select tablespace_name, sum(bytes) from dba_undo_extents where status='EXPIRED' group by tablespace_name",
}
OFFLINE = "OFFLINE"
DOWN = frozenset({"ORA-01034", "ORA-27101", "ORA-12560"})
CHANGING = frozenset({"ORA-01033", "ORA-01089", "ORA-01090", "ORA-01092", "ORA-01109"})


@dataclass(frozen=True)
class DataFile:
    """mb: its size now. extend_mb: by how much it may grow by itself. Whole MB of 1048576 bytes, rounded down."""

    path: str
    tablespace: str
    mb: int
    extend_mb: int
    status: str = "AVAILABLE"


@dataclass(frozen=True)
class Space:
    """One tablespace. status: ONLINE, OFFLINE, READ ONLY. contents: PERMANENT, UNDO, TEMPORARY.

    free_mb: free extents; expired_mb: expired undo extents, 0 where it is no UNDO tablespace. Whole MB.
    """

    name: str
    status: str
    contents: str
    free_mb: int
    expired_mb: int
    files: tuple[DataFile, ...]

    @property
    def extend_mb(self) -> int:
        return sum(file.extend_mb for file in self.files)


@dataclass(frozen=True)
class Facts:
    """instance: open, mounted, started, down, changing (on its way up or down), or None: not said. database: its name and
    number. spaces None: not told, `unread` says why (question -> code or reason)."""

    instance: str | None
    database: str | None
    number: str
    spaces: Mapping[str, Space] | None
    unread: Mapping[str, str]

    @property
    def files(self) -> tuple[DataFile, ...]:
        return tuple(file for space in (self.spaces or {}).values() for file in space.files)


def read(answers: Mapping[str, Answer]) -> Facts:
    unread = {question: answer.why for question, answer in answers.items() if answer.error}
    database = _row(answers["database"], 3)
    spaces = None if unread else _spaces(answers)
    if spaces is None and not unread:
        unread["tablespaces"] = "a row of the answer was not understood"
    return Facts(
        instance=_instance(answers["instance"]),
        database=database[0] if database else None,
        number=database[1] if database else "",
        spaces=spaces,
        unread=unread,
    )


def _instance(answer: Answer) -> str | None:
    row = _row(answer, 3)
    if row:
        return {"OPEN": "open", "MOUNTED": "mounted", "STARTED": "started", "OPEN MIGRATE": "migrating"}.get(row[1])
    if CHANGING & set(answer.codes):
        return "changing"
    return "down" if DOWN & set(answer.codes) else None


def _row(answer: Answer, fields: int) -> tuple[str, ...]:
    """The only row of an answer; () without one."""
    rows = answer.rows or ()
    return rows[0] if not answer.error and len(rows) == 1 and len(rows[0]) == fields else ()


def _spaces(answers: Mapping[str, Answer]) -> dict[str, Space] | None:
    """None: a row was not understood, so nothing of it is relied on."""
    free, expired = _sums(answers["free"]), _sums(answers["undo"])
    files = [_file(row) for row in answers["files"].rows or ()]
    named = [row for row in answers["tablespaces"].rows or () if len(row) == 3]
    if free is None or expired is None or None in files or len(named) != len(answers["tablespaces"].rows or ()):
        return None
    return {
        name: Space(
            name,
            status,
            contents,
            free.get(name, 0),
            expired.get(name, 0) if contents == "UNDO" else 0,
            tuple(file for file in files if file is not None and file.tablespace == name),
        )
        for name, status, contents in named
    }


def _sums(answer: Answer) -> dict[str, int] | None:
    rows = answer.rows or ()
    if any(len(row) != 2 or not WHOLE.match(row[1]) for row in rows):
        return None
    return {name: int(size) // MB for name, size in rows}


def _file(row: tuple[str, ...]) -> DataFile | None:
    """A file that is not online has no size in the dictionary, and is AVAILABLE there all the same."""
    if len(row) != 6 or row[2] not in ("YES", "NO", "<null>"):
        return None
    tablespace, size, extends, most, status, path = row
    if not WHOLE.match(size) or not WHOLE.match(most):
        return (
            DataFile(path, tablespace, 0, 0, OFFLINE if status == "AVAILABLE" else status)
            if "<null>" in (size, most)
            else None
        )
    growth = max(0, int(most) - int(size)) // MB if extends == "YES" else 0
    return DataFile(path, tablespace, int(size) // MB, growth, status)
