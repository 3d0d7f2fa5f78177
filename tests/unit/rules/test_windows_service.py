# SPDX-License-Identifier: GPL-3.0-or-later
"""Services: what must not be touched, what became of what was asked, what ran before; good, bad and unknown facts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import windows_service as rule
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import windows_service_plan as plan
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.windows_service import Deed, Service, Where

STOPPING = Where("S05", "db1", "stopped", 120, 10)
STARTING = Where("S15", "as1", "running", 120, 10)
RUNS = Service("SQLBrowser", "running", "auto", pid=812)
IDLE = Service("SQLBrowser", "stopped", "auto", 0)


def verdict(finding):
    return finding.verdict.value if finding else None


def told(finding, *words):
    assert all(word in finding.summary for word in words), finding.summary
    assert finding.remediation is None or finding.remediation.text
    return True


@pytest.mark.parametrize(
    ("where", "service", "expected"),
    [
        (STOPPING, RUNS, None),
        (STOPPING, IDLE, None),
        (STOPPING, replace(IDLE, state="missing"), "ok"),
        (STOPPING, replace(RUNS, start_type="disabled"), None),
        (STOPPING, replace(RUNS, state="paused"), None),
        (STARTING, RUNS, None),
        (STARTING, IDLE, None),
        (STARTING, replace(IDLE, start_type=None), None),
        (STARTING, replace(IDLE, state="missing"), "blocker"),
        (STARTING, replace(IDLE, start_type="disabled"), "blocker"),
        (STARTING, replace(RUNS, start_type="disabled"), "attention"),
        (STARTING, replace(RUNS, state="paused"), "blocker"),
        *((where, replace(RUNS, state=None), "unknown") for where in (STOPPING, STARTING)),
        *((where, replace(RUNS, state="stopping"), "blocker") for where in (STOPPING, STARTING)),
        *((where, replace(RUNS, state="changing"), "blocker") for where in (STOPPING, STARTING)),
        *((where, Service("X", "missing", known_as="SQLBrowser"), "blocker") for where in (STOPPING, STARTING)),
        *((where, Service("X", "missing", known_as=None), "unknown") for where in (STOPPING, STARTING)),
    ],
)
def test_before_anything_is_done(where, service, expected):
    found = rule.unfit(where, service)
    assert verdict(found) == expected
    if found:
        assert told(found, service.name, where.station) and (found.remediation or expected == "ok")
        assert found.key == f"windows_service.{service.name.lower()}.state"


def test_missing_and_disabled_and_a_shown_name_are_told_apart():
    said = [
        rule.unfit(STARTING, one).summary
        for one in (
            Service("X", "missing"),
            Service("X", "stopped", "disabled"),
            Service("X", "missing", known_as="SQLBrowser"),
        )
    ]
    assert "1060" in said[0] and "disabled" in said[1] and "SQLBrowser" in said[2] and len(set(said)) == 3


def test_dependants_come_first_and_nothing_twice():
    asked = [RUNS, Service("B", "running"), Service("C", "stopped"), Service("D", "missing"), Service("E", "paused")]
    assert rule.to_stop(asked, {"SQLBrowser": ["Z", "B"], "B": ["z"]}) == ["Z", "B", "SQLBrowser", "E"]
    assert rule.to_stop([IDLE], {}) == []


def outcome(where, before, after, **deed):
    return rule.outcome(where, before, after, Deed(**deed))


def test_what_was_wanted_is_changed_once_and_ok_again():
    (first,) = outcome(STOPPING, RUNS, replace(RUNS, state="stopped"), said=0, reached=IDLE)
    assert verdict(first) == "changed" and told(first, "state 1", "it was running")
    (again,) = outcome(STOPPING, IDLE, IDLE, reached=IDLE)
    assert verdict(again) == "ok"
    (started,) = outcome(STARTING, IDLE, RUNS, said=0, reached=RUNS)
    assert verdict(started) == "changed" and told(started, "state 4")


def test_the_others_that_were_stopped_are_named():
    where = replace(STOPPING, needed_by={"SQLBrowser": ["Watcher", "Tool"]})
    (found,) = outcome(where, RUNS, IDLE, said=0, reached=IDLE)
    assert told(found, "Watcher and Tool")


BAD = [
    (STOPPING, RUNS, RUNS, {"said": 5}, "error 5 (access is denied"),
    (STOPPING, RUNS, RUNS, {"said": 1051}, "services that need it"),
    (STOPPING, RUNS, replace(RUNS, state="stopping"), {"said": 0}, "within 120 s"),
    (STOPPING, RUNS, RUNS, {"said": None}, "not known"),
    (STOPPING, RUNS, RUNS, {"said": 0, "reached": IDLE}, "started again within 10 s"),
    (STOPPING, RUNS, RUNS, {"held_back": "B came first and failed"}, "B came first"),
    (STARTING, IDLE, IDLE, {"said": 1069}, "could not log on"),
    (STARTING, IDLE, IDLE, {"said": 9999}, "error 9999"),
    (STARTING, IDLE, replace(IDLE, win32_exit=1066, service_exit=17113), {"said": 0}, "its own error 17113"),
    (STARTING, IDLE, replace(IDLE, win32_exit=1067), {"said": 0, "reached": RUNS}, "stopped again within 10 s, with error 1067"),
    (STARTING, RUNS, IDLE, {"reached": RUNS}, "stopped again within 10 s"),
    (STARTING, IDLE, replace(IDLE, state="starting"), {"said": 0}, "within 120 s"),
    (STARTING, IDLE, replace(RUNS, pid=900), {"said": 0, "reached": RUNS}, "process 812 ended and 900"),
    (STARTING, IDLE, replace(IDLE, state="missing"), {"said": 0}, "no service"),
]  # fmt: skip


@pytest.mark.parametrize(("where", "before", "after", "deed", "words"), BAD)
def test_what_is_not_as_wanted_is_a_blocker_with_its_reason(where, before, after, deed, words):
    found = outcome(where, before, after, **deed)[0]
    assert verdict(found) == "blocker" and told(found, words, where.station, "SQLBrowser") and found.remediation


def test_a_state_that_was_not_told_afterwards_is_unknown():
    found = outcome(STARTING, IDLE, replace(RUNS, state=None, why="the connection broke"), said=0, reached=RUNS)
    assert verdict(found[0]) == "unknown" and told(found[0], "the connection broke")


def test_an_unknown_process_is_no_proof_of_another_one():
    assert verdict(outcome(STARTING, RUNS, replace(RUNS, pid=None), reached=RUNS)[0]) == "ok"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("auto", "auto", []),
        ("auto", "disabled", ["blocker"]),
        ("auto", None, ["unknown"]),
        (None, "auto", ["unknown"]),
        (None, None, ["unknown"]),
    ],
)
def test_start_up_types_stay(before, after, expected):
    found = rule.start_type(STOPPING, replace(RUNS, start_type=before), replace(IDLE, start_type=after))
    assert [verdict(one) for one in found] == expected


def test_no_start_up_type_is_asked_of_what_is_not_there():
    assert rule.start_type(STOPPING, Service("X", "missing"), Service("X", "missing")) == []


def test_keys_hold_what_keys_may_hold():
    assert rule.unfit(STOPPING, Service("MSSQL$ÄB 1", None)).key == "windows_service.mssql$_b_1.state"


# Plans, approvals, bringing back


def entry(what, **facts):
    return {"what": what, "facts": {"station": "db1", **facts}}


def test_the_plan_is_what_the_approval_is_bound_to():
    where = replace(STOPPING, needed_by={"A": ["B"], "C": []})
    evidence = plan.plan_evidence(where, ["B", "A", "C"])
    assert evidence == {"station": "db1", "stop": ["B", "A", "C"], "needed_by": {"A": ["B"]}}
    found = plan.awaited(where, evidence, "nobody has approved it")
    assert (found.key, verdict(found)) == ("windows_service.stop", "attention")
    assert told(found, "B, A and C", "A is needed by B", "nobody has approved it")
    assert found.evidence_hash in found.remediation.text


def test_an_approval_of_more_covers_less_and_not_the_other_way_round():
    wide, narrow = ({"stop": names} for names in (["B", "A"], ["A"]))
    assert plan.containing(narrow, [wide]) == [wide] and plan.containing(wide, [narrow]) == []


def before(*services, needed_by=None):
    return plan.before_evidence(
        replace(STOPPING, needed_by=needed_by or {}), [Service(name, "running", "auto") for name in services]
    )


def test_what_ran_is_brought_back_in_the_opposite_order():
    entries = [entry(plan.BEFORE, **before("Dep", "A", "B", needed_by={"A": ["Dep"]}))]
    assert plan.to_restore(entries, "db1", ["a", "B"]) == ["B", "A", "Dep"]
    assert plan.to_restore(entries, "db1", ["A"]) == ["A", "Dep"]
    assert plan.to_restore(entries, "db1", ["B"]) == ["B"]
    assert plan.to_restore(entries, "db2", ["A"]) == plan.to_restore([], "db1", ["A"]) == []


def test_an_interrupted_stop_and_its_second_run_are_brought_back_together():
    entries = [
        entry(plan.BEFORE, **before("Dep", "A", needed_by={"A": ["Dep"]})),
        entry(plan.BEFORE, **before("A")),
        entry("something_else", stopped=1),
    ]
    assert plan.to_restore(entries, "db1", ["A"]) == ["A", "Dep"]
    entries.append(entry(plan.RESTORED, names=["A"]))
    assert plan.to_restore(entries, "db1", ["A"]) == ["Dep"]
    entries.append(entry(plan.RESTORED, names=["Dep"]))
    assert plan.to_restore(entries, "db1", ["A"]) == []
    assert verdict(plan.nothing_to_restore(STARTING, ["A"])) == "ok"


def test_foretold():
    found = plan.would(replace(STOPPING, needed_by={"SQLBrowser": ["Dep"]}), RUNS)
    assert (verdict(found), found.would) == ("attention", True) and told(found, "would be stopped", "Dep")
