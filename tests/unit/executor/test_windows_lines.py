# SPDX-License-Identifier: GPL-3.0-or-later
"""Every line that the executor sends of its own accord, and what it does when an answer is not what it should be."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Command, Secret, State
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor import TransferFailed, windows_jobs
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor.windows import WindowsTransport
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor.windows_failures import Broken
from ansible_collections.impax.upgrade.plugins.plugin_utils.shells.cmd_limits import complaints

DATA = b"\0\xff" * 700


class Station:
    """Answers as a station would that has one file of `DATA`, runs every job at once, and is of Windows `version`.

    says: {pattern of a line: what it answers, or what it raises}, before anything else.
    """

    def __init__(self, version="6.0.6002", says=None):
        self.lines, self.inputs, self.version, self.says, self.begun = [], [], version, says or {}, False

    def use_codepage(self, number):
        pass

    def reset(self):
        self.lines.append("(reset)")

    def get_option(self, name):
        return "pw" if name == "remote_password" else None

    def run(self, line, stdin=None, into=None, **how):
        self.lines.append(line)
        self.inputs.append(stdin)
        for pattern, answer in self.says.items():
            if re.search(pattern, line):
                if isinstance(answer, Exception):
                    raise answer
                return answer
        return self._answer(line, stdin, into)

    def _answer(self, line, stdin, into):
        if into is not None:
            text = base64.encodebytes(DATA).replace(b"\n", b"\r\n")
            into.extend(b"-----BEGIN CERTIFICATE-----\r\n" + text + b"-----END CERTIFICATE-----\r\n")
        if "certutil -hashfile" in line:
            return 0, f"SHA1 hash:\r\n{hashlib.sha1(DATA).hexdigest()}\r\n@size {len(DATA)}\r\n".encode(), b""
        if "@size" in line:
            size = len(DATA) if "impax-jobs" not in line else len(self.inputs[-2] or b"")
            return 0, f"@size {size}\r\n".encode(), b""
        if "@folder" in line:
            return 0, b"@folder\r\n@started\r\n@alive\r\n@free \r\n@rc\r\n0\r\n" if self.begun else b"", b""
        self.begun |= "/run" in line
        if "/v:on" in line:
            return (
                0,
                b"".join(self._part(mark, number) for mark, number in re.findall(r"@(\w+) (\d+) e \^!", line)),
                b"",
            )
        return 0, b"Microsoft Windows [Version " + self.version.encode() + b"]\r\n", b""

    def _part(self, nonce, number):
        return f"@{nonce} {number} b\r\n@{nonce} {number} e 0 late\r\n".encode()


def carrier(**station):
    return WindowsTransport(Station(**station), user="impax", codec="cp850")


@pytest.fixture
def local(tmp_path):
    (tmp_path / "sent").write_bytes(DATA)
    return tmp_path


COMMAND = Command(("prog", "a b"), stdin=Secret("s", "x"), environment={"PW": Secret("t", "y")})


@pytest.mark.parametrize("version", ["5.2.3790", "6.0.6002"])
def test_no_line_is_a_trap(local, version):
    transport = carrier(version=version)
    transport.put(local / "sent", "C:\\a & b (c)\\x.bin")
    transport.fetch("C:\\a & b (c)\\x.bin", local / "back")
    assert transport.start_job("j", COMMAND).as_expected
    assert transport.job("j").state == "done"
    transport.forget_job("j")
    transport.run([Command(("f", "x"), stdin="p", creates="C:\\impax-jobs\\p")])
    assert len(transport.connection.lines) > 20
    assert {line: found for line in transport.connection.lines if (found := complaints(line))} == {}


def test_old_and_new_windows_are_asked_in_their_own_way():
    old, new = carrier(version="5.2.3790"), carrier()
    for transport in (old, new):
        transport.start_job("j", COMMAND)
    asked = {name: " ".join(transport.connection.lines) for name, transport in (("old", old), ("new", new))}
    assert "cacls" in asked["old"] and "icacls" not in asked["old"] and '"/np"' not in asked["old"]
    assert (
        "/st 00:00:00 /ru impax /rp pw" in asked["old"]
        and " /f" not in asked["old"].split("/create")[1].split("/run")[0]
    )
    assert "icacls" in asked["new"] and "/st 00:00 /ru impax /np /f" in asked["new"] and "pw" not in asked["new"]


def test_a_windows_that_does_not_say_its_version_is_not_guessed():
    outcome = carrier(version="unknown").start_job("j", COMMAND)
    assert outcome.state is State.NOT_BEGUN and "version" in outcome.why


def test_a_batch_file_that_did_not_arrive_whole_is_never_scheduled():
    transport = carrier(says={r"@size.*": (0, b"@size 3\r\n", b"")})
    outcome = transport.start_job("j", COMMAND)
    assert outcome.state is State.NOT_BEGUN and "expected" in outcome.why
    assert not any("schtasks" in line and "/create" in line for line in transport.connection.lines)


def test_a_scheduler_that_refuses_has_begun_nothing():
    transport = carrier(says={"/create": (1, b"", b"ERROR: Access is denied.\r\n")})
    outcome = transport.start_job("j", COMMAND)
    assert outcome.state is State.NOT_BEGUN and "Access is denied" in outcome.why
    assert any("rd /s /q" in line for line in transport.connection.lines)


def test_a_start_whose_answer_is_lost_is_unknown_and_nothing_is_taken_away():
    transport = carrier(says={"/run": Broken("cut")})
    assert transport.start_job("j", COMMAND).state is State.UNKNOWN
    assert not any("rd /s /q" in line for line in transport.connection.lines)


def test_whether_a_job_began_is_not_guessed_when_the_station_cannot_be_asked(monkeypatch):
    monkeypatch.setattr(windows_jobs, "BEGINS_WITHIN", 0.0)
    transport = carrier(says={"@folder": (0, b"@folder\r\n", b""), "mkdir .*started": (1, b"", b"disk full")})
    assert transport.job("j").state == "unknown"
    assert carrier(says={"@folder": Broken("cut")}).job("j").state == "unknown"


@pytest.mark.parametrize("code", [b"", b"x", b"1 2"])
def test_an_exit_code_that_cannot_be_read_is_unknown(code):
    told = b"@folder\r\n@started\r\n@alive\r\n@free \r\n@rc\r\n" + code + b"\r\n"
    state = carrier(says={"@folder": (0, told, b"")}).job("j")
    assert (state.state, state.exit_code) == ("unknown", None)


def test_a_file_with_another_sha1_is_no_copy(local):
    wrong = (0, f"{'0' * 40}\r\n@size {len(DATA)}\r\n".encode(), b"")
    transport = carrier(says={"-hashfile": wrong})
    with pytest.raises(TransferFailed, match="expected"):
        transport.put(local / "sent", "C:\\x.bin")
    assert not any("move" in line for line in transport.connection.lines)
    with pytest.raises(TransferFailed, match="expected"):
        transport.fetch("C:\\x.bin", local / "back")
    assert not (local / "back").exists()


def test_a_text_that_breaks_off_is_no_copy(local):
    class Cut(Station):
        def _answer(self, line, stdin, into):
            if into is not None:
                into.extend(b"-----BEGIN CERTIFICATE-----\r\nAAEC\r\nAA")
                return 0, b"", b""
            return super()._answer(line, stdin, into)

    transport = WindowsTransport(Cut(), user="impax", codec="cp850")
    with pytest.raises(TransferFailed, match="breaks off"):
        transport.fetch("C:\\x.bin", local / "back")
    assert [path.name for path in local.iterdir()] == ["sent"]


def test_what_waits_for_input_after_a_cut_is_ended_and_nothing_stays(local):
    transport = carrier(says={"findstr": Broken("cut")})
    with pytest.raises(TransferFailed):
        transport.put(local / "sent", "C:\\x.bin")
    assert "(reset)" in transport.connection.lines
    assert any(line.count("del /f /q") >= 3 for line in transport.connection.lines)
