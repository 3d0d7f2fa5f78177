# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue as SQL Server 2000 has it, and later ones still: sysobjects, syscolumns, sysindexes and the like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from impax_lab.engine.model import Table
from impax_lab.engine.ms import asking, databases, types
from impax_lab.engine.ms.views import OLD_TYPE_NUMBERS, TYPE_NUMBERS, digits_of, references, tables, view

if TYPE_CHECKING:
    from impax_lab.engine.ms.session import Session


def _objects(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for table in tables(session, database):
        yield table.name, table.object_id, "U ", 1, 0, table.created, 0, "U "
        for key in table.constraints:
            if key.kind in "PUR":
                kind = {"P": "PK", "U": "UQ", "R": "F "}[key.kind]
                yield (
                    key.name,
                    key.object_id,
                    kind,
                    1,
                    table.object_id,
                    table.created,
                    0,
                    {"P": "K ", "U": "K ", "R": "F "}[key.kind],
                )
        for column in table.columns:
            if column.default is not None:
                name = f"DF__{table.name[:9]}__{column.name[:5]}__{table.object_id:08X}"
                yield name, table.object_id * 1000 + column.place, "D ", 1, table.object_id, table.created, 0, "D "


def _columns(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    collation = session.collation_of(database)
    for table in tables(session, database):
        for column in table.columns:
            kind = types.collated(column, collation)
            number = TYPE_NUMBERS[kind.kind]
            digits, scale = digits_of(kind)
            status = 0x80 if column.identity else 0
            shown = kind.collation or None
            yield (
                column.name, table.object_id, number, 0, number, asking.stored_length(kind), digits, scale or 0, column.place, 0, status,
                OLD_TYPE_NUMBERS.get(kind.kind, number), int(column.nullable), 0, shown, 0, None,
            )  # fmt: skip


def _types(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for kind, number in TYPE_NUMBERS.items():
        if (kind in types.SINCE_2005 and session.version < 9) or (kind in types.SINCE_2008 and session.version < 10):
            continue
        length = types.SIZES.get(kind, 16 if kind in types.LONG else 8000)
        yield kind, number, 0, number, length, types.DIGITS.get(kind, 0), None, 1, 0
    yield "sysname", 231, 1, 256, 256, 128, None, 0, 0


def _indexes(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for table in tables(session, database):
        (count,) = session.connection.run(
            f"SELECT COUNT(*) FROM {table.physical} WHERE {session.store.visible(session.tx)}"
        )[0]
        pages = databases.reserved(session.store.counter(f"{table.physical}.bytes")) // databases.PAGE
        keys = [key for key in table.constraints if key.kind in "PUI"]
        if not any(key.kind == "P" for key in keys):
            yield table.object_id, 0, table.name, count, count, pages, pages, pages + 1, 0, 0
        number = 1
        for key in keys:
            number = 1 if key.kind == "P" else max(2, number + 1)
            status = (
                0x800 | 2
                if key.kind == "P"
                else 0x1000 | 2
                if key.kind == "U" and key.text != "index"
                else 2
                if key.kind == "U"
                else 0
            )
            yield table.object_id, number, key.name, count, count, pages, pages, pages + 2, status, len(key.columns)
        if any(column.type.kind in types.LONG for column in table.columns):
            yield table.object_id, 255, f"t{table.name}", 0, 0, pages // 4, pages // 4, pages // 4, 0, 0


def _foreign_keys(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for table, key, parent in references(session, database):
        for number, (column, other) in enumerate(zip(key.columns, key.parent_columns, strict=True), 1):
            yield key.object_id, table.object_id, parent.object_id, _place(table, column), _place(parent, other), number


def _place(table: Table, name: str) -> int:
    return next((column.place for column in table.columns if column.name == name), 0)


def _databases_2000(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    level = {8: 80, 9: 90, 10: 100}.get(session.version, 90)
    for each in session.server.databases().values():
        data = next((part["path"] for part in each["files"] if not part["log"]), None)
        status = 0x10000 | (8 if each["recovery"] == "SIMPLE" else 0)
        yield each["name"], each["id"], b"\x01", 0, status, 0, each["created"], level, data, session.server.file_version


def _users(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for number, name, login in ((0, "public", 0), (1, "dbo", 1), (2, "guest", 1)):
        yield number, name, login, 1 if name == "dbo" else 0


def _files(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    found = session.server.database(database) or {"files": []}
    for number, each in enumerate(found["files"], 1):
        most = -1 if each["most"] is None else each["most"] // databases.PAGE
        growth = each["growth"] if each["percent"] else each["growth"] // databases.PAGE
        yield (
            number,
            0 if each["log"] else 1,
            each["size"] // databases.PAGE,
            most,
            growth,
            2 | (0x40 if each["log"] else 0),
            each["name"],
            each["path"],
        )


def _all_files(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    """The files of every database of the instance (sysaltfiles)."""
    for each in session.server.databases().values():
        for number, group, size, most, growth, status, name, path in _files(session, each["name"]):
            yield number, group, size, most, growth, status, 0, each["id"], name, path


def _logins(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for name in session.server.logins.names():
        windows = int("\\" in name)
        yield name, name, windows, 1, int(session.server.logins.is_administrator(name))


def _processes(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for other in session.server.sessions():
        waits = bool(other.tx and session.locks.waits(other.tx))
        blockers = session.server.blockers(other) if waits else []
        found = session.server.database(other.database) or {"id": 0}
        yield (
            other.spid, 0, blockers[0] if blockers else 0, 0, found["id"], 1, types.stored_moment(session.server.moment(other.logged_on)),
            other.trancount, "sleeping" if other is not session else "runnable", session.server.host, "impax-lab", other.login,
        )  # fmt: skip


OLD = {
    "sysobjects": view("sysobjects", "name:sysname id:int xtype:char(2) uid:smallint parent_obj:int crdate:datetime status:int"
                        " type:char(2)", _objects),
    "syscolumns": view("syscolumns", "name:sysname id:int xtype:tinyint typestat:tinyint xusertype:smallint length:smallint prec:smallint"
                        " scale:int colid:smallint cdefault:int status:tinyint type:tinyint isnullable:int iscomputed:int"
                        " collation:sysname isoutparam:int autoval:varbinary(8)", _columns),
    "systypes": view("systypes", "name:sysname xtype:tinyint status:tinyint xusertype:smallint length:smallint prec:smallint"
                      " scale:tinyint allownulls:bit variable:bit", _types),
    "sysindexes": view("sysindexes", "id:int indid:smallint name:sysname rowcnt:bigint rows:int dpages:int reserved:int used:int"
                        " status:int keycnt:smallint", _indexes),
    "sysforeignkeys": view("sysforeignkeys", "constid:int fkeyid:int rkeyid:int fkey:smallint rkey:smallint keyno:smallint",
                            _foreign_keys),
    "sysdatabases": view("sysdatabases", "name:sysname dbid:smallint sid:varbinary(85) mode:smallint status:int status2:int"
                          " crdate:datetime cmptlevel:tinyint filename:nvarchar(260) version:smallint", _databases_2000, True),
    "sysusers": view("sysusers", "uid:smallint name:sysname hasdbaccess:int issqluser:int", _users),
    "sysfiles": view("sysfiles", "fileid:smallint groupid:smallint size:int maxsize:int growth:int status:int name:nchar(128)"
                      " filename:nchar(260)", _files),
    "sysaltfiles": view("sysaltfiles", "fileid:smallint groupid:smallint size:int maxsize:int growth:int status:int perf:int"
                         " dbid:smallint name:nchar(128) filename:nchar(260)", _all_files, True),
    "syslogins": view("syslogins", "name:sysname loginname:sysname isntname:int hasaccess:int sysadmin:int", _logins, True),
    "sysprocesses": view("sysprocesses", "spid:smallint kpid:smallint blocked:smallint waittime:int dbid:smallint uid:smallint"
                          " login_time:datetime open_tran:smallint status:nchar(30) hostname:nchar(128) program_name:nchar(128)"
                          " loginame:nchar(128)", _processes, True),
}  # fmt: skip
