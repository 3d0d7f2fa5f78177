# SPDX-License-Identifier: GPL-3.0-or-later
"""What the journal says of backups: only one that is proved, full, whole, young and not withdrawn counts."""

from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Verdict
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import backup as rule
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.backup import Backup, Where

NOW = datetime(2026, 5, 2, 12, tzinfo=timezone.utc)


def made(hours=2.0, **change):
    ended = (NOW - timedelta(hours=hours)).isoformat()
    facts = {
        "station": "st",
        "database": "MVF",
        "engine": "oracle",
        "started": ended,
        "finished": ended,
        "verified": "how",
    }
    return {**facts, "where": ["5", "6"], "bytes": 10, "kind": "full", **change}


def entry(facts, what=rule.BACKUP):
    return {"what": what, "facts": facts}


def standing(*facts, max_age=24, database="mvf", station="st"):
    return rule.verified([entry(one) for one in facts], station, database, max_age, NOW)


def test_what_was_journalled_comes_back():
    backup = rule.from_evidence(made())
    assert rule.from_evidence(backup.evidence()) == backup and backup.where == ("5", "6")
    assert rule.from_evidence(made(where="D:\\x.bak")).where == ("D:\\x.bak",)


@pytest.mark.parametrize(
    "change", [{"finished": ""}, {"where": []}, {"bytes": None}, {"bytes": True}, {"verified": None}]
)
def test_facts_that_do_not_say_enough_are_no_backup(change):
    assert rule.from_evidence(made(**change)) is None and standing(made(**change)).backup is None


def test_the_newest_good_one_counts():
    found = standing(made(9, where=["1"]), made(2))
    assert found.backup.where == ("5", "6") and found.age_h == 2 and "how" in found.reason
    assert standing(made(2), made(30, where=["9"])).backup.where == ("5", "6")


@pytest.mark.parametrize(
    ("change", "said"),
    [({"kind": "differential"}, "differential"), ({"kind": ""}, "unknown"), ({"bytes": 0}, "0 bytes"),
     ({"finished": "yesterday"}, "no moment"), ({"finished": "2026-05-02T13:00:00Z"}, "no moment")],
)  # fmt: skip
def test_others_do_not_and_it_is_said_why(change, said):
    found = standing(made(**change))
    assert found.backup is None and said in found.reason


def test_too_old_none_at_all_other_station_other_database():
    assert "25.0 h old" in standing(made(25)).reason
    for found in (standing(), standing(made(), station="x"), standing(made(), database="other")):
        assert found.backup is None and "no verified backup" in found.reason


def test_a_withdrawn_one_does_not_count():
    gone = {"station": "st", "database": "MVF", "where": ["6"]}
    entries = [entry(made()), entry(gone, rule.WITHDRAWN)]
    assert rule.verified(entries, "st", "MVF", 24, NOW).backup is None
    assert rule.verified([*entries, entry(made(1))], "st", "MVF", 24, NOW).backup is not None


def test_an_open_job_is_the_last_one_that_was_not_ended():
    job = {"station": "st", "database": "MVF", "engine": "oracle", "job": "a"}
    entries = [entry(job, rule.JOB)]
    assert rule.open_job(entries, "st", "MVF", "oracle") == job
    assert rule.open_job(entries, "st", None, "oracle") == job
    assert (
        rule.open_job(entries, "st", "MVF", "sqlserver") is None and rule.open_job(entries, "st", "X", "oracle") is None
    )
    assert rule.open_job([*entries, entry(job, rule.JOB_ENDED)], "st", "MVF", "oracle") is None


def test_a_step_that_needs_one_is_told():
    where = Where("S17", "st", "MVF", "schema")
    assert rule.needed(where, standing(made())).verdict is Verdict.OK
    missing = rule.needed(where, standing(made(30)))
    assert missing.verdict is Verdict.BLOCKER and missing.key == "schema.backup" and "30.0 h" in missing.summary


def test_foretold_is_would():
    assert rule.would_back_up(Where("S33", "st", "MVF"), "runbackup", "none").would


def test_a_backup_of_a_few_is_named_whole():
    backup = Backup("st", "MVF", "oracle", "x", "y", "how", tuple("12345"), 7)
    assert "1, 2, 3 and 2 more" in rule.made(Where("S33", "st", "MVF"), backup).summary


@pytest.mark.parametrize(
    ("identity", "why_not"),
    [("7", ""), (None, ""), ("8", "MVF 7, and this is 8"), ("", "MVF 7, and this one did not say which it is")],
)
def test_one_of_another_database_of_the_same_name_does_not_count(identity, why_not):
    found = rule.verified([entry(made(identity="7"))], "st", "MVF", 24, NOW, identity)
    assert (found.backup is None) == bool(why_not) and why_not in found.reason
