# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading an engine's file: which rows and tables are there for whom. Changes nothing."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from impax_lab.engine.model import Table, table_from_json


@dataclass(eq=False)
class Transaction:
    """undo: what was done, newest last. dropped: tables of the file that go when it commits."""

    xid: int
    active: bool = True
    undo: list[tuple[Any, ...]] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    dropped: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.time)


FIRST_SCN = 4_801_207


class TooOld(Exception):
    """The change number lies before the history that is kept."""


class NotYet(Exception):
    """The change number has not come yet."""


class Reading:
    """What is in a file. db: the connection to use, else one that cannot change it."""

    def __init__(self, path: Path, db: sqlite3.Connection | None = None) -> None:
        self.path = path
        self.db = db or read_only(path)
        self.mutex = threading.RLock()
        self._known: dict[int, Table] = {}

    @property
    def scn(self) -> int:
        """The change number of the last commit."""
        return self.counter("scn", FIRST_SCN)

    def check_scn(self, scn: int) -> None:
        """Raises TooOld, NotYet."""
        if scn > self.scn:
            raise NotYet
        if scn < self.oldest_scn():
            raise TooOld

    def oldest_scn(self) -> int:
        return self.counter("oldest", FIRST_SCN)

    def reader(self) -> sqlite3.Connection:
        """A connection for one session's reading; its temporary tables are its own."""
        return read_only(self.path)

    # What is visible ------------------------------------------------------------------------------------------------

    def visible(self, tx: Transaction | None, scn: int | None = None, past: bool = False, dirty: bool = False) -> str:
        """The condition on a row. scn: as committed up to it. past: without the transaction's own changes. dirty: with
        everybody's."""
        if dirty:
            return "_dx IS NULL AND _died IS NULL"
        own = tx.xid if tx else -1
        if scn is None:
            return f"(_bx IS NULL OR _bx={own}) AND (_dx IS NULL OR _dx<>{own}) AND _died IS NULL"
        if past:
            return f"_born<={scn} AND (_died IS NULL OR _died>{scn})"
        seen = f"(_born<={scn} OR _bx={own}) AND (_died IS NULL OR _died>{scn})"
        return f"{seen} AND (_dx IS NULL OR _dx<>{own})"

    # The catalogue ---------------------------------------------------------------------------------------------------

    def find(self, tx: Transaction | None, scope: str, key: str, scn: int | None = None) -> Table | None:
        seen = self.visible(tx, scn)
        return next(self._read(f"scope=? AND key=? AND {seen}", (scope, key)), None)

    def by_id(self, tx: Transaction | None, object_id: int) -> Table | None:
        return next(self._read(f"object_id=? AND {self.visible(tx)}", (object_id,)), None)

    def tables(self, tx: Transaction | None, scope: str | None = None) -> list[Table]:
        """All of a scope, or all there are, oldest first."""
        where, values = ("scope=? AND ", (scope,)) if scope is not None else ("", ())
        return list(self._read(f"{where}{self.visible(tx)} ORDER BY object_id", values))

    def _read(self, where: str, values: Sequence[Any]) -> Iterator[Table]:
        with self.mutex:
            found = self.db.execute(f"SELECT _id, c4, _born FROM objects_view WHERE {where}", values).fetchall()
        for version, text, born in found:
            known = self._known.get(version)
            if known is None or known.born != (born or 0):
                known = self._known[version] = table_from_json(text, version, born or 0)
            yield known

    # Counters and notes ---------------------------------------------------------------------------------------------

    def counter(self, name: str, default: int = 0) -> int:
        with self.mutex:
            row = self.db.execute("SELECT value FROM counters WHERE name=?", (name,)).fetchone()
            return row[0] if row else default

    def note(self, name: str) -> str:
        """A text kept beside the tables."""
        with self.mutex:
            row = self.db.execute("SELECT value FROM notes WHERE name=?", (name,)).fetchone()
            return row[0] if row else ""


def read_only(path: Path) -> sqlite3.Connection:
    """A connection that cannot change the file. Raises sqlite3.OperationalError where there is none."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False, timeout=30
    )
