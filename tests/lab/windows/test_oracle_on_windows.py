# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle on a Windows station: services, paths, accounts in memory; and sqlplus, exp, imp and the monitor behind WinRM."""

from __future__ import annotations

import re

import pytest
from impax_lab import disks, oracle_instance, windows
from impax_lab.engine.oracle import Instance, OracleError

DATA = "D:\\ORACLE\\ORADATA\\MVF"
ORACLE = {
    "name": "MVF", "version": "11.2.0.4.0",
    "users": {"SYS": {"password": "sys-1"}, "DBADMIN": {"password": "dba-1"}},
    "tablespaces": {"SYSTEM": {"files": [{"path": f"{DATA}\\SYSTEM01.DBF", "mb": 700}], "free_mb": 20},
                    "MVFL": {"files": [{"path": f"{DATA}\\MVFL01.DBF", "mb": 500}], "free_mb": 100}},
}  # fmt: skip
SERVICES = {"OracleServerMVF": "stopped", "OracleServiceMVF": "stopped", "OracleListener": "running"}
TABLE = {"owner": "DBADMIN", "key": "n", "columns": {"n": {"type": "number(9)", "values": "sequence"}}, "rows": 30}
STATION = {
    "type": "as300_oracle", "system": "windows", "release": "6.0.6002", "codec": "cp850", "user": "AgfaService",
    "password": "agfa-Lab-1", "oracle": ORACLE, "tables": {"audit_t": TABLE}, "services": SERVICES,
    "disks": {"C:": 20000, "D:": 1000}, "options": {"folders": ["D:\\audit"]},
}  # fmt: skip


@pytest.fixture
def ora(make):
    made = make(
        oracle=ORACLE, sqlserver={}, services=SERVICES, disks={"C:": 100, "D:": 1000}, tables={"audit_t": TABLE}
    )
    files = disks.EngineFiles(made.disks, made.folder, windows)
    made.oracle = Instance(made.folder.engine / "oracle", made.spec.engine_spec("oracle"), files)
    oracle_instance.prepare(made)
    with made.folder.remembering() as memory:
        memory.pop("disks")
    made.disks.prepare()
    yield made
    made.oracle.close()


def test_the_service_is_the_instance(ora, call):
    assert oracle_instance.status(ora) == "down"
    with pytest.raises(OracleError, match="ORA-01034"):
        ora.oracle.arrive("audit_t")
    assert "ORA-12560" in call(ora, "sqlplus", "-l", "/", "as", "sysdba").printed
    assert call(ora, "net", "start", "OracleServerMVF").code == 0
    assert "STATE              : 4" in call(ora, "sc", "query", "OracleServiceMVF").printed
    assert "\nConnected to:\nOracle" in call(ora, "sqlplus", "/", "as", "sysdba").printed
    assert call(ora, "net", "stop", "OracleServiceMVF").code == 0
    assert "ORA-12560" in call(ora, "monitor_stats").printed
    assert call(ora, "sc", "start", "OracleServiceMVF", pretend=True).code == 0
    assert oracle_instance.status(ora) == "down"


def test_a_service_that_runs_need_not_open_the_instance(make, call):
    made = make(oracle={**ORACLE, "instance": {"autostart": False}}, sqlserver={}, services=SERVICES)
    made.oracle = Instance(made.folder.engine / "oracle", made.spec.engine_spec("oracle"))
    assert call(made, "net", "start", "OracleServiceMVF").code == 0
    printed = call(made, "sqlplus", "/", "as", "sysdba", stdin=b"select 1 from dual;\r\n").printed
    assert "Connected to an idle instance." in printed and "ORA-01034" in printed
    refused = call(made, "sqlplus", "-l", "dbadmin/dba-1").printed
    assert "ORA-27101" in refused and "SVR4" not in refused
    made.oracle.close()


def test_only_an_account_of_ora_dba_is_vouched_for(ora, call):
    call(ora, "net", "start", "OracleServerMVF")
    made = call(ora, "sqlplus", "-l", "/", "as", "sysdba", stdin=b"exit\r\n")
    assert made.code == 0
    made.user = "Administrator"
    made.sent[1] = b""
    from impax_lab.programs import sqlplus

    assert (sqlplus.main(made), "ORA-01031" in made.sent[1].decode()) == (1, True)


def test_an_exit_code_is_not_cut_to_a_byte(ora, call):
    call(ora, "net", "start", "OracleServerMVF")
    script = b"whenever sqlerror exit sql.sqlcode\r\nselect * from nope;\r\n"
    assert call(ora, "sqlplus", "-s", "dbadmin/dba-1", stdin=script).code == 942


def test_exp_and_imp_by_windows_paths(ora, call):
    call(ora, "net", "start", "OracleServerMVF")
    (ora.root / "d/audit").mkdir()
    made = call(
        ora, "exp", "dbadmin/dba-1", "file=D:\\audit\\t", "log=D:\\audit\\t.log", "tables=audit_t", "statistics=none"
    )
    assert (made.code, "        30 rows exported\n" in made.complained) == (0, True)
    assert b"30 rows exported\r\n" in (ora.root / "d/audit/t.log").read_bytes()
    read = call(ora, "imp", "dbadmin/dba-1", "file=D:\\audit\\t.dmp", "full=y", "show=y")
    assert (read.code, '"CREATE TABLE "AUDIT_T"' in read.complained) == (0, True)


def add(station, call, path: str, mb: int, **more):
    return call(station, "C:\\mvf\\bin\\monitor_add.bat", stdin=f"C\r\nMVFL\r\n{path}\r\n{mb}\r\n".encode(), **more)


def test_a_file_by_its_windows_name(ora, call):
    call(ora, "net", "start", "OracleServerMVF")
    before = ora.room("D:\\x")
    assert "Tablespace altered." in add(ora, call, "d:\\oracle\\oradata\\mvf\\mvfl02.dbf", 200).printed
    assert ora.oracle.data_files()[-1][1:] == ("MVFL", f"{DATA}\\MVFL02.DBF", 200.0)
    assert ora.room("D:\\x") == before - (200 << 20)
    for path, codes in [
        (f"{DATA}\\MVFL02.dbf", "01537"),
        ("D:\\no\\x.dbf", "01119 27040"),
        ("E:\\x.dbf", "01119 27040"),
    ]:
        assert re.findall(r"ORA-(\d+)", add(ora, call, path, 10).printed) == codes.split()
    full = add(ora, call, f"{DATA}\\MVFL03.DBF", 2000).printed
    assert re.findall(r"ORA-(\d+)|OS (\d+)", full) == [("19502", ""), ("27072", ""), ("", "112")]


def test_lsnrctl_and_the_listeners_service(ora, call):
    assert call(ora, "lsnrctl", "stop").code == 0
    assert "STATE              : 1" in call(ora, "sc", "query", "OracleListener").printed
    assert call(ora, "lsnrctl", "status").code == 1
    assert "64-bit Windows: Version" in call(ora, "lsnrctl", "start").printed
    assert oracle_instance.listens(ora)


# Behind WinRM


@pytest.fixture(scope="module")
def up(lab_up, tmp_path_factory):
    return lab_up(tmp_path_factory.mktemp("oracle-on-windows"), {"name": "ora", "stations": {"ora": STATION}})


def test_the_programs_of_a_station_with_oracle(up, shell):
    with shell(up, "ora") as client:
        assert client.run("net start OracleServerMVF")[0] in (0, 2)
        code, out, _ = client.run("sqlplus -s / as sysdba", b"select status from v$instance;\r\nexit\r\n")
        assert (code, out.split()) == (0, [b"STATUS", b"------------", b"OPEN"])
        dump = "file=D:\\audit\\a.dmp"
        assert b"30 rows exported\r\n" in client.run(f"exp dbadmin/dba-1 {dump} tables=audit_t statistics=none")[2]
        assert client.run(f"imp dbadmin/dba-1 {dump} full=y show=y")[0] == 0
        answers = f"C\r\nMVFL\r\n{DATA}\\MVFL02.DBF\r\n300\r\n".encode()
        assert b"Tablespace altered." in client.run("C:\\mvf\\bin\\monitor_add", answers)[1]
        assert client.run("monitor_update & monitor_stats")[1].count(b"MVFL ") == 1
        assert b"MVFL02.DBF" in client.run(f"dir /b {DATA}")[1]
    assert [each["words"] for each in up.calls("ora", "monitor_update")] != []
    files = up.sql("ora", "select file_name as f from dba_data_files order by file_name")
    assert [row["F"] for row in files] == [f"{DATA}\\{name}.DBF" for name in ("MVFL01", "MVFL02", "SYSTEM01")]


def test_the_database_knows_its_system(up, shell):
    with shell(up, "ora") as client:
        client.run("net start OracleServerMVF")
        asked = b"set pagesize 0 feedback off linesize 200\r\nselect platform_name from v$database;\r\nselect banner from v$version;\r\n"
        printed = client.run("sqlplus -s / as sysdba", asked)[1].decode()
    assert printed.startswith("Microsoft Windows x86 64-bit")
    assert "TNS for 64-bit Windows: Version 11.2.0.4.0" in printed
