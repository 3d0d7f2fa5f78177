# SPDX-License-Identifier: GPL-3.0-or-later
"""The pre-migration schema: not there, whole, half built, not known; and a build that failed whatever it said."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Verdict
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs.mig_schema import Entry, Room
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import mig_build, mig_schema
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.mig_schema import Built, Past

WHERE = mig_schema.Where("S17", "as3000", "MVF")
AB = (Entry("MVF", "MIG_A", "TABLE", "VALID"), Entry("MVF", "MIG_B", "VIEW", "VALID"))
BROKEN = (AB[0], Entry("MVF", "MIG_B", "VIEW", "INVALID"))
NOTHING = Past()
WHOLE = Past(built={"objects": ["mig_a", "MIG_B"], "count": 2}, outcome="whole", last={})


def begun(**facts):
    return {
        "what": mig_schema.BEGUN,
        "at": "2026-01-01T10:00:00Z",
        "facts": {"station": "as3000", "database": "mvf", **facts},
    }


def ended(outcome, **facts):
    return {"what": mig_schema.ENDED, "facts": {"station": "as3000", "database": "MVF", "outcome": outcome, **facts}}


# As it stands


@pytest.mark.parametrize(
    ("entries", "known", "expected", "verdict", "told"),
    [
        (AB, WHOLE, None, Verdict.OK, "2 objects"),
        (AB, NOTHING, 2, Verdict.OK, "at least 2"),
        (AB, NOTHING, 3, Verdict.BLOCKER, "3 are expected"),
        (AB[:1], WHOLE, None, Verdict.BLOCKER, "1 objects of the build are gone (MIG_B)"),
        (AB[:1], Past(built={"count": 4}, outcome="whole", last={}), None, Verdict.BLOCKER, "3 objects of the build"),
        (BROKEN, WHOLE, 2, Verdict.BLOCKER, "1 of them invalid (MIG_B)"),
        (AB, Past(outcome="failed", last={"why": "ORA-01652 in its output"}), None, Verdict.BLOCKER, "ORA-01652"),
        (AB, NOTHING, None, Verdict.ATTENTION, "knows no build"),
        (AB, Past(open={"job": "x"}, open_at="2026-01-01T10:00:00Z"), None, Verdict.UNKNOWN, "was not seen"),
        (AB, Past(outcome="unsure", last={}), None, Verdict.UNKNOWN, "was not seen"),
        (None, WHOLE, 2, Verdict.UNKNOWN, "ORA-00942"),
    ],
)
def test_what_is_there(entries, known, expected, verdict, told):
    found = mig_schema.judge(WHERE, entries, "ORA-00942", known, expected).finding
    assert found.verdict is verdict and told in found.summary and "as3000" in found.summary
    assert verdict is Verdict.OK or found.remediation


@pytest.mark.parametrize("known", [NOTHING, WHOLE, Past(outcome="failed", last={})])
def test_none_is_there_and_one_is_to_be_built(known):
    assert mig_schema.judge(WHERE, (), "", known, 3).finding is None


def test_a_database_that_did_not_say_which_it_is():
    nameless = mig_schema.Where("S17", "as3000", "")
    assert mig_schema.judge(nameless, (), "", NOTHING, None).finding.verdict is Verdict.UNKNOWN


# What the journal knows


def test_a_build_that_was_begun_is_open_until_its_end():
    assert mig_schema.past([begun(job="j")], "as3000", "MVF").open["job"] == "j"
    assert mig_schema.past([begun(), ended("whole", count=2)], "as3000", "MVF").open is None
    assert mig_schema.past([begun(), ended("whole", count=2)], "as3000", "MVF").built["count"] == 2
    assert mig_schema.past([begun()], "as300", "MVF") == NOTHING
    assert mig_schema.past([begun()], "as3000", "OTHER") == NOTHING


def test_one_that_never_began_leaves_what_was_known_before():
    known = mig_schema.past([ended("failed", why="x"), begun(), ended("not begun")], "as3000", "MVF")
    assert (known.outcome, known.last["why"], known.open) == ("failed", "x", None)


@pytest.mark.parametrize(
    ("known", "hour", "may"),
    [
        (NOTHING, 10, False),
        (Past(open={}, open_at="2026-01-01T10:00:00Z"), 10, True),
        (Past(open={}, open_at="2026-01-01T10:00:00Z"), 12, False),
        (Past(open={}, open_at="unreadable"), 12, True),
        (Past(open={"job": "j"}, open_at="2026-01-01T10:00:00Z"), 12, True),
    ],
)
def test_how_long_a_build_may_still_run(known, hour, may):
    now = datetime(2026, 1, 1, hour, 30, tzinfo=timezone.utc)
    assert mig_schema.may_still_run(known, now, 3600) is may


# After a build


@pytest.mark.parametrize(
    ("entries", "built", "expected", "outcome", "verdict", "told"),
    [
        (AB, Built(0, ()), None, "whole", Verdict.CHANGED, "2 objects, none invalid"),
        (AB, Built(0, (), ("ORA-00942",)), 2, "whole", Verdict.CHANGED, "2 objects"),
        (AB, Built(0, ("ORA-01652",)), None, "failed", Verdict.BLOCKER, "ORA-01652"),
        (AB, Built(1, ()), None, "failed", Verdict.BLOCKER, "exit code 1"),
        (AB, Built(0, ()), 3, "failed", Verdict.BLOCKER, "3 objects are expected"),
        (BROKEN, Built(0, ()), None, "failed", Verdict.BLOCKER, "invalid (MIG_B)"),
        ((), Built(0, ()), None, "failed", Verdict.BLOCKER, "0 objects after it, 0 before"),
        ((), Built(0, ("SP2-0640",)), None, "failed", Verdict.BLOCKER, "SP2-0640"),
        ((), Built(None, ()), None, "failed", Verdict.BLOCKER, "nothing of it is there"),
        (AB, Built(None, ()), None, "unsure", Verdict.UNKNOWN, "not seen"),
        (AB, Built(0, (), silent=True), None, "unsure", Verdict.UNKNOWN, "not seen"),
        (None, Built(0, ()), None, "unsure", Verdict.UNKNOWN, "ORA-03113"),
    ],
)
def test_the_end_of_a_build(entries, built, expected, outcome, verdict, told):
    said, found = mig_schema.after(WHERE, 0, entries, "ORA-03113", built, expected)
    assert (said, found.verdict) == (outcome, verdict)
    assert told in found.summary


# Before a build


@pytest.mark.parametrize(
    ("room", "disk", "verdict"),
    [
        (Room({"MVF": 600}, {"MVF": 0.0}), {}, Verdict.OK),
        (Room({"MVF": 400}, {"MVF": 0.0}), {}, Verdict.BLOCKER),
        (Room({"MVF": 400}, {"MVF": 200.0}), {"MVF": 5000.0}, Verdict.OK),
        (Room({"MVF": 400}, {"MVF": 200.0}), {"MVF": 50.0}, Verdict.BLOCKER),
        (Room({"MVF": 400}, {"MVF": 50.0}), {"MVF": 5000.0}, Verdict.BLOCKER),
        (Room({"MVF": 400}, {"MVF": None}), {"MVF": 5000.0}, Verdict.OK),
        (Room({"MVF": 400}, {"MVF": None}), {"MVF": 50.0}, Verdict.BLOCKER),
        (Room({"MVF": 400}, {"MVF": None}), {"MVF": None}, Verdict.UNKNOWN),
        (Room({"MVF": 400}, {"MVF": 200.0}), {}, Verdict.UNKNOWN),
        (Room({"MVFL": 4000}, {}), {}, Verdict.UNKNOWN),
        (None, {}, Verdict.UNKNOWN),
    ],
)
def test_room(room, disk, verdict):
    found = mig_build.room(WHERE, room, "ORA-00942", tablespaces=["MVF"], room_mb=500, disk_mb=disk)
    assert found.verdict is verdict and found.key == "mig_schema.room"
    assert verdict is Verdict.OK or found.remediation


def test_disks_are_asked_where_files_would_have_to_grow():
    room = Room({"A": 600, "B": 400, "C": 400, "D": 400}, {"A": 9.0, "B": 0.0, "C": 9.0, "D": None})
    assert mig_build.short_of(room, ["A", "B", "C", "D", "NONE"], 500) == ["C", "D"]


@pytest.mark.parametrize(("there", "verdict"), [(True, Verdict.OK), (False, Verdict.UNKNOWN), (None, Verdict.UNKNOWN)])
def test_the_script_has_to_be_there(there, verdict):
    found = mig_build.tool("S17", "as3000", "/usr/mvf-mig6/bin/x", there)
    assert found.verdict is verdict
    assert there or "S07, S08" in found.remediation.text


def test_an_approval_is_bound_to_what_does_not_change_by_itself():
    bound = mig_build.to_approve(WHERE, "oracle", "/x", NOTHING)
    assert bound == mig_build.to_approve(WHERE, "oracle", "/x", Past(outcome="failed", last={}))
    again = mig_build.to_approve(WHERE, "oracle", "/x", Past(built={"finished": "2026-01-01T10:00:00Z"}))
    assert again != bound != mig_build.to_approve(WHERE, "oracle", "/x", NOTHING, "8")
    assert "is gone" in mig_build.approval_awaited(WHERE, again, "nobody").summary
    awaited = mig_build.approval_awaited(WHERE, bound, "nobody has approved it")
    assert awaited.verdict is Verdict.ATTENTION and awaited.evidence == bound


def test_what_check_mode_foretells():
    bound = mig_build.to_approve(WHERE, "oracle", "/x", NOTHING)
    assert mig_build.would_build(WHERE, bound, True, "").would
    assert "once that is approved" in mig_build.would_build(WHERE, bound, False, "nobody").summary


@pytest.mark.parametrize(
    "found",
    [
        mig_build.running(WHERE, Past(open={}, open_at="2026-01-01T10:00:00Z")),
        mig_build.not_begun(WHERE, "/x", "log-on refused"),
        mig_build.unfit_pattern("S17", "as3000", "%"),
    ],
)
def test_what_is_not_known_is_unknown(found):
    assert found.verdict is Verdict.UNKNOWN and "as3000" in found.summary and found.remediation
