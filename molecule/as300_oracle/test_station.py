# SPDX-License-Identifier: GPL-3.0-or-later
"""What the station shows after the role: saved and emptied, room made, schema built, backed up, nothing exposed."""

import hashlib
import stat

import pytest
from support.eyes import BUILD, REPORT, OracleEyes, the_one

STATION = "as300_oracle"
FOLDER = "D:\\audit"
REPORTS = "C:\\mvf-mig6\\reports"
ADDED = "D:\\ORADATA\\MVF\\MVFINDX02.DBF"
FILLED = ("UNDO", "MVF", "MVFINDX", "MVFL", "MVFLINDX")
OLD_SETS = {7}


@pytest.fixture
def eyes(host):
    return OracleEyes(host)


def test_the_table_is_empty(eyes):
    assert eyes.rows(STATION) == 0


def test_the_dump_holds_as_many_rows_as_there_were(eyes):
    dumps = eyes.folder(STATION, FOLDER)
    assert [eyes.dumped(dump) for dump in dumps] == [{"MAP_EVENT_AUDIT": 1200}]


def test_the_dump_is_the_one_that_was_noted_and_carried_off(eyes):
    dump = the_one(eyes.folder(STATION, FOLDER), "dumps")
    there, export = dump.read_bytes(), eyes.exported()
    assert (len(there), hashlib.sha1(there).hexdigest()) == (export["bytes"], export["sha1"])
    assert [file.read_bytes() for file in eyes.carried("copies", STATION) if file.name == dump.name] == [there]


def test_the_data_file_was_added(eyes):
    assert ADDED in [path.upper() for path in eyes.data_files(STATION)["MVFINDX"]]
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


def test_no_password_on_a_command_line_but_the_vendor_s_own(eyes):
    called = eyes.called(STATION)
    assert called >= {"exp", "sqlplus", "rman", "bash", "monitor_add", BUILD, REPORT}
    assert eyes.exposed(STATION) == {REPORT}  # the vendor's program takes it nowhere else
