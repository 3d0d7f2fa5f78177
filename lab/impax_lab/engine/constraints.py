# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and references, looked at when a statement has put its rows: as of now, whatever the statement has read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from impax_lab.engine.model import Column, Constraint, Table
from impax_lab.engine.reading import Transaction
from impax_lab.engine.store import Store


class Violation(Exception):
    """kind: unique, parent (there is none) or child (there is one). table: the one the constraint belongs to."""

    def __init__(self, kind: str, table: Table, constraint: Constraint, values: Sequence[Any] = ()) -> None:
        super().__init__(f"{kind} {constraint.name}")
        self.kind, self.table, self.constraint, self.values = kind, table, constraint, values


class Busy(Exception):
    """Another transaction, not ended yet, decides: wait for it."""

    def __init__(self, others: set[Transaction]) -> None:
        super().__init__(f"{len(others)} transactions")
        self.others = others


def compared_text(name: str) -> str:
    """Text as a key compares it, without regard to case and to blanks at its end; assumed of letters beyond ASCII: their
    case counts."""
    return f"rtrim({name}) COLLATE NOCASE"


class Checks:
    """The checks of one transaction. nulls_equal: whether two NULLs in a unique key are the same; nocase: the kinds of
    columns that are compared without regard to case."""

    def __init__(
        self, store: Store, tx: Transaction, *, nulls_equal: bool, nocase: frozenset[str] = frozenset()
    ) -> None:
        self.store, self.tx, self.nulls_equal, self.nocase = store, tx, nulls_equal, nocase

    def inserted(self, table: Table, first: int, last: int) -> None:
        """Raises Violation, Busy."""
        if first > last:
            return
        for constraint in table.constraints:
            if constraint.kind in "PU" and constraint.enabled:
                self._unique(table, constraint, first, last)
            elif constraint.kind == "R" and constraint.enabled:
                self._has_parent(table, constraint, first, last)

    def removed(self, table: Table, ids: Sequence[int]) -> None:
        """No row of another table may be left without its parent. Raises Violation."""
        for child in self.store.tables(self.tx):
            for constraint in child.constraints:
                if constraint.kind == "R" and constraint.enabled and constraint.parent == table.object_id:
                    self._has_no_child(table, child, constraint, ids)

    def _unique(self, table: Table, constraint: Constraint, first: int, last: int) -> None:
        columns = [column for name in constraint.columns if (column := table.column(name))]
        names = [column.stored for column in columns]
        equal = "IS" if self.nulls_equal else "="
        same = " AND ".join(f"{self._shown('a', c)} {equal} {self._shown('b', c)}" for c in columns)
        values = ", ".join(f"a.{name}" for name in names)
        sql = (
            f"SELECT b._bx, b._dx, {values} FROM {table.physical} AS a JOIN {table.physical} AS b ON {same}"
            f" AND a._id<>b._id WHERE a._id BETWEEN ? AND ? AND b._died IS NULL AND (b._dx IS NULL OR b._dx<>?)"
        )
        for born_by, taken_by, *found in self.store.write.execute(sql, (first, last, self.tx.xid)).fetchmany(200):
            pending = {xid for xid in (born_by, taken_by) if xid not in (None, self.tx.xid)}
            others = {other for other in self.store.others(table.physical, self.tx) if other.xid in pending}
            if others:
                raise Busy(others)
            raise Violation("unique", table, constraint, found)

    def _shown(self, alias: str, column: Column) -> str:
        name = f"{alias}.{column.stored}"
        return compared_text(name) if column.type.kind in self.nocase else name

    def _has_parent(self, table: Table, constraint: Constraint, first: int, last: int) -> None:
        parent = self.store.by_id(self.tx, constraint.parent)
        if parent is None:
            return
        own = [column.stored for name in constraint.columns if (column := table.column(name))]
        theirs = [column.stored for name in constraint.parent_columns if (column := parent.column(name))]
        given = " AND ".join(f"a.{name} IS NOT NULL" for name in own)
        same = " AND ".join(f"b.{one}=a.{other}" for one, other in zip(theirs, own, strict=True))
        there = f"SELECT 1 FROM {parent.physical} AS b WHERE {same} AND {self._alive('b')}"
        sql = f"SELECT 1 FROM {table.physical} AS a WHERE a._id BETWEEN ? AND ? AND {given} AND NOT EXISTS ({there})"
        if self.store.write.execute(sql, (first, last)).fetchone():
            raise Violation("parent", table, constraint)

    def _has_no_child(self, table: Table, child: Table, constraint: Constraint, ids: Sequence[int]) -> None:
        theirs = [column.stored for name in constraint.columns if (column := child.column(name))]
        own = [column.stored for name in constraint.parent_columns if (column := table.column(name))]
        same = " AND ".join(f"b.{one}=a.{other}" for one, other in zip(theirs, own, strict=True))
        again = " AND ".join(f"n.{name}=a.{name}" for name in own)
        replaced = f"SELECT 1 FROM {table.physical} AS n WHERE {again} AND {self._alive('n')}"
        for at in range(0, len(ids), 500):
            listed = ",".join(map(str, ids[at : at + 500]))
            sql = (
                f"SELECT 1 FROM {table.physical} AS a JOIN {child.physical} AS b ON {same} WHERE a._id IN ({listed})"
                f" AND {self._alive('b')} AND NOT EXISTS ({replaced})"
            )
            if self.store.write.execute(sql).fetchone():
                raise Violation("child", child, constraint)

    def _alive(self, alias: str) -> str:
        own = self.tx.xid
        return f"{alias}._died IS NULL AND ({alias}._bx IS NULL OR {alias}._bx={own}) AND ({alias}._dx IS NULL OR {alias}._dx<>{own})"
