# SPDX-License-Identifier: GPL-3.0-or-later
"""SQLite connections that know a vendor's functions, and errors that come through them whole.

sqlite3 tells of an exception in a function only that there was one; the exception itself is kept here meanwhile.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Function = Callable[..., Any]


class TooManyRows(Exception):
    """A subquery that stands for a value gave more than one row."""


class Connection:
    """A connection with functions. functions: name -> (number of arguments, function); aggregates: name -> (n, class).
    contextual: functions whose first argument is `context`."""

    def __init__(
        self,
        db: sqlite3.Connection,
        functions: Mapping[str, tuple[int, Function]],
        aggregates: Mapping[str, tuple[int, type]],
        collations: Mapping[str, Callable[[str, str], int]],
        contextual: Mapping[str, tuple[int, Function]],
    ) -> None:
        self.db = db
        self.context: Any = None  # whoever runs something now, for functions that need to know
        self.failed: Exception | None = None
        for name, (count, function) in functions.items():
            db.create_function(name, count, self._guarded(function), deterministic=True)
        for name, (count, kind) in {**aggregates, "one_row": (1, OneRow)}.items():
            db.create_aggregate(name, count, self._guarded_class(kind))
        for name, (count, function) in contextual.items():
            db.create_function(name, count, self._guarded(self._told(function)))
        for name, order in collations.items():
            db.create_collation(name, order)

    def run(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows. Raises what a function raised, or sqlite3.Error."""
        self.failed = None
        try:
            return self.db.execute(sql, values).fetchall()
        except sqlite3.OperationalError:
            if self.failed is not None:
                raise self.failed from None
            raise

    def stream(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """Rows one after the other; the state of the file is that of the first one."""
        return self.db.execute(sql)

    def fill(self, name: str, width: int, rows: Iterable[Sequence[Any]]) -> None:
        """A temporary table of this connection, made new each time."""
        columns = ", ".join(f"c{number}" for number in range(1, width + 1))
        self.db.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} ({columns})")
        self.db.execute(f"DELETE FROM temp.{name}")
        self.db.executemany(f"INSERT INTO temp.{name} VALUES ({','.join('?' * width)})", rows)

    def _told(self, function: Function) -> Function:
        return lambda *arguments: function(self.context, *arguments)

    def _guarded(self, function: Function) -> Function:
        def guarded(*arguments: Any) -> Any:
            try:
                return function(*arguments)
            except Exception as error:
                self.failed = error
                raise

        return guarded

    def _guarded_class(self, kind: type) -> type:
        outer = self

        class Guarded(kind):  # type: ignore[misc]
            def step(self, *arguments: Any) -> None:
                try:
                    super().step(*arguments)
                except Exception as error:
                    outer.failed = error
                    raise

            def finalize(self) -> Any:
                try:
                    return super().finalize()
                except Exception as error:
                    outer.failed = error
                    raise

        return Guarded


class OneRow:
    """The value of a subquery; NULL where it gives no row."""

    def __init__(self) -> None:
        self.value: Any = None
        self.seen = False

    def step(self, value: Any) -> None:
        if self.seen:
            raise TooManyRows
        self.value, self.seen = value, True

    def finalize(self) -> Any:
        return self.value
