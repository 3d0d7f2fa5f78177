# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent to a station, as whom and in how many round trips, and what is made of answers that do not come."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils import spaces
from ansible_collections.impax.upgrade.plugins.plugin_utils.action import Stop
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Outcome, State
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.oracle_instance import Where
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.tablespace_files import Add
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.tablespaces import Disk

MB = 1048576
ROWS = {
    "instance": "MVF|~|OPEN|~|10.2.0.4.0",
    "database": "MVF|~|4711|~|READ WRITE",
    "tablespaces": "MVFL|~|ONLINE|~|PERMANENT",
    "files": f"MVFL|~|{2000 * MB}|~|NO|~|0|~|AVAILABLE|~|/data/mvfl01.dbf",
    "free": f"MVFL|~|{100 * MB}",
    "undo": "",
}
TABLE = "Tablespace  Total MB  Used MB  Free MB\nMVFL 2000 1900 100\n"
RUNNING = "        STATE              : 4  RUNNING \n"
DF = "Filesystem  kbytes  used  avail capacity  Mounted on\n/dev/dsk/c0t0d0s0 9000000 1 4096000 1% /data\n"


class Station:
    """said: program -> what it prints; an Outcome's exit code after a bar ("|5"); None: its end is not seen."""

    def __init__(self, **said):
        self.said = {
            "lsnrctl": "Uptime                    12 days\n", "monitor_update": "done\n", "monitor_stats": TABLE, "df": DF,
            "ls": ".\n..\nmvfl01.dbf\n", "sc": RUNNING, "sqlplus": "open", **said,
        }  # fmt: skip
        self.trips = []

    def run(self, command):
        return self.ask([command])[0]

    def ask(self, commands):
        self.trips.append(list(commands))
        return [self._outcome(command) for command in commands]

    def _outcome(self, command):
        printed = self.said.get(command.program, "")
        if isinstance(printed, list):
            printed = printed.pop(0) if len(printed) > 1 else printed[0]
        if printed is None:
            return Outcome(command, State.UNKNOWN, why="cut")
        text, _, code = printed.partition("|#")
        if command.program == "sqlplus":
            text = answered(str(command.stdin), text)
        return Outcome(command, State.ENDED, int(code or 0), text.encode())


def answered(script, state):
    asked = re.findall(r"prompt IMPAX (\w+) begin (\w+)", script)
    parts = [
        f"IMPAX {nonce} begin {name}\n{ROWS[name] if state == 'open' else state}\nIMPAX {nonce} end {name}\n"
        for nonce, name in asked
    ]
    return "".join(parts)


class Action:
    section, name, KEY, where = "S19", "db", "monitor_add", Where("S19", "db", "MVF")

    def __init__(self):
        self.told = []

    def say(self, text):
        self.told.append(text)

    def answered(self, outcome, expected):
        if outcome.as_expected:
            return outcome
        raise Stop(SimpleNamespace(summary=f"{outcome.command.program}: {outcome.why or outcome.exit_code}"))


def made(station, system="solaris", **more):
    want = {
        "system": system, "os_user": None, "monitor_user": None, "bin_folder": None, "client": None, "lsnrctl": "lsnrctl",
        "dbstart": "dbstartmvf", "services": ["OracleServerMVF", "OracleServiceMVF"], "query_seconds": 300,
        "add_seconds": 3600, "start_seconds": 300, "stats_pattern": None, "tablespaces": ["MVFL"],
    }  # fmt: skip
    return spaces.Spaces(Action(), SimpleNamespace(**{**want, **more}), station)


def words(trip):
    return [(command.user, *command.words) for command in trip]


def test_one_round_trip_tells_instance_listener_and_dictionary():
    station = Station()
    seen = made(station).look()
    assert (seen.instance, seen.full_name, seen.listener, seen.space("MVFL").free_mb) == ("open", "MVF 4711", True, 100)
    (trip,) = station.trips
    assert words(trip) == [("oracle", "sqlplus", "-S", "-L", "/nolog"), ("oracle", "lsnrctl", "status")]
    assert "connect / as sysdba" in str(trip[0].stdin)


def test_on_windows_the_services_come_along():
    station = Station(sc=[RUNNING, "FAILED 1060:\n|#1060"])
    seen = made(station, "windows").look()
    assert seen.services == {"OracleServerMVF": "running", "OracleServiceMVF": "missing"} and seen.windows
    assert [command.words[0] for command in station.trips[0]] == ["sqlplus", "sc", "sc", "lsnrctl"]
    assert {command.user for command in station.trips[0]} == {None}


def test_a_listener_that_does_not_answer_is_unknown():
    assert made(Station(lsnrctl=None)).look().listener is None


def test_disks_and_names_in_one_round_trip():
    station = Station()
    disks, names = made(station).disks(["/data", "/data", ""])
    assert disks == {"/data": Disk("/data", 4000)} and names == {"/data": (".", "..", "mvfl01.dbf")}
    assert len(station.trips) == 1 and len(station.trips[0]) == 2


@pytest.mark.parametrize("df", [None, "", "df: /data: no such file\n|#1", DF + DF])
def test_a_disk_that_is_not_told_is_none(df):
    assert made(Station(df=df, ls=None)).disks(["/data"]) == ({"/data": None}, {"/data": None})


def test_no_folder_no_question():
    station = Station()
    assert made(station).disks([]) == ({}, {})


def test_on_windows_a_disk_is_its_drive():
    free = "Total # of free bytes        : 5242880000\nTotal # of bytes : 9242880000\nTotal # of avail free bytes : 5242880000\n"
    disks, _ = made(Station(fsutil=free, dir="mvfl01.dbf\n"), "windows").disks(["d:\\oradata"])
    assert disks == {"d:\\oradata": Disk("D:", 5000)}


def test_the_monitor_is_refreshed_before_it_is_read_as_mvf():
    station = Station()
    assert made(station).monitor()["MVFL"].free_mb == 100
    assert words(station.trips[0]) == [("mvf", "/usr/mvf/bin/monitor_update"), ("mvf", "/usr/mvf/bin/monitor_stats")]


@pytest.mark.parametrize("said", [{"monitor_update": None}, {"monitor_update": "x|#1"}, {"monitor_stats": "x|#1"}])
def test_a_monitor_that_fails_stops(said):
    with pytest.raises(Stop):
        made(Station(**said)).monitor()


def test_figures_that_could_not_be_refreshed_are_not_read():
    with pytest.raises(Stop) as stopped:
        made(Station(monitor_update="ORA-00942: no\n")).monitor()
    assert (stopped.value.finding.verdict.value, stopped.value.finding.key) == ("unknown", "monitor_add.monitor_update")
    assert "ORA-00942" in stopped.value.finding.summary


@pytest.mark.parametrize(
    ("printed", "ended", "said"),
    [("done\n", True, ""), ("ORA-01119: x\n", True, "ORA-01119"), ("|#3", True, "exit code 3"), (None, False, "cut")],
)
def test_what_an_adding_said(printed, ended, said):
    station = Station(monitor_add=printed)
    assert made(station).add(Add("MVFL", "/data/mvfl02.dbf", 2000)) == (ended, said)
    assert station.trips[0][0].user == "mvf" and station.trips[0][0].stdin == "C\nMVFL\n/data/mvfl02.dbf\n2000\n"


def test_accounts_and_folder_of_the_site():
    station = Station()
    made(station, "windows", monitor_user="AgfaService", bin_folder="D:\\mvf\\bin\\").monitor()
    assert words(station.trips[0])[0] == ("AgfaService", "D:\\mvf\\bin\\monitor_update")


# Starting


@pytest.fixture
def slept(monkeypatch):
    naps = []
    clock = SimpleNamespace(sleep=naps.append, monotonic=lambda: sum(naps))
    monkeypatch.setattr(spaces, "time", clock)
    return naps


def test_solaris_starts_the_instance_then_the_listener(slept):
    station = Station(sqlplus=["ORA-01033: x", "open"])
    seen, said = made(station).start(("instance", "listener"))
    assert (seen.instance, seen.listener, said, slept) == ("open", True, "", [5.0])
    assert words(station.trips[0]) == [("mvf", "dbstartmvf")] and words(station.trips[1]) == [
        ("mvf", "lsnrctl", "start")
    ]


def test_windows_starts_its_services_and_waits_for_the_instance(slept):
    station = Station(sqlplus=["ORA-12560: x", "ORA-01034: x", "open"], sc=RUNNING, net="|#0")
    seen, _ = made(station, "windows").start(("OracleServerMVF", "OracleServiceMVF"))
    assert seen.instance == "open" and slept == [5.0, 5.0]
    assert [trip[0].words for trip in station.trips[:2]] == [
        ("net", "start", "OracleServerMVF"),
        ("net", "start", "OracleServiceMVF"),
    ]


def test_a_start_that_fails_is_told_and_not_waited_for(slept):
    seen, said = made(Station(sqlplus="ORA-01034: x", dbstartmvf="ORA-01078: x\n")).start(("instance",))
    assert (seen.instance, said, slept) == ("down", "ORA-01078", [])


def test_waiting_has_an_end(slept):
    seen, _ = made(Station(sqlplus="ORA-01034: x", net="|#0"), "windows").start(("OracleServerMVF",))
    assert seen.instance == "down" and sum(slept) == 300


def test_a_pattern_that_cannot_be_used_stops_before_anything_is_asked():
    station = Station()
    with pytest.raises(Stop, match="cannot be used"):
        made(station, stats_pattern="(")
    assert station.trips == []
