# SPDX-License-Identifier: GPL-3.0-or-later
"""Go only if everything is good; whatever is not known is no-go."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Verdict
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.gate import Row, judge

GOOD = [Verdict.OK, Verdict.CHANGED, Verdict.WAIVED, Verdict.NOT_APPLICABLE]
BAD = [Verdict.ATTENTION, Verdict.UNKNOWN, Verdict.BLOCKER]


def rows(*verdicts):
    return [Row(f"S{number:02}", "as300", verdict) for number, verdict in enumerate(verdicts, 1)]


def test_all_good_is_go():
    assert judge(rows(*GOOD), stations=1, sections=4).verdict == "go"


@pytest.mark.parametrize("bad", BAD)
def test_one_bad_row_is_no_go(bad):
    gate = judge(rows(*GOOD, bad), stations=1, sections=5)
    assert gate.verdict == "no_go"
    assert len(gate.reasons) == 1
    assert gate.reasons[0].startswith("1 ")
    assert "S05 on as300" in gate.reasons[0]


def test_no_station_is_no_go():
    gate = judge(rows(*GOOD), stations=0, sections=4)
    assert (gate.verdict, gate.reasons) == ("no_go", ("No station is declared.",))


def test_a_section_without_a_row_is_no_go():
    assert judge(rows(*GOOD), stations=1, sections=5).reasons == ("1 sections have no row at all.",)


def test_nothing_at_all_is_no_go():
    assert judge([], stations=1, sections=36).verdict == "no_go"


def test_the_worst_comes_first_and_long_lists_are_cut():
    gate = judge(rows(*[Verdict.UNKNOWN] * 9, Verdict.ATTENTION, Verdict.BLOCKER), stations=1, sections=11)
    assert ["forbids" in gate.reasons[0], "unknown" in gate.reasons[1], "attention" in gate.reasons[2]] == [True] * 3
    assert gate.reasons[1].endswith("S06 on as300 and 3 more.")


def test_a_row_of_the_site_is_named_by_its_section():
    assert judge([Row("S01", "site", Verdict.UNKNOWN)], 1, 1).reasons[0].endswith(": S01.")
