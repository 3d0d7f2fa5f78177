# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import netsh

NAME = "Study Status Relay"
ALL = ("domain", "private", "public")


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("\nMicrosoft Windows [Version 5.2.3790]\n", (5, 2)),
        ("\nMicrosoft Windows [Versi\u00f3n 6.0.6002]\n", (6, 0)),
        ("\nMicrosoft Windows 6.1.7601\n", (6, 1)),
        ("\nMicrosoft Windows\n", None),
        ("", None),
    ],
)
def test_the_version_is_read_by_its_number(printed, version):
    assert netsh.windows(printed) == version


def test_each_windows_has_its_dialect():
    assert [netsh.dialect(v) for v in ((5, 0), (5, 2), (6, 0), (6, 1), (10, 0))] == [
        *["firewall"] * 2,
        *["advfirewall"] * 3,
    ]
    assert set(netsh.SERVICES) == {"firewall", "advfirewall"}


def test_the_words_of_2008():
    begin = ("netsh", "advfirewall", "firewall")
    assert netsh.show(NAME).words == (*begin, "show", "rule", f"name={NAME}", "verbose")
    terms = ("dir=in", "action=allow", "protocol=TCP", "localport=7070", "profile=any", "enable=yes")
    assert netsh.add(NAME, "tcp", 7070, ALL).words == (*begin, "add", "rule", f"name={NAME}", *terms)
    assert netsh.change(NAME, "tcp", 7070, ALL).words == (*begin, "set", "rule", f"name={NAME}", "new", *terms)
    assert "profile=domain,private" in netsh.add(NAME, "udp", 7070, ("private", "domain")).words


def test_the_words_of_2003():
    begin = ("netsh", "firewall")
    assert netsh.show_openings().words == (*begin, "show", "portopening")
    words = netsh.add_opening(NAME, "tcp", 7070, ("standard", "domain")).words
    assert words == (
        *begin,
        "add",
        "portopening",
        "protocol=TCP",
        "port=7070",
        f"name={NAME}",
        "mode=ENABLE",
        "profile=ALL",
    )
    assert netsh.delete_opening("UDP", "161", ("standard",)).words == (
        *begin, "delete", "portopening", "protocol=UDP", "port=161", "profile=STANDARD",
    )  # fmt: skip


def test_exit_code_1_is_an_answer():
    assert all(command.expected == {0, 1} for command in (netsh.show(NAME), netsh.show_openings()))


BLOCK = """
Rule Name:                            Ok.
----------------------------------------------------------------------
Description:                          An error occurred: it failed
Enabled:                              Yes
Direction:                            In
Profiles:                             Domain,Private
RemoteIP:                             10.1.2.0/24
Protocol:                             TCP
LocalPort:                            7070
Program:                              D:\\relay: the new\\r.exe
Action:                               Allow
"""


def test_what_a_rule_is_called_and_says_is_no_word_of_netshs():
    cut = netsh.read(BLOCK)
    assert cut.ok is None and netsh.read(BLOCK + "Ok.\n").ok is True
    (rule,) = cut.rules
    assert (rule.name, rule.remoteip, rule.program) == ("Ok.", "10.1.2.0/24", "D:\\relay: the new\\r.exe")
    assert rule.profiles == ("domain", "private")


def test_profiles_of_the_older_dialect():
    printed = netsh.read(
        "\nPort configuration for Standard profile:\nPort   Protocol  Mode     Name\n"
        "-------------------------------------------------------------------\n7070   TCP       Enable   X\n"
    )
    assert [rule.profiles for rule in printed.rules] == [("standard",)] and printed.ok is True


@pytest.mark.parametrize("printed", ["", "\n\n", "Etwas ging schief.\n", BLOCK.partition("Enabled")[0]])
def test_what_is_not_said_is_not_known(printed):
    assert netsh.read(printed).ok is None


def test_an_error_counts_more_than_ok():
    assert netsh.read("An error occurred: 0x80070005\nOk.\n").ok is False
    assert netsh.read("Fehler 0x80070005\nOK.\n").ok is False
