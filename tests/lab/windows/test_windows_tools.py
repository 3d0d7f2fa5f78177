# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows' own tools as the lab has them, called in memory."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime
from types import SimpleNamespace

import pytest
from impax_lab import windows
from impax_lab.program import HeldCall


def test_certutil_there_and_back(make, call, file):
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


def test_certutil_decodes_bare_base64_and_overwrites_only_with_f(make, call, file):
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
def test_certutil_fails_with_windows_numbers(make, words, content, code, call, file):
    station = make()
    file(station, "f").write_bytes(content)
    ran = call(station, "certutil", *words)
    assert ran.code == code
    assert f"0x{code & 0xFFFFFFFF:08x}" in ran.printed
    assert not file(station, "g").exists()


def test_certutil_hashes_except_on_2003(make, call, file):
    station = make()
    file(station, "f").write_bytes(b"x")
    digest = hashlib.sha1(b"x").hexdigest()
    printed = call(station, "certutil", "-hashfile", "f", "SHA1").printed.split("\n")[1]
    assert printed.replace(" ", "") == digest
    assert printed.count(" ") == 19
    assert call(make(release="5.2.3790"), "certutil", "-hashfile", "f").code != 0


def test_certutil_on_a_full_disk(make, call, file):
    station = make()
    file(station, "big").write_bytes(bytes(1_500_000))
    ran = call(station, "certutil", "-encode", "big", "D:\\big.b64")
    assert "(WIN32: 112)" in ran.printed
    assert (station.root / "d/big.b64").stat().st_size == 1 << 20


def test_findstr_copies_bytes_and_ends_the_last_line(make, call):
    data = bytes(range(256)) + b"\nno end"
    assert call(make(), "findstr", "^", stdin=data).sent[1] == data + b"\r\n"


def test_findstr_of_2003_waits_for_the_line_end(make, monkeypatch, call):
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
def test_findstr_and_find(make, words, printed, code, call):
    ran = call(make(), *words, stdin=b"abc\r\nABC\r\nxb\r\n")
    assert (ran.printed.lstrip("\n") if words[0] == "find" else ran.printed, ran.code) == (printed, code)


def test_unknown_switches_are_no_silence(make, call):
    for name in ("findstr", "find", "certutil", "icacls", "where", "whoami", "fsutil", "wmic", "fc", "bcp", "osql"):
        ran = call(make(), name, "/no-such-switch", "x")
        assert ran.code != 0, name
        assert ran.printed + ran.complained, name


def test_fsutil_and_wmic_tell_one_truth(make, monkeypatch, call):
    station = make()
    monkeypatch.setattr(windows, "running", lambda folder: SimpleNamespace(booted=datetime(2026, 1, 2, 3, 4, 5)))
    (station.root / "d/some").write_bytes(bytes(1000))
    free = str((1 << 20) - 1000)
    assert re.search(rf"free bytes +: {free}\n", call(station, "fsutil", "volume", "diskfree", "D:").printed)
    printed = call(station, "wmic", "logicaldisk", "where", "DeviceID='D:'", "get", "FreeSpace", "/value").sent[1]
    assert f"FreeSpace={free}\r\r\n".encode() in printed
    assert b"LastBootUpTime=20260102030405" in call(station, "wmic", "os", "get", "LastBootUpTime", "/value").sent[1]
    assert call(station, "fsutil", "volume", "diskfree", "E:").code == 1


def test_icacls_and_cacls_remember(make, call, file):
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


def test_fc_finds_the_byte(make, call, file):
    station = make()
    file(station, "a").write_bytes(b"abc")
    file(station, "b").write_bytes(b"aXc")
    assert "00000001: 62 58" in call(station, "fc", "/b", "a", "b").printed
    assert call(station, "fc", "/b", "a", "b").code == 1
    assert call(station, "fc", "/b", "a", "a").code == 0


def test_timeout_refuses_where_nobody_types(make, call):
    ran = call(make(), "timeout", "/t", "5")
    assert ran.code == 1
    assert "redirection is not supported" in ran.complained


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


def test_the_two_generations_take_different_words(make, jobs, call):
    old, new = make(release="5.2.3790"), make()
    assert call(new, *CREATE, "00:00", "/ru", "SYSTEM", "/f").code == 0
    assert call(new, *CREATE, "00:00:00", "/ru", "SYSTEM", "/f").code == 1
    assert call(old, *CREATE, "00:00:00", "/ru", "SYSTEM", "/f").code == 1  # no /f there
    assert call(old, *CREATE, "00:00:00", "/ru", "SYSTEM", stdin=b"y\r\n").code == 0
    assert call(old, *CREATE, "00:00", "/ru", "SYSTEM", stdin=b"y\r\n").code == 1
    assert call(old, *CREATE, "00:00:00", "/ru", "AgfaService", "/np").code == 1
    assert call(new, *CREATE, "00:00", "/ru", "AgfaService", "/np", "/f").code == 0


def test_a_wrong_password_makes_no_task_in_2008_and_a_lame_one_in_2003(make, jobs, call):
    assert call(make(), *CREATE, "00:00", "/ru", "AgfaService", "/rp", "wrong").code == 1
    assert not jobs.tasks
    assert call(make(), *CREATE, "00:00", "/ru", "AgfaService", "/rp", "right").code == 0
    jobs.tasks.clear()
    ran = call(make(release="5.2.3790"), *CREATE, "00:00:00", "/ru", "AgfaService", "/rp", "wrong")
    assert (ran.code, list(jobs.tasks)) == (0, ["j"])
    assert "may not run" in ran.printed


def test_a_task_that_is_there_is_not_replaced_without_a_word(make, jobs, call):
    call(make(), *CREATE, "00:00", "/ru", "SYSTEM")
    assert call(make(), *CREATE, "00:01", "/ru", "SYSTEM").code == 1
    assert jobs.tasks["j"]["at"].minute == 0


def test_pretending_changes_nothing(make, jobs, call):
    assert call(make(), *CREATE, "00:00", "/ru", "SYSTEM", pretend=True).code == 0
    assert not jobs.tasks
    call(make(), *CREATE, "00:00", "/ru", "SYSTEM")
    assert "SUCCESS" in call(make(), "schtasks", "/run", "/tn", "j", behaviour="never_starts").printed
    assert not jobs.begun
    call(make(), "schtasks", "/run", "/tn", "\\j")
    assert jobs.begun == ["j"]


def test_a_line_too_long_for_a_task(make, jobs, call):
    words = [*CREATE[:5], "x" * 262, *CREATE[6:], "00:00", "/ru", "SYSTEM"]
    assert "261 character" in call(make(), *words).complained


def test_net_and_sc_share_the_services(make, call):
    station = make(services={"MSSQLSERVER": "running", "Idle": "stopped"})
    assert "STATE              : 4  RUNNING" in call(station, "sc", "query", "mssqlserver").printed
    stopped = call(station, "net", "stop", "MSSQLSERVER", "/y")
    assert "The SQL Server (MSSQLSERVER) service was stopped successfully." in stopped.printed
    assert "STATE              : 1  STOPPED" in call(station, "sc", "query", "MSSQLSERVER").printed
    again = call(station, "net", "stop", "MSSQLSERVER")
    assert (again.code, "NET HELPMSG 3521" in again.complained) == (2, True)
    assert "NET HELPMSG 2185" in call(station, "net", "start", "none").complained
    assert call(station, "sc", "query", "none").code == 1060
    assert call(station, "osql", "-E", "-n", "-Q", "select 1").code == 1
    assert call(station, "sc", "start", "MSSQLSERVER").code == 0
    assert "NET HELPMSG 2182" in call(station, "net", "start", "SQL Server (MSSQLSERVER)").complained
    assert call(station, "net", "user").code == 1


def test_a_service_that_will_not_stop(make, call):
    station = make(services={"MSSQLSERVER": "running"})
    assert call(station, "net", "stop", "MSSQLSERVER", behaviour="cannot_stop").code == 2
    assert "4  RUNNING" in call(station, "sc", "query", "MSSQLSERVER").printed
    call(station, "sc", "stop", "MSSQLSERVER", behaviour="pending")
    assert "3  STOP_PENDING" in call(station, "sc", "query", "MSSQLSERVER").printed
