# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says: plain sentences, the worst first, each with its next step."""

from pathlib import Path

from ansible_collections.impax.upgrade.plugins.plugin_utils import plan, said
from ansible_collections.impax.upgrade.plugins.plugin_utils.journal import Verification
from ansible_collections.impax.upgrade.plugins.plugin_utils.report.build import build
from support.story import STAGES, Story, command, finding


def told():
    story = Story()
    story.run("r1")
    story.done("S34", "as3000", finding("attention", remediation=command("impax-prepare approve DIR x")))
    story.done("S36", "as300", finding("blocker", section="S36", station="as300", what="room"))
    return story, build(story.entries, now=story.now, stages=STAGES, folder="site")


def test_problems_of_an_inventory_are_said_at_once():
    assert said.wrong_inventory(["A."]) == "The inventory is not ready: A. Nothing was begun."
    both = said.wrong_inventory(["A.", "B."])
    assert both == "The inventory is not ready, 2 problems: (1) A. (2) B. Nothing was begun."


def test_the_end_says_the_worst_first_with_the_next_step():
    _story, report = told()
    lines = said.ended(report, [Path("report/report.json"), Path("report/report.html")]).split("\n")
    assert lines[0] == f"demo: no-go: 1 blocker, {report['counts']['unknown']} unknown, 1 attention, 3 not_applicable"
    blocker, attention = (
        next(n for n, line in enumerate(lines) if word in line) for word in ("S36 on as300: ", "S34 on as3000: ")
    )
    assert blocker < attention
    assert lines[attention + 1] == "    -> impax-prepare approve site x"
    assert lines[-1] == "  report/report.html"


def test_status_says_when_and_what_next():
    story, report = told()
    text = said.status(report)
    assert "its end was not seen" in text
    assert "S36 as300: blocker: room is blocker" in text
    assert "    -> impax-prepare approve site x" in text
    story.end("r1")
    assert "ended 2026-" in said.status(build(story.entries, now=story.now, stages=STAGES))


def test_what_is_left_is_told_by_stage_with_the_usual_time():
    story, report = told()
    rows = plan.left(report, story.entries)
    assert [row.stage for row in rows] == sorted((row.stage for row in rows), key=STAGES.index)
    assert {row.verdict for row in rows} == {"blocker", "attention", "unknown"}
    text = said.left(rows)
    assert "audit\n  S34 Audit table saved, AS3000 with Oracle, as3000: attention" in text
    assert "(432 s last time)" in text
    assert said.left([]) == "Nothing is left to do."


def test_an_interrupted_or_foretold_step_has_no_usual_time():
    story = Story()
    story.run("r1")
    story.done("S34", "as3000", finding("ok"), check=True)
    story.done("S34", "as3000", finding("ok"), ended=False)
    report = build(story.entries, now=story.now, stages=STAGES)
    assert [row.usual_s for row in plan.left(report, story.entries) if row.section == "S34"] == [None]


def test_a_journal_s_check():
    assert said.verified(Verification(3, "ab")) == "good: 3 entries, head ab"
    assert "7 bytes will be set aside" in said.verified(Verification(3, "ab", 7))
    assert said.verified(Verification(3, "ab", 0, 4, "cut")).startswith("broken at entry 4: cut")


def test_paths_are_shown_as_one_would_type_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert said.shown_path(str(tmp_path / "site")) == "site"
    assert said.shown_path("/elsewhere/site") == "/elsewhere/site"
    assert said.shown_path(None) == "DIR"
