# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to rows that come while an Oracle table is saved and emptied: S34 as the engine allows it."""

from __future__ import annotations

import threading
import time

import pytest
from impax_lab.engine import oracle
from impax_lab.engine.oracle import OracleError
from impax_lab.state import LabError
from support.engines import PASSWORD, Beside, asked, instance

COUNT = "select count(*) from map_event_audit"
EMPTY = """\
declare
  n number;
  k number;
begin
  lock table MAP_EVENT_AUDIT in exclusive mode nowait;
  select count(*), nvl(max(event_id), 0) into n, k from MAP_EVENT_AUDIT;
  if n <> {rows} or k <> {rows} then
    raise_application_error(-20001, 'rows=' || n || ' greatest=' || k);
  end if;
  execute immediate 'truncate table MAP_EVENT_AUDIT';
  dbms_output.put_line('emptied');
end;"""


@pytest.fixture
def engine(tmp_path):
    made = instance(tmp_path, truncate_window_s=0)
    yield made
    made.close()


@pytest.fixture
def session(engine):
    return engine.logon("dbadmin", PASSWORD)


def test_counting_and_truncating_without_a_lock_loses_the_row_between(engine, session):
    assert asked(session, COUNT) == [(20,)]
    assert engine.arrive("map_event_audit") == 1
    assert asked(session, "truncate table map_event_audit") == 0
    assert asked(session, COUNT) == [(0,)]


def test_the_block_empties_what_it_has_counted(engine, session):
    assert session.execute(EMPTY.format(rows=20)).printed == ["emptied"]
    assert (asked(session, COUNT), engine.inspect(COUNT)) == ([(0,)], [{"COUNT(*)": 0}])


def test_a_row_since_the_export_stops_the_block_and_frees_the_table(engine, session):
    engine.arrive("map_event_audit")
    with pytest.raises(OracleError, match="ORA-20001: rows=21 greatest=21"):
        session.execute(EMPTY.format(rows=20))
    assert engine.arrive("map_event_audit", timeout=1) == 1
    assert asked(session, COUNT) == [(22,)]


def test_the_lock_keeps_rows_out_until_the_truncate_releases_it(engine, session):
    asked(session, "lock table map_event_audit in exclusive mode nowait")
    comer = Beside(lambda: engine.arrive("map_event_audit"))
    assert comer.waits()
    session.rollback()
    assert comer.done() == 1
    assert asked(session, COUNT) == [(21,)]


def test_a_row_that_comes_into_the_window_is_lost(engine, session):
    """DDL commits before it begins: the lock is gone, the truncate has not begun."""
    came = []
    engine.hooks["before_truncate"] = lambda table: came.append((table, engine.arrive(table, timeout=2)))
    assert session.execute(EMPTY.format(rows=20)).printed == ["emptied"]
    assert came == [("MAP_EVENT_AUDIT", 1)]
    assert asked(session, COUNT) == [(0,)]


def test_one_who_waited_for_the_lock_comes_into_the_window_by_itself(tmp_path):
    engine = instance(tmp_path, truncate_window_s=0.3)
    session = engine.logon("dbadmin", PASSWORD)
    asked(session, "lock table map_event_audit in exclusive mode nowait")
    comer = Beside(lambda: engine.arrive("map_event_audit"))
    assert comer.waits()
    assert asked(session, "truncate table map_event_audit") == 0
    assert (comer.done(), asked(session, COUNT)) == (1, [(0,)])
    engine.close()


def test_an_uncommitted_row_in_the_window_makes_the_table_busy(engine, session):
    other = engine.logon("dbadmin", PASSWORD)
    row = "insert into map_event_audit (event_id, event_type, event_time) values (21, 'x', sysdate)"
    engine.hooks["before_truncate"] = lambda table: asked(other, row)
    with pytest.raises(OracleError) as failed:
        session.execute(EMPTY.format(rows=20))
    assert (failed.value.code, failed.value.message.split("\n")[1]) == (54, "ORA-06512: at line 10")
    other.commit()
    assert asked(session, COUNT) == [(21,)]


@pytest.mark.parametrize(("statement", "code"), [
    ("lock table map_event_audit in exclusive mode nowait", "ORA-00054"), ("lock table map_event_audit in share mode nowait", "ORA-00054"),
    ("lock table map_event_audit in exclusive mode wait 1", "ORA-30006"), ("truncate table map_event_audit", "ORA-00054"),
    ("drop table map_event_audit", "ORA-00054"), ("lock table map_event_audit in row exclusive mode nowait", 0),
])  # fmt: skip
def test_an_open_change_keeps_others_out(engine, session, statement, code):
    other = engine.logon("dbadmin", PASSWORD)
    asked(other, "delete from map_event_audit where event_id = 1")
    assert asked(session, statement) == code
    other.rollback()
    assert asked(session, COUNT) == [(20,)]


def test_two_changes_of_one_row_wait_for_each_other(engine, session):
    other = engine.logon("dbadmin", PASSWORD)
    asked(session, "update map_event_audit set user_id = 'A' where event_id = 1")
    assert asked(other, "update map_event_audit set user_id = 'B' where event_id = 2") == 1
    second = Beside(lambda: asked(other, "update map_event_audit set user_id = user_id || 'B' where event_id = 1"))
    assert second.waits()
    session.commit()
    assert second.done() == 1
    other.commit()
    assert asked(session, "select user_id from map_event_audit where event_id = 1") == [("AB",)]


@pytest.mark.parametrize(("ending", "outcome"), [("commit", "ORA-00001"), ("rollback", 1)])
def test_one_who_brings_a_key_that_another_is_about_to_bring_waits(engine, session, ending, outcome):
    other = engine.logon("dbadmin", PASSWORD)
    row = "insert into map_event_audit (event_id, event_type, event_time) values (21, 'x', sysdate)"
    asked(session, row)
    second = Beside(lambda: asked(other, row))
    assert second.waits()
    getattr(session, ending)()
    assert second.done() == outcome


def test_two_who_wait_for_each_other_are_a_deadlock(engine, session):
    other = engine.logon("dbadmin", PASSWORD)
    asked(session, "delete from map_event_audit where event_id = 1")
    asked(other, "delete from map_event_audit where event_id = 2")
    first = Beside(lambda: asked(session, "delete from map_event_audit where event_id = 2"))
    assert first.waits()
    assert asked(other, "delete from map_event_audit where event_id = 1") == "ORA-00060"
    other.rollback()
    assert first.done() == 1


def test_a_consistent_view_is_untouched_by_what_comes_later(engine, session):
    scn = asked(session, "select current_scn from v$database")[0][0]
    engine.arrive("map_event_audit", 3)
    asked(session, "delete from map_event_audit where event_id = 1")
    session.commit()
    at = f"select count(*), min(event_id), max(event_id) from map_event_audit as of scn {scn}"
    assert (asked(session, at), asked(session, COUNT)) == ([(20, 1, 20)], [(22,)])
    assert [row[0] for row in session.rows_as_of("map_event_audit", scn)] == list(range(1, 21))
    assert len(list(session.rows_as_of("dbadmin.map_event_audit"))) == 22
    assert asked(session, COUNT + f" as of scn {scn + 1000}") == "ORA-08181"
    asked(session, "truncate table map_event_audit")
    assert asked(session, at) == "ORA-01466"


def test_history_that_is_given_up_is_too_old(tmp_path):
    engine = instance(tmp_path, undo_retention=0)
    session = engine.logon("dbadmin", PASSWORD)
    scn = session.scn()
    engine.arrive("map_event_audit")
    time.sleep(0.01)
    engine.store._purge()
    for work in (
        lambda: session.execute(f"{COUNT} as of scn {scn}"),
        lambda: session.rows_as_of("map_event_audit", scn),
    ):
        with pytest.raises(OracleError, match="ORA-01555"):
            work()
    engine.close()


def test_a_long_reading_sees_one_state(engine, session):
    rows = session.rows_as_of("map_event_audit")
    first = next(rows)
    engine.arrive("map_event_audit", 5)
    other = engine.logon("dbadmin", PASSWORD)
    assert asked(other, "truncate table map_event_audit") == 0
    assert [first[0], *(row[0] for row in rows)] == list(range(1, 21))


def test_rows_keep_arriving_by_themselves(tmp_path):
    engine = instance(tmp_path, tables={"map_event_audit": {"rows": 5, "arrival_per_s": 50}})
    session = engine.logon("dbadmin", PASSWORD)
    until = time.monotonic() + 5
    while asked(session, COUNT)[0][0] < 8 and time.monotonic() < until:
        time.sleep(0.05)
    assert asked(session, COUNT)[0][0] >= 8
    asked(session, "lock table map_event_audit in exclusive mode")
    (held,) = asked(session, COUNT)
    time.sleep(0.2)
    assert asked(session, COUNT) == [held]
    assert asked(
        session, "select count(*) from map_event_audit where user_id is null or description like 'x%' and event_id < 0"
    ) == [(0,)]
    engine.close()


def test_what_is_committed_is_read_by_another_process_up_and_down(engine, session, tmp_path):
    asked(session, "delete from map_event_audit where event_id = 1")
    for _ in range(2):
        assert oracle.inspect(tmp_path, "select count(*) n, max(user_id) u from map_event_audit")[0]["N"] == 20
        assert oracle.inspect(tmp_path, "select version from v$instance") == [{"VERSION": "11.2.0.4.0"}]
        for query in ("delete from map_event_audit", "select nope from map_event_audit"):
            with pytest.raises(LabError):
                oracle.inspect(tmp_path, query)
        engine.close()
        engine = instance(tmp_path)
    assert asked(engine.logon("dbadmin", PASSWORD), COUNT) == [(20,)]
    engine.close()


def test_closing_ends_who_waits(engine, session):
    asked(session, "lock table map_event_audit in exclusive mode")
    other = engine.logon("dbadmin", PASSWORD)
    waiter = Beside(lambda: asked(other, "delete from map_event_audit"))
    assert waiter.waits()
    closer = threading.Thread(target=engine.close)
    closer.start()
    assert waiter.done() == "ORA-01013"
    closer.join(5)
    assert not closer.is_alive()
