# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of SQL Server's: each kind of bad backup its own key, and what was not seen is never ok."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Verdict
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import backup_sqlserver as rule
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import backup_sqlserver_before as before
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.backup import Where
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.backup_sqlserver import Expected, Said, Seen, Set

WHERE = Where("S31", "as300", "mvf")
SINCE = datetime(2026, 1, 2, 3, 4, 5)
NAME, FILE = "impax mvf 1", "D:\\backup\\mvf-1.bak"
SIZE = 8_000_000
SET = Set(NAME, 1, 1, "mvf", SIZE, SINCE, SINCE + timedelta(minutes=1))
GOOD = Seen(FILE, Said(True, pages=977), Said(True), (SET,), True, SIZE + 4096, 1, remembered=SET)
WANTED = Expected("MVF", NAME, 1, SINCE, 9000, 1)


def judged(seen=GOOD, wanted=WANTED):
    return {(one.key.removeprefix("database_backup."), one.verdict.value) for one in rule.judge(WHERE, seen, wanted)}


def test_a_good_one_has_nothing_wrong():
    assert judged() == set()
    assert judged(replace(GOOD, remembered=None)) == set()


def of_set(**differs):
    return {"sets": (replace(SET, **differs),), "remembered": None}


BAD = {
    "failed half way": ({"made": Said(False, ("Msg 3271", "Msg 3013"), 112)}, "failed"),
    "lost": ({"made": Said(None), "lost": True}, "failed"),
    "0 pages": ({"made": Said(True, pages=0)}, "empty"),
    "0 bytes": ({"on_disk": 0, "verify": Said(False, ("Msg 3254",))}, "empty"),
    "verified, 0 bytes": ({"on_disk": 0}, "verified_empty"),
    "verified, size 0 in the header": (of_set(bytes=0), "verified_empty"),
    "no set": ({"sets": ()}, "empty"),
    "never finished": ({"sets": (), "incomplete": (1,)}, "incomplete"),
    "not on the disk": ({"there": False, "on_disk": None}, "missing"),
    "unreadable": ({"verify": Said(False, ("Msg 3203",))}, "unreadable"),
    "other name": (of_set(name="nightly"), "wrong_file"),
    "two sets": ({"sets": (SET, replace(SET, position=2))}, "wrong_file"),
    "msdb remembers another": ({"remembered": replace(SET, finished=SINCE - timedelta(hours=9))}, "wrong_file"),
    "other database": (of_set(database="mcf"), "other_database"),
    "differential": (of_set(type=5), "differential"),
    "differential of files": (of_set(type=6), "differential"),
    "a filegroup": (of_set(type=4), "partial"),
    "a part": (of_set(type=7), "partial"),
    "the log": (of_set(type=2), "not_full"),
    "a kind that nobody knows": (of_set(type=99), "not_full"),
    "files are missing": ({"files": 1, "absent": 1}, "partial"),
    "damaged": (of_set(damaged=True), "damaged"),
    "old": (of_set(started=SINCE - timedelta(days=30), finished=SINCE - timedelta(days=30)), "old"),
    "ended before it began": (of_set(started=SINCE + timedelta(hours=1)), "old"),
    "truncated": ({"on_disk": SIZE // 2}, "truncated"),
    "too small": ({"sets": (replace(SET, bytes=900_000),), "on_disk": 900_000, "remembered": None}, "too_small"),
}


@pytest.mark.parametrize("name", BAD)
def test_each_kind_of_bad_backup_has_its_own_key(name):
    differs, key = BAD[name]
    found = rule.judge(WHERE, replace(GOOD, **differs), WANTED)
    named = {one.key.removeprefix("database_backup."): one for one in found}
    assert key in named and named[key].verdict is Verdict.BLOCKER
    assert "as300" in named[key].summary and named[key].remediation.text


UNKNOWN = {
    "translated closing": ({"made": Said(None)}, "unread"),
    "translated verify": ({"verify": Said(None)}, "verify"),
    "no header": ({"sets": None}, "header"),
    "no list of files": ({"files": None}, "files"),
    "no size on disk": ({"on_disk": None}, "size"),
    "no answer of the disk": ({"there": None, "on_disk": None}, "size"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_was_not_seen_is_unknown(name):
    differs, key = UNKNOWN[name]
    assert judged(replace(GOOD, **differs)) == {(key, "unknown")}


def test_what_is_not_known_of_the_database_is_unknown():
    assert judged(wanted=replace(WANTED, used_kb=None)) == {("plausible", "unknown")}
    assert judged(wanted=replace(WANTED, files=None)) == {("files", "unknown")}


def test_compressed_files_are_small_on_the_disk_only():
    small = replace(GOOD, sets=(replace(SET, stored=1_000_000),), on_disk=1_000_000)
    assert judged(small) == set()
    assert judged(replace(small, on_disk=600_000)) == {("truncated", "blocker")}


def test_the_percentage_is_the_callers():
    half = replace(GOOD, sets=(replace(SET, bytes=4_000_000),), on_disk=4_000_000)
    assert judged(half) == set()
    assert judged(half, replace(WANTED, percent=60)) == {("too_small", "blocker")}


def test_the_sites_own_file_may_hold_other_sets():
    own = replace(GOOD, made=None, sets=(replace(SET, position=1, type=2), replace(SET, position=2)), on_disk=2 * SIZE)
    assert judged(own, replace(WANTED, position=2, alone=False)) == set()
    assert judged(own, replace(WANTED, position=3, alone=False)) == {("empty", "blocker")}


def test_only_the_disk_can_answer_otherwise_later():
    size = rule.judge(WHERE, replace(GOOD, on_disk=None), WANTED)
    assert not rule.is_settled(size)
    assert rule.is_settled([*size, *rule.judge(WHERE, replace(GOOD, sets=None), WANTED)])


def test_the_proof_says_what_it_is_not():
    for checksums in (True, False):
        assert "no integrity check" in rule.proof(checksums, False)
    assert "checksums" not in rule.proof(False, False) and rule.proof(False, True).startswith("the site made it")


# Before and after


def test_versions():
    assert before.applies(WHERE, 2000, 8, [2000]) is None
    assert before.applies(WHERE, 2008, 10, [2005, 2008]) is None
    assert before.applies(WHERE, 2000, 8, [2005, 2008]).verdict is Verdict.NOT_APPLICABLE
    assert before.applies(WHERE, None, 11, [2005, 2008]).verdict is Verdict.UNKNOWN
    assert before.applies(WHERE, None, None, [2000]).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "databases, verdict",
    [({"MVF": "ONLINE"}, None), ({"mvf": "OFFLINE"}, "blocker"), ({"mvf": ""}, "blocker"), ({"a": "ONLINE"}, "blocker"),
     (None, "unknown")],
)  # fmt: skip
def test_the_database_is_there_and_online(databases, verdict):
    found = before.database_state(WHERE, databases, "mvf")
    assert (found and found.verdict.value) == verdict


@pytest.mark.parametrize(
    "path, good", [("D:\\b", True), ("\\\\nas\\b", True), (None, False), ("b", False), ("D:\\*", False)]
)
def test_folders(path, good):
    assert (before.folder(WHERE, path) is None) == good


@pytest.mark.parametrize(
    "free, used, expected_mb, verdict",
    [
        (2000, 1000, None, "ok"),
        (1100, 1000, None, "ok"),
        (1099, 1000, None, "blocker"),
        (2000, 1000, 2, "blocker"),
        (None, 1000, None, "unknown"),
        (2000, None, None, "unknown"),
        (4000, None, 2, "ok"),
    ],
)
def test_room(free, used, expected_mb, verdict):
    assert before.room(WHERE, "D:\\b", free, used, 10, expected_mb).verdict.value == verdict


@pytest.mark.parametrize(
    "there, size, key",
    [(True, 10, None), (True, 9, "changed"), (False, None, "missing"), (None, None, "size"), (True, None, "size")],
)
def test_still_there(there, size, key):
    found = before.still_there(WHERE, FILE, there, size, 10)
    assert (found and found.key) == (key and f"database_backup.{key}")
    if key == "size":
        assert found.verdict is Verdict.UNKNOWN


def test_the_sites_own_that_is_bad_is_news_and_one_that_was_moved_is_not():
    moved = rule.judge(WHERE, replace(GOOD, there=False, on_disk=None, verify=Said(False, ("Msg 3201",))), WANTED)
    assert before.own(WHERE, FILE, moved).verdict is Verdict.OK
    broken = rule.judge(WHERE, replace(GOOD, verify=Said(False, ("Msg 3203",))), WANTED)
    assert before.own(WHERE, FILE, broken).verdict is Verdict.ATTENTION
    unseen = rule.judge(WHERE, replace(GOOD, sets=None), WANTED)
    assert before.own(WHERE, FILE, unseen).verdict is not Verdict.OK


def test_copies():
    assert before.carried(WHERE, FILE, "/c").verdict is Verdict.OK
    for finding in (before.not_carried(WHERE, FILE, "disk full"), before.stays(WHERE, FILE)):
        assert finding.verdict is Verdict.ATTENTION and finding.remediation.text
    assert before.file_taken(WHERE, FILE, True).verdict is Verdict.BLOCKER
    assert before.file_taken(WHERE, FILE, None).verdict is Verdict.UNKNOWN
