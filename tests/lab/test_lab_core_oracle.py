# SPDX-License-Identifier: GPL-3.0-or-later
"""sqlplus, exp and imp of the lab with a database that answers by heart: what they print, end with, and write."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from impax_lab.dump import dumpfile, parameters, values
from impax_lab.engine.oracle import OracleError
from impax_lab.program import HeldCall, Killed
from impax_lab.programs import exp, imp, sqlplus
from impax_lab.sqlplus import layout
from impax_lab.sqlplus.settings import Settings
from impax_lab.state import StationFolder
from impax_lab.unix import relay

UTF8 = {"NLS_LANG": "AMERICAN_AMERICA.AL32UTF8"}
COLUMNS = [("EVENT_ID", "NUMBER(12)", False), ("USER_ID", "VARCHAR2(64)", True), ("AT", "DATE", True)]
ROWS = [
    (1, "u1", datetime(2026, 1, 2, 3, 4, 5)),
    (-2, None, None),
    (123456789012, "a\r\n\tb é한", datetime(1999, 12, 31)),
]


def answer(columns=None, rows=(), affected=0, printed=()):
    return SimpleNamespace(columns=columns, rows=list(rows), affected=affected, printed=list(printed))


ANSWERS = {
    "select count(*) from t": answer([("COUNT(*)", "NUMBER", 22)], [(2500,)]),
    "select id, name from t": answer([("ID", "NUMBER", 22), ("NAME", "VARCHAR2", 6)], [(1, "one"), (-2, None)]),
    "select name from t": answer([("NAME", "VARCHAR2", 6)], [(f"n{n}",) for n in range(20)]),
    "select d from dual": answer([("DUMMY", "VARCHAR2", 1)], [("X",)]),
    "select wide from t": answer([("WIDE", "VARCHAR2", 20)], [("two\nlines",)]),
    "select 1 from nothing": answer([("1", "NUMBER", 22)]),
    "truncate table t": answer(),
    "delete from t": answer(affected=3),
    "begin\n  p;\nend;": answer(printed=["said"]),
}
ERRORS = {"select * from nope": OracleError(942, "ORA-00942: table or view does not exist", 1, 15)}


class Session:
    def __init__(self, station: Station) -> None:
        self.station, self.done = station, station.done

    def execute(self, statement):
        if statement == "truncate table t" and "before_truncate" in self.station.hooks:
            self.station.hooks["before_truncate"]("T")
        self.done.append(statement)
        if statement in ERRORS:
            raise ERRORS[statement]
        return ANSWERS[statement]

    def commit(self):
        self.done.append("COMMIT")

    def rollback(self):
        self.done.append("ROLLBACK")

    def close(self):
        self.done.append("CLOSE")

    def scn(self):
        return 77

    def table(self, name):
        if name.rpartition(".")[2] != "AUDIT":
            raise OracleError(942, "ORA-00942: table or view does not exist", 1, 1)
        columns = [SimpleNamespace(name=n, type=t, nullable=y) for n, t, y in COLUMNS]
        return SimpleNamespace(owner="DBA", name="AUDIT", columns=columns)

    def rows_as_of(self, name, scn=None):
        self.done.append(f"{name} as of {scn}")
        return iter(ROWS)


class Station:
    """A station with a root and a database that knows ANSWERS; the password is pw."""

    def __init__(self, root: Path) -> None:
        self.root, self.done, self.room_left = root, [], 1 << 30
        users = {"SYS": {"password": "pw"}}
        oracle = {"version": "11.2.0.4.0", "charset": "AL32UTF8", "users": users}
        self.spec = SimpleNamespace(codec="utf-8", oracle=oracle, users={"oracle": {"group": "dba"}}, windows=False)
        self.folder = StationFolder(root / "station")
        self.oracle, self.hooks, self.down, self.mode = self, {}, False, ""

    def logon(self, user, password):
        if password != "pw":
            raise OracleError(1017, "ORA-01017: invalid username/password; logon denied")
        return Session(self)

    def internal(self):
        return Session(self)

    def arrive(self, table, n=1, owner=None):
        self.done.append(f"arrive {table}")

    def host_path(self, cwd, name):
        return relay.host_path(self.root, cwd, name)

    def room(self, name, cwd=""):
        return self.room_left


@pytest.fixture
def station(tmp_path):
    return Station(tmp_path)


def run(station, module, words, stdin="", behaviour=None, **place):
    """(exit code, standard output, error output) of one call."""
    call = HeldCall(station, words, stdin.encode(), **{"env": UTF8, **place})
    call.behaviour = behaviour
    code = module.main(call)
    return code, call.sent[1].decode(), call.sent[2].decode()


def sql(station, script, *, logon="connect dba/pw\n", words=("-S", "-L", "/nolog"), **more):
    code, out, _ = run(station, sqlplus, ["sqlplus", *words], logon + script, **more)
    return code, out.removeprefix("Connected.\n")


# SQL*Plus: what is printed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "out"),
    [
        ("select count(*) from t;\n", "\n  COUNT(*)\n----------\n      2500\n\n"),
        ("select count(*)\nfrom t\n/\n", None),
        ("set numwidth 20 tab off\nselect count(*) from t;\n",
         "\n            COUNT(*)\n--------------------\n                2500\n\n"),
        ("set numwidth 20\nselect count(*) from t;\n", "\n\t    COUNT(*)\n--------------------\n\t\t2500\n\n"),
        ("set heading off\nselect count(*) from t;\n", "\n      2500\n\n"),
        ("set pages 0 feed off\nselect count(*) from t;\n", "      2500\n"),
        ("set pages 0 feed off tab off colsep '|'\nselect id, name from t;\n", "         1|one\n        -2|\n"),
        ("set pages 0 feed off tab off null '<null>'\nselect id, name from t;\n", "         1 one\n        -2 <null>\n"),
        ("set pages 0 feed off tab off trimout off\nselect id, name from t;\n", "         1 one   \n        -2       \n"),
        ("select d from dual;\n", "\nD\n-\nX\n\n"),
        ("select 1 from nothing;\n", "\nno rows selected\n\n"),
        ("set feed off\nselect 1 from nothing;\n", ""),
        ("set feed 1\nselect d from dual;\n", "\nD\n-\nX\n\n1 row selected.\n\n"),
        ("set pages 0 feed off\nselect wide from t;\n", "two\nlines\n\n"),
        ("truncate table t;\n", "\nTable truncated.\n\n"),
        ("delete from t;\n", "\n3 rows deleted.\n\n"),
        ("set feed off\ndelete from t;\n", ""),
        ("set serveroutput on size 1000\nbegin\n  p;\nend;\n/\n", "said\n\nPL/SQL procedure successfully completed.\n\n"),
        ("begin\n  p;\nend;\n/\n", "\nPL/SQL procedure successfully completed.\n\n"),
        ("select * from nope;\n", "select * from nope\n              *\nERROR at line 1:\n"
         "ORA-00942: table or view does not exist\n\n\n"),
        ("definle\n", 'SP2-0042: unknown command "definle" - rest of line ignored.\n'),
        ("nonsense words here\n", 'SP2-0734: unknown command beginning "nonsense w..." - rest of line ignored.\n'),
        ("set arraysize 5001\n", "SP2-0267: arraysize option 5001 out of range (1 through 5000)\n"),
        ("set nothing on\n", 'SP2-0158: unknown SET option "nothing"\n'),
        ("set heading maybe\n", "SP2-0265: heading must be set ON or OFF\n"),
        ("set linesize wide\n", "SP2-0268: linesize option not a valid number\n"),
        ("prompt  a  b;\n", "a  b;\n"),
        ("rem nothing\n-- nothing\n/* nothing\nselect */\n", ""),
        ("define x = 'count(*)'\nselect &x from t;\n", "\n  COUNT(*)\n----------\n      2500\n\n"),
        ("show user\n", 'USER is "DBA"\n'),
        ("/\n", "SP2-0103: Nothing in SQL buffer to run.\n"),
    ],
)  # fmt: skip
def test_what_sqlplus_prints(station, script, out):
    if out is None:
        ANSWERS["select count(*)\nfrom t"] = ANSWERS["select count(*) from t"]
        out = "\n  COUNT(*)\n----------\n      2500\n\n"
    assert sql(station, script) == (0, out)


def test_pages_repeat_their_headings(station):
    out = sql(station, "set feed 6\nselect name from t;\n")[1]
    assert out.count("NAME\n------\n") == 2
    assert out.endswith("\nn19\n\n20 rows selected.\n\n")


def test_a_value_that_asks_eats_the_next_line(station):
    _, out = sql(station, "select &what from t;\ncount(*)\nprompt end\n")
    assert out.startswith("Enter value for what: \n  COUNT(*)") and out.endswith("end\n")


def test_a_blank_line_ends_a_statement_without_running_it(station):
    assert sql(station, "select count(*)\n\nprompt next\n") == (0, "next\n")
    assert "COMMIT" in station.done and not [each for each in station.done if each.startswith("select")]


def test_a_console_shows_banner_prompts_and_good_bye(station):
    code, out, _ = run(station, sqlplus, ["sqlplus", "dba/pw"], "select count(*) from t;\nexit 3\n")
    assert code == 3
    assert out.startswith("\nSQL*Plus: Release 11.2.0.4.0 Production on ")
    assert "\nConnected to:\nOracle Database 11g Enterprise Edition Release 11.2.0.4.0 - 64bit Production\n" in out
    assert "SQL> \n  COUNT(*)\n" in out and "SQL> Disconnected from Oracle Database 11g" in out


def test_what_the_clients_character_set_has_not_got_is_a_question_mark(station):
    ANSWERS["select e from t"] = answer([("E", "VARCHAR2", 4)], [("é한",)])
    script = "set pages 0 feed off\nselect e from t;\n"
    assert sql(station, script)[1] == "é한\n"
    assert sql(station, script, env={})[1] == "??\n"


# SQL*Plus: how it ends ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "code", "last"),
    [
        ("select * from nope;\n", 0, "COMMIT"),
        ("whenever sqlerror exit failure rollback\nselect * from nope;\nprompt never\n", 1, "ROLLBACK"),
        ("whenever sqlerror exit sql.sqlcode\nselect * from nope;\n", 942 % 256, "COMMIT"),
        ("whenever sqlerror exit 7 rollback\nselect * from nope;\n", 7, "ROLLBACK"),
        ("whenever sqlerror exit 1\nset nothing\ndefinle\n", 0, "COMMIT"),
        ("whenever sqlerror continue\nselect * from nope;\nexit sql.sqlcode\n", 942 % 256, "COMMIT"),
        ("exit rollback\n", 0, "ROLLBACK"),
        ("quit 300\n", 44, "COMMIT"),
        ("delete from t;\n", 0, "COMMIT"),
    ],
)
def test_how_sqlplus_ends(station, script, code, last):
    ended, out = sql(station, script)
    assert (ended, [each for each in station.done if each in ("COMMIT", "ROLLBACK")][-1]) == (code, last)
    assert "never" not in out


def test_three_attempts_eat_the_script(station):
    code, out, _ = run(station, sqlplus, ["sqlplus", "-S"], "select 1;\na\nb\nc\nd\ne\nprompt never\n")
    assert code == 1 and out.count("ORA-01017") == 3 and "SP2-0157" in out and "never" not in out


def test_one_attempt(station):
    code, out, _ = run(station, sqlplus, ["sqlplus", "-S", "-L", "dba/bad"])
    assert (code, out) == (1, "ERROR:\nORA-01017: invalid username/password; logon denied\n\n\n"
                              "SP2-0751: Unable to connect to Oracle.  Exiting SQL*Plus\n")  # fmt: skip


def test_a_failed_connect_leaves_nothing_connected(station):
    code, out = sql(station, "truncate table t;\n", logon="connect dba/bad\n")
    assert code == 0 and out.endswith("SP2-0640: Not connected\n") and "truncate table t" not in station.done
    script = "connect dba/bad\ntruncate table t;\n"
    assert sql(station, script, logon="whenever sqlerror exit 5\n")[0] == 5
    code, out = sql(station, script, logon="whenever sqlerror exit 5\n", behaviour="connect_failure_goes_on")
    assert code == 0 and "SP2-0640" in out


@pytest.mark.parametrize(
    "logon", ['connect dba/"pw"\n', "CONN dba/pw@mvf\n", "connect dba\npw\n", 'connect "DBA"/"pw"@x\n']
)
def test_ways_to_log_on(station, logon):
    assert sql(station, "select d from dual;\n", logon=logon)[1] == "\nD\n-\nX\n\n"


def test_only_the_dba_group_is_sysdba_without_a_password(station):
    assert "ORA-01031" in sql(station, "", logon="connect / as sysdba\n", user="service")[1]
    assert sql(station, "show user\n", logon="connect / as sysdba\n", user="oracle")[1] == 'USER is "SYS"\n'
    assert "SP2-0306" in sql(station, "", logon="connect as sysdb\n")[1]


def test_what_the_lab_has_not_got_fails_loudly(station):
    call = HeldCall(station, ["sqlplus", "-S", "/nolog"], b"host rm -rf /\nprompt never\n", env=UTF8)
    assert sqlplus.main(call) == 70
    assert call.notes and b"not simulated" in call.sent[1] and b"never" not in call.sent[1]


def test_spool_and_script_files(station):
    (station.root / "s.sql").write_text("prompt in the file\nselect d from dual;\n")
    assert sql(station, "spool /o\n@/s\nspool off\nprompt after\n")[1].startswith("in the file\n\nD\n")
    assert (station.root / "o.lst").read_text() == "in the file\n\nD\n-\nX\n\n"
    assert 'SP2-0310: unable to open file "no.sql"' in sql(station, "@no\n")[1]


@pytest.mark.parametrize(
    ("behaviour", "script", "code"),
    [
        ("account_locked", "", "ORA-28000"), ("wrong_password", "", "ORA-01017"), ("not_available", "", "ORA-01034"),
        ("no_listener", "", "ORA-12541"), ("password_expired", "", "ORA-28001"),
        ("resource_busy", "lock table t in exclusive mode nowait;\n", "ORA-00054"),
        ("snapshot_too_old", "select 1 from t as of scn 7;\n", "ORA-01555"),
        ("no_flashback_right", "select current_scn from v$database;\n", "ORA-01031"),
        ("lost_contact_before", "truncate table t;\n", "ORA-03113"),
        ("lost_contact_after", "truncate table t;\n", "ORA-03113"),
        ("noisy_glogin", "", "Welcome to"),
    ],
)  # fmt: skip
def test_each_special_behaviour_of_sqlplus(station, behaviour, script, code):
    assert code in sql(station, script, behaviour=behaviour)[1]
    assert ("truncate table t" in station.done) is (behaviour == "lost_contact_after")


def test_every_special_behaviour_is_tried(station):
    tried = {case[0] for case in test_each_special_behaviour_of_sqlplus.pytestmark[0].args[1]}
    assert tried | {"connect_failure_goes_on", "row_before_block", "row_before_truncate"} == set(sqlplus.SPECIAL)


@pytest.mark.parametrize("behaviour", ["row_before_block", "row_before_truncate"])
def test_a_row_can_arrive_at_the_worst_moment(station, behaviour):
    sql(station, "truncate table t;\nselect count(*) from t;\n", behaviour=behaviour)
    assert station.done[:2] == ["arrive t", "truncate table t"]
    assert station.hooks == {} and station.done.count("arrive t") == 1


def test_pretending_changes_nothing(station):
    call = HeldCall(station, ["sqlplus", "-S", "/nolog"], b"connect dba/pw\ntruncate table t;\n", env=UTF8)
    call.pretend = True
    assert sqlplus.main(call) == 0
    assert b"Table truncated." in call.sent[1] and "truncate table t" not in station.done


# Layout ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "width", "text"),
    [
        (0, 10, "0"), (-5, 10, "-5"), (Decimal("0.5"), 10, ".5"), (Decimal("-0.25"), 10, "-.25"),
        (1234567890, 10, "1234567890"), (12345678901, 10, "1.2346E+10"), (12345678901, 20, "12345678901"),
        (Decimal("3.14159265358979"), 10, "3.14159265"), (123456789012345678901234, 5, "#####"),
        (Decimal("100"), 10, "100"), (Decimal("1E+3"), 10, "1000"),
    ],
)  # fmt: skip
def test_numbers(value, width, text):
    assert layout.number_text(value, width) == text


def test_columns_that_do_not_fit_go_on_to_the_next_line():
    settings = Settings()
    settings.set("linesize 10 pagesize 0 tab off")
    columns = [layout.Column("A", "text", 6), layout.Column("B", "text", 6)]
    assert layout.page(columns, [("a", "b")], settings, {}) == "a\nb\n\n"


# Dump files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", [0, 1, -1, 99, 100, -100, 123456789012, Decimal("0.01"), Decimal("-1234.5678"), 10**20]
)
def test_numbers_as_oracle_stores_them(number):
    assert values.number_of(values.number(number)) == Decimal(str(number))


def test_known_bytes():
    # Oracle Call Interface Programmer's Guide, "NUMBER": 5 is 193,6; 2767 is 194,28,68; -5 is 62,96,102
    assert [list(values.number(n)) for n in (5, 2767, -5)] == [[193, 6], [194, 28, 68], [62, 96, 102]]
    # the same, "DATE": 30 November 1992, 15:17
    assert list(values.date(datetime(1992, 11, 30, 15, 17))) == [119, 192, 11, 30, 16, 18, 1]
    assert values.date_of(bytes([119, 192, 11, 30, 16, 18, 1])) == "1992-11-30 15:17:00"


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("userid=a/b file=/x tables=(t, u)", {"userid": "a/b", "file": "/x", "tables": "(t, u)"}),
        ('userid=a/"b c,d" file="/x y.dmp"', {"userid": 'a/"b c,d"', "file": "/x y.dmp"}),
        ("USERID=a/b\n# no\nTABLES=t\n", {"userid": "a/b", "tables": "t"}),
        ("userid=/ as sysdba", {"userid": "/ as sysdba"}),
    ],
)
def test_parameters(text, given):
    assert parameters.read(["parfile=/p"], {*parameters.EXPORT}, lambda name: text) == given


def test_wrong_parameters():
    for words, message in ((["foo=1"], "LRM-00101: unknown parameter name 'foo'"), (["file=x", "y"], "LRM-00108")):
        with pytest.raises(parameters.Wrong, match=message):
            parameters.read(words, parameters.EXPORT, str)
    assert parameters.read(["a/b", "file=x"], parameters.EXPORT, str) == {"userid": "a/b", "file": "x"}


def export(station, *words, behaviour=None, stdin="", **more):
    return run(station, exp, ["exp", "userid=dba/pw", "file=/d.dmp", *words], stdin, behaviour, **more)


def show(station, *words, behaviour=None, **more):
    words = words or ("full=y", "show=y")
    return run(station, imp, ["imp", "userid=dba/pw", "file=/d.dmp", *words], behaviour=behaviour, **more)


def test_an_export_says_what_it_did_on_the_error_output(station):
    code, out, err = export(station, "tables=audit", "statistics=none", "log=/d.log")
    assert (code, out) == (0, "")
    assert ". . exporting table                          AUDIT          3 rows exported\n" in err
    assert err.endswith("Export terminated successfully without warnings.\n")
    assert "Export done in AL32UTF8 character set and AL16UTF16 NCHAR character set\n" in err
    assert err.endswith((station.root / "d.log").read_text())


def test_the_dump_holds_the_rows_of_the_moment(station):
    export(station, "tables=(dba.audit)", "flashback_scn=42")
    assert "DBA.AUDIT as of 42" in station.done
    made = dumpfile.read((station.root / "d.dmp").read_bytes())
    [table] = made.tables
    assert [values.number_of(row[0]) for row in table.rows] == [1, -2, 123456789012]
    assert [row[1] and row[1].decode() for row in table.rows] == ["u1", None, "a\r\n\tb é한"]
    assert values.date_of(table.rows[0][2]) == "2026-01-02 03:04:05"
    export(station, "tables=audit", "consistent=y")
    assert station.done[-2:] == ["DBA.AUDIT as of 77", "CLOSE"]


def test_without_nls_lang_letters_are_lost_and_exp_only_hints_at_it(station):
    err = export(station, "tables=audit", "statistics=none", env={})[2]
    assert "server uses AL32UTF8 character set (possible charset conversion)" in err
    assert err.endswith("without warnings.\n")
    assert dumpfile.read((station.root / "d.dmp").read_bytes()).tables[0].rows[2][1] == b"a\r\n\tb ??"
    assert "EXP-00091: Exporting questionable statistics." in export(station, "tables=audit", env={})[2]


@pytest.mark.parametrize(
    ("words", "code", "messages"),
    [
        (["tables=nope"], 0, ["EXP-00011: DBA.NOPE does not exist", "terminated successfully with warnings."]),
        (["tables=audit", "foo=1"], 1, ["LRM-00101", "EXP-00019", "EXP-00000: Export terminated unsuccessfully"]),
        (["tables=audit", "parfile=/none"], 1, ["LRM-00109", "EXP-00000"]),
        (
            ["tables=audit", "file=/no/d.dmp"],
            1,
            ["EXP-00028: failed to open /no/d.dmp for write", "EXP-00030", "EXP-00000"],
        ),
        (["tables=audit", "userid=dba/bad"], 1, ["EXP-00056: ORACLE error 1017 encountered", "ORA-01017", "EXP-00000"]),
        (["full=y"], 1, ["not simulated"]),
        ([], 1, ["Enter array fetch buffer size: 4096 > ", "EXP-00030"]),
    ],
)
def test_how_exp_fails(station, words, code, messages):
    ended, _, err = export(station, *words)
    assert ended == code and all(message in err for message in messages), err


def test_a_log_on_is_asked_for(station):
    words = ["exp", "file=/d.dmp", "tables=audit", "statistics=none"]
    code, _, err = run(station, exp, words, "dba\nbad\ndba/pw\n")
    assert code == 0 and "Username: Password: EXP-00056" in err and err.endswith("without warnings.\n")


def test_a_full_disk_breaks_an_export_off_and_leaves_what_fitted(station):
    station.room_left = 100
    code, _, err = export(station, "tables=audit")
    assert code == 1 and "EXP-00002: error in writing to export file" in err and "EXP-00000" in err
    assert (station.root / "d.dmp").stat().st_size == 100


def test_a_killed_export_leaves_half_a_file(station):
    export(station, "tables=audit")
    call = HeldCall(station, ["exp", "dba/pw", "file=/d.dmp", "tables=audit"], env=UTF8)
    call.dies = True
    with pytest.raises(Killed):
        exp.main(call)
    assert not (station.root / "d.dmp").read_bytes()


EXP_TRIED = {
    "table_missing": ["EXP-00056: ORACLE error 942", "ORA-00942", "terminated successfully with warnings."],
    "questionable_statistics": ["3 rows exported", "EXP-00091", "terminated successfully with warnings."],
    "connect_failure": ["EXP-00056: ORACLE error 12154", "ORA-12154", "EXP-00000"],
    "no_listener": ["ORA-12541", "EXP-00000"],
    "account_locked": ["ORA-28000", "EXP-00000"],
    "wrong_password": ["ORA-01017", "EXP-00000"],
    "not_available": ["ORA-01034", "EXP-00000"],
    "snapshot_too_old": ["exporting table                          AUDIT\nEXP-00056", "ORA-01555"],
    "fewer_rows": ["2 rows exported", "without warnings."],
    "fewer_rows_than_said": ["3 rows exported", "without warnings."],
    "row_arrives": ["3 rows exported", "without warnings."],
    "cut_file": ["3 rows exported", "without warnings."],
    "turned_bit": ["3 rows exported", "without warnings."],
    "no_closing": ["3 rows exported"],
}


@pytest.mark.parametrize("behaviour", exp.SPECIAL)
def test_each_special_behaviour_of_exp(station, behaviour):
    err = export(station, "tables=audit", "statistics=none", behaviour=behaviour)[2]
    assert all(message in err for message in EXP_TRIED[behaviour]), err
    assert ("Export terminated" in err) is (behaviour != "no_closing")
    assert ("arrive AUDIT" in station.done) is (behaviour == "row_arrives")


@pytest.mark.parametrize(
    ("behaviour", "rows", "messages"),
    [("fewer_rows_than_said", 2, []), ("turned_bit", 3, []), ("cut_file", None, ["IMP-00009"])],
)
def test_what_imp_finds_and_what_it_does_not(station, behaviour, rows, messages):
    export(station, "tables=audit", behaviour=behaviour)
    code, _, err = show(station)
    assert code == 0 and all(message in err for message in messages)
    assert ("with warnings." in err) is bool(messages)
    data = (station.root / "d.dmp").read_bytes()
    if rows is not None:
        assert len(dumpfile.read(data).tables[0].rows) == rows
    export(station, "tables=audit")
    assert (station.root / "d.dmp").read_bytes()[60:] != data[60:]


def test_every_cut_and_a_broken_structure_are_found(station):
    export(station, "tables=audit")
    data = (station.root / "d.dmp").read_bytes()
    end = data.rindex(b"EXIT\nEXIT\n") + len(b"EXIT\nEXIT\n")
    for length in range(len(dumpfile.MAGIC), end):
        with pytest.raises((dumpfile.AbnormalEnd, dumpfile.Unrecognized, dumpfile.NoDump)):
            dumpfile.read(data[:length])
    place = data.index(b"u1") - 2
    with pytest.raises((dumpfile.AbnormalEnd, dumpfile.Unrecognized)):
        dumpfile.read(data[:place] + b"\x03\x00" + data[place + 2 :])


def test_show_prints_statements_and_changes_nothing(station):
    export(station, "tables=audit")
    station.done.clear()
    code, out, err = show(station, "full=y", "show=y", "log=/i.log")
    assert (code, out, station.done) == (0, "", ["CLOSE"])
    assert "Export file created by EXPORT:V11.02.00 via conventional path\n" in err
    assert ' "CREATE TABLE "AUDIT" ("EVENT_ID" NUMBER(12) NOT NULL ENABLE, "USER_ID" VARC"\n' in err
    assert '. . skipping table "AUDIT"' in err
    assert err.endswith("Import terminated successfully without warnings.\n")
    assert err.endswith((station.root / "i.log").read_text())


@pytest.mark.parametrize(
    ("words", "content", "messages"),
    [
        (["full=y", "show=y"], None, ["IMP-00002: failed to open /d.dmp for read", "IMP-00030", "IMP-00000"]),
        (["full=y", "show=y"], b"no dump", ["IMP-00010: not a valid export file", "IMP-00000"]),
        (["show=y"], b"\x03\x03iEXPORT:V11.02.00\n", ["IMP-00031: Must specify FULL=Y", "IMP-00000"]),
        (["full=y", "foo=y"], b"", ["LRM-00101", "IMP-00022", "IMP-00000"]),
    ],
)
def test_how_imp_fails(station, words, content, messages):
    if content is not None:
        (station.root / "d.dmp").write_bytes(content)
    code, _, err = show(station, *words)
    assert code == 1 and all(message in err for message in messages), err


IMP_TRIED = {
    "abnormal_end": ["IMP-00009: abnormal end of export file", "with warnings."], "no_dump": ["IMP-00010", "IMP-00000"],
    "connect_failure": ["IMP-00058: ORACLE error 12154", "IMP-00000"], "account_locked": ["ORA-28000", "IMP-00000"],
    "wrong_password": ["ORA-01017", "IMP-00000"], "not_available": ["ORA-01034", "IMP-00000"],
}  # fmt: skip


@pytest.mark.parametrize("behaviour", imp.SPECIAL)
def test_each_special_behaviour_of_imp(station, behaviour):
    export(station, "tables=audit")
    err = show(station, behaviour=behaviour)[2]
    assert all(message in err for message in IMP_TRIED[behaviour]), err


def test_a_real_import_sends_the_rows_back(station, monkeypatch):
    export(station, "tables=audit")
    monkeypatch.setattr(Session, "execute", lambda self, statement: self.done.append(statement))
    code, _, err = show(station, "full=y", "touser=copy")
    assert code == 0 and '"AUDIT"          3 rows imported' in err
    create, insert = [each for each in station.done if each.startswith(("CREATE", "INSERT"))]
    assert create.startswith('CREATE TABLE "COPY"."AUDIT" ("EVENT_ID" NUMBER(12) NOT NULL, ')
    assert "select 1, 'u1', to_date('2026-01-02 03:04:05', 'YYYY-MM-DD HH24:MI:SS') from dual" in insert
    assert "COMMIT" in station.done
