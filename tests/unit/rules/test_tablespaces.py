# SPDX-License-Identifier: GPL-3.0-or-later
"""Room of tablespaces: good, short, and not to be told; how many files, where, and under a name that nothing has."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Verdict, evidence_hash
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import oracle_instance, tablespaces
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import tablespace_files as files
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.oracle_instance import Seen, Where
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.tablespace_files import Add, Plan
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.tablespaces import Disk
from hypothesis import given
from hypothesis import strategies as st

WHERE = Where("S19", "db", "MVF")


def file(path, tablespace="MVFL", mb=2000, extend_mb=0, status="AVAILABLE"):
    return SimpleNamespace(path=path, tablespace=tablespace, mb=mb, extend_mb=extend_mb, status=status)


def space(name="MVFL", free_mb=100, paths=("/data/mvfl01.dbf",), expired_mb=0, extend_mb=0, **more):
    made = tuple(file(path, name, extend_mb=extend_mb) for path in paths)
    values = {"status": "ONLINE", "contents": "PERMANENT", "files": made, **more}
    return SimpleNamespace(
        name=name, free_mb=free_mb, expired_mb=expired_mb, extend_mb=sum(f.extend_mb for f in values["files"]), **values
    )


def seen(*spaces, instance="open", database="MVF", listener=True, unread=None, **more):
    told = None if unread else {one.name: one for one in spaces}
    return Seen(instance, database, "4711", told, unread or {}, listener, **more)


# How many, where, which name


@given(st.integers(0, 20000), st.integers(1, 20000), st.integers(100, 4000))
def test_the_files_reach_the_limit_and_one_fewer_would_not(room, limit, size):
    count, gained = files.files_needed(room, limit, size), size - files.OVERHEAD_MB
    assert room + count * gained >= limit
    assert count == 0 or room + (count - 1) * gained < limit


@pytest.mark.parametrize(("room", "count"), [(0, 1), (1989, 1), (1990, 0), (5000, 0)])
def test_one_file_of_2000_mb_is_enough_for_a_full_tablespace(room, count):
    assert files.files_needed(room, 1990, 2000) == count


@pytest.mark.parametrize(
    ("there", "names", "new"),
    [
        (["/data/mvfl01.dbf"], ["mvfl01.dbf"], "/data/mvfl02.dbf"),
        (["/data/mvfl.dbf"], ["mvfl.dbf"], "/data/mvfl02.dbf"),
        (["/data/mvfl9.dbf", "/data/mvfl10.dbf"], ["x"], "/data/mvfl11.dbf"),
        (["/data/mvfl01.dbf"], ["mvfl01.dbf", "MVFL02.DBF", "mvfl03.dbf"], "/data/mvfl04.dbf"),
        (["D:\\oradata\\MVF\\MVFL01.DBF"], ["MVFL01.DBF"], "D:\\oradata\\MVF\\MVFL02.DBF"),
        (["D:\\mvfl_1"], ["mvfl_1"], "D:\\mvfl_2"),
        (["/old/mvfl01.dbf", "/new/mvfl02.dbf"], ["mvfl02.dbf"], "/new/mvfl03.dbf"),
    ],
)
def test_a_new_name_beside_the_last_file(there, names, new):
    one = space(paths=there)
    folder = files.target_folder(one, {})
    made = files.plan([one], 1990, 2000, {}, {folder: names}, there)
    assert [add.path for add in made.adds] == [new]


@given(st.sets(st.integers(1, 12)), st.integers(1, 8000))
def test_no_file_that_exists_is_ever_named(numbers, limit):
    there = [f"mvfl{number:02d}.dbf" for number in numbers]
    made = files.plan([space(free_mb=0)], limit, 500, {}, {"/data": [*there, "mvfl01.dbf"]}, ["/data/mvfl01.dbf"])
    named = [files.name_of(add.path) for add in made.adds]
    assert len(set(named)) == len(named) == files.files_needed(0, limit, 500)
    assert not set(named) & {*there, "mvfl01.dbf"}


def test_a_site_may_name_another_folder():
    made = files.plan([space()], 1990, 2000, {"mvfl": "/other/"}, {"/other": ["x"]}, ["/data/mvfl01.dbf"])
    assert [add.path for add in made.adds] == ["/other/mvfl02.dbf"]
    assert files.target_folder(space(), {"MVFL": "E:"}) == "E:\\"


@pytest.mark.parametrize(
    ("paths", "names", "told"),
    [
        ((), ["x"], "names no data file"),
        (("+DATA/mvf/mvfl.256.1",), ["x"], "no file in a folder"),
        (("/dev/rdsk/c0t0d0s1",), ["x"], "no file in a folder"),
        (("/da'ta/mvfl.dbf",), ["x"], "no file in a folder"),
        (("/data/mvfl01.dbf",), None, "was not told"),
        (("/data/mvfl01.dbf",), [], "was not told"),
    ],
)
def test_where_no_path_can_be_proposed_it_is_unknown(paths, names, told):
    one = space(paths=paths)
    made = files.plan([one], 1990, 2000, {}, {files.target_folder(one, {}): names}, paths)
    finding = tablespaces.stuck(WHERE, made)[0]
    assert not made.adds and finding.verdict is Verdict.UNKNOWN and told in finding.summary and finding.remediation


def test_growth_is_counted_on_only_as_far_as_it_is_needed():
    one = space(free_mb=500, extend_mb=1000, paths=("/a/mvfl01.dbf", "/b/mvfl02.dbf"))
    assert files.growth(one, 1990) == {"/a": 1000, "/b": 490}
    assert files.growth(space(free_mb=1990, extend_mb=1000), 1990) == {}
    made = files.plan([space(free_mb=0, extend_mb=100)], 1990, 2000, {}, {"/data": ["x"]})
    assert made.demands() == {"/data": 2000}  # the file alone brings it there


# Room


@pytest.mark.parametrize(
    ("one", "verdict", "told"),
    [
        (space(free_mb=1990), Verdict.OK, "1990 MB free"),
        (space(free_mb=1989), Verdict.ATTENTION, "expected at least 1990 MB"),
        (space(free_mb=0, extend_mb=1990), Verdict.OK, "1990 by growing files"),
        (space(free_mb=0, expired_mb=1990, contents="UNDO"), Verdict.OK, "1990 of expired undo"),
        (space(free_mb=9000, status="OFFLINE"), Verdict.BLOCKER, "OFFLINE"),
        (space(free_mb=9000, status="READ ONLY"), Verdict.BLOCKER, "READ ONLY"),
        (space(free_mb=9000, files=(file("/x", status="INVALID"),)), Verdict.BLOCKER, "not available: /x"),
        (space(free_mb=9000, paths=()), Verdict.BLOCKER, "0 data files"),
    ],
)
def test_room(one, verdict, told):
    finding = tablespaces.room(WHERE, seen(one), "MVFL", 1990)
    assert (finding.key, finding.verdict) == ("monitor_add.mvfl.free", verdict)
    assert told in finding.summary and (finding.remediation or verdict is Verdict.OK)


def test_a_tablespace_that_is_not_there_is_unknown_and_names_are_compared_as_oracle_does():
    assert tablespaces.room(WHERE, seen(space("MVF")), "MVFL", 1990).verdict is Verdict.UNKNOWN
    assert tablespaces.room(WHERE, seen(space(free_mb=3000)), "mvfl", 1990).verdict is Verdict.OK


PLAN = Plan((Add("MVFL", "/a/x2.dbf", 2000), Add("MVF", "/b/y2.dbf", 2000)), {"/a": 100}, {})


@pytest.mark.parametrize(
    ("a", "b", "verdicts"),
    [
        (Disk("/", 5124), Disk("/", 5124), [Verdict.OK]),
        (Disk("/", 5123), Disk("/", 5123), [Verdict.BLOCKER]),
        (Disk("/a", 3124), Disk("/b", 3023), [Verdict.OK, Verdict.BLOCKER]),
        (Disk("/a", 3124), None, [Verdict.UNKNOWN, Verdict.OK]),
    ],
)
def test_files_on_one_disk_are_added_up_and_an_unknown_disk_is_unknown(a, b, verdicts):
    said = tablespaces.disks(WHERE, PLAN, {"/a": a, "/b": b}, 1024)
    assert [finding.verdict for finding in said] == verdicts


def test_nothing_to_add_needs_no_disk():
    assert tablespaces.disks(WHERE, Plan(), {}, 1024) == []


# Both sources


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [(2800, Verdict.OK), (2850, Verdict.OK), (3400, Verdict.OK), (2500, Verdict.ATTENTION), (0, Verdict.ATTENTION)],
)
def test_both_sources(figure, verdict):
    told = SimpleNamespace(free_mb=figure)
    finding = tablespaces.two_sources(WHERE, "MVFL", space(free_mb=2800, extend_mb=600), told)
    assert (finding.key, finding.verdict) == ("monitor_add.mvfl.monitor", verdict)


def test_a_figure_that_was_not_read_is_unknown():
    assert tablespaces.two_sources(WHERE, "MVFL", space(), None).verdict is Verdict.UNKNOWN
    assert tablespaces.two_sources(WHERE, "MVFL", None, SimpleNamespace(free_mb=1)).verdict is Verdict.UNKNOWN


# The instance


@pytest.mark.parametrize(
    ("found", "verdict", "told"),
    [
        (seen(), Verdict.OK, "MVF 4711 on db is open"),
        (seen(instance=None, unread={"instance": "ORA-01031"}), Verdict.UNKNOWN, "ORA-01031"),
        (seen(instance="changing", unread={"instance": "ORA-01033"}), Verdict.UNKNOWN, "on its way"),
        (seen(instance="mounted", unread={"files": "ORA-01219"}), Verdict.BLOCKER, "is mounted"),
        (seen(instance="open", unread={"free": "ORA-01555"}), Verdict.UNKNOWN, "free: ORA-01555"),
        (seen(database="TEST"), Verdict.BLOCKER, "TEST 4711"),
        (seen(database=None), Verdict.UNKNOWN, "did not answer whole"),
        (seen(listener=None), Verdict.UNKNOWN, "lsnrctl"),
    ],
)
def test_the_instance(found, verdict, told):
    said = oracle_instance.state(WHERE, found)[-1]
    assert said.verdict is verdict and told in said.summary
    assert said.remediation or verdict is Verdict.OK


DOWN = {"instance": "down", "database": None, "unread": {"instance": "ORA-01034"}}


@pytest.mark.parametrize(
    ("found", "what"),
    [
        (seen(), ()),
        (seen(listener=False), ("listener",)),
        (seen(**DOWN, listener=True), ("instance",)),
        (seen(**DOWN, listener=False), ("instance", "listener")),
        (
            seen(
                **DOWN,
                listener=False,
                windows=True,
                services={"OracleServerMVF": "stopped", "OracleServiceMVF": "stopped"},
            ),
            ("OracleServerMVF", "OracleServiceMVF", "listener"),
        ),
        (
            seen(**DOWN, windows=True, services={"OracleServerMVF": "missing", "OracleServiceMVF": "stopped"}),
            ("OracleServiceMVF",),
        ),
        (seen(instance="mounted", unread={"files": "ORA-01219"}), ()),
        (seen(instance=None, unread={"instance": "x"}, listener=None), ()),
    ],
)
def test_what_would_be_started(found, what):
    assert oracle_instance.to_start(found) == what


@pytest.mark.parametrize(
    ("services", "verdict"),
    [
        ({"A": "running", "B": "missing"}, Verdict.BLOCKER),
        ({"A": "missing", "B": "missing"}, Verdict.BLOCKER),
        ({"A": None, "B": "stopped"}, Verdict.UNKNOWN),
        ({"A": "starting"}, Verdict.UNKNOWN),
    ],
)
def test_services_that_do_not_explain_it_stand_in_the_way(services, verdict):
    said = oracle_instance.state(WHERE, seen(**DOWN, windows=True, services=services))
    assert [finding.verdict for finding in said] == [verdict]


def test_down_awaits_an_approval_and_a_start_is_judged_by_the_instance():
    awaited = oracle_instance.start_awaited(WHERE, ("instance", "listener"), "nobody has approved it")
    assert awaited.verdict is Verdict.BLOCKER and awaited.evidence == {
        "station": "db", "database": "MVF", "start": ["instance", "listener"],
    }  # fmt: skip
    for found, verdict in (
        (seen(), Verdict.CHANGED),
        (seen(listener=False), Verdict.BLOCKER),
        (seen(**DOWN), Verdict.BLOCKER),
        (seen(instance=None, unread={"instance": "x"}), Verdict.UNKNOWN),
        (seen(listener=None), Verdict.UNKNOWN),
    ):
        assert oracle_instance.started(WHERE, ("instance",), "A", found, "ORA-1").verdict is verdict


# What the journal knows

FIRST, SECOND = Add("MVFL", "/a/x2.dbf", 2000), Add("MVF", "/b/y2.dbf", 2000)


def entry(what, add, station="db"):
    return {"what": what, "facts": {"station": station, **add.evidence()}}


def test_an_adding_is_open_until_its_end_was_seen():
    begun = [entry(files.BEGUN, FIRST), entry(files.BEGUN, SECOND), entry(files.BEGUN, FIRST, "other")]
    assert files.open_adds(begun, "db") == (FIRST, SECOND)
    assert files.open_adds([*begun, entry(files.ADDED, FIRST)], "db") == (SECOND,)
    assert files.open_adds([*begun, entry(files.NOT_ADDED, FIRST), entry(files.BEGUN, FIRST)], "db") == (SECOND, FIRST)


def test_the_dictionary_says_whether_a_file_is_there():
    assert files.is_there(FIRST, [file("/A/X2.DBF", "mvfl")]) is True
    assert files.is_there(FIRST, [file("/a/x2.dbf", "OTHER")]) is None
    assert files.is_there(FIRST, [file("/a/x3.dbf")]) is False


def test_a_file_of_an_adding_that_was_cut_is_looked_for_on_the_disk():
    assert files.on_disk(FIRST, {"/a": ["X2.dbf"]}) is True
    assert files.on_disk(FIRST, {"/a": ["x1.dbf"]}) is False
    assert files.on_disk(FIRST, {"/a": None}) is None and files.on_disk(FIRST, {}) is None
    assert tablespaces.left_behind(WHERE, FIRST, True).verdict is Verdict.BLOCKER
    assert tablespaces.left_behind(WHERE, FIRST, None).verdict is Verdict.UNKNOWN


def test_an_approval_covers_what_is_left_of_its_plan_and_nothing_else():
    whole, rest = (files.approved_of("db", "MVF 1", adds) for adds in ((FIRST, SECOND), (SECOND,)))
    assert files.contained_in(rest, [whole], ["/a/x2.dbf"]) == [whole]
    assert files.contained_in(rest, [whole], []) == []
    assert files.contained_in(whole, [rest], ["/a/x2.dbf"]) == []
    assert files.contained_in(files.approved_of("db", "MVF 2", (SECOND,)), [whole], ["/a/x2.dbf"]) == []
    bigger = files.approved_of("db", "MVF 1", (Add("MVF", "/b/y2.dbf", 4000),))
    assert files.contained_in(bigger, [whole], ["/a/x2.dbf"]) == []
    assert evidence_hash(whole) != evidence_hash(rest)
