# SPDX-License-Identifier: GPL-3.0-or-later
"""Unarchived studies: none, too many, how it changed, and not read."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Verdict
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs.study_archive_report import Report
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import study_archive_report as rule

FILE = {"path": "/s/r.txt", "sha1": "0" * 40, "bytes": 9}


def before(unarchived, at="2026-01-01T10:00:00Z", file=FILE):
    return rule.Before(at, unarchived, 400, {}, file)


def read(unarchived, total=400, **more):
    return Report({"Not archived": unarchived or 0}, unarchived, total, **more)


@pytest.mark.parametrize(
    ("report", "past", "most", "verdict", "told"),
    [
        (read(0), [], 0, Verdict.OK, "0 of 400 studies on as300 are not archived; no earlier run"),
        (read(12), [], 12, Verdict.OK, "12 of 400"),
        (read(12), [before(15)], 0, Verdict.ATTENTION, "3 fewer than at 2026-01-01T10:00:00Z; at most 0"),
        (read(12), [before(2), before(10)], 0, Verdict.ATTENTION, "2 more than"),
        (read(12), [before(12)], 0, Verdict.ATTENTION, "as many as"),
        (read(12, None), [], 0, Verdict.ATTENTION, "12 studies on as300"),
        (read(12, computed=True), [], 0, Verdict.ATTENTION, "total less archived"),
        (read(None, why="ORA-01034"), [before(0)], 0, Verdict.UNKNOWN, "ORA-01034"),
        (read(None, None, why="no line"), [], 99, Verdict.UNKNOWN, "no line"),
    ],
)
def test_counts(report, past, most, verdict, told):
    found = rule.judge("S20", "as300", report, past, most)
    assert found.verdict is verdict and told in found.summary
    assert verdict is Verdict.OK or found.remediation
    assert found.evidence["before"] == [{"at": run.at, "unarchived": run.unarchived} for run in past]


def entry(**facts):
    return {
        "what": rule.EVIDENCE,
        "at": "2026-01-01T10:00:00Z",
        "facts": {"station": "as300", "database": "mvf", **facts},
    }


def test_earlier_runs_of_this_station_whose_count_was_read():
    entries = [
        entry(unarchived=3, total=9, file=FILE),
        entry(unarchived=None),
        entry(unarchived=True),
        {"what": "other"},
    ]
    assert [run.unarchived for run in rule.earlier(entries, "as300", "mvf")] == [3]
    assert rule.earlier(entries, "as3000", "mvf") == [] and rule.earlier(entries, "as300", "other") == []


@pytest.mark.parametrize(
    ("last", "hour", "good"),
    [
        (before(0), 12, True),
        (before(0), 9, False),
        (before(1), 12, False),
        (before(0, file=None), 12, False),
        (before(0, at="2025-12-30T10:00:00Z"), 12, False),
        (before(0, at="unreadable"), 12, False),
        (None, 12, False),
    ],
)
def test_which_figures_still_stand(last, hour, good):
    assert rule.still_good(last, datetime(2026, 1, 1, hour, tzinfo=timezone.utc), 24, 0) is good


def test_good_figures_of_before_are_ok_and_say_when():
    found = rule.reused("S20", "as300", before(0), 0)
    assert found.verdict is Verdict.OK and "2026-01-01T10:00:00Z" in found.summary


@pytest.mark.parametrize("there", [False, None])
def test_a_program_that_is_not_there_leaves_the_count_unknown(there):
    found = rule.toolbox("S20", "as300", {"C:\\a.exe": True, "C:\\b.exe": there})
    assert found.verdict is Verdict.UNKNOWN and "C:\\b.exe" in found.summary and "C:\\a.exe" not in found.summary
    assert "S07, S08" in found.remediation.text


def test_both_programs_there_is_nothing_to_say():
    assert rule.toolbox("S20", "as300", {"a": True, "b": True}) is None


@pytest.mark.parametrize(
    "found",
    [
        rule.ended("S20", "as300", "mig-study-archive-report", 3),
        rule.no_file("S20", "as300", "it is empty"),
        rule.no_account("S20", "as300"),
        rule.bad_labels("S20", "as300", "("),
    ],
)
def test_what_is_not_known_is_unknown(found):
    assert found.verdict is Verdict.UNKNOWN and "as300" in found.summary and found.remediation


def test_a_file_that_was_collected():
    assert rule.collected("S20", "as300", FILE).verdict is Verdict.OK


def test_what_check_mode_foretells():
    assert rule.would_report("S20", "as300", before(3)).would
