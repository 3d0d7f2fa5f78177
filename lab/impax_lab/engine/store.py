# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows in versions, in one SQLite file: every reader sees what is committed, or a state of the past.

Each row carries who put it there and who took it away: ``_born`` and ``_died`` are the change numbers (SCN) of the
commits, ``_bx`` and ``_dx`` the transactions that are not committed yet. So nothing that a transaction does is seen
before its one commit, a crash leaves nothing behind, and a process beside reads the file whenever it likes.
The catalogue (`objects`) is such a table too: a table that is made, changed, truncated or dropped is a new version of
its entry, and comes back by a rollback with its rows, its identity and its size.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from impax_lab.engine.model import Table
from impax_lab.engine.reading import FIRST_SCN, Reading, Transaction

VERSIONED = "_born INTEGER, _died INTEGER, _bx INTEGER, _dx INTEGER"
PURGE_EVERY = 5.0  # seconds between two looks for history that nobody may ask for any more
MANY = 500  # ids in one statement


class Store(Reading):
    """One engine's file. history: seconds for which dead rows stay; None: none at all."""

    def __init__(self, path: Path, history: float | None) -> None:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
        super().__init__(path, db)
        self.history, self.write = history, db
        self.write.execute("PRAGMA journal_mode=WAL")
        self.write.execute("PRAGMA synchronous=OFF")
        self._next_id: dict[str, int] = {}
        self._transactions: dict[int, Transaction] = {}
        self._purged = time.monotonic()
        with self._at_once():
            self._prepare()
            self._recover()

    def close(self) -> None:
        with self.mutex:
            self.write.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.write.close()

    # Change numbers -------------------------------------------------------------------------------------------------

    @property
    def scn(self) -> int:
        return self._scn

    def oldest_scn(self) -> int:
        with self.mutex:
            if self.history is not None and time.monotonic() - self._purged > PURGE_EVERY:
                self._purge()
            return self._oldest

    # Transactions ---------------------------------------------------------------------------------------------------

    def begin(self) -> Transaction:
        with self.mutex:
            self._xid += 1
            tx = Transaction(self._xid)
            self._transactions[tx.xid] = tx
            return tx

    def commit(self, tx: Transaction) -> int:
        """The result is the change number as it stands after it."""
        with self.mutex, self._at_once():
            if tx.touched:
                self._scn += 1
                for physical in tx.touched - set(tx.dropped):
                    self._commit_rows(physical, tx.xid)
                self._remember("scn", self._scn)
                if self.history is not None:
                    self.write.execute("INSERT INTO commits VALUES (?,?)", (self._scn, time.time()))
            self._drop(tx.dropped)
            self._end(tx)
            if self.history is not None and time.monotonic() - self._purged > PURGE_EVERY:
                self._purge()
            return self._scn

    def _commit_rows(self, physical: str, xid: int) -> None:
        self.write.execute(f"UPDATE {physical} SET _born=?, _bx=NULL WHERE _bx=?", (self._scn, xid))
        if self.history is None:
            self.write.execute(f"DELETE FROM {physical} WHERE _dx=?", (xid,))
        else:
            self.write.execute(f"UPDATE {physical} SET _died=?, _dx=NULL WHERE _dx=?", (self._scn, xid))

    def rollback(self, tx: Transaction) -> None:
        """Undo everything; the transaction ends."""
        self.rollback_to(tx, 0)
        with self.mutex:
            self._end(tx)

    def rollback_to(self, tx: Transaction, savepoint: int) -> None:
        """Undo what came since."""
        with self.mutex, self._at_once():
            while len(tx.undo) > savepoint:
                self._undo(tx, *tx.undo.pop())

    def savepoint(self, tx: Transaction) -> int:
        return len(tx.undo)

    def _undo(self, tx: Transaction, what: str, physical: str, *where: Any) -> None:
        if what == "inserted":
            self.write.execute(f"DELETE FROM {physical} WHERE _id BETWEEN ? AND ? AND _bx=?", (*where, tx.xid))
        elif what == "removed":
            for ids in _pieces(where[0]):
                self.write.execute(f"UPDATE {physical} SET _dx=NULL WHERE _id IN ({ids}) AND _dx=?", (tx.xid,))
        elif what == "dropped":
            tx.dropped.remove(physical)
        elif what == "created":
            self._drop([physical])
            tx.touched.discard(physical)

    def _end(self, tx: Transaction) -> None:
        tx.active = False
        tx.undo.clear()
        self._transactions.pop(tx.xid, None)

    def others(self, physical: str, tx: Transaction | None) -> set[Transaction]:
        """Transactions at work, other than `tx`, that have put rows into a table or taken some away."""
        own = tx.xid if tx else -1
        with self.mutex:
            sql = " UNION ".join(f"SELECT {c} FROM {physical} WHERE {c} IS NOT NULL" for c in ("_bx", "_dx"))
            found = {xid for (xid,) in self.write.execute(sql) if xid != own}
            return {self._transactions[xid] for xid in found if xid in self._transactions}

    # Rows -----------------------------------------------------------------------------------------------------------

    def insert(self, tx: Transaction, physical: str, width: int, rows: Iterable[Sequence[Any]]) -> tuple[int, int]:
        """Put rows at the end of a table; the result is the range of their ids (empty: (n + 1, n))."""
        with self.mutex, self._at_once():
            first = self._next(physical)
            marks = ",".join("?" * (width + 2))
            names = ",".join(f"c{number}" for number in range(1, width + 1))
            numbered = ((at, tx.xid, *row) for at, row in enumerate(rows, first))
            done = self.write.executemany(f"INSERT INTO {physical} (_id,_bx,{names}) VALUES ({marks})", numbered)
            last = first + max(0, done.rowcount) - 1
            self._next_id[physical] = last + 1
            tx.touched.add(physical)
            tx.undo.append(("inserted", physical, first, last))
            return first, last

    def remove(self, tx: Transaction, physical: str, ids: Sequence[int]) -> None:
        with self.mutex, self._at_once():
            for piece in _pieces(ids):
                self.write.execute(f"UPDATE {physical} SET _dx=? WHERE _id IN ({piece})", (tx.xid,))
            tx.touched.add(physical)
            tx.undo.append(("removed", physical, list(ids)))

    def last_id(self, physical: str) -> int:
        with self.mutex:
            return self._next(physical) - 1

    def taken_by(self, physical: str, ids: Sequence[int]) -> set[int]:
        """The transactions, not ended yet, that have taken away one of these rows."""
        found: set[int] = set()
        with self.mutex:
            for piece in _pieces(ids):
                sql = f"SELECT DISTINCT _dx FROM {physical} WHERE _id IN ({piece}) AND _dx IS NOT NULL"
                found.update(xid for (xid,) in self.write.execute(sql))
        return found

    def new_physical(self, tx: Transaction | None, width: int, indexes: Iterable[Sequence[str]] = ()) -> str:
        """A new, empty table of the file. indexes: the stored names of the columns of each."""
        with self.mutex, self._at_once():
            physical = f"t{self.next_number('physical')}"
            columns = "".join(f"c{number}, " for number in range(1, width + 1))
            self.write.execute(f"CREATE TABLE {physical} (_id INTEGER PRIMARY KEY, {columns}{VERSIONED})")
            self._index(physical)
            for number, names in enumerate(indexes):
                self.write.execute(f"CREATE INDEX {physical}_{number} ON {physical} ({','.join(names)})")
            if tx:
                tx.undo.append(("created", physical))
            return physical

    def drop_physical(self, tx: Transaction, physical: str) -> None:
        """It goes away when the transaction commits."""
        tx.dropped.append(physical)
        tx.undo.append(("dropped", physical))

    # The catalogue --------------------------------------------------------------------------------------------------

    def put(self, tx: Transaction, key: str, table: Table) -> Table:
        """A new entry, or a new version of one that was read from the catalogue."""
        with self.mutex:
            if table.version:
                self.remove(tx, "objects", [table.version])
            first, _ = self.insert(tx, "objects", 4, [(table.object_id, table.scope, key, table.to_json())])
            return next(self._read("_id=?", (first,)))

    def drop(self, tx: Transaction, table: Table) -> None:
        self.remove(tx, "objects", [table.version])
        self.drop_physical(tx, table.physical)

    # Counters -------------------------------------------------------------------------------------------------------

    def set_counter(self, name: str, value: int) -> None:
        with self.mutex:
            self.write.execute("INSERT OR REPLACE INTO counters VALUES (?,?)", (name, value))

    def next_number(self, name: str, step: int = 1) -> int:
        with self.mutex:
            value = self.counter(name) + step
            self.set_counter(name, value)
            return value

    def set_note(self, name: str, value: str) -> None:
        """A text kept beside the tables."""
        with self.mutex:
            self.write.execute("INSERT OR REPLACE INTO notes VALUES (?,?)", (name, value))

    # Inside ---------------------------------------------------------------------------------------------------------

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """One transaction of SQLite; inside another one it is a part of that."""
        if self.write.in_transaction:
            yield
            return
        self.write.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.write.execute("ROLLBACK")
            self._next_id.clear()
            self._known.clear()
            raise
        self.write.execute("COMMIT")

    def _prepare(self) -> None:
        self.write.execute("CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER)")
        self.write.execute("CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT)")
        self.write.execute("CREATE TABLE IF NOT EXISTS commits (scn INTEGER PRIMARY KEY, at REAL)")
        columns = "c1 INTEGER, c2 TEXT, c3 TEXT, c4 TEXT"
        if not self.write.execute("SELECT 1 FROM sqlite_master WHERE name='objects'").fetchone():
            self.write.execute(f"CREATE TABLE objects (_id INTEGER PRIMARY KEY, {columns}, {VERSIONED})")
            self.write.execute("CREATE INDEX objects_key ON objects (c2, c3)")
            self._index("objects")
            self.write.execute(
                "CREATE VIEW objects_view AS SELECT _id, c1 AS object_id, c2 AS scope, c3 AS key, c4, _born, _died, _bx, _dx"
                " FROM objects"
            )
        self._scn, self._oldest = self.counter("scn", FIRST_SCN), self.counter("oldest", FIRST_SCN)
        self._xid = 0

    def _index(self, physical: str) -> None:
        for column in ("_bx", "_dx", "_died"):
            self.write.execute(f"CREATE INDEX {physical}{column} ON {physical} ({column}) WHERE {column} IS NOT NULL")

    def _recover(self) -> None:
        """Nothing of a transaction that was at work when the process ended stays; nor do tables without an entry."""
        for physical in self._physicals():
            self.write.execute(f"DELETE FROM {physical} WHERE _bx IS NOT NULL")
            self.write.execute(f"UPDATE {physical} SET _dx=NULL WHERE _dx IS NOT NULL")
        used = {table.physical for table in self.tables(None)} | {"objects"}
        self._drop(physical for physical in self._physicals() if physical not in used)

    def _physicals(self) -> list[str]:
        sql = "SELECT name FROM sqlite_master WHERE type='table' AND (name='objects' OR name GLOB 't[0-9]*')"
        return [name for (name,) in self.write.execute(sql)]

    def _drop(self, physicals: Iterable[str]) -> None:
        for physical in physicals:
            self.write.execute(f"DROP TABLE IF EXISTS {physical}")
            self.write.execute("DELETE FROM counters WHERE name GLOB ?", (f"{physical}.*",))
            self._next_id.pop(physical, None)

    def _next(self, physical: str) -> int:
        if physical not in self._next_id:
            (last,) = self.write.execute(f"SELECT MAX(_id) FROM {physical}").fetchone()
            self._next_id[physical] = (last or 0) + 1
        return self._next_id[physical]

    def _remember(self, name: str, value: int) -> None:
        self.write.execute("INSERT OR REPLACE INTO counters VALUES (?,?)", (name, value))

    def _purge(self) -> None:
        self._purged = time.monotonic()
        limit = time.time() - (self.history or 0)
        (scn,) = self.write.execute("SELECT MAX(scn) FROM commits WHERE at<?", (limit,)).fetchone()
        if scn and scn > self._oldest:
            for physical in self._physicals():
                self.write.execute(f"DELETE FROM {physical} WHERE _died<=?", (scn,))
            self.write.execute("DELETE FROM commits WHERE scn<?", (scn,))
            self._oldest = scn
            self._remember("oldest", scn)


def _pieces(ids: Sequence[int]) -> Iterator[str]:
    for at in range(0, len(ids), MANY):
        yield ",".join(map(str, ids[at : at + MANY]))
