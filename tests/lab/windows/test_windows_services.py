# SPDX-License-Identifier: GPL-3.0-or-later
"""sc and net of a simulated station: start-up types, dependants, pending changes, services that do not last."""

from __future__ import annotations

import time

import pytest

SERVICES = {"MSSQLSERVER": "running", "SQLSERVERAGENT": "running", "Reports": "stopped", "SQLBrowser": "stopped"}


@pytest.fixture
def with_services(make):
    """with_services(NAME={...}) -> a station whose services are special in that way."""
    return lambda **special: make(services=SERVICES, options={"services": special})


def state(call, station, name):
    printed = call(station, "sc", "query", name).printed
    return int(printed.split("STATE")[1].split(":")[1].split()[0])


def test_a_service_that_others_need_is_not_stopped_before_them(with_services, call):
    s = with_services(Reports={"needs": ["SQLSERVERAGENT"]})
    listed = call(s, "sc", "enumdepend", "MSSQLSERVER", "64000").printed
    assert "entriesread = 2" in listed and listed.index("Reports") < listed.index("SQLSERVERAGENT")
    assert "entriesread = 0" in call(s, "sc", "enumdepend", "Reports").printed
    refused = call(s, "sc", "stop", "MSSQLSERVER")
    assert (refused.code, "FAILED 1051" in refused.printed, state(call, s, "MSSQLSERVER")) == (1051, True, 4)
    assert call(s, "sc", "stop", "SQLSERVERAGENT").code == call(s, "sc", "stop", "MSSQLSERVER").code == 0
    assert state(call, s, "MSSQLSERVER") == state(call, s, "SQLSERVERAGENT") == 1
    assert call(s, "sc", "start", "Reports").code == 0
    assert [state(call, s, name) for name in ("MSSQLSERVER", "SQLSERVERAGENT", "Reports")] == [4, 4, 4]


@pytest.mark.parametrize(
    ("stdin", "words", "code"), [(b"", (), 2), (b"n\r\n", (), 2), (b"y\r\n", (), 0), (b"", ("/y",), 0)]
)
def test_net_asks_for_the_dependants(with_services, call, stdin, words, code):
    s = with_services()
    made = call(s, "net", "stop", "MSSQLSERVER", *words, stdin=stdin)
    assert made.code == code and "   SQL Server Agent (MSSQLSERVER)\n" in made.printed
    assert ("(Y/N) [N]: " in made.printed) == (not words)
    assert state(call, s, "MSSQLSERVER") == state(call, s, "SQLSERVERAGENT") == (4 if code else 1)


def test_start_up_types(with_services, call):
    s = with_services(SQLBrowser={"start": "disabled"}, Reports={"start": "delayed", "needs": ["SQLBrowser"]})
    assert "START_TYPE         : 4   DISABLED" in call(s, "sc", "qc", "SQLBrowser").printed
    assert "2   AUTO_START  (DELAYED)" in call(s, "sc", "qc", "Reports", "8192").printed
    assert call(s, "sc", "start", "SQLBrowser").code == 1058
    assert call(s, "sc", "start", "Reports").code == 1068
    assert "System error 1058" in call(s, "net", "start", "SQLBrowser").complained


def test_a_change_takes_its_time(with_services, call):
    s = with_services(SQLBrowser={"start_seconds": 0.5, "stop_seconds": 30})
    assert "2  START_PENDING" in call(s, "sc", "start", "SQLBrowser").printed
    assert state(call, s, "SQLBrowser") == 2 and call(s, "sc", "stop", "SQLBrowser").code == 1061
    time.sleep(0.6)
    assert state(call, s, "SQLBrowser") == 4
    call(s, "sc", "stop", "SQLBrowser")
    assert state(call, s, "SQLBrowser") == 3


def test_a_service_that_ends_again_and_one_that_comes_back(with_services, call):
    s = with_services(
        SQLBrowser={"ends_after": 0.3, "ends_with": [1066, 17113]}, SQLSERVERAGENT={"restarts_after": 0.3}
    )
    call(s, "sc", "start", "SQLBrowser")
    first = call(s, "sc", "queryex", "SQLSERVERAGENT").printed.split("PID")[1]
    call(s, "sc", "stop", "SQLSERVERAGENT")
    assert (state(call, s, "SQLBrowser"), state(call, s, "SQLSERVERAGENT")) == (4, 1)
    time.sleep(0.4)
    assert (state(call, s, "SQLBrowser"), state(call, s, "SQLSERVERAGENT")) == (1, 4)
    printed = call(s, "sc", "query", "SQLBrowser").printed
    assert "WIN32_EXIT_CODE    : 1066" in printed and "SERVICE_EXIT_CODE  : 17113" in printed
    assert call(s, "sc", "queryex", "SQLSERVERAGENT").printed.split("PID")[1] != first


def test_refusals(with_services, call):
    s = with_services(SQLSERVERAGENT={"denied": True}, SQLBrowser={"start_error": 1069})
    assert call(s, "sc", "stop", "SQLSERVERAGENT").code == 5
    assert "System error 5" in call(s, "net", "stop", "SQLSERVERAGENT").complained
    assert call(s, "sc", "start", "SQLBrowser").code == 1069
    assert call(s, "sc", "start", "MSSQLSERVER").code == 1056 and call(s, "sc", "stop", "Reports").code == 1062
    assert call(s, "sc", "qc", "none").code == call(s, "sc", "query", "SQL Server Browser").code == 1060
    assert "Name = SQLBrowser" in call(s, "sc", "getkeyname", "SQL Server Browser").printed
    assert call(s, "sc", "enumdepend", "MSSQLSERVER", behaviour="more_data").code == 234
    assert call(s, "sc", "qc", "MSSQLSERVER", behaviour="more_data").code == 122
