# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle's SQL on real rows: values, errors, changes, definitions, the dictionary."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from impax_lab.engine.oracle import Instance, OracleError
from support.engines import PASSWORD, asked, instance


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    made = instance(tmp_path_factory.mktemp("oracle"))
    yield made
    made.close()


@pytest.fixture
def own(tmp_path):
    made = instance(tmp_path)
    yield made
    made.close()


def log_on(engine: Instance, user: str = "dbadmin", password: str = PASSWORD):
    return engine.logon(user, password)


@pytest.mark.parametrize(("expression", "expected"), [
    ("5000/1024", Decimal("4.8828125")), ("5000/1000", 5), ("ceil(5000/1024)", 5), ("7/2*2", 7), ("1 - 1", 0), ("-3", -3),
    ("'a' || null || 'b'", "ab"), ("nvl('', 'empty')", "empty"), ("length('')", None), ("'' || ''", None),
    ("nvl(null, 0) + 1", 1), ("decode(2, 1, 'one', 2, 'two', 'other')", "two"), ("decode(null, null, 'both', 'no')", "both"),
    ("decode(9, 1, 'one')", None), ("case when 1 = 1 then 'y' else 'n' end", "y"), ("case 2 when 1 then 'a' when 2 then 'b' end", "b"),
    ("coalesce(null, null, 'c')", "c"), ("nullif(1, 1)", None), ("greatest(1, 3, 2)", 3), ("least('b', 'a')", "a"),
    ("substr('abcdef', -3, 2)", "de"), ("substr('abc', 2)", "bc"), ("instr('abcabc', 'c', 1, 2)", 6), ("upper('ä')", "Ä"),
    ("lpad('7', 3, '0')", "007"), ("rtrim('x   ')", "x"), ("replace('aXa', 'X')", "aa"), ("trunc(2.78, 1)", Decimal("2.7")),
    ("round(2.5)", 3), ("round(1234.567, -2)", 1200), ("mod(7, 3)", 1), ("mod(7, 0)", 7), ("to_number(' 42 ')", 42), ("'5' + 1", 6),
    ("to_char(0.5)", ".5"), ("to_char(1234.5, '9,999.00')", " 1,234.50"), ("to_char(to_date('2008-02-29', 'YYYY-MM-DD'), 'DD-MON-RR')", "29-FEB-08"),
    ("to_char(to_date('31.12.1999 23:59', 'DD.MM.YYYY HH24:MI'), 'YYYY\"y\"MM HH:MI AM')", "1999y12 11:59 PM"),
    ("to_date('2008-01-31', 'YYYY-MM-DD') - to_date('2008-01-01', 'YYYY-MM-DD')", 30),
    ("to_char(add_months(to_date('2008-01-31', 'YYYY-MM-DD'), 1), 'YYYY-MM-DD')", "2008-02-29"),
    ("cast('12' as number(3))", 12), ("cast(12.7 as number(3))", 13), ("user", "DBADMIN"), ("(select max(event_id) from map_event_audit)", 20),
])  # fmt: skip
def test_values(shared, expression, expected):
    session = log_on(shared)
    assert asked(session, f"select {expression} from dual") == [(expected,)]
    session.close()


@pytest.mark.parametrize(("query", "expected"), [
    ("select count(*), count(user_id), min(event_id), max(event_id) from map_event_audit", [(20, 17, 1, 20)]),
    ("select count(*) from map_event_audit where user_id is null", [(3,)]),
    ("select sum(event_id), avg(event_id), max(user_id) from map_event_audit where event_id < 0", [(None, None, None)]),
    ("select count(*) from dbadmin.map_event_audit", [(20,)]), ('select count(*) from "DBADMIN"."MAP_EVENT_AUDIT"', [(20,)]),
    ("select event_id from map_event_audit where rownum < 3 order by event_id desc", [(2,), (1,)]),
    ("select event_id from (select event_id from map_event_audit order by event_id desc) where rownum <= 2", [(20,), (19,)]),
    ("select count(*) from map_event_audit where rownum <= 5", [(5,)]), ("select event_id from map_event_audit where rownum > 1", []),
    ("select count(*) from map_event_audit where user_id = ''", [(0,)]), ("select count(distinct event_type) from map_event_audit having count(*) > 99", []),
    ("select m from (select mod(event_id, 2) m, count(*) n from map_event_audit group by mod(event_id, 2)) where n = 10 order by 1", [(0,), (1,)]),
    ("select mod(event_id, 2) + 1, count(*) from map_event_audit group by mod(event_id, 2) order by 1", [(1, 10), (2, 10)]),
    ("select 1 from dual union all select 1 from dual", [(1,), (1,)]), ("select 1 from dual union select 1 from dual", [(1,)]),
    ("select a.event_id, b.event_id from map_event_audit a left join map_event_audit b on b.event_id = a.event_id + 19 where a.event_id < 3 order by 1",
     [(1, 20), (2, None)]),
    ("select event_id from map_event_audit a where event_id in (select max(event_id) from map_event_audit) or exists (select 1 from dual where a.event_id = 7)"
     " order by 1", [(7,), (20,)]),
    ("select count(*) from map_event_audit where event_id not in (select null from dual)", [(0,)]),
    ("with few as (select event_id e from map_event_audit where event_id between 2 and 4) select count(*), sum(e) from few", [(3, 9)]),
    ("select nvl2(user_id, 'u', null) from map_event_audit where user_id is null or event_id = 1 order by user_id desc", [(None,), (None,), (None,), ("u",)]),
    ("select nvl2(user_id, 'u', null) from map_event_audit where user_id is null or event_id = 1 order by user_id", [("u",), (None,), (None,), (None,)]),
    ("select dummy from dual where 'abc' like 'a%' and 'a_c' like 'a\\_c' escape '\\' and not 'abc' like 'a_'", [("X",)]),
])  # fmt: skip
def test_queries(shared, query, expected):
    session = log_on(shared)
    assert asked(session, query) == expected
    session.close()


def test_headings_types_and_sizes(shared):
    session = log_on(shared)
    result = session.execute(
        "select count(*), event_type, event_time, ceil(sum(event_id) / 2) \"Half\", 'x' y from map_event_audit group by event_type, event_time"
    )
    assert [tuple(column) for column in result.columns] == [
        ("COUNT(*)", "NUMBER", 0), ("EVENT_TYPE", "VARCHAR2", 32), ("EVENT_TIME", "DATE", 0), ("Half", "NUMBER", 0), ("Y", "VARCHAR2", 1),
    ]  # fmt: skip
    when = session.execute("select event_time from map_event_audit where event_id = 1").rows[0][0]
    assert (isinstance(when, datetime), str(when)) == (True, "07-JAN-08")
    session.execute("alter session set nls_date_format = 'YYYY-MM-DD HH24:MI:SS'")
    assert (
        str(session.execute("select event_time from map_event_audit where event_id = 1").rows[0][0])
        == "2008-01-07 06:30:37"
    )
    session.close()


@pytest.mark.parametrize(("statement", "code", "place"), [
    ("select * from nope", 942, (1, 15)), ("select a.nope from map_event_audit a", 904, (1, 8)), ("select count(*)\nfrom map_event_audit\nwhere nope = 1", 904, (3, 7)),
    ("select x.event_id from map_event_audit a", 904, (1, 8)), ("select event_id from map_event_audit a, map_event_audit b", 918, (1, 8)),
    ("select count(* from map_event_audit", 907, None), ("select 1", 923, None), ("select from dual", 936, None), ("select 1 from dual where 1", 920, None),
    ("select event_id, count(*) from map_event_audit", 937, (1, 8)), ("select event_id, count(*) from map_event_audit group by user_id", 979, (1, 8)),
    ("select event_id from map_event_audit where count(*) > 1", 934, None), ("select 1/0 from dual", 1476, None), ("select to_number('x') from dual", 1722, None),
    ("select 1 from dual union select 1, 2 from dual", 1789, None), ("select 1 from dual order by 2", 1785, None), ("select (select 1, 2 from dual) from dual", 913, None),
    ("select (select event_id from map_event_audit) from dual", 1427, None), ("select case when 1 = 1 then 'a' else 1 end from dual", 932, None),
    ("select to_date('2008-13-01', 'YYYY-MM-DD') from dual", 1843, None), ("select to_date('2008-02-30', 'YYYY-MM-DD') from dual", 1839, None),
    ("select 'a from dual", 1756, None), ("select 1 from dual;", 911, None), ("selct 1 from dual", 900, (1, 1)), ("shutdown immediate", 900, (1, 1)), ("bogus", 900, (1, 1)),
    ("insert into map_event_audit values (1)", 947, None), ("insert into map_event_audit (event_id, nope) values (99, 1)", 904, None),
    ("insert into map_event_audit (event_id) values (99)", 1400, None), ("update map_event_audit set event_type = null", 1407, None),
    ("insert into map_event_audit (event_id, event_type, event_time) values (1, 'x', sysdate)", 1, None),
    ("insert into map_event_audit (event_id, event_type, event_time) values (99, '" + "x" * 33 + "', sysdate)", 12899, None),
    ("insert into map_event_audit (event_id, event_type, event_time) values (1234567890123, 'x', sysdate)", 1438, None),
    ("drop table nope", 942, None), ("create table map_event_audit (a number)", 955, None), ("create table t (a nonsense)", 902, None),
    ("create table t (a number, a date)", 957, None), ("lock table nope in exclusive mode nowait", 942, None), ("truncate map_event_audit", 905, None),
    ("rollback to nowhere", 1086, None), ("alter session set nls_date_formt = 'x'", 2248, None),
])  # fmt: skip
def test_errors(shared, statement, code, place):
    session = log_on(shared)
    with pytest.raises(OracleError) as failed:
        session.execute(statement)
    assert (failed.value.code, failed.value.message[:11]) == (code, f"ORA-{code:05}: ")
    if place:
        assert (failed.value.line, failed.value.column) == place
    session.close()


@pytest.mark.parametrize("statement", [
    "select a.event_id from map_event_audit a, dual b where a.event_id = b.dummy(+)", "select median(event_id) from map_event_audit",
    "select sum(event_id) over () from map_event_audit", "select event_id from map_event_audit for update", "merge into t using dual on (1 = 1)",
    "select * from map_event_audit sample (10)", "select event_id from map_event_audit fetch first 2 rows only", "grant select on map_event_audit to mvf",
    "select * from dba_triggers", "alter tablespace mvf add datafile '/u/x.dbf' size 100m", "shutdown immediate", "analyze table map_event_audit compute statistics",
    "select /*+ full(a) */ connect_by_root event_id from map_event_audit connect by prior event_id = event_id", "select * from map_event_audit as of timestamp sysdate",
    "create view v as select 1 from dual", "select xmlelement(\"a\", 1) from dual", "insert into map_event_audit (event_id) values (5) returning event_id into :x",
])  # fmt: skip
def test_what_is_not_understood_fails_and_is_noted(shared, statement):
    session = log_on(shared)
    told = []
    shared.on_not_understood = told.append
    with pytest.raises(OracleError) as failed:
        session.execute(statement)
    assert failed.value.code > 0
    assert len(told) == 1 and told[0]["why"] and told[0]["session"].startswith("DBADMIN"), failed.value.message
    assert shared.not_understood[-1] is told[0]
    shared.on_not_understood = None
    session.close()


def test_log_on(tmp_path):
    engine = instance(tmp_path, accounts={"MVF": "locked"})
    assert log_on(engine, '"DBADMIN"').user == "DBADMIN"
    for user, password, code in (
        ("dbadmin", "wrong", 1017),
        ("dbadmin", PASSWORD.upper(), 1017),
        ("nobody", "x", 1017),
        ("mvf", "mvf-Lab-1", 28000),
    ):
        with pytest.raises(OracleError) as failed:
            engine.logon(user, password)
        assert failed.value.code == code
    engine.down = True
    with pytest.raises(OracleError, match="ORA-01034"):
        log_on(engine)
    engine.close()


def test_a_user_without_rights_sees_neither_tables_nor_the_dictionary(own):
    session = log_on(own, "mvf", "mvf-Lab-1")
    for query in (
        "select 1 from dbadmin.map_event_audit",
        "select 1 from map_event_audit",
        "select 1 from v$database",
        "select 1 from dba_segments",
    ):
        assert asked(session, query) == "ORA-00942"
    assert asked(session, "select count(*) from user_segments") == [(0,)]


def test_changes_are_seen_by_others_after_the_commit(own):
    one, other = log_on(own), log_on(own)
    assert asked(one, "insert into map_event_audit (event_id, event_type, event_time) values (21, 'x', sysdate)") == 1
    assert asked(one, "update map_event_audit set user_id = 'TEST' where event_id <= 2") == 2
    assert asked(one, "delete from map_event_audit where event_id = 3") == 1
    mine = "select count(*), sum(case when user_id = 'TEST' then 1 else 0 end) from map_event_audit"
    assert (asked(one, mine), asked(other, mine)) == ([(20, 2)], [(20, 0)])
    one.commit()
    assert asked(other, mine) == [(20, 2)]
    asked(other, "delete from map_event_audit")
    other.rollback()
    assert asked(other, mine) == [(20, 2)]
    asked(other, "delete from map_event_audit")
    other.close()
    assert asked(one, mine) == [(20, 2)]


def test_a_failed_statement_leaves_what_came_before_it(own):
    session = log_on(own)
    asked(session, "insert into map_event_audit (event_id, event_type, event_time) values (21, 'x', sysdate)")
    assert (
        asked(
            session,
            "insert into map_event_audit select event_id + 10, user_id, event_type, event_time, null, null from map_event_audit",
        )
        == "ORA-00001"
    )
    assert asked(session, "select count(*) from map_event_audit") == [(21,)]
    asked(session, "savepoint here")
    asked(session, "delete from map_event_audit")
    asked(session, "rollback to savepoint here")
    assert asked(session, "select count(*) from map_event_audit") == [(21,)]


def test_definitions(own):
    session = log_on(own)
    create = "create table \"NOTE\" (id number(6) constraint note_pk primary key, event number(12) references map_event_audit(event_id), t varchar2(9) default 'd' not null)"
    assert asked(session, f"{create} tablespace mvf storage (initial 64k)") == 0
    assert asked(session, "insert into note (id, event) values (1, 5)") == 1
    assert asked(session, "insert into note (id, event) values (2, 999)") == "ORA-02291"
    assert asked(session, "delete from map_event_audit where event_id = 5") == "ORA-02292"
    assert asked(session, "select t from note") == [("d",)]
    assert asked(session, "drop table map_event_audit") == "ORA-02449"
    assert asked(session, "truncate table map_event_audit") == "ORA-02266"
    assert asked(session, "alter table note add (more date)") == 0
    assert asked(session, "select id, more from note") == [(1, None)]
    name = asked(
        session, "select constraint_name from user_constraints where table_name = 'NOTE' and constraint_type = 'R'"
    )[0][0]
    assert asked(session, f"alter table note disable constraint {name}") == 0
    assert asked(session, "truncate table map_event_audit") == 0
    assert asked(session, "create table copied as select * from note where 1 = 1") == 0
    assert asked(session, "select id, event, t from copied") == [(1, 5, "d")]
    assert [tuple(column)[:2] for column in session.table("copied").columns] == [
        ("ID", "NUMBER(6)"), ("EVENT", "NUMBER(12)"), ("T", "VARCHAR2(9)"), ("MORE", "DATE"),
    ]  # fmt: skip
    assert asked(session, "drop table note") == 0
    assert asked(session, "select 1 from note") == "ORA-00942"


def test_ddl_commits_what_was_open_even_when_it_fails(own):
    one, other = log_on(own), log_on(own)
    asked(one, "delete from map_event_audit where event_id = 1")
    assert asked(one, "drop table nope") == "ORA-00942"
    one.rollback()
    assert asked(other, "select count(*) from map_event_audit") == [(19,)]


def test_the_dictionary(own):
    session = log_on(own)
    assert asked(session, "select name, open_mode from v$database") == [("MVF", "READ WRITE")]
    assert (
        asked(session, "select current_scn from v$database")
        == [(session.scn(),)]
        == asked(session, "select dbms_flashback.get_system_change_number from dual")
    )
    assert asked(session, "select version, status from v$instance") == [("11.2.0.4.0", "OPEN")]
    assert asked(session, "select column_name, data_type, data_length, nullable from user_tab_columns where table_name = 'MAP_EVENT_AUDIT' and column_id <= 2") == [
        ("EVENT_ID", "NUMBER", 22, "N"), ("USER_ID", "VARCHAR2", 64, "Y"),
    ]  # fmt: skip
    assert asked(session, "select value from nls_database_parameters where parameter = 'NLS_CHARACTERSET'") == [
        ("AL32UTF8",)
    ]
    assert asked(session, "select object_name, object_type, status from user_objects where object_type = 'TABLE'") == [
        ("MAP_EVENT_AUDIT", "TABLE", "VALID")
    ]
    asked(session, "lock table map_event_audit in share mode")
    assert asked(session, "select o.object_name, l.locked_mode, l.oracle_username from v$locked_object l, dba_objects o where o.object_id = l.object_id") == [
        ("MAP_EVENT_AUDIT", 4, "DBADMIN"),
    ]  # fmt: skip
    session.rollback()
    assert asked(session, "select count(*) from v$locked_object") == [(0,)]
    spaces = dict(
        asked(session, "select tablespace_name, round(sum(bytes)/1048576) from dba_free_space group by tablespace_name")
    )
    assert (set(spaces) >= {"MVF", "MVFINDX", "MVFL", "MVFLINDX", "UNDO"}, min(spaces.values()) > 1990) == (True, True)


def test_a_segment_grows_with_its_rows_and_shrinks_by_a_truncate_only(tmp_path):
    engine = instance(tmp_path, tables={"map_event_audit": {"rows": 5000}})
    session = log_on(engine)
    size = (
        "select ceil(sum(bytes)/1024) from user_segments where segment_name='MAP_EVENT_AUDIT' and segment_type='TABLE'"
    )
    before = asked(session, size)[0][0]
    asked(session, "delete from map_event_audit")
    session.commit()
    assert (asked(session, size)[0][0], before > 400) == (before, True)
    asked(session, "truncate table map_event_audit")
    assert asked(session, size) == [(64,)]
    assert asked(session, size.replace("MAP_EVENT_AUDIT", "NOPE")) == [(None,)]
    engine.close()
