# SPDX-License-Identifier: GPL-3.0-or-later
"""del of cmd.exe: a built-in, one file, no question asked."""

from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import erase


def test_the_words():
    command = erase.file("D:\\a b\\x.txt")
    assert command.builtin and command.words == ("del", "/f", "/q", "D:\\a b\\x.txt")
