# SPDX-License-Identifier: GPL-3.0-or-later
"""Bulk load: rows of all columns as bcp and BULK INSERT bring them. Identities are kept or made anew, row versions never
taken over; constraints other than keys are not looked at (no CHECK_CONSTRAINTS hint)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from impax_lab.engine.constraints import Busy, Violation
from impax_lab.engine.model import Table, Type
from impax_lab.engine.ms import changing, convert, putting, types
from impax_lab.engine.ms.errors import SqlError
from impax_lab.engine.ms.session import Message, Refused

if TYPE_CHECKING:
    from impax_lab.engine.ms.session import Session


def insert(
    session: Session, table: Table, rows: Sequence[Sequence[Any]], keep_identity: bool, keep_nulls: bool, batch: int
) -> int:
    """Raises Refused, of which the batch at work is undone; those before it stay."""
    step = batch or len(rows) or 1
    done = 0
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        try:
            _batch(session, table, part, keep_identity, keep_nulls)
        except (SqlError, Violation) as failed:
            session.end_statement(False)
            raise _refused(session, table, failed, start) from failed
        session.end_statement(True)
        done += len(part)
    return done


def _batch(
    session: Session, table: Table, rows: Sequence[Sequence[Any]], keep_identity: bool, keep_nulls: bool
) -> None:
    session.lock(table, "IX")
    table = session.store.by_id(session.tx, table.object_id) or table
    taken = [
        column for column in table.columns if column.type.kind != "timestamp" and (keep_identity or not column.identity)
    ]
    kinds = [_kind(column.type, [row[column.place - 1] for row in rows]) for column in taken]
    plain = replace(table, constraints=tuple(table.unique_keys()))  # foreign keys are not checked
    chosen = [
        tuple(_given(row[column.place - 1], kind) for column, kind in zip(taken, kinds, strict=True)) for row in rows
    ]
    into = putting.Putting(session, plain, taken, kinds)
    if not keep_nulls:
        _with_defaults(session, table, taken, chosen)
    while True:
        savepoint = session.store.savepoint(session.transaction())
        try:
            with session.store.mutex:
                into.put(chosen)
            return
        except Busy as busy:
            session.store.rollback_to(session.transaction(), savepoint)
            others = set(busy.others)
            session.wait_for(lambda others=others: {other for other in others if other.active})  # type: ignore[misc]


def _kind(kind: Type, values: Sequence[Any]) -> Type:
    """The type in which the values come: text where the column is none, else the column's own."""
    if kind.kind not in types.STRINGS and any(isinstance(value, str) for value in values):
        return kind if kind.kind in types.DATES | {"uniqueidentifier"} else types.nvarchar(4000)
    return types.nvarchar(-1) if kind.kind in types.STRINGS else kind


def _given(value: Any, kind: Type) -> Any:
    """A client's value as it is kept."""
    if value is None or (type(value) in (str, int, float, bytes) and kind.kind not in types.DATES):
        return value
    if isinstance(value, datetime):
        return types.stored_moment(value, kind.kind if kind.kind in types.DATES else "datetime")
    if isinstance(value, Decimal):
        return convert.kept(value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, bytearray):
        return bytes(value)
    if kind.kind in types.DATES and isinstance(value, str):
        return convert.cast(value, types.nvarchar(50), kind)
    if not isinstance(value, (str, bytes, int, float, type(None))):
        return str(value)
    return value


def _with_defaults(session: Session, table: Table, taken: Sequence[Any], rows: list[tuple[Any, ...]]) -> None:
    """Without -k a column's default takes the place of a NULL."""
    defaults = {
        at: session.server.default_value(session, column.default)[1]
        for at, column in enumerate(taken)
        if column.default is not None
    }
    if defaults:
        rows[:] = [
            tuple(defaults[at] if cell is None and at in defaults else cell for at, cell in enumerate(row))
            for row in rows
        ]


def _refused(session: Session, table: Table, failed: Exception, start: int) -> Refused:
    made = changing.violated(session, failed, table, "INSERT") if isinstance(failed, Violation) else failed
    assert isinstance(made, SqlError)
    return Refused([Message(made.number, made.level, made.state, 1, made.text)], getattr(failed, "row", None) or start)
