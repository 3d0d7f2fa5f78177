# SPDX-License-Identifier: GPL-3.0-or-later
"""One client's session: its settings, its transaction, its locks, what names mean to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from impax_lab.engine.locks import Deadlock, Interrupted, LockTimeout
from impax_lab.engine.model import Table, Type
from impax_lab.engine.ms import asking, catalogue, types
from impax_lab.engine.ms.dialect import TransactCompiler, View
from impax_lab.engine.ms.errors import SqlError, error
from impax_lab.engine.reading import Transaction
from impax_lab.engine.sql.scope import Query, Value

if TYPE_CHECKING:
    from impax_lab.engine.mssql import Server

Variables = Mapping[str, tuple[Type, Any]]
DIRTY = {"nolock", "readuncommitted"}
KEPT = {"holdlock", "serializable", "repeatableread"}


class Column(NamedTuple):
    """kind: the type's name. size: characters or bytes (-1: no limit), digits of a decimal, else 0. display: characters that
    ODBC allows for a value, -1: no limit."""

    name: str
    kind: str
    size: int
    scale: int
    nullable: bool
    display: int
    identity: bool
    collation: str


@dataclass(frozen=True)
class Rows:
    columns: tuple[Column, ...]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Message:
    """number 0, level 0: what PRINT says."""

    number: int
    level: int
    state: int
    line: int
    text: str
    procedure: str = ""


@dataclass(frozen=True)
class Affected:
    count: int


class Refused(Exception):
    """The server refused; its messages. row: of a bulk load, from 0 on, where one row is at fault."""

    def __init__(self, messages: Sequence[Message], row: int | None = None) -> None:
        super().__init__(messages[0].text if messages else "")
        self.messages, self.row = tuple(messages), row


class Session:
    """Made by `Server.logon`; used by one thread at a time."""

    def __init__(self, server: Server, login: str, spid: int, database: str) -> None:
        self.server, self.login, self.spid, self.database = server, login, spid, database
        self.store, self.locks, self.version = server.store, server.locks, server.version
        self.user = "dbo"
        self.tx: Transaction | None = None
        self.trancount = 0
        self.doomed = False
        self.xact_abort = self.nocount = False
        self.lock_timeout = -1
        self.row_limit = 0
        self.isolation = "read committed"
        self.identity_insert: int | None = None
        self.rowcount, self.error = 0, 0
        self.last_identity: int | None = None
        self.null_seen = False
        self.backup_fault = ""  # one of `backup_faults`, of the call that this session serves
        self.handled: SqlError | None = None
        self.savepoints: dict[str, int] = {}
        self.logged_on = time.time()
        self.alive = True
        self._attention = False
        self._brief: list[tuple[Any, str]] = []
        self._views: dict[str, tuple[catalogue.Catalogue, str]] = {}
        self.connection = server.connection(self.store.reader())
        self.connection.context = self

    # For clients ----------------------------------------------------------------------------------------------------

    def batch(self, sql: str) -> list[Rows | Message | Affected]:
        from impax_lab.engine.ms import interpreter

        if not self.alive or self.server.closed:
            return [Message(0, 20, 0, 0, "The connection has been closed.")]
        self._attention = False
        if self.tx is not None:
            self.locks.go_on(self.tx)
        return interpreter.run_batch(self, sql)

    def export(self, what: str) -> Rows:
        """A table (``mvf..t``) or a query. Raises Refused."""
        query = (
            what
            if what.lstrip()[:6].lower() in ("select", "with q") or " " in what.strip()
            else f"select * from {what}"
        )
        answers = self.batch(query)
        messages = [answer for answer in answers if isinstance(answer, Message) and answer.level > 10]
        found = next((answer for answer in answers if isinstance(answer, Rows)), None)
        if messages or found is None:
            raise Refused(messages or [Message(0, 16, 1, 1, "The statement gives no rows.")])
        return found

    def table(self, name: str) -> tuple[Column, ...]:
        """The columns of a table. Raises Refused."""
        found = self._named(name)
        collation = self.collation_of(found.scope)
        return tuple(
            column_of(Value("", types.collated(column, collation), column.name, column.nullable, column))
            for column in found.columns
        )

    def bulk_insert(
        self,
        name: str,
        rows: Sequence[Sequence[Any]],
        keep_identity: bool = False,
        keep_nulls: bool = False,
        batch: int = 0,
    ) -> int:
        """Rows of all columns, in order, in batches of their own transactions. Raises Refused; `row` is the one at fault."""
        from impax_lab.engine.ms import bulk

        return bulk.insert(self, self._named(name), rows, keep_identity, keep_nulls, batch)

    def cancel(self) -> None:
        """From another thread: what runs or waits here ends (an attention). A transaction stays open, unless XACT_ABORT."""
        self._attention = True
        tx = self.tx
        if tx is not None:
            self.locks.cancel(tx)
        self.connection.db.interrupt()

    def look(self) -> None:
        """Raises Attention."""
        if self._attention or self.server.closed:
            raise Attention

    def sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.look()
            self.server.sleep(min(0.05, left))

    def close(self) -> None:
        if self.alive:
            self.alive = False
            self.rollback()
            self.server.forget(self)
            self.connection.db.close()

    def _named(self, name: str) -> Table:
        parts = [part.strip('[]"') for part in name.split(".")]
        database, owner, bare = ["", "", *parts][-3:]
        found = self.resolve(database, owner, bare)
        if not isinstance(found, Table):
            raise Refused([Message(208, 16, 1, 1, f"Invalid object name '{name}'.")])
        return found

    # Transactions ---------------------------------------------------------------------------------------------------

    def transaction(self) -> Transaction:
        if self.tx is None:
            self.tx = self.store.begin()
        return self.tx

    def begin(self) -> None:
        self.transaction()
        self.trancount += 1

    def commit(self) -> None:
        """Raises SqlError 3902."""
        if not self.trancount:
            raise error(3902)
        self.trancount -= 1
        if not self.trancount:
            self._end(True)

    def rollback(self) -> None:
        self._end(False)

    def _end(self, done: bool) -> None:
        self.trancount, self.doomed, self._brief = 0, False, []
        self.savepoints = {}
        if self.tx is not None:
            tx, self.tx = self.tx, None
            (self.store.commit if done else self.store.rollback)(tx)
            self.locks.release_all(tx)

    def end_statement(self, done: bool) -> None:
        """Outside of a transaction a statement is one of its own."""
        if not self.trancount:
            self._end(done)
            return
        while self._brief and self.tx is not None:
            self.locks.restore(self.tx, *self._brief.pop())

    # Locks ----------------------------------------------------------------------------------------------------------

    @property
    def _timeout(self) -> float | None:
        return None if self.lock_timeout < 0 else self.lock_timeout / 1000

    def lock(self, table: Table, mode: str, keep: bool = True) -> None:
        """Raises SqlError 1222, 1205."""
        tx = self.transaction()
        resource = ("T", table.object_id)
        before = self._waiting(lambda: self.locks.acquire(tx, resource, mode, self._timeout))
        if not keep:
            self._brief.append((resource, before))

    def wait_for(self, others: Callable[[], set[Transaction]]) -> None:
        tx = self.transaction()
        self._waiting(lambda: self.locks.wait_for(tx, others, self._timeout))

    def _waiting(self, work: Callable[[], Any]) -> Any:
        self.look()
        try:
            return work()
        except LockTimeout:
            raise error(1222) from None
        except Deadlock:
            raise error(1205, self.spid) from None
        except Interrupted:
            raise Attention from None

    def lock_for_reading(self, table: Table, hints: frozenset[str]) -> None:
        """As the hints and the isolation level want it. A reader waits for who has changed rows of the table: assumed, that
        no index leads it past them."""
        if hints & DIRTY or (self.isolation == "read uncommitted" and not hints - {"nolock"}):
            return
        keep = bool(hints & KEPT) or self.isolation in ("serializable", "repeatable read")
        if hints & {"tablockx", "xlock"}:
            self.lock(table, "X")
        elif "updlock" in hints:
            self.lock(table, "U")
        elif keep or "tablock" in hints:
            self.lock(table, "S", keep)
        else:
            self.lock(table, "IS", False)
        self.wait_for_writers(table)

    def wait_for_writers(self, table: Table) -> None:
        now = self.store.by_id(self.tx, table.object_id)  # another one than before the lock was to be had, or none
        others = self.store.others(now.physical, self.tx) if now else set()
        if others:
            self.wait_for(lambda: {other for other in others if other.active})

    # Names ----------------------------------------------------------------------------------------------------------

    def scope_of(self, database: str, name: str) -> str:
        """Where a table's name is unique. Temporary tables are the session's own."""
        if name.startswith("#"):
            return f"#{self.spid}"
        return (database or self.database).lower()

    def find(self, database: str, owner: str, name: str) -> Table | None:
        scope = self.scope_of(database, name)
        return self.store.find(self.tx, scope, key_of(owner, name))

    def resolve(self, database: str, owner: str, name: str) -> Table | View | None:
        if database and not self.server.database(database):
            return None
        found = self.find(database, owner, name)
        if found is not None:
            return found
        view = catalogue.find(self.version, database or self.database, owner, name)
        if view is None:
            self.server.unknown_view(self, owner, name)
            return None
        key = f"{view.name}_{(database or self.database).lower()}".replace("$", "_")
        key = "".join(letter if letter.isalnum() else "_" for letter in key)
        self._views[key] = (view, database or self.database)
        return View(key, view.columns)

    def collation_of(self, database: str) -> str:
        return self.server.collation_of(database)

    def visible(self, hints: frozenset[str]) -> str:
        return self.store.visible(self.tx, dirty=bool(hints & DIRTY) or self.isolation == "read uncommitted")

    def now(self) -> str:
        return types.stored_moment(datetime.now())

    def global_value(self, name: str) -> tuple[Type, Any] | None:
        return asking.global_value(self, name)

    def ask(self, name: str, *arguments: Any) -> Any:
        return asking.ask(self, name, *arguments)

    def caught(self, name: str) -> Any:
        if self.handled is None:
            return None
        return getattr(self.handled, name) or None

    # Compiling and running ------------------------------------------------------------------------------------------

    def compiler(self, variables: Variables) -> TransactCompiler:
        return TransactCompiler(self, variables)

    def run(self, query: Query, compiler: TransactCompiler, writing: bool = False) -> list[tuple[Any, ...]]:
        """The rows as they are kept. writing: by the connection that changes them, inside of the store's mutex."""
        target = self.server.writer if writing else self.connection
        target.context = self
        for view in compiler.views:
            found, database = self._views[view.name]
            target.fill(view.name, len(view.columns), found.rows(self, database))
        return target.run(query.sql)

    def evaluate(self, value: Value) -> Any:
        return self.connection.run(f"SELECT {value.sql}")[0][0]

    def locked(
        self, compiled: Callable[[], tuple[Any, TransactCompiler]], targets: frozenset[int] = frozenset()
    ) -> tuple[Any, TransactCompiler]:
        """Compile, lock what is read, and compile anew when a table has changed meanwhile. targets: locked already."""
        while True:
            made, compiler = compiled()
            for table, hints in compiler.read:
                if table.object_id not in targets:
                    self.lock_for_reading(table, hints)
            now = [self.store.by_id(self.tx, table.object_id) for table, _ in compiler.read]
            if all(
                found is not None and found.version == table.version
                for found, (table, _) in zip(now, compiler.read, strict=True)
            ):
                return made, compiler

    def shown(self, query: Query, rows: list[tuple[Any, ...]]) -> Rows:
        return Rows(tuple(column_of(value) for value in query.values), list(self._typed(query.values, rows)))

    @staticmethod
    def _typed(values: Sequence[Value], rows: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        makers = [types.for_client(value.type) for value in values]
        for row in rows:
            yield tuple(make(cell) for make, cell in zip(makers, row, strict=True))


class Attention(Exception):
    """The client has cancelled the batch, or the server ends."""


def column_of(value: Value) -> Column:
    kind = value.type if value.type.kind != "null" else types.INT
    size = kind.size or 0 if kind.kind not in types.SIZES else 8 if kind.kind == "timestamp" else 0
    if kind.kind in types.LONG:
        size = -1
    identity = bool(value.column and value.column.identity)
    return Column(
        value.name, kind.kind, size, kind.scale or 0, value.nullable, types.display(kind), identity, kind.collation
    )


def key_of(owner: str, name: str) -> str:
    return f"{(owner or 'dbo').lower()}.{name.lower()}"
