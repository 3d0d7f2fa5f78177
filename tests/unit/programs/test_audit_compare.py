# SPDX-License-Identifier: GPL-3.0-or-later
"""Equal figures on both servers: which are asked, and that a figure that was not told equals nothing."""

from dataclasses import replace

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import audit_compare as compare
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs.audit_sqlserver import Column
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs.osql import Answer

KEY = Column("event_id", "int", None, 10, 0, False, "", True)
USER = Column("user_id", "nvarchar", 64, None, None, True, "Latin1_General_CI_AS", False)
TEXT = Column("text", "ntext", 1073741823, None, None, True, "Latin1_General_CI_AS", False)
VERSION = Column("version", "timestamp", None, None, None, False, "", False)
COLUMNS = (KEY, USER, TEXT, VERSION)


def test_the_checksum_leaves_out_what_it_cannot_and_the_rest_is_compared_another_way():
    asked = compare.aggregates("t", COLUMNS, "event_id", 9)
    assert "binary_checksum([event_id], [user_id])" in asked["whole"] and "where [event_id] <= 9" in asked["whole"]
    assert "datalength([text])" in asked["columns"] and "cast([version] as bigint)" in asked["columns"]


def test_equal_needs_every_figure_read_and_equal():
    good = compare.Aggregates(5, 1, 9, ("5", "1", "2", "1", "9"), ("0", "3"))
    assert good.differs_from(good) == []
    assert good.differs_from(compare.Aggregates(5, 1, 9, ("5", "1", "3", "1", "9"), ("0", "3"))) == ["whole"]
    assert good.differs_from(compare.Aggregates(5, 1, 9, good.whole, ("0", "4"))) == ["columns"]
    assert compare.Aggregates(None, None, None, None, None).differs_from(good) == ["rows", "whole", "columns"]
    assert good.differs_from(compare.Aggregates(4, 1, 9, good.whole, good.columns)) == ["rows"]


def test_hashes_are_compared_when_they_were_asked_for():
    good = compare.Aggregates(5, 1, 9, ("5", "1", "2", "1", "9"), ("0", "3"), ("7", "8"))
    assert good.differs_from(good) == []
    assert good.differs_from(replace(good, hashes=("7", "9"))) == ["hashes"]
    assert good.differs_from(replace(good, hashes=())) == ["hashes"], "one side alone was asked"
    assert replace(good, hashes=None).differs_from(replace(good, hashes=None)) == ["hashes"]


def test_a_row_is_hashed_by_its_values_hashes_with_a_mark_for_null():
    asked = compare.hashes("t", COLUMNS, "event_id", 9)["hashes"]
    for column in ("event_id", "user_id", "version"):
        value = f"hashbytes('SHA1', cast([{column}] as varbinary(8000)))"
        assert f"case when [{column}] is null then 0x00 else 0x01 + {value} end" in asked
    assert "[text]" not in asked and compare.unhashed(COLUMNS) == ("text",)
    assert asked.count("sum(cast(substring(r.h, ") == 5 and "where [event_id] <= 9" in asked


@pytest.mark.parametrize("type_", ["text", "ntext", "image", "xml", "sql_variant", "geometry", "unheard_of"])
def test_types_without_bytes_of_their_own_are_left_to_their_lengths(type_):
    assert compare.unhashed((replace(TEXT, type=type_),)) == ("text",)


def test_what_may_be_longer_than_hashbytes_takes_is_left_to_its_length():
    assert compare.unhashed((replace(USER, length=-1), replace(USER, length=4000))) == ("user_id",)


@pytest.mark.parametrize(
    "version, columns, can",
    [
        (9, COLUMNS, True), (10, COLUMNS, True), (8, COLUMNS, False), (None, COLUMNS, False), (9, (), False),
        (9, (TEXT,), False), (9, (USER,) * 380, True), (9, (USER,) * 381, False),
    ],
)  # fmt: skip
def test_who_can_be_asked_for_hashes(version, columns, can):
    assert compare.can_hash(version, columns) is can


WHOLE, LENGTHS = Answer((("5", "1", "2", "1", "9"),)), Answer((("0", "3"),))


def test_figures_are_read_as_they_were_told():
    asked = {"whole": WHOLE, "columns": LENGTHS}
    assert compare.read_aggregates(asked).hashes == ()
    assert compare.read_aggregates({**asked, "hashes": Answer((("7", "8"),))}).hashes == ("7", "8")
    assert compare.read_aggregates({**asked, "hashes": Answer(None, ((195, 15, 10),))}).hashes is None
    lost = compare.read_aggregates({"whole": Answer(None), "columns": LENGTHS, "hashes": Answer((("7", "8"),))})
    assert (lost.rows, lost.whole, lost.hashes) == (None, None, ("7", "8"))
