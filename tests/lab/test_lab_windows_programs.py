# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of Windows stations, called in memory: what they print, write and return."""

from __future__ import annotations

import base64
import codecs
import hashlib
import re
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from impax_lab import disks, faults, site, windows
from impax_lab.program import HeldCall, discover
from impax_lab.state import StationFolder
from impax_lab.windows import paths, texts, tls, wire, wsman
from impax_lab.windows.sql import charfile, connection, formatfile, native
from impax_lab.windows.sql.connection import Affected, LogonFailed, NoServer, Rows, Said
from impax_lab.windows.sql.values import Column, floating, text

SPEC = {
    "system": "windows", "release": "6.0.6002", "codec": "cp850", "hostname": "as300", "user": "AgfaService",
    "sqlserver": {"version": "9.00.5000.00", "collation": "Latin1_General_CI_AS"}, "disks": {"C:": 100, "D:": 1},
}  # fmt: skip


class Station(SimpleNamespace):
    """A station without a process: its files, its disks, its memory."""

    def host_path(self, cwd: str, name: str) -> Path:
        return paths.host_path(self.folder.root, cwd, name)

    def room(self, name: str, cwd: str = "") -> int:
        return self.disks.room(self.host_path(cwd, name))


@pytest.fixture
def make(tmp_path):
    """make(**what differs) -> a station."""

    def station(**differs):
        spec = site.from_dict({"stations": {"as300": {**SPEC, **differs}}}).station("as300")
        folder = StationFolder(tmp_path / "as300")
        folder.make()
        own = disks.Disks(folder, spec)
        own.prepare()
        (folder.root / "c/work").mkdir(exist_ok=True)
        return Station(spec=spec, folder=folder, disks=own, root=folder.root, name="as300")

    return station


PROGRAMS = discover("windows")


def call(station, *words: str, stdin: bytes = b"", behaviour: str | None = None, env=None, pretend=False) -> HeldCall:
    """The call after it has run; `code` is its exit code, `out` and `err` what it printed."""
    made = HeldCall(
        station, list(words), stdin, cwd="C:\\work", env=env or {}, user="AgfaService", windows=True
    )  # fmt: skip
    made.behaviour, made.pretend = behaviour, pretend
    made.code = faults.guarded(made, PROGRAMS[made.name].main)
    made.printed = made.sent[1].decode("cp850").replace("\r\n", "\n")
    made.complained = made.sent[2].decode("cp850").replace("\r\n", "\n")
    return made


def file(station, name: str, drive: str = "c") -> Path:
    return station.root / drive / "work" / name if drive == "c" else station.root / drive / name


# certutil ----------------------------------------------------------------------------------------------------------


def test_certutil_there_and_back(make):
    station = make()
    data = bytes(range(256)) * 9
    file(station, "a.bin").write_bytes(data)
    assert call(station, "certutil", "-encode", "a.bin", "a.b64").code == 0
    lines = file(station, "a.b64").read_bytes().split(b"\r\n")
    assert (lines[0], lines[-2]) == (b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----")
    assert {len(line) for line in lines[1:-3]} == {64}
    ran = call(station, "certutil", "-decode", "a.b64", "b.bin")
    assert file(station, "b.bin").read_bytes() == data
    assert ran.printed.endswith("\nCertUtil: -decode command completed successfully.\n")


def test_certutil_decodes_bare_base64_and_overwrites_only_with_f(make):
    station = make()
    file(station, "x.b64").write_bytes(base64.encodebytes(b"hello"))
    file(station, "x.bin").write_bytes(b"old")
    refused = call(station, "certutil", "-decode", "x.b64", "x.bin")
    assert (refused.code, file(station, "x.bin").read_bytes()) == (-2147024816, b"old")
    assert call(station, "certutil", "-f", "-decode", "x.b64", "x.bin").code == 0
    assert file(station, "x.bin").read_bytes() == b"hello"


@pytest.mark.parametrize(
    ("words", "content", "code"),
    [
        (["-decode", "f", "g"], b"$$$", -2147024883),
        (["-decode", "none", "g"], b"", -2147024894),
        (["-decode", "none\\f", "g"], b"", -2147024893),
        (["-encode", "f", "g"], b"", 0x800703EE - (1 << 32)),
        (["-hashfile", "f"], b"", 0x800703EE - (1 << 32)),
        (["-no-such", "f"], b"x", -2147024809),
        (["-encode", "f"], b"x", -2147024809),
    ],
)
def test_certutil_fails_with_windows_numbers(make, words, content, code):
    station = make()
    file(station, "f").write_bytes(content)
    ran = call(station, "certutil", *words)
    assert ran.code == code
    assert f"0x{code & 0xFFFFFFFF:08x}" in ran.printed
    assert not file(station, "g").exists()


def test_certutil_hashes_except_on_2003(make):
    station = make()
    file(station, "f").write_bytes(b"x")
    digest = hashlib.sha1(b"x").hexdigest()
    printed = call(station, "certutil", "-hashfile", "f", "SHA1").printed.split("\n")[1]
    assert printed.replace(" ", "") == digest
    assert printed.count(" ") == 19
    assert call(make(release="5.2.3790"), "certutil", "-hashfile", "f").code != 0


def test_certutil_on_a_full_disk(make):
    station = make()
    file(station, "big").write_bytes(bytes(1_500_000))
    ran = call(station, "certutil", "-encode", "big", "D:\\big.b64")
    assert "(WIN32: 112)" in ran.printed
    assert (station.root / "d/big.b64").stat().st_size == 1 << 20


# findstr -----------------------------------------------------------------------------------------------------------


def test_findstr_copies_bytes_and_ends_the_last_line(make):
    data = bytes(range(256)) + b"\nno end"
    assert call(make(), "findstr", "^", stdin=data).sent[1] == data + b"\r\n"


def test_findstr_of_2003_waits_for_the_line_end(make, monkeypatch):
    waited = []
    monkeypatch.setattr(HeldCall, "signalled", lambda self, wait: waited.append(wait))
    call(make(release="5.2.3790"), "findstr", "^", stdin=b"ended\n")
    assert not waited
    call(make(release="5.2.3790"), "findstr", "^", stdin=b"not ended")
    assert waited


@pytest.mark.parametrize(
    ("words", "printed", "code"),
    [
        (["findstr", "b"], "abc\nxb\n", 0),
        (["findstr", "/v", "b"], "ABC\n", 0),
        (["findstr", "/i", "abc"], "abc\nABC\n", 0),
        (["findstr", "/x", "/c:xb"], "xb\n", 0),
        (["findstr", "/n", "^x"], "3:xb\n", 0),
        (["findstr", "none"], "", 1),
        (["find", "/c", "b"], "2\n", 0),
        (["find", "/v", "b"], "ABC\n", 0),
        (["find", "none"], "", 1),
    ],
)
def test_findstr_and_find(make, words, printed, code):
    ran = call(make(), *words, stdin=b"abc\r\nABC\r\nxb\r\n")
    assert (ran.printed.lstrip("\n") if words[0] == "find" else ran.printed, ran.code) == (printed, code)


def test_unknown_switches_are_no_silence(make):
    for name in ("findstr", "find", "certutil", "icacls", "where", "whoami", "fsutil", "wmic", "fc", "bcp", "osql"):
        ran = call(make(), name, "/no-such-switch", "x")
        assert ran.code != 0, name
        assert ran.printed + ran.complained, name


# Small ones --------------------------------------------------------------------------------------------------------


def test_fsutil_and_wmic_tell_one_truth(make, monkeypatch):
    station = make()
    monkeypatch.setattr(windows, "running", lambda folder: SimpleNamespace(booted=datetime(2026, 1, 2, 3, 4, 5)))
    (station.root / "d/some").write_bytes(bytes(1000))
    free = str((1 << 20) - 1000)
    assert re.search(rf"free bytes +: {free}\n", call(station, "fsutil", "volume", "diskfree", "D:").printed)
    printed = call(station, "wmic", "logicaldisk", "where", "DeviceID='D:'", "get", "FreeSpace", "/value").sent[1]
    assert f"FreeSpace={free}\r\r\n".encode() in printed
    assert b"LastBootUpTime=20260102030405" in call(station, "wmic", "os", "get", "LastBootUpTime", "/value").sent[1]
    assert call(station, "fsutil", "volume", "diskfree", "E:").code == 1


def test_icacls_and_cacls_remember(make):
    station = make()
    file(station, "d").mkdir()
    words = ["icacls", "d", "/inheritance:r", "/grant:r", "*S-1-5-32-544:(OI)(CI)F", "SYSTEM:F"]
    assert call(station, *words).printed == (
        "processed file: d\nSuccessfully processed 1 files; Failed processing 0 files\n"
    )
    shown = call(station, "icacls", "D").printed
    assert "BUILTIN\\Administrators:(OI)(CI)F" in shown
    assert "Users" not in shown
    assert call(station, "cacls", "d", "/g", "x:F").code == 1  # nobody answered its question
    assert call(station, "cacls", "d", "/g", "x:F", stdin=b"y\r\n").code == 0
    assert "x:(F)" in call(station, "icacls", "d").printed
    assert call(station, "icacls", "none").code == 2


def test_fc_finds_the_byte(make):
    station = make()
    file(station, "a").write_bytes(b"abc")
    file(station, "b").write_bytes(b"aXc")
    assert "00000001: 62 58" in call(station, "fc", "/b", "a", "b").printed
    assert call(station, "fc", "/b", "a", "b").code == 1
    assert call(station, "fc", "/b", "a", "a").code == 0


def test_timeout_refuses_where_nobody_types(make):
    ran = call(make(), "timeout", "/t", "5")
    assert ran.code == 1
    assert "redirection is not supported" in ran.complained


# schtasks ----------------------------------------------------------------------------------------------------------


class Jobs:
    """The scheduler's side, without a machine."""

    def __init__(self):
        self.tasks, self.begun = {}, []

    def all(self):
        return self.tasks

    def create(self, name, run, user, at):
        self.tasks[name.lower()] = {"name": name, "run": run, "user": user, "at": at}

    def delete(self, name):
        return self.tasks.pop(name.lower(), None)

    def start(self, name):
        self.begun.append(name)

    def runs(self, name):
        return False


@pytest.fixture
def jobs(monkeypatch):
    machine = SimpleNamespace(jobs=Jobs(), passwords=lambda: {"AgfaService": "right"})
    monkeypatch.setattr(windows, "running", lambda folder: machine)
    return machine.jobs


CREATE = ["schtasks", "/create", "/tn", "j", "/tr", "C:\\j.bat", "/sc", "once", "/st"]


def test_the_two_generations_take_different_words(make, jobs):
    old, new = make(release="5.2.3790"), make()
    assert call(new, *CREATE, "00:00", "/ru", "SYSTEM", "/f").code == 0
    assert call(new, *CREATE, "00:00:00", "/ru", "SYSTEM", "/f").code == 1
    assert call(old, *CREATE, "00:00:00", "/ru", "SYSTEM", "/f").code == 1  # no /f there
    assert call(old, *CREATE, "00:00:00", "/ru", "SYSTEM", stdin=b"y\r\n").code == 0
    assert call(old, *CREATE, "00:00", "/ru", "SYSTEM", stdin=b"y\r\n").code == 1
    assert call(old, *CREATE, "00:00:00", "/ru", "AgfaService", "/np").code == 1
    assert call(new, *CREATE, "00:00", "/ru", "AgfaService", "/np", "/f").code == 0


def test_a_wrong_password_makes_no_task_in_2008_and_a_lame_one_in_2003(make, jobs):
    assert call(make(), *CREATE, "00:00", "/ru", "AgfaService", "/rp", "wrong").code == 1
    assert not jobs.tasks
    assert call(make(), *CREATE, "00:00", "/ru", "AgfaService", "/rp", "right").code == 0
    jobs.tasks.clear()
    ran = call(make(release="5.2.3790"), *CREATE, "00:00:00", "/ru", "AgfaService", "/rp", "wrong")
    assert (ran.code, list(jobs.tasks)) == (0, ["j"])
    assert "may not run" in ran.printed


def test_a_task_that_is_there_is_not_replaced_without_a_word(make, jobs):
    call(make(), *CREATE, "00:00", "/ru", "SYSTEM")
    assert call(make(), *CREATE, "00:01", "/ru", "SYSTEM").code == 1
    assert jobs.tasks["j"]["at"].minute == 0


def test_pretending_changes_nothing(make, jobs):
    assert call(make(), *CREATE, "00:00", "/ru", "SYSTEM", pretend=True).code == 0
    assert not jobs.tasks
    call(make(), *CREATE, "00:00", "/ru", "SYSTEM")
    assert "SUCCESS" in call(make(), "schtasks", "/run", "/tn", "j", behaviour="never_starts").printed
    assert not jobs.begun
    call(make(), "schtasks", "/run", "/tn", "\\j")
    assert jobs.begun == ["j"]


def test_a_line_too_long_for_a_task(make, jobs):
    words = [*CREATE[:5], "x" * 262, *CREATE[6:], "00:00", "/ru", "SYSTEM"]
    assert "261 character" in call(make(), *words).complained


# osql, sqlcmd ------------------------------------------------------------------------------------------------------

ID = Column("event_id", "int", nullable=False)
NAME = Column("user_id", "nvarchar", 12)
TWO = Rows((ID, NAME), [(1, "TEST^AUDIT"), (2, None)])
ERROR = Said(208, 16, 1, 1, "Invalid object name 'x'.")


class Session:
    """A server that answers each batch with the next list of answers."""

    def __init__(self, *answers):
        self.to_come, self.batches, self.closed = list(answers), [], False

    def close(self):
        self.closed = True


@pytest.fixture
def server(monkeypatch):
    """server(answers to the first batch, ...) -> session; `logons` on it are those asked for."""

    def use(*answers, failure: Exception | None = None):
        session = Session(*answers)
        session.logons = []

        def connect(call, logon):
            session.logons.append(logon)
            if failure:
                raise failure
            return session

        def answer(session, batch):
            session.batches.append(batch)
            return iter(session.to_come.pop(0) if session.to_come else [])

        monkeypatch.setattr(connection, "connect", connect)
        monkeypatch.setattr(connection, "answers", answer)
        return session

    return use


def test_osql_prints_a_blank_before_each_column_and_prompts_into_the_pipe(make, server):
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


def test_osql_without_numbers_headings_or_counts(make, server):
    server([Rows((Column("", "int"),), [(7,)])])
    assert call(make(), "osql", "-E", "-n", "-h-1", "-Q", "select 7").printed == "           7\n"


def test_sqlcmd_prints_as_its_transcript(make, server):
    server([Rows((Column("", "int"),), [(16777216,)]), Affected(1)])
    assert call(make(), "sqlcmd", "-E", "-Q", "SELECT count(*) FROM tbl").printed == (
        "           \n-----------\n   16777216\n\n(1 rows affected)\n"
    )


def test_osql_says_one_row(make, server):
    server([Affected(1)])
    assert call(make(), "osql", "-E", "-n", "-Q", "delete t").printed == "\n(1 row affected)\n"


def test_separator_width_and_trimming(make, server):
    long = Rows((Column("a", "varchar", 60), Column("b", "varchar", 60)), [("x", "y")])
    server([long], [long], [long])
    assert call(make(), "sqlcmd", "-E", "-W", "-s", "|", "-h-1", "-Q", "q").printed == "x|y\n"
    wide = call(make(), "osql", "-E", "-n", "-w", "65535", "-s", "~", "-h-1", "-Q", "q").printed
    assert wide == f"~{'x':<60}~{'y':<60}\n"
    assert len(call(make(), "osql", "-E", "-n", "-h-1", "-Q", "q").printed.splitlines()) == 2


def test_errors_leave_0_unless_b(make, server):
    server([ERROR], [ERROR], [ERROR, Affected(1)])
    ran = call(make(), "osql", "-E", "-n", "-Q", "q")
    assert ran.code == 0
    assert ran.printed == "Msg 208, Level 16, State 1, Server AS300, Line 1\nInvalid object name 'x'.\n"
    assert call(make(), "osql", "-E", "-n", "-b", "-Q", "q").code == 1
    session = server([ERROR], [Affected(1)])
    assert call(make(), "osql", "-E", "-n", "-b", stdin=b"q\ngo\nr\ngo\n").code == 1
    assert session.batches == ["q"]


def test_sqlcmd_v_and_raiserror_127(make, server):
    server([ERROR])
    assert call(make(), "sqlcmd", "-E", "-b", "-V", "11", "-Q", "q").code == 16
    session = server([Said(50000, 16, 127, 1, "stop")], [])
    assert call(make(), "osql", "-E", "-n", stdin=b"q\ngo\nr\ngo\n").code == 50000
    assert session.batches == ["q"]


def test_messages_go_where_r_says(make, server):
    for words, stream in ((["-r"], 1), (["-r0"], 1), (["-r1"], 2)):
        server([ERROR])
        assert call(make(), "osql", "-E", "-n", *words, "-Q", "q").sent[stream].startswith(b"Msg 208")
    server([ERROR])
    assert call(make(), "sqlcmd", "-E", "-r0", "-Q", "q").sent[2].startswith(b"Msg 208")


def test_print_is_the_text_alone(make, server):
    server([Said(0, 0, 1, 1, "hello")])
    assert call(make(), "osql", "-E", "-n", "-Q", "q").printed == "hello\n"


def test_the_password_comes_from_the_programs_own_variable(make, server):
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
def test_a_refused_logon(make, server, name, version, printed, complained):
    server(failure=LogonFailed(Said(18456, 14, 1, 1, "Login failed for user 'sa'.")))
    ran = call(make(sqlserver={"version": version}), name, "-U", "sa", "-P", "x", "-Q", "q")
    assert (ran.code, ran.printed, ran.complained) == (1, printed, complained)


def test_no_server(make, server):
    server(failure=NoServer(53))
    assert "SQL Server [53]" in call(make(), "osql", "-E", "-S", "other", "-Q", "q").printed
    assert "HResult 0x35" in call(make(), "sqlcmd", "-E", "-S", "other", "-Q", "q").complained


def test_batches_of_a_script(make, server):
    file(make(), "s.sql").write_bytes(b"use mvf\r\ngo\r\nselect 1\r\nselect 2\r\nGO 2\r\nrest\r\n")
    session = server()
    call(make(), "osql", "-E", "-n", "-i", "s.sql")
    assert session.batches == ["use mvf", "select 1\nselect 2", "select 1\nselect 2"]
    session = server()
    call(make(), "sqlcmd", "-E", "-i", "s.sql")
    assert session.batches[-1] == "rest"


def test_a_command_that_the_lab_does_not_know_is_loud(make, server):
    server()
    ran = call(make(), "sqlcmd", "-E", stdin=b":connect other\r\ngo\r\n")
    assert ran.code == 1
    assert ":connect" in ran.complained


def test_output_into_a_file_and_unicode(make, server):
    server([Rows((NAME,), [("Müller€",)])], [Rows((NAME,), [("Müller€",)])])
    station = make()
    call(station, "osql", "-E", "-n", "-h-1", "-o", "out.txt", "-Q", "q")
    assert file(station, "out.txt").read_bytes().startswith(" Müller?".encode("cp850"))
    call(station, "osql", "-E", "-n", "-h-1", "-u", "-o", "out.txt", "-Q", "q")
    assert file(station, "out.txt").read_bytes().decode("utf-16").startswith(" Müller€")


def test_isql_is_not_part_of_2005(make, server):
    server([TWO])
    assert call(make(), "isql", "-E", "-Q", "q").code == 9009
    assert call(make(sqlserver={"version": "8.00.2039"}), "isql", "-E", "-Q", "q").code == 0


def test_a_broken_link_after_the_batch(make, server):
    session = server([Affected(5)], [Affected(5)])
    ran = call(make(), "osql", "-E", "-n", stdin=b"a\ngo\nb\ngo\n", behaviour="link_failure")
    assert (ran.code, session.batches) == (1, ["a"])
    assert ran.printed == "[SQL Native Client]Communication link failure\n"


# bcp ---------------------------------------------------------------------------------------------------------------

COLUMNS = (
    ID, NAME, Column("at", "datetime"), Column("note", "ntext", -1), Column("stamp", "timestamp", 8, nullable=False),
    Column("price", "money"), Column("ok", "bit"),
)  # fmt: skip
MOMENT = datetime(2008, 2, 29, 13, 14, 15, 123000)
ROWS = [
    (1, "Müller", MOMENT, "two\r\nlines\tand a tab", b"\0\0\0\0\0\0\7\xd1", "12.5", True),
    (2, "", None, None, b"\0\0\0\0\0\0\7\xd2", None, False),
    (3, None, MOMENT, "", b"\0\0\0\0\0\0\7\xd3", "-0.0001", None),
]
OUT = ["bcp", "mvf..map_event_audit", "out", "a.bcp", "-T"]


def test_bcp_out_in_characters(make, server):
    session = server([Rows(COLUMNS, ROWS)])
    station = make()
    ran = call(station, *OUT, "-c", "-t", "|~|", "-r", "|#|\\n")
    assert session.batches == ["select * from mvf..map_event_audit"]
    assert file(station, "a.bcp").read_bytes() == (
        "1|~|Müller|~|2008-02-29 13:14:15.123|~|two\r\nlines\tand a tab|~|00000000000007D1|~|12.5000|~|1|#|\n"
        "2|~|\0|~||~||~|00000000000007D2|~||~|0|#|\n"
        "3|~||~|2008-02-29 13:14:15.123|~|\0|~|00000000000007D3|~|-0.0001|~||#|\n"
    ).encode("cp850")
    assert re.fullmatch(
        r"\nStarting copy\.\.\.\n\n3 rows copied\.\nNetwork packet size \(bytes\): 4096\n"
        r"Clock Time \(ms\.\) Total     : \d+ +Average : \(\d+\.\d\d rows per sec\.\)\n",
        ran.printed,
    )


def test_bcp_in_wide_characters_begins_with_its_mark(make, server):
    server([Rows((ID, NAME), [(1, "€")])])
    station = make()
    call(station, *OUT, "-w")
    assert file(station, "a.bcp").read_bytes() == codecs.BOM_UTF16_LE + "1\t€\r\n".encode("utf-16-le")


def test_the_oem_code_page_loses_what_it_has_not(make, server):
    for words, wanted in (([], b"M\x81ller?"), (["-C", "ACP"], b"M\xfcller\x80"), (["-C", "437"], b"M\x81ller?")):
        server([Rows((NAME,), [("Müller€",)])])
        station = make()
        call(station, *OUT, "-c", *words)
        assert file(station, "a.bcp").read_bytes() == wanted + b"\r\n"


def test_progress_every_thousand_rows_and_the_form_of_2000(make, server):
    server([Rows((ID,), [(n,) for n in range(2500)])])
    printed = call(make(sqlserver={"version": "8.00.2039"}), *OUT, "-c").printed
    assert re.findall(r"1000 rows successfully bulk-copied to host-file\. Total received: (\d+)", printed) == [
        "1000",
        "2000",
    ]
    assert "\n2500 rows copied.\n" in printed
    assert re.search(r"^Clock Time \(ms\.\): total +\d+$", printed, re.M)


def test_first_and_last_row(make, server):
    server([Rows((ID,), [(n,) for n in range(1, 10)])])
    station = make()
    call(station, *OUT, "-c", "-F", "3", "-L", "5")
    assert file(station, "a.bcp").read_bytes() == b"3\r\n4\r\n5\r\n"


def test_native_files_come_back_as_they_went():
    for wide in (False, True):
        data = b"".join(
            native.pack(value, column, wide, "cp1252")
            for row in ROWS
            for value, column in zip(row, COLUMNS, strict=True)
        )
        reader = native.Reader(data)
        back = [[reader.value(column, wide, "cp1252") for column in COLUMNS] for _ in ROWS]
        assert not reader.more()
        assert [[text(value, column.kind) for value, column in zip(row, COLUMNS, strict=True)] for row in back] == [
            [text(value, column.kind) for value, column in zip(row, COLUMNS, strict=True)] for row in ROWS
        ]


def test_native_bytes_are_those_of_the_books():
    """int without NULLs has no prefix; a nullable one has one byte; datetime is days and 1/300 s since 1900."""
    assert native.pack(1, ID, False, "cp1252") == b"\1\0\0\0"
    assert native.pack(1, Column("n", "int"), False, "cp1252") == b"\4\1\0\0\0"
    assert native.pack(None, Column("n", "int"), False, "cp1252") == b"\xff"
    assert native.pack(None, NAME, False, "cp1252") == b"\xff\xff"
    assert native.pack("ab", NAME, False, "cp1252") == b"\4\0a\0b\0"
    assert native.pack(datetime(1900, 1, 2, 0, 0, 1), Column("d", "datetime", nullable=False), False, "") == (
        b"\1\0\0\0\x2c\1\0\0"
    )


@pytest.mark.parametrize(
    ("asked", "made"),
    [("", b"\r\n"), ("\\n", b"\r\n"), ("0x0A", b"\n"), ("|\\n", b"|\n"), ("\\t\\0", b"\t\0"), ("||", b"||")],
)
def test_row_terminators(asked, made):
    assert charfile.terminator(asked, "\n", "cp850") == made


def test_a_terminator_within_the_data_shifts_the_fields():
    fields = [charfile.Field(ID, b"\t"), charfile.Field(NAME, b"\r\n")]
    assert list(charfile.rows(b"1\ta\tb\r\n", fields)) == [[b"1", b"a\tb"]]
    assert list(charfile.rows(b"1\ta\r\nb\r\n", fields)) == [[b"1", b"a"], None]


def test_format_files_are_read_as_they_are_written():
    written = formatfile.write(COLUMNS, 9, "Latin1_General_CI_AS", "c", ["|~|"] * 6 + ["|#|\r\n"])
    lines = written.splitlines()
    assert lines[:2] == ["9.0", "7"]
    assert lines[2].split() == ["1", "SQLCHAR", "0", "12", '"|~|"', "1", "event_id", '""']
    assert lines[3].split() == ["2", "SQLCHAR", "0", "24", '"|~|"', "2", "user_id", "Latin1_General_CI_AS"]
    entries = formatfile.read(written)
    assert [entry.terminator for entry in entries] == ["|~|"] * 6 + ["|#|\r\n"]
    with pytest.raises(formatfile.Broken):
        formatfile.read(written.replace("7\n", "8\n", 1))


@pytest.mark.parametrize(
    ("behaviour", "rows", "total", "code"),
    [
        (None, 3, 3, 0),
        ("failed_but_zero", 1, None, 0),
        ("no_total", 1, None, 0),
        ("total_differs", 2, 3, 0),
        ("truncated_file", 2, 3, 0),
        ("io_error", 1, None, 1),
    ],
)
def test_how_bcp_lies(make, server, behaviour, rows, total, code):
    server([Rows((ID, NAME), [(1, "a"), (2, "b"), (3, "ccc")])])
    station = make()
    ran = call(station, *OUT, "-c", behaviour=behaviour)
    found = re.search(r"^(\d+) rows copied\.$", ran.printed, re.M)
    assert (int(found[1]) if found else None, ran.code) == (total, code)
    assert file(station, "a.bcp").read_bytes().count(b"\r\n") == rows
    assert ("BCP copy out failed" in ran.printed) == (behaviour in ("failed_but_zero", "io_error"))


def test_a_disk_that_fills_up(make, server):
    server([Rows((NAME,), [("x" * 12,)] * 100_000)])
    station = make()
    ran = call(station, "bcp", "t", "out", "D:\\a.bcp", "-c", "-T")
    assert ran.code == 1
    assert "I/O error while writing BCP data-file" in ran.printed
    assert (station.root / "d/a.bcp").stat().st_size == 1 << 20


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        (ERROR, "SQLState = S0002, NativeError = 208\n"),
        (Said(170, 15, 1, 1, "Line 1: Incorrect syntax near 'timok_date'."), "SQLState = 37000, NativeError = 170\n"),
    ],
)
def test_server_errors_with_their_states(make, server, said, printed):
    server([said])
    ran = call(make(), "bcp", "select", "queryout", "a", "-c", "-T")
    assert (ran.code, ran.printed.startswith(printed)) == (1, True)
    assert "NativeError = 8180" in ran.printed
    assert "copied" not in ran.printed


def test_bcp_cannot_log_on(make, server):
    server(failure=LogonFailed(Said(18456, 14, 1, 1, "Login failed for user 'sa'.")))
    assert call(make(), *OUT, "-c").printed == (
        "SQLState = 28000, NativeError = 18456\n"
        "Error = [Microsoft][SQL Native Client][SQL Server]Login failed for user 'sa'.\n"
    )
    server(failure=NoServer(53))
    printed = call(make(), *OUT, "-c").printed
    assert re.findall(r"SQLState = (\w+), NativeError = (\d+)", printed) == [
        ("08001", "53"),
        ("08001", "53"),
        ("S1T00", "0"),
    ]


def test_bcp_asks_where_nothing_says_the_form(make, server):
    server([Rows((ID, NAME), [(1, "a")])])
    ran = call(make(), *OUT)
    assert ran.code == 1
    assert ran.printed.startswith("Enter the file storage type of field event_id [int]: ")
    server([Rows((ID, NAME), [(1, "a")])])
    ran = call(make(), *OUT, stdin=b"\r\n" * 7 + b"n\r\n")
    assert ran.code == 0
    assert "1 rows copied." in ran.printed


# Parts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        (None, "int", "NULL"), (True, "bit", "1"), (b"\1\xab", "varbinary", "0x01AB"), ("12", "money", "12.0000"),
        ("2008-01-02", "datetime", "2008-01-02 00:00:00.000"), (MOMENT, "smalldatetime", "2008-02-29 13:14:15"),
        (0.1, "float", "0.1"), (1e20, "float", "1e+020"), (3.0, "float", "3.0"),
    ],
)  # fmt: skip
def test_values_as_the_clients_print_them(value, kind, shown):
    assert text(value, kind) == shown


def test_floats_have_windows_exponents():
    assert floating(1.5e-7, 15) == "1.5e-007"


def test_paths_have_no_case_and_never_leave_the_station(tmp_path):
    (tmp_path / "c/Program Files/X").mkdir(parents=True)
    assert paths.host_path(tmp_path, "C:\\", "program files\\x\\New.txt") == tmp_path / "c/Program Files/X/New.txt"
    assert paths.host_path(tmp_path, "C:\\a", "..\\..\\..\\b") == tmp_path / "c/b"
    assert paths.host_path(tmp_path, "C:\\a", "\\b") == tmp_path / "c/b"
    assert paths.host_path(tmp_path, "C:\\a", "d:/x/y") == tmp_path / "d/x/y"
    for outside in ("\\\\server\\share\\x", "\\\\?\\UNC\\x"):
        with pytest.raises(FileNotFoundError):
            paths.host_path(tmp_path, "C:\\a", outside)


def test_wines_words_become_windows_words_piece_by_piece():
    unknown = []
    errors = texts.Errors('"foo bar.exe" x', unknown.append)
    printed = b"".join(
        errors(piece, piece == b"")
        for piece in (b"File not found.\r\n", b"\r\n", b"Can't recognize '\"foo bar.exe\" x' as an internal or external "
                      b"command, or batch script.\r\n", b"")
    )  # fmt: skip
    assert printed.startswith(b"The system cannot find the file specified.\r\n'foo bar.exe' is not recognized")
    assert unknown == ["foo bar.exe"]
    assert texts.lists_folders("cd x & dir /b") and not texts.lists_folders("mkdir x & echo redirect")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT20S", 20), ("PT1M5.5S", 65.5), ("PT1H", 3600), ("P1DT1S", 86401), ("7", 7), ("x", 60), ("", 60)],
)
def test_durations(text, seconds):
    assert wsman.duration(text, 60.0) == seconds


def test_what_is_no_message_is_a_fault():
    for message in (b"", b"<a>", b"<a/>"):
        with pytest.raises(wsman.Fault) as raised:
            wsman.parse(message)
        assert raised.value.subcode == "w:SchemaValidationError"


def test_variables_whose_names_begin_with_an_equals_sign():
    assert wire.variables(wire.fields("=C:=C:\\x", "A=b=c", "none")) == {"=C:": "C:\\x", "A": "b=c"}


def test_tls_is_as_old_as_the_station(tmp_path):
    """A client of today refuses it; one that stoops to TLS 1.0 gets in."""
    import socket
    import ssl
    import threading

    server = tls.context(tmp_path, "as300", "1.0")

    def shake(client: ssl.SSLContext) -> str | None:
        ours, theirs = socket.socketpair()

        def answer() -> None:
            try:
                server.wrap_socket(theirs, server_side=True).close()
            except OSError:
                theirs.close()

        worker = threading.Thread(target=answer)
        worker.start()
        try:
            with client.wrap_socket(ours, server_hostname="localhost") as secured:
                return secured.version()
        finally:
            worker.join()

    client = ssl.create_default_context(cafile=str(tls.certificate(tmp_path)))
    with pytest.raises(ssl.SSLError):
        shake(client)
    with pytest.warns(DeprecationWarning):
        client.minimum_version = ssl.TLSVersion.TLSv1
    client.set_ciphers("DEFAULT@SECLEVEL=0")
    assert shake(client) == "TLSv1"
    assert (tls.certificate(tmp_path).stat().st_mode & 0o77) == 0
