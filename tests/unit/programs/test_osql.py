# SPDX-License-Identifier: GPL-3.0-or-later
"""osql and sqlcmd: answers by their marks, messages by their numbers."""

import time

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


LANGUAGES = {
    "cp936": "消息 208，级别 16，状态 1，服务器 X，第 1 行\n",
    "cp932": "メッセージ 208、レベル 16、状態 1、サーバー X、行 1\n",
    "cp949": "메시지 208, 수준 16, 상태 1, 서버 X, 줄 1\n",
    "cp866": "Сообщение 208, уровень 16, состояние 1, сервер X, строка 1\n",
    "cp1252": "Msg 208, Niveau 16, État 1, Serveur X, Ligne 1\n",
    "ascii": "Server: Msg 208, Level 16, State 1, Line 1\n",
}


@pytest.mark.parametrize("codec", LANGUAGES)
def test_a_message_in_any_language_and_in_bytes_of_an_unknown_code_page(codec):
    for text in (LANGUAGES[codec], LANGUAGES[codec].encode(codec).decode("utf-8", "surrogateescape")):
        assert osql.read(text).msgs == answer(text).msgs == ((208, 16, 1),)


@pytest.mark.parametrize(
    "line, number",
    [
        ("(3 rows affected)", 3),
        ("(3 row(s) affected)", 3),
        ("(3 Zeilen betroffen)", 3),
        ("(3 ligne(s) affectée(s))", 3),
        ("(3 行受影响)", 3),
        ("(3개 행 적용됨)", 3),
        ("(обработано строк: 3)", 3),
        ("（3 行受影响）", 3),
    ],
)
def test_rows_affected_in_any_language(line, number):
    read = osql.read(f"\n-----------\n          7\n\n{line}\n")
    assert (read.affected, read.value) == ((number,), 7)


def test_a_value_in_brackets_is_no_count():
    assert osql.read("d\n---\n(5)\n\n").rows == (("(5)",),)


@pytest.mark.parametrize(
    "printed, connected",
    [
        ("[Shared Memory]SQL Server does not exist or access denied.\n", False),
        ("[SQL Native Client]Login timeout expired\n", False),
        ("Sqlcmd: Error: Microsoft ODBC Driver 17 for SQL Server : Login failed for user 'sa'..\n", False),
        ("Sqlcmd: 错误: Microsoft ODBC Driver 17 for SQL Server : 用户 'sa' 登录失败。。\n", False),
        (
            "HResult 0x35, Level 16, State 1\nNamed Pipes Provider: Could not open a connection to SQL Server [53].\n",
            False,
        ),
        ("Login failed for user 'sa'. Reason: Not associated with a trusted SQL Server connection.\n", False),
        ("[Microsoft][ODBC SQL Server Driver]Timeout expired\n", None),
        ("Sqlcmd: Error: Syntax error at line 3 near command ':r' in file 'x.sql'.\n", None),
    ],
)
def test_what_the_client_says_itself_is_an_error_and_no_answer(printed, connected):
    read = osql.read(printed)
    assert (read.error, read.connected, read.rows) == (True, connected, None)
    assert answer(printed).error and answer(printed).rows is None


def test_nothing_printed_is_not_known_to_be_well():
    assert osql.read("").error is None and osql.read("1> 2> ").error is None
    assert osql.read("Changed database context to 'mvf'.\n").error is False


def test_zero_rows_are_rows():
    assert osql.read("a\n---\n\n(0 rows affected)\n").rows == ()


@pytest.mark.parametrize("loose", ["Timeout expired\n", "Msg 1222, Level 16, State 51, Server X, Line 1\nx\n"])
def test_an_error_outside_of_the_marks_leaves_no_answer(loose):
    """Error output is read behind the rest: what it says can be of any query."""
    printed = f"IMPAX {N} begin a\n7\nIMPAX {N} end a\nIMPAX {N} begin b\nIMPAX {N} end b\n"
    assert osql.answers(printed, ["a", "b"], N)["b"].rows == ()
    told = osql.answers(
        f"{printed}[Microsoft][ODBC SQL Server Driver]{loose}" if loose[0] == "T" else printed + loose, ["a", "b"], N
    )
    assert all(answer.error and answer.rows is None for answer in told.values())


@pytest.mark.parametrize(
    "text", ["éa" * 20000, "\udc83a\udc83[" * 20000, "Msg 1, " * 20000, "(" * 20000, "1> " * 20000]
)
def test_long_lines_take_no_time(text):
    begun = time.process_time()
    osql.read(text)
    answer(text)
    assert time.process_time() - begun < 2
