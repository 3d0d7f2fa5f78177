# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import mt

AT = "HP DAT-72 tape drive:\n   sense key(0x0)= No Additional Sense   residual= 0   retries= 0\n   file no= {}   block no= {}\n"
NONE = "/dev/rmt/0n: no tape loaded or drive offline\n"


@pytest.mark.parametrize(
    ("printed", "code", "rewound", "loaded"),
    [(AT.format(0, 0), 0, True, True), (AT.format(1, 0), 0, False, True), (AT.format(0, 7), 0, False, True),
     (NONE, 1, None, False), ("", 0, None, None), ("", None, None, None)],
)  # fmt: skip
def test_where_the_tape_stands(printed, code, rewound, loaded):
    assert (mt.rewound(printed), mt.loaded(printed, code)) == (rewound, loaded)


def test_the_words():
    assert mt.status("/dev/rmt/0n").words == ("mt", "-f", "/dev/rmt/0n", "status")
