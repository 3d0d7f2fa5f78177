# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the clients of each SQL Server lie, and what a call's fault means to a backup that it asks for."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from impax_lab.programs import bcp, osql


def station(version=None):
    return SimpleNamespace(sqlserver={"version": version} if version else {})


@pytest.mark.parametrize(("version", "number", "names"), [
    ("8.00.2039", 80, {"osql", "isql", "bcp"}), ("9.00.5000.00", 90, {"osql", "sqlcmd", "bcp"}),
    ("10.0.2531.0", 100, {"osql", "sqlcmd", "bcp"}), (None, 90, {"osql", "sqlcmd", "bcp"}),
])  # fmt: skip
def test_places(version, number, names):
    folder = rf"C:\Program Files\Microsoft SQL Server\{number}\Tools\Binn"
    found = {name: module.places(station(version), name) for module in (osql, bcp) for name in module.NAMES}
    assert {name for name, places in found.items() if places} == names
    assert all(places in ([], [folder]) for places in found.values())


@pytest.mark.parametrize(("given", "expected"), [
    ({}, ""), ({"behaviour": "backup_truncated"}, "backup_truncated"), ({"behaviour": "verify_lies"}, "verify_lies"),
    ({"behaviour": "link_failure"}, ""),
    ({"pretend": True}, "backup_nothing_written"), ({"full": True}, "disk_full"), ({"dies": True}, "killed"),
])  # fmt: skip
def test_faults_of_a_call_reach_the_backup(given, expected):
    call = SimpleNamespace(**{"behaviour": None, "pretend": False, "full": False, "dies": False, **given})
    assert osql._backup_fault(call) == expected
