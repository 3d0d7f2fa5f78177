# SPDX-License-Identifier: GPL-3.0-or-later
"""What the transcripts cannot show: the words, the sizes, what is unknown."""

from pathlib import Path

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import rman

CASES = Path(__file__).parents[2] / "transcripts/rman"


def printed(name):
    (file,) = CASES.glob(f"{name}-*.txt")
    return rman.read(file.read_text())


def test_language_and_dates_are_pinned_and_the_target_is_the_stations_own():
    command = rman.list_sets()
    assert command.words == ("rman", "target", "/") and command.stdin == "list backupset;\nexit;\n"
    assert command.environment == {"NLS_LANG": "AMERICAN_AMERICA", "NLS_DATE_FORMAT": "YYYY-MM-DD HH24:MI:SS"}


def test_a_set_is_deleted_by_its_key_and_the_prompt_is_answered():
    assert rman.delete(73753).stdin == "delete backupset 73753;\nYES\nexit;\n"
    with pytest.raises(ValueError):
        rman.delete("7; delete backup")


def test_only_a_change_crosschecks():
    assert "crosscheck" not in str(rman.list_and_report(crosscheck=False).stdin)
    assert "crosscheck backup;\nlist backupset;\n" in str(rman.list_and_report(crosscheck=True).stdin)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("48.14M", 50478449),
        ("3.00K", 3072),
        ("1.00G", 1 << 30),
        ("512", 512),
        ("0", 0),
        ("1,5G", 1610612736),
        ("big", None),
    ],
)
def test_sizes_are_bytes(text, size):
    assert rman.size_bytes(text) == size


def test_a_validation_tells_which_pieces_were_read_to_their_end():
    good, bad = printed("03"), printed("04")
    assert (good.validated, good.handles, good.error) == (1, ("/flash/MVF/p1.bkp",), False)
    assert (bad.validated, bad.handles, bad.error) == (0, (), True)


def test_what_the_retention_policy_calls_obsolete():
    assert printed("07").obsolete == (3,)
    assert printed("01").obsolete is None
    assert rman.read("no obsolete backups found\n").obsolete == ()


def test_an_english_list_or_its_absence_is_a_list_and_nothing_else_is():
    assert printed("01").listed and rman.read("specification does not match any backup in the repository").listed
    assert not rman.read("说明与资料档案库中的任何备份都不匹配").listed and not rman.read("").listed


def test_a_mismatched_piece_is_told_by_its_codes_though_it_is_no_error():
    seen = printed("05")
    assert seen.error is False and "RMAN-06207" in seen.codes and seen.deleted is None
