# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stations show after the role: table empty, copy there and whole, nothing left behind, nothing exposed."""

import hashlib

import pytest
import yaml
from support.eyes import Eyes

STATION, VERIFY = "as300", "verify"


@pytest.fixture
def eyes(host):
    return Eyes(host)


def on_disk(eyes, path):
    """A file of the station, where the lab keeps it: C:\\x is c/x. Windows does not tell upper from lower case."""
    wanted = path.replace(":", "", 1).replace("\\", "/").lower()
    root = eyes.root(STATION)
    found = [file for file in root.rglob("*") if file.relative_to(root).as_posix().lower() == wanted]
    assert found, f"{path} is not on {STATION}"
    return found[0]


def test_the_table_is_empty(eyes):
    assert eyes.rows(STATION) == 0


def test_as_many_rows_were_saved_as_there_were(eyes):
    assert eyes.exported()["rows"] == 2500


def test_the_copy_is_there_and_whole(eyes):
    export = eyes.exported()
    copy = on_disk(eyes, export["file"]).read_bytes()
    assert (len(copy), hashlib.sha1(copy).hexdigest()) == (export["bytes"], export["sha1"])


def test_no_scratch_database_was_left(eyes):
    for station in (STATION, VERIFY):
        names = [
            next(iter(row.values()))
            for row in yaml.safe_load(eyes.lab("sql", station, "select name from sysdatabases"))
        ]
        assert set(names) <= {"master", "tempdb", "model", "msdb", "mvf"}


def test_no_password_on_a_command_line(eyes):
    for station in (STATION, VERIFY):
        calls = eyes.calls(station)
        assert [call for call in calls if call["program"] in ("osql", "sqlcmd")]
        assert [call for call in calls if "-Lab-" in str(call["words"])] == []
