# SPDX-License-Identifier: GPL-3.0-or-later
"""S18 and S19 on simulated stations side by side: looked at, approved, added and looked at again, each with its own fault."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from support.station_state import differing
from support.tablespace_site import BACKUP, TABLESPACES, Case, TablespaceSite

SUN, WIN = "as3000", "as300_oracle"
FIRST = {SUN: ("MVFL", "/u02/oradata/MVF/mvfl02.dbf", 2000), WIN: ("MVFINDX", "D:\\ORADATA\\MVF\\MVFINDX02.DBF", 2000)}
ROOMY = {
    SUN: {"tablespaces": {"MVFL": {"files": [{"path": "/u02/oradata/MVF/mvfl01.dbf", "mb": 2600}], "free_mb": 2300}}},
    WIN: {
        "tablespaces": {
            "MVFINDX": {"files": [{"path": "D:\\oradata\\MVF\\MVFINDX01.DBF", "mb": 2600}], "free_mb": 2300}
        }
    },
}
DOWN = {"oracle": {**ROOMY[SUN], "instance": {"status": "down"}, "listener": "stopped"}}
STOPPED = {"OracleServerMVF": "stopped", "OracleServiceMVF": "stopped", "OracleListener": "stopped"}

# What goes wrong in the first run -> its verdict, and what it is about.
LOOKS = {
    ("sqlplus", "translated"): ("attention", "add"),
    ("sqlplus", "account_locked"): ("unknown", "instance"),
    ("sqlplus", "truncated_output"): ("unknown", "instance"),
    ("sqlplus", "empty_output"): ("unknown", "instance"),
    ("sqlplus", "disconnect_before"): ("unknown", "sqlplus"),
    ("sqlplus", "disconnect_after"): ("unknown", "sqlplus"),
    ("sqlplus", "not_available"): ("blocker", "start"),
    ("lsnrctl", "translated"): ("attention", "add"),
    ("lsnrctl", "empty_output"): ("unknown", "listener"),
    ("lsnrctl", "no_listener"): ("blocker", "start"),
    ("df", "empty_output"): ("unknown", "disk"),
    ("df", "no_such_resource"): ("unknown", "disk"),
    ("fsutil", "empty_output"): ("unknown", "disk"),
}
# What goes wrong in the run that adds -> its verdict, what it is about, how many files there are then; the next run's.
ADDS = {
    ("monitor_add", "says_done_does_nothing", 1): ("blocker", "add", 0, "changed", 1),
    ("monitor_add", "wrong_size", 1): ("blocker", "add", 1, "attention", 1),
    ("monitor_add", "other_tablespace", 1): ("blocker", "add", 1, "blocker", 1),
    ("monitor_add", "asks_again", 1): ("blocker", "add", 0, "changed", 1),
    ("monitor_add", "killed", 1): ("blocker", "add", 0, "blocker", 0),
    ("monitor_add", "disconnect_before", 1): ("unknown", "add", 0, "changed", 1),
    ("monitor_add", "disconnect_after", 1): ("changed", "add", 1, "ok", 1),
    ("monitor_add", "disk_full", 1): ("blocker", "add", 0, "changed", 1),
    ("monitor_add", "file_exists", 1): ("blocker", "add", 0, "blocker", 0),
    ("monitor_stats", "stale", 2): ("attention", "mvfl.monitor", 1, "ok", 1),
    ("monitor_stats", "other_layout", 1): ("changed", "add", 1, "ok", 1),
    ("monitor_stats", "no_units", 1): ("unknown", "mvfl.monitor", 0, "changed", 1),
    ("monitor_stats", "translated", 1): ("unknown", "mvfl.monitor", 0, "changed", 1),
    ("monitor_stats", "tablespace_missing", 1): ("unknown", "mvfl.monitor", 0, "changed", 1),
    ("monitor_update", "lying_zero", 1): ("unknown", "monitor_update", 0, "changed", 1),
    ("sqlplus", "disconnect_before", 2): ("unknown", "add", 1, "ok", 1),
}
SUN_LOOKS = [look for look in LOOKS if look[0] != "fsutil"]


def named(prefix: str, fault: tuple[Any, ...]) -> str:
    return f"{prefix}-{fault[0]}-{fault[1]}".replace("_", "-")


FAULTY = {
    named("sun", add): Case(add=add, look=(*SUN_LOOKS[at], 1) if at < len(SUN_LOOKS) else None)
    for at, add in enumerate(ADDS)
} | {
    "win-killed": Case(WIN, add=("monitor_add", "killed", 1), look=("sqlplus", "account_locked", 1)),
    "win-cut": Case(WIN, add=("monitor_add", "disconnect_after", 1), look=("fsutil", "empty_output", 1)),
    "win-elsewhere": Case(WIN, add=("monitor_add", "other_tablespace", 1), look=("sqlplus", "translated", 1)),
    "win-nothing": Case(WIN, add=("monitor_add", "says_done_does_nothing", 1), look=("sqlplus", "disconnect_after", 1)),
}
CASES = FAULTY | {
    "sun-whole": Case(backup=False),
    "win-whole": Case(WIN, backup=False),
    "sun-enough": Case(differs={"oracle": ROOMY[SUN]}, backup=False),
    "win-enough": Case(WIN, {"oracle": ROOMY[WIN]}, backup=False),
    "sun-full": Case(differs={"disks": {"/u02": 2500}}),
    "win-full": Case(WIN, {"disks": {"D:": 2500}}),
    "sun-taken": Case(),
    "win-taken": Case(WIN),
    "sun-refused": Case(approve=False),
    "sun-down": Case(differs=DOWN, add=("dbstartmvf", "no_memory", 1)),
    "win-down": Case(WIN, {"oracle": ROOMY[WIN], "services": STOPPED}, look=("sc", "exit_nonzero", 1)),
    "sun-deaf": Case(differs={"oracle": {**ROOMY[SUN], "listener": "stopped"}}, add=("lsnrctl", "address_in_use", 2)),
    "sun-mounted": Case(differs={"oracle": {"instance": {"status": "mounted"}}}),
}
PICKED = ("sun-whole", "win-whole", "sun-down", "win-down", "sun-deaf", "sun-enough")
LEFT = "somebody else's file"


@pytest.fixture(scope="module")
def played(lab_up, tmp_path_factory):
    """Rounds of the whole site: look, asked, foretold (some), added, again."""
    site = TablespaceSite(lab_up, tmp_path_factory.mktemp("tablespaces"), CASES)
    for name in ("sun-taken", "win-taken"):
        site.place(name, FIRST[CASES[name].type][1]).write_text(LEFT)
    site.backed_up()
    site.inject("look")
    look = site.play("run", CASES)
    backups = site.play("run", ("sun-whole", "win-whole"), BACKUP.values())
    asked = look | site.play("run", [name for name, case in CASES.items() if case.look or name.endswith("whole")])
    given = site.approve()
    before = {name: site.state(name) for name in PICKED}
    foretold = site.play("assess", PICKED)
    touched = {name: differing(before[name], site.state(name)) for name in PICKED}
    site.inject("add")
    added = site.play("run", CASES)
    again = site.play("run", CASES)
    yield SimpleNamespace(
        site=site,
        look=look,
        backups=backups,
        asked=asked,
        given=given,
        foretold=foretold,
        touched=touched,
        added=added,
        again=again,
    )
    site.lab("down")


def worst(seen):
    """Verdict and what makes it."""
    return seen.verdict, {key.removeprefix("monitor_add.") for key in seen.worst()}


def free_enough(seen):
    return all(seen.free[name] >= 1990 for name in TABLESPACES)


# Whatever happens


@pytest.mark.parametrize("name", CASES)
def test_each_message_names_the_station_and_what_to_do_next(played, name):
    for seen in (played.look, played.asked, played.added, played.again):
        assert seen[name].verdict != "none"
        for finding in seen[name].bad.values():
            assert name in finding["summary"] and finding["remediation"]["text"], finding


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_lost_and_nothing_is_added_that_was_not_approved(played, name):
    for seen in (played.look, played.asked):
        assert (seen[name].added, seen[name].changed) == ([], False)
        assert not {"monitor_add", "dbstartmvf", "net"} & set(seen[name].calls)
    for seen in (played.added, played.again):
        assert seen[name].rows == played.look[name].rows == 5
        assert len(seen[name].added) <= 1, "never two files for one approval"
        assert seen[name].calls.count("monitor_add") <= 1
    if name not in played.given:
        assert (played.added[name].added, played.again[name].changed) == ([], False)


# The whole way


@pytest.mark.parametrize("name", ["sun-whole", "win-whole"])
def test_backed_up_approved_foretold_added_and_never_again(played, name):
    first, path, mb = FIRST[CASES[name].type]
    assert worst(played.look[name]) == ("blocker", {"backup"}), "no backup in the journal"
    assert played.backups[name].verdict == "changed"
    asked = played.asked[name].findings["monitor_add.add"]
    assert (
        asked["verdict"] == "attention"
        and path.casefold() in asked["summary"].casefold()
        and not played.asked[name].changed
    )
    foretold = played.foretold[name]
    assert (
        foretold.would == {"monitor_add.add"}
        and path.casefold() in foretold.findings["monitor_add.add"]["summary"].casefold()
    )
    assert played.touched[name] == [] and not {"monitor_update", "monitor_stats", "monitor_add"} & set(foretold.calls)
    added = played.added[name]
    assert (added.verdict, added.changed, added.added) == ("changed", True, [(first, path, mb)])
    assert played.site.place(name, path).stat().st_size == mb << 20
    assert free_enough(added) and not free_enough(played.look[name])
    for each in TABLESPACES:
        both = added.findings[f"monitor_add.{each.lower()}.monitor"]
        assert both["verdict"] == "ok" and abs(both["evidence"]["monitor_free_mb"] - added.free[each]) <= 1
    again = played.again[name]
    assert (again.verdict, again.changed, again.added) == ("ok", False, added.added)
    assert "monitor_add" not in again.calls and again.free == added.free


@pytest.mark.parametrize("name", ["sun-enough", "win-enough"])
def test_room_enough_is_ok_without_a_backup_and_without_a_change(played, name):
    for seen in (played.look, played.added, played.again):
        assert (seen[name].verdict, seen[name].changed, seen[name].added) == ("ok", False, [])
        assert free_enough(seen[name])
    assert name == "win-enough" or (played.touched[name], played.foretold[name].would) == ([], set())


@pytest.mark.parametrize("name", ["sun-full", "win-full"])
def test_a_disk_that_would_be_full_is_a_blocker_before_anybody_is_asked(played, name):
    for seen in (played.look, played.added, played.again):
        assert (
            worst(seen[name]) == ("blocker", {"disk"})
            and "2500 MB free" in seen[name].findings["monitor_add.disk"]["summary"]
        )
    assert name not in played.given


@pytest.mark.parametrize("name", ["sun-taken", "win-taken"])
def test_a_file_on_the_disk_is_never_reused(played, name):
    first, path, mb = FIRST[CASES[name].type]
    assert played.site.place(name, path).read_text() == LEFT
    assert played.added[name].added == [(first, path.replace("02.", "03."), mb)]
    assert (played.added[name].verdict, played.again[name].verdict) == ("changed", "ok")


def test_what_nobody_approved_waits(played):
    for seen in (played.look, played.added, played.again):
        assert worst(seen["sun-refused"]) == ("attention", {"add", "mvfl.free"}) and not seen["sun-refused"].changed


# Down


def test_an_instance_that_is_down_is_started_with_an_approval_only_on_solaris(played):
    name = "sun-down"
    for seen in (played.look, played.asked):
        assert (
            worst(seen[name]) == ("blocker", {"start"})
            and "cold backup" in seen[name].findings["monitor_add.start"]["summary"]
        )
    assert (played.foretold[name].would, played.touched[name]) == ({"monitor_add.start"}, [])
    failed = played.added[name]
    assert worst(failed) == ("blocker", {"start"}) and "ORA-27102" in failed.findings["monitor_add.start"]["summary"]
    assert failed.calls.count("dbstartmvf") == 1 and failed.changed, "the listener runs now"
    assert worst(played.again[name]) == ("blocker", {"start"}), "what is left to start is approved anew"
    assert "dbstartmvf" not in played.again[name].calls
    assert played.site.approve() and played.site.play("run", [name])[name].verdict == "changed"
    last = played.site.play("run", [name])[name]
    assert (last.verdict, last.changed, "dbstartmvf" in last.calls) == ("ok", False, False)


def test_services_that_are_stopped_are_started_with_an_approval_only_on_windows(played):
    name = "win-down"
    assert worst(played.look[name]) == ("unknown", {"instance"}), "a service did not say its state"
    assert worst(played.asked[name]) == ("blocker", {"start"})
    assert (played.foretold[name].would, played.touched[name]) == ({"monitor_add.start"}, [])
    started = played.added[name]
    assert (started.verdict, started.changed) == ("changed", True) and started.calls.count("net") == 2
    assert all(
        word in started.findings["monitor_add.start"]["summary"] for word in ("OracleServerMVF", "OracleServiceMVF")
    )
    assert (played.again[name].verdict, played.again[name].changed) == ("ok", False)


def test_a_listener_that_is_down_is_started_with_an_approval_and_the_instance_is_left_alone(played):
    name = "sun-deaf"
    assert worst(played.look[name]) == ("blocker", {"start"})
    assert (played.foretold[name].would, played.touched[name]) == ({"monitor_add.start"}, [])
    assert worst(played.added[name]) == ("blocker", {"start"}), "its port was taken"
    assert "TNS-12542" in played.added[name].findings["monitor_add.start"]["summary"]
    assert (played.again[name].verdict, played.again[name].changed) == ("changed", True)
    assert not {"dbstartmvf"} & {*played.added[name].calls, *played.again[name].calls}


def test_an_instance_that_is_half_way_up_is_never_touched(played):
    for seen in (played.look, played.added, played.again):
        assert worst(seen["sun-mounted"]) == ("blocker", {"instance"}) and not seen["sun-mounted"].changed
    assert "sun-mounted" not in played.given


# What goes wrong


@pytest.mark.parametrize("name", [name for name, case in FAULTY.items() if case.look])
def test_what_the_database_did_not_say_is_unknown_or_a_blocker(played, name):
    verdict, what = LOOKS[CASES[name].look[:2]]
    seen = played.look[name]
    assert seen.verdict == verdict and what in worst(seen)[1], seen.findings
    assert worst(played.asked[name])[0] == "attention" and "monitor_add.add" in played.asked[name].findings


@pytest.mark.parametrize("add", ADDS, ids=lambda add: f"{add[0]}-{add[1]}")
def test_an_adding_that_goes_wrong_is_told_and_the_next_run_goes_on_from_what_is_there(played, add):
    verdict, what, files, next_verdict, next_files = ADDS[add]
    name = named("sun", add)
    seen, again = played.added[name], played.again[name]
    assert seen.verdict == verdict and what in worst(seen)[1], seen.findings
    assert (len(seen.added), again.verdict, len(again.added)) == (files, next_verdict, next_files)
    assert seen.changed or not seen.added, "a file came to be and the run says that it changed nothing"
    assert again.verdict != "ok" or free_enough(again)


@pytest.mark.parametrize(
    ("name", "verdict", "next_verdict", "what"),
    [
        ("win-killed", "blocker", "blocker", "left_behind"),
        ("win-cut", "unknown", "ok", "resumed"),
        ("win-elsewhere", "blocker", "blocker", "elsewhere"),
        ("win-nothing", "blocker", "changed", "add"),
    ],
)
def test_on_windows_too(played, name, verdict, next_verdict, what):
    seen, again = played.added[name], played.again[name]
    assert (seen.verdict, again.verdict) == (verdict, next_verdict), (seen.bad, again.bad)
    assert "monitor_add.add" in seen.findings and f"monitor_add.{what}" in again.findings
    assert seen.changed or not seen.added


def test_a_file_in_another_tablespace_is_in_use_and_nobody_is_told_to_remove_it(played):
    for name in ("sun-monitor-add-other-tablespace", "win-elsewhere"):
        finding = played.again[name].findings["monitor_add.elsewhere"]
        assert finding["verdict"] == "blocker" and "must not be removed" in finding["summary"]
        assert (
            "monitor_add.left_behind" not in played.again[name].findings
            and "monitor_add" not in played.again[name].calls
        )


def test_half_a_file_is_left_for_a_person(played):
    for name in ("sun-monitor-add-killed", "sun-monitor-add-file-exists", "win-killed"):
        place = played.site.place(name, FIRST[CASES[name].type][1])
        assert place.stat().st_size == 8192
        assert (
            worst(played.again[name]) == ("blocker", {"left_behind"}) and "monitor_add" not in played.again[name].calls
        )
