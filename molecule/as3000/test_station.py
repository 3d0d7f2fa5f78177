# SPDX-License-Identifier: GPL-3.0-or-later
"""What the station shows after the role: the table is empty, the dump is there and whole, nothing was exposed."""

import pytest
from support.eyes import Eyes

STATION = "as3000"


@pytest.fixture
def eyes(host):
    return Eyes(host)


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


def test_as_many_rows_were_saved_as_there_were(eyes):
    assert eyes.exported()["rows"] == 2500


def test_the_dump_is_there_and_whole(eyes):
    export = eyes.exported()
    assert over_ssh(eyes, f"wc -c < {export['file']}").split() == [str(export["bytes"])]
    assert over_ssh(eyes, f"digest -a sha1 {export['file']}").split()[0] == export["sha1"]


def test_nothing_but_the_dump_was_left(eyes):
    left = over_ssh(eyes, f"ls -a {eyes.variables(STATION)['impax_audit_folder']}").split()
    assert [name for name in left if name.endswith((".par", ".sql"))] == []


def test_no_password_on_a_command_line(eyes):
    password = eyes.variables(STATION)["impax_dbadmin_password"]
    calls = eyes.calls(STATION)
    assert [call for call in calls if call["program"] == "exp"]
    assert [call for call in calls if password in str(call["words"])] == []
