# SPDX-License-Identifier: GPL-3.0-or-later
"""The report says what the journal knows, no more and no less."""

from datetime import timedelta

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import evidence_hash
from ansible_collections.impax.upgrade.plugins.plugin_utils.journal import Journal
from ansible_collections.impax.upgrade.plugins.plugin_utils.report.build import build
from support.schemas import validate
from support.story import STAGES, Story, command, finding


def report_of(story, **more):
    report = build(story.entries, now=story.now, stages=STAGES, **more)
    validate("report", report)
    return report


def section(report, wanted):
    return next(section for section in report["sections"] if section["id"] == wanted)


def row(report, wanted, station):
    return next(row for row in section(report, wanted)["stations"] if row["station"] == station)


@pytest.fixture
def story():
    made = Story()
    made.run("r1")
    return made


def test_every_section_has_its_rows_every_time(story):
    for made in (Story(), story):
        report = report_of(made)
        assert [section["id"] for section in report["sections"]] == [f"S{number:02}" for number in range(1, 37)]
        assert all(section["stations"] for section in report["sections"])
        assert report["verdict"] == "no_go"


def test_an_empty_journal_is_no_go():
    report = build([], now=Story().now, stages=STAGES)
    validate("report", report)
    assert (report["verdict"], report["run"], report["journal"]) == ("no_go", None, {"entries": 0, "head": ""})
    assert report["reasons"][0] == "No station is declared."


def test_what_is_not_built_is_unknown_and_says_so(story):
    unbuilt = section(report_of(story), "S26")
    assert [(row["station"], row["verdict"], row["summary"]) for row in unbuilt["stations"]] == [
        ("site", "unknown", "not implemented yet")
    ]


def test_what_the_site_has_not_got_is_not_applicable_with_the_reason(story):
    absent = section(report_of(story), "S35")["stations"]
    assert [(row["station"], row["verdict"]) for row in absent] == [("site", "not_applicable")]
    assert absent[0]["summary"] == "no as300_oracle: the database runs on Solaris and on SQL Server"


def test_a_section_of_several_server_types_is_not_applicable_only_when_all_are_absent():
    story = Story()
    story.run("r1", stations={}, absent={"as3000": "a", "as300_sqlserver": "b", "as300_oracle": "c"})
    report = report_of(story)
    assert row(report, "S23", "site")["verdict"] == "not_applicable"
    assert row(report, "S29", "site")["summary"] == "no as3000: a; no as300_oracle: c"
    assert row(report, "S07", "site")["verdict"] == "unknown"
    assert row(report, "S22", "site")["verdict"] == "unknown"


def test_a_server_type_that_nobody_mentioned_is_unknown():
    story = Story()
    story.run("r1", stations={"as300": ["as300_sqlserver"]}, absent={})
    found = row(report_of(story), "S34", "site")
    assert found["verdict"] == "unknown"
    assert "as3000" in found["summary"]


def test_a_station_without_a_step_is_unknown(story):
    found = row(report_of(story, folder="site"), "S34", "as3000")
    assert (found["verdict"], found["summary"]) == ("unknown", "not run yet")
    assert found["findings"][0]["remediation"]["text"] == "impax-prepare run site --section S34 --station as3000"


def test_a_row_is_the_worst_of_its_findings(story):
    story.done("S34", "as3000", finding("ok", what="room"), finding("blocker", what="copy"), finding("attention"))
    found = row(report_of(story), "S34", "as3000")
    assert (found["verdict"], found["summary"]) == ("blocker", "copy is blocker")
    assert [one["verdict"] for one in found["findings"]] == ["ok", "blocker", "attention"]


def test_the_latest_step_counts(story):
    story.done("S34", "as3000", finding("blocker"))
    story.done("S34", "as3000", finding("changed"))
    assert row(report_of(story), "S34", "as3000")["verdict"] == "changed"


def test_an_interrupted_step_is_unknown_and_keeps_what_it_found(story):
    story.done("S34", "as3000", finding("changed"))
    story.done("S34", "as3000", finding("ok", what="room"), ended=False)
    found = row(report_of(story), "S34", "as3000")
    assert found["verdict"] == "unknown"
    assert "interrupted" in found["summary"]
    assert [one["key"].rpartition(".")[2] for one in found["findings"]] == ["room", "interrupted"]


def test_a_step_without_a_finding_is_unknown(story):
    story.done("S34", "as3000")
    assert row(report_of(story), "S34", "as3000")["verdict"] == "unknown"


def test_check_mode_never_enters_the_gate(story):
    story.done("S34", "as3000", finding("attention", would=True), check=True)
    found = row(report_of(story), "S34", "as3000")
    assert (found["verdict"], found["summary"]) == ("unknown", "not run yet")
    assert found["foretold"]["findings"][0]["would"] is True


def test_check_mode_does_not_cover_what_was_done(story):
    story.done("S34", "as3000", finding("changed"))
    story.done("S34", "as3000", finding("ok"), check=True)
    found = row(report_of(story), "S34", "as3000")
    assert (found["verdict"], found["foretold"]["findings"][0]["verdict"]) == ("changed", "ok")


def test_what_was_foretold_before_the_deed_is_over(story):
    story.done("S34", "as3000", finding("attention", would=True), check=True)
    story.done("S34", "as3000", finding("changed"))
    assert "foretold" not in row(report_of(story), "S34", "as3000")


def test_steps_of_two_stations_that_overlap_are_kept_apart(story):
    for station in ("as3000", "as300"):
        story.add("step_begun", run="r1", step=station, section="S34", station=station, check=False)
    for station, verdict in (("as300", "blocker"), ("as3000", "ok")):
        story.add("finding", step=station, station=station, finding=finding(verdict, station=station).as_dict())
    for station in ("as3000", "as300"):
        story.add("step_ended", step=station, station=station)
    assert row(report_of(story), "S34", "as3000")["verdict"] == "ok"


def test_a_station_that_vanished_from_the_inventory_stays_unknown(story):
    story.done("S34", "as3000", finding("blocker"))
    story.run("r2", stations={"other": ["as3000"], "as300": ["as300_sqlserver"]})
    report = report_of(story)
    assert "no longer" in row(report, "S34", "as3000")["summary"]
    assert row(report, "S34", "other")["summary"] == "not run yet"


# Waivers and approvals


def waived(story, **change):
    made = {"finding": "audit_table.map_event_audit.truncate", "station": "as3000", "reason": "agreed", "by": "B"}
    story.add("waiver", **{**made, "until": "2027-01-01", **change})


def test_a_waiver_makes_the_row_waived_and_shows_itself(story):
    story.done("S34", "as3000", finding("blocker"), finding("ok", what="room"))
    waived(story)
    found = row(report_of(story), "S34", "as3000")
    assert found["verdict"] == "waived"
    assert found["findings"][0]["waiver"] == {"reason": "agreed", "by": "B", "until": "2027-01-01"}
    assert found["findings"][0]["verdict"] == "blocker"


def test_the_waiver_of_what_the_action_itself_found_waived_is_shown(story):
    story.done("S34", "as3000", finding("waived"))
    waived(story)
    assert row(report_of(story), "S34", "as3000")["findings"][0]["waiver"]["by"] == "B"


def test_what_is_beside_the_waived_finding_still_counts(story):
    story.done("S34", "as3000", finding("blocker"), finding("attention", what="room"))
    waived(story)
    assert row(report_of(story), "S34", "as3000")["verdict"] == "attention"


@pytest.mark.parametrize("change", [{"station": "as300"}, {"until": "2026-11-01"}, {"finding": "audit_table"}])
def test_another_waiver_does_not(story, change):
    story.done("S34", "as3000", finding("blocker"))
    waived(story, **change)
    assert row(report_of(story), "S34", "as3000")["verdict"] == "blocker"


def test_a_section_done_by_hand_can_be_waived(story):
    waived(story, finding="section.s26.not_implemented", station="site")
    assert row(report_of(story), "S26", "site")["verdict"] == "waived"


def test_an_approval_is_shown_beside_its_evidence(story):
    awaited = finding("attention", remediation=command("impax-prepare approve DIR x"))
    story.done("S34", "as3000", awaited)
    said = {"finding": awaited.key, "station": "as3000", "by": "B", "until": "2026-12-24", "allow": ["no_backup"]}
    story.add("approval", evidence="0" * 64, **said)
    assert "approval" not in row(report_of(story), "S34", "as3000")["findings"][0]
    story.add("approval", evidence=awaited.evidence_hash, **said)
    shown = row(report_of(story), "S34", "as3000")["findings"][0]["approval"]
    assert shown == {"by": "B", "until": "2026-12-24", "allow": ["no_backup"], "expired": False}
    assert row(report_of(story), "S34", "as3000")["verdict"] == "attention"


def test_an_approval_of_the_inventory_counts_as_well_and_may_have_expired():
    awaited = finding("attention")
    approval = {
        "finding": awaited.key,
        "station": "as3000",
        "evidence": awaited.evidence_hash,
        "by": "B",
        "until": "2026-11-01",
    }
    story = Story()
    story.run("r1", approvals=[approval])
    story.done("S34", "as3000", awaited)
    assert row(report_of(story), "S34", "as3000")["findings"][0]["approval"]["expired"] is True


def test_commands_can_be_typed_as_they_stand(story):
    text = "impax-prepare approve DIR a.b --station as3000 --evidence 00"
    story.done("S34", "as3000", finding("attention", remediation=command(text)))
    found = row(report_of(story, folder="/srv/impax/site"), "S34", "as3000")["findings"][0]
    assert found["remediation"]["text"] == text.replace("DIR", "/srv/impax/site")


def test_undecodable_evidence_has_one_hash_before_and_after_the_journal(tmp_path):
    found = finding("ok", evidence={"seen": "a\udce4", "n": 1})
    journal = Journal.open(tmp_path, "demo", create=True)
    journal.append("finding", finding=found.as_dict())
    stored = journal.last("finding")["finding"]
    assert evidence_hash(stored["evidence"]) == stored["evidence_hash"] == found.evidence_hash


# The whole


def test_go_when_everything_is_good():
    story = Story()
    story.run("r1")
    story.done("S34", "as3000", finding("changed"))
    story.done("S36", "as300", finding("ok", section="S36", station="as300"))
    unknown = [
        row_
        for section_ in report_of(story)["sections"]
        for row_ in section_["stations"]
        if row_["verdict"] == "unknown"
    ]
    for row_ in unknown:
        for found in row_["findings"]:
            waived(story, finding=found["key"], station=row_["station"])
    report = report_of(story)
    assert (report["verdict"], report["counts"]["unknown"], report["counts"]["waived"]) == ("go", 0, len(unknown))
    later = build(story.entries, now=story.now + timedelta(days=400), stages=STAGES)
    assert later["verdict"] == "no_go"


def test_the_run_and_its_end(story):
    assert (report_of(story)["run"], report_of(story)["finished"]) == ("r1", None)
    story.end("r1")
    assert report_of(story)["finished"] == story.entries[-1]["at"]
    story.run("r2")
    assert (report_of(story)["run"], report_of(story)["finished"]) == ("r2", None)
    assert report_of(story, finished="2026-11-24T00:00:00Z")["finished"] == "2026-11-24T00:00:00Z"


def test_rows_are_counted_by_verdict(story):
    story.done("S34", "as3000", finding("changed"))
    report = report_of(story)
    rows = [row_["verdict"] for section_ in report["sections"] for row_ in section_["stations"]]
    assert rows.count("unknown") > 20
    assert report["counts"] == {
        "not_applicable": 3,
        "ok": 0,
        "changed": 1,
        "waived": 0,
        "attention": 0,
        "unknown": rows.count("unknown"),
        "blocker": 0,
    }
    assert report["journal"] == {"entries": len(story.entries), "head": story.entries[-1]["hash"]}


def test_the_timeline_tells_who_did_what(story):
    story.done("S34", "as3000", finding("ok", what="room"), finding("changed", summary="2500 rows"))
    waived(story)
    story.add("attestation", section="S13", station="site", by="C", note="role made")
    story.add("healed", bytes=7, sha256="0" * 64, text="x")
    story.end("r1")
    texts = [event["text"] for event in report_of(story)["timeline"]]
    assert texts == [
        "Run r1 begun by engineer",
        "2500 rows",
        "B waived audit_table.map_event_audit.truncate until 2027-01-01: agreed",
        "C attested S13: role made",
        "An unfinished journal line of 7 bytes was set aside",
        "Run r1 ended: no-go",
    ]


def test_the_timeline_says_how_far_a_run_reached():
    story = Story()
    story.run("r1", check=True, tags=["S34"], limit="as3000")
    assert report_of(story)["timeline"][0]["text"] == (
        "Check mode run r1 begun by engineer, limited to as3000, only S34"
    )
