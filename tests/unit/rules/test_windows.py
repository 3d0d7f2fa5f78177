# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows of time: inside, outside, over midnight, too short, and not to be read."""

from __future__ import annotations

from datetime import datetime

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import windows


def at(clock):
    hour, minute = clock.split(":")
    return datetime(2026, 3, 5, int(hour), int(minute))


@pytest.mark.parametrize(
    ("window", "clock", "seconds", "allowed"),
    [
        (None, "12:00", 1e9, True),
        ("", "12:00", None, True),
        ("22:00-05:00", "22:00", None, True),
        ("22:00-05:00", "04:59", None, True),
        ("22:00-05:00", "05:00", None, False),
        ("22:00-05:00", "12:00", None, False),
        ("22:00-05:00", "23:00", 6 * 3600, True),
        ("22:00-05:00", "23:00", 6 * 3600 + 1, False),
        ("01:00-03:00", "02:00", 3600, True),
        ("01:00-03:00", "02:00", 3601, False),
        ("01:00-03:00", "03:00", 0, False),
        ("01:00-03:00", "00:59", 0, False),
        ("at night", "23:00", None, False),
        ("25:00-26:00", "23:00", None, False),
    ],
)
def test_may_it_start(window, clock, seconds, allowed):
    assert (windows.refusal(window, at(clock), seconds) == "") is allowed


def test_a_refusal_says_why():
    assert "12:00" in windows.refusal("22:00-05:00", at("12:00"), None)
    assert "cannot be read" in windows.refusal("at night", at("12:00"), None)
    assert "7200 s were needed" in windows.refusal("01:00-03:00", at("02:00"), 7200)
