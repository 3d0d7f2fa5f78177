# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import dir as listing

ENGLISH = """ Volume in drive D has no label.
 Volume Serial Number is 1A2B-3C4D

 Directory of D:\\FLASH\\MVF

05/02/2026  01:10 AM        3435973837 O1_MF_A.BKP
               1 File(s)     3435973837 bytes
               0 Dir(s)     90000000000 bytes free
"""
GERMAN = """ Verzeichnis von D:\\FLASH\\MVF

02.05.2026  01:10                 0 O1_MF_A.BKP
               1 Datei(en),              0 Bytes
"""


@pytest.mark.parametrize(
    ("printed", "size"), [(ENGLISH, 3435973837), (GERMAN, 0), ("", None), ("File Not Found", None)]
)
def test_the_size_stands_before_the_name(printed, size):
    assert listing.size(printed, "D:\\FLASH\\MVF\\o1_mf_a.bkp") == size


def test_another_files_size_is_not_taken():
    assert listing.size(ENGLISH, "D:\\FLASH\\MVF\\MF_A.BKP") is None
    assert listing.size(ENGLISH, "D:\\FLASH\\MVF\\bytes free") is None


def test_the_words():
    command = listing.entry("D:\\a b\\x.bkp")
    assert command.builtin and command.words == ("dir", "/-c", "/a-d", "D:\\a b\\x.bkp")
