# SPDX-License-Identifier: GPL-3.0-or-later
"""The twelve counts: 0 is ok, more is for the vendor's support, and what was not counted is unknown."""

from __future__ import annotations

import json

from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Verdict
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import integrity

NAME = "dosr_study.study_uid.null"


def judged(counts, unread=None, database="MVF 4711"):
    return {f.key: f for f in integrity.judge("S23", "as3000", database, counts, unread or {})}


def test_none_is_ok():
    finding = judged({NAME: 0})[f"integrity.{NAME}"]
    assert finding.verdict is Verdict.OK
    assert finding.evidence == {"database": "MVF 4711", "count": 0}


def test_one_is_a_blocker_for_the_vendors_support_and_says_what_a_bundle_would_hold():
    finding = judged({NAME: 1})[f"integrity.{NAME}"]
    assert finding.verdict is Verdict.BLOCKER
    assert "1 rows of dosr_study without study_uid in MVF 4711 on as3000" in finding.summary
    assert finding.remediation.how == "vendor"
    assert integrity.CONTENT in finding.remediation.text


def test_duplicates_are_called_so():
    name = "dosr_object_document.object_ref.duplicate"
    assert "object_ref is not unique" in judged({name: 4})[f"integrity.{name}"].summary


def test_what_was_not_counted_is_unknown_and_the_others_stand():
    found = judged({NAME: 0}, {"map_job.originating_user_id.null": "ORA-00942"})
    assert found["integrity.map_job.originating_user_id.null"].verdict is Verdict.UNKNOWN
    assert "ORA-00942" in found["integrity.map_job.originating_user_id.null"].summary
    assert found[f"integrity.{NAME}"].verdict is Verdict.OK


def test_a_count_of_a_database_that_did_not_say_which_it_is_counts_for_nothing():
    assert judged({NAME: 0}, database="")[f"integrity.{NAME}"].verdict is Verdict.UNKNOWN


def test_keys_leave_the_site_as_hashes_that_only_it_can_compare():
    one = integrity.hashed({NAME: ["12", "7"]}, b"a" * 32)
    assert one == integrity.hashed({NAME: ["7", "12"]}, b"a" * 32)
    assert len(one[NAME]) == 2 and all(len(key) == 32 for key in one[NAME])
    assert not set(one[NAME]) & set(integrity.hashed({NAME: ["7", "12"]}, b"b" * 32)[NAME])


def test_the_bundle_holds_numbers_only():
    bundle = integrity.bundle(
        "demo",
        "as3000",
        "MVF 4711",
        {NAME: 2},
        {"a.b.null": "ORA-00942"},
        {NAME: ["00ff"]},
        "6.3.1",
        "2026-01-01T00:00:00Z",
    )
    assert set(bundle) == {"site", "station", "database", "impax", "read", "counts", "not_counted", "keys"}
    assert json.loads(json.dumps(bundle))["counts"] == {NAME: 2}
