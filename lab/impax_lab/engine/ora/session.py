# SPDX-License-Identifier: GPL-3.0-or-later
"""One client's session: its transaction, its locks, what names mean to it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from impax_lab.engine.locks import Deadlock, Interrupted, LockTimeout
from impax_lab.engine.model import Table, Type
from impax_lab.engine.ora import dates, dictionary, types
from impax_lab.engine.ora.dialect import OracleCompiler, View
from impax_lab.engine.ora.errors import OracleError, error, not_understood
from impax_lab.engine.reading import NotYet, TooOld, Transaction
from impax_lab.engine.sql import parsing
from impax_lab.engine.sql.running import Connection, TooManyRows
from impax_lab.engine.sql.scope import Problem, Query, Scope, Value
from impax_lab.engine.sql.tokens import Stop, Unended

if TYPE_CHECKING:
    from impax_lab.engine.oracle import Instance

Variables = Mapping[str, tuple[Type, Any]]
MODES = {"RS": 2, "RX": 3, "S": 4, "SRX": 5, "X": 6}


class ResultColumn(NamedTuple):
    """size: characters of a text, 0 where it is not known."""

    name: str
    type: str
    size: int


@dataclass
class Result:
    """What a statement gave. columns: () where it is no query. kind: its first word in small letters, or "block"."""

    columns: Sequence[ResultColumn] = ()
    rows: Sequence[tuple[Any, ...]] = ()
    affected: int = 0
    kind: str = ""
    printed: list[str] = field(default_factory=list)


class DefinedColumn(NamedTuple):
    name: str
    type: str
    nullable: bool


class TableDefinition(NamedTuple):
    owner: str
    name: str
    columns: tuple[DefinedColumn, ...]


class Session:
    """Made by `Instance.logon`; used by one thread at a time."""

    def __init__(self, instance: Instance, user: str, sid: int) -> None:
        self.instance, self.user, self.sid = instance, user, sid
        self.store, self.locks = instance.store, instance.locks
        self.dba = instance.is_dba(user)
        self.uid = instance.uid(user)
        self.model = "DD-MON-RR"
        self.schema = user
        self.text = ""
        self.logged_on = time.time()
        self.tx: Transaction | None = None
        self.savepoints: dict[str, tuple[int, int]] = {}
        self.printed: list[str] = []
        self._held: list[tuple[Any, str]] = []
        self._snapshot: int | None = None
        self._views: dict[str, dictionary.Dictionary] = {}
        self.alive = True
        self.no_room = False  # the disk is full, whatever it has
        self.connection = instance.connection(self.store.reader())

    # For clients ----------------------------------------------------------------------------------------------------

    def execute(self, sql: str) -> Result:
        """One statement or PL/SQL block. Raises OracleError."""
        from impax_lab.engine.ora import statements

        if not self.alive or self.instance.closed:
            raise error(1012)
        self.printed = []
        before = self.mark()
        try:
            result = self.guarded(sql, lambda: statements.run(self, sql))
        except OracleError as failed:
            self.back_to(before)
            failed.printed = self.printed
            self.instance.note(self, sql, failed)
            raise
        result.printed = self.printed
        return result

    def commit(self) -> None:
        if self.tx is not None:
            tx, self.tx = self.tx, None
            self._held, self.savepoints = [], {}
            self.store.commit(tx)
            self.locks.release_all(tx)

    def rollback(self) -> None:
        if self.tx is not None:
            tx, self.tx = self.tx, None
            self._held, self.savepoints = [], {}
            self.store.rollback(tx)
            self.locks.release_all(tx)

    def close(self) -> None:
        if self.alive:
            self.alive = False
            self.rollback()
            self.instance.forget(self)
            self.connection.db.close()

    def scn(self) -> int:
        return self.store.scn

    def table(self, name: str) -> TableDefinition:
        """Raises OracleError 942."""
        found = self._named_table(name)
        columns = tuple(DefinedColumn(c.name, types.declared(c.type), c.nullable) for c in found.columns)
        return TableDefinition(found.owner, found.name, columns)

    def rows_as_of(self, name: str, scn: int | None = None) -> Iterator[tuple[Any, ...]]:
        """Typed rows, in the order in which they were inserted. Raises OracleError 942, 1466, 1555, 8181."""
        found = self._named_table(name)
        self._snapshot = self.store.scn
        columns = ", ".join(column.stored for column in found.columns)
        sql = f"SELECT {columns} FROM {found.physical} WHERE {self.visible(found, scn)} ORDER BY _id"
        makers = [types.for_client(column.type, self.model) for column in found.columns]
        found_rows = self.connection.stream(sql)
        return (tuple(make(value) for make, value in zip(makers, row, strict=True)) for row in found_rows)

    def _named_table(self, name: str) -> Table:
        owner, _, bare = name.replace('"', "").upper().rpartition(".")
        found = self.find(owner, bare)
        if found is None:
            raise error(942)
        return found

    # For blocks -----------------------------------------------------------------------------------------------------

    def step(self, sql: str, variables: Variables | None = None) -> Result:
        """One statement of a block: done as a whole or not at all. Raises OracleError."""
        from impax_lab.engine.ora import statements

        before = self.mark()
        try:
            return self.guarded(sql, lambda: statements.run(self, sql, variables))
        except OracleError:
            self.back_to(before)
            raise

    def select_into(self, sql: str, variables: Variables, targets: Sequence[Callable[[Type, Any], None]]) -> None:
        """Raises OracleError 1403, 1422."""
        query, rows = self.guarded(sql, lambda: self.select(sql, variables))
        if len(query.values) != len(targets):
            raise error(913 if len(query.values) > len(targets) else 947)
        if len(rows) != 1:
            raise error(1422 if rows else 1403)
        for target, value, cell in zip(targets, query.values, rows[0], strict=True):
            target(value.type, cell)

    def run_dynamic(self, sql: str, targets: Sequence[Callable[[Type, Any], None]]) -> None:
        """EXECUTE IMMEDIATE"""
        if targets:
            self.select_into(sql, {}, targets)
        else:
            self.step(sql)

    def put_line(self, text: Any) -> None:
        """DBMS_OUTPUT.PUT_LINE"""
        self.printed.append("" if text is None else str(text))

    # Transactions and locks -----------------------------------------------------------------------------------------

    def transaction(self) -> Transaction:
        if self.tx is None:
            self.tx = self.store.begin()
        return self.tx

    def mark(self) -> tuple[int, int]:
        """A place to go back to."""
        return (self.store.savepoint(self.tx) if self.tx else 0), len(self._held)

    def back_to(self, mark: tuple[int, int]) -> None:
        """What came since is undone, and its locks are free again."""
        if self.tx is None:
            return
        if mark == (0, 0):
            self.rollback()
            return
        self.store.rollback_to(self.tx, mark[0])
        while len(self._held) > mark[1]:
            resource, before = self._held.pop()
            self.locks.restore(self.tx, resource, before)

    def lock(self, table: Table, mode: str, timeout: float | None = None) -> Table:
        """Hold a table's lock; the result is the table as it is then. Raises OracleError 54, 30006, 60, 942."""
        tx = self.transaction()
        try:
            before = self.locks.acquire(tx, ("TM", table.object_id), mode, timeout)
        except LockTimeout:
            raise error(54 if timeout == 0 else 30006) from None
        self._held.append((("TM", table.object_id), before))
        found = self.store.by_id(tx, table.object_id)
        if found is None:
            raise error(942)
        return found

    def wait_for(self, others: set[Transaction]) -> None:
        self.locks.wait_for(self.transaction(), lambda: {other for other in others if other.active})

    # Names ----------------------------------------------------------------------------------------------------------

    def find(self, owner: str, name: str) -> Table | None:
        """A table that this user may see."""
        owner = owner or self.schema
        if owner != self.user and not self.dba and not self.instance.may_read(self.user, owner):
            return None
        return self.store.find(self.tx, owner, name)

    def resolve(self, owner: str, name: str) -> Table | View | None:
        if self.instance.mode == "mounted" and not name.startswith(("V$", "V_$", "GV$", "DUAL")):
            raise error(1219)
        found = self.find(owner, name)
        if found is not None:
            return found
        view = dictionary.find(name) if owner in ("", "SYS", "PUBLIC") else None
        if view is None:
            self.instance.unknown_view(self, name)
            return None
        if view.privileged and not self.dba:
            return None
        self._views[view.view.name] = view
        return view.view

    def visible(self, table: Table, scn: int | None) -> str:
        if scn is None:
            return self.store.visible(self.tx, self._snapshot)
        try:
            self.store.check_scn(scn)
        except NotYet:
            raise error(8181) from None
        except TooOld:
            raise error(1555) from None
        if table.born > scn:
            raise error(1466)
        return self.store.visible(None, scn, past=True)

    def flashback_scn(self) -> int:
        if not self.dba:
            raise error(904, '"DBMS_FLASHBACK"."GET_SYSTEM_CHANGE_NUMBER"')
        return self.store.scn

    def now(self) -> str:
        return dates.now()

    def environment(self) -> Mapping[str, str]:
        spec = self.instance.spec
        return {
            "SESSION_USER": self.user, "CURRENT_USER": self.user, "CURRENT_SCHEMA": self.schema, "SID": str(self.sid),
            "DB_NAME": self.instance.name, "INSTANCE_NAME": self.instance.name, "SERVER_HOST": str(spec.get("host", "lab")),
            "NLS_DATE_FORMAT": self.model, "SESSIONID": str(self.sid), "ISDBA": "FALSE", "LANGUAGE":
            f"AMERICAN_AMERICA.{spec.get('charset', 'AL32UTF8')}",
        }  # fmt: skip

    # Compiling and running ------------------------------------------------------------------------------------------

    def compiler(self, text: str, variables: Variables | None = None) -> OracleCompiler:
        self.text = text
        self._snapshot = self.store.scn
        return OracleCompiler(self, variables or {})

    def guarded(self, text: str, work: Any) -> Any:
        """Whatever goes wrong inside becomes an OracleError."""
        try:
            return work()
        except Problem as problem:
            raise OracleCompiler(self).problem(problem, self.text or text) from problem
        except Stop as stop:
            raise _stopped(stop, text) from stop
        except Unended as unended:
            raise error(1756, at=(unended.line, 1)) from unended
        except TooManyRows:
            raise error(1427) from None
        except Deadlock:
            raise error(60) from None
        except Interrupted:
            raise error(1013) from None
        except sqlite3.Error as failed:
            raise not_understood(900, f"SQLite: {failed}") from failed

    def run(
        self, query: Query, compiler: OracleCompiler, connection: Connection | None = None
    ) -> list[tuple[Any, ...]]:
        """The rows as they are kept."""
        target = connection or self.connection
        for view in compiler.views:
            target.fill(view.name, len(view.columns), self._views[view.name].rows(self))
        return target.run(query.sql)

    def select(self, text: str, variables: Variables | None = None) -> tuple[Query, list[tuple[Any, ...]]]:
        compiler = self.compiler(text, variables)
        query = compiler.query(parsing.statement(text, "oracle"))
        return query, self.run(query, compiler)

    def evaluate(self, value: Value) -> Any:
        return self.connection.run(f"SELECT {value.sql}")[0][0]

    def value(self, text: str, variables: Variables) -> tuple[Type, Any]:
        """An expression of PL/SQL."""
        found = self.compiler(text, variables).value(parsing.expression(text, "oracle"), Scope())
        return found.type, self.evaluate(found)

    def condition(self, text: str, variables: Variables) -> bool:
        found = self.compiler(text, variables).condition(parsing.expression(text, "oracle"), Scope())
        return bool(self.connection.run(f"SELECT {found}")[0][0])

    def shown(self, query: Query, rows: Iterable[tuple[Any, ...]]) -> Result:
        makers = [types.for_client(value.type, self.model) for value in query.values]
        typed = [tuple(make(cell) for make, cell in zip(makers, row, strict=True)) for row in rows]
        columns = [ResultColumn(value.name, _kind(value.type), _size(value.type)) for value in query.values]
        return Result(columns, typed, len(typed), "select")

    @property
    def lock_modes(self) -> list[tuple[int, int]]:
        """(object id, mode as v$locked_object has it) of every table lock held."""
        if self.tx is None:
            return []
        mine = [
            (res[1], MODES[mode]) for res, owner, mode in self.locks.holdings() if owner is self.tx and res[0] == "TM"
        ]
        return sorted(mine)


def _kind(kind: Type) -> str:
    return "VARCHAR2" if kind.kind == "null" else kind.kind


def _size(kind: Type) -> int:
    return kind.size or 0 if types.class_of(kind) == "text" else 0


def _stopped(stop: Stop, text: str) -> OracleError:
    from impax_lab.engine.sql.scope import line_and_column

    codes = {"(": 906, ")": 907, "=": 927, "name": 903, "end": 933, "SET": 971, "VALUES": 926, "number": 1722}
    at = line_and_column(text, stop.token.start) if stop.token else None
    made = error(codes.get(stop.expected, 900 if not stop.expected else 905), at=at)
    made.understood = False
    made.why = f"unexpected {stop}"
    return made
