# SPDX-License-Identifier: GPL-3.0-or-later
"""sp_spaceused: one row, whatever the client makes of it."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import sp_spaceused

HEADING = "name        rows        reserved           data               index_size         unused\n"


@pytest.mark.parametrize(
    "printed",
    [
        "map_event_audit|2500       |648 KB            |640 KB            |8 KB              |0 KB              ",
        HEADING + "map_event_audit  2500   648 KB   640 KB   8 KB   0 KB\n",
        "1> 2> map_event_audit  2500   648 KB   640 KB   8 KB   0 KB\n",
        HEADING + " map_event_audit\n\t 2500     648 KB     640 KB\n\t 8 KB          0 KB\n",
    ],
)
def test_the_row(printed):
    assert sp_spaceused.read(printed) == sp_spaceused.Space("map_event_audit", 2500, 648, 640, 8, 0)


def test_a_name_with_digits_in_it():
    assert sp_spaceused.read("audit 2005  7  648 KB  640 KB  8 KB  0 KB\n").name == "audit 2005"


def test_the_whole_database_has_no_count_of_rows():
    read = sp_spaceused.read(
        "database_name database_size\nmvf   100.00 MB   12.34 MB\n\nreserved data\n648 KB  640 KB  8 KB  0 KB\n"
    )
    assert read == sp_spaceused.Space("mvf", None, 648, 640, 8, 0)


@pytest.mark.parametrize("printed", ["", HEADING, "Msg 15009, Level 16, State 1\n", "map_event_audit 2500 648 KB 640"])
def test_without_a_whole_row_there_is_nothing(printed):
    assert sp_spaceused.read(printed) is None
