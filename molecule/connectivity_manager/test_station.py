# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role noted is what the database itself holds, nothing was changed and nothing was exposed."""

import pytest
from support.eyes import Eyes, the_one

STATION = "connectivity"
ROWS = "select requesting_service as value, count(*) as n from mcf_service_request group by requesting_service"


@pytest.fixture
def eyes(host):
    return Eyes(host)


def test_the_sources_are_those_of_the_database(eyes):
    there = {row["value"]: row["n"] for row in eyes.sql(STATION, ROWS, "mcf")}
    noted = the_one([finding["evidence"]["sources"] for finding in eyes.findings("S25")][-1:], "findings of S25")
    assert {source["value"]: source["rows"] for source in noted} == there


def test_the_table_was_only_read(eyes):
    assert eyes.called(STATION) & {"osql", "sqlcmd"}, f"{STATION} was not asked"
    assert len(eyes.sql(STATION, "select id from mcf_service_request", "mcf")) == 60


def test_no_password_on_a_command_line(eyes):
    assert eyes.called(STATION) & {"osql", "sqlcmd"}, f"{STATION} was not asked"
    assert eyes.exposed(STATION) == set()
