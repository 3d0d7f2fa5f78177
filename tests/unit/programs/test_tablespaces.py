# SPDX-License-Identifier: GPL-3.0-or-later
"""The dictionary's answers: no row of free room is 0, a row that is not understood makes all of it unknown."""

from __future__ import annotations

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import sqlplus, tablespaces

MB = 1048576
GOOD = {
    "instance": (("MVF", "OPEN", "10.2.0.4.0"),),
    "database": (("MVF", "4711", "READ WRITE"),),
    "tablespaces": (("MVFL", "ONLINE", "PERMANENT"), ("UNDO", "ONLINE", "UNDO")),
    "files": (
        ("MVFL", str(2000 * MB), "NO", "0", "AVAILABLE", "/data/mvfl01.dbf"),
        ("UNDO", str(1000 * MB), "YES", str(1500 * MB), "AVAILABLE", "/data/undo01.dbf"),
    ),
    "free": (("UNDO", str(7 * MB + 5)),),
    "undo": (("UNDO", str(300 * MB)),),
}


def read(codes=(), **changed):
    rows = {**GOOD, **changed}
    answers = {name: sqlplus.Answer(found, ()) for name, found in rows.items()}
    return tablespaces.read({**answers, **{name: sqlplus.Answer(None, (code,)) for name, code in dict(codes).items()}})


def test_every_question_is_answered_and_each_is_one_line_of_sql():
    assert set(GOOD) == set(tablespaces.QUESTIONS)
    assert not [sql for sql in tablespaces.QUESTIONS.values() if ";" in sql or "\n" in sql]


def test_free_expired_and_growth():
    facts = read()
    full, undo = facts.spaces["MVFL"], facts.spaces["UNDO"]
    assert (facts.instance, facts.database, facts.number, facts.unread) == ("open", "MVF", "4711", {})
    assert (full.free_mb, full.expired_mb, full.extend_mb, full.files[0].mb) == (0, 0, 0, 2000)
    assert (undo.free_mb, undo.expired_mb, undo.extend_mb) == (7, 300, 500)
    assert [file.path for file in facts.files] == ["/data/mvfl01.dbf", "/data/undo01.dbf"]


def test_expired_extents_count_for_undo_only():
    assert read(undo=(("MVFL", str(300 * MB)),)).spaces["MVFL"].expired_mb == 0


def test_a_file_at_its_limit_does_not_shrink_and_an_offline_one_has_no_size():
    over = ("MVFL", str(2000 * MB), "YES", str(1000 * MB), "AVAILABLE", "/a")
    gone = ("MVFL", "<null>", "<null>", "<null>", "INVALID", "/b")
    made = read(files=(over, gone)).spaces["MVFL"]
    assert made.extend_mb == 0 and (made.files[1].mb, made.files[1].status) == (0, "INVALID")
    taken_offline = (*gone[:4], "AVAILABLE", "/b")
    assert read(files=(over, taken_offline)).spaces["MVFL"].files[1].status == "OFFLINE"


@pytest.mark.parametrize(
    "changed",
    [
        {"free": (("UNDO", "1.5E+10"),)},
        {"undo": (("UNDO",),)},
        {"files": (("MVFL", "x", "NO", "0", "AVAILABLE", "/a"),)},
        {"files": (("MVFL", "1", "NON", "0", "AVAILABLE", "/a"),)},
        {"files": (("MVFL", "1", "NO", "0", "/a"),)},
        {"tablespaces": (("MVFL", "ONLINE"),)},
    ],
)
def test_a_row_that_is_not_understood_makes_all_of_it_unknown(changed):
    facts = read(**changed)
    assert facts.spaces is None and facts.unread


def test_a_question_that_failed_makes_all_of_it_unknown():
    facts = read({"free": "ORA-01555"})
    assert facts.spaces is None and facts.unread == {"free": "ORA-01555"}


@pytest.mark.parametrize(
    ("code", "instance"),
    [
        ("ORA-01034", "down"),
        ("ORA-12560", "down"),
        ("ORA-01033", "changing"),
        ("ORA-01031", None),
        ("ORA-01017", None),
        ("SP2-0640", None),
    ],
)
def test_an_instance_that_does_not_answer(code, instance):
    facts = read(dict.fromkeys(GOOD, code))
    assert (facts.instance, facts.database, facts.spaces) == (instance, None, None)


@pytest.mark.parametrize(("word", "instance"), [("MOUNTED", "mounted"), ("STARTED", "started"), ("OUVERT", None)])
def test_the_state_of_an_instance_that_answers(word, instance):
    assert read(instance=(("MVF", word, "10"),)).instance == instance
