# SPDX-License-Identifier: GPL-3.0-or-later
"""Locks and versioned rows, the ground of both engines."""

from __future__ import annotations

import sqlite3

import pytest
from impax_lab.engine.locks import ORACLE, SQL_SERVER, Deadlock, Interrupted, Locks, LockTimeout
from impax_lab.engine.model import Column, Constraint, Table, Type
from impax_lab.engine.reading import NotYet, Reading, TooOld
from impax_lab.engine.store import Store
from support.engines import Beside


@pytest.mark.parametrize(("held", "asked", "fits"), [
    ("X", "RX", False), ("RX", "RX", True), ("RX", "S", False), ("S", "S", True), ("RS", "SRX", True), ("SRX", "SRX", False),
    ("RS", "X", False),
])  # fmt: skip
def test_modes_of_oracle(held, asked, fits):
    assert _fits(Locks(ORACLE), held, asked) is fits


@pytest.mark.parametrize(("held", "asked", "fits"), [
    ("IX", "IX", True), ("IX", "IS", True), ("IX", "S", False), ("X", "IS", False), ("U", "S", True), ("U", "IX", False),
    ("S", "IX", False), ("SIX", "IS", True), ("SIX", "IX", False),
])  # fmt: skip
def test_modes_of_sql_server(held, asked, fits):
    assert _fits(Locks(SQL_SERVER), held, asked) is fits


def _fits(locks, held, asked) -> bool:
    locks.acquire("one", "table", held)
    try:
        locks.acquire("other", "table", asked, timeout=0)
    except LockTimeout:
        return False
    return True


def test_two_modes_of_one_owner_are_joined():
    locks = Locks(SQL_SERVER)
    locks.acquire("one", "table", "IX")
    assert locks.acquire("one", "table", "S") == "IX"
    assert locks.held("table") == {"one": "SIX"}
    locks.restore("one", "table", "IX")
    assert locks.held("table") == {"one": "IX"}


def test_who_waits_first_is_served_first():
    locks = Locks(ORACLE)
    locks.acquire("holder", "table", "X")
    writer = Beside(lambda: locks.acquire("writer", "table", "RX"))
    assert writer.waits()
    with pytest.raises(LockTimeout):
        locks.acquire("truncate", "table", "X", timeout=0)
    locks.release_all("holder")
    assert writer.done() == ""
    with pytest.raises(LockTimeout):  # the waiter has it before anybody who comes later
        locks.acquire("truncate", "table", "X", timeout=0)


def test_one_who_waits_holds_back_who_comes_later():
    locks = Locks(ORACLE)
    locks.acquire("reader", "table", "RS")
    waiter = Beside(lambda: locks.acquire("waiter", "table", "X"))
    assert waiter.waits()
    with pytest.raises(LockTimeout):
        locks.acquire("late", "table", "RX", timeout=0)
    locks.release_all("reader")
    assert waiter.done() == ""


def test_a_circle_of_waiters_is_found_and_an_interrupt_ends_a_wait():
    locks = Locks(SQL_SERVER)
    locks.acquire("one", "a", "X")
    locks.acquire("two", "b", "X")
    first = Beside(lambda: locks.acquire("one", "b", "X"))
    assert first.waits()
    with pytest.raises(Deadlock):
        locks.acquire("two", "a", "X")
    locks.cancel("one")
    assert isinstance(first.done(), Interrupted)


# Versioned rows -----------------------------------------------------------------------------------------------------


def _table(store: Store, tx) -> Table:
    columns = (Column("K", Type("NUMBER"), False, 1), Column("V", Type("VARCHAR2", 9), True, 2))
    table = Table(1, "ME", "ME", "T", columns, (Constraint("PK", "P", ("K",)),))
    return store.put(tx, "T", table.with_physical(store.new_physical(tx, 2, [["c1"]])))


def _rows(store: Store, tx=None, **how) -> list:
    table = store.find(tx, "ME", "T")
    if table is None:
        return []
    return store.write.execute(
        f"SELECT c1 FROM {table.physical} WHERE {store.visible(tx, **how)} ORDER BY c1"
    ).fetchall()


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "engine.sqlite", 900)
    tx = made.begin()
    table = _table(made, tx)
    made.insert(tx, table.physical, 2, [(1, "a"), (2, "b")])
    made.commit(tx)
    yield made
    made.close()


def test_nobody_sees_what_is_not_committed_and_a_rollback_undoes_all(store):
    tx = store.begin()
    table = store.find(tx, "ME", "T")
    store.insert(tx, table.physical, 2, [(3, "c")])
    store.remove(tx, table.physical, [1])
    assert _rows(store, tx) == [(2,), (3,)]
    assert _rows(store) == [(1,), (2,)]
    assert _rows(store, dirty=True) == [(2,), (3,)]
    store.rollback(tx)
    assert _rows(store) == _rows(store, dirty=True) == [(1,), (2,)]


def test_a_savepoint_keeps_what_came_before(store):
    tx = store.begin()
    table = store.find(tx, "ME", "T")
    store.insert(tx, table.physical, 2, [(3, "c")])
    mark = store.savepoint(tx)
    store.remove(tx, table.physical, [1, 2])
    store.drop(tx, table)
    assert _rows(store, tx) == []
    store.rollback_to(tx, mark)
    store.commit(tx)
    assert _rows(store) == [(1,), (2,), (3,)]


def test_the_past_can_be_read_until_it_is_given_up(store):
    before = store.scn
    tx = store.begin()
    store.remove(tx, store.find(tx, "ME", "T").physical, [1])
    after = store.commit(tx)
    assert after == before + 1
    assert (_rows(store, scn=before, past=True), _rows(store, scn=after, past=True)) == ([(1,), (2,)], [(2,)])
    with pytest.raises(NotYet):
        store.check_scn(after + 1)
    store.history = -1
    store._purge()
    with pytest.raises(TooOld):
        store.check_scn(before)
    assert _rows(store) == [(2,)]


def test_a_killed_process_leaves_nothing_uncommitted(store, tmp_path):
    tx = store.begin()
    table = store.find(tx, "ME", "T")
    store.insert(tx, table.physical, 2, [(3, "c")])
    store.remove(tx, table.physical, [1])
    emptied = store.new_physical(tx, 2)
    store.put(tx, "T", table.with_physical(emptied))
    store.drop_physical(tx, table.physical)
    for part in tmp_path.glob("engine.sqlite*"):
        (tmp_path / f"copy{part.name.removeprefix('engine')}").write_bytes(part.read_bytes())
    again = Store(tmp_path / "copy.sqlite", 900)
    assert _rows(again) == [(1,), (2,)]
    assert again.write.execute(f"SELECT 1 FROM sqlite_master WHERE name='{emptied}'").fetchone() is None
    again.close()
    store.rollback(tx)


def test_somebody_beside_reads_and_cannot_write(store):
    beside = Reading(store.path)
    assert beside.find(None, "ME", "T").columns == store.find(None, "ME", "T").columns
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        beside.db.execute("DELETE FROM objects")
    beside.db.close()
