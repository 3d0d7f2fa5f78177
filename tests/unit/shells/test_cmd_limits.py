# SPDX-License-Identifier: GPL-3.0-or-later
"""The checker of cmd.exe's traps."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Command
from ansible_collections.impax.upgrade.plugins.plugin_utils.shells import Refused, cmd
from ansible_collections.impax.upgrade.plugins.plugin_utils.shells.cmd_limits import complaints, file_complaints
from hypothesis import given
from hypothesis import strategies as st

TRAPS = [
    "x & echo %errorlevel%", "echo %ERRORLEVEL%", 'echo "%PATH%"', "x & echo 100%", "call x.bat", "x & call y.bat",
    "(call x)", "start /b x", "x| start y", "@start x", "pause", "set /p a=b", "powershell -c x", "echo a1>f", "x && y",
    "x || y", "goto :eof", "a\nb", "x" * 8001, "if exist a b& c", "x& if errorlevel 1 echo y& z",
    'cmd /c ^"start x^"', 'cmd /v:on /c ^"a^& if exist b c^& d^"', "for %i in (x) do call %i",
    "if exist a (b) else start c",
]  # fmt: skip
FINE = [
    'echo "a & call b"', "echo ^&^& ^| ^< ^>", "x 2>&1", "x >f 2>g", "echo !errorlevel!", "(if exist a echo b)& c",
    'for %i in ("C:\\x y") do @echo @size %~zi', "for %i in (bcp.exe) do @echo %~$PATH:i", '"callable" x', "echo start",
    'echo "start & pause"', "dir /b",
]  # fmt: skip


@pytest.mark.parametrize("line", TRAPS)
def test_a_trap_is_found(line):
    assert complaints(line)


@pytest.mark.parametrize("line", FINE)
def test_what_cmd_reads_as_it_stands_is_left_alone(line):
    assert complaints(line) == []


@given(st.lists(st.text(st.sampled_from('ab 1"\\%^&!|<>()=,;-'), max_size=12), max_size=6))
def test_no_line_of_ours_is_a_trap(words):
    command = Command(("prog", *words))
    for made in (lambda: cmd.line(command), lambda: cmd.batch([command, command], "n0")[0].text):
        try:
            line = made()
        except Refused:
            continue
        assert complaints(line) == []


@pytest.mark.parametrize("text", ["x & echo %errorlevel%", "call x.bat", "echo 100%", "echo %PATH%", "x && y"])
def test_a_trap_in_a_batch_file_is_found(text):
    assert file_complaints(f"@echo off\n{text}\n")[0].startswith("line 2: ")


@pytest.mark.parametrize(
    "text",
    [
        ">rc echo %errorlevel%",
        "echo 100%%",
        "goto over",
        ":over",
        "for /f %%a in (x) do set %%a",
        ">at echo %DATE% %TIME%",
        'set /p "A=" <"file"',
    ],
)
def test_what_a_batch_file_may_hold_is_left_alone(text):
    assert file_complaints(text) == []
