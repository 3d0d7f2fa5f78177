# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stations show after the role: saved and emptied, schema built, backed up, nothing left behind, nothing exposed."""

import hashlib
import stat
from datetime import datetime

import pytest
from support.eyes import BUILD, REPORT, Eyes, the_one

STATION, VERIFY = "as300", "verify"
FOLDER = "D:\\audit"
BACKUPS = "D:\\backup"
REPORTS = "C:\\mvf-mig6\\reports"
END_OF_ROW = b"[~r~]\n"


@pytest.fixture
def eyes(host):
    return Eyes(host)


def copy_of(eyes):
    """The file of the table's rows; beside it lie its format, its errors and the command that brings the rows back."""
    return the_one([file for file in eyes.folder(STATION, FOLDER) if file.suffixes == [".txt"]], "copies")


def test_the_table_is_empty(eyes):
    assert eyes.rows(STATION) == 0


def test_the_copy_holds_as_many_rows_as_there_were(eyes):
    assert copy_of(eyes).read_bytes().count(END_OF_ROW) == 2500


def test_the_copy_is_the_one_that_was_noted_and_carried_off(eyes):
    copy = copy_of(eyes)
    there, export = copy.read_bytes(), eyes.exported()
    assert (len(there), hashlib.sha1(there).hexdigest()) == (export["bytes"], export["sha1"])
    assert [file.read_bytes() for file in eyes.carried("copies", STATION) if file.name == copy.name] == [there]


def test_no_scratch_database_was_left(eyes):
    for station in (STATION, VERIFY):
        assert eyes.called(station) & {"osql", "sqlcmd"}, f"{station} was not asked"
        names = {row["name"] for row in eyes.sql(station, "select name from sysdatabases")}
        assert names <= {"master", "tempdb", "model", "msdb", "mvf"}


def test_the_premigration_schema_is_there(eyes):
    objects = eyes.sql(STATION, "select name from sysobjects where name like 'MIG[_]%'", "mvf")
    assert objects, "no object of the schema is there"


def test_a_backup_made_since_the_start_is_on_disk(eyes):
    asked = (
        "select s.type, s.backup_finish_date as done, s.backup_size as size, f.physical_device_name as path"
        " from backupset s, backupmediafamily f where f.media_set_id = s.media_set_id and s.database_name = 'mvf'"
    )
    made = the_one(eyes.sql(STATION, asked, "msdb"), "backups")
    assert made["type"] == "D"
    assert datetime.fromisoformat(made["done"]) >= eyes.began
    file = eyes.on_disk(STATION, made["path"])
    assert file in eyes.folder(STATION, BACKUPS)
    assert file.suffix == ".bak"
    assert file.stat().st_size >= int(made["size"])


def test_the_report_was_carried_to_the_controller_for_its_owner_alone(eyes):
    carried = the_one(eyes.carried("reports", STATION), "reports on the controller")
    there = the_one(eyes.folder(STATION, REPORTS), "reports on the station")
    assert there.name.startswith(REPORT)
    assert carried.read_bytes() == there.read_bytes()
    assert stat.S_IMODE(carried.stat().st_mode) == 0o600


def test_no_password_on_a_command_line_but_the_vendor_s_own(eyes):
    assert eyes.called(STATION) >= {"sqlcmd", "bcp", BUILD, REPORT}
    assert eyes.exposed(STATION) == {BUILD, REPORT}  # the vendor's programs take it nowhere else
    assert eyes.called(VERIFY) & {"osql", "sqlcmd"}, f"{VERIFY} was not asked"
    assert eyes.exposed(VERIFY) == set()
