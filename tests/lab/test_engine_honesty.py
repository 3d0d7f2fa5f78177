# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that SQLite would give otherwise than the vendor, and the invented rows."""

from __future__ import annotations

import time

import pytest
from impax_lab.engine.mssql import Message
from impax_lab.engine.rows import TEXTS, UNICODE, Plan, rows
from support.engines import PASSWORD, asked, instance, server, told


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    engine = server(tmp_path_factory.mktemp("mssql"))
    session = engine.logon("sa", "sa-Lab-9043", "mvf")
    told(
        session,
        "create table w (n int, v varchar(9)) insert w values (1, 'a') insert w values (2, 'A ') insert w values (3, 'b') insert w values (null, 'ä')",
    )
    yield session
    engine.close()


@pytest.fixture(scope="module")
def unix(tmp_path_factory):
    engine = instance(tmp_path_factory.mktemp("oracle"))
    yield engine.logon("dbadmin", PASSWORD)
    engine.close()


@pytest.mark.parametrize(("query", "expected"), [
    ("select count(*) from (select distinct v from w) d", [(3,)]), ("select count(distinct v), min(v), max(v) from w where n < 3", [(1, "a", "a")]),
    ("select max(n), count(*) from w group by v order by 2 desc, 1 desc", [(2, 2), (3, 1), (None, 1)]), ("select count(*) from (select v from w where n < 3 union select 'A') d", [(1,)]),
    ("select count(*) from w where v in (select 'B')", [(1,)]), ("select case v when 'A' then n end from w where n = 1", [(1,)]), ("select n from w order by v, n", [(1,), (2,), (None,), (3,)]),
    ("select n from w order by n desc", [(3,), (2,), (1,), (None,)]), ("select top 1 n from (select top 2 n from w order by n desc) d order by n", [(2,)]),
    ("select 7 / 2 * 2.0, 1 / 3 * 3", [(6.0, 0)]), ("select count(*) from w where n <> 1", [(2,)]), ("select sum(n), avg(n) from w", [(6, 2)]),
    ("select 'a' + null, isnull('a' + null, 'n')", [(None, "n")]), ("select count(*) from w where v like 'a'", [(2,)]), ("select n from w where v = 'A' and n = '2'", [(2,)]),
])  # fmt: skip
def test_transact(windows, query, expected):
    assert [tuple(map(str, row)) for row in told(windows, query)[0]] == [tuple(map(str, row)) for row in expected]


@pytest.mark.parametrize(("batch", "number"), [
    ("select distinct n from w order by v", 145), ("select n from w union select 1 order by n + 1", 104), ("select d.x from (select n + 1 from w) d", 8155), ("select n from (select 1 n)", 102),
    ("select n, v from w group by v", 8120), ("select n + v from w", 245), ("set rowcount 1 delete w", 102), ("select top 50 percent n from w", 102), ("delete top (1) from w", 156),
    ("select n from w order by v offset 1 rows", 102), ("select * from (select n from w order by n) d", 1033), ("update w set n = 1 where current of c", 156), ("select n into from w", 156),
    ("select * from (from w) d", 156), ("select n from w option (maxdop 1)", 102), ("select max(n) over () from w", 102), ("select (select n from w)", 512), ("insert w select 1, 2, 3", 213), ("select v from w where n = (select 1, 2)", 116),
])  # fmt: skip
def test_transact_refuses(windows, batch, number):
    found = [answer for answer in windows.batch(batch) if isinstance(answer, Message) and answer.level > 10]
    windows.batch("set rowcount 0")
    assert [answer.number for answer in found] == [number], found
    assert told(windows, "select count(*) from w")[0] == [(4,)]


@pytest.mark.parametrize(("query", "expected"), [
    ("select /*+ full(a) parallel(4) */ count(*) from map_event_audit a", [(20,)]), ("select 7 / 2 from dual", [("3.5",)]), ("select count(*) from map_event_audit where user_id <> 'x'", [(17,)]),
    ("select 'x' from dual where 'a' = 'a ' or '' is not null or null = null", []), ("select max(e) from (select event_id e from map_event_audit where rownum < 4)", [(3,)]),
    ("select count(*) from map_event_audit where event_id between 1 and 5 and rownum <= 2.5", [(2,)]), ("select sum(event_id) / count(*) from map_event_audit", [("10.5",)]),
    ("select 1 from dual where 10 > '9'", [(1,)]), ("select count(*) from dual where 1 in (2, null)", [(0,)]), ("select length('ä'), lengthb('ä') from dual", [(1, 2)]),
])  # fmt: skip
def test_oracle(unix, query, expected):
    assert [tuple(map(str, row)) for row in asked(unix, query)] == [tuple(map(str, row)) for row in expected]


@pytest.mark.parametrize(("statement", "code"), [
    ("delete from map_event_audit where rownum < 5", "ORA-00900"), ("select distinct event_id from map_event_audit order by user_id", "ORA-01791"), ("select event_id from map_event_audit limit 1", "ORA-00933"),
    ("select event_id from map_event_audit where rownum < 2 or event_id = 5", "ORA-00900"), ("select top 1 event_id from map_event_audit", "ORA-00923"), ("update map_event_audit set (user_id) = (select 'x' from dual)", "ORA-00933"),
    ("insert into map_event_audit values (1, 2), (3, 4)", "ORA-00933"), ("select a.event_id from map_event_audit a natural join map_event_audit b", "ORA-00900"), ("select * from map_event_audit, lateral (select 1 from dual)", "ORA-00900"),
    ("truncate table map_event_audit cascade", "ORA-00933"), ("select sysdate - 'x' from dual", "ORA-01722"), ("select event_id from map_event_audit group by 1", "ORA-00979"),
])  # fmt: skip
def test_oracle_refuses(unix, statement, code):
    assert asked(unix, statement) == code
    assert asked(unix, "select count(*) from map_event_audit") == [(20,)]


# Invented rows ------------------------------------------------------------------------------------------------------

PLAN = [
    Plan("sequence", "number", None, False),
    Plan("user", "text", 64, True),
    Plan("text", "text", None, True),
    Plan("unicode", "text", 20, True),
    Plan("", "raw", None, True),
]


def made(count: int, nulls: int = 0, seed: str = "1:t", first: int = 1) -> list[tuple]:
    return list(rows(PLAN, count, nulls, first, seed, "%Y-%m-%d %H:%M:%S"))


def test_rows_are_the_same_for_the_same_seed_and_differ_otherwise():
    assert made(50) == made(50)
    assert made(50) != made(50, seed="2:t")
    assert made(50)[10:] == made(40, first=11)


@pytest.mark.parametrize(("count", "nulls"), [(10, 0), (10, 3), (10, 10), (1000, 1), (0, 0)])
def test_as_many_users_are_missing_as_asked(count, nulls):
    assert sum(row[1] is None for row in made(count, nulls)) == nulls


def test_values_that_break_copies_are_among_them_and_nobodys_data():
    texts = "".join(row[2] for row in made(500))
    assert all(sign in texts for sign in ("\r\n", "\t", "'", '"', "|", ",", "\\", "ü", "%"))
    texts.encode("cp850")  # what a western code page can carry
    with pytest.raises(UnicodeEncodeError):
        "".join(UNICODE).encode("cp850")
    assert {row[1][:9] for row in made(500)} == {"TEST.USER"}
    assert all(len(row[3]) <= 20 for row in made(500))
    assert "" in TEXTS and any(text.endswith(" ") for text in TEXTS)


def test_a_hundred_thousand_rows_take_seconds(tmp_path):
    began = time.monotonic()
    engine = instance(tmp_path, tables={"map_event_audit": {"rows": 100_000}})
    took = time.monotonic() - began
    session = engine.logon("dbadmin", PASSWORD)
    assert asked(session, "select count(*), max(event_id) from map_event_audit") == [(100_000, 100_000)]
    engine.close()
    assert took < 30, f"{took:.1f} s"
