# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's other programs of tablespace room, and Oracle's services: their words, and how a failure is told."""

from __future__ import annotations

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Outcome, State
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import (
    dbstartmvf,
    ls,
    monitor_add,
    monitor_update,
    net,
    sc,
)
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import dir as dir_of_cmd


def test_the_four_answers_in_the_texts_order():
    made = monitor_add.add("/usr/mvf/bin", "/", "MVFL", "/data/MVF/mvfl02.dbf", 2000)
    assert made.words == ("/usr/mvf/bin/monitor_add",)
    assert made.stdin == "C\nMVFL\n/data/MVF/mvfl02.dbf\n2000\n"


@pytest.mark.parametrize(
    ("tablespace", "path"),
    [
        ("MVFL", "/data/a'b.dbf"),
        ("MVFL", "/data/a\n.dbf"),
        ("MVFL", "relative.dbf"),
        ("MVFL", "+DATA/x"),
        ("MVFL", "/data/x "),
        ("MVFL\nQ", "/data/x.dbf"),
    ],
)
def test_what_its_statement_cannot_carry_is_refused(tablespace, path):
    with pytest.raises(ValueError, match="is no"):
        monitor_add.add("/usr/mvf/bin", "/", tablespace, path, 2000)


def test_codes_are_read_whatever_the_exit_code_is():
    printed = "ORA-01119: error in creating database file\nORA-27038: created file already exists\nORA-01119: x\n"
    assert monitor_add.codes(printed) == ("ORA-01119", "ORA-27038")
    assert monitor_update.codes("done\n") == () and dbstartmvf.codes("ORA-01078: x") == ("ORA-01078",)
    assert monitor_update.update("C:\\mvf\\bin", "\\").words == ("C:\\mvf\\bin\\monitor_update",)
    assert dbstartmvf.start().words == ("dbstartmvf",)


def ended(printed, code=0, command=None):
    return Outcome(command or sc.query("OracleServerMVF"), State.ENDED, code, printed.encode())


def service(number, word):
    return (
        "\nSERVICE_NAME: OracleServerMVF\n        TYPE               : 10  WIN32_OWN_PROCESS  \n"
        f"        STATE              : {number}  {word} \n                                (NOT_STOPPABLE)\n"
        "        WIN32_EXIT_CODE    : 0  (0x0)\n        CHECKPOINT         : 0x0\n"
    )


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (ended(service(4, "RUNNING")), "running"),
        (ended(service(1, "STOPPED")), "stopped"),
        (ended(service(2, "START_PENDING")), "starting"),
        (ended(service(4, "RUNNING").replace("STATE", "STATUS")), "running"),
        (ended("[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\n", 1060), "missing"),
        (ended("[SC] OpenSCManager FAILED 5:\n", 5), None),
        (ended(""), None),
        (ended(service(4, "RUNNING") + service(1, "STOPPED")), None),
        (Outcome(sc.query("x"), State.UNKNOWN, stdout=service(4, "RUNNING").encode()), None),
    ],
)
def test_a_service_by_its_number(outcome, state):
    assert sc.state(outcome) == state


@pytest.mark.parametrize(
    ("printed", "code", "why"),
    [
        ("The OracleServerMVF service was started successfully.\n", 0, ""),
        (
            "The requested service has already been started.\n\nMore help is available by typing NET HELPMSG 2182.\n",
            2,
            "",
        ),
        ("Could not be started.\n\nNET HELPMSG 3523.\n", 2, "NET HELPMSG 3523"),
        ("", 2, "exit code 2"),
    ],
)
def test_a_start_by_its_number(printed, code, why):
    assert net.start("OracleServerMVF").words == ("net", "start", "OracleServerMVF")
    assert net.why(ended(printed, code)) == why
    assert net.why(Outcome(net.start("x"), State.UNKNOWN, why="cut")) == "cut"


def test_names_in_a_folder():
    asked = ls.everything("/data")
    assert dir_of_cmd.everything("D:\\data").words == ("dir", "/b", "/a", "D:\\data")
    assert ls.names(ended(".\n..\na b.dbf\n", command=asked)) == (".", "..", "a b.dbf")
    assert ls.names(ended("", command=asked)) is None
    assert ls.names(ended("a\n", 2, command=asked)) is None
