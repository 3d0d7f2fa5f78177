# SPDX-License-Identifier: GPL-3.0-or-later
"""monitor_stats: a figure without its heading, its unit or its sum is no figure; a site's own pattern overrides."""

from __future__ import annotations

import time

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import monitor_stats
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs.monitor_stats import Figures
from hypothesis import given
from hypothesis import strategies as st

HEADING = "Tablespace    Total MB   Used MB   Free MB   % Used\n"


def mvf(printed, **more):
    return monitor_stats.read(printed, ["MVF"], **more).tablespaces["MVF"]


def test_words():
    made = monitor_stats.stats("C:\\mvf\\bin", "\\")
    assert made.words == ("C:\\mvf\\bin\\monitor_stats",) and made.folder == "C:\\mvf\\bin" and not made.stdin


@given(st.integers(0, 99999), st.integers(0, 99999), st.integers(1, 6))
def test_any_figures_in_any_width_are_read(used, free, blanks):
    gap = " " * blanks
    row = gap.join(["MVF", str(used + free), str(used), str(free), "50.0"])
    assert mvf(f"{HEADING}{row}\n") == Figures(free, used + free, used)


@pytest.mark.parametrize(
    "printed",
    [
        "",
        "MVF 8000 7411 589 92\n",
        HEADING + "MVFX 8000 7411 589 92\nX.MVF 8000 7411 589 92\n",
        HEADING + "MVF 8000 7411 589\n",
        HEADING + "MVF 8000 7411 589 92 7\n",
        HEADING + "MVF 8000 7411 n/a 92\n",
        HEADING + "MVF 8000 7411 -589 92\n",
        HEADING + "MVF 8000 589 589 92\n",
        HEADING + "MVF 8000 7411 589 92\nMVF 8000 7000 1000 87\n",
        "Tablespace    Total     Used      Free     % Used\nMVF 8000 7411 589 92\n",
        "Tablespace    Total MB  Used MB   Rest MB  % Used\nMVF 8000 7411 589 92\n",
        "Tablespace    Free MB   Free MB\nMVF 8000 7411\n",
        "Tabellenbereich  Gesamt MB  Belegt MB  Frei MB  %\nMVF 8000 7411 589 92\n",
        "MVF: free space is low\n",
        "MVF\n  Free: 12,5 MB\n",
    ],
)
def test_what_is_not_understood_is_none(printed):
    assert mvf(printed) is None


@pytest.mark.parametrize(
    ("printed", "free"),
    [
        (HEADING.lower() + "mvf 8000 7411 589 92\n", 589),
        ("Sizes in MB\n\nTablespace  Total  Used  Free  Used%\nMVF 8000 7411 589 92%\n", 589),
        ("Tablespace|Size|Used|Free\nMVF|8G|7G|1G\n", 1024),
        ("MVF  total: 8000 MB, used: 7411 MB, free: 589 MB\n", 589),
        (HEADING + "SYSTEM 500 480 20 96\n" * 40 + "MVF 8000 7411 589 92\n", 589),
        (HEADING + "MVF\t8000\t7411\t589\t92\n" * 2, 589),
    ],
)
def test_other_forms(printed, free):
    assert mvf(printed).free_mb == free


def test_a_pattern_of_the_site():
    pattern = r"^(?P<name>\w+) hat (?P<free>[\d.]+) frei von (?P<total>\d+)$"
    assert mvf("MVF hat 589.5 frei von 8000\n", pattern=pattern) == Figures(589.5, 8000)
    assert mvf("MVFL hat 589 frei von 8000\n", pattern=pattern) is None
    assert mvf("MVF hat 589 frei von 8000\nMVF hat 1 frei von 8000\n", pattern=pattern) is None
    assert mvf(HEADING + "MVF 8000 7411 589 92\n", pattern=pattern) is None
    assert mvf("MVF 2 GB", pattern=r"(?P<name>\w+) (?P<free>\d+) (?P<unit>\w+)").free_mb == 2048


@pytest.mark.parametrize("pattern", ["(", "(?P<name>x)", "(?P<free>x)", ""])
def test_a_pattern_that_cannot_be_used_is_said(pattern):
    with pytest.raises(ValueError, match="pattern"):
        mvf("", pattern=pattern)


@pytest.mark.parametrize(
    "line",
    [
        "MVF:\na" + " " * 200000 + "|",
        " " * 200000,
        "MVF" + " " * 200000 + "x",
        "MVF " + "1 " * 100000,
        "MVF: " + "a " * 99999,
    ],
)
def test_long_output_is_read_at_once(line):
    began = time.monotonic()
    assert mvf(f"{HEADING}{line}\n") is None
    assert time.monotonic() - began < 1
