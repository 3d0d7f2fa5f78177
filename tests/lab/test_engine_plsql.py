# SPDX-License-Identifier: GPL-3.0-or-later
"""PL/SQL anonymous blocks."""

from __future__ import annotations

import pytest
from impax_lab.engine.oracle import OracleError
from support.engines import PASSWORD, asked, instance


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    made = instance(tmp_path_factory.mktemp("plsql"))
    yield made
    made.close()


@pytest.fixture
def session(engine):
    made = engine.logon("dbadmin", PASSWORD)
    yield made
    made.close()


PUT = "dbms_output.put_line"


@pytest.mark.parametrize(("block", "printed"), [
    (f"begin {PUT}('hello'); {PUT}(1 + 2.5); {PUT}(null); end;", ["hello", "3.5", ""]),
    (f"declare n number := 5; m constant varchar2(9) default 'x'; begin n := n * 2; {PUT}(m || n); end;", ["x10"]),
    (f"declare n number; begin if n is null then {PUT}('null'); end if; if n = 1 or n <> 1 then {PUT}('known'); else {PUT}('unknown'); end if; end;",
     ["null", "unknown"]),
    (f"declare n number := 2; begin if n = 1 then {PUT}('1'); elsif n = 2 then {PUT}('2'); elsif n > 0 then {PUT}('3'); else {PUT}('4'); end if; end;", ["2"]),
    (f"begin for i in 1 .. 3 loop {PUT}(i); end loop; for i in reverse 1..2 loop {PUT}(i); end loop; for i in 2..1 loop {PUT}('never'); end loop; end;",
     ["1", "2", "3", "2", "1"]),
    (f"declare i number := 0; begin while i < 2 loop i := i + 1; {PUT}(i); end loop; loop i := i + 1; exit when i > 3; continue when i = 3; end loop; {PUT}(i); end;",
     ["1", "2", "4"]),
    (f"begin <<outer>> for i in 1..3 loop for j in 1..3 loop exit outer when j = 2; {PUT}(i || j); end loop; end loop; end;", ["11"]),
    (f"declare n number; m number; begin select count(*), max(event_id) into n, m from map_event_audit where event_id <= 7; {PUT}(n || ' ' || m); end;", ["7 7"]),
    (f"declare k map_event_audit.event_id%type := 3; u k%type; begin u := k; for r in (select event_id e from map_event_audit where event_id < u) loop {PUT}(r.e); end loop; end;",
     ["1", "2"]),
    (f"begin declare n number := 1; begin {PUT}(n); end; {PUT}('after'); end;", ["1", "after"]),
    (f"declare n number; begin select event_id into n from map_event_audit where event_id < 0; exception when no_data_found then {PUT}('none'); when others then {PUT}('x'); end;",
     ["none"]),
    (f"declare n number; begin select event_id into n from map_event_audit; exception when too_many_rows or zero_divide then {PUT}(sqlcode || ' ' || sqlerrm); end;",
     ["-1422 ORA-01422: exact fetch returns more than requested number of rows"]),
    (f"begin begin raise_application_error(-20001, 'mine'); exception when others then {PUT}(sqlerrm); raise; end; exception when others then {PUT}(sqlcode); end;",
     ["ORA-20001: mine", "-20001"]),
    (f"declare busy exception; pragma exception_init(busy, -54); own exception; begin raise own; exception when busy then {PUT}('busy'); when own then {PUT}('own'); end;",
     ["own"]),
    (f"declare n number; begin execute immediate 'select count(*) from map_event_audit where event_id <= :a' into n using 4; {PUT}(n); end;", ["4"]),
    (f"declare v varchar2(3); begin v := 'toolong'; exception when value_error then {PUT}('too long'); end;", ["too long"]),
    (f"begin delete from map_event_audit where event_id < 4; {PUT}(sql%rowcount); rollback; end;", ["3"]),
    (f"declare b boolean := true; begin if b then {PUT}('true'); end if; null; return; {PUT}('never'); end;", ["true"]),
    (f"begin /* a comment; */ {PUT}('it''s; -- here'); -- end;\nend;", ["it's; -- here"]),
    (f"declare n number; begin dbms_lock.sleep(0); execute immediate 'alter session set nls_date_format = ''YYYY'''; {PUT}(length(to_char(sysdate))); end;", ["4"]),
])  # fmt: skip
def test_blocks(session, block, printed):
    result = session.execute(block)
    assert result.kind == "block"
    assert result.printed == printed


@pytest.mark.parametrize(("block", "messages"), [
    ("begin\n  raise_application_error(-20001, 'rows=5');\nend;", ["ORA-20001: rows=5", "ORA-06512: at line 2"]),
    ("declare\n n number;\nbegin\n\n  n := 1 / 0;\nend;", ["ORA-01476: divisor is equal to zero", "ORA-06512: at line 5"]),
    ("begin select 1 into nowhere from dual; end;", ["ORA-06550: line 1, column 1:", "PLS-00201: identifier 'NOWHERE' must be declared"]),
    ("begin\n insert into nope values (1);\nend;", ["ORA-06550: line 2, column 2:", "PL/SQL: ORA-00942: table or view does not exist",
                                                 "ORA-06550: line 2, column 2:", "PL/SQL: SQL Statement ignored"]),
    ("begin truncate table map_event_audit; end;", ["ORA-06550: line 1, column 7:"]), ("begin if 1 = 1 then null; end;", ["ORA-06550: line 1, column 30:"]),
    ("begin null end;", ["ORA-06550: line 1, column 16:"]),
    ("begin no_such_procedure(1); end;", ["ORA-06550: line 1, column 1:", "PLS-00201: identifier 'NO_SUCH_PROCEDURE' must be declared"]),
    ("begin raise_application_error(-1, 'x'); end;", ["ORA-21000: error number argument to raise_application_error of -1 is out of range"]),
    ("begin execute immediate 'drop table nope'; end;", ["ORA-00942: table or view does not exist", "ORA-06512: at line 1"]),
    ("declare n number; begin select 1, 2 into n from dual; end;", ["ORA-00913: too many values"]),
    ("declare own exception; begin raise own; end;", ["ORA-06510: PL/SQL: unhandled user-defined exception", "ORA-06512: at line 1"]),
    ("begin select 1 from dual; end;", ["ORA-06550: line 1, column 1:", "PLS-00428: an INTO clause is expected in this SELECT statement"]),
])  # fmt: skip
def test_errors_of_blocks(session, block, messages):
    with pytest.raises(OracleError) as failed:
        session.execute(block)
    lines = failed.value.message.split("\n")
    assert lines[: len(messages)] == messages


def test_what_was_printed_before_an_error_is_there(session):
    with pytest.raises(OracleError) as failed:
        session.execute(f"begin {PUT}('before'); raise_application_error(-20002, 'x'); end;")
    assert (failed.value.printed, failed.value.code) == (["before"], 20002)


def test_a_wrong_table_fails_the_block_before_anything_runs(session):
    with pytest.raises(OracleError, match="ORA-06550"):
        session.execute("begin delete from map_event_audit; commit; insert into nope values (1); end;")
    assert asked(session, "select count(*) from map_event_audit") == [(20,)]


def test_a_failed_block_undoes_its_changes_and_a_handled_error_only_its_own_statement(session):
    with pytest.raises(OracleError):
        session.execute("begin delete from map_event_audit; raise_application_error(-20001, 'x'); end;")
    assert asked(session, "select count(*) from map_event_audit") == [(20,)]
    session.execute(
        "begin delete from map_event_audit where event_id = 1; begin insert into map_event_audit (event_id) values (99);"
        f" exception when others then {PUT}(sqlcode); end; end;"
    )
    assert asked(session, "select count(*) from map_event_audit") == [(19,)]
    session.rollback()
