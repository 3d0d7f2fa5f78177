# SPDX-License-Identifier: GPL-3.0-or-later
"""The sources of the reports as SQL Server tells them."""

from __future__ import annotations

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import osql, report_source
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs.report_source import Source


def read(*rows, msgs=()):
    return report_source.read({"sources": osql.Answer(None if msgs else rows, msgs)})


def test_each_value_with_its_rows_the_most_frequent_first():
    told = read(("0", "3", "CT"), ("1", "2", "NULL"), ("0", "70", "RADIOLOGY"))
    assert told.sources == (Source("RADIOLOGY", 70), Source("CT", 3), Source(None, 2))


def test_a_value_may_hold_the_separator_and_the_word_null_is_a_value():
    assert read(("0", "1", "A", "B"), ("0", "1", "NULL")).sources == (Source("A|B", 1), Source("NULL", 1))


def test_an_empty_table_has_no_sources():
    assert read().sources == ()


@pytest.mark.parametrize("row", [("0", "x", "CT"), ("rest of a value with a line end",), ("2", "1", "CT")])
def test_a_row_that_is_not_understood_makes_all_of_it_unknown(row):
    told = read(("0", "3", "CT"), row)
    assert told.sources is None
    assert told.why


def test_an_error_is_told_by_its_number():
    assert read(msgs=((208, 16, 1),)) == report_source.Sources(None, "Msg 208")
