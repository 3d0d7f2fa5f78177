# SPDX-License-Identifier: GPL-3.0-or-later
"""INFORMATION_SCHEMA."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from impax_lab.engine.model import Type
from impax_lab.engine.ms import types
from impax_lab.engine.ms.views import references, tables, view

if TYPE_CHECKING:
    from impax_lab.engine.ms.session import Session


def _info_tables(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    for table in tables(session, database):
        yield session.server.shown_name(database), table.owner, table.name, "BASE TABLE"


def _info_columns(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    default = session.collation_of(database)
    for table in tables(session, database):
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
    for table in tables(session, database):
        for key in table.constraints:
            if key.kind in kinds and key.text != "index":
                yield shown, table.owner, key.name, shown, table.owner, table.name, kinds[key.kind], "NO", "NO"


def _info_key_columns(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    shown = session.server.shown_name(database)
    for table in tables(session, database):
        for key in table.constraints:
            if key.kind in "PUR" and key.text != "index":
                for place, name in enumerate(key.columns, 1):
                    yield shown, table.owner, key.name, shown, table.owner, table.name, name, place


def _info_references(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
    shown = session.server.shown_name(database)
    for table, key, parent in references(session, database):
        unique = next(
            (each.name for each in parent.unique_keys() if set(each.columns) == set(key.parent_columns)), None
        )
        yield shown, table.owner, key.name, shown, parent.owner, unique, "NONE", "NO ACTION", "NO ACTION"


INFORMATION_SCHEMA = {
    "tables": view("is_tables", "TABLE_CATALOG:sysname TABLE_SCHEMA:sysname TABLE_NAME:sysname TABLE_TYPE:varchar(10)", _info_tables),
    "columns": view("is_columns", "TABLE_CATALOG:sysname TABLE_SCHEMA:sysname TABLE_NAME:sysname COLUMN_NAME:sysname"
                     " ORDINAL_POSITION:int COLUMN_DEFAULT:nvarchar(4000) IS_NULLABLE:varchar(3) DATA_TYPE:sysname"
                     " CHARACTER_MAXIMUM_LENGTH:int CHARACTER_OCTET_LENGTH:int NUMERIC_PRECISION:tinyint"
                     " NUMERIC_PRECISION_RADIX:smallint NUMERIC_SCALE:int DATETIME_PRECISION:smallint CHARACTER_SET_NAME:sysname"
                     " COLLATION_NAME:sysname", _info_columns),
    "table_constraints": view("is_table_constraints", "CONSTRAINT_CATALOG:sysname CONSTRAINT_SCHEMA:sysname CONSTRAINT_NAME:sysname"
                               " TABLE_CATALOG:sysname TABLE_SCHEMA:sysname TABLE_NAME:sysname CONSTRAINT_TYPE:varchar(11)"
                               " IS_DEFERRABLE:varchar(2) INITIALLY_DEFERRED:varchar(2)", _info_constraints),
    "key_column_usage": view("is_key_column_usage", "CONSTRAINT_CATALOG:sysname CONSTRAINT_SCHEMA:sysname CONSTRAINT_NAME:sysname"
                              " TABLE_CATALOG:sysname TABLE_SCHEMA:sysname TABLE_NAME:sysname COLUMN_NAME:sysname"
                              " ORDINAL_POSITION:int", _info_key_columns),
    "referential_constraints": view("is_references", "CONSTRAINT_CATALOG:sysname CONSTRAINT_SCHEMA:sysname CONSTRAINT_NAME:sysname"
                                     " UNIQUE_CONSTRAINT_CATALOG:sysname UNIQUE_CONSTRAINT_SCHEMA:sysname"
                                     " UNIQUE_CONSTRAINT_NAME:sysname MATCH_OPTION:varchar(7) UPDATE_RULE:varchar(11)"
                                     " DELETE_RULE:varchar(11)", _info_references),
}  # fmt: skip
