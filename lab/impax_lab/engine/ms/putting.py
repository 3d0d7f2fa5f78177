# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows on their way into a table: identities, defaults, row versions, room, and the keys they must keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from impax_lab.engine.constraints import Checks
from impax_lab.engine.model import NULL, Column, Table, Type
from impax_lab.engine.ms import convert, databases, types
from impax_lab.engine.ms.errors import error

if TYPE_CHECKING:
    from impax_lab.engine.ms.session import Session

NOCASE = frozenset({"char", "varchar", "nchar", "nvarchar"})


class Putting:
    """Rows into one table. columns: those that get values, in the order of the rows. kinds: of the values."""

    def __init__(
        self, session: Session, table: Table, columns: Sequence[Column], kinds: Sequence[Type], verb: str = "INSERT"
    ) -> None:
        self.session, self.table, self.verb = session, table, verb
        self.identity = table.identity
        self.given = {column.name: at for at, column in enumerate(columns)}
        self.kinds = kinds
        self.makers = [self._maker(column) for column in table.columns]

    def put(self, rows: Sequence[Sequence[Any]]) -> int:
        """Raises SqlError, Violation, Busy."""
        session, table = self.session, self.table
        self.versions = row_versions(session, table, len(rows))
        made = self._made(rows)
        tx = session.transaction()
        used = space(table, made)
        databases.make_room(session, table, used)
        first, last = session.store.insert(tx, table.physical, len(table.columns), made)
        session.store.next_number(f"{table.physical}.bytes", used)
        checks(session).inserted(table, first, last)
        return len(made)

    def _made(self, rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
        if self.verb == "INSERT" and self.identity is not None:
            return self._with_identities(rows)
        return [tuple(make(row) for make in self.makers) for row in rows]

    def _with_identities(self, rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
        identity = self.identity
        assert identity is not None and identity.identity is not None
        seed, step = identity.identity
        store, name = self.session.store, f"{self.table.physical}.identity"
        last = store.counter(name, seed - step)
        made = []
        explicit = identity.name in self.given
        try:
            for row in rows:
                if not explicit:
                    last += step
                    self.next_identity = self._fitting(last, identity)
                values = tuple(make(row) for make in self.makers)
                if explicit:
                    value = values[identity.place - 1]
                    last = max(last, value) if step > 0 else min(last, value)
                made.append(values)
        finally:
            store.set_counter(name, last)  # numbers that were given out are gone, whatever becomes of the rows
        if made:
            self.session.last_identity = made[-1][identity.place - 1]
        return made

    def _fitting(self, value: int, identity: Column) -> int:
        low, high = types.WHOLE.get(identity.type.kind, (-(10**18), 10**18))
        if not low <= value <= high:
            raise error(8115, "IDENTITY", identity.type.kind)
        return value

    def _maker(self, column: Column) -> Any:
        at = self.given.get(column.name)
        store = convert.storing(column.type)
        if column.type.kind == "timestamp":
            return lambda row: next(self.versions)
        if at is None and column.identity and self.verb == "INSERT":
            return lambda row: self.next_identity
        if at is None and column.default is not None:
            kind, value = self.session.server.default_value(self.session, column.default)
            return lambda row: self._checked(store(value, kind), column)
        if at is None:
            return lambda row: self._checked(None, column)
        kind = self.kinds[at]
        if kind == NULL:
            return lambda row: self._checked(None, column)
        if column.nullable:
            return lambda row: store(row[at], kind)
        return lambda row: self._checked(store(row[at], kind), column)

    def _checked(self, value: Any, column: Column) -> Any:
        if value is None and not column.nullable:
            table = f"{self.session.server.shown_name(self.table.scope)}.{self.table.owner}.{self.table.name}"
            raise error(515, column.name, table, self.verb)
        return value


def row_versions(session: Session, table: Table, count: int) -> Iterator[bytes]:
    """The next numbers of the database, as a rowversion has them; none where the table has no such column."""
    if count and any(column.type.kind == "timestamp" for column in table.columns):
        last = session.store.next_number(f"dbts.{table.scope}", count)
        return (number.to_bytes(8, "big") for number in range(last - count + 1, last + 1))
    return iter(())


def space(table: Table, rows: Iterable[Sequence[Any]]) -> int:
    """Bytes that rows take, with what belongs to a row."""
    wide = {column.place - 1 for column in table.columns if column.type.kind in types.WIDE}
    fixed = {
        column.place - 1: types.SIZES[column.type.kind] for column in table.columns if column.type.kind in types.SIZES
    }
    base = 11 + sum(fixed.values()) + 2 * (len(table.columns) - len(fixed))
    others = [at for at in range(len(table.columns)) if at not in fixed]
    total = 0
    for row in rows:
        total += base
        for at in others:
            value = row[at]
            if isinstance(value, (str, bytes)):
                total += len(value) * (2 if at in wide else 1)
            elif value is not None:
                total += 9
    return total


def checks(session: Session) -> Checks:
    return Checks(session.store, session.transaction(), nulls_equal=True, nocase=NOCASE)
