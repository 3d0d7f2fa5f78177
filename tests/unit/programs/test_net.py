# SPDX-License-Identifier: GPL-3.0-or-later
"""net: its words, and why a call failed, by number."""

from __future__ import annotations

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Outcome, State
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import net


def test_words():
    assert net.start("A B").words == ("net", "start", "A B")
    assert net.stop("A").words == ("net", "stop", "A")
    assert net.stop("A", with_dependants=True).words == ("net", "stop", "A", "/y")


def test_a_name_that_ends_in_service_is_kept():
    told = net.read("The Print Service service was stopped successfully.\r\n")
    assert told.results == ({"service": "Print Service", "stopped": True},) and told.started is None


def test_nothing_said_is_nothing_known():
    told = net.read("")
    assert (told.started, told.stopped, told.installed, told.helpmsg, told.results) == (None, None, None, None, ())


def test_a_failure_whose_number_was_cut_off_is_a_failure():
    told = net.read("The X service is starting.\nThe X service could not be started.\n\nMore hel")
    assert told.started is False and told.helpmsg is None


HELP = "More help is available by typing NET HELPMSG {}.\n"


@pytest.mark.parametrize(
    ("printed", "code", "already", "why"),
    [
        ("The X service was started successfully.\n", 0, 2182, ""),
        (HELP.format(2182), 2, 2182, ""),
        (HELP.format(2182), 2, 3521, "NET HELPMSG 2182"),
        (HELP.format(3521), 2, 3521, ""),
        (HELP.format(3547), 2, 2182, "NET HELPMSG 3547"),
        ("System error 1058 has occurred.\n", 2, 2182, "system error 1058"),
        ("", 2, 2182, "exit code 2"),
    ],
)
def test_why(printed, code, already, why):
    assert net.why(Outcome(net.start("X"), State.ENDED, code, stderr=printed.encode()), already) == why


def test_a_number_that_only_ends_the_same_is_another():
    told = net.read(HELP.format(12185))
    assert (told.helpmsg, told.installed) == (12185, None)
    assert net.read(HELP.format(2185)).installed is False


def test_an_end_that_was_not_seen_is_told():
    assert net.why(Outcome(net.start("X"), State.UNKNOWN, why="the connection broke")) == "the connection broke"
