# SPDX-License-Identifier: GPL-3.0-or-later
"""Tablespaces of the lab's Oracle: the dictionary, ALTER TABLESPACE, IMPAX' programs, the instance and its listener."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from impax_lab import disks, faults, oracle_instance, unix, windows
from impax_lab import site as sites
from impax_lab.engine.ora.errors import OracleError
from impax_lab.engine.oracle import Instance
from impax_lab.program import HeldCall, Killed, discover
from impax_lab.state import StationFolder

MIB = 1 << 20
DATA = "/u01/oradata/MVF"
SPACES = {
    "SYSTEM": {"files": [{"path": f"{DATA}/system01.dbf", "mb": 700}], "free_mb": 20},
    "UNDO": {"files": [{"path": f"{DATA}/undo01.dbf", "mb": 1000}], "free_mb": 100, "expired_mb": 300, "active_mb": 10},
    "MVF": {"files": [{"path": f"{DATA}/mvf01.dbf", "mb": 500, "autoextend": True, "max_mb": 900}], "free_mb": 50},
    "MVFL": {"files": [{"path": f"{DATA}/mvfl01.dbf", "mb": 300}, {"path": f"{DATA}/mvfl02.dbf", "mb": 300}], "free_mb": 350},
    "MVFLINDX": {"files": [{"path": f"{DATA}/mvflindx01.dbf", "mb": 200}], "free_mb": 0},
}  # fmt: skip
ORACLE = {
    "name": "MVF", "version": "11.2.0.4.0", "tablespaces": SPACES,
    "users": {"SYS": {"password": "sys-1"}, "DBADMIN": {"password": "dba-1"}, "MVF": {"password": "mvf-1"}},
}  # fmt: skip
SPEC = {
    "type": "as3000", "system": "unix", "release": "5.10", "disks": {"/": 3000}, "oracle": ORACLE,
    "users": {"oracle": {"group": "dba"}, "mvf": {"group": "mvf"}, "service": {"group": "mvf"}},
}  # fmt: skip
SILENT = "set pagesize 0 feedback off linesize 200\n"


class Station(SimpleNamespace):
    """Its files, its disks, its memory, its database."""

    def host_path(self, cwd: str, name: str) -> Path:
        return self.system.host_path(self.folder, cwd, name)

    def room(self, name: str, cwd: str = "") -> int:
        return self.disks.room(self.host_path(cwd, name))

    def asked(self, query: str, user: str = "SYS", password: str = "sys-1") -> list[tuple[Any, ...]]:
        session = self.oracle.logon(user, password)
        try:
            return session.execute(query).rows
        finally:
            session.close()

    def refused(self, statement: str, user: str = "SYS", password: str = "sys-1") -> OracleError:
        with pytest.raises(OracleError) as problem:
            self.asked(statement, user, password)
        return problem.value

    def free(self) -> dict[str, int]:
        rows = self.asked("select tablespace_name, sum(bytes) from dba_free_space group by tablespace_name")
        return {name: int(size) // MIB for name, size in rows}


@pytest.fixture
def make(tmp_path):
    """make(**what differs) -> a station."""
    opened = []

    def station(**differs: Any) -> Station:
        spec = sites.from_dict({"stations": {"s": sites.merged(SPEC, differs)}}).station("s")
        folder, system = StationFolder(tmp_path / "s"), windows if spec.windows else unix
        folder.make()
        own = disks.Disks(folder, spec)
        files = disks.EngineFiles(own, folder, system)
        engine = Instance(folder.engine / "oracle", spec.engine_spec("oracle"), files)
        opened.append(engine)
        own.prepare()
        made = Station(spec=spec, folder=folder, disks=own, oracle=engine, system=system, root=folder.root, name="s")
        oracle_instance.prepare(made)
        return made

    yield station
    for engine in opened:
        engine.close()


def ran(
    on: Station, *words: str, stdin: str = "", behaviour: str | None = None, user: str = "mvf", **flags: Any
) -> HeldCall:
    call = HeldCall(on, list(words), stdin.encode(), user=user, windows=on.spec.windows, cwd="/")
    call.behaviour = behaviour
    for name, value in flags.items():
        setattr(call, name, value)
    try:
        call.code = faults.guarded(call, discover(on.spec.system)[call.name].main)
    finally:
        call.printed = call.sent[1].decode(on.spec.codec).replace("\r\n", "\n")
    return call


def added(
    on: Station, tablespace: str = "MVFLINDX", path: str = f"{DATA}/new.dbf", mb: object = 100, **more: Any
) -> HeldCall:
    return ran(on, "/usr/mvf/bin/monitor_add", stdin=f"C\n{tablespace}\n{path}\n{mb}\n", **more)


def figures(on: Station, **more: Any) -> dict[str, list[float]]:
    """The numbers behind each name that monitor_stats prints."""
    printed = ran(on, "monitor_stats", **more).printed
    rows = re.findall(r"^([A-Z]+) +(.*\d)$", printed, re.M)
    return {name: [float(each) for each in numbers.split()] for name, numbers in rows}


# The dictionary


def test_the_dictionary_tells_the_room_that_the_site_gives(make):
    s = make()
    assert s.free() == {"SYSTEM": 20, "UNDO": 100, "MVF": 50, "MVFL": 350}, "a full tablespace has no row"
    assert s.asked("select file_id, bytes from dba_free_space where tablespace_name = 'MVFL' order by file_id") == [
        (4, 350 * MIB - (300 * MIB - 65536)), (5, 300 * MIB - 65536),
    ]  # fmt: skip
    files = s.asked(
        "select file_name, file_id, tablespace_name, bytes, autoextensible, maxbytes, status from dba_data_files"
    )
    assert files[2] == (f"{DATA}/mvf01.dbf", 3, "MVF", 500 * MIB, "YES", 900 * MIB, "AVAILABLE")
    assert files[3][4:6] == ("NO", 0)
    undo = dict(s.asked("select status, sum(bytes) from dba_undo_extents group by status"))
    assert undo == {"EXPIRED": 300 * MIB, "ACTIVE": 10 * MIB, "UNEXPIRED": 590 * MIB - 65536}
    kinds = dict(s.asked("select tablespace_name, contents from dba_tablespaces"))
    assert (kinds["UNDO"], kinds["TEMP"], kinds["MVFL"]) == ("UNDO", "TEMPORARY", "PERMANENT")
    assert [name for _, name in s.asked("select ts#, name from v$tablespace")] == [*SPACES, "TEMP"]


@pytest.mark.parametrize(
    "view", ["dba_tablespaces", "dba_data_files", "dba_free_space", "dba_undo_extents", "v$tablespace"]
)
def test_who_is_no_dba_does_not_see_the_room(make, view):
    s = make()
    assert s.refused(f"select * from {view}", "MVF", "mvf-1").code == 942
    assert s.asked(f"select count(*) from {view}", "DBADMIN", "dba-1")[0][0] > 0


# ALTER TABLESPACE


def test_a_file_is_added_for_good_and_takes_room_on_the_disk(make):
    s = make()
    before = s.room("/x")
    s.asked(f"alter tablespace mvflindx add datafile '{DATA}/new.dbf' size 100m")
    assert (s.room("/x"), s.host_path("/", f"{DATA}/new.dbf").stat().st_size) == (before - 100 * MIB, 100 * MIB)
    assert s.free()["MVFLINDX"] == 99
    numbers = s.asked("select file_id, tablespace_name from dba_data_files")
    assert numbers[-1] == (7, "MVFLINDX")
    again = Instance(s.oracle.folder, s.spec.engine_spec("oracle"))
    assert again.data_files()[-1] == (7, "MVFLINDX", f"{DATA}/new.dbf", 100.0)
    again.close()


@pytest.mark.parametrize(("statement", "codes"), [
    (f"alter tablespace nope add datafile '{DATA}/x.dbf' size 10m", "00959"),
    (f"alter tablespace mvf add datafile '{DATA}/mvfl01.dbf' size 10m", "01537"),
    (f"alter tablespace mvf add datafile '{DATA}/mvfl01.dbf' size 10m reuse", "01537"),
    ("alter tablespace mvf add datafile '/etc/there' size 10m", "01119 27038"),
    ("alter tablespace mvf add datafile '/no/such/x.dbf' size 10m", "01119 27040"),
    (f"alter tablespace mvf add datafile '{DATA}/x.dbf' size 9000m", "19502 27072"),
    (f"alter tablespace mvf add datafile '{DATA}/x.dbf' size 64k", "03214"),
    (f"alter tablespace mvf add datafile '{DATA}/x.dbf' size 40g", "01144"),
    (f"alter tablespace temp add datafile '{DATA}/x.dbf' size 10m", "03217"),
    (f"alter tablespace '{DATA}' add datafile 'mvf' size 10m", "02216"),
    ("alter tablespace mvf add datafile size 10m", "02236"),
    (f"alter tablespace mvf add datafile '{DATA}/x.dbf' size tenm", "02142"),
    ("alter tablespace mvf offline", "02142"),
])  # fmt: skip
def test_a_file_is_refused_and_nothing_stays(make, statement, codes):
    s = make()
    s.host_path("/", "/etc").mkdir()
    s.host_path("/", "/etc/there").write_bytes(b"x")
    room = s.room("/x")
    assert re.findall(r"ORA-(\d{5})", s.refused(statement).message) == codes.split()
    assert (len(s.oracle.data_files()), s.room("/x")) == (6, room)


def test_reuse_and_several_files_and_autoextend(make):
    s = make()
    s.host_path("/", f"{DATA}/old.dbf").write_bytes(b"x" * 9)
    s.asked(
        f"alter tablespace mvf add datafile '{DATA}/old.dbf' size 10m reuse, '{DATA}/b.dbf' size 20m autoextend on maxsize 1g"
    )
    rows = s.asked("select file_name, bytes, maxbytes from dba_data_files where file_id > 6")
    assert rows == [(f"{DATA}/old.dbf", 10 * MIB, 0), (f"{DATA}/b.dbf", 20 * MIB, 1024 * MIB)]


def test_only_a_dba_adds_files(make):
    assert make().refused(f"alter tablespace mvf add datafile '{DATA}/x.dbf' size 10m", "MVF", "mvf-1").code == 1031


# The monitor's programs


def test_the_monitor_shows_a_new_file_after_its_update_only(make):
    s = make()
    assert figures(s)["MVFLINDX"][:3] == [200, 200, 0]
    call = added(s)
    assert (call.code, "Tablespace altered." in call.printed, s.free()["MVFLINDX"]) == (0, True, 99)
    assert figures(s)["MVFLINDX"][:3] == [200, 200, 0]
    assert ran(s, "monitor_update").code == 0
    assert figures(s)["MVFLINDX"][:3] == [300, 200.1, 99.9]
    assert figures(s, behaviour="stale")["MVFLINDX"][:3] == [200, 200, 0]


def test_before_the_first_update_the_figures_are_those_from_before_a_new_file(make):
    s = make()
    added(s)
    assert figures(s)["MVFLINDX"][:3] == [200, 200, 0]


def test_monitor_add_waits_for_each_answer(make):
    s = make()
    for stdin, code in [("", 1), ("Q\n", 0), ("C\nMVF\n", 1), (f"x\nC\nMVF\n{DATA}/a.dbf\n", 1)]:
        assert ran(s, "monitor_add", stdin=stdin).code == code
    assert len(s.oracle.data_files()) == 6
    assert added(s, "nope").code == 0
    assert "ORA-00959" in added(s, "nope").printed
    assert "ORA-02142" in added(s, mb="ten").printed


@pytest.mark.parametrize(("behaviour", "last"), [
    ("wrong_size", ("MVFLINDX", 10.0)), ("other_tablespace", ("SYSTEM", 100.0)), ("asks_again", None), (None, ("MVFLINDX", 100.0)),
    ("other_order", None), ("file_exists", None), ("not_available", None),
])  # fmt: skip
def test_each_way_in_which_monitor_add_does_something_else(make, behaviour, last):
    s = make()
    added(s, behaviour=behaviour)
    files = s.oracle.data_files()
    assert (files[-1][1], files[-1][3]) == last if last else len(files) == 6


def test_monitor_add_says_done_is_full_and_is_killed(make):
    s = make()
    assert "Tablespace altered." in added(s, pretend=True).printed
    assert "ORA-27044" in added(s, full=True).printed
    with pytest.raises(Killed):
        added(s, dies=True)
    assert (len(s.oracle.data_files()), s.host_path("/", f"{DATA}/new.dbf").stat().st_size) == (6, 8192)
    assert "ORA-27038" in added(s).printed


def test_each_way_in_which_monitor_stats_prints_something_else(make):
    s = make()
    whole = figures(s)
    assert set(whole) - set(figures(s, behaviour="tablespace_missing")) == {"MVFL"}
    assert figures(s, behaviour="gigabytes")["UNDO"][:3] == [0.98, 0.88, 0.1]
    assert "Free GB" in ran(s, "monitor_stats", behaviour="gigabytes").printed
    assert "Free space  : 350 MB" in ran(s, "monitor_stats", behaviour="other_layout").printed
    assert "MB" not in ran(s, "monitor_stats", behaviour="no_units").printed
    assert ran(s, "monitor_update", pretend=True).printed.endswith("Statistics updated.\n")


def test_the_monitor_has_its_accounts(make):
    s = make()
    for name in ("monitor_stats", "monitor_update", "monitor_add", "dbstartmvf"):
        assert ran(s, name, user="service").code == 1


# The instance and its listener


def sql(on: Station, *words: str, stdin: str = "", user: str = "oracle") -> str:
    return ran(on, "sqlplus", *words, stdin=stdin, user=user).printed


def test_an_instance_that_is_down(make):
    s = make(oracle={"instance": {"status": "down"}})
    assert "ORA-01034: ORACLE not available\nORA-27101:" in sql(s, "-l", "dbadmin/dba-1")
    idle = sql(s, "/", "as", "sysdba", stdin="select 1 from dual;\n")
    assert "\nConnected to an idle instance.\n" in idle
    assert idle.index("ORA-01034") < idle.index("Disconnected\n")
    assert "Connected to an idle instance.\n" in sql(s, "-s", "/nolog", stdin="connect / as sysdba\n")
    assert "ORA-01031" in sql(s, "-l", "/", "as", "sysdba", user="mvf")
    assert ran(s, "exp", "dbadmin/dba-1", "file=/x.dmp", "tables=t").code == 1
    for name in ("monitor_update", "monitor_stats"):
        call = ran(s, name)
        assert (call.code, "ORA-01034" in call.printed, "updated" in call.printed) == (0, True, False)
    assert "ORA-01034" in added(s).printed


def test_dbstartmvf_opens_it_once(make):
    s = make(oracle={"instance": {"status": "down"}})
    ran(s, "dbstartmvf", pretend=True)
    assert oracle_instance.status(s) == "down"
    call = ran(s, "dbstartmvf")
    assert (call.code, call.printed.splitlines()[-1], oracle_instance.status(s)) == (0, "Database opened.", "open")
    assert "ORA-01081" in ran(s, "dbstartmvf").printed
    assert sql(s, "-s", "dbadmin/dba-1", stdin=f"{SILENT}select status from v$instance;\n").strip() == "OPEN"


@pytest.mark.parametrize("behaviour", ["datafile_missing", None])
def test_a_data_file_that_is_not_there_leaves_it_mounted(make, behaviour):
    s = make(oracle={"instance": {"status": "down"}})
    if behaviour is None:
        s.host_path("/", f"{DATA}/mvf01.dbf").unlink()
    call = ran(s, "dbstartmvf", behaviour=behaviour)
    assert (call.code, re.findall(r"ORA-\d+", call.printed)) == (0, ["ORA-01157", "ORA-01110"])
    assert "Database opened." not in call.printed
    assert "ORA-01033" in sql(s, "-l", "dbadmin/dba-1")
    asked = (
        f"{SILENT}select status from v$instance;\nselect open_mode from v$database;\nselect * from dba_data_files;\n"
    )
    printed = sql(s, "-s", "/", "as", "sysdba", stdin=asked)
    assert (printed.split()[:2], "ORA-01219" in printed) == (["MOUNTED", "MOUNTED"], True)


@pytest.mark.parametrize("behaviour", ["no_memory", "no_parameters"])
def test_an_instance_that_does_not_start(make, behaviour):
    s = make(oracle={"instance": {"status": "down"}})
    assert ran(s, "dbstartmvf", behaviour=behaviour).code == 0
    assert oracle_instance.status(s) == "down"


def test_the_listener_starts_answers_and_stops(make):
    s = make(oracle={"listener": "stopped"})
    down = ran(s, "lsnrctl", "status")
    assert (down.code, re.findall(r"TNS-\d+", down.printed)) == (1, ["TNS-12541", "TNS-12560", "TNS-00511"])
    assert "ORA-12541" in sql(s, "-l", "dbadmin/dba-1@MVF")
    assert "ORA-" not in sql(s, "-l", "dbadmin/dba-1")
    assert ran(s, "lsnrctl", "start", behaviour="address_in_use").code == 1
    assert ran(s, "lsnrctl", "start", pretend=True).code == 0
    assert not oracle_instance.listens(s)
    started = ran(s, "lsnrctl", "start")
    assert (started.code, "The listener supports no services" in started.printed) == (0, True)
    assert started.printed.endswith("The command completed successfully\n")
    assert 'Instance "MVF", status READY' in ran(s, "lsnrctl", "status").printed
    assert "TNS-01106" in ran(s, "lsnrctl", "start").printed
    assert "ORA-" not in sql(s, "-l", "dbadmin/dba-1@MVF")
    assert ran(s, "lsnrctl", "stop").code == 0
    assert ran(s, "lsnrctl", "stop").code == 1


def test_the_listeners_faults_and_what_it_has_not_got(make):
    s = make()
    assert "TNS-12541" in ran(s, "lsnrctl", "status", behaviour="no_listener").printed
    assert "TNS-01106" in ran(s, "lsnrctl", "start", behaviour="already_started").printed
    assert "READY" not in ran(s, "lsnrctl", "status", behaviour="no_services").printed
    call = ran(s, "lsnrctl", "services")
    assert (call.code, call.notes) == (70, ["not simulated: lsnrctl services"])
