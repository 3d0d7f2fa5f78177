# SPDX-License-Identifier: GPL-3.0-or-later
"""What Oracle says about the table, and what can be known after the truncate."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import audit_oracle
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs.sqlplus import Answer

GOOD = {
    "database": Answer((("MVF", "123"),)), "size": Answer((("640",),)), "rows": Answer((("5",),)), "nulls": Answer((("0",),)),
    "references": Answer(()), "key": Answer((("EVENT_ID", "NUMBER"),)), "scn": Answer((("99",),)), "charset": Answer((("AL32UTF8",),)),
}  # fmt: skip


def test_good_answers():
    facts = audit_oracle.read(GOOD)
    assert (facts.database, facts.rows, facts.size_kb, facts.null_user_id, facts.key, facts.referenced_by, facts.scn, facts.unread) == (
        "MVF 123", 5, 640, 0, "EVENT_ID", (), 99, {},
    )  # fmt: skip


@pytest.mark.parametrize("fact", sorted(set(GOOD) - {"scn"}))
def test_a_missing_answer_is_unread(fact):
    assert audit_oracle.read({**GOOD, fact: Answer(None, ("ORA-00942",))}).unread == {fact: "ORA-00942"}
    assert audit_oracle.read({**GOOD, fact: Answer(None)}).unread == {fact: "no whole answer"}


def test_no_right_to_the_scn_is_no_hindrance():
    facts = audit_oracle.read({**GOOD, "scn": Answer(None, ("ORA-01031",))})
    assert facts.scn is None and facts.unread == {}


@pytest.mark.parametrize("rows", [(), (("A", "NUMBER"), ("B", "NUMBER")), (("A", "VARCHAR2"),)])
def test_a_key_is_one_numeric_column(rows):
    assert audit_oracle.read({**GOOD, "key": Answer(rows)}).key == ""


@pytest.mark.parametrize("name", ["a b", "a;b", "", "1a", 'a"b', "x" * 31])
def test_names_are_names(name):
    with pytest.raises(ValueError):
        audit_oracle.questions(name)


def test_the_block_compares_before_it_truncates():
    text = audit_oracle.truncate_block("map_event_audit", 5, "event_id", 9)
    assert text.index("lock table MAP_EVENT_AUDIT in exclusive mode nowait") < text.index("if n <> 5 or k <> 9 then")
    assert text.index("raise_application_error") < text.index("execute immediate 'truncate table MAP_EVENT_AUDIT'")


@pytest.mark.parametrize(
    "answer, printed, said",
    [
        (Answer((("IMPAX-TRUNCATED",),)), "IMPAX-TRUNCATED", "done"),
        (Answer(None, ("ORA-20001", "ORA-06512")), "", "late"),
        (Answer(None, ("ORA-00054", "ORA-06512")), "", "busy"),
        (Answer(None, ("ORA-02266", "ORA-06512")), "", "refused"),
        (Answer(None, ("ORA-01017",)), "", "refused"),
        (Answer(None, ("ORA-03113",)), "", ""),
        (Answer(None, ("ORA-00054", "ORA-03113")), "", ""),
        (Answer(None), "", ""),
        (Answer(None), "IMPAX-TRUNCATED", ""),
        (Answer(None, ("ORA-00054",)), "IMPAX-TRUNCATED", ""),
        (Answer(()), "", ""),
    ],
)
def test_only_certain_words_tell_what_became_of_the_truncate(answer, printed, said):
    assert audit_oracle.read_truncate(answer, printed) == said


@pytest.mark.parametrize(
    "answer, read",
    [
        (Answer((("5", "1", "9"),)), (5, 1, 9)),
        (Answer((("0", "<null>", "<null>"),)), (0, None, None)),
        (Answer((("5",),)), (5, None, None)),
        (Answer(None, ("ORA-01555",)), (None, None, None)),
        (Answer(()), (None, None, None)),
    ],
)
def test_rows_and_range(answer, read):
    assert audit_oracle.read_range(answer) == read
