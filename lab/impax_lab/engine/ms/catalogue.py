# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue's views, made from what the engine holds at the moment that they are asked: those of SQL Server 2000, those
of INFORMATION_SCHEMA, and from 2005 on those of sys. Of each the columns that people ask for; another one is Msg 207."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from impax_lab.engine.model import Constraint, Table, Type
from impax_lab.engine.ms import asking, databases, types

if TYPE_CHECKING:
    from impax_lab.engine.ms.session import Session

Rows = Callable[["Session", str], Iterator[tuple[Any, ...]]]
TYPE_NUMBERS = {  # systypes.xtype and xusertype
    "image": 34, "text": 35, "uniqueidentifier": 36, "date": 40, "datetime2": 42, "tinyint": 48, "smallint": 52, "int": 56,
    "smalldatetime": 58, "real": 59, "money": 60, "datetime": 61, "float": 62, "ntext": 99, "bit": 104, "decimal": 106,
    "numeric": 108, "smallmoney": 122, "bigint": 127, "varbinary": 165, "varchar": 167, "binary": 173, "char": 175,
    "timestamp": 189, "nvarchar": 231, "nchar": 239, "xml": 241,
}  # fmt: skip
OLD_TYPE_NUMBERS = {
    "image": 34,
    "text": 35,
    "int": 56,
    "varchar": 39,
    "datetime": 61,
    "char": 47,
    "bit": 50,
    "tinyint": 48,
}


@dataclass(frozen=True)
class Catalogue:
    name: str
    columns: tuple[tuple[str, Type], ...]
    rows: Rows
    master_only: bool = False


def find(version: int, database: str, owner: str, name: str) -> Catalogue | None:
    """A view by its name: dbo.sysobjects, information_schema.tables, sys.tables."""
    owner, name = owner.lower(), name.lower()
    if owner == "information_schema":
        return INFORMATION_SCHEMA.get(name)
    if owner == "sys":
        return None if version < 9 else SYS.get(name) or OLD.get(name)
    if owner in ("", "dbo"):
        found = OLD.get(name)
        if found is not None and found.master_only and database.lower() != "master" and version < 9:
            return None
        return found
    return None


def _view(name: str, columns: str, rows: Rows, master_only: bool = False) -> Catalogue:
    """columns: "name:kind" or "name:kind(size)"."""
    made = []
    for part in columns.split():
        column, _, kind = part.partition(":")
        kind, _, size = kind.rstrip(")").partition("(")
        made.append((column, Type("nvarchar", 128) if kind == "sysname" else Type(kind, int(size) if size else None)))
    return Catalogue(f"v_{name}", tuple(made), rows, master_only)


def _tables(session: Session, database: str) -> list[Table]:
    return session.store.tables(session.tx, database.lower())


# As of SQL Server 2000 ----------------------------------------------------------------------------------------------


def _objects(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for table in _tables(session, database):
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
    for table in _tables(session, database):
        for column in table.columns:
            kind = types.collated(column, collation)
            number = TYPE_NUMBERS[kind.kind]
            digits, scale = _digits(kind)
            status = 0x80 if column.identity else 0
            shown = kind.collation or None
            yield (
                column.name, table.object_id, number, 0, number, asking.stored_length(kind), digits, scale or 0, column.place, 0, status,
                OLD_TYPE_NUMBERS.get(kind.kind, number), int(column.nullable), 0, shown, 0, None,
            )  # fmt: skip


def _digits(kind: Type) -> tuple[int, int | None]:
    if kind.kind in types.NUMBERS:
        return (
            types.precision(kind)
            if kind.kind in ("decimal", "numeric")
            else (types.DIGITS[kind.kind], types.precision(kind)[1] or None)
        )
    return (kind.size or 0) if kind.kind in types.STRINGS else types.DIGITS.get(kind.kind, 0), None


def _types(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for kind, number in TYPE_NUMBERS.items():
        if (kind in types.SINCE_2005 and session.version < 9) or (kind in types.SINCE_2008 and session.version < 10):
            continue
        length = types.SIZES.get(kind, 16 if kind in types.LONG else 8000)
        yield kind, number, 0, number, length, types.DIGITS.get(kind, 0), None, 1, 0
    yield "sysname", 231, 1, 256, 256, 128, None, 0, 0


def _indexes(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for table in _tables(session, database):
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
    for table, key, parent in _references(session, database):
        for number, (column, other) in enumerate(zip(key.columns, key.parent_columns, strict=True), 1):
            yield key.object_id, table.object_id, parent.object_id, _place(table, column), _place(parent, other), number


def _references(session: Session, database: str) -> Iterator[tuple[Table, Constraint, Table]]:
    for table in _tables(session, database):
        for key in table.constraints:
            parent = session.store.by_id(session.tx, key.parent) if key.kind == "R" else None
            if parent is not None:
                yield table, key, parent


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


def _logins(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for name in session.server.logins():
        windows = int("\\" in name)
        yield name, name, windows, 1, int(session.server.is_administrator(name))


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
    "sysobjects": _view("sysobjects", "name:sysname id:int xtype:char(2) uid:smallint parent_obj:int crdate:datetime status:int"
                        " type:char(2)", _objects),
    "syscolumns": _view("syscolumns", "name:sysname id:int xtype:tinyint typestat:tinyint xusertype:smallint length:smallint prec:smallint"
                        " scale:int colid:smallint cdefault:int status:tinyint type:tinyint isnullable:int iscomputed:int"
                        " collation:sysname isoutparam:int autoval:varbinary(8)", _columns),
    "systypes": _view("systypes", "name:sysname xtype:tinyint status:tinyint xusertype:smallint length:smallint prec:smallint"
                      " scale:tinyint allownulls:bit variable:bit", _types),
    "sysindexes": _view("sysindexes", "id:int indid:smallint name:sysname rowcnt:bigint rows:int dpages:int reserved:int used:int"
                        " status:int keycnt:smallint", _indexes),
    "sysforeignkeys": _view("sysforeignkeys", "constid:int fkeyid:int rkeyid:int fkey:smallint rkey:smallint keyno:smallint",
                            _foreign_keys),
    "sysdatabases": _view("sysdatabases", "name:sysname dbid:smallint sid:varbinary(85) mode:smallint status:int status2:int"
                          " crdate:datetime cmptlevel:tinyint filename:nvarchar(260) version:smallint", _databases_2000, True),
    "sysusers": _view("sysusers", "uid:smallint name:sysname hasdbaccess:int issqluser:int", _users),
    "sysfiles": _view("sysfiles", "fileid:smallint groupid:smallint size:int maxsize:int growth:int status:int name:nchar(128)"
                      " filename:nchar(260)", _files),
    "syslogins": _view("syslogins", "name:sysname loginname:sysname isntname:int hasaccess:int sysadmin:int", _logins, True),
    "sysprocesses": _view("sysprocesses", "spid:smallint kpid:smallint blocked:smallint waittime:int dbid:smallint uid:smallint"
                          " login_time:datetime open_tran:smallint status:nchar(30) hostname:nchar(128) program_name:nchar(128)"
                          " loginame:nchar(128)", _processes, True),
}  # fmt: skip


# INFORMATION_SCHEMA -------------------------------------------------------------------------------------------------


def _info_tables(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for table in _tables(session, database):
        yield session.server.shown_name(database), table.owner, table.name, "BASE TABLE"


def _info_columns(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    default = session.collation_of(database)
    for table in _tables(session, database):
        for column in table.columns:
            kind = types.collated(column, default)
            yield (
                session.server.shown_name(database), table.owner, table.name, column.name, column.place, column.default,
                "YES" if column.nullable else "NO", kind.kind, *_lengths(kind), *_numeric(kind),
                3 if kind.kind == "datetime" else 0 if kind.kind == "smalldatetime" else None,
                ("UNICODE" if kind.kind in types.WIDE else "iso_1") if kind.kind in types.STRINGS else None, kind.collation or None,
            )  # fmt: skip


def _lengths(kind: Type) -> tuple[int | None, int | None]:
    """Characters and bytes at most."""
    if kind.kind in ("text", "image"):
        return 2**31 - 1, 2**31 - 1
    if kind.kind == "ntext":
        return 2**30 - 1, 2**31 - 2
    if kind.kind == "xml":
        return -1, -1
    if kind.kind in types.STRINGS | {"binary", "varbinary"} and kind.size is not None:
        return kind.size, kind.size if kind.size < 0 else kind.size * (2 if kind.kind in types.WIDE else 1)
    return None, None


def _numeric(kind: Type) -> tuple[int | None, int | None, int | None]:
    """Precision, radix, scale."""
    if kind.kind not in types.NUMBERS or kind.kind == "bit":
        return None, None, None
    if kind.kind in types.FLOATING:
        return types.DIGITS[kind.kind], 2, None
    digits, scale = types.precision(kind)
    return digits if kind.kind in ("decimal", "numeric") else types.DIGITS[kind.kind], 10, scale


def _info_constraints(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    kinds = {"P": "PRIMARY KEY", "U": "UNIQUE", "R": "FOREIGN KEY"}
    shown = session.server.shown_name(database)
    for table in _tables(session, database):
        for key in table.constraints:
            if key.kind in kinds and key.text != "index":
                yield shown, table.owner, key.name, shown, table.owner, table.name, kinds[key.kind], "NO", "NO"


def _info_key_columns(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    shown = session.server.shown_name(database)
    for table in _tables(session, database):
        for key in table.constraints:
            if key.kind in "PUR" and key.text != "index":
                for place, name in enumerate(key.columns, 1):
                    yield shown, table.owner, key.name, shown, table.owner, table.name, name, place


def _info_references(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    shown = session.server.shown_name(database)
    for table, key, parent in _references(session, database):
        unique = next(
            (each.name for each in parent.unique_keys() if set(each.columns) == set(key.parent_columns)), None
        )
        yield shown, table.owner, key.name, shown, parent.owner, unique, "NONE", "NO ACTION", "NO ACTION"


INFORMATION_SCHEMA = {
    "tables": _view("is_tables", "TABLE_CATALOG:sysname TABLE_SCHEMA:sysname TABLE_NAME:sysname TABLE_TYPE:varchar(10)", _info_tables),
    "columns": _view("is_columns", "TABLE_CATALOG:sysname TABLE_SCHEMA:sysname TABLE_NAME:sysname COLUMN_NAME:sysname"
                     " ORDINAL_POSITION:int COLUMN_DEFAULT:nvarchar(4000) IS_NULLABLE:varchar(3) DATA_TYPE:sysname"
                     " CHARACTER_MAXIMUM_LENGTH:int CHARACTER_OCTET_LENGTH:int NUMERIC_PRECISION:tinyint"
                     " NUMERIC_PRECISION_RADIX:smallint NUMERIC_SCALE:int DATETIME_PRECISION:smallint CHARACTER_SET_NAME:sysname"
                     " COLLATION_NAME:sysname", _info_columns),
    "table_constraints": _view("is_table_constraints", "CONSTRAINT_CATALOG:sysname CONSTRAINT_SCHEMA:sysname CONSTRAINT_NAME:sysname"
                               " TABLE_CATALOG:sysname TABLE_SCHEMA:sysname TABLE_NAME:sysname CONSTRAINT_TYPE:varchar(11)"
                               " IS_DEFERRABLE:varchar(2) INITIALLY_DEFERRED:varchar(2)", _info_constraints),
    "key_column_usage": _view("is_key_column_usage", "CONSTRAINT_CATALOG:sysname CONSTRAINT_SCHEMA:sysname CONSTRAINT_NAME:sysname"
                              " TABLE_CATALOG:sysname TABLE_SCHEMA:sysname TABLE_NAME:sysname COLUMN_NAME:sysname"
                              " ORDINAL_POSITION:int", _info_key_columns),
    "referential_constraints": _view("is_references", "CONSTRAINT_CATALOG:sysname CONSTRAINT_SCHEMA:sysname CONSTRAINT_NAME:sysname"
                                     " UNIQUE_CONSTRAINT_CATALOG:sysname UNIQUE_CONSTRAINT_SCHEMA:sysname"
                                     " UNIQUE_CONSTRAINT_NAME:sysname MATCH_OPTION:varchar(7) UPDATE_RULE:varchar(11)"
                                     " DELETE_RULE:varchar(11)", _info_references),
}  # fmt: skip


# sys, from 2005 on --------------------------------------------------------------------------------------------------


def _sys_tables(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for table in _tables(session, database):
        yield table.name, table.object_id, 1, 0, "U ", "USER_TABLE", table.created, table.created, 0


def _sys_objects(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    kinds = {"U ": "USER_TABLE", "PK": "PRIMARY_KEY_CONSTRAINT", "UQ": "UNIQUE_CONSTRAINT", "F ": "FOREIGN_KEY_CONSTRAINT",
             "D ": "DEFAULT_CONSTRAINT"}  # fmt: skip
    for name, number, kind, _, parent, created, _, _ in _objects(session, database):
        yield name, number, 1, parent, kind, kinds[kind], created, created, 0


def _sys_columns(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    default = session.collation_of(database)
    for table in _tables(session, database):
        for column in table.columns:
            kind = types.collated(column, default)
            number = TYPE_NUMBERS[kind.kind]
            digits, scale = _digits(kind)
            yield (
                table.object_id, column.name, column.place, number, number, asking.stored_length(kind), digits, scale or 0,
                kind.collation or None, int(column.nullable), int(column.identity is not None), 0,
            )  # fmt: skip


def _sys_foreign_keys(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for table, key, parent in _references(session, database):
        yield (
            key.name,
            key.object_id,
            1,
            table.object_id,
            "F ",
            "FOREIGN_KEY_CONSTRAINT",
            parent.object_id,
            int(not key.enabled),
            0,
        )


def _sys_databases(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    level = {9: 90, 10: 100}.get(session.version, 90)
    models = {"FULL": 1, "BULK_LOGGED": 2, "SIMPLE": 3}
    for each in session.server.databases().values():
        yield (
            each["name"], each["id"], each["created"], level, each["collation"], 0, each["user_access"], 0, "ONLINE",
            models[each["recovery"]], each["recovery"], 0,
        )  # fmt: skip


def _sys_schemas(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    yield from (("dbo", 1, 1), ("INFORMATION_SCHEMA", 3, 3), ("sys", 4, 4))


def _sys_types(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for name, number, _, user, length, digits, _, _, _ in _types(session, database):
        yield name, number, user, 4, length, digits, 0, None, 1, 0


def _sys_files(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for number, group, size, most, growth, _, name, path in _files(session, database):
        yield number, 1 - group, "LOG" if group == 0 else "ROWS", name, path, 0, "ONLINE", size, most, growth


def _sys_identities(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for table in _tables(session, database):
        if table.identity is not None and table.identity.identity is not None:
            last = session.store.counter(f"{table.physical}.identity", -(2**62))
            yield (
                table.object_id,
                table.identity.name,
                table.identity.place,
                *table.identity.identity,
                None if last == -(2**62) else last,
            )


def _sys_indexes(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for number, index, name, _, _, _, _, _, status, _ in _indexes(session, database):
        if index != 255:
            kind = (0, "HEAP") if index == 0 else (1, "CLUSTERED") if index == 1 else (2, "NONCLUSTERED")
            yield (
                number,
                None if index == 0 else name,
                index,
                *kind,
                int(bool(status & 2)),
                int(bool(status & 0x800)),
                int(bool(status & 0x1000)),
            )


SYS = {
    "tables": _view("sys_tables", "name:sysname object_id:int schema_id:int parent_object_id:int type:char(2) type_desc:nvarchar(60)"
                    " create_date:datetime modify_date:datetime is_ms_shipped:bit", _sys_tables),
    "objects": _view("sys_objects", "name:sysname object_id:int schema_id:int parent_object_id:int type:char(2) type_desc:nvarchar(60)"
                     " create_date:datetime modify_date:datetime is_ms_shipped:bit", _sys_objects),
    "columns": _view("sys_columns", "object_id:int name:sysname column_id:int system_type_id:tinyint user_type_id:int"
                     " max_length:smallint precision:tinyint scale:tinyint collation_name:sysname is_nullable:bit is_identity:bit"
                     " is_computed:bit", _sys_columns),
    "foreign_keys": _view("sys_foreign_keys", "name:sysname object_id:int schema_id:int parent_object_id:int type:char(2)"
                          " type_desc:nvarchar(60) referenced_object_id:int is_disabled:bit is_not_trusted:bit", _sys_foreign_keys),
    "databases": _view("sys_databases", "name:sysname database_id:int create_date:datetime compatibility_level:tinyint"
                       " collation_name:sysname user_access:tinyint user_access_desc:nvarchar(60) state:tinyint"
                       " state_desc:nvarchar(60) recovery_model:tinyint recovery_model_desc:nvarchar(60) is_read_only:bit",
                       _sys_databases),
    "schemas": _view("sys_schemas", "name:sysname schema_id:int principal_id:int", _sys_schemas),
    "types": _view("sys_types", "name:sysname system_type_id:tinyint user_type_id:int schema_id:int max_length:smallint"
                   " precision:tinyint scale:tinyint collation_name:sysname is_nullable:bit is_user_defined:bit", _sys_types),
    "database_files": _view("sys_database_files", "file_id:int type:tinyint type_desc:nvarchar(60) name:sysname"
                            " physical_name:nvarchar(260) state:tinyint state_desc:nvarchar(60) size:int max_size:int growth:int",
                            _sys_files),
    "identity_columns": _view("sys_identity_columns", "object_id:int name:sysname column_id:int seed_value:bigint"
                              " increment_value:bigint last_value:bigint", _sys_identities),
    "indexes": _view("sys_indexes", "object_id:int name:sysname index_id:int type:tinyint type_desc:nvarchar(60) is_unique:bit"
                     " is_primary_key:bit is_unique_constraint:bit", _sys_indexes),
}  # fmt: skip
