# SPDX-License-Identifier: GPL-3.0-or-later
"""ls -lnd of one path."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Outcome, State
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import ls


@pytest.mark.parametrize(
    "printed, entry",
    [
        (
            "-rw-------   1 103      14          4096 Nov 24 12:00 /backup/x.dmp\n",
            ls.Entry("-", "rw-------", 103, 4096),
        ),
        ("drwxr-xr-x+  2 0        0            512 Nov 24  2025 /backup/a b\n", ls.Entry("d", "rwxr-xr-x", 0, 512)),
        ("/backup/x.dmp: No such file or directory\n", None),
        ("crw-rw-rw-   1 0        3         13,  2 Nov 24 12:00 /dev/null\n", None),
        ("", None),
    ],
)
def test_one_path(printed, entry):
    assert ls.read(printed) == entry


def test_a_missing_path_is_an_answer_too():
    assert ls.entry("/x").expected == {0, 1, 2}


@pytest.mark.parametrize(
    ("out", "err", "exit_code", "there"),
    [
        ("-rw-------   1 103      14          4096 Nov 24 12:00 /b/x\n", "", 0, True),
        ("", "/b/x: No such file or directory\n", 2, False),
        ("", "/b/x: Permission denied\n", 2, None),
        ("", "/b/x: Datei oder Verzeichnis nicht gefunden\n", 2, None),
        ("", "", 0, None),
        ("", "", None, None),
    ],
)
def test_only_its_own_words_say_that_a_path_is_not_there(out, err, exit_code, there):
    state = State.UNKNOWN if exit_code is None else State.ENDED
    assert ls.there(Outcome(ls.entry("/b/x"), state, exit_code, out.encode(), err.encode())) is there
