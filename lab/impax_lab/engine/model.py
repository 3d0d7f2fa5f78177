# SPDX-License-Identifier: GPL-3.0-or-later
"""What a table is made of, for both engines, and how it is kept as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Type:
    """A column's or value's type. kind: the vendor's name, in the vendor's case. size: characters, bytes or digits (-1: no
    limit, None: not given). scale: of decimal numbers. collation: of character data."""

    kind: str
    size: int | None = None
    scale: int | None = None
    collation: str = ""


NULL = Type("null")  # the bare literal


@dataclass(frozen=True)
class Column:
    """place: from 1 on, which is also its column number. default: as SQL text. identity: (seed, increment)."""

    name: str
    type: Type
    nullable: bool = True
    place: int = 0
    default: str | None = None
    identity: tuple[int, int] | None = None

    @property
    def stored(self) -> str:
        """The column's name in the file."""
        return f"c{self.place}"


@dataclass(frozen=True)
class Constraint:
    """kind: P primary key, U unique, R foreign key, C check. parent: the referenced table's object id."""

    name: str
    kind: str
    columns: tuple[str, ...] = ()
    parent: int = 0
    parent_columns: tuple[str, ...] = ()
    enabled: bool = True
    text: str = ""
    object_id: int = 0


@dataclass(frozen=True)
class Table:
    """scope: where its name is unique (an owner, a database). physical: the table in the file that holds its rows; a
    truncate gives it a new one. version: the row of the catalogue this was read from. born: when that was committed."""

    object_id: int
    scope: str
    owner: str
    name: str
    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...] = ()
    physical: str = ""
    created: str = ""
    kind: str = "U"
    version: int = field(default=0, compare=False)
    born: int = field(default=0, compare=False)

    def column(self, name: str) -> Column | None:
        """By its name, letters as they are."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def identity(self) -> Column | None:
        return next((column for column in self.columns if column.identity), None)

    def unique_keys(self) -> list[Constraint]:
        return [constraint for constraint in self.constraints if constraint.kind in "PU"]

    def with_physical(self, physical: str) -> Table:
        return replace(self, physical=physical)

    def to_json(self) -> str:
        whole = asdict(self)
        for name in ("version", "born"):
            del whole[name]
        return json.dumps(whole)


def table_from_json(text: str, version: int, born: int) -> Table:
    whole: dict[str, Any] = json.loads(text)
    whole["columns"] = tuple(_column(column) for column in whole["columns"])
    whole["constraints"] = tuple(_constraint(constraint) for constraint in whole["constraints"])
    return Table(**whole, version=version, born=born)


def _column(whole: dict[str, Any]) -> Column:
    identity = whole.pop("identity")
    return Column(**{**whole, "type": Type(**whole["type"])}, identity=tuple(identity) if identity else None)


def _constraint(whole: dict[str, Any]) -> Constraint:
    lists = {name: tuple(whole[name]) for name in ("columns", "parent_columns")}
    return Constraint(**{**whole, **lists})
