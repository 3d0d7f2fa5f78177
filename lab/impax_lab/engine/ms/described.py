# SPDX-License-Identifier: GPL-3.0-or-later
"""A table as the site describes it: columns, keys, references, invented rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from impax_lab.engine import rows as invented
from impax_lab.engine.model import Column, Constraint, Type
from impax_lab.engine.ms import types
from impax_lab.engine.ms.session import Session
from impax_lab.engine.sql.tokens import TRANSACT, Words, tokens


def columns(made: Mapping[str, Any], version: int) -> tuple[Column, ...]:
    found = []
    for place, (name, column) in enumerate((made.get("columns") or invented.SERVER_COLUMNS).items(), 1):
        words = Words(str(column["type"]), tokens(str(column["type"]), TRANSACT))
        kind = types.read_type(words, place, version)
        identity = (1, 1) if words.take("IDENTITY") else None
        words.end()
        if column.get("collation"):
            kind = Type(kind.kind, kind.size, kind.scale, str(column["collation"]))
        nullable = bool(column.get("null", True)) and identity is None
        found.append(Column(str(name), kind, nullable, place, column.get("default"), identity))
    return tuple(found)


def constraints(session: Session, name: str, made: Mapping[str, Any]) -> tuple[Constraint, ...]:
    key = made.get("key", "event_id" if not made.get("columns") else None)
    keys = [str(part) for part in (key if isinstance(key, list) else [key] if key else [])]
    found = []
    if keys:
        found.append(Constraint(f"PK_{name}", "P", tuple(keys), object_id=session.store.next_number("object")))
    for number, (column, described) in enumerate((made.get("columns") or {}).items(), 1):
        if described.get("references"):
            found.append(_reference(session, f"FK_{name}_{number}", str(column), str(described["references"])))
    return tuple(found)


def _reference(session: Session, name: str, column: str, target: str) -> Constraint:
    """references: table(column)"""
    table, _, rest = target.partition("(")
    parent = session.find("", "dbo", table.strip())
    if parent is None:
        raise ValueError(f"{target}: no such table yet; the referenced one stands before the other")
    number = session.store.next_number("object")
    return Constraint(name, "R", (column,), parent.object_id, (rest.rstrip(") ").strip(),), object_id=number)


GROUPS = {
    "date": types.DATES,
    "text": types.STRINGS,
    "raw": types.BINARY,
    "float": types.FLOATING,
    "guid": {"uniqueidentifier"},
}


def _group(kind: Type) -> str:
    return next((group for group, kinds in GROUPS.items() if kind.kind in kinds), "number")


def kind_of_invented(column: Column) -> Type:
    return types.nvarchar(-1) if column.type.kind in types.STRINGS else column.type


def rows(
    name: str,
    made: Mapping[str, Any],
    columns: Sequence[Column],
    count: int,
    nulls: int,
    first: int,
    seed: int,
    arriving: bool,
) -> Iterator[tuple[Any, ...]]:
    described = made.get("columns") or invented.SERVER_COLUMNS
    plan = [
        invented.Plan(
            (described.get(column.name) or {}).get("values", ""), _group(column.type),
            column.type.size if column.type.kind in types.STRINGS - types.LONG else None, column.nullable,
            **({} if arriving else invented.faulty(made, column.name)),
        )
        for column in columns
    ]  # fmt: skip
    stamp = types.stored_moment(datetime.now()) if arriving else ""
    return invented.rows(plan, count, nulls, first, f"{seed}:{name}", "%Y-%m-%d %H:%M:%S.000", stamp)
