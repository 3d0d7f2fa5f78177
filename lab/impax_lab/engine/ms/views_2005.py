# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue from SQL Server 2005 on: sys.tables, sys.columns and the like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from impax_lab.engine.ms import asking, types
from impax_lab.engine.ms.views import TYPE_NUMBERS, digits_of, references, tables, view
from impax_lab.engine.ms.views_2000 import _files, _indexes, _objects, _types

if TYPE_CHECKING:
    from impax_lab.engine.ms.session import Session


def _sys_tables(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for table in tables(session, database):
        yield table.name, table.object_id, 1, 0, "U ", "USER_TABLE", table.created, table.created, 0


def _sys_objects(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    kinds = {"U ": "USER_TABLE", "PK": "PRIMARY_KEY_CONSTRAINT", "UQ": "UNIQUE_CONSTRAINT", "F ": "FOREIGN_KEY_CONSTRAINT",
             "D ": "DEFAULT_CONSTRAINT"}  # fmt: skip
    for name, number, kind, _, parent, created, _, _ in _objects(session, database):
        yield name, number, 1, parent, kind, kinds[kind], created, created, 0


def _sys_columns(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    default = session.collation_of(database)
    for table in tables(session, database):
        for column in table.columns:
            kind = types.collated(column, default)
            number = TYPE_NUMBERS[kind.kind]
            digits, scale = digits_of(kind)
            yield (
                table.object_id, column.name, column.place, number, number, asking.stored_length(kind), digits, scale or 0,
                kind.collation or None, int(column.nullable), int(column.identity is not None), 0,
            )  # fmt: skip


def _sys_foreign_keys(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for table, key, parent in references(session, database):
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
    for table in tables(session, database):
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
    "tables": view("sys_tables", "name:sysname object_id:int schema_id:int parent_object_id:int type:char(2) type_desc:nvarchar(60)"
                    " create_date:datetime modify_date:datetime is_ms_shipped:bit", _sys_tables),
    "objects": view("sys_objects", "name:sysname object_id:int schema_id:int parent_object_id:int type:char(2) type_desc:nvarchar(60)"
                     " create_date:datetime modify_date:datetime is_ms_shipped:bit", _sys_objects),
    "columns": view("sys_columns", "object_id:int name:sysname column_id:int system_type_id:tinyint user_type_id:int"
                     " max_length:smallint precision:tinyint scale:tinyint collation_name:sysname is_nullable:bit is_identity:bit"
                     " is_computed:bit", _sys_columns),
    "foreign_keys": view("sys_foreign_keys", "name:sysname object_id:int schema_id:int parent_object_id:int type:char(2)"
                          " type_desc:nvarchar(60) referenced_object_id:int is_disabled:bit is_not_trusted:bit", _sys_foreign_keys),
    "databases": view("sys_databases", "name:sysname database_id:int create_date:datetime compatibility_level:tinyint"
                       " collation_name:sysname user_access:tinyint user_access_desc:nvarchar(60) state:tinyint"
                       " state_desc:nvarchar(60) recovery_model:tinyint recovery_model_desc:nvarchar(60) is_read_only:bit",
                       _sys_databases),
    "schemas": view("sys_schemas", "name:sysname schema_id:int principal_id:int", _sys_schemas),
    "types": view("sys_types", "name:sysname system_type_id:tinyint user_type_id:int schema_id:int max_length:smallint"
                   " precision:tinyint scale:tinyint collation_name:sysname is_nullable:bit is_user_defined:bit", _sys_types),
    "database_files": view("sys_database_files", "file_id:int type:tinyint type_desc:nvarchar(60) name:sysname"
                            " physical_name:nvarchar(260) state:tinyint state_desc:nvarchar(60) size:int max_size:int growth:int",
                            _sys_files),
    "identity_columns": view("sys_identity_columns", "object_id:int name:sysname column_id:int seed_value:bigint"
                              " increment_value:bigint last_value:bigint", _sys_identities),
    "indexes": view("sys_indexes", "object_id:int name:sysname index_id:int type:tinyint type_desc:nvarchar(60) is_unique:bit"
                     " is_primary_key:bit is_unique_constraint:bit", _sys_indexes),
}  # fmt: skip
