# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a detached job, and what is read from its folder."""

from __future__ import annotations

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Command, Secret
from ansible_collections.impax.upgrade.plugins.plugin_utils.shells import Refused, cmd_jobs
from ansible_collections.impax.upgrade.plugins.plugin_utils.shells.cmd_jobs import Look
from ansible_collections.impax.upgrade.plugins.plugin_utils.shells.cmd_limits import complaints, file_complaints
from hypothesis import given
from hypothesis import strategies as st

ROOT, JOB = "C:\\impax-jobs", "backup-1"
PASSWORD = Secret("geheim&%PATH%", "password")


def files(command: Command) -> dict[str, str]:
    made = cmd_jobs.files(ROOT, JOB, command, "cp850")
    return {name: text.decode("cp850") for name, text in made.items()}


def test_the_program_is_called_with_its_streams_in_files():
    text = files(Command(("runbackup", "-t", "a b", "100%", 'x"y & z')))["job.bat"]
    line = '"runbackup" -t "a b" "100%%" ^"x\\^"y ^& z^" >"C:\\impax-jobs\\backup-1\\out"'
    assert line in text
    assert (
        '2>"C:\\impax-jobs\\backup-1\\err" <"nul"\r\n>"C:\\impax-jobs\\backup-1\\rc.new" echo %errorlevel%\r\n' in text
    )


def test_what_begins_first_is_the_folder_that_can_be_made_only_once():
    lines = files(Command(("x",)))["run.bat"].splitlines()
    assert lines.index("mkdir started 2>nul") < lines.index(">alive cmd.exe /d /c job.bat")
    assert lines[lines.index("mkdir started 2>nul") + 1] == "if errorlevel 1 exit /b 1"


def test_secrets_are_in_files_that_the_job_removes_itself():
    made = files(Command(("x",), stdin=PASSWORD, environment={"PW": PASSWORD}))
    assert [name for name, text in made.items() if "geheim" in text] == ["value0", "in"]
    assert made["value0"] == made["in"] == "geheim&%PATH%\r\n"
    lines = made["job.bat"].splitlines()
    call = next(number for number, line in enumerate(lines) if line.startswith('"x"'))
    assert lines.index('set /p "PW=" <"value0"') < lines.index("del /f /q value0") < call
    assert any(line.startswith("del") and "\\in" in line for line in lines[call:])


def test_a_private_file_is_there_and_the_input_is_empty():
    made = files(Command(("exp", "parfile=job.par"), stdin=PASSWORD, creates="job.par"))
    assert "geheim" in made["job.par"] and "in" not in made
    assert '<"nul"' in made["job.bat"] and 'del /f /q "C:\\impax-jobs\\backup-1\\job.par"' in made["job.bat"]


def test_a_batch_file_gets_a_cmd_of_its_own_so_that_its_end_is_not_ours():
    text = files(Command(("C:\\mvf\\bin\\x.bat", "a b")))["job.bat"]
    assert 'cmd.exe /d /s /c ^"^"C:\\mvf\\bin\\x.bat^" ^"a b^"^" >' in text


@pytest.mark.parametrize("command", [
    Command(("x", PASSWORD)), Command(("dir",), builtin=True), Command(("x", "日")), Command(("x", "a\nb")),
    Command(("x", "y" * 7600)),
    Command(("x.bat", "100%")), Command(("x",), environment={"A": "a\nb"}), Command(("x",), stdin="a", creates="C:\\p"),
    Command(("x",), environment={"A": "v" * 1001}), Command(("x",), environment={"A": ""}), Command(("x",), stdin="a", creates="value0"),
    Command(("x",), stdin="a", creates="RC"), Command(("x",), folder='C:\\a"b'),
])  # fmt: skip
def test_what_a_detached_job_cannot_carry_is_refused(command):
    with pytest.raises(Refused):
        cmd_jobs.files(ROOT, JOB, command, "cp850")


@pytest.mark.parametrize("root", ["C:\\a b", "impax", "\\\\server\\share", "C:\\x%y", "C:\\x\\", ""])
def test_the_folder_of_jobs_has_a_plain_name(root):
    with pytest.raises(Refused):
        cmd_jobs.place(root, JOB)


@pytest.mark.parametrize("job", ["a b", "..", "a\\b", "", "x" * 100, "a&b"])
def test_a_job_has_a_plain_name(job):
    with pytest.raises(Refused):
        cmd_jobs.place(ROOT, job)


@pytest.mark.parametrize("path", ["x.b64", "C:\\a%b", 'C:\\a"b', "C:\\*.dat", "C:x"])
def test_a_path_for_a_line_of_ours_is_absolute_and_has_no_sign_with_a_meaning(path):
    with pytest.raises(Refused):
        cmd_jobs.quotable(path)


def test_a_private_file_lies_where_the_rights_are_set():
    assert cmd_jobs.private_path(ROOT, "c:\\Impax-Jobs\\x.par") == "c:\\Impax-Jobs\\x.par"


@pytest.mark.parametrize(
    "path", ["C:\\x.par", "x.par", "C:\\impax-jobs\\a\\x.par", "C:\\impax-jobsx\\x", "C:\\impax-jobs\\"]
)
def test_a_private_file_elsewhere_is_refused(path):
    with pytest.raises(Refused):
        cmd_jobs.private_path(ROOT, path)


@given(st.lists(st.text(st.sampled_from('ab 1"\\%^&!|<>()=,;-é'), max_size=12), max_size=6))
def test_nothing_that_cmd_would_take_otherwise_is_written(words):
    command = Command(("prog", *words), stdin="x", environment={"A": "b"}, folder="C:\\x & y")
    for text in (files(command)["run.bat"], files(command)["job.bat"]):
        assert file_complaints(text) == []


def test_our_own_lines_hold_no_trap():
    assert complaints(cmd_jobs.look(ROOT, JOB)) == []
    assert complaints(cmd_jobs.size_of("C:\\x y\\z.dat")) == []


HELD = "@folder\r\n@started\r\n@alive\r\n"
FREE = f"{HELD}@free \r\n"


@pytest.mark.parametrize(("printed", "look"), [
    ("", Look()),
    ("@folder\r\n", Look(folder=True)),
    ("@folder\r\n@started\r\n", Look(folder=True, begun=True)),
    (f"{HELD}@at\r\n24.11.2026 11:44\r\n", Look(True, True, True, held=True, started="24.11.2026 11:44")),
    (FREE, Look(True, True, True)),
    (f"{FREE}@rc\r\n3010\r\n@at\r\nx\r\n", Look(True, True, True, ended=True, exit_code=3010, started="x")),
    (f"{FREE}@rc\r\n4294967295\r\n", Look(True, True, True, ended=True, exit_code=-1)),
    (f"{FREE}@rc\r\n", Look(True, True, True, ended=True)),
])  # fmt: skip
def test_what_is_there_is_read(printed, look):
    assert cmd_jobs.read_look(printed) == look


@pytest.mark.parametrize(
    ("printed", "size"), [("@size 12\r\n", 12), ("@size 0\r\n", 0), ("@size \r\n", None), ("", None)]
)
def test_a_size_is_read_or_not_there(printed, size):
    assert cmd_jobs.read_size(printed) == size
