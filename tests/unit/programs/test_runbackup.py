# SPDX-License-Identifier: GPL-3.0-or-later
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import runbackup


def test_on_solaris_it_is_called_by_its_path():
    command = runbackup.run(runbackup.SOLARIS)
    assert command.words == ("/usr/mvf/bin/runbackup",) and command.folder is None


def test_on_windows_bash_runs_it_in_its_folder():
    command = runbackup.run(runbackup.WINDOWS)
    assert command.words == ("bash", "runbackup") and command.folder == "C:\\mvf\\bin"


def test_any_exit_code_is_an_end_and_none_is_success():
    assert {0, 1, 255} <= runbackup.run(runbackup.SOLARIS).expected
