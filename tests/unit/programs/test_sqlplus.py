# SPDX-License-Identifier: GPL-3.0-or-later
"""sqlplus: answers by their marks; nothing that is missing reads as good."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Secret, secrets_in
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import sqlplus

N = "n0nce"


def marked(name, body):
    return f"IMPAX {N} begin {name}\n{body}IMPAX {N} end {name}\n"


def answer(printed, name="a"):
    return sqlplus.answers(printed, [name], N)[name]


def test_the_password_is_on_standard_input_only_and_quoted():
    command = sqlplus.ask({"a": "select 1 from dual;"}, sqlplus.log_on("dbadmin", Secret("p@ss/w'd", "pw")), nonce=N)
    assert command.words == ("sqlplus", "-S", "-L", "/nolog")
    assert [secret.label for secret in secrets_in(command.stdin)] == ["pw"]
    assert 'connect dbadmin/"<secret: pw>"\n' in str(command.stdin)
    assert f"prompt IMPAX {N} begin a\nselect 1 from dual;\nprompt IMPAX {N} end a\n" in str(command.stdin)
    assert str(command.stdin).endswith("exit\n")


@pytest.mark.parametrize("password", ['a"b', "a\nb", "a\rb"])
def test_a_password_that_cannot_be_carried_is_refused(password):
    with pytest.raises(sqlplus.Unfit):
        sqlplus.log_on("dbadmin", Secret(password, "pw"))


@pytest.mark.parametrize("account", ["", "a b", 'a"b', "a\nb", "a/b", "a@b", "/"])
def test_an_account_that_is_no_plain_name_is_refused(account):
    with pytest.raises(sqlplus.Unfit):
        sqlplus.log_on(account, Secret("x", "pw"))


def test_settings_are_pinned_before_and_behind_the_log_on():
    """Before it, lest "&" in a password asks a question; behind it, where the site's glogin.sql has just run."""
    log_on = sqlplus.log_on("d", Secret("x", "pw"))
    for command in (
        sqlplus.ask({"a": "select 1 from dual"}, log_on, nonce=N),
        sqlplus.block("begin null; end;", log_on, nonce=N),
    ):
        before, _, behind = str(command.stdin).partition("connect d/")
        assert "define off" in before and "define off" in behind and "heading off" in behind
        assert behind.index("heading off") < behind.index("whenever sqlerror") < behind.index("begin")


def test_one_number_and_several_columns():
    assert answer(marked("a", "                 107\n")).value == "107"
    assert answer(marked("a", "MVF|~|             12345\n")).rows == (("MVF", "12345"),)
    assert answer(marked("a", "")).rows == ()


def test_null_is_no_value():
    assert answer(marked("a", "<null>\n")).value is None


@pytest.mark.parametrize(
    "printed", ["", f"IMPAX {N} begin a\n107\n", "107\n", "IMPAX other begin a\n107\nIMPAX other end a\n"]
)
def test_without_both_marks_there_is_no_answer(printed):
    assert answer(printed).rows is None and answer(printed).error and answer(printed).value is None


def test_an_error_is_no_answer_in_any_language():
    body = "select count(*) from none\n                     *\nERROR en línea 1:\nORA-00942: la tabla o vista no existe\n\n\n"
    assert answer(marked("a", body)).codes == ("ORA-00942",) and answer(marked("a", body)).rows is None


def test_each_answer_is_its_own():
    printed = marked("a", "1\n") + marked("b", "ORA-00942: x\n") + marked("c", "3\n")
    read = sqlplus.answers(printed, ["a", "b", "c"], N)
    assert (read["a"].value, read["b"].error, read["c"].value) == ("1", True, "3")


def test_a_refused_log_on_gives_its_code_to_every_answer():
    assert answer("ERROR:\nORA-28000: the account is locked\n").codes == ("ORA-28000",)


def test_a_password_about_to_expire_is_no_error():
    assert answer("ERROR:\nORA-28002: the password will expire within 5 days\n" + marked("a", "5\n")).value == "5"


def test_a_block_rolls_back_and_ends_on_an_error():
    text = str(sqlplus.block("begin null; end;", sqlplus.log_on("d", Secret("x", "pw")), nonce=N).stdin)
    assert text.index("whenever sqlerror exit failure rollback") < text.index("begin null; end;\n/\n")


def test_a_typed_session():
    assert sqlplus.read("SQL> select 1 from dual;\n\n         1\n----------\n         1\n\nSQL> exit\n").value == 1
    assert sqlplus.read("").rows is None


def test_not_connected_is_told_with_its_cause():
    printed = "ERROR:\nORA-28000: the account is locked\n\n\n" + marked("a", "SP2-0640: Not connected\n")
    assert answer(printed).codes == ("ORA-28000", "SP2-0640") and answer(printed).rows is None


@pytest.mark.parametrize(
    "printed, connected",
    [
        ("Connected.\n", True),
        ("Connected to:\nOracle Database 10g Enterprise Edition Release 10.2.0.4.0 - 64bit Production\n", True),
        ("连接到:\nOracle Database 11g Enterprise Edition Release 11.2.0.1.0 - 64bit Production\n", True),
        ("ERROR:\nORA-28002: the password will expire within 7 days\n\n\nConnected.\n", True),
        ("ERROR:\nORA-01017: x\n", False),
        ("ERROR:\nORA-01031: insufficient privileges\n", False),
        ("ERROR:\nORA-12170: TNS:Connect timeout occurred\n", False),
        ("ERROR:\nORA-01017: x\n\n\nConnected.\n", True),
        ("Connected.\nERROR:\nORA-01017: x\n\n\nWarning: You are no longer connected to ORACLE.\n", False),
        ("ERROR at line 1:\nORA-01031: insufficient privileges\n", None),
        ("第 1 行出现错误:\nORA-12154: x\nORA-02063: x\n", None),
        ("", None),
    ],
)
def test_whether_it_was_logged_on(printed, connected):
    assert sqlplus.read(printed).connected is connected


@pytest.mark.parametrize(
    "printed, rows",
    [
        ("SQL> select * from t;\n\nno rows selected\n", ()),
        ("SQL> select * from t;\n\n未选定行\n\n", ()),
        ("SQL> select * from t;\n\nei rivejä\n\n", None),
        ("       107\n", ((107,),)),
        ("SQL> select a from t;\nselect a from t\n       *\nERROR en línea 1:\nORA-00904: x\n", None),
    ],
)
def test_rows_none_and_unknown(printed, rows):
    assert sqlplus.read(printed).rows == rows


def test_a_password_about_to_expire_is_a_code_and_no_error():
    read = sqlplus.read("ERROR:\nORA-28002: the password will expire within 7 days\n\nConnected.\n")
    assert read.codes == ("ORA-28002",) and read.error is False


def test_nothing_printed_is_not_known_to_be_well():
    assert sqlplus.read("\n").error is None
