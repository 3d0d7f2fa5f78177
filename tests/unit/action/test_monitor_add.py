# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the steps: nothing is started or added without its approval, a backup, and two sources that agree."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from ansible_collections.impax.upgrade.plugins.action import monitor_add
from ansible_collections.impax.upgrade.plugins.plugin_utils.action import Stop
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Finding, Verdict
from ansible_collections.impax.upgrade.plugins.plugin_utils.journal import Journal
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs.monitor_stats import Figures
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs.tablespaces import DataFile, Space
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.oracle_instance import Seen
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.tablespace_files import BEGUN
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.tablespaces import Disk

NAMES = ("MVFL", "MVFLINDX", "MVF", "MVFINDX", "UNDO")


class Killed(BaseException):
    """The controller dies."""


class Station:
    """A database in memory. did: what was changed, and the vendor's programs that ran. ways: how each adding goes:
    done, refused, cut (not done, its end not seen), cut but done, killed after, on disk only, elsewhere (in MVF),
    blind (done, and the next look breaks). mb: size of files that are added, where it is another one."""

    def __init__(self, **free):
        self.free = {name: free.get(name, 3000) for name in NAMES}
        self.paths = {name: [f"/data/{name.lower()}01.dbf"] for name in NAMES}
        self.instance, self.listener, self.disk, self.listed = "open", True, 100000, True
        self.did, self.ways, self.extra = [], [], []
        self.lies, self.sizes, self.blind, self.mb = {}, {}, False, None

    def __call__(self, action, want, station):
        return self

    def look(self):
        if self.blind:
            self.blind = False
            raise Stop(Finding("monitor_add.sqlplus", "S19", "db", Verdict.UNKNOWN, "The connection broke on db."))
        spaces = {
            name: Space(
                name,
                "ONLINE",
                "PERMANENT",
                self.free[name],
                0,
                tuple(DataFile(p, name, self.sizes.get(p, 2000), 0) for p in paths),
            )
            for name, paths in self.paths.items()
        }
        if self.instance != "open":
            return Seen(self.instance, None, "", None, {"instance": "ORA-01034"}, self.listener)
        return Seen("open", "MVF", "4711", spaces, {}, self.listener)

    def start(self, what):
        self.did.append(f"start {' '.join(what)}")
        self.instance, self.listener = "open", True
        return self.look(), ""

    def disks(self, folders):
        names = [path.rpartition("/")[2] for paths in self.paths.values() for path in paths] + self.extra
        wanted = dict.fromkeys(folders)
        return {f: Disk("/", self.disk) for f in wanted}, dict.fromkeys(wanted, names if self.listed else None)

    def monitor(self):
        self.did.append("monitor")
        return {
            name: Figures(self.lies.get(name, free))
            for name, free in self.free.items()
            if self.lies.get(name, 0) is not None
        }

    def add(self, add):
        way = self.ways.pop(0) if self.ways else "done"
        if way in ("done", "cut but done", "killed after", "blind", "elsewhere"):
            self.did.append(f"add {add.path}")
            self.blind, into, mb = way == "blind", "MVF" if way == "elsewhere" else add.tablespace, self.mb or add.mb
            self.paths[into].append(add.path)
            self.sizes[add.path] = mb
            self.free[into] += mb - 1
        if way == "killed after":
            raise Killed
        if way == "on disk only":
            self.extra.append(add.path.rpartition("/")[2])
        return not way.startswith("cut") and way != "on disk only", "ORA-01119" if way == "refused" else ""


@pytest.fixture
def run(tmp_path, monkeypatch):
    state = tmp_path / "state"

    def act(database, check=False, **args):
        monkeypatch.setattr(monitor_add, "Spaces", database)
        monkeypatch.setattr(monitor_add.ActionModule, "station", lambda self: None)
        given = {"section": "S19", "system": "solaris", **args}
        task = SimpleNamespace(
            args=given, check_mode=check, action="impax.upgrade.monitor_add", async_val=0, diff=False
        )
        connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=""), _load_name="ssh")
        variables = {"inventory_hostname": "db", "impax_site": "lab", "impax_state": str(state)}
        action = monitor_add.ActionModule(
            task, connection, None, None, SimpleNamespace(template=lambda value: value), None
        )
        result = action.run(task_vars=variables)
        return SimpleNamespace(**result, keys={finding["key"]: finding for finding in result["findings"]})

    act.journal = lambda: Journal.open(state, "lab", create=True)
    return act


def backed_up(run, age_h=1.0, database="MVF", identity="4711"):
    at = (datetime.now(timezone.utc) - timedelta(hours=age_h)).isoformat()
    facts = {
        "station": "db", "database": database, "engine": "oracle", "kind": "full", "started": at, "finished": at,
        "verified": "validated", "where": ["7"], "bytes": 5, "identity": identity,
    }  # fmt: skip
    run.journal().append("evidence", what="database_backup", facts=facts, station="db")


def approve(run, finding, **more):
    until = (datetime.now(timezone.utc) + timedelta(days=1)).isoformat()
    fields = {
        "finding": finding["key"],
        "station": "db",
        "evidence": finding["evidence_hash"],
        "by": "Somebody",
        "until": until,
    }
    run.journal().append("approval", **{**fields, **more})


def ready(run, database):
    """Backed up and approved as the first run has proposed it."""
    backed_up(run)
    approve(run, run(database).keys["monitor_add.add"])
    database.did.clear()


def test_enough_room_is_ok_by_both_sources_and_check_mode_runs_no_program(run):
    database = Station()
    foretold = run(database, check=True)
    assert (foretold.verdict, foretold.changed, database.did) == ("ok", False, [])
    for _ in range(2):
        done = run(database)
        assert (done.verdict, done.changed) == ("ok", False)
    assert database.did == ["monitor", "monitor"]
    assert run(database, read_only=True).verdict == "ok" and database.did == ["monitor", "monitor"]


def test_short_then_approval_then_files_then_nothing(run):
    database = Station(MVFL=10, UNDO=1989)
    backed_up(run)
    unapproved = run(database, check=True)
    assert unapproved.changed and unapproved.keys["monitor_add.add"]["would"]
    first = run(database)
    awaited = first.keys["monitor_add.add"]
    assert (first.verdict, first.changed, database.did) == ("attention", False, []) and "would" not in awaited
    assert awaited["evidence"]["files"] == [
        {"tablespace": "MVFL", "path": "/data/mvfl02.dbf", "mb": 2000},
        {"tablespace": "UNDO", "path": "/data/undo02.dbf", "mb": 2000},
    ]
    approve(run, awaited)
    foretold = run(database, check=True)
    assert (foretold.verdict, foretold.changed, database.did) == ("attention", True, [])
    assert foretold.keys["monitor_add.add"]["would"]
    done = run(database)
    assert (done.verdict, done.changed) == ("changed", True)
    assert database.did == ["monitor", "add /data/mvfl02.dbf", "add /data/undo02.dbf", "monitor"]
    after = run(database)
    assert (after.verdict, after.changed) == ("ok", False) and len(database.did) == 5


def test_a_run_that_only_reads_foretells_and_does_nothing(run):
    database = Station(MVFL=10)
    ready(run, database)
    read = run(database, read_only=True)
    assert (read.verdict, read.changed, database.did) == ("attention", False, [])


def test_several_files_for_a_higher_limit(run):
    database = Station(MVFL=0, MVFLINDX=9000, MVF=9000, MVFINDX=9000, UNDO=9000)
    backed_up(run)
    files = run(database, free_mb=5000).keys["monitor_add.add"]["evidence"]["files"]
    assert [file["path"] for file in files] == ["/data/mvfl02.dbf", "/data/mvfl03.dbf", "/data/mvfl04.dbf"]


@pytest.mark.parametrize("backup", [{}, {"age_h": 25}, {"database": "OTHER"}, {"identity": "4712"}], ids=str)
def test_without_a_young_backup_of_this_database_nothing_is_added(run, backup):
    database = Station(MVFL=10)
    if backup:
        backed_up(run, **backup)
    done = run(database)
    assert done.keys["monitor_add.backup"]["verdict"] == "blocker" and "monitor_add.add" not in done.keys
    assert database.did == []


@pytest.mark.parametrize(
    ("wrong", "key", "verdict"),
    [
        ({"disk": 3000}, "monitor_add.disk", "blocker"),
        ({"listed": False}, "monitor_add.mvfl.path", "unknown"),
        ({"instance": "mounted"}, "monitor_add.instance", "blocker"),
        ({"instance": None}, "monitor_add.instance", "unknown"),
        ({"listener": None}, "monitor_add.listener", "unknown"),
        ({"lies": {"MVFL": 9000}}, "monitor_add.mvfl.monitor", "attention"),
        ({"lies": {"UNDO": None}}, "monitor_add.undo.monitor", "unknown"),
    ],
)
def test_what_is_wrong_stops_before_the_first_file(run, wrong, key, verdict):
    database = Station(MVFL=10)
    ready(run, database)
    vars(database).update(wrong)
    done = run(database)
    assert done.keys[key]["verdict"] == verdict and not done.changed
    assert not [did for did in database.did if did.startswith(("add", "start"))]


def test_an_approval_of_other_files_is_none(run):
    database = Station(MVFL=10)
    ready(run, database)
    database.extra.append("mvfl02.dbf")
    done = run(database)
    assert done.keys["monitor_add.add"]["evidence"]["files"][0]["path"] == "/data/mvfl03.dbf"
    assert (done.verdict, database.did) == ("attention", [])


# Down


def test_down_is_a_blocker_until_its_start_is_approved(run):
    database = Station()
    database.instance, database.listener = "down", False
    down = run(database)
    assert (down.verdict, list(down.keys), database.did) == ("blocker", ["monitor_add.start"], [])
    approve(run, down.keys["monitor_add.start"])
    foretold = run(database, check=True)
    assert (foretold.verdict, foretold.changed, database.did) == ("attention", True, [])
    assert run(database, read_only=True).verdict == "blocker" and database.did == []
    up = run(database)
    assert (up.verdict, up.changed, database.did) == ("changed", True, ["start instance listener", "monitor"])
    assert run(database).verdict == "ok"


def test_an_approval_of_starting_the_listener_starts_no_instance(run):
    database = Station()
    database.listener = False
    approve(run, run(database).keys["monitor_add.start"])
    database.instance = "down"
    assert run(database).verdict == "blocker" and database.did == []


# What goes wrong on the way


def test_a_refused_file_ends_it_and_says_why(run):
    database = Station(MVFL=10, MVF=10)
    ready(run, database)
    database.ways = ["done", "refused"]
    done = run(database)
    assert done.verdict == "blocker" and done.changed and "ORA-01119" in done.msg
    assert [f["verdict"] for f in done.findings if f["key"] == "monitor_add.add"] == ["changed", "blocker"]
    again = run(database)
    assert (again.verdict, again.changed) == ("changed", True), "the approval covers what is left of its plan"
    assert database.did.count("add /data/mvf02.dbf") == 1 and database.did.count("add /data/mvfl02.dbf") == 1


@pytest.mark.parametrize("way", ["killed after", "cut but done"])
def test_killed_in_the_middle_nothing_is_added_twice(run, way):
    database = Station(MVFL=10, MVF=10)
    ready(run, database)
    database.ways = [way]
    if way == "killed after":
        with pytest.raises(Killed):
            run(database)
    else:
        run(database)
    done = run(database)
    assert done.verdict in ("changed", "ok")
    assert sorted(did for did in database.did if did.startswith("add")) == [
        "add /data/mvf02.dbf",
        "add /data/mvfl02.dbf",
    ]
    assert way != "killed after" or done.keys["monitor_add.resumed"]["verdict"] == "ok"
    assert run(database).verdict == "ok"


def test_a_cut_that_did_nothing_is_unknown_and_then_done(run):
    database = Station(MVFL=10)
    ready(run, database)
    database.ways = ["cut"]
    cut = run(database)
    assert cut.verdict == "unknown" and database.did == ["monitor"]
    assert run(database).verdict == "changed"


def test_a_file_on_the_disk_that_the_dictionary_does_not_have_is_never_reused(run):
    database = Station(MVFL=10)
    ready(run, database)
    database.ways = ["on disk only"]
    run(database)
    for _ in range(2):
        left = run(database)
        assert left.keys["monitor_add.left_behind"]["verdict"] == "blocker"
    database.listed = False
    assert run(database).keys["monitor_add.left_behind"]["verdict"] == "unknown"
    assert not [did for did in database.did if did.startswith("add")]


def test_the_journal_names_each_file_before_it_is_added(run):
    database = Station(MVFL=10)
    ready(run, database)
    database.ways = ["killed after"]
    with pytest.raises(Killed):
        run(database)
    (begun,) = run.journal().entries("evidence", what=BEGUN)
    assert begun["facts"] == {"station": "db", "tablespace": "MVFL", "path": "/data/mvfl02.dbf", "mb": 2000}


def test_sources_that_differ_afterwards_are_told(run):
    database = Station(MVFL=10)
    ready(run, database)
    added = database.add

    def add(one):
        database.lies["MVFL"] = 10
        return added(one)

    database.add = add
    done = run(database)
    assert (
        done.changed and done.keys["monitor_add.mvfl.monitor"]["verdict"] == "attention" and done.verdict == "attention"
    )


def test_a_file_in_another_tablespace_is_in_use_there_and_not_left_behind(run):
    database = Station(MVFL=10)
    ready(run, database)
    database.ways = ["elsewhere"]
    done = run(database)
    assert done.verdict == "blocker" and done.changed
    again = run(database)
    assert (again.verdict, again.changed) == ("blocker", False) and "must not be removed" in again.msg
    assert "monitor_add.left_behind" not in again.keys and again.keys["monitor_add.elsewhere"]["verdict"] == "blocker"
    until = (datetime.now(timezone.utc) + timedelta(days=1)).isoformat()
    waiver = {"finding": "monitor_add.elsewhere", "station": "db", "by": "Somebody", "reason": "stays", "until": until}
    run.journal().append("waiver", **waiver)
    proposed = run(database).keys["monitor_add.add"]
    assert proposed["evidence"]["files"][0]["path"] == "/data/mvfl03.dbf" and proposed["verdict"] == "attention"


def test_a_database_that_does_not_answer_after_an_adding_is_about_that_file(run):
    database = Station(MVFL=10)
    ready(run, database)
    database.ways = ["blind"]
    done = run(database)
    assert (done.verdict, done.changed) == ("unknown", True)
    assert "/data/mvfl02.dbf" in done.keys["monitor_add.add"]["summary"] and "connection broke" in done.msg
    again = run(database)
    assert again.verdict == "ok" and "monitor_add.resumed" in again.keys


def test_a_file_of_another_size_is_not_the_one_that_was_approved(run):
    database = Station(MVFL=10, MVF=10)
    ready(run, database)
    database.mb = 200
    done = run(database)
    assert (done.verdict, done.changed) == ("blocker", True) and "200 MB" in done.msg
    assert [did for did in database.did if did.startswith("add")] == ["add /data/mvfl02.dbf"]
    assert run(database).keys["monitor_add.add"]["verdict"] == "attention"
