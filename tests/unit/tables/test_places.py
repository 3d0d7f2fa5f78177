# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an export lies, on Solaris and on Windows: paths, room, the file as it is; what was not said is never good."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Outcome, State
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor import TransferFailed
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Finding, Verdict
from ansible_collections.impax.upgrade.plugins.plugin_utils.tables import Stop, places

SHA1 = "ab" * 20
MISSING = "/a/x.dmp: No such file or directory"
LISTED = f"-rw-------   1 103  102   4096 Jan  1 12:00 /a/x.dmp\n{SHA1}\n"


class Station:
    """said: program -> (exit code, output), None for no answer. sizes: what `measure` gives, one call after another."""

    def __init__(self, said=None, sizes=()):
        self.said, self.sizes, self.asked = said or {}, list(sizes), []

    def ask(self, commands):
        return [self.run(command) for command in commands]

    def run(self, command):
        self.asked.append(command)
        answer = self.said.get(command.program)
        if answer is None:
            return Outcome(command, State.UNKNOWN, why="cut")
        return Outcome(command, State.ENDED, answer[0], answer[1].encode())

    def measure(self, path):
        size = self.sizes.pop(0)
        if isinstance(size, str):
            raise TransferFailed(path, size)
        return size, None if size is None else SHA1


class Action:
    section, name = "S35", "ora1"

    def unknown(self, what, summary, remedy, **evidence):
        return Finding(f"audit_table.{what}", self.section, self.name, Verdict.UNKNOWN, summary, evidence)

    def unanswered(self, outcome, expected):
        return self.unknown(outcome.command.program, f"{self.name}: expected {expected}, seen {outcome.why}", "")


def unix(said):
    return places.UnixPlace(Action(), Station(said), "service")


def windows(*sizes, said=None):
    return places.WindowsPlace(Action(), Station(said, sizes))


@pytest.mark.parametrize("system, kind", [("solaris", places.UnixPlace), ("windows", places.WindowsPlace)])
def test_the_system_that_is_named_decides(system, kind):
    want = SimpleNamespace(system=system, os_user=None)
    assert isinstance(places.place_of(Action(), want, Station()), kind)


def test_paths_are_written_as_the_system_writes_them():
    assert unix({}).join("/a/", "x.dmp") == unix({}).join("/a", "x.dmp") == "/a/x.dmp"
    assert windows().join("D:\\audit\\", "x.dmp") == windows().join("D:\\audit", "x.dmp") == "D:\\audit\\x.dmp"
    assert windows().join("D:\\", "x.dmp") == "D:\\x.dmp"


DF = "Filesystem kbytes used avail capacity Mounted on\n/dev/dsk/c0 100 40 60 40% /a\n"
FSUTIL = "Free : 4096000\nSize : 8192000\nAvail : 2048000\n"


@pytest.mark.parametrize(
    "place, program, printed, expected",
    [(unix({}), "df", DF, 60), (windows(), "fsutil", FSUTIL, 2000)],
)
def test_room_is_asked_by_the_systems_own_program(place, program, printed, expected):
    command = place.free("D:\\audit" if program == "fsutil" else "/a")
    assert command.program == program
    assert place.free_kb(Outcome(command, State.ENDED, 0, printed.encode())) == expected
    assert place.free_kb(Outcome(command, State.ENDED, 1, printed.encode())) is None
    assert place.free_kb(Outcome(command, State.ENDED, 0, b"")) is None
    assert place.free_kb(Outcome(command, State.UNKNOWN)) is None


def test_a_file_as_it_is_now():
    assert unix({"ls": (0, LISTED), "digest": (0, SHA1)}).file_now("/a/x.dmp") == (4096, SHA1)
    assert unix({"ls": (2, ""), "digest": (1, "")}).file_now("/a/x.dmp") == (None, None)
    assert unix({}).file_now("/a/x.dmp") == (None, None)
    assert windows(4096).file_now("D:\\x.dmp") == (4096, SHA1)
    assert windows(None).file_now("D:\\x.dmp") == (None, None)
    assert windows("cut").file_now("D:\\x.dmp") == (None, None)


def test_a_name_is_taken_free_or_nobody_knows():
    assert unix({"ls": (0, LISTED)}).taken("/a/x.dmp") and not unix({"ls": (2, MISSING)}).taken("/a/x.dmp")
    assert windows(4096).taken("D:\\x.dmp") and windows(0).taken("D:\\x.dmp") and not windows(None).taken("D:\\x.dmp")
    for place in (unix({}), unix({"ls": (2, "/a/x.dmp: Permission denied")}), windows("cut")):
        with pytest.raises(Stop) as stopped:
            place.taken("D:\\x.dmp")
        assert stopped.value.finding.verdict is Verdict.UNKNOWN and "ora1" in stopped.value.finding.summary


def test_a_file_is_removed_when_that_was_seen():
    assert unix({"rm": (0, "")}).removed("/a/x.dmp")
    assert not unix({"rm": (2, "")}).removed("/a/x.dmp") and not unix({}).removed("/a/x.dmp")
    assert windows(None, said={"del": (0, "")}).removed("D:\\x.dmp")
    assert not windows(4096, said={"del": (0, "")}).removed("D:\\x.dmp"), "del says 0 of a file that it left"
    assert not windows("cut", said={"del": (0, "")}).removed("D:\\x.dmp") and not windows().removed("D:\\x.dmp")


def test_on_solaris_everything_runs_as_the_exports_account():
    place = unix({"ls": (0, LISTED), "digest": (0, SHA1), "rm": (0, "")})
    place.file_now("/a/x.dmp"), place.taken("/a/x.dmp"), place.removed("/a/x.dmp")
    assert {command.user for command in place.station.asked} == {"service"}
