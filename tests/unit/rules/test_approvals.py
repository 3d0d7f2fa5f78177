# SPDX-License-Identifier: GPL-3.0-or-later
"""An approval grants exactly what it names; every other one is refused with its own reason."""

from datetime import datetime, timezone

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.approvals import judge, moment, problems

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=timezone.utc)
GOOD = {
    "finding": "audit_table.map_event_audit.truncate",
    "station": "as3000",
    "evidence": "a" * 64,
    "by": "Dr. T. Example",
    "until": "2026-12-01T18:00:00Z",
    "allow": ["no_backup"],
}


def ruled(*approvals, **other):
    asked = {
        "site": "demo",
        "station": "as3000",
        "finding": "audit_table.map_event_audit.truncate",
        "evidence_hash": "a" * 64,
        "risks": ("no_backup",),
        "now": NOW,
        **other,
    }
    return judge(approvals, **asked)


def test_the_right_approval_grants():
    ruling = ruled(GOOD)
    assert (ruling.granted, ruling.by, ruling.until, ruling.allow) == (
        True,
        "Dr. T. Example",
        "2026-12-01T18:00:00Z",
        ("no_backup",),
    )


REFUSED = {
    "nobody": ({"finding": "audit_table.other.truncate"}, "nobody has approved it"),
    "other site": ({"site": "elsewhere"}, "for another site, elsewhere"),
    "other station": ({"station": "as300"}, "for another station, as300"),
    "older evidence": ({"evidence": "b" * 64}, "for older or other evidence, bbbbbbbbbbbb"),
    "expired": ({"until": "2026-11-24T12:00:00Z"}, "expired at 2026-11-24T12:00:00Z"),
    "expired in another zone": ({"until": "2026-11-24T12:30:00+01:00"}, "expired"),
    "no end": ({"until": None}, "no readable end"),
    "unreadable end": ({"until": "tomorrow"}, "no readable end"),
    "nobody's": ({"by": " "}, "names nobody"),
    "missing risk": ({"allow": []}, "does not accept the risk no_backup"),
    "risk as text": ({"allow": "no_backup"}, "does not accept the risk no_backup"),
    "no risks at all": ({"allow": None}, "does not accept the risk no_backup"),
}


@pytest.mark.parametrize(("change", "reason"), REFUSED.values(), ids=REFUSED)
def test_any_other_is_refused_with_its_reason(change, reason):
    ruling = ruled({**GOOD, **change})
    assert not ruling.granted
    assert reason in ruling.reason


@pytest.mark.parametrize("name", ["finding", "station", "evidence", "site"])
@pytest.mark.parametrize("star", ["*", "all", "", ".*", None])
def test_nothing_stands_for_several_things(name, star):
    approval = {**GOOD, name: star}
    granted = name == "site" and star is None
    assert ruled(approval).granted is granted


def test_none_at_all_is_refused():
    assert ruled() == ruled({**GOOD, "finding": "x"})
    assert ruled().reason == "nobody has approved it"


def test_every_risk_has_to_be_accepted():
    ruling = ruled(GOOD, risks=("no_backup", "accept_window"))
    assert "accept_window" in ruling.reason
    assert "no_backup" not in ruling.reason
    assert ruled({**GOOD, "allow": ["no_backup", "accept_window"]}, risks=("no_backup", "accept_window")).granted


def test_evidence_that_contains_the_approved_one_is_covered():
    assert not ruled(GOOD, evidence_hash="c" * 64).granted
    assert ruled(GOOD, evidence_hash="c" * 64, covers=["a" * 64]).granted


def test_a_good_one_among_bad_ones_grants():
    assert ruled({**GOOD, "station": "as300"}, GOOD, {**GOOD, "until": "2020-01-01"}).granted


def test_the_nearest_one_gives_the_reason():
    assert "expired" in ruled({**GOOD, "until": "2020-01-01"}, {**GOOD, "station": "as300"}).reason


MOMENTS = {
    "2026-12-01T18:00:00Z": "2026-12-01T18:00:00+00:00",
    "2026-12-01T18:00:00+01:00": "2026-12-01T18:00:00+01:00",
    "2026-12-01T18:00": "2026-12-01T18:00:00+00:00",
    "2026-12-01": "2026-12-01T23:59:59+00:00",
}


@pytest.mark.parametrize(("written", "meant"), MOMENTS.items())
def test_moments(written, meant):
    assert moment(written).isoformat() == meant


@pytest.mark.parametrize("written", ["", "soon", "2026-13-01", None, 5, "01.12.2026"])
def test_what_is_no_moment(written):
    assert moment(written) is None


def test_a_good_form_has_no_problems():
    assert problems(GOOD) == []


@pytest.mark.parametrize("name", ["finding", "station", "evidence", "by", "until"])
def test_a_missing_part_is_named(name):
    assert problems({key: value for key, value in GOOD.items() if key != name}) == [f"{name} is missing"]


def test_other_wrong_forms_are_named():
    assert problems("approve all") == ["it is no mapping of finding, station, evidence, by, until and allow"]
    assert "until is no moment" in problems({**GOOD, "until": "soon"})[0]
    assert problems({**GOOD, "allow": "no_backup"}) == ["allow is no list"]
    assert problems({**GOOD, "station": "*"}) == ["station is '*': nothing stands for several things"]
    assert problems({**GOOD, "evidence": "a" * 12}) == ["evidence is no whole hash of 64 characters: aaaaaaaaaaaa"]
