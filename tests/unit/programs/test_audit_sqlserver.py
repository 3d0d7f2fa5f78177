# SPDX-License-Identifier: GPL-3.0-or-later
"""What SQL Server says about the table, the comparison, and what can be known after the truncate."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import audit_sqlserver as audit
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs.osql import Answer

COLUMNS = Answer(
    (
        ("event_id", "int", "NULL", "10", "0", "NO", "NULL", "1"),
        ("user_id", "nvarchar", "64", "NULL", "NULL", "YES", "Latin1_General_CI_AS", "0"),
        ("text", "ntext", "1073741823", "NULL", "NULL", "YES", "Latin1_General_CI_AS", "0"),
        ("version", "timestamp", "NULL", "NULL", "NULL", "NO", "NULL", "0"),
    )
)
GOOD = {
    "database": Answer((("AS300", "mvf", "5", "9.00.5000.00"),)),
    "size": Answer((("map_event_audit", "5", "648 KB", "640 KB", "8 KB", "0 KB"),)),
    "rows": Answer((("5",),)), "nulls": Answer((("0",),)), "references": Answer(()), "columns": COLUMNS, "key": Answer((("event_id",),)),
}  # fmt: skip


def test_good_answers():
    facts = audit.read(GOOD)
    assert (facts.database, facts.rows, facts.size_kb, facts.key, facts.unread) == (
        "AS300 mvf 5",
        5,
        648,
        "event_id",
        {},
    )
    assert [column.declared for column in facts.columns] == [
        "[event_id] int null",
        "[user_id] nvarchar(64) collate Latin1_General_CI_AS null",
        "[text] ntext collate Latin1_General_CI_AS null",
        "[version] binary(8) null",
    ]


@pytest.mark.parametrize("fact", sorted(GOOD))
def test_a_missing_answer_is_unread(fact):
    assert audit.read({**GOOD, fact: Answer(None, ((208, 16, 1),))}).unread[fact] == "Msg 208"


def test_the_version_decides_what_can_be_asked_and_is_not_guessed():
    assert audit.read(GOOD).version == 9
    for said in ("", "NULL", "x.9"):
        assert audit.read({**GOOD, "database": Answer((("AS300", "mvf", "5", said),))}).version is None
    assert audit.read({**GOOD, "database": Answer(None)}).version is None


def test_the_transaction_counts_under_the_lock_before_it_truncates():
    text = audit.truncate_batch("t", 5, "event_id", 9, audit.read(GOOD).columns, 10)
    order = ["set xact_abort on", "begin transaction", "tablockx, holdlock", "@rows <> 5 or @late > 10", "rollback",
             "select * into", "truncate table t",
             "identity_insert t on", "insert into t", "drop table", "@after <> @late", "commit"]  # fmt: skip
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert "[version]" not in text


def test_without_a_key_any_late_row_refuses():
    text = audit.truncate_batch("t", 5, "", None, audit.read(GOOD).columns, 0)
    assert "set @late = 0" in text and "select * into" not in text and "@rows <> 5 or @late > 0" in text


@pytest.mark.parametrize(
    "answer, printed, said",
    [
        (Answer(()), "IMPAX-TRUNCATED rows=5 late=2 after=2\n", ("done", 2)),
        (Answer(None, ((50000, 16, 1),)), "Msg 50000\nIMPAX-REFUSED rows=6 late=0\n", ("late", None)),
        (Answer(None, ((1222, 16, 51),)), "", ("busy", None)),
        (Answer(None, ((4712, 16, 1),)), "", ("refused", None)),
        (Answer(None, ((21, 20, 1),)), "", ("", None)),
        (Answer(None), "", ("", None)),
        (Answer(None, ((1222, 16, 51),)), "IMPAX-TRUNCATED rows=5 late=0 after=0\n", ("", None)),
        (Answer(()), "", ("", None)),
    ],
)
def test_only_certain_words_tell_what_became_of_the_truncate(answer, printed, said):
    read = audit.read_truncate(answer, printed)
    assert (read.said, read.after) == said


@pytest.mark.parametrize("name", ["a b", "a;b", "", "1a", "a]b"])
def test_names_are_names(name):
    with pytest.raises(ValueError):
        audit.questions(name)


def test_drives_and_the_databases_on_them():
    asked = audit.database_files("impax_verify_")["files"]
    assert "sysaltfiles" in asked and "not like 'impax[_]verify[_]%'" in asked
    rows = (("D:", "mvf"), ("C:", "tempdb"), ("C:", "master"), ("C:", "master"))
    assert audit.read_database_files(Answer(rows)) == {"C:": ("master", "tempdb"), "D:": ("mvf",)}
    for unread in (Answer(None), Answer(()), Answer(rows, ((208, 16, 1),)), Answer((("C:",),))):
        assert audit.read_database_files(unread) is None
