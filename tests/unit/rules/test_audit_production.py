# SPDX-License-Identifier: GPL-3.0-or-later
"""Loading the copy on the production instance: only on a disk of its own, with room, and approved."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Verdict, evidence_hash
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import audit_production as production
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.audit import Measured, Where

WHERE = Where("S36", "as300", "st-example", "map_event_audit")
SEEN = Measured("AS300 mvf 5", 10, 100_000, 900_000, 0, "event_id", 1, 10, ())
DRIVES = {"C:": ("master", "tempdb"), "D:": ("mvf",)}
FOLDER = "E:\\impax-verify"


def fit(seen=SEEN, folder=FOLDER, drives=DRIVES, free_kb=200_000):
    return production.fit(WHERE, seen, folder, drives, free_kb)


def test_a_disk_of_its_own_with_twice_the_tables_room_will_do():
    assert fit().verdict is Verdict.OK and fit().evidence["needed_kb"] == 200_000


@pytest.mark.parametrize(
    "facts, verdict, said",
    [
        ({"free_kb": 199_999}, Verdict.BLOCKER, "199999 kB free, 200000 kB are needed"),
        ({"folder": "d:\\audit"}, Verdict.BLOCKER, "files of mvf"),
        ({"folder": "C:\\impax-verify"}, Verdict.BLOCKER, "files of master, tempdb"),
        ({"drives": None}, Verdict.UNKNOWN, "which disks"),
        ({"free_kb": None}, Verdict.UNKNOWN, "the room"),
        ({"seen": replace(SEEN, size_kb=None)}, Verdict.UNKNOWN, "the room"),
    ],
)
def test_what_does_not_do_and_what_nobody_knows(facts, verdict, said):
    finding = fit(**facts)
    assert (finding.verdict, said in finding.summary, "as300" in finding.summary) == (verdict, True, True)
    assert finding.remediation.text and "Nothing was exported" in finding.summary


def test_a_small_table_needs_room_all_the_same():
    small = replace(SEEN, size_kb=8)
    assert fit(small, free_kb=2 * production.LEAST_KB).verdict is Verdict.OK
    assert fit(small, free_kb=2 * production.LEAST_KB - 1).verdict is Verdict.BLOCKER


def test_an_approval_is_bound_to_the_place_and_not_to_the_rows():
    bound = production.bound_to(WHERE, ".", FOLDER, "mvf")
    finding = production.approval_awaited(WHERE, bound, "nobody has approved it")
    assert finding.verdict is Verdict.ATTENTION and finding.key == "audit_table.map_event_audit.verify_instance"
    assert finding.evidence_hash == evidence_hash(bound)
    assert f"--evidence {finding.evidence_hash}" in finding.remediation.text
    assert finding.remediation.text.endswith("--allow production_instance")
    assert evidence_hash(production.bound_to(WHERE, ".", "F:\\x", "mvf")) != finding.evidence_hash
