# SPDX-License-Identifier: GPL-3.0-or-later
"""What Oracle is asked about a table's content; what was not told is None."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import audit_content as content
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs.audit_content import Column
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs.sqlplus import Answer

COLUMNS = (Column("EVENT_ID", "NUMBER"), Column("SEEN", "TIMESTAMP(6)"), Column("TEXT", "CLOB"), Column("OLD", "LONG"))


def test_each_row_is_hashed_by_its_values_hashes_at_the_system_change_number():
    asked = content.content("t", COLUMNS, 42)["content"]
    row = "nvl2(EVENT_ID, 'v' || ora_hash(EVENT_ID), 'n') || nvl2(SEEN, 'v' || ora_hash(SEEN), 'n')"
    assert f"sum(ora_hash({row}))" in asked and asked.endswith(" from t as of scn 42")
    assert "count(TEXT), sum(dbms_lob.getlength(TEXT))" in asked and "OLD" not in asked
    assert "scn" not in content.content("t", COLUMNS, None)["content"]


def test_what_is_compared_by_length_and_what_is_not_is_named():
    assert (content.by_length(COLUMNS), content.uncompared(COLUMNS)) == (("TEXT",), ("OLD",))
    assert content.uncompared((Column("X", "XMLTYPE"), Column("Y", "SDO_GEOMETRY"), Column("Z", "BFILE"))) == (
        "X",
        "Y",
        "Z",
    )
    assert not content.comparable(COLUMNS[2:]) and content.comparable(COLUMNS[:1])
    assert not content.comparable(COLUMNS[:1] * 301) and not content.comparable(())


@pytest.mark.parametrize("answer", [Answer(None), Answer(()), Answer(None, ("ORA-01555",)), Answer((("A",),))])
def test_columns_that_were_not_told(answer):
    assert content.read_columns(answer) is None


def test_columns_as_they_were_told():
    assert content.read_columns(Answer((("A", "number"),))) == (Column("A", "NUMBER"),)


@pytest.mark.parametrize(
    "answer, figures",
    [
        (Answer((("12", "99"),)), ("12", "99")),
        (Answer((("0", "<null>"),)), ("0", "<null>")),
        (Answer((("x", "99"),)), None), (Answer(()), None), (Answer(None, ("ORA-01555",)), None),
    ],
)  # fmt: skip
def test_figures(answer, figures):
    assert content.read_content(answer) == figures


def test_tables_of_the_account():
    assert content.read_tables(Answer((("A",), ("B",)))) == ("A", "B")
    assert content.read_tables(Answer(())) == ()
    assert content.read_tables(Answer(None, ("ORA-01017",))) is None


def test_a_table_is_gone_only_when_the_block_said_so():
    assert "drop table T purge" in content.drop_block("t")
    assert content.read_drop(Answer((("IMPAX-DROPPED",),)))
    for answer in (Answer(()), Answer(None), Answer((("IMPAX-DROPPED",),), ("ORA-00054",))):
        assert not content.read_drop(answer)


@pytest.mark.parametrize("name", ["a b", "a;b", "", "1a"])
def test_names_are_names(name):
    with pytest.raises(ValueError):
        content.content(name, COLUMNS, 1)
    with pytest.raises(ValueError):
        content.content("t", (Column(name, "NUMBER"),), 1)
