# SPDX-License-Identifier: GPL-3.0-or-later
"""sc: its words, and what single answers do not show: exit codes without text, cut lists, nothing said."""

from __future__ import annotations

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Outcome, State
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import sc


def ended(command, printed="", code=0):
    return Outcome(command, State.ENDED, code, printed.replace("\n", "\r\n").encode())


def block(name, number=4, word="RUNNING", display=""):
    shown = f"DISPLAY_NAME: {display}\n" if display else ""
    return (
        f"\nSERVICE_NAME: {name}\n{shown}        TYPE               : 10  WIN32_OWN_PROCESS  \n"
        f"        STATE              : {number}  {word} \n        WIN32_EXIT_CODE    : 1066  (0x42a)\n"
        "        SERVICE_EXIT_CODE  : 17113  (0x42d9)\n        CHECKPOINT         : 0x0\n"
        "        WAIT_HINT          : 0x0\n        PID                : 812\n        FLAGS              : \n"
    )


def qc(start):
    return (
        "[SC] QueryServiceConfig SUCCESS\n\nSERVICE_NAME: SQLBrowser\n        TYPE               : 10  WIN32_OWN_PROCESS \n"
        f"        START_TYPE         : {start}\n        ERROR_CONTROL      : 1   NORMAL\n"
        '        BINARY_PATH_NAME   : "C:\\Program Files\\Microsoft SQL Server\\90\\Shared\\sqlbrowser.exe"\n'
    )


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (sc.query("A B"), ("sc", "query", "A B")),
        (sc.queryex("A"), ("sc", "queryex", "A")),
        (sc.config("A"), ("sc", "qc", "A", "8192")),
        (sc.dependants("A"), ("sc", "enumdepend", "A", "64000")),
        (sc.key_name("A b"), ("sc", "getkeyname", "A b")),
        (sc.start("A"), ("sc", "start", "A")),
        (sc.stop("A"), ("sc", "stop", "A")),
    ],
)
def test_words(command, words):
    assert command.words == words


def test_a_query_is_read_whole():
    entry = sc.entry_of(ended(sc.queryex("X"), block("X", 3, "STOP_PENDING")))
    assert entry == sc.Entry("X", "", "STOP_PENDING", 1066, 17113, 812)


@pytest.mark.parametrize("state", ["", "4", "8  RUNNING", "RUNNING", "x  4 RUNNING"])
def test_a_state_that_no_number_tells_is_unknown(state):
    entry = sc.entry_of(ended(sc.query("X"), block("X").replace("4  RUNNING ", state)))
    assert entry is not None and entry.state is None


@pytest.mark.parametrize(
    "printed", ["", "Access is denied.\n", "[SC] OpenService FAILED 5:\n", block("X") + block("Y")]
)
def test_no_single_service_no_entry(printed):
    assert sc.entry_of(ended(sc.query("X"), printed)) is None


def test_the_wrong_end_is_no_entry():
    assert sc.entry_of(ended(sc.query("X"), block("X"), 1)) is None
    assert sc.entry_of(Outcome(sc.query("X"), State.UNKNOWN, stdout=block("X").encode())) is None


@pytest.mark.parametrize(
    ("start", "word"),
    [
        ("2   AUTO_START", "auto"),
        ("2   AUTO_START  (DELAYED)", "delayed"),
        ("3   DEMAND_START", "demand"),
        ("4   DISABLED", "disabled"),
        ("9   NEW", None),
        ("", None),
    ],
)
def test_start_types(start, word):
    assert sc.start_type(qc(start)) == word
    assert sc.start_type(qc(start).replace("START_TYPE", "TYPE_DEBUT").replace("SERVICE_NAME", "NOM_SERVICE")) == word
    assert sc.start_type("") is None and sc.start_type("[SC] OpenService FAILED 5:\n") is None


def test_missing_by_exit_code_or_by_number_in_the_text():
    assert sc.missing(ended(sc.query("X"), "", 1060))
    assert sc.missing(ended(sc.query("X"), "[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\n\n", 0))
    assert not sc.missing(ended(sc.query("X"), "[SC] OpenService FAILED 5:\n", 5))
    assert not sc.missing(Outcome(sc.query("X"), State.UNKNOWN))


def listed(count, *blocks, code=0):
    return ended(sc.dependants("X"), f"[SC] EnumDependentServices: entriesread = {count}\n" + "".join(blocks), code)


def test_dependants_in_the_order_in_which_they_are_listed():
    told = sc.dependants_of(listed(2, block("B", display="Service b"), block("A", 1, "STOPPED")))
    assert [(entry.name, entry.display, entry.state) for entry in told] == [
        ("B", "Service b", "RUNNING"),
        ("A", "", "STOPPED"),
    ]
    assert sc.dependants_of(listed(0)) == ()


@pytest.mark.parametrize(
    "outcome",
    [
        listed(2, block("A")),
        listed(1, block("A", word="")),
        ended(sc.dependants("X"), block("A")),
        ended(sc.dependants("X"), ""),
        listed(1, block("A"), "[SC] EnumDependentServices FAILED 234:\n"),
        listed(0, code=234),
        Outcome(sc.dependants("X"), State.UNKNOWN),
    ],
)
def test_a_list_that_is_not_whole_is_none(outcome):
    assert sc.dependants_of(outcome) is None


@pytest.mark.parametrize(
    ("printed", "code", "error"),
    [
        (block("X", 3, "STOP_PENDING"), 0, 0),
        ("[SC] StartService FAILED 1058:\n\n", 1058, 1058),
        ("[SC] StartService FEHLER 1058:\n\n", 0, 1058),
        ("", 5, 5),
    ],
)
def test_errors_by_number(printed, code, error):
    assert sc.error(ended(sc.start("X"), printed, code)) == error


def test_an_end_that_was_not_seen_is_no_error_number():
    assert sc.error(Outcome(sc.stop("X"), State.UNKNOWN)) is None


@pytest.mark.parametrize(
    ("printed", "code", "name"),
    [
        ("[SC] GetServiceKeyName SUCCESS\nName = SQLBrowser\n", 0, "SQLBrowser"),
        ("[SC] GetServiceKeyName SUCCESS  Name = MSSQL$A\n", 0, "MSSQL$A"),
        ("[SC] GetServiceKeyName FAILED 1060:\n\n", 1060, ""),
        ("", 0, None),
        ("[SC] GetServiceKeyName SUCCESS\nName = SQLBrowser\n", 1, None),
    ],
)
def test_the_name_behind_what_people_see(printed, code, name):
    assert sc.key_of(ended(sc.key_name("x"), printed, code)) == name
