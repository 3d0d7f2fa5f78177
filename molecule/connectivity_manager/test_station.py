# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role noted is what the database itself holds, nothing was changed and nothing was exposed."""

import json

import pytest
from support.eyes import Eyes

STATION = "connectivity"
ROWS = "select requesting_service as value, count(*) as n from mcf_service_request group by requesting_service"


@pytest.fixture
def eyes(host):
    return Eyes(host)


def test_the_sources_are_those_of_the_database(eyes):
    there = {row["value"]: row["n"] for row in json.loads(eyes.lab("sql", STATION, ROWS, "--database", "mcf"))}
    (noted,) = [finding["evidence"]["sources"] for finding in eyes.findings("S25")][-1:]
    assert {source["value"]: source["rows"] for source in noted} == there


def test_the_table_was_only_read(eyes):
    assert len(json.loads(eyes.lab("sql", STATION, "select id from mcf_service_request", "--database", "mcf"))) == 60


def test_no_password_on_a_command_line(eyes):
    calls = eyes.calls(STATION)
    assert [call for call in calls if call["program"] in ("osql", "sqlcmd")]
    assert [call for call in calls if "-Lab-" in str(call["words"])] == []
