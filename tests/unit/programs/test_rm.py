# SPDX-License-Identifier: GPL-3.0-or-later
"""rm: one file by its full path."""

from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import rm


def test_the_words():
    assert rm.file("/backup/a b").words == ("rm", "-f", "/backup/a b")
