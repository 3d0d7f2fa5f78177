# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person writes into the journal is looked at first."""

from datetime import datetime, timezone

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.journal import Journal
from ansible_collections.impax.upgrade.plugins.plugin_utils.report.build import build
from impax_prepare import deeds
from impax_prepare.folder import Usage
from support.story import STAGES, Story, finding

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=timezone.utc)
KEY = "audit_table.map_event_audit.truncate"
AWAITED = finding("attention")


@pytest.fixture
def journal(tmp_path):
    return Journal.open(tmp_path, "demo", create=True)


@pytest.fixture
def report():
    story = Story()
    story.run("r1")
    story.done("S34", "as3000", finding("ok", what="room"), AWAITED)
    return build(story.entries, now=story.now, stages=STAGES)


MOMENTS = {
    None: "2026-12-01T12:00:00Z",
    "2d": "2026-11-26T12:00:00Z",
    "36h": "2026-11-26T00:00:00Z",
    "2026-11-30": "2026-11-30T23:59:59Z",
    "2026-11-30T10:00:00+01:00": "2026-11-30T09:00:00Z",
}


@pytest.mark.parametrize(("written", "meant"), MOMENTS.items())
def test_ends(written, meant):
    assert deeds.until(written, NOW) == meant


@pytest.mark.parametrize("written", ["soon", "7", "2026-11-23", "2026-11-24T12:00:00Z", "-1d", "0h"])
def test_ends_that_are_none_or_over(written):
    with pytest.raises(Usage, match="--until"):
        deeds.until(written, NOW)


def test_an_approval_is_written_with_the_whole_hash(journal, report):
    entry = deeds.approve(
        journal, report, KEY, "as3000", AWAITED.evidence_hash[:16], " B ", "2026-12-01T00:00:00Z", ["no_backup"]
    )
    assert (entry["evidence"], entry["by"], entry["allow"]) == (AWAITED.evidence_hash, "B", ["no_backup"])
    assert journal.last("approval") == entry


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"key": "audit_table.other"}, r"has no finding audit_table.other: it has .*truncate"),
        ({"key": "*"}, "has no finding"),
        ({"station": "as9"}, "stations are as300, as3000, site"),
        ({"station": "*"}, "has no finding"),
        ({"hash_": "0" * 64}, "may have changed since"),
        ({"hash_": AWAITED.evidence_hash[:11]}, "may have changed since"),
        ({"hash_": "*"}, "may have changed since"),
        ({"by": " "}, "--by needs a name"),
        ({"key": "audit_table.map_event_audit.room"}, "nothing of it awaits an approval"),
    ],
)
def test_a_wrong_approval_is_refused_and_not_written(journal, report, change, sentence):
    asked = {"key": KEY, "station": "as3000", "hash_": AWAITED.evidence_hash, "by": "B", "end": "x", "allow": []}
    with pytest.raises(Usage, match=sentence):
        deeds.approve(journal, report, **{**asked, **change})
    assert journal.last("approval") is None


def test_a_waiver(journal, report):
    entry = deeds.waive(
        journal, report, "section.s26.not_implemented", "site", "done by hand", "B", "2026-12-01T00:00:00Z"
    )
    assert (entry["finding"], entry["station"], entry["reason"]) == (
        "section.s26.not_implemented",
        "site",
        "done by hand",
    )


@pytest.mark.parametrize(
    ("key", "station", "reason", "sentence"),
    [("x.y", "site", "r", "no finding"), (KEY, "site", "r", "no finding"), (KEY, "as3000", " ", "needs a reason")],
)
def test_a_wrong_waiver_is_refused(journal, report, key, station, reason, sentence):
    with pytest.raises(Usage, match=sentence):
        deeds.waive(journal, report, key, station, reason, "B", "2026-12-01T00:00:00Z")
    assert journal.last("waiver") is None


def test_an_attestation(journal, report):
    assert deeds.attest(journal, report, "S13", "site", "B", " role made ")["note"] == "role made"
    for section, station, note in (("S37", "site", "x"), ("S13", "as9", "x"), ("S13", "as300", " ")):
        with pytest.raises(Usage):
            deeds.attest(journal, report, section, station, "B", note)
