# SPDX-License-Identifier: GPL-3.0-or-later
"""digest: forty hex digits or nothing."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import digest

SHA1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"


@pytest.mark.parametrize(
    "printed, read",
    [
        (f"{SHA1}\n", SHA1),
        (f"{SHA1.upper()}\n", SHA1),
        (f"{SHA1[:-1]}\n", None),
        (f"{SHA1} {SHA1}\n", None),
        ("digest: can not open input file /x\n", None),
        ("", None),
    ],
)
def test_the_sum(printed, read):
    assert digest.read(printed) == read


def test_the_words():
    assert digest.sha1("/backup/x.dmp").words == ("digest", "-a", "sha1", "/backup/x.dmp")
