# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the Migration Toolbox lies, and whether a program of it is there: yes, no, or not told."""

from __future__ import annotations

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Outcome, State
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import mig_tools

BAT = "C:\\mvf-mig6\\bin\\x.bat"
SH = "/usr/mvf-mig6/bin/x"


def answer(system, path, code, out="", state=State.ENDED):
    return Outcome(mig_tools.look(system, path), state, code, out.encode())


@pytest.mark.parametrize(
    ("system", "given", "folder"),
    [
        ("windows", None, "C:\\mvf-mig6\\bin"),
        ("windows", "E:\\mig\\", "E:\\mig"),
        ("solaris", None, "/usr/mvf-mig6/bin"),
        ("solaris", "/opt/mig/", "/opt/mig"),
        ("solaris", "/", "/"),
    ],
)
def test_the_vendors_folder_unless_the_site_has_another(system, given, folder):
    assert mig_tools.folder_of(system, given) == folder


def test_words():
    assert mig_tools.look("windows", BAT).words == ("dir", "/b", "/a-d", BAT) and mig_tools.look("windows", BAT).builtin
    assert mig_tools.look("solaris", SH).words == ("ls", "-lnd", SH)
    assert mig_tools.path("windows", "C:\\mvf-mig6\\bin", "x.bat") == BAT
    assert mig_tools.path("solaris", "/usr/mvf-mig6/bin", "x") == SH


@pytest.mark.parametrize(
    ("system", "path", "code", "out", "there"),
    [
        ("windows", BAT, 0, "X.BAT\r\n", True),
        ("windows", BAT, 0, "other.bat\r\n", False),
        ("windows", BAT, 1, "", False),
        ("windows", BAT, 5, "", None),
        ("solaris", SH, 0, "-rwxr-xr-x   1 101  101   900 Jan  2 03:04 /usr/mvf-mig6/bin/x\n", True),
        ("solaris", SH, 0, "lrwxrwxrwx   1 0  0   9 Jan  2 03:04 /usr/mvf-mig6/bin/x -> /opt/x\n", True),
        ("solaris", SH, 0, "drwxr-xr-x   1 0  0   9 Jan  2 03:04 /usr/mvf-mig6/bin/x\n", False),
        ("solaris", SH, 0, "", None),
        ("solaris", SH, 2, "", False),
        ("solaris", SH, 127, "", None),
    ],
)
def test_there_not_there_and_not_told(system, path, code, out, there):
    assert mig_tools.is_there(system, answer(system, path, code, out)) is there


@pytest.mark.parametrize("system", ["windows", "solaris"])
@pytest.mark.parametrize("state", [State.UNKNOWN, State.NOT_BEGUN])
def test_no_answer_is_not_told(system, state):
    assert mig_tools.is_there(system, answer(system, BAT, None, state=state)) is None
