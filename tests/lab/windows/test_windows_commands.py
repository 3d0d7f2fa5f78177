# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands on Windows stations: words, bytes, codes, code pages, process trees and scheduled jobs."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest
from impax_lab.windows import shells
from winrm.exceptions import WSManFaultError

pytestmark = pytest.mark.lab


@pytest.mark.parametrize("code", [0, 1, 255, 256, 3010, 2147483647, -1, -2147483648])
def test_exit_codes_have_32_bits_and_a_sign(wa, code):
    assert wa.run(f"exit {code}") == (code, b"", b"")


def test_the_two_outputs_stay_apart(wa):
    assert wa.run("echo good& echo bad>&2") == (0, b"good\r\n", b"bad\r\n")


def test_a_megabyte_in_and_out_byte_for_byte(site, wa, drive):
    data = random.Random(7).randbytes(1_000_000) + b"\n"
    assert wa.run('findstr "^" >C:\\mega.bin', data)[0] == 0
    assert (drive(site, "wa") / "mega.bin").read_bytes() == data
    code, out, _ = wa.run('findstr "^" C:\\mega.bin')
    assert (code, out) == (0, data)


@pytest.mark.parametrize(
    ("codepage", "printed"),
    [(437, b"\x82?\xe1\x81"), (850, b"\x82?\xe1\x81"), (1252, b"\xe9\x80\xdf\xfc"), (65001, "é€ßü".encode())],
)
def test_cmd_writes_in_the_code_page_of_the_shell(site, codepage, printed, shell):
    with shell(site, codepage=codepage) as client:
        assert client.run("chcp") == (0, b"Active code page: %d\r\n" % codepage, b"")
        assert client.run("echo é€ßü") == (0, printed + b"\r\n", b"")


def test_the_shell_has_its_variables_and_its_folder(site, shell, drive):
    folder = drive(site, "wa") / "my place"
    folder.mkdir()
    with shell(site, env_vars={"SECRET": "a %x% & b"}, working_directory="C:\\my place") as client:
        assert client.run("set SECRET") == (0, b"SECRET=a %x% & b\r\n", b"")
        assert client.run("cd") == (0, b"C:\\my place\r\n", b"")
        listed = client.run("set")[1].decode().lower()
        assert "username=agfaservice" in listed
        assert "computername=wa" in listed
        assert str(Path.home()).lower() not in listed
        assert "=lab" not in listed
    with shell(site) as client:
        assert client.run("set SECRET")[0] != 0


WORDS = ["", "a b", 'say "x"', "c:\\end\\", "50%", "%OS%", "^&|<>()!", "é€日本", "*.*", '\\"', "a\tb"]


def test_words_arrive_as_they_were_meant(site, wa):
    """Without cmd.exe nothing but the C run-time library's rules stands between client and program."""
    from subprocess import list2cmdline  # those very rules

    wa.run(list2cmdline(["hostname", *WORDS]), direct=True)
    assert site.calls("wa", "hostname")[-1]["words"] == ["hostname", *WORDS]


def test_a_program_that_is_not_there_is_a_fault_without_cmd_and_a_message_with_it(site, shell, wa):
    with pytest.raises(WSManFaultError) as raised:
        wa.run("C:\\no\\such.exe", direct=True)
    assert raised.value.wsman_fault_code == 2
    with pytest.raises(WSManFaultError) as raised, shell(site, working_directory="C:\\none") as lost:
        lost.run("ver")
    assert raised.value.wsman_fault_code == 267
    code, out, err = wa.run("nosuch.exe a b")
    assert (code, out) == (1, b"")
    assert err.startswith(b"'nosuch.exe' is not recognized as an internal or external command,\r\n")
    call = site.calls("wa", "nosuch")[-1]
    assert (call["known"], call["user"]) == (False, "AgfaService")


def test_the_longest_line_runs_and_one_more_character_runs_nothing_and_says_0(wa):
    start, room = "echo ", shells.LONGEST_LINE - len(f'{shells.COMSPEC} /C ""')
    longest = start + "x" * (room - len(start))
    assert wa.run(longest) == (0, b"x" * (room - len(start)) + b"\r\n", b"")
    assert wa.run(longest + "x") == (0, b"", b"")
    assert wa.run("exit 7 " + "x" * room) == (0, b"", b"")


def test_a_long_line_with_an_unquoted_program_runs(site, wa):
    wa.run("hostname " + "y" * 7000)
    assert site.calls("wa", "hostname")[-1]["words"] == ["hostname", "y" * 7000]


def test_eight_shells_at_once(site, protocol, new_client):
    clients = [new_client(protocol(site.variables("wa"))) for _ in range(8)]
    commands = [(client, number, client.start(f"hostname & exit {number}")) for number, client in enumerate(clients)]
    for client, number, command in commands:
        assert client.protocol.get_command_output(client.shell, command) == (b"wa\r\n", b"", number)
        client.protocol.close_shell(client.shell)


def test_terminate_ends_the_whole_tree(site, wa, running, gone):
    command = wa.start("ping -n 60 127.0.0.1")
    until = time.monotonic() + 5
    while not running(site, "wa", "ping") and time.monotonic() < until:
        time.sleep(0.05)
    assert running(site, "wa", "ping")
    wa.protocol.cleanup_command(wa.shell, command)
    assert gone(site, "wa", "ping")


def test_what_start_b_begins_dies_with_its_command(site, wa, gone):
    assert wa.run("start /b ping -n 60 127.0.0.1 >nul")[0] == 0
    assert gone(site, "wa", "ping")


def test_a_scheduled_job_outlives_its_shell(site, shell, drive):
    with shell(site) as client:
        batch = b"@echo off\r\nping -n 2 127.0.0.1 >nul\r\nwhoami >C:\\jobs\\who\r\nexit /b 42\r\n"
        client.run('mkdir C:\\jobs & findstr "^" >C:\\jobs\\one.bat', batch)
        created = client.run("schtasks /create /tn one /tr C:\\jobs\\one.bat /sc once /st 00:00 /ru SYSTEM /f")
        assert created[0] == 0
        assert client.run("schtasks /run /tn one")[0] == 0
    with shell(site) as client:
        assert b"Running" in client.run("schtasks /query /tn one /fo list /v")[1]
        until = time.monotonic() + 15
        while b"Running" in client.run("schtasks /query /tn one /fo list /v")[1] and time.monotonic() < until:
            time.sleep(0.1)
        seen = client.run("schtasks /query /tn one /fo list /v")[1].decode()
        assert re.search(r"Last Result: +42\r", seen)
        assert (drive(site, "wa") / "jobs/who").read_bytes() == b"nt authority\\system\r\n"
        assert client.run("schtasks /delete /tn one /f")[0] == 0
        assert client.run("schtasks /query /tn one")[0] == 1
