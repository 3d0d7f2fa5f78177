# SPDX-License-Identifier: GPL-3.0-or-later
"""When the audit table may be saved, when its copy is proved: good, bad and unknown facts."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Verdict, worst
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import audit, audit_export, audit_truncate
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.audit import Exported, Measured, Where

WHERE = Where("S34", "as3000", "lab", "map_event_audit")
GOOD = {
    "database": "MVF 1", "rows": 100, "size_kb": 1000, "free_kb": 5000, "null_user_id": 0, "key": "id", "least": 1, "greatest": 100,
    "referenced_by": (),
}  # fmt: skip
EXPORT = Exported(
    "lab", "as3000", "MVF 1", "map_event_audit", "/x/a.dmp", 100, 4096, "ab", "counted", key="id", least=1, greatest=100
)


def judged(**facts):
    findings = audit.before_export(
        WHERE, Measured(**{**GOOD, **facts}), folder="/x", margin_percent=20, nulls_waived=False
    )
    return {finding.key.rsplit(".", 1)[-1]: finding.verdict for finding in findings}


def test_a_good_table_may_be_exported():
    assert judged() == {"measure": Verdict.OK, "room": Verdict.OK}


@pytest.mark.parametrize(
    "facts, what, verdict",
    [
        ({"unread": {"rows": "ORA-01034"}}, "measure", Verdict.UNKNOWN),
        ({"size_kb": None}, "measure", Verdict.UNKNOWN),
        ({"null_user_id": 3}, "null_user_id", Verdict.BLOCKER),
        ({"referenced_by": ("DBADMIN.CHILD",)}, "referenced", Verdict.BLOCKER),
        ({"free_kb": 1199}, "room", Verdict.BLOCKER),
        ({"free_kb": None}, "room", Verdict.UNKNOWN),
    ],
)
def test_each_bad_or_missing_fact_stops_it(facts, what, verdict):
    assert judged(**facts)[what] is verdict


def test_the_margin_is_counted_exactly():
    assert judged(free_kb=1200)["room"] is Verdict.OK


def test_nulls_may_be_waived_and_are_then_shown():
    findings = audit.before_export(
        WHERE, Measured(**{**GOOD, "null_user_id": 3}), folder="/x", margin_percent=20, nulls_waived=True
    )
    assert Verdict.WAIVED in [finding.verdict for finding in findings]
    assert worst(finding.verdict for finding in findings).is_go


@pytest.mark.parametrize(
    "exported, counted, later, verdict",
    [
        (100, 100, None, None),
        (99, 100, None, Verdict.BLOCKER),
        (101, 100, None, Verdict.BLOCKER),
        (101, 100, 101, None),
        (102, 100, 101, Verdict.BLOCKER),
        (99, 100, 101, Verdict.BLOCKER),
        (None, 100, None, Verdict.UNKNOWN),
        (100, None, None, Verdict.UNKNOWN),
        (0, 0, None, None),
    ],
)
def test_rows_exported_and_counted(exported, counted, later, verdict):
    finding = audit_export.rows_agree(WHERE, exported, counted, later, "exp")
    assert (finding and finding.verdict) == verdict


@pytest.mark.parametrize(
    "size, sha1, verdict",
    [
        (4096, "ab", None),
        (4095, "ab", Verdict.BLOCKER),
        (4096, "ac", Verdict.BLOCKER),
        (None, None, Verdict.UNKNOWN),
        (4096, None, Verdict.UNKNOWN),
    ],
)
def test_the_copy_is_whole_only_when_size_and_checksum_were_read_and_equal(size, sha1, verdict):
    finding = audit_export.copy_is_whole(WHERE, EXPORT, size, sha1)
    assert (finding and finding.verdict) == verdict


def test_what_awaits_approval_says_what_to_type():
    finding = audit_truncate.approval_awaited(WHERE, EXPORT, "none was given", ("no_backup", "accept_window"))
    assert finding.verdict is Verdict.ATTENTION and not finding.verdict.is_go
    for word in (
        "approve",
        finding.key,
        "--station as3000",
        finding.evidence_hash,
        "--allow no_backup",
        "--allow accept_window",
    ):
        assert word in finding.remediation.text


def test_an_export_is_read_back_from_its_evidence():
    assert audit.exported_from(EXPORT.evidence() | {"approved_by": "Somebody"}) == EXPORT


@pytest.mark.parametrize("since, age, still", [(0, 10.0, True), (10, 10.0, True), (11, 10.0, False), (0, 101.0, False)])
def test_an_emptied_table_is_due_again(since, age, still):
    finding = audit_truncate.still_done(WHERE, EXPORT, since=since, limit=10, age_s=age, best_before_s=100.0)
    assert bool(finding) is still
