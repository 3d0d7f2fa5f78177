# SPDX-License-Identifier: GPL-3.0-or-later
"""df -k: the five last fields tell; one path, one file system."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import df

HEADING = "Filesystem            kbytes    used   avail capacity  Mounted on\n"


@pytest.mark.parametrize(
    "line, available",
    [
        ("/dev/dsk/c0t0d0s7       9450    1045    7460    13%    /backup\n", 7460),
        ("/dev/vx/dsk/123 456 9450    1045    7460    13%    /backup\n", 7460),
        ("server.example:/export/backup\n                     9450    1045    7460    13%    /backup\n", 7460),
        ("/dev/dsk/c0t0d0s7       9450    9450    -945   111%    /backup\n", -945),
        ("df: (/backup      ) not a block device, directory or mounted resource\n", None),
        ("", None),
    ],
)
def test_free_room_of_one_path(line, available):
    assert df.available_kb(HEADING + line) == available


def test_two_file_systems_are_no_answer_for_one_path():
    line = "/dev/dsk/c0t0d0s7       9450    1045    7460    13%    /backup\n"
    assert df.available_kb(HEADING + line + line.replace("/backup", "/var")) is None
    assert df.available_kb("") is None


def test_the_words():
    assert df.free("/backup/a b").words == ("df", "-k", "/backup/a b")
