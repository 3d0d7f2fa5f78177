# SPDX-License-Identifier: GPL-3.0-or-later
"""osql, sqlcmd and bcp on the station's real SQL engine: what is written and what is read back are real rows."""

from __future__ import annotations

import re
import threading
import time

import pytest
from impax_lab.program import HeldCall, HungUp
from impax_lab.programs import osql
from impax_lab.station import open_engine

TEXTS = ["TEST^AUDIT-0001", "two\r\nlines", "a\ttab", "", "Müller", "x" * 300]
TABLE = {
    "database": "mvf", "owner": "dbo", "key": "event_id",
    "columns": {
        "event_id": {"type": "int identity", "null": False, "values": "sequence"},
        "user_id": {"type": "nvarchar(64)", "values": "user"},
        "event_time": {"type": "datetime", "null": False, "values": "time"},
        "description": {"type": "ntext", "values": "text"},
        "row_version": {"type": "rowversion", "null": False},
    },
    "rows": 40,
}  # fmt: skip
SERVER = {
    "name": "MSSQLSERVER", "version": "9.00.5000.00", "collation": "Latin1_General_CI_AS",
    "logins": {"sa": {"password": "sa-Lab-1"}}, "windows_logins": ["AgfaService"], "databases": {"mvf": {}},
}  # fmt: skip
SCRATCH = (
    "create database scratch\ngo\nuse scratch\ngo\ncreate table copied (event_id int null, user_id nvarchar(64) null, "
    "event_time datetime null, description ntext null, row_version binary(8) null)\ngo\n"
)
SUMS = (
    "select count(*), sum(cast(binary_checksum(event_id, user_id, event_time) as bigint)), sum(datalength(description)), "
    "min(event_id), max(event_id), sum(case when description is null then 1 else 0 end) from {}"
)


@pytest.fixture
def server_station(make):
    """A station with a SQL Server of its own in its folder."""
    made = []

    def bring(**differs):
        station = make(**{"sqlserver": SERVER, "tables": {"map_event_audit": TABLE}, **differs})
        station.sqlserver = open_engine(station.folder, station.spec, "sqlserver")
        made.append(station.sqlserver)
        return station

    yield bring
    for engine in made:
        engine.close()


def rows(printed: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in printed.splitlines() if line.strip()]


def ask(call, station, query: str, database: str = "mvf") -> list[list[str]]:
    words = ["osql", "-E", "-n", "-h-1", "-w", "65535", "-s", "|", "-d", database, "-Q", f"set nocount on {query}"]
    ran = call(station, *words)
    assert "Msg " not in ran.printed, ran.printed
    return rows(ran.printed)


@pytest.mark.parametrize("client", ["osql", "sqlcmd"])
def test_a_batch_is_real_sql(server_station, call, client):
    station = server_station()
    ran = call(station, client, "-E", "-d", "mvf", "-h-1", "-Q", "select count(*) from map_event_audit")
    assert re.fullmatch(r" *40\n\n\(1 rows? affected\)\n", ran.printed)
    wrong = call(station, client, "-E", "-d", "mvf", "-b", "-Q", "selct 1")
    assert (wrong.code, wrong.printed.startswith("Msg ")) == (1, True)
    assert "Msg 208, Level 16" in call(station, client, "-E", "-Q", "select 1 from no_such").printed


def test_logins(server_station, call):
    station = server_station()
    good = call(station, "osql", "-U", "sa", "-n", "-h-1", "-Q", "print 'in'", env={"OSQLPASSWORD": "sa-Lab-1"})
    assert (good.code, good.printed) == (0, "in\n")
    bad = call(station, "osql", "-U", "sa", "-Q", "print 'in'", env={"OSQLPASSWORD": "wrong"})
    assert (bad.code, "Login failed for user 'sa'." in bad.printed) == (1, True)
    assert call(station, "sqlcmd", "-E", "-d", "nowhere", "-Q", "print 1").code == 1
    locked = server_station(accounts={"sa": "locked"})
    ran = call(locked, "sqlcmd", "-U", "sa", "-P", "sa-Lab-1", "-Q", "print 1")
    assert (ran.code, "Msg 18486" in ran.printed) == (1, True)


@pytest.mark.parametrize(
    "form", [["-c", "-t", "[~c~]", "-r", "[~r~]\\n"], ["-w", "-t", "[~c~]", "-r", "[~r~]\\n"], ["-N"], ["-n"]]
)
def test_a_table_comes_back_from_its_file(server_station, call, form):
    """Native files tell nothing of the columns: the scratch table must allow NULL just where the original does."""
    scratch = SCRATCH
    if form[0] in ("-N", "-n"):
        scratch = scratch.replace("int null", "int not null").replace("datetime null", "datetime not null")
    station = server_station()
    for number, text in enumerate(TEXTS):
        quoted = text.replace("'", "''")
        call(station, "osql", "-E", "-d", "mvf", stdin=(
            f"update map_event_audit set description = N'{quoted}' where event_id = {number + 1}\r\ngo\r\n"
        ).encode("cp850"))  # fmt: skip
    call(station, "osql", "-E", "-d", "mvf", "-Q", "update map_event_audit set description = null where event_id > 30")
    before = ask(call, station, SUMS.format("map_event_audit"))
    out = call(station, "bcp", "mvf.dbo.map_event_audit", "out", "a.bcp", "-T", "-S", ".", *form)
    assert (out.code, "\n40 rows copied.\n" in out.printed) == (0, True)
    assert call(station, "osql", "-E", stdin=scratch.encode()).code == 0
    back = call(station, "bcp", "scratch..copied", "in", "a.bcp", "-T", "-E", "-k", "-m", "1", "-e", "a.err", *form)
    assert (back.code, "\n40 rows copied.\n" in back.printed) == (0, True), back.printed
    assert ask(call, station, SUMS.format("copied"), "scratch") == before
    same = (
        "select count(*) from mvf..map_event_audit a, copied b where a.event_id = b.event_id and cast(a.row_version as "
    )
    assert ask(call, station, same + "binary(8)) = b.row_version", "scratch") == [["40"]]


def test_what_the_terminators_and_native_files_cannot_carry_is_no_quiet_success(server_station, call):
    station = server_station()
    text = "update map_event_audit set description = N'a\ttab' where event_id = 2"
    call(station, "osql", "-E", "-d", "mvf", "-Q", text)
    call(station, "osql", "-E", stdin=SCRATCH.encode())
    for form in ("-c", "-n"):  # tabs within a value; a column that allows NULL only in the copy
        call(station, "bcp", "mvf..map_event_audit", "out", "a.bcp", "-T", form)
        back = call(station, "bcp", "scratch..copied", "in", "a.bcp", "-T", "-E", "-k", "-m", "1", form)
        assert (back.code, "rows copied" in back.printed) == (1, False), back.printed


def test_characters_outside_the_code_page_are_lost_by_c_and_kept_by_w(server_station, call):
    station = server_station()
    call(
        station, "osql", "-E", "-d", "mvf", "-Q", "update map_event_audit set user_id = nchar(8364) where event_id = 1"
    )
    for form, kept in (("-c", b"?"), ("-w", "€".encode("utf-16-le"))):
        call(station, "bcp", "select user_id from mvf..map_event_audit where event_id = 1", "queryout", "q", form, "-T")
        assert (station.root / "c/work/q").read_bytes().replace(b"\xff\xfe", b"").startswith(kept)


def test_a_bad_row_ends_a_load_and_nothing_is_loaded(server_station, call):
    station = server_station()
    call(station, "osql", "-E", stdin=SCRATCH.encode())
    (station.root / "c/work/bad").write_bytes(b"1\tu\t2008-01-01\ta\t00\r\nx\tu\t2008-01-01\ta\t00\r\n")
    ran = call(station, "bcp", "scratch..copied", "in", "bad", "-c", "-T", "-m", "1", "-e", "bad.err")
    assert (ran.code, "copied" in ran.printed.replace("Starting copy", "")) == (1, False)
    assert (station.root / "c/work/bad.err").read_bytes().startswith(b"#@ Row 2, Column 1: ")
    assert ask(call, station, "select count(*) from copied", "scratch") == [["0"]]


def test_the_format_file_reads_what_the_switches_wrote(server_station, call):
    station = server_station()
    form = ["-c", "-t", "[~c~]", "-r", "[~r~]\\n"]
    assert call(station, "bcp", "mvf..map_event_audit", "format", "nul", *form, "-f", "a.fmt", "-T").code == 0
    call(station, "bcp", "mvf..map_event_audit", "out", "a.bcp", *form, "-T")
    call(station, "osql", "-E", stdin=SCRATCH.encode())
    ran = call(station, "bcp", "scratch..copied", "in", "a.bcp", "-f", "a.fmt", "-T", "-E", "-k")
    assert (ran.code, "\n40 rows copied.\n" in ran.printed) == (0, True), ran.printed
    assert ask(call, station, SUMS.format("copied"), "scratch") == ask(call, station, SUMS.format("map_event_audit"))


def test_errors_of_bcp_are_the_servers(server_station, call):
    station = server_station()
    ran = call(station, "bcp", "mvf..no_such", "out", "x", "-c", "-T")
    assert (ran.code, ran.printed.startswith("SQLState = S0002, NativeError = 208\n")) == (1, True)
    ran = call(station, "bcp", "select 1 from no_such", "queryout", "x", "-c", "-T")
    assert ran.code == 1
    assert "NativeError = 8180" in ran.printed
    assert not (station.root / "c/work/x").exists()


@pytest.fixture
def blocked(server_station):
    """A station whose table another session holds locked."""
    station = server_station()
    holder = station.sqlserver.logon("AS300\\AgfaService", None, "mvf")
    list(holder.batch("begin transaction select count(*) from map_event_audit with (tablockx, holdlock)"))
    yield station
    holder.close()


TRUNCATE = "truncate table map_event_audit"


def test_a_query_that_waits_too_long_is_given_up(blocked, call):
    began = time.monotonic()
    ran = call(blocked, "osql", "-E", "-n", "-b", "-d", "mvf", "-t", "1", "-Q", TRUNCATE)
    assert time.monotonic() - began < 10
    assert (ran.code, "Timeout expired" in ran.printed) == (1, True)


def test_a_client_that_dies_takes_its_batch_with_it(blocked, call):
    class Dying(HeldCall):
        def signalled(self, wait):
            return 9

    dying = Dying(
        blocked,
        ["osql", "-E", "-n", "-d", "mvf", "-Q", TRUNCATE],
        cwd="C:\\work",
        env={},
        user="AgfaService",
        windows=True,
    )
    ended = []
    worker = threading.Thread(target=lambda: ended.append(pytest.raises(HungUp, osql.main, dying)))  # noqa: RUF061
    worker.start()
    worker.join(10)
    assert ended
    assert blocked.sqlserver.inspect("select count(*) as n from map_event_audit", "mvf") == [{"n": 40}]
