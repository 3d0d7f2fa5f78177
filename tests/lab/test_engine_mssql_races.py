# SPDX-License-Identifier: GPL-3.0-or-later
"""Transactions and locks of SQL Server while rows arrive: S36 as the engine allows it; databases, their files and room."""

from __future__ import annotations

import time

import pytest
from impax_lab.engine import mssql
from impax_lab.engine.mssql import Message
from impax_lab.state import LabError
from support.engines import Beside, server, told, value

COUNT = "select count(*) from map_event_audit"
LOCK = "select @rows = count(*) from map_event_audit with (tablockx, holdlock)"
INSERT = "insert map_event_audit (event_type, event_time) values ('x', getdate())"
EMPTY = """\
set xact_abort on
set lock_timeout {wait}
declare @rows int, @late int
begin transaction
select @rows = count(*) from map_event_audit with (tablockx, holdlock) where event_id <= 20
select @late = count(*) from map_event_audit where event_id > 20
if @rows <> 20 or @late > {late}
begin
  rollback transaction
  raiserror('REFUSED rows=%d late=%d', 16, 1, @rows, @late)
  return
end
if @late > 0 select * into side from map_event_audit where event_id > 20
truncate table map_event_audit
if @late > 0
begin
  set identity_insert map_event_audit on
  insert into map_event_audit (event_id, user_id, event_type, event_time, study_uid, description)
    select event_id, user_id, event_type, event_time, study_uid, description from side order by event_id
  set identity_insert map_event_audit off
  drop table side
end
commit transaction
print 'EMPTIED late=' + convert(varchar(12), @late)"""


@pytest.fixture
def engine(tmp_path):
    made = server(tmp_path)
    yield made
    made.close()


@pytest.fixture
def log_on(engine):
    return lambda: engine.logon("sa", "sa-Lab-9043", "mvf")


def test_counting_and_truncating_without_a_transaction_loses_the_row_between(engine, log_on):
    session = log_on()
    assert value(session, COUNT) == 20
    assert engine.arrive("mvf", "map_event_audit") == 1
    assert told(session, f"truncate table map_event_audit {COUNT}")[0] == [(0,)]


def test_the_lock_holds_rows_back_until_the_commit_and_none_is_lost(engine, log_on):
    session = log_on()
    told(session, f"set nocount on declare @rows int begin transaction {LOCK}")
    comer = Beside(lambda: engine.arrive("mvf", "map_event_audit"))
    assert comer.waits()
    told(session, "truncate table map_event_audit")
    assert comer.waits()
    told(session, "commit transaction")
    assert comer.done() == 1
    assert told(session, "select event_id from map_event_audit")[0] == [(1,)]  # identities begin anew


def test_the_whole_batch_keeps_late_rows_with_their_identities(engine, log_on):
    session = log_on()
    engine.arrive("mvf", "map_event_audit", 3)
    assert told(session, EMPTY.format(wait=5000, late=2)) == [50000]
    assert told(session, f"{COUNT} select @@trancount")[::2] == [[(23,)], [(0,)]]
    assert told(session, EMPTY.format(wait=5000, late=3))[-1] == "EMPTIED late=3"
    assert told(session, "select event_id from map_event_audit order by 1")[0] == [(21,), (22,), (23,)]
    assert told(session, f"{INSERT} select max(event_id) from map_event_audit")[1] == [(24,)]
    assert told(session, "select 1 from side") == [208]


@pytest.mark.parametrize("ending", ["rollback transaction", "close", "kill"])
def test_a_truncate_that_is_not_committed_leaves_rows_identity_and_tables(tmp_path, ending):
    engine = server(tmp_path)
    session = engine.logon("sa", "sa-Lab-9043", "mvf")
    told(
        session,
        f"begin tran select * into side from map_event_audit where event_id > 15 truncate table map_event_audit {INSERT}",
    )
    assert value(session, "select max(event_id) from map_event_audit") == 1
    if ending == "kill":
        copy = tmp_path / "copy"
        copy.mkdir()
        for part in tmp_path.glob("engine.sqlite*"):
            (copy / part.name).write_bytes(part.read_bytes())
        engine.close()
        engine = server(copy)
    else:
        session.close() if ending == "close" else told(session, ending)
    other = engine.logon("sa", "sa-Lab-9043", "mvf")
    assert told(other, "select count(*), max(event_id), ident_current('map_event_audit') from map_event_audit")[0] == [
        (20, 20, 20)
    ]
    assert told(other, "select 1 from side") == [208]
    assert told(other, f"{INSERT} select @@identity")[1] == [(21,)]
    engine.close()


def test_an_error_under_xact_abort_brings_everything_back(log_on):
    session = log_on()
    batch = f"set xact_abort on begin tran truncate table map_event_audit {INSERT} insert map_event_audit (event_id) values (5) print 'never' commit"
    assert told(session, batch)[-1] == 544
    assert told(session, f"{COUNT} select @@trancount")[::2] == [[(20,)], [(0,)]]
    assert told(
        session, f"set xact_abort off begin tran {INSERT} insert map_event_audit (event_id) values (5) commit {COUNT}"
    ) == ["1 rows", 544, [(21,)], "1 rows"]


@pytest.mark.parametrize(("held", "asked", "waits"), [
    (INSERT, COUNT, True), (INSERT, f"{COUNT} with (nolock)", False), (INSERT, INSERT, False), (INSERT, "truncate table map_event_audit", True),
    (INSERT, f"{COUNT} with (tablockx)", True), (INSERT, "delete map_event_audit where event_id = 1", True), (f"declare @rows int {LOCK}", INSERT, True),
    (f"declare @rows int {LOCK}", COUNT, True), (f"declare @rows int {LOCK}", f"{COUNT} (nolock)", False), (COUNT, INSERT, False), (f"{COUNT} with (holdlock)", INSERT, True),
    (f"{COUNT} with (holdlock)", COUNT, False), (f"{COUNT} with (updlock)", COUNT, False), (f"{COUNT} with (updlock)", f"{COUNT} with (updlock)", True),
    (f"{COUNT} with (tablock)", INSERT, False), ("truncate table map_event_audit", COUNT, True), ("select * into side from map_event_audit", "select 1 from side", True),
    ("select * into side from map_event_audit", COUNT, False), ("select 1 from master..sysdatabases", INSERT, False),
])  # fmt: skip
def test_who_waits_for_whom(log_on, held, asked, waits):
    one, other = log_on(), log_on()
    assert not [
        answer for answer in one.batch(f"begin tran {held}") if isinstance(answer, Message) and answer.level > 10
    ]
    answers = told(other, f"set lock_timeout 0 {asked}")
    assert (1222 in answers or 208 in answers) is waits, answers
    told(one, "rollback")
    assert 1222 not in told(other, COUNT)


def test_a_lock_timeout_ends_its_statement_and_the_next_goes_on(engine, log_on):
    one, other = log_on(), log_on()
    told(one, f"declare @rows int begin tran {LOCK}")
    began = time.monotonic()
    assert told(other, f"set lock_timeout 120 {INSERT} print 'on' select @@lock_timeout") == [
        1222,
        "on",
        [(120,)],
        "1 rows",
    ]
    assert 0.1 < time.monotonic() - began < 2
    assert told(other, f"begin tran {INSERT} select @@trancount")[1] == [(1,)]
    assert told(other, f"set xact_abort on {INSERT} print 'never'") == [1222]
    assert engine.arrive("mvf", "map_event_audit", timeout=0.05) == 0
    assert told(other, EMPTY.format(wait=50, late=0)) == [1222]
    told(one, "rollback")
    assert told(other, EMPTY.format(wait=50, late=0))[-1] == "EMPTIED late=0"


def test_a_reader_waits_and_then_sees_what_was_committed(log_on):
    one, other = log_on(), log_on()
    told(one, f"begin tran {INSERT} update map_event_audit set user_id = 'NEW' where event_id = 1")
    reader = Beside(
        lambda: told(other, "select count(*), max(case when event_id = 1 then user_id end) from map_event_audit")
    )
    assert reader.waits()
    told(one, "commit")
    assert reader.done()[0] == [(21, "NEW")]


def test_one_who_waits_for_a_truncate_finds_the_table_as_it_is_then(log_on):
    one, other = log_on(), log_on()
    told(one, "begin tran truncate table map_event_audit")
    reader = Beside(lambda: told(other, COUNT))
    writer = Beside(lambda: told(other, ""))
    assert reader.waits() and writer.done() == []
    told(one, "commit")
    assert reader.done()[0] == [(0,)]


@pytest.mark.parametrize(("ending", "outcome"), [("commit", 2627), ("rollback", "1 rows")])
def test_one_who_brings_a_key_that_another_is_about_to_bring_waits(log_on, ending, outcome):
    one, other = log_on(), log_on()
    told(one, "create table k (a int primary key)")
    told(one, "begin tran insert k values (1)")
    second = Beside(lambda: told(other, "insert k values (1)"))
    assert second.waits()
    told(one, ending)
    assert second.done() == [outcome]


def test_two_who_wait_for_each_other_are_a_deadlock(log_on):
    one, other = log_on(), log_on()
    told(one, "create table t (a int)")
    told(one, f"begin tran {INSERT}")
    told(other, "begin tran insert t values (1)")
    first = Beside(lambda: told(one, "truncate table t"))
    assert first.waits()
    assert told(other, "truncate table map_event_audit print 'never'") == [1205]
    assert value(other, "select @@trancount") == 0
    assert first.done() == []
    told(one, "rollback")


def test_an_attention_ends_the_batch_and_keeps_the_transaction(log_on):
    one, other = log_on(), log_on()
    told(one, f"declare @rows int begin tran {LOCK}")
    waiting = Beside(lambda: other.batch(f"begin tran print 'in' {INSERT} print 'never'"))
    assert waiting.waits()
    other.cancel()
    assert [answer.text for answer in waiting.done()] == ["in"]
    told(one, "rollback")
    assert told(other, f"select @@trancount {COUNT}")[::2] == [[(1,)], [(20,)]]
    loop = Beside(lambda: other.batch("set xact_abort on while 1 = 1 set nocount on"))
    assert loop.waits(0.05)
    other.cancel()
    assert loop.done() == []
    assert value(other, "select @@trancount") == 0


def test_savepoints_and_catch(log_on):
    session = log_on()
    assert told(
        session, f"begin tran {INSERT} save tran here delete map_event_audit rollback tran here commit {COUNT}"
    )[-2] == [(21,)]
    assert told(
        session,
        "begin tran begin try select cast('x' as int) end try begin catch print xact_state() rollback end catch print @@trancount",
    ) == ["-1", "0"]
    assert told(
        session,
        "begin tran begin try select 1/0 end try begin catch print xact_state() end catch commit print @@trancount",
    ) == ["1", "0"]
    assert told(
        session, "begin tran begin try select cast('x' as int) end try begin catch print 'left open' end catch"
    ) == ["left open", 3998]


def test_rows_keep_arriving_by_themselves_and_respect_locks(tmp_path):
    engine = server(tmp_path, tables={"map_event_audit": {"database": "mvf", "rows": 5, "arrival_per_s": 50}})
    session = engine.logon("sa", "sa-Lab-9043", "mvf")
    until = time.monotonic() + 5
    while value(session, COUNT) < 8 and time.monotonic() < until:
        time.sleep(0.05)
    told(session, f"declare @rows int begin tran {LOCK}")
    held = value(session, COUNT)
    time.sleep(0.2)
    assert held >= 8 and value(session, COUNT) == held
    told(session, "truncate table map_event_audit")
    assert value(session, COUNT) == 0
    engine.close()


def test_what_is_committed_is_read_by_another_process_up_and_down(tmp_path):
    engine = server(tmp_path)
    session = engine.logon("sa", "sa-Lab-9043", "mvf")
    told(session, "begin tran truncate table map_event_audit")
    for _ in range(2):
        assert mssql.inspect(tmp_path, "select count(*) n, max(user_id) u from map_event_audit")[0]["n"] == 20
        assert mssql.inspect(tmp_path, "select name from sys.databases where database_id > 4", "master") == [
            {"name": "mvf"}
        ]
        for query in (
            "delete map_event_audit",
            "select nope from map_event_audit",
            "select * into x from map_event_audit",
        ):
            with pytest.raises(LabError):
                mssql.inspect(tmp_path, query)
        engine.close()
        engine = server(tmp_path)
    engine.close()


# Databases ----------------------------------------------------------------------------------------------------------


class Disk:
    """A disk of so many bytes with one folder."""

    def __init__(self, room: int) -> None:
        self.room, self.files = room, {}

    def exists(self, path):
        self._check(path)
        return path.lower() in self.files

    def free(self, path):
        return self.room - sum(self.files.values())

    def create(self, path, size):
        self._check(path)
        self.files[path.lower()] = size

    def delete(self, path):
        self.files.pop(path.lower(), None)

    def _check(self, path):
        if not path.lower().startswith("d:\\scratch\\"):
            raise FileNotFoundError(path)


CREATE = (
    "create database impax_x on (name = impax_x_data, filename = 'D:\\scratch\\x.mdf', size = {size}MB, maxsize = {most}MB)"
    " log on (name = impax_x_log, filename = 'D:\\scratch\\x.ldf', size = 2MB, maxsize = 10MB)"
)
MB = 1 << 20


def test_a_database_comes_with_its_files_and_goes_with_them(engine, log_on):
    engine.files = disk = Disk(100 * MB)
    session = log_on()
    assert told(session, CREATE.format(size=10, most=20)) == []
    assert disk.files == {"d:\\scratch\\x.mdf": 10 * MB, "d:\\scratch\\x.ldf": 2 * MB}
    assert told(session, "alter database impax_x set recovery simple select databasepropertyex('impax_x', 'Recovery')")[
        0
    ] == [("SIMPLE",)]
    assert told(session, "use impax_x create table t (a int) insert t values (1) select count(*) from impax_x..t")[
        1
    ] == [(1,)]
    assert told(session, "select name, physical_name, size, max_size from impax_x.sys.database_files order by 1")[0] == [
        ("impax_x_data", "D:\\scratch\\x.mdf", 1280, 2560), ("impax_x_log", "D:\\scratch\\x.ldf", 256, 1280),
    ]  # fmt: skip
    assert told(session, "drop database impax_x") == [3702]
    assert told(session, "use master drop database impax_x select db_id('impax_x')")[0] == [(None,)]
    assert disk.files == {}
    assert told(session, "select 1 from impax_x..t") == [208]


@pytest.mark.parametrize(("before", "batch", "numbers"), [
    ({}, CREATE.format(size=30, most=20), [1827]), ({"d:\\scratch\\x.mdf": MB}, CREATE.format(size=10, most=20), [5170, 1802]),
    ({"d:\\other": 95 * MB}, CREATE.format(size=10, most=20), [5149, 1802]), ({"d:\\other": 89 * MB}, CREATE.format(size=10, most=20), [5149, 1802]),
    ({}, CREATE.format(size=10, most=20).replace("D:\\scratch\\x.mdf", "D:\\nowhere\\x.mdf"), [5123, 1802]), ({}, CREATE.format(size=10, most=20).replace("D:\\scratch\\x.mdf", "x.mdf"), [5105, 1802]),
    ({}, CREATE.format(size=1, most=20), [1803]), ({}, "create database mvf", [1801]), ({}, "drop database nope", [3701]), ({}, "drop database master", [3708]),
    ({}, "alter database nope set recovery simple", [5011, 5069]), ({}, "begin tran " + CREATE.format(size=10, most=20), [226]),
])  # fmt: skip
def test_a_database_that_cannot_be_made_leaves_no_file(engine, log_on, before, batch, numbers):
    engine.files = disk = Disk(100 * MB)
    disk.files = dict(before)
    assert told(log_on(), batch) == numbers
    assert disk.files == before
    assert engine.database("impax_x") is None


def test_a_capped_database_is_full_at_its_cap_and_a_disk_at_its_end(engine, log_on):
    engine.files = disk = Disk(100 * MB)
    session = log_on()
    told(session, CREATE.format(size=2, most=4) + " use impax_x create table t (a char(8000) not null)")
    fill = "insert t select top 100 'x' from mvf..map_event_audit a, mvf..map_event_audit b"
    assert told(session, f"{fill} {fill} {fill}") == ["100 rows", "100 rows", "100 rows"]
    assert told(session, f"{fill} select count(*) from t") == [1105, [(300,)], "1 rows"]
    assert disk.files["d:\\scratch\\x.mdf"] == 4 * MB
    told(
        session,
        "use master drop database impax_x "
        + CREATE.format(size=2, most=400)
        + " use impax_x create table t (a char(8000) not null)",
    )
    disk.room = 5 * MB
    assert told(session, f"{fill} {fill} {fill} {fill}")[-1] == 1105


def test_helpdb(log_on):
    session = log_on()
    whole, files = session.batch("exec sp_helpdb 'mvf'")
    assert (whole.rows[0][0], whole.rows[0][3], [row[0] for row in files.rows]) == ("mvf", 6, ["mvf", "mvf_log"])
    assert told(session, "sp_helpdb nope") == [15010]
    assert len(session.batch("sp_helpdb")[0].rows) == 5
