# SPDX-License-Identifier: GPL-3.0-or-later
"""What a view of the catalogue is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from impax_lab.engine.model import Constraint, Table, Type
from impax_lab.engine.ms import types

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


def view(name: str, columns: str, rows: Rows, master_only: bool = False) -> Catalogue:
    """columns: "name:kind" or "name:kind(size)"."""
    made = []
    for part in columns.split():
        column, _, kind = part.partition(":")
        kind, _, size = kind.rstrip(")").partition("(")
        made.append((column, Type("nvarchar", 128) if kind == "sysname" else Type(kind, int(size) if size else None)))
    return Catalogue(f"v_{name}", tuple(made), rows, master_only)


def tables(session: Session, database: str) -> list[Table]:
    return session.store.tables(session.tx, database.lower())


def digits_of(kind: Type) -> tuple[int, int | None]:
    if kind.kind in types.NUMBERS:
        return (
            types.precision(kind)
            if kind.kind in ("decimal", "numeric")
            else (types.DIGITS[kind.kind], types.precision(kind)[1] or None)
        )
    return (kind.size or 0) if kind.kind in types.STRINGS else types.DIGITS.get(kind.kind, 0), None


def references(session: Session, database: str) -> Iterator[tuple[Table, Constraint, Table]]:
    for table in tables(session, database):
        for key in table.constraints:
            parent = session.store.by_id(session.tx, key.parent) if key.kind == "R" else None
            if parent is not None:
                yield table, key, parent
