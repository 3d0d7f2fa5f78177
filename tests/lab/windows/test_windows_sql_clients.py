# SPDX-License-Identifier: GPL-3.0-or-later
"""osql, isql and sqlcmd in memory: what they print and return for what a server answers."""

from __future__ import annotations

import pytest
from impax_lab.windows.sql.connection import Affected, LogonFailed, NoServer, Rows, Said
from impax_lab.windows.sql.values import Column

ID = Column("event_id", "int", nullable=False)
NAME = Column("user_id", "nvarchar", 12)
TWO = Rows((ID, NAME), [(1, "TEST^AUDIT"), (2, None)])
ERROR = Said(208, 16, 1, 1, "Invalid object name 'x'.")


def test_osql_prints_a_blank_before_each_column_and_prompts_into_the_pipe(make, server, call):
    session = server([TWO, Affected(2)])
    ran = call(make(), "osql", "-E", "-S", ".", stdin=b"select 1\r\ngo\r\n")
    assert ran.printed == (
        "1> 2>  event_id    user_id     \n"
        " ----------- ------------\n"
        "           1 TEST^AUDIT  \n"
        "           2 NULL        \n"
        "\n(2 rows affected)\n1> "
    )
    assert session.batches == ["select 1"]
    assert session.closed


def test_osql_without_numbers_headings_or_counts(make, server, call):
    server([Rows((Column("", "int"),), [(7,)])])
    assert call(make(), "osql", "-E", "-n", "-h-1", "-Q", "select 7").printed == "           7\n"


def test_sqlcmd_prints_as_its_transcript(make, server, call):
    server([Rows((Column("", "int"),), [(16777216,)]), Affected(1)])
    assert call(make(), "sqlcmd", "-E", "-Q", "SELECT count(*) FROM tbl").printed == (
        "           \n-----------\n   16777216\n\n(1 rows affected)\n"
    )


def test_osql_says_one_row(make, server, call):
    server([Affected(1)])
    assert call(make(), "osql", "-E", "-n", "-Q", "delete t").printed == "\n(1 row affected)\n"


def test_separator_width_and_trimming(make, server, call):
    long = Rows((Column("a", "varchar", 60), Column("b", "varchar", 60)), [("x", "y")])
    server([long], [long], [long])
    assert call(make(), "sqlcmd", "-E", "-W", "-s", "|", "-h-1", "-Q", "q").printed == "x|y\n"
    wide = call(make(), "osql", "-E", "-n", "-w", "65535", "-s", "~", "-h-1", "-Q", "q").printed
    assert wide == f" {'x':<60}~{'y':<60}\n"
    assert len(call(make(), "osql", "-E", "-n", "-h-1", "-Q", "q").printed.splitlines()) == 2


def test_errors_leave_0_unless_b(make, server, call):
    server([ERROR], [ERROR], [ERROR, Affected(1)])
    ran = call(make(), "osql", "-E", "-n", "-Q", "q")
    assert ran.code == 0
    assert ran.printed == "Msg 208, Level 16, State 1, Server AS300, Line 1\nInvalid object name 'x'.\n"
    assert call(make(), "osql", "-E", "-n", "-b", "-Q", "q").code == 1
    session = server([ERROR], [Affected(1)])
    assert call(make(), "osql", "-E", "-n", "-b", stdin=b"q\ngo\nr\ngo\n").code == 1
    assert session.batches == ["q"]


def test_sqlcmd_v_and_raiserror_127(make, server, call):
    server([ERROR])
    assert call(make(), "sqlcmd", "-E", "-b", "-V", "11", "-Q", "q").code == 16
    session = server([Said(50000, 16, 127, 1, "stop")], [])
    assert call(make(), "osql", "-E", "-n", stdin=b"q\ngo\nr\ngo\n").code == 50000
    assert session.batches == ["q"]


def test_messages_go_where_r_says(make, server, call):
    for words, stream in ((["-r"], 1), (["-r0"], 1), (["-r1"], 2)):
        server([ERROR])
        assert call(make(), "osql", "-E", "-n", *words, "-Q", "q").sent[stream].startswith(b"Msg 208")
    server([ERROR])
    assert call(make(), "sqlcmd", "-E", "-r0", "-Q", "q").sent[2].startswith(b"Msg 208")


def test_print_is_the_text_alone(make, server, call):
    server([Said(0, 0, 1, 1, "hello")])
    assert call(make(), "osql", "-E", "-n", "-Q", "q").printed == "hello\n"


def test_the_password_comes_from_the_programs_own_variable(make, server, call):
    env = {"OSQLPASSWORD": "o", "SQLCMDPASSWORD": "s"}
    session = server([], [], [])
    for words in (["osql", "-U", "sa"], ["sqlcmd", "-Usa"], ["osql", "-U", "sa", "-P", "given"], ["osql", "-E"]):
        call(make(), *words, "-Q", "q", env=env)
    assert [(logon.user, logon.password) for logon in session.logons] == [
        ("sa", "o"), ("sa", "s"), ("sa", "given"), (None, ""),
    ]  # fmt: skip
    call(make(), "osql", "-U", "sa", "-Q", "q")
    assert session.logons[-1].password == ""


@pytest.mark.parametrize(
    ("name", "version", "printed", "complained"),
    [
        ("osql", "9.00", "Login failed for user 'sa'.\n", ""),
        ("sqlcmd", "9.00", "Msg 18456, Level 14, State 1, Server AS300, Line 1\nLogin failed for user 'sa'.\n", ""),
        (
            "sqlcmd",
            "11.0",
            "",
            "Sqlcmd: Error: Microsoft SQL Server Native Client 11.0 : Login failed for user 'sa'..\n",
        ),
    ],
)
def test_a_refused_logon(make, server, name, version, printed, complained, call):
    server(failure=LogonFailed(Said(18456, 14, 1, 1, "Login failed for user 'sa'.")))
    ran = call(make(sqlserver={"version": version}), name, "-U", "sa", "-P", "x", "-Q", "q")
    assert (ran.code, ran.printed, ran.complained) == (1, printed, complained)


def test_no_server(make, server, call):
    server(failure=NoServer(53))
    assert "SQL Server [53]" in call(make(), "osql", "-E", "-S", "other", "-Q", "q").printed
    assert "HResult 0x35" in call(make(), "sqlcmd", "-E", "-S", "other", "-Q", "q").complained


def test_batches_of_a_script(make, server, call, file):
    file(make(), "s.sql").write_bytes(b"use mvf\r\ngo\r\nselect 1\r\nselect 2\r\nGO 2\r\nrest\r\n")
    session = server()
    call(make(), "osql", "-E", "-n", "-i", "s.sql")
    assert session.batches == ["use mvf", "select 1\nselect 2", "select 1\nselect 2"]
    session = server()
    call(make(), "sqlcmd", "-E", "-i", "s.sql")
    assert session.batches[-1] == "rest"


def test_a_command_that_the_lab_does_not_know_is_loud(make, server, call):
    server()
    ran = call(make(), "sqlcmd", "-E", stdin=b":connect other\r\ngo\r\n")
    assert ran.code == 1
    assert ":connect" in ran.complained


def test_output_into_a_file_and_unicode(make, server, call, file):
    server([Rows((NAME,), [("Müller€",)])], [Rows((NAME,), [("Müller€",)])])
    station = make()
    call(station, "osql", "-E", "-n", "-h-1", "-o", "out.txt", "-Q", "q")
    assert file(station, "out.txt").read_bytes().startswith(" Müller?".encode("cp850"))
    call(station, "osql", "-E", "-n", "-h-1", "-u", "-o", "out.txt", "-Q", "q")
    assert file(station, "out.txt").read_bytes().decode("utf-16").startswith(" Müller€")


def test_isql_is_not_part_of_2005(make, server, call):
    server([TWO])
    assert call(make(), "isql", "-E", "-Q", "q").code == 9009
    assert call(make(sqlserver={"version": "8.00.2039"}), "isql", "-E", "-Q", "q").code == 0


def test_a_broken_link_after_the_batch(make, server, call):
    session = server([Affected(5)], [Affected(5)])
    ran = call(make(), "osql", "-E", "-n", stdin=b"a\ngo\nb\ngo\n", behaviour="link_failure")
    assert (ran.code, session.batches) == (1, ["a"])
    assert ran.printed == "[SQL Native Client]Communication link failure\n"
