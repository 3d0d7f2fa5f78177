# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of backupconfiguration, which of the medium's files it is, and the few lines of its output that mean something."""

from __future__ import annotations

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import backupconfiguration as program


@pytest.mark.parametrize(
    ("medium", "folder", "top"),
    [
        ("E:", "E:\\appserver", "E:\\"),
        ("E:\\", "E:\\appserver", "E:\\"),
        ("e:\\AppServer\\", "e:\\AppServer", "e:\\"),
        ("D:\\media\\cd 1", "D:\\media\\cd 1\\appserver", "D:\\media\\cd 1"),
        ("\\\\srv\\cd", "\\\\srv\\cd\\appserver", "\\\\srv\\cd"),
    ],
)
def test_the_folder_on_the_medium(medium, folder, top):
    assert program.folder_of(medium) == folder
    assert program.medium_of(folder) == top


@pytest.mark.parametrize(
    ("names", "file"),
    [
        (("setup.exe", "BackupConfiguration.BAT"), "BackupConfiguration.BAT"),
        (("backupconfiguration.cmd", "backupconfiguration.bat"), "backupconfiguration.bat"),
        (("backupconfiguration.exe", "backupconfiguration.bat"), "backupconfiguration.exe"),
        (("backupconfiguration.txt", "backupconfiguration"), None),
        ((), None),
    ],
)
def test_the_file_that_cmd_would_run(names, file):
    assert program.file_of(names) == file


def test_it_is_run_in_its_own_folder_without_words_and_without_input():
    command = program.save("E:\\appserver", "backupconfiguration.bat", user="AgfaService", timeout=90)
    assert command.words == ("E:\\appserver\\backupconfiguration.bat",)
    assert (command.folder, command.user, command.timeout, command.stdin) == ("E:\\appserver", "AgfaService", 90, "")
    assert command.program == program.NAME and command.expected == {0}


@pytest.mark.parametrize(
    ("printed", "errors", "prompted"),
    [
        ("", (), False),
        ("Backing up configuration\n12 File(s) copied\nBackup complete.\n", (), False),
        ("There is not enough space on the disk.\n        0 file(s) copied.\n",
         ("There is not enough space on the disk.", "0 file(s) copied."), False),
        ("x.config\nAccess is denied.\nAccess is denied.\n", ("Access is denied.",), False),
        ("        10 file(s) copied.\nPress any key to continue . . . ", (), True),
        ("Overwrite web.config (Yes/No/All)? ", (), True),
    ],
)  # fmt: skip
def test_what_is_read(printed, errors, prompted):
    said = program.read(printed)
    assert (said.prompted, len(said.errors)) == (prompted, len(errors))
    assert said.errors == errors


def test_ten_files_copied_are_not_none():
    assert not program.read("       10 file(s) copied.\n").errors
