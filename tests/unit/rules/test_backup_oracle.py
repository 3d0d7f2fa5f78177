# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of bad backup is told apart; what was not read is never good."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Verdict
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import backup_complete
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import backup_oracle as rule
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.backup import Where
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.backup_oracle import (
    BackupSet,
    Listed,
    Log,
    Piece,
    Validated,
)

START = datetime(2026, 5, 2, 1)
WHERE = Where("S33", "as3000", "MVF")
FILES = {1: 10, 2: 10}
MB = 1 << 20
PIECE = Piece("/flash/a.bkp", "DISK", "AVAILABLE", 100 * MB, True)
GOOD = BackupSet(5, START + timedelta(hours=1), 100 * MB, (PIECE,), (1, 2), controlfile=True, tag="T", scn=9)


def judged(**change):
    return [
        (f.key.removeprefix("database_backup."), f.verdict)
        for f in rule.judge_sets(WHERE, [replace(GOOD, **change)], FILES)
    ]


def piece(**change):
    return (replace(PIECE, **change),)


def test_a_whole_backup_has_nothing_against_it():
    assert judged() == []
    assert judged(pieces=piece(on_disk=99 * MB + 512 * 1024)) == []
    assert rule.judge_validated(WHERE, [GOOD], Validated(False, ("/flash/a.bkp",), 1)) == []
    assert (
        rule.recognised(WHERE, Listed((GOOD,), 7), 7) == [] and rule.before_the_proof(WHERE, Log(0, error=False)) == []
    )
    assert rule.since([GOOD], START) == (GOOD,)


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("expired", {"pieces": piece(status="EXPIRED")}),
        ("expired", {"pieces": piece(status="UNAVAILABLE")}),
        ("expired", {"pieces": ()}),
        ("size_zero", {"bytes": 0}),
        ("size_zero", {"pieces": piece(on_disk=0)}),
        ("piece_missing", {"pieces": piece(on_disk=None, seen=False)}),
        ("truncated", {"pieces": piece(on_disk=60 * MB)}),
        ("incremental", {"files": (1,), "changed_files": (2,)}),
        ("partial", {"files": (1,)}),
        ("empty", {"files": ()}),
        ("wrong_device", {"pieces": piece(device="SBT_TAPE", on_disk=None, seen=None)}),
        ("no_control_file", {"controlfile": False}),
    ],
)
def test_each_kind_of_bad_backup_is_its_own_blocker(key, change):
    assert judged(**change) == [(key, Verdict.BLOCKER)]


@pytest.mark.parametrize("change", [{"bytes": None}, {"pieces": piece(on_disk=None, seen=None)}])
def test_what_was_not_seen_is_unknown(change):
    assert judged(**change) == [("unseen", Verdict.UNKNOWN)]


def test_a_piece_on_tape_is_not_looked_for_on_disk():
    tape = replace(GOOD, pieces=piece(device="SBT_TAPE", on_disk=None, seen=None))
    assert rule.judge_sets(WHERE, [tape], FILES, on_tape=True) == []
    assert only(rule.judge_sets(WHERE, [GOOD], FILES, on_tape=True))[0] == "wrong_device"


def only(findings):
    (finding,) = findings
    return finding.key.removeprefix("database_backup."), finding.verdict


def test_validation_unreadable_wrong_or_silent():
    assert only(rule.judge_validated(WHERE, [GOOD], Validated(True, (), 0, ("ORA-19870",)))) == (
        "unreadable",
        Verdict.BLOCKER,
    )
    assert only(rule.judge_validated(WHERE, [GOOD], Validated(False, ("/other",), 1))) == (
        "wrong_file",
        Verdict.BLOCKER,
    )
    assert only(rule.judge_validated(WHERE, [GOOD], Validated(False, (), 0))) == ("wrong_file", Verdict.BLOCKER)
    assert only(rule.judge_validated(WHERE, [GOOD], Validated(False, ("/flash/a.bkp",), 0)))[0] == "wrong_file"
    assert only(rule.judge_validated(WHERE, [GOOD], Validated(None))) == ("unvalidated", Verdict.UNKNOWN)


def test_names_on_windows_do_not_know_case():
    there = replace(GOOD, pieces=piece(path="D:\\Flash\\A.BKP"))
    assert rule.judge_validated(WHERE, [there], Validated(False, ("D:\\FLASH\\a.bkp",), 1)) == []


def test_another_database_and_a_list_that_was_not_understood():
    assert only(rule.recognised(WHERE, Listed((GOOD,), 8), 7)) == ("other_database", Verdict.BLOCKER)
    for listed, dbid in ((Listed(None, 7), 7), (Listed((), None), 7), (Listed((), 7), None)):
        assert only(rule.recognised(WHERE, listed, dbid)) == ("unread", Verdict.UNKNOWN)


def test_nothing_new_is_empty_or_old_or_not_dated():
    assert only(rule.nothing_new(WHERE, [], START)) == ("empty", Verdict.BLOCKER)
    old = replace(GOOD, completed=START - timedelta(hours=9))
    assert rule.since([old], START) == () and only(rule.nothing_new(WHERE, [old], START)) == ("old", Verdict.BLOCKER)
    undated = replace(GOOD, completed=None)
    assert rule.since([undated], START) == () and only(rule.nothing_new(WHERE, [undated], START)) == (
        "unread",
        Verdict.UNKNOWN,
    )
    log = replace(GOOD, files=(), controlfile=False, has_logs=True)
    assert rule.since([log], START) == () and only(rule.nothing_new(WHERE, [log], START))[0] == "empty"


@pytest.mark.parametrize("log", [Log(None, lost=True), Log(0, error=True, codes=("ORA-19809",)), Log(1, error=False)])
def test_what_failed_half_way_is_no_backup(log):
    assert only(rule.before_the_proof(WHERE, log)) == ("failed", Verdict.BLOCKER)


def test_a_log_of_another_database_is_told():
    assert only(rule.before_the_proof(WHERE, Log(0, error=False, dbid=8), 7)) == ("other_database", Verdict.BLOCKER)
    assert rule.before_the_proof(WHERE, Log(0, error=False), 7) == []


def test_complete_backups_are_found_by_tag_with_the_control_file_behind_them():
    split = [
        replace(GOOD, key=1, files=(1,), controlfile=False, tag="A", bytes=5),
        replace(GOOD, key=2, files=(2,), controlfile=False, tag="A", bytes=6, scn=3),
        replace(GOOD, key=3, files=(), tag="C", completed=START + timedelta(hours=2), bytes=1),
    ]
    (found,) = backup_complete.complete(split, FILES)
    assert found.keys == (1, 2, 3) and found.bytes == 12 and found.scn == 3
    assert backup_complete.complete(split[:2], FILES) == () and backup_complete.complete(split[1:], FILES) == ()
    assert backup_complete.complete([replace(one, pieces=piece(status="EXPIRED")) for one in split], FILES) == ()
    assert backup_complete.complete(split, {}) == ()


def test_a_tag_that_is_the_same_each_night_makes_no_new_backup_of_old_and_half_ones():
    night = timedelta(days=1)
    whole = replace(GOOD, key=1)
    half = replace(GOOD, key=2, files=(1,), completed=GOOD.completed + night)
    (found,) = backup_complete.complete([half, whole], FILES)
    assert (found.keys, found.completed) == ((1,), GOOD.completed)
    again = replace(GOOD, key=3, completed=GOOD.completed + 2 * night)
    assert [each.keys for each in backup_complete.complete([whole, again], FILES)] == [(1,), (3,)]


def test_a_backup_that_was_proved_before_is_known_by_its_keys():
    apart = [replace(GOOD, key=1, files=(1,), tag="A"), replace(GOOD, key=2, files=(2,), tag="B")]
    assert backup_complete.complete(apart, FILES) == ()
    assert [each.keys for each in backup_complete.complete(apart, FILES, [(2, 1)])] == [(1, 2)]
    assert backup_complete.complete(apart, FILES, [(2, 1, 9)]) == ()
