# SPDX-License-Identifier: GPL-3.0-or-later
"""bcp: the closing total counts, and it alone."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import bcp, fsutil, passkey, sp_spaceused

TAIL = "Network packet size (bytes): 4096\nClock Time (ms.) Total     : 1797   Average : (5564.83 rows per sec.)\n"
PROGRESS = "1000 rows successfully bulk-copied to host-file. Total received: 1000\n"


@pytest.mark.parametrize(
    "printed, rows, success",
    [
        ("Starting copy...\n" + PROGRESS + "\n1234 rows copied.\n" + TAIL, 1234, True),
        ("\n0 rows copied.\n" + TAIL, 0, True),
        ("\n321 Zeilen kopiert.\n", 321, True),
        (PROGRESS + TAIL, None, False),
        (PROGRESS + "BCP copy out failed\n1234 rows copied.\n", None, False),
        ("SQLState = S0002, NativeError = 208\nError = [Microsoft]Invalid object name\n", None, False),
        ("SQLState = 22001, NativeError = 0\nError = right truncation\n\n9 rows copied.\n", 9, False),
        ("\n5 rows copied.\n7 rows copied.\n", None, False),
        ("", None, False),
    ],
)
def test_the_total(printed, rows, success):
    read = bcp.read(printed)
    assert (read.rows, read.success) == (rows, success)


def test_no_password_and_own_terminators():
    words = bcp.out("mvf.dbo.t", "D:\\a b\\t.txt", server=".", errors="D:\\e").words
    assert "-T" in words and "-P" not in words and "-U" not in words
    assert words[words.index("-t") + 1] == bcp.COLUMN_END and not set(bcp.COLUMN_END + bcp.ROW_END) & set('%&|<>^"!')


def test_loading_keeps_identities_and_nulls_and_stops_at_the_first_bad_row():
    words = bcp.load("s.dbo.t", "x", server=".", errors="e").words
    assert {"-E", "-k"} <= set(words) and words[words.index("-m") + 1] == "1"


@pytest.mark.parametrize(
    "printed, kb",
    [
        (
            "Total # of free bytes        : 2097152\nTotal # of bytes             : 4194304\nTotal # of avail free bytes  : 1048576\n",
            1024,
        ),
        ("Error:  Access is denied.\n", None),
        ("a : 5\nb : 6\n", None),
        ("a : 9\nb : 6\nc : 9\n", None),
        ("", None),
    ],
)
def test_free_room(printed, kb):
    assert fsutil.available_kb(printed) == kb


@pytest.mark.parametrize(
    "printed, value",
    [
        ("S3cret!\r\n".replace("\r", ""), "S3cret!"),
        ("IMPAX passkey\n\nS3cret!\n", "S3cret!"),
        ("Password: S3cret!\n", "S3cret!"),
    ],
)
def test_passkey_gives_a_secret(printed, value):
    assert passkey.read(printed, "sa").reveal() == value


@pytest.mark.parametrize(
    "printed",
    ["", "\n", "usage: passkey -M QUERY -u user\n", "passkey: no key for user sa: not found\n", "two words\n"],
)
def test_passkey_without_a_password(printed):
    assert passkey.read(printed, "sa") is None


def test_passkey_is_withheld():
    assert passkey.query("C:\\mvf\\bin\\passkey.exe", "sa").withheld


def test_space_with_our_separator():
    row = "map_event_audit|2500       |648 KB            |640 KB            |8 KB              |0 KB              "
    assert sp_spaceused.read(row).reserved_kb == 648
    assert sp_spaceused.read("") is None
