# SPDX-License-Identifier: GPL-3.0-or-later
"""What the station shows after the role: saved and emptied, room made, schema built, backed up, nothing exposed."""

import stat

import pytest
from support.eyes import BUILD, REPORT, OracleEyes, the_one

STATION = "as3000"
FOLDER = "/backup/audit"
REPORTS = "/usr/mvf-mig6/reports"
ADDED = "/u02/oradata/MVF/mvfl02.dbf"
FILLED = ("UNDO", "MVF", "MVFINDX", "MVFL", "MVFLINDX")
OLD_SETS = {11, 12}


@pytest.fixture
def eyes(host):
    return OracleEyes(host)


def over_ssh(eyes, line):
    """One line in the station's own /bin/sh, over plain ssh."""
    at = eyes.variables(STATION)
    options = at.get("ansible_ssh_common_args", "")
    to = f"-i '{at['ansible_ssh_private_key_file']}' -p {at['ansible_port']} {at['ansible_user']}@{at['ansible_host']}"
    ended = eyes.host.run(f"ssh -F none {options} {to} {line!r} </dev/null")
    assert ended.rc == 0, ended.stderr
    return ended.stdout


def test_the_table_is_empty(eyes):
    assert eyes.rows(STATION) == 0


def test_the_dump_holds_as_many_rows_as_there_were(eyes):
    dumps = eyes.folder(STATION, FOLDER)
    assert [eyes.dumped(dump) for dump in dumps] == [{"MAP_EVENT_AUDIT": 2500}]


def test_the_dump_is_the_one_that_was_noted(eyes):
    export = eyes.exported()
    assert export, "no export was noted"
    assert over_ssh(eyes, f"wc -c < {export['file']}").split() == [str(export["bytes"])]
    assert over_ssh(eyes, f"digest -a sha1 {export['file']}").split()[0] == export["sha1"]


def test_nothing_but_the_dump_was_left(eyes):
    left = over_ssh(eyes, f"ls -A {FOLDER}").split()
    assert [name.rpartition(".")[2] for name in left] == ["dmp"]


def test_the_data_file_was_added(eyes):
    assert ADDED in eyes.data_files(STATION)["MVFL"]
    assert eyes.on_disk(STATION, ADDED) is not None


def test_every_tablespace_has_room(eyes):
    free = eyes.free_mb(STATION)
    assert {name: free[name] for name in FILLED if free[name] < 1990} == {}


def test_the_premigration_schema_is_there(eyes):
    objects = eyes.premigration(STATION)
    assert objects, "no object of the schema is there"
    assert set(objects.values()) == {"VALID"}


def test_a_backup_made_since_the_start_has_every_file_and_is_on_disk(eyes):
    files = {row["FILE#"] for row in eyes.sql(STATION, "select file# from v$datafile")}
    assert eyes.saved_files(STATION) >= {0, *files}


def test_the_old_backup_sets_are_gone(eyes):
    assert eyes.backup_sets(STATION) & OLD_SETS == set()
    assert list(eyes.root(STATION).rglob("*NIGHTLY*")) == []


def test_the_report_was_carried_to_the_controller_for_its_owner_alone(eyes):
    carried = the_one(eyes.carried("reports", STATION), "reports on the controller")
    there = the_one(eyes.folder(STATION, REPORTS), "reports on the station")
    assert there.name.startswith(REPORT)
    assert carried.read_bytes() == there.read_bytes()
    assert stat.S_IMODE(carried.stat().st_mode) == 0o600


def test_no_password_on_a_command_line(eyes):
    called = eyes.called(STATION)
    assert called >= {"exp", "sqlplus", "rman", "runbackup", "monitor_add", BUILD, REPORT}
    assert eyes.exposed(STATION) == set()
