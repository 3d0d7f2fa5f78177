# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the steps: the last backup first, nothing run without medium and room, the journal before and after."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import pytest
from ansible_collections.impax.upgrade.plugins.action import configuration_backup as action
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Outcome, State
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor import TransferFailed
from ansible_collections.impax.upgrade.plugins.plugin_utils.journal import Journal
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import configuration_backup as rule

TOP = "C:\\Impax\\ConfigurationsBackups"
BAT = "E:\\appserver\\backupconfiguration.bat"
ROOM = "Total free bytes : 900000000\nTotal bytes : 999999999\nTotal avail free bytes : 900000000\n"


class Station:
    """A station in memory. folders: {name: {path: bytes}}; makes: the files of the next backup, None: it makes none."""

    def __init__(self):
        self.folders = {}
        self.makes = {"web.config": b"x" * 10, "adam\\s.ldf": b"y" * 20}
        self.ran, self.mute, self.state, self.code = 0, False, State.ENDED, 0
        self.media = {"E:\\": "appserver\n", "E:\\appserver": "backupconfiguration.bat\n"}

    def ask(self, commands):
        return [self.run(command) for command in commands]

    def run(self, command):
        words = tuple(str(word) for word in command.words)
        if words == (BAT,):
            return self._save(command)
        if words[0] == "fsutil":
            return Outcome(command, State.ENDED, 0, ROOM.encode())
        if self.mute:
            return Outcome(command, State.UNKNOWN, why="cut")
        text = self._list(words)
        return Outcome(command, State.ENDED, 0 if text else 1, text.encode())

    def _save(self, command):
        self.ran += 1
        if self.state is not State.NOT_BEGUN and self.makes is not None:
            self.folders[f"new{self.ran}"] = dict(self.makes)
        ended = self.state is State.ENDED
        return Outcome(command, self.state, self.code if ended else None, b"done", why="" if ended else "broken")

    def _list(self, words):
        if words[1] == "/b":
            return self.media.get(words[-1], "")
        if "/ad" in words:
            rows = "".join(f"01/01/2026  01:00 AM    <DIR>          {name}\n" for name in (".", "..", *self.folders))
            return f"{rows}               {len(self.folders) + 2} Dir(s)     9 bytes free\n" if self.folders else ""
        files = self.folders.get(words[-1].rpartition("\\")[2], {})
        text = ""
        for path, data in files.items():
            below, _, name = path.rpartition("\\")
            place = f"{words[-1]}\\{below}" if below else words[-1]
            text += (
                f" Directory of {place}\n\n01/01/2026  01:00 AM {len(data)} {name}\n   1 File(s) {len(data)} bytes\n"
            )
        foot = f"   {len(files)} File(s) {sum(map(len, files.values()))} bytes\n   0 Dir(s)  9 bytes free\n"
        return text + foot if files else ""

    def measure(self, path):
        name, _, below = path.removeprefix(f"{TOP}\\").partition("\\")
        data = self.folders[name][below]
        return len(data), hashlib.sha1(data).hexdigest()


@pytest.fixture
def run(tmp_path, monkeypatch):
    def act(station, check=False, **args):
        monkeypatch.setattr(action.ActionModule, "station", lambda self: station)
        monkeypatch.setattr(action, "carried_off", act.carry)
        args = {"section": "S28", "medium": "E:\\", **args}
        task = SimpleNamespace(
            args=args, check_mode=check, action="impax.upgrade.configuration_backup", async_val=0, diff=False
        )
        connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=""), _load_name="winrm_cmd")
        variables = {"inventory_hostname": "app", "impax_site": "lab", "impax_state": str(tmp_path)}
        templar = SimpleNamespace(template=lambda value: value)
        result = action.ActionModule(task, connection, None, None, templar, None).run(task_vars=variables)
        return SimpleNamespace(**result, keys=[one["key"].partition(".")[2] for one in result["findings"]])

    act.copied = []
    act.carry = lambda acting, at, path, sha1, size, of: act.copied.append((path, sha1, size, of))
    act.evidence = lambda: [one["what"] for one in Journal.open(tmp_path, "lab").entries("evidence")]
    return act


def test_made_once_then_it_stands_and_its_copy_is_looked_at(run):
    station = Station()
    first = run(station)
    assert (first.verdict, first.changed, station.ran) == ("changed", True, 1), first.msg
    assert run.evidence() == [rule.BEGUN, rule.BACKUP]
    assert [path for path, *_ in run.copied] == [f"{TOP}\\new1\\web.config", f"{TOP}\\new1\\adam\\s.ldf"]
    assert all(sha1 and size for _, sha1, size, _ in run.copied) and run.copied[1][3].endswith("/adam")
    again = run(station)
    assert (again.verdict, again.changed, station.ran, again.keys) == ("ok", False, 1, ["folder", "copy"])


def test_check_mode_writes_nothing_and_copies_nothing(run):
    station = Station()
    foretold = run(station, check=True)
    assert foretold.changed and foretold.findings[-1]["would"] and not station.ran and not run.evidence()
    run(station)
    run.copied.clear()
    assert run(station, check=True).verdict == "ok" and not run.copied
    station.folders["new1"].clear()
    assert run(station, check=True).changed and rule.WITHDRAWN not in run.evidence() and station.ran == 1


def test_one_that_is_no_longer_whole_is_withdrawn_and_made_again(run):
    station = Station()
    run(station)
    station.folders["new1"]["web.config"] = b"z" * 10
    again = run(station)
    assert again.verdict == "changed" and station.ran == 2 and rule.WITHDRAWN in run.evidence()
    assert "new1" in str(again.findings) and again.keys[0] == "whole"


def test_one_that_cannot_be_looked_at_is_unknown_and_none_is_made(run):
    station = Station()
    run(station)
    station.mute = True
    assert run(station).verdict == "unknown" and station.ran == 1


def test_one_that_is_too_old_is_made_again(run):
    station = Station()
    run(station)
    assert run(station, max_age_hours=0).verdict == "changed" and station.ran == 2


@pytest.mark.parametrize(
    ("media", "verdict"), [({}, "blocker"), ({"E:\\": "x\n"}, "blocker"), ({"E:\\": "appserver\n"}, "blocker")]
)
def test_without_medium_or_program_nothing_is_run(run, media, verdict):
    station = Station()
    station.media = media
    result = run(station)
    assert result.verdict == verdict and not station.ran and not run.evidence()


def test_without_room_without_answer_and_without_a_fitting_folder_nothing_is_run(run):
    station = Station()
    assert run(station, room_mb=10_000).verdict == "blocker"
    assert run(station, folder="Impax").verdict == "unknown"
    assert run(station, medium="").verdict == "blocker"
    station.mute = True
    assert run(station).verdict == "unknown" and not station.ran


@pytest.mark.parametrize(
    ("state", "verdict", "key", "changed"),
    [(State.NOT_BEGUN, "unknown", "begin", False), (State.UNKNOWN, "unknown", "end", True)],
)
def test_what_never_began_and_what_never_ended(run, state, verdict, key, changed):
    station = Station()
    station.state = state
    result = run(station)
    assert (result.verdict, result.keys[-1], result.changed) == (verdict, key, changed)
    station.state = State.ENDED
    after = run(station)
    told = [one["summary"] for one in after.findings if "was not seen" in one["summary"]]
    assert after.verdict == "changed" and bool(told) is (state is State.UNKNOWN)


@pytest.mark.parametrize(
    ("makes", "code", "key"),
    [(None, 0, "new_folder"), ({}, 0, "files"), ({"a": b""}, 0, "empty"), ({"a": b"x"}, 3, "exit_code")],
)
def test_a_run_that_made_no_backup_is_over_and_vouches_for_nothing(run, makes, code, key):
    station = Station()
    station.folders = {"old": {"a": b"x"}}
    station.makes, station.code = makes, code
    result = run(station)
    assert (result.verdict, result.keys[-1]) == ("blocker", key) and not run.copied
    assert run.evidence() == [rule.BEGUN, rule.ENDED]


def test_copies_that_do_not_arrive_and_copies_that_nobody_wants(run):
    station = Station()

    def fails(*_):
        raise TransferFailed("x", "no room here")

    run.carry = fails
    failed = run(station)
    assert failed.verdict == "attention" and "no room here" in failed.msg
    assert run(station).verdict == "attention" and station.ran == 1
    assert run(station, carry_off=False).keys == ["folder", "copy"]
