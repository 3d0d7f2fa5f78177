# SPDX-License-Identifier: GPL-3.0-or-later
"""The firewall's exception of the dictation interlock: right, wrong, several, shut, and not understood."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs.netsh import Rule
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import firewall_port as rules
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import firewall_port_said as said
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.firewall_port import (
    MODERN,
    OLDER,
    Standing,
    Where,
    wanted,
)

NAME = "Study Status Relay"
NEW = wanted(NAME, 7070, "tcp", ["any"], MODERN)
OLD = wanted(NAME, 7070, "tcp", ["any"], OLDER)
WHERE = Where("S12", "app", NEW)
GOOD = Rule(NAME, "In", "TCP", "7070", "Allow", True, ("domain", "private", "public"), "Any")
OPEN = Rule(NAME, "In", "TCP", "7070", "Allow", True, ("domain",))
BOTH = [OPEN, replace(OPEN, profiles=("standard",))]


def test_profiles_in_the_words_of_each_windows():
    assert wanted(NAME, 1, "udp", ["public", "domain"], MODERN).profiles == ("domain", "public")
    assert wanted(NAME, 1, "udp", ["private", "public"], OLDER).profiles == ("standard",)
    assert wanted(NAME, 1, "udp", [], OLDER).profiles == ("domain", "standard")


@pytest.mark.parametrize("want, listed", [(NEW, [GOOD]), (NEW, [replace(GOOD, profiles=("any",))]), (OLD, BOTH)])
def test_the_right_rule(want, listed):
    standing = rules.standing(want, listed)
    assert (standing.state, standing.narrow) == ("right", ())
    assert [one.verdict.value for one in said.right(WHERE, standing)] == ["ok"]
    assert [one.verdict.value for one in said.right(WHERE, standing, ", made now")] == ["changed"]


def test_capital_letters_make_no_other_rule_and_a_twin_for_udp_does_no_harm():
    twin = replace(GOOD, protocol="UDP")
    assert rules.standing(NEW, [twin, replace(GOOD, name=NAME.upper())]).state == "right"


@pytest.mark.parametrize(
    "want, other", [(NEW, replace(GOOD, name="Remote Desktop")), (OLD, replace(OPEN, localport="3389", name="x"))]
)
def test_another_rule_is_none(want, other):
    assert rules.standing(want, []).state == rules.standing(want, [other]).state == "missing"


WRONG = {
    "localport": ("7071", False),
    "protocol": ("UDP", False),
    "profiles": (("domain",), False),
    "direction": ("Out", False),
    "enabled": (False, True),
    "action": ("Block", True),
}


@pytest.mark.parametrize("field", WRONG)
def test_each_difference_is_found_and_named(field):
    value, shut = WRONG[field]
    standing = rules.standing(NEW, [replace(GOOD, **{field: value})])
    assert (standing.state, standing.shut) == ("differs", shut) and field in standing.why
    finding = said.repair_awaited(WHERE, standing, "nobody has approved it")
    assert finding.verdict.value == ("blocker" if shut else "attention") and finding.key == "firewall_port.repair"
    assert finding.remediation.text.startswith("impax-prepare approve")
    assert finding.evidence["before"] != [finding.evidence["after"]] and field in finding.summary


def test_a_port_that_is_open_in_one_profile_of_2003_is_one_opening():
    standing = rules.standing(OLD, [OPEN, replace(OPEN, profiles=("standard",), enabled=False)])
    assert standing.state == "differs" and not standing.shut and "enabled no" in standing.why
    other_name = rules.standing(OLD, [replace(one, name="DICOM") for one in BOTH])
    assert other_name.state == "differs" and "name 'DICOM' instead of" in other_name.why
    assert rules.standing(wanted(NAME, 7070, "tcp", ["domain"], OLDER), BOTH).state == "differs"


def test_a_blocking_twin_is_never_repaired_nor_ok():
    standing = rules.standing(NEW, [GOOD, replace(GOOD, action="Block")])
    assert (standing.state, standing.shut) == ("several", True)
    assert said.several(WHERE, standing).verdict.value == "blocker"
    assert rules.standing(NEW, [GOOD, replace(GOOD, action="Block", enabled=False)]).state == "right"
    assert rules.standing(OLD, [replace(OPEN, localport="1"), replace(OPEN, localport="2")]).state == "several"


@pytest.mark.parametrize("field", WRONG)
@pytest.mark.parametrize("beside", [[], [GOOD]])
def test_what_was_not_understood_is_never_ok(field, beside):
    standing = rules.standing(NEW, [*beside, replace(GOOD, **{field: None})])
    assert standing.state == "unknown" and field in standing.why
    assert said.vague(WHERE, standing).verdict.value == "unknown"


def test_a_rule_for_few_is_for_a_person():
    standing = rules.standing(NEW, [replace(GOOD, remoteip="10.1.2.3/32", program="D:\\x.exe")])
    assert standing.state == "right" and standing.narrow == ("remote address 10.1.2.3/32", "program D:\\x.exe")
    assert [(one.key, one.verdict.value) for one in said.right(WHERE, standing)][1] == (
        "firewall_port.scope",
        "attention",
    )


def test_an_approval_is_for_that_very_rule():
    one, other = (rules.standing(NEW, [replace(GOOD, localport=port)]) for port in ("7071", "7072"))
    hashes = {said.repair_hash(WHERE, one), said.repair_hash(WHERE, other)}
    hashes.add(said.repair_hash(Where("S12", "app", replace(NEW, port=7073)), one))
    assert len(hashes) == 3 and said.repair_awaited(WHERE, one, "x").evidence_hash in hashes


@pytest.mark.parametrize(
    "state, verdict",
    [
        ("running", None),
        ("stopped", "attention"),
        ("missing", "attention"),
        ("starting", "attention"),
        (None, "unknown"),
    ],
)
def test_the_firewalls_service(state, verdict):
    finding = said.service(WHERE, "MpsSvc", state)
    assert (finding and finding.verdict.value) == verdict


def test_ok_with_nothing_there_is_a_blocker_and_says_what_was_said():
    missing = Standing("missing")
    finding = said.not_there(WHERE, missing, missing, "Ok.")
    assert finding.verdict.value == "blocker" and "'Ok.'" in finding.summary and "no such rule" in finding.summary
    wrong = rules.standing(NEW, [replace(GOOD, enabled=False)])
    assert "enabled no instead of yes" in said.not_there(WHERE, missing, wrong, "Ok.").summary


@pytest.mark.parametrize("name, port", [("all", 1), ("", 1), (" x", 1), ('a"b', 1), ("50%", 1), ("x", 0), ("x", 65536)])
def test_what_netsh_cannot_be_told(name, port):
    assert said.refusal("S12", "app", name, port).verdict.value == "blocker"
    assert said.refusal("S12", "app", NAME, 7070) is None


@pytest.mark.parametrize("version", [None, (5, 0)])
def test_a_windows_without_a_verb(version):
    assert said.no_verb("S12", "app", version).verdict.value == "unknown"


def test_the_verb_and_its_deprecation_are_told():
    assert "deprecated" not in said.verb(WHERE, (6, 0), False).summary
    told = said.verb(Where("S12", "app", OLD), (5, 2), True).summary
    assert "netsh firewall" in told and "deprecated" in told


@pytest.mark.parametrize(
    "state, verdict",
    [("open", "ok"), ("refused", "blocker"), ("silent", "blocker"), ("no such host", "unknown"), ("", "unknown")],
)
def test_a_port_is_reached_or_not_and_where_it_was_tried_from_is_said(state, verdict):
    finding = said.reached(WHERE, "10.0.0.1", ["old_app"], state)
    assert (
        finding.verdict.value == verdict and "from the controller" in finding.summary and "old_app" in finding.summary
    )


def test_other_findings_tell_and_foretell():
    assert said.strangers(WHERE, ["x"]).verdict.value == said.unlisted(WHERE, "x").verdict.value == "unknown"
    differs = rules.standing(NEW, [replace(GOOD, localport="1")])
    assert all(
        one.would and one.verdict.value == "attention"
        for one in (said.would_add(WHERE), said.would_repair(WHERE, differs))
    )
    assert "localport: 1\n" in rules.lines(differs.rules) and "profiles: domain/private/public" in rules.lines(
        [NEW.terms()]
    )
