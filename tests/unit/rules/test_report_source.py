# SPDX-License-Identifier: GPL-3.0-or-later
"""One source is noted, several are for the integrator, none and unread are unknown."""

from __future__ import annotations

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Verdict
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import report_source


@pytest.mark.parametrize(
    ("sources", "verdict", "told"),
    [
        ([("RADIOLOGY", 12)], Verdict.OK, "'RADIOLOGY' (12 rows)"),
        ([("RADIOLOGY", 12), ("CT", 1)], Verdict.ATTENTION, "2 values"),
        ([("RADIOLOGY", 12), (None, 1)], Verdict.ATTENTION, "no value (1 rows)"),
        ([(None, 12)], Verdict.ATTENTION, "no value (12 rows)"),
        ([("", 12)], Verdict.ATTENTION, "'' (12 rows)"),
        ([], Verdict.UNKNOWN, "has no rows"),
        (None, Verdict.UNKNOWN, "Msg 208"),
    ],
)
def test_verdicts(sources, verdict, told):
    finding = report_source.judge("S25", "cm", sources, "Msg 208")
    assert finding.verdict is verdict
    assert told in finding.summary
    assert verdict is Verdict.OK or finding.remediation


def test_the_values_are_noted():
    finding = report_source.judge("S25", "cm", [("RADIOLOGY", 12)])
    assert finding.evidence == {"sources": [{"value": "RADIOLOGY", "rows": 12}]}
