# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables as SQL clients print them."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import _columns as columns
from hypothesis import given
from hypothesis import strategies as st


def table(text, ends=lambda line: line.startswith("end")):
    return columns.table(text.split("\n"), ends)


@pytest.mark.parametrize(
    "text, rows",
    [
        ("COUNT(*)\n--------\n      12\n", ((12,),)),
        ("A    B\n---- ----\nx       1\ny z     2\n", (("x", 1), ("y z", 2))),
        ("A    B\n---- ----\n        1\n", (("", 1),)),
        ("A    B\n---- ----\n", ()),
        ("A    B\n---- ----\nx    1\nend\ny    2\n", (("x", 1),)),
        ("A|B\n-|-\nlong|2\n", (("long", 2),)),
        ("A B\n- -\nlong 123\n", (("long", 123),)),
        ("NAME\t\tAGE\n--------------- ----------\na b\t\t\t 5\n", (("a b", 5),)),
        ("姓名       年龄\n---------- ----\n张三         20\n李四          5\n", (("张三", 20), ("李四", 5))),
        ("code\n----\n0012\n", (("0012",),)),
        ("no table\n", None),
        ("", None),
    ],
)
def test_rows(text, rows):
    assert table(text) == rows


def test_a_heading_that_comes_again_is_a_new_page_of_the_same_table():
    page = "A    B\n---- ----\nx    1\n"
    assert table(f"\n{page}\n{page}\nend\n") == (("x", 1), ("x", 1))
    assert table(f"\n{page}\n\n{page}\nend\n") == (("x", 1),)  # two blank lines: another statement's


def test_a_row_that_takes_two_lines():
    heading = "OWNER TABLE\n----- -----\nROWS\n----\n"
    assert table(f"{heading}a     b\n   1\n\nc     d\n   2\n\n\n2 rows selected.\n") == (("a", "b", 1), ("c", "d", 2))


@pytest.mark.parametrize("line", ["", "abc", "a - b", "-- comment", "--x", "5 - 3", "- - a"])
def test_no_rule(line):
    assert columns.rule(line) is None


@given(st.lists(st.tuples(st.text("abcxyz_", max_size=8), st.integers(-999, 99999)), max_size=20))
def test_what_was_laid_out_is_read(rows):
    printed = "NAME     N\n-------- ------\n" + "".join(f"{name:8} {number:6}\n" for name, number in rows)
    assert table(printed) == tuple((name, number) for name, number in rows)


def test_only_a_number():
    assert columns.only_number(["", "   107", ""]) == ((107,),)
    assert columns.only_number(["107", "108"]) is None and columns.only_number(["x"]) is None
