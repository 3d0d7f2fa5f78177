# SPDX-License-Identifier: GPL-3.0-or-later
"""A waiver covers one finding of one station until its end."""

from datetime import datetime, timezone

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.waivers import covering, problems

NOW = datetime(2026, 11, 24, tzinfo=timezone.utc)
GOOD = {"finding": "a.b", "station": "as300", "reason": "accepted", "by": "E. Example", "until": "2026-12-01"}


def covered(*waivers):
    return covering(waivers, station="as300", finding="a.b", now=NOW)


def test_it_covers_its_finding():
    assert covered(GOOD) == GOOD


@pytest.mark.parametrize(
    "change",
    [
        {"finding": "a.c"},
        {"finding": "*"},
        {"station": "as3000"},
        {"station": "*"},
        {"until": "2026-11-23"},
        {"until": "soon"},
        {"until": None},
        {"reason": ""},
        {"by": None},
    ],
)
def test_it_covers_nothing_else(change):
    assert covered({**GOOD, **change}) is None


def test_the_newest_counts():
    newer = {**GOOD, "reason": "looked at again"}
    assert covered(GOOD, newer, {**GOOD, "station": "x"}) == newer


def test_its_form_is_checked():
    assert problems(GOOD) == []
    assert problems({**GOOD, "reason": " "}) == ["reason is missing"]
    assert "no moment" in problems({**GOOD, "until": "soon"})[0]
