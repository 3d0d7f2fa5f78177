# SPDX-License-Identifier: GPL-3.0-or-later
"""A table as the site describes it: columns, keys, references, invented rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from impax_lab.engine import rows as invented
from impax_lab.engine.model import Column, Constraint, Table
from impax_lab.engine.ora import dates, types
from impax_lab.engine.ora.session import Session
from impax_lab.engine.sql.tokens import ORACLE, Words, tokens


def columns(made: Mapping[str, Any]) -> tuple[Column, ...]:
    found = []
    for place, (name, column) in enumerate((made.get("columns") or invented.ORACLE_COLUMNS).items(), 1):
        words = Words(str(column["type"]), tokens(str(column["type"]), ORACLE))
        kind = types.read_type(words)
        words.end()
        found.append(Column(str(name).upper(), kind, bool(column.get("null", True)), place, column.get("default")))
    return tuple(found)


def constraints(
    session: Session, name: str, made: Mapping[str, Any], columns: tuple[Column, ...]
) -> tuple[Constraint, ...]:
    key = made.get("key", "event_id" if not made.get("columns") else None)
    keys = [str(part).upper() for part in (key if isinstance(key, list) else [key] if key else [])]
    found = []
    if keys:
        number = session.store.next_number("object")
        found.append(Constraint(f"PK_{name}"[:30], "P", tuple(keys), object_id=number))
    for number, (column, described) in enumerate((made.get("columns") or {}).items(), 1):
        if described.get("references"):
            found.append(
                _reference(session, f"FK_{name}_{number}"[-30:], str(column).upper(), str(described["references"]))
            )
    return tuple(found)


def _reference(session: Session, name: str, column: str, target: str) -> Constraint:
    """references: table(column)"""
    table, _, rest = target.upper().partition("(")
    parent = session.find("", table.strip())
    if parent is None:
        raise ValueError(f"{target}: no such table yet; the referenced one stands before the other")
    return Constraint(
        name,
        "R",
        (column,),
        parent.object_id,
        (rest.rstrip(") ").strip(),),
        object_id=session.store.next_number("object"),
    )


def rows(
    name: str,
    made: Mapping[str, Any],
    table: Table,
    count: int,
    nulls: int,
    first: int,
    seed: int,
    arriving: bool = False,
) -> Iterator[tuple[Any, ...]]:
    described = made.get("columns") or invented.ORACLE_COLUMNS
    kinds = {str(column).upper(): each.get("values", "") for column, each in described.items()}
    plan = [
        invented.Plan(
            kinds.get(column.name, ""), types.class_of(column.type), column.type.size, column.nullable,
            **({} if arriving else invented.faulty(made, column.name)),
        )
        for column in table.columns
    ]  # fmt: skip
    stamp = dates.now() if arriving else ""
    for row in invented.rows(plan, count, nulls, first, f"{seed}:{name}", dates.STORED, stamp):
        yield tuple(None if value == "" else value for value in row)  # to Oracle an empty text is null
