# SPDX-License-Identifier: GPL-3.0-or-later
"""osql and sqlcmd: answers by their marks, messages by their numbers."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Secret, secrets_in
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import osql

N = "n0nce"
SA = osql.LogOn(".", "mvf", "sa", Secret("pw-1", "pw"))


def answer(body):
    printed = f"IMPAX {N} begin a\n{body}IMPAX {N} end a\n"
    return osql.answers(printed, ["a"], N)["a"]


def test_the_password_is_in_the_environment_only():
    for client, variable in (("osql", "OSQLPASSWORD"), ("sqlcmd", "SQLCMDPASSWORD")):
        command = osql.ask({"a": "select 1"}, osql.LogOn(".", "mvf", "sa", SA.password, client), nonce=N)
        assert list(command.environment) == [variable]
        assert not [secret for word in command.words for secret in secrets_in(word)] and "-P" not in command.words
    assert "-E" in osql.ask({"a": "select 1"}, osql.LogOn("."), nonce=N).words


def test_only_the_truncating_batch_ends_on_an_error():
    assert "-b" in osql.batch("select 1", SA, nonce=N).words
    assert "-b" not in osql.ask({"a": "select 1"}, SA, nonce=N).words


def test_values_rows_and_nothing():
    assert answer("         107\n").value == "107"
    assert answer(" a   |          1|NULL\n b   |          2|x y\n").rows == (("a", "1", "NULL"), ("b", "2", "x y"))
    assert answer("NULL\n").value is None
    assert answer("").rows == ()
    assert answer("   5\n\n(1 row affected)\n").value == "5"


@pytest.mark.parametrize(
    "body, msgs",
    [
        ("Msg 208, Level 16, State 1, Server X, Line 1\nInvalid object name 'x'.\n", ((208, 16, 1),)),
        ("Meldung 208, Ebene 16, Status 1, Server X, Zeile 1\nUngültiger Objektname 'x'.\n", ((208, 16, 1),)),
        ("Mens. 208, Nivel 16, Estado 1, Servidor X, Línea 1\n", ((208, 16, 1),)),
    ],
)
def test_an_error_is_no_answer_in_any_language(body, msgs):
    assert answer(body).msgs == msgs and answer(body).rows is None and answer(body).error


def test_information_is_no_error():
    assert not answer("Msg 5701, Level 0, State 1, Server X, Line 1\n").error


def test_prompts_are_no_answer():
    printed = f"1> 2> IMPAX {N} begin a\n1> 2>            7\n1> 2> IMPAX {N} end a\n"
    assert osql.answers(printed, ["a"], N)["a"].value == "7"


@pytest.mark.parametrize(
    "printed",
    ["", f"IMPAX {N} begin a\n1\n", "Msg 18456, Level 14, State 1, Server X, Line 1\nLogin failed for user 'sa'.\n"],
)
def test_without_both_marks_there_is_no_answer(printed):
    assert osql.answers(printed, ["a"], N)["a"].rows is None
