# SPDX-License-Identifier: GPL-3.0-or-later
"""A saved configuration: proved by its new folder and its files, with each way in which it is none, and what is not known."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Verdict
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import configuration_backup as rule
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import configuration_backup_after as after
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import configuration_backup_before as before
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.configuration_backup import Backup, File, Past

FOLDER = "C:\\Impax\\ConfigurationsBackups"
WHERE = rule.Where("S28", "as1", FOLDER)
FILES = (File("web.config", 10, "a" * 40), File("adam\\x.ldf", 20, "b" * 40))
MADE = Backup(f"{FOLDER}\\20261124100000", "2026-11-24T10:00:00Z", FILES)
GOOD = after.Ran(0, free_kb=900_000)
LEFT = after.Left(("20261124100000",), ("old",), FILES)


def at(hour):
    return datetime(2026, 11, 24, hour, tzinfo=timezone.utc)


def entry(what, when="2026-11-24T09:00:00Z", **facts):
    return {"what": what, "at": when, "facts": {"station": "as1", "below": FOLDER, **facts}}


def noted(made=MADE, where=WHERE):
    return entry(rule.BACKUP, **rule.evidence(where, made, "E:\\appserver\\x.bat"))


def spoken(finding):
    """A finding that is no go names its station and says what to do next."""
    assert finding.verdict.is_go or (finding.remediation and "as1" in finding.summary)
    return finding


# The journal


def test_what_is_noted_is_read_again():
    known = rule.past([entry(rule.BEGUN), noted()], "as1", FOLDER.lower() + "\\")
    assert (known.last, known.good, known.open_at) == (MADE, MADE, "")
    assert known.known == ("20261124100000",)


def test_another_stations_and_another_folders_are_not():
    elsewhere = rule.Where("S28", "as1", "D:\\other")
    for entries in ([noted(where=rule.Where("S28", "as2", FOLDER))], [noted(where=elsewhere)], []):
        assert rule.past(entries, "as1", FOLDER) == Past()


@pytest.mark.parametrize(
    "change",
    [
        {"files": []},
        {"files": [{"path": "x", "bytes": 0, "sha1": "a"}]},
        {"files": [{"path": "x", "bytes": 5, "sha1": None}]},
        {"files": [{"path": "x", "bytes": True, "sha1": "a"}]},
        {"finished": "yesterday"},
        {"folder": ""},
    ],
)
def test_one_that_says_too_little_is_none(change):
    one = noted()
    one["facts"].update(change)
    assert rule.past([one], "as1", FOLDER).last is None


def test_a_withdrawn_one_no_longer_stands_but_is_compared_with():
    known = rule.past([noted(), entry(rule.WITHDRAWN, folder=MADE.folder)], "as1", FOLDER)
    assert known == Past(None, MADE, "", ())
    assert rule.without_last(Past(MADE, MADE, "", ("20261124100000", "other"))) == Past(None, MADE, "", ("other",))


def test_a_doubtful_one_stands_and_is_not_compared_with():
    doubtful = Backup(f"{FOLDER}\\2", "2026-11-24T12:00:00Z", FILES[:1], ("one is missing",))
    known = rule.past([noted(), noted(doubtful)], "as1", FOLDER)
    assert (known.last, known.good) == (doubtful, MADE)


def test_a_run_without_its_end_is_open_until_another_ends():
    assert rule.past([noted(), entry(rule.BEGUN)], "as1", FOLDER).open_at == "2026-11-24T09:00:00Z"
    for over in (noted(), entry(rule.ENDED)):
        assert rule.past([entry(rule.BEGUN), over], "as1", FOLDER).open_at == ""


@pytest.mark.parametrize(
    ("last", "hour", "young"),
    [(MADE, 10, True), (MADE, 12, True), (MADE, 13, False), (MADE, 9, False), (None, 12, False)],
)
def test_young_enough_by_the_controllers_clock(last, hour, young):
    assert rule.young(last, at(hour), 2.0) is young


def test_copies_of_folders_that_have_one_name_do_not_meet():
    again = Backup(MADE.folder, MADE.at, (File("web.config", 10, "c" * 40),))
    assert MADE.copy_folder() != again.copy_folder()
    assert MADE.copy_folder().startswith("configuration/20261124100000-")


# What stands of the last one


@pytest.mark.parametrize(
    ("seen", "wrong"),
    [
        (FILES, []),
        ((*FILES, File("new", 1, None)), []),
        ((File("WEB.CONFIG", 10, "a" * 40), FILES[1]), []),
        (FILES[:1], ["adam\\x.ldf is gone"]),
        ((), ["web.config is gone", "adam\\x.ldf is gone"]),
        ((File("web.config", 11, "a" * 40), FILES[1]), ["web.config has 11 bytes, it had 10"]),
        ((File("web.config", 10, "c" * 40), FILES[1]), ["web.config has another SHA-1"]),
        ((File("web.config", 10, None), FILES[1]), None),
        (None, None),
    ],
)
def test_differences(seen, wrong):
    assert rule.differences(FILES, seen) == wrong


def test_what_is_said_of_the_last_one():
    whole = rule.standing(WHERE, MADE, 2.0, [])
    assert (whole.verdict, whole.key) == (Verdict.OK, "configuration_backup.folder")
    assert "2 files with 30 bytes" in whole.summary and "2.0 h" in whole.summary
    gone = rule.standing(WHERE, MADE, 2.0, ["web.config is gone"])
    assert gone.verdict is Verdict.OK and "counts no more" in gone.summary and "web.config is gone" in gone.summary
    assert spoken(rule.standing(WHERE, MADE, 2.0, None)).verdict is Verdict.UNKNOWN
    doubtful = Backup(MADE.folder, MADE.at, FILES, ("1 of the 3 files is not in it",))
    assert spoken(rule.standing(WHERE, doubtful, 2.0, [])).verdict is Verdict.ATTENTION


def test_folders_that_nobody_vouches_for_are_named():
    known = Past(MADE, MADE, "", ("20261124100000",))
    assert rule.unvouched(WHERE, known, ("20261124100000",)) is None
    assert rule.unvouched(WHERE, Past(), ()) is None
    strange = rule.unvouched(WHERE, known, ("20261124100000", "by hand"))
    assert strange and "by hand" in strange.summary and "20261124100000" not in strange.summary
    opened = rule.unvouched(WHERE, Past(open_at="2026-11-24T09:00:00Z"), ("half",))
    assert opened and "its end was not seen" in opened.summary and opened.evidence["folders"] == ["half"]


# Before


@pytest.mark.parametrize(
    ("path", "names", "verdict", "told"),
    [
        (None, (), Verdict.BLOCKER, "is not set"),
        ("E:\\", (), Verdict.BLOCKER, "not there or empty"),
        ("E:\\", ("setup.exe", "docs"), Verdict.BLOCKER, "no folder appserver"),
        ("E:\\", None, Verdict.UNKNOWN, "did not say"),
    ],
)
def test_the_medium(path, names, verdict, told):
    found = before.medium(WHERE, path, names, "appserver")
    assert found is not None
    assert spoken(found).verdict is verdict and told in found.summary and found.key == "configuration_backup.medium"


def test_a_medium_that_is_there():
    assert before.medium(WHERE, "E:\\", ("AppServer", "x"), "appserver") is None
    assert before.program(WHERE, "E:\\appserver", ("b.bat",), "b.bat", "backupconfiguration") is None


@pytest.mark.parametrize(
    ("names", "verdict"), [((), Verdict.BLOCKER), (("x",), Verdict.BLOCKER), (None, Verdict.UNKNOWN)]
)
def test_a_program_that_is_not_there(names, verdict):
    found = before.program(WHERE, "E:\\appserver", names, None, "backupconfiguration")
    assert found is not None
    assert spoken(found).verdict is verdict and "E:\\appserver" in found.summary


@pytest.mark.parametrize(
    ("free", "last", "verdict"),
    [
        (102_400, None, Verdict.OK),
        (102_399, None, Verdict.BLOCKER),
        (0, None, Verdict.BLOCKER),
        (None, None, Verdict.UNKNOWN),
        (300_000, Backup("x", "", (File("a", 200 << 20, "a"),)), Verdict.BLOCKER),
        (410_000, Backup("x", "", (File("a", 200 << 20, "a"),)), Verdict.OK),
    ],
)
def test_room(free, last, verdict):
    assert spoken(before.room(WHERE, free, 100, last)).verdict is verdict


@pytest.mark.parametrize("path", ["", "Impax", "\\\\srv\\x", "C:\\a*", "C:Impax", "C:\\%x%"])
def test_a_folder_that_cannot_be_looked_at(path):
    found = before.folder(rule.Where("S28", "as1", path))
    assert found is not None and spoken(found).verdict is Verdict.UNKNOWN
    assert before.folder(WHERE) is None


def test_what_is_not_known_before_and_what_would_be_done():
    assert spoken(before.folders_untold(WHERE)).verdict is Verdict.UNKNOWN
    would = before.would_save(WHERE, "backupconfiguration.bat", "why")
    assert would.would and "why" in would.summary


@pytest.mark.parametrize(
    ("last", "told"),
    [(None, "knows none"), (MADE, "2.0 h old"), (Backup("x", "2026-11-25T00:00:00Z", FILES), "future")],
)
def test_why_a_new_one_is_due(last, told):
    assert told in before.reason(Past(last), at(12), 1.0)


# After


def test_a_new_folder_is_found_by_the_folders_before_and_after_whatever_its_name():
    assert after.new_of(("2026", "Old"), ("old", "19700101", "2026")).new == ("19700101",)
    assert after.new_of(("a",), ("a",)).new == ()
    assert after.new_of(("a",), None).new is None


def test_one_new_folder_with_files_is_a_backup():
    assert after.judge(WHERE, GOOD, LEFT, None) == (None, ())
    assert after.judge(WHERE, GOOD, LEFT, MADE) == (None, ())
    assert after.judge(WHERE, after.Ran(0), LEFT, None) == (None, ())


@pytest.mark.parametrize(
    ("ran", "left", "verdict", "key", "told"),
    [
        (after.Ran(1, ("Access is denied.",)), LEFT, "blocker", "exit_code", "ended with 1, expected 0; it printed"),
        (after.Ran(-1073741510), LEFT, "blocker", "exit_code", "-1073741510"),
        (after.Ran(0, free_kb=1023), LEFT, "blocker", "room", "is full: 1023 kB"),
        (after.Ran(1, free_kb=0), LEFT, "blocker", "room", "is full"),
        (GOOD, after.Left(None), "unknown", "new_folder", "was not told"),
        (GOOD, after.Left((), ("old",)), "blocker", "new_folder", "only the 1 that were there before"),
        (GOOD, after.Left(()), "blocker", "new_folder", "none at all"),
        (GOOD, after.Left(("a", "b"), (), FILES), "unknown", "new_folder", "2 new folders (a, b)"),
        (GOOD, after.Left(("a",)), "unknown", "files", "which files it has"),
        (GOOD, after.Left(("a",), (), ()), "blocker", "files", "has no file in it"),
        (GOOD, after.Left(("a",), (), (File("x", 5, None),)), "unknown", "files", "the SHA-1 of x"),
        (GOOD, after.Left(("a",), (), (*FILES, File("x", 0, "d"))), "blocker", "empty", "1 of 3 files"),
    ],
)
def test_what_is_no_backup(ran, left, verdict, key, told):
    found, doubts = after.judge(WHERE, ran, left, MADE)
    assert found is not None and doubts == ()
    assert (spoken(found).verdict.value, found.key) == (verdict, f"configuration_backup.{key}")
    assert told in found.summary


def test_fewer_files_than_the_last_one_and_errors_printed_are_doubts():
    left = after.Left(("a",), (), FILES[:1])
    assert after.judge(WHERE, GOOD, left, None) == (None, ())
    _, doubts = after.judge(WHERE, after.Ran(0, ("Access is denied.",)), left, MADE)
    assert len(doubts) == 2 and "1 of the 2 files" in doubts[1] and "adam\\x.ldf" in doubts[1]
    found = spoken(rule.saved(WHERE, Backup("C:\\x\\a", MADE.at, FILES[:1], doubts), False))
    assert found.verdict is Verdict.ATTENTION and "Access is denied." in found.summary


def test_what_is_said_of_a_new_one():
    found = rule.saved(WHERE, MADE, prompted=True)
    assert found.verdict is Verdict.CHANGED and "asked for a key" in found.summary
    assert "asked for a key" not in rule.saved(WHERE, MADE, prompted=False).summary


def test_what_never_began_or_never_ended_is_unknown():
    assert spoken(after.not_begun(WHERE, "x.bat", "another account")).verdict is Verdict.UNKNOWN
    ended = spoken(after.no_end(WHERE, "x.bat", 30, "the time is over"))
    assert ended.verdict is Verdict.UNKNOWN and "30 s" in ended.summary and "a key" in ended.summary


def test_off_the_station():
    assert rule.carried(WHERE, MADE, "/s/copies").verdict is Verdict.OK
    assert spoken(rule.not_carried(WHERE, MADE, "no room")).verdict is Verdict.ATTENTION
    assert spoken(rule.stays(WHERE, MADE)).verdict is Verdict.ATTENTION
