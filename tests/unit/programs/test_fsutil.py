# SPDX-License-Identifier: GPL-3.0-or-later
"""fsutil: three numbers that agree with each other, or nothing."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import fsutil


@pytest.mark.parametrize(
    "printed, kb",
    [
        ("Total # of free bytes        : 2097152\nTotal # of bytes             : 4194304\nTotal # of avail free bytes  : 1048576\n", 1024),
        ("Anzahl freier Bytes : 2097152\nGesamtzahl der Bytes : 4194304\nAnzahl der verfügbaren freien Bytes : 1048576\n", 1024),
        ("Total free bytes : 2,097,152 (2.0 MB)\nTotal bytes : 4,194,304 (4.0 MB)\nTotal quota free bytes : 1,048,576 (1.0 MB)\n", 1024),
        ("Octets libres : 2\udcff097\udcff152\nOctets : 4\udcff194\udcff304\nLibres : 1\udcff048\udcff576\n", 1024),
        ("Error:  Access is denied.\n", None),
        ("a : 5\nb : 6\n", None),
        ("a : 9\nb : 6\nc : 9\n", None),
        ("", None),
    ],
)  # fmt: skip
def test_free_room(printed, kb):
    assert fsutil.available_kb(printed) == kb


def test_the_volume_is_asked_for():
    assert fsutil.free("D:\\audit\\x").words == ("fsutil", "volume", "diskfree", "D:")
