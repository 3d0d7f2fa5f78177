# SPDX-License-Identifier: GPL-3.0-or-later
"""Transact-SQL on real rows: values, queries, flow, errors, changes, definitions, the catalogue."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal

import pytest
from impax_lab.engine.mssql import LogonFailed, Message, Refused, Rows, Server
from support.engines import server, told, value


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    made = server(tmp_path_factory.mktemp("mssql"))
    yield made
    made.close()


@pytest.fixture
def session(shared):
    made = shared.logon("sa", "sa-Lab-9043", "mvf")
    yield made
    made.close()


@pytest.fixture
def own(tmp_path):
    made = server(tmp_path)
    yield made.logon("sa", "sa-Lab-9043", "mvf")
    made.close()


@pytest.mark.parametrize(("expression", "expected"), [
    ("5/2", 2), ("-5/2", -2), ("5/2.0", Decimal("2.500000")), ("5000/1024", 4), ("5 % 3", 2), ("1 + 2 * 3", 7), ("2 - -1", 3), ("6 & 3", 2), ("1 | 4", 5),
    ("'a' + 'b'", "ab"), ("'a' + null", None), ("'5' + 1", 6), ("N'ä' + 'b'", "äb"), ("1 + 0.5", Decimal("1.5")), ("1e3", 1000.0), ("0x0A", b"\x0a"), ("'' + ''", ""),
    ("len('ab  ')", 2), ("len('')", 0), ("datalength('ab  ')", 4), ("datalength(N'ab')", 4), ("datalength(5)", 4), ("datalength(null)", None),
    ("datalength(cast(5 as bigint))", 8), ("datalength(getdate())", 8), ("isnull(null, 'x')", "x"), ("isnull('abc', 'x')", "abc"), ("coalesce(null, null, 3)", 3),
    ("nullif('A', 'a')", None), ("substring('abcdef', 2, 3)", "bcd"), ("left('abc', 2)", "ab"), ("right('abc', 2)", "bc"), ("upper('ä')", "Ä"), ("ltrim('  a') + '|'", "a|"),
    ("replace('aXa', 'x', 'b')", "aba"), ("charindex('C', 'abcabc', 4)", 6), ("patindex('%b%', 'abc')", 2), ("stuff('abcd', 2, 2, 'X')", "aXd"), ("space(2) + '.'", "  ."),
    ("str(3.14159, 6, 2)", "  3.14"), ("ascii('A')", 65), ("char(228)", "ä"), ("nchar(8364)", "€"), ("char(9)", "\t"), ("quotename('a]b')", "[a]]b]"), ("isnumeric('1e5')", 1),
    ("abs(-3)", 3), ("ceiling(1.2)", Decimal(2)), ("round(2.567, 1)", Decimal("2.600")), ("power(2, 3)", 8.0), ("case when 1 = 1 then 'y' end", "y"), ("case 2 when 1 then 'a' else 'b' end", "b"),
    ("cast('12' as int)", 12), ("cast(12.7 as int)", 12), ("cast(3 as decimal(5,2))", Decimal("3.00")), ("cast('abc' as varchar(2))", "ab"), ("convert(varchar(12), 2500)", "2500"),
    ("convert(varchar(30), cast('2008-01-31 13:05:09' as datetime), 120)", "2008-01-31 13:05:09"), ("convert(char(8), cast('20080131' as datetime), 112)", "20080131"),
    ("convert(varchar(20), cast('2008-01-31 13:05' as datetime))", "Jan 31 2008  1:05PM"), ("cast('2008-01-31' as datetime)", datetime(2008, 1, 31)),
    ("datediff(day, '2008-01-31', '2008-03-01')", 30), ("dateadd(month, 1, cast('2008-01-31' as datetime))", datetime(2008, 2, 29)), ("datepart(dw, '2008-01-06')", 1),
    ("year('2008-05-06')", 2008), ("cast(258 as varbinary(4))", b"\x00\x00\x01\x02"), ("cast(0x0102 as int)", 258), ("cast('ab' as varbinary(10))", b"ab"), ("cast(N'a' as varbinary(10))", b"a\0"),
    ("cast(1 as bit)", 1), ("cast(1.005 as money)", Decimal("1.0050")), ("convert(varchar(20), cast(1234.5 as money), 1)", "1,234.50"), ("cast('<' as char(3)) + '>'", "<  >"),
    ("'€'", "€"), ("'Ω'", "?"), ("N'Ω'", "Ω"), ("cast(N'Ω' as varchar(5))", "?"), ("1 + cast(1 as bigint)", 2), ("cast(null as int)", None),
    ("cast(cast('1900-01-02 00:00:01' as datetime) as varbinary(8))", bytes.fromhex("000000010000012c")), ("cast(cast(1.5 as float) as varbinary(8))", bytes.fromhex("3ff8000000000000")),
    ("cast(cast(1.5 as money) as varbinary(8))", bytes.fromhex("0000000000003a98")), ("cast(cast(-1.5 as decimal(9,2)) as varbinary(20))", bytes.fromhex("0902000096000000")),
    ("substring(0x01020304, 2, 2)", b"\x02\x03"), ("cast(substring(0x01020304, 1, 4) as bigint)", 0x01020304),
    ("hashbytes('MD5', 'abc')", bytes.fromhex("900150983cd24fb0d6963f7d28e17f72")), ("hashbytes('SHA1', N'a')", hashlib.sha1(b"a\0").digest()),
    ("binary_checksum('a') - binary_checksum('a')", 0), ("case when binary_checksum('a') = binary_checksum('A') then 1 else 0 end", 0), ("case when checksum('a') = checksum('A') then 1 end", 1),
    ("db_name()", "mvf"), ("db_id('MVF')", 6), ("suser_sname()", "sa"), ("is_srvrolemember('sysadmin')", 1), ("@@servername", "AS300"), ("object_id('nope')", None),
    ("serverproperty('productversion')", "9.00.4035.00"), ("databasepropertyex('mvf', 'Recovery')", "FULL"), ("databasepropertyex('mvf', 'Collation')", "Latin1_General_CI_AS"),
    ("object_name(object_id('dbo.map_event_audit'))", "map_event_audit"), ("columnproperty(object_id('map_event_audit'), 'EVENT_ID', 'IsIdentity')", 1),
    ("objectproperty(object_id('map_event_audit'), 'TableHasPrimaryKey')", 1), ("col_name(object_id('map_event_audit'), 2)", "user_id"), ("ident_current('map_event_audit')", Decimal(20)),
    ("(select max(event_id) from map_event_audit)", 20), ("@@trancount", 0), ("xact_state()", 0), ("user", "dbo"), ("schema_name()", "dbo"),
])  # fmt: skip
def test_values(session, expression, expected):
    found = value(session, f"select {expression}")
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(("query", "expected"), [
    ("select count(*), count(user_id), min(event_id), max(event_id), sum(event_id), avg(event_id) from map_event_audit", [(20, 17, 1, 20, 210, 10)]),
    ("select COUNT(*) from MVF..Map_Event_Audit (nolock) where USER_ID is null", [(3,)]), ("select count(*) from mvf.dbo.[map_event_audit] with (nolock)", [(20,)]),
    ("select top 2 event_id from map_event_audit order by event_id desc", [(20,), (19,)]), ("select top (1) event_id e from map_event_audit order by e", [(1,)]),
    ("select distinct event_id % 2 from map_event_audit order by 1", [(0,), (1,)]), ("select event_id % 2 m, count(*) from map_event_audit group by event_id % 2 order by m", [(0, 10), (1, 10)]),
    ("select a.event_id, b.event_id from map_event_audit a left outer join map_event_audit b on b.event_id = a.event_id + 19 where a.event_id < 3 order by 1", [(1, 20), (2, None)]),
    ("select event_id from map_event_audit a where event_id in (select max(event_id) from map_event_audit) or exists (select 1 where a.event_id = 7) order by 1", [(7,), (20,)]),
    ("select count(*) from map_event_audit where event_id not in (select null)", [(0,)]), ("select count(*) from map_event_audit where event_id between 2 and 4", [(3,)]),
    ("select 'x' where 'A' = 'a ' and 'b' in ('B', 'c') and 'abc' like 'A[a-c]%' and 'a_c' like 'a!_c' escape '!' and 'x' not like '[^x]'", [("x",)]),
    ("select 'x' where 'A' collate Latin1_General_BIN = 'a'", []), ("select 'x' where '5' = 5 and '2008-01-01' < getdate()", [("x",)]),
    ("with few as (select event_id e from map_event_audit where event_id < 4) select count(*), sum(e) from few", [(3, 6)]),
    ("select n = count(*) from (select event_id from map_event_audit union select 99) t", [(21,)]), ("select 1 union all select 1", [(1,), (1,)]),
    ("select count(*) from map_event_audit where event_time < '2008-01-07 06:35'", [(8,)]), ("select user_id from map_event_audit where user_id is null or event_id < 0", [(None,)] * 3),
    ("select max(event_type) from map_event_audit where event_id < 0", [(None,)]), ("select count(distinct event_type) from map_event_audit having count(*) > 99", []),
    ("select table_name, column_name, data_type, character_maximum_length from information_schema.columns where table_name = 'map_event_audit' and ordinal_position = 2",
     [("map_event_audit", "user_id", "nvarchar", 64)]),
    ("select name, xtype from mvf..sysobjects where name like 'map%' or name like 'PK%' order by name", [("map_event_audit", "U "), ("PK_map_event_audit", "PK")]),
    ("select c.name, t.name, c.length from syscolumns c join systypes t on t.xusertype = c.xusertype where c.id = object_id('map_event_audit') and colid < 3 order by colid",
     [("event_id", "int", 4), ("user_id", "nvarchar", 128)]),
    ("select name, recovery_model_desc from sys.databases where name = 'mvf'", [("mvf", "FULL")]), ("select count(*) from sys.tables where name = 'map_event_audit'", [(1,)]),
    ("select rows from sysindexes where id = object_id('map_event_audit') and indid < 2", [(20,)]), ("select name from master..sysdatabases where dbid > 4", [("mvf",)]),
    ("select constraint_type from information_schema.table_constraints where table_name = 'map_event_audit'", [("PRIMARY KEY",)]),
])  # fmt: skip
def test_queries(session, query, expected):
    assert told(session, query) == [expected, f"{len(expected)} rows"]


def test_columns_of_a_result(session):
    (rows, _) = session.batch(
        "select event_id, user_id, event_type, event_time, description, event_id + 1 n, cast(1 as decimal(9,2)) from map_event_audit where 1 = 0"
    )
    assert [(c.name, c.kind, c.size, c.scale, c.nullable, c.display) for c in rows.columns] == [
        ("event_id", "int", 0, 0, False, 11), ("user_id", "nvarchar", 64, 0, True, 64), ("event_type", "varchar", 32, 0, False, 32),
        ("event_time", "datetime", 0, 0, False, 23), ("description", "ntext", -1, 0, True, -1), ("n", "int", 0, 0, True, 11), ("", "decimal", 9, 2, False, 11),
    ]  # fmt: skip
    assert (rows.columns[0].identity, rows.columns[1].collation) == (True, "Latin1_General_CI_AS")


@pytest.mark.parametrize(("batch", "expected"), [
    ("print 'a' print 'b' + convert(varchar(5), 1); print ''", ["a", "b1", " "]),
    ("declare @i int, @t varchar(9) set @i = 2 select @t = 'x', @i = @i + 1 print @t + str(@i, 2)", ["x 3"]),
    ("declare @n int select @n = count(*) from map_event_audit if @n = 20 print 'all' else print 'some'", ["all"]),
    ("if 1 = 2 print 'no' else if 2 = 2 begin print 'yes' print 'again' end print 'after'", ["yes", "again", "after"]),
    ("if not exists (select * from map_event_audit where event_id = 99) print 'none'", ["none"]),
    ("declare @i int set @i = 0 while @i < 9 begin set @i = @i + 1 if @i = 2 continue if @i = 4 break print @i end", ["1", "3"]),
    ("goto past print 'never' past: print 'there'", ["there"]), ("print 'one' return print 'never'", ["one"]),
    ("set nocount on select 1 set nocount off select 2", [[(1,)], [(2,)], "1 rows"]), ("select 1 select @@rowcount", [[(1,)], "1 rows", [(1,)], "1 rows"]),
    ("exec('print ''inner''') execute ('select 1')", ["inner", [(1,)], "1 rows"]),
    ("exec sp_executesql N'select @a + 1', N'@a int', @a = 41", [[(42,)], "1 rows"]), ("declare @o int exec sp_executesql N'set @b = @a * 2', N'@a int, @b int output', 5, @o output print @o", ["10"]),
    ("raiserror('n=%d t=%s 100%%', 16, 1, 5, 'x') print @@error", [50000, "50000"]), ("raiserror('info', 10, 1)", [50000]),
    ("select 1/0 print @@error print @@error", [8134, "8134", "0"]), ("begin try select 1/0 print 'never' end try begin catch print error_number() print error_message() end catch print 'on'",
     ["8134", "Divide by zero error encountered.", "on"]),
    ("begin try raiserror('mine', 16, 3) end try begin catch print error_message() + str(error_state(), 2) end catch", ["mine 3"]),
    ("begin tran print @@trancount begin tran print @@trancount commit print @@trancount rollback print @@trancount", ["1", "2", "1", "0"]),
    ("select 'two\nlines' -- a comment; select\n/* another /* */ select 2", [[("two\nlines",)], "1 rows", [(2,)], "1 rows"]),
    ("declare @m int set @m = 'x'", [245]), ("set rowcount 2 select event_id from map_event_audit order by event_id set rowcount 0", [[(1,), (2,)], "2 rows"]),
    ("use master select db_name() use mvf", [[("master",)], "1 rows"]), ("waitfor delay '00:00:00.01' print 'later'", ["later"]), ("", []), ("-- nothing", []),
    ("select sum(case when user_id is null then 1 else 0 end) from map_event_audit", [[(3,)], "1 rows"]),
])  # fmt: skip
def test_batches(session, batch, expected):
    assert told(session, batch) == expected


def test_a_passed_null_is_warned_of_once_before_the_count(session):
    answers = session.batch("select count(user_id), max(user_id) from map_event_audit")
    assert [type(answer).__name__ for answer in answers] == ["Rows", "Message", "Affected"]
    assert (answers[1].number, answers[1].level, answers[1].text) == (
        8153,
        0,
        "Warning: Null value is eliminated by an aggregate or other SET operation.",
    )
    assert not [
        each for each in session.batch("select count(event_id) from map_event_audit") if isinstance(each, Message)
    ]


@pytest.mark.parametrize(("batch", "number", "level", "line"), [
    ("selct 1 from t", 156, 15, 1), ("selct 1", 2812, 16, 1), ("select 1 frm t", 102, 15, 1), ("select count(* from map_event_audit", 156, 15, 1), ("select 1\nselect\nfrom t", 156, 15, 3), ("select 'abc", 105, 15, 1),
    ("print 'a'\nselect * from nope", 208, 16, 2), ("select nope from map_event_audit", 207, 16, 1), ("select x.event_id from map_event_audit a", 4104, 16, 1),
    ("select event_id from map_event_audit a, map_event_audit b", 209, 16, 1), ("select event_id, count(*) from map_event_audit", 8120, 16, 1),
    ("select 1 where count(*) > 1", 147, 15, 1), ("select 1 union select 1, 2", 205, 16, 1), ("select (select 1, 2)", 116, 16, 1), ("select (select event_id from map_event_audit)", 512, 16, 1),
    ("select 1 order by 2", 108, 15, 1), ("select 'a' + 1", 245, 16, 1), ("select cast('x' as int)", 245, 16, 1), ("select cast('x' as datetime)", 241, 16, 1), ("select cast('20081301' as datetime)", 242, 16, 1),
    ("select 2147483647 + 1", 8115, 16, 1), ("select sum(event_id * 200000000) from map_event_audit", 8115, 16, 1), ("select cast(300 as tinyint)", 220, 16, 1), ("select 5 % 0", 8134, 16, 1),
    ("select len(description) from map_event_audit", 8116, 16, 1), ("select max(description) from map_event_audit", 8117, 16, 1), ("select 1 from map_event_audit where description = 'x'", 402, 16, 1),
    ("select description from map_event_audit order by description", 306, 16, 1), ("select nosuch(1)", 195, 15, 1), ("exec nosuch", 2812, 16, 1), ("print @x", 137, 15, 1),
    ("declare @a int declare @a int", 134, 15, 1), ("select 1 where 1", 4145, 15, 1), ("commit", 3902, 16, 1), ("rollback", 3903, 16, 1), ("use nope", 911, 16, 1), ("truncate table nope", 4701, 16, 1),
    ("drop table nope", 3701, 11, 1), ("create table map_event_audit (a int)", 2714, 16, 1), ("create table t (a nonsense)", 2715, 16, 1), ("exec sp_spaceused 'nope'", 15009, 16, 1),
    ("insert into map_event_audit (event_id) values (99)", 544, 16, 1), ("insert into map_event_audit (user_id) values ('x')", 515, 16, 1), ("insert into map_event_audit (nope) values (1)", 207, 16, 1),
    ("insert into map_event_audit (user_id, event_type) values ('x')", 109, 15, 1), ("insert into map_event_audit (user_id) values ('x', 'y')", 110, 15, 1),
    ("insert into map_event_audit values (1, 'a', 'b', 'c', 'd', 'e')", 8101, 16, 1), ("insert into map_event_audit values ('a', 'b')", 213, 16, 1),
    ("insert into map_event_audit (event_type, event_time) select 'a'", 120, 15, 1), ("insert into map_event_audit (event_type, event_time) values (replicate('x', 33), getdate())", 8152, 16, 1),
    ("update map_event_audit set event_id = 1", 8102, 16, 1), ("update map_event_audit set event_type = null", 515, 16, 1), ("set identity_insert map_event_audi on", 4902, 16, 1),
    ("select * from map_event_audit where event_type collate Latin1_General_BIN = user_id collate Latin1_General_CI_AI", 468, 16, 1), ("select top 1 from map_event_audit", 156, 15, 1),
    ("declare @a int = 1", 139, 15, 1), ("raiserror('x', 19, 1)", 2754, 16, 1),
])  # fmt: skip
def test_errors(session, batch, number, level, line):
    found = next(answer for answer in session.batch(batch) if isinstance(answer, Message) and answer.level > 10)
    assert (found.number, found.level, found.line) == (number, level, line), found.text


@pytest.mark.parametrize("batch", [
    "dbcc checkdb('mvf')", "restore database mvf from disk = 'x'", "dbcc checkdb", "shutdown with nowait", "grant select on map_event_audit to public", "select * from sysobjectz",
    "select row_number() over (order by event_id) from map_event_audit", "select * from map_event_audit for xml auto", "create procedure p as select 1", "declare c cursor for select 1", "exec xp_cmdshell 'dir'",
    "select soundex('x')", "select * from sys.dm_exec_requests", "merge into t using s on 1 = 1", "select * from openrowset('x', 'y', 'z')", "select * from map_event_audit with (readpast)", "kill 51",
    "update statistics map_event_audit", "sp_configure", "create view v as select 1", "select event_id from map_event_audit compute sum(event_id)", "set statistics io on", "create table t (a int check (a > 0))",
    "select * from srv.mvf.dbo.map_event_audit", "bulk insert map_event_audit from 'x'", "update map_event_audit set user_id = 'x' output inserted.event_id", "select @@cpu_busy",
])  # fmt: skip
def test_what_is_not_understood_fails_and_is_noted(shared, session, batch):
    noted = []
    shared.on_not_understood = noted.append
    answers = session.batch(batch)
    shared.on_not_understood = None
    assert [answer for answer in answers if isinstance(answer, Message) and answer.level > 10], answers
    assert not [answer for answer in answers if isinstance(answer, Rows)]
    assert noted and noted[0]["why"], answers


def test_an_error_of_compiling_stops_the_whole_batch_and_one_of_running_only_its_statement(session):
    assert told(session, "print 'before' select nope from map_event_audit") == [207]
    assert told(session, "print 'before' selekt 1") == [102]
    assert told(session, "print 'before' select 1/0 print 'after'") == ["before", 8134, "after"]
    assert told(session, "print 'before' select * from nope print 'after'") == ["before", 208]
    assert told(session, "print 'before' select cast('x' as int) print 'after'") == ["before", 245]
    assert told(session, "set xact_abort on print 'before' select 1/0 print 'after'") == ["before", 8134]
    told(session, "set xact_abort off")


@pytest.mark.parametrize(("version", "batch", "expected"), [
    ("2000", "select 1 frm t", (170, "Line 1: Incorrect syntax near 't'.")), ("2005", "select 1 frm t", (102, "Incorrect syntax near 't'.")),
    ("2000", "begin try select 1 end try begin catch end catch", (170, "Line 1: Incorrect syntax near 'try'.")), ("2000", "select * from sys.tables", (208, "Invalid object name 'sys.tables'.")),
    ("2000", "select hashbytes('MD5', 'x')", (195, "'hashbytes' is not a recognized function name.")), ("2000", "print @x", (137, "Must declare the variable '@x'.")),
    ("2005", "declare @d date", (2715, "Column, parameter, or variable #1: Cannot find data type date.")), ("2000", "select * from sysdatabases", (208, "Invalid object name 'sysdatabases'.")),
    ("2000", "declare @x varchar(max)", (170, None)), ("2005", "insert into t values (1), (2)", (208, None)),
])  # fmt: skip
def test_versions_differ(tmp_path, version, batch, expected):
    engine = server(tmp_path, version=version)
    found = engine.logon("sa", "sa-Lab-9043", "mvf").batch(batch)[0]
    assert found.number == expected[0] and expected[1] in (None, found.text), found
    engine.close()


def test_versions_know_their_own(tmp_path):
    for version, batch, expected in (("2000", "select name from master..sysdatabases where name = 'mvf'", "mvf"), ("2008", "declare @d date = '2008-01-02' select convert(varchar(10), @d)", "2008-01-02"),
                                     ("2008", "select substring(@@version, 1, 25)", "Microsoft SQL Server 2008"), ("2000", "select serverproperty('productversion')", "8.00.2039")):  # fmt: skip
        engine = server(tmp_path / version, version=version)
        assert value(engine.logon("sa", "sa-Lab-9043", "mvf"), batch) == expected
        engine.close()


def test_log_on(tmp_path):
    engine = server(
        tmp_path,
        accounts={"locked": "locked"},
        logins={"sa": {"password": "x"}, "locked": {"password": "y"}, "reader": {"password": "z", "sysadmin": False}},
    )
    assert engine.logon("SA", "x").database == "master"
    assert value(engine.logon("AS300\\AgfaService", None), "select suser_sname()") == "AS300\\AgfaService"
    assert value(engine.logon("reader", "z"), "select is_srvrolemember('sysadmin')") == 0
    for user, password, database, numbers in (("sa", "wrong", None, [18456]), ("nobody", "x", None, [18456]), ("locked", "y", None, [18486]), ("AS300\\Nobody", None, None, [18456]),
                                              ("sa", "x", "nope", [4060, 18456])):  # fmt: skip
        with pytest.raises(LogonFailed) as failed:
            engine.logon(user, password, database)
        assert [message.number for message in failed.value.messages] == numbers
    engine.close()


# Tables -------------------------------------------------------------------------------------------------------------


def test_a_table_of_every_type_gives_back_what_it_was_given(own):
    told(own, "create table every_type (i int identity(10, 5), t tinyint, s smallint, b bigint, f bit, d decimal(9,3), m money, r real, x float, dt datetime, sd smalldatetime, c char(4),"
         " v varchar(9) collate Latin1_General_BIN, nc nchar(3), nv nvarchar(max), tx text, nt ntext, bi binary(4), vb varbinary(9), im image, u uniqueidentifier, rv timestamp)")  # fmt: skip
    assert told(own, "insert into every_type (t, s, b, f, d, m, r, x, dt, sd, c, v, nc, nv, tx, nt, bi, vb, im, u) values (255, -1, 9223372036854775807, 2, 1.23456, 5.5, 0.5, 1e300,"
                " '2008-01-31 10:11:12.345', '2008-01-31 10:11:40', 'ab', 'Ab', N'Ω', N'🙂', 'text', N'Ωtext', 0x01, 0x0102, 0x03, '6F9619FF-8B86-D011-B42D-00C04FC964FF')") == ["1 rows"]  # fmt: skip
    (rows, _) = own.batch("select * from every_type")
    assert rows.rows[0][:-1] == (
        10, 255, -1, 9223372036854775807, 1, Decimal("1.235"), Decimal("5.5000"), 0.5, 1e300, datetime(2008, 1, 31, 10, 11, 12, 347000), datetime(2008, 1, 31, 10, 12), "ab  ", "Ab", "Ω  ", "🙂",
        "text", "Ωtext", b"\x01\0\0\0", b"\x01\x02", b"\x03", "6F9619FF-8B86-D011-B42D-00C04FC964FF",
    )  # fmt: skip
    before = rows.rows[0][-1]
    assert len(before) == 8
    told(own, "update every_type set t = 1")
    assert value(own, "select rv from every_type") > before
    assert told(
        own, "insert into every_type (t) values (1) select i, c, @@identity from every_type where t = 1 and c is null"
    ) == ["1 rows", [(15, None, Decimal(15))], "1 rows"]
    assert value(own, "select count(*) from every_type where v = 'ab'") == 0
    assert value(own, "select count(*) from every_type where c = 'AB'") == 1


def test_identities(own):
    told(
        own,
        "create table t (k int identity(5, 2) primary key, v varchar(9) null) insert t (v) values ('a') insert t values ('b')",
    )
    assert told(own, "select k, v from t order by k")[0] == [(5, "a"), (7, "b")]
    assert told(own, "set identity_insert t on insert t (k, v) values (20, 'c') insert t (v) values ('x')") == [
        "1 rows",
        545,
    ]
    assert told(own, "insert t values (21, 'd')") == [8101]
    assert told(own, "set identity_insert map_event_audit on") == [8107]
    assert told(own, "set identity_insert t off insert t (v) values ('e') select max(k) from t") == [
        "1 rows",
        [(22,)],
        "1 rows",
    ]
    assert told(own, "begin tran insert t (v) values ('f') rollback insert t (v) values ('g') select max(k) from t")[
        -2
    ] == [(26,)]
    assert told(own, "create table plain (a int) set identity_insert plain on") == [8106]
    assert told(own, "truncate table t insert t (v) values ('h') select k from t")[-2] == [(5,)]


def test_select_into_keeps_types_and_the_identity(own):
    assert told(own, "select * into side from map_event_audit where event_id > 15") == ["5 rows"]
    assert told(
        own, "insert side (event_type, event_time) values ('x', getdate()) select max(event_id), count(*) from side"
    )[1] == [(21, 6)]
    shape = "select column_name, data_type, is_nullable, collation_name from information_schema.columns where table_name = '{}' order by ordinal_position"
    assert told(own, shape.format("side")) == told(own, shape.format("map_event_audit"))
    assert told(
        own,
        "select event_id + 0 as k, user_id into bare from map_event_audit select columnproperty(object_id('bare'), 'k', 'IsIdentity')",
    )[-2] == [(0,)]
    assert told(own, "select * into side from map_event_audit") == [2714]
    assert told(own, "select count(*) into unnamed from map_event_audit") == [1038]
    assert told(own, "drop table side, bare select 1 from side") == [208]


def test_keys_and_references(own):
    told(
        own,
        "create table note (id int not null constraint pk_note primary key, event int null references map_event_audit(event_id), tag varchar(9) null unique, w int not null default (7))",
    )
    assert told(own, "insert note (id, event) values (1, 5) select w from note") == ["1 rows", [(7,)], "1 rows"]
    assert told(own, "insert note (id) values (1)") == [2627]
    assert told(own, "insert note (id, event, tag) values (2, 999, 'x')") == [547]
    assert told(own, "insert note (id, tag) values (2, 'x') insert note (id, tag) values (3, 'X ')") == ["1 rows", 2627]
    assert told(own, "delete map_event_audit where event_id = 5") == [547]
    assert told(own, "truncate table map_event_audit") == [4712]
    assert told(own, "drop table map_event_audit") == [3726]
    assert told(own, "select object_name(fkeyid), object_name(rkeyid), col_name(fkeyid, fkey) from sysforeignkeys")[
        0
    ] == [("note", "map_event_audit", "event")]
    name = value(own, "select object_name(constid) from sysforeignkeys")
    assert told(
        own,
        f"alter table note nocheck constraint {name} insert note (id, event, tag) values (9, 999, 'z') truncate table map_event_audit",
    ) == ["1 rows", 4712]
    assert told(
        own,
        f"alter table note drop constraint {name} truncate table map_event_audit select count(*) from map_event_audit",
    ) == [[(0,)], "1 rows"]
    assert told(own, "alter table note add constraint u unique (w)") == [2627]
    add = "alter table note add more int null, other int not null default 3"
    assert told(own, f"{add} select top 1 more, other from note") == [207]
    assert told(own, add) == []
    assert told(own, "select top 1 more, other from note")[0] == [(None, 3)]


def test_changes_with_joins(own):
    told(own, "create table s (k int, v varchar(9)) insert s values (1, 'one') insert s values (2, 'two')")
    assert told(own, "update a set user_id = s.v from map_event_audit a inner join s on s.k = a.event_id") == ["2 rows"]
    assert told(own, "select user_id from map_event_audit where event_id < 3 order by event_id")[0] == [
        ("one",),
        ("two",),
    ]
    assert told(own, "delete a from map_event_audit a join s on s.k = a.event_id") == ["2 rows"]
    assert told(
        own,
        "delete from map_event_audit where event_id in (select k + 2 from s) delete map_event_audit where event_id > 18",
    ) == ["2 rows", "2 rows"]
    assert told(
        own,
        "insert into s select event_id, left(user_id, 9) from map_event_audit where event_id < 7 select count(*) from s",
    )[-2] == [(4,)]


def test_temporary_tables_are_the_sessions_own(own):
    told(own, "create table #t (a int) insert #t values (1)")
    other = own.server.logon("sa", "sa-Lab-9043", "mvf")
    assert (told(own, "select a from #t")[0], told(other, "select a from #t")) == ([(1,)], [208])
    spid = own.spid
    own.close()
    assert [table.scope for table in own.server.store.tables(None)] == ["mvf"], spid


def test_space_used_follows_the_rows(tmp_path):
    engine = server(tmp_path, tables={"map_event_audit": {"database": "mvf", "rows": 5000}})
    session = engine.logon("sa", "sa-Lab-9043", "mvf")
    (rows,) = session.batch("sp_spaceused MAP_EVENT_AUDIT")
    name, count, reserved, data, index, unused = rows.rows[0]
    sizes = [int(text.removesuffix(" KB")) for text in (reserved, data, index, unused)]
    assert (name, count.strip(), sizes[0] == sum(sizes[1:]), sizes[1] > 500) == ("map_event_audit", "5000", True, True)
    assert [column.name for column in rows.columns] == ["name", "rows", "reserved", "data", "index_size", "unused"]
    told(session, "truncate table map_event_audit")
    assert session.batch("exec sp_spaceused @objname = 'dbo.map_event_audit'")[0].rows == [
        ("map_event_audit", "0          ", "0 KB", "0 KB", "0 KB", "0 KB")
    ]
    engine.close()


# Bulk ---------------------------------------------------------------------------------------------------------------


def test_bulk_rows_come_back_as_they_were(own):
    exported = own.export("mvf..map_event_audit")
    told(
        own,
        "create table copied (event_id int null, user_id nvarchar(64) null, event_type varchar(32) null, event_time datetime null, study_uid varchar(64) null, description ntext null)",
    )
    assert own.bulk_insert("mvf..copied", exported.rows, keep_identity=True, keep_nulls=True, batch=7) == 20
    sums = "select count(*), checksum_agg(binary_checksum(*)), sum(cast(binary_checksum(*) as bigint)), sum(datalength(description)) from {}"
    assert told(own, sums.format("copied"))[0] == told(own, sums.format("map_event_audit"))[0]
    texts = [[None if cell is None else str(cell)[:23] for cell in row] for row in exported.rows]
    told(own, "delete copied")
    assert own.bulk_insert("copied", texts, keep_nulls=True) == 20
    assert told(own, sums.format("copied"))[0][0][:3] == told(own, sums.format("map_event_audit"))[0][0][:3]


def test_bulk_makes_identities_and_defaults_anew_unless_told_to_keep_them(own):
    told(own, "create table b (k int identity primary key, v varchar(9) null default 'd', rv timestamp)")
    assert own.bulk_insert("b", [(50, None, b"x"), (60, "y", None)]) == 2
    assert told(own, "select k, v from b")[0] == [(1, "d"), (2, "y")]
    assert own.bulk_insert("dbo.b", [(50, None, None)], keep_identity=True, keep_nulls=True) == 1
    assert told(own, "select k, v from b where k = 50 insert b (v) values ('z') select max(k) from b")[::2] == [
        [(50, None)],
        "1 rows",
        "1 rows",
    ]
    assert value(own, "select max(k) from b") == 51
    for rows, number in (
        ([(50, "again", None)], 2627),
        ([(99, "much too long", None)], 8152),
        ([(None, "x", None)], 515),
    ):
        with pytest.raises(Refused) as failed:
            own.bulk_insert("b", rows, keep_identity=True, keep_nulls=True)
        assert failed.value.messages[0].number == number
    assert value(own, "select count(*) from b") == 4
    with pytest.raises(Refused):
        own.bulk_insert("nope", [])
    with pytest.raises(Refused):
        own.export("mvf..nope")


def test_the_sum_of_checksums_sees_what_the_exclusive_or_does_not(own):
    told(own, "create table pairs (a int, b varchar(9)) insert pairs values (1, 'x') insert pairs values (1, 'x')")
    sums = "select checksum_agg(binary_checksum(*)), sum(cast(binary_checksum(*) as bigint)) from pairs"
    before = told(own, sums)[0][0]
    told(own, "update pairs set b = 'y'")
    after = told(own, sums)[0][0]
    assert (before[0], after[0], before[1] == after[1]) == (0, 0, False)


def test_inspect_names_columns_and_waits_for_nobody(shared: Server):
    one = shared.logon("sa", "sa-Lab-9043", "mvf")
    told(one, "begin tran delete map_event_audit where event_id = 1")
    assert shared.inspect("select count(*), max(event_id) m from map_event_audit") == [{"column1": 20, "m": 20}]
    assert shared.inspect("select db_name() d", database="master") == [{"d": "master"}]
    one.close()
