# SPDX-License-Identifier: GPL-3.0-or-later
"""S05 and S15 on a simulated Windows station: the action by itself, in playbooks of its own."""

from __future__ import annotations

import json
import subprocess

import pytest
import yaml
from support.lab_site import BIN
from support.windows_site import station

NAME = "db1"
SERVICES = {
    "SQLBrowser": "running", "MSSQLFDLauncher": "stopped", "MsDtsServer100": "running", "Watcher": "running",
    "Idle": "stopped", "StudyStatusRelayService": "stopped", "Brief": "stopped", "Looping": "stopped", "Off": "stopped",
    "OffAndOn": "running", "Slow": "running", "Back": "running", "Locked": "running", "Stranger": "stopped",
}  # fmt: skip
SPECIAL = {
    "SQLBrowser": {"stop_seconds": 0.7, "start_seconds": 0.7, "start": "delayed"},
    "MSSQLFDLauncher": {"start": "demand"},
    "Watcher": {"needs": ["SQLBrowser"]},
    "Idle": {"needs": ["SQLBrowser"]},
    "Brief": {"ends_after": 0.8, "ends_with": [1066, 17113]},
    "Looping": {"ends_after": 0.5, "restarts_after": 0.2},
    "Off": {"start": "disabled"},
    "OffAndOn": {"start": "disabled"},
    "Slow": {"stop_seconds": 600},
    "Back": {"restarts_after": 0.4},
    "Locked": {"denied": True},
    "Stranger": {"start_error": 1069},
}
FOUR = ["msftesql", "MSSQLFDLauncher", "SQLBrowser", "MsDtsServer100"]


class Services:
    """One Windows station and the action on it. `run` gives a result for each task, in one playbook; check: in check mode."""

    def __init__(self, lab, folder, env):
        self.lab, self.folder, self.env = lab, folder, env
        self.approvals: list[dict] = []

    def run(self, *tasks):
        shown = self.folder / "seen.json"
        shown.unlink(missing_ok=True)
        steps = []
        for number, task in enumerate(tasks):
            words = {"section": "S05", "settle_seconds": 0, "wait_seconds": 20, **task}
            step = {"impax.upgrade.windows_service": words, "register": f"seen{number}", "ignore_errors": True}
            steps.append({**step, "check_mode": words.pop("check", False)})
        all_of_them = "{{ [" + ", ".join(f"seen{number}" for number in range(len(tasks))) + "] | to_json }}"
        steps.append({"ansible.builtin.copy": {"content": all_of_them, "dest": str(shown)},
                      "delegate_to": "localhost", "connection": "local", "check_mode": False})  # fmt: skip
        book = [{"hosts": NAME, "gather_facts": False, "tasks": steps}]
        (self.folder / "book.yml").write_text(yaml.safe_dump(book))
        more = {"impax_site": "lab", "impax_state": str(self.folder / "state"), "impax_approvals": self.approvals}
        line = [BIN / "ansible-playbook", "-i", self.lab.state / "inventory", self.folder / "book.yml"]
        line += ["-e", json.dumps(more)]
        ran = subprocess.run(line, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.env,
                             cwd=self.folder, timeout=200, stdin=subprocess.DEVNULL, check=False)  # fmt: skip
        assert shown.exists(), ran.stdout
        return json.loads(shown.read_text())

    def states(self):
        """What the station itself remembers of its services."""
        memory = json.loads((self.lab.state / "stations" / NAME / "state.json").read_text())
        return {**SERVICES, **memory.get("services", {})}

    def asked(self, *verbs):
        return [call["words"][1:] for call in self.lab.calls(NAME, "sc") if call["words"][1] in verbs]


@pytest.fixture(scope="module")
def s(lab_up, tmp_path_factory, ansible_environment):
    folder = tmp_path_factory.mktemp("services")
    described = station(services=SERVICES, options={"services": SPECIAL})
    return Services(lab_up(folder, {"name": "lab", "stations": {NAME: described}}), folder, ansible_environment)


def verdicts(result):
    return {one["key"].removeprefix("windows_service."): one["verdict"] for one in result["findings"]}


def test_the_four_services_are_foretold_stopped_left_and_brought_back(s):
    stop = {"services": FOUR, "state": "stopped", "production": False}
    back = {**stop, "state": "restored"}
    (foretold,) = s.run({**stop, "check": True})
    assert foretold["changed"] and foretold["verdict"] == "attention", foretold["msg"]
    assert not s.asked("start", "stop") and s.states() == SERVICES
    made, again, back_foretold = s.run(stop, stop, {**back, "check": True})
    assert verdicts(made) == {"msftesql.state": "ok", "mssqlfdlauncher.state": "ok", "watcher.state": "changed",
                              "sqlbrowser.state": "changed", "msdtsserver100.state": "changed"}, made["msg"]  # fmt: skip
    assert s.asked("stop") == [["stop", "Watcher"], ["stop", "SQLBrowser"], ["stop", "MsDtsServer100"]]
    assert {name for name, now in s.states().items() if now != SERVICES[name]} == {
        "Watcher",
        "SQLBrowser",
        "MsDtsServer100",
    }
    (browser,) = [one for one in made["findings"] if one["key"] == "windows_service.sqlbrowser.state"]
    assert "Watcher" in browser["summary"] and browser["evidence"]["start_type"] == "delayed"
    assert (again["verdict"], again["changed"]) == ("ok", False), again["msg"]
    assert back_foretold["changed"] and not s.asked("start"), back_foretold["msg"]
    restored, nothing = s.run(back, back)
    assert (restored["verdict"], s.states()) == ("changed", SERVICES), restored["msg"]
    assert s.asked("start") == [["start", "MsDtsServer100"], ["start", "SQLBrowser"], ["start", "Watcher"]]
    assert (nothing["verdict"], nothing["changed"]) == ("ok", False)
    assert not s.asked("config")


def test_in_production_it_awaits_an_approval_of_this_very_plan(s):
    stop = {"services": ["SQLBrowser"], "state": "stopped"}
    approval = {"finding": "windows_service.stop", "station": NAME, "evidence": "0" * 64, "by": "M. Example",
                "until": "2099-01-01T00:00:00Z"}  # fmt: skip
    s.approvals = [approval]
    (awaiting,) = s.run(stop)
    assert (awaiting["verdict"], awaiting["changed"], s.states()) == ("attention", False, SERVICES)
    (finding,) = [one for one in awaiting["findings"] if one["key"] == "windows_service.stop"]
    assert finding["evidence"]["stop"] == ["Watcher", "SQLBrowser"] and "Watcher" in finding["summary"]
    assert "other evidence" in finding["summary"]
    s.approvals = [{**approval, "evidence": finding["evidence_hash"]}]
    made, back = s.run(stop, {**stop, "state": "restored"})
    assert (made["verdict"], back["verdict"], s.states()) == ("changed", "changed", SERVICES), made["msg"]
    s.approvals = []


def test_a_service_that_is_started_has_to_last(s):
    relay = {"services": ["StudyStatusRelayService"], "state": "started", "settle_seconds": 1}
    brief = {**relay, "services": ["Brief"], "settle_seconds": 2}
    looping = {**relay, "services": ["Looping"], "settle_seconds": 2}
    made, again, ended, other = s.run(relay, relay, brief, looping)
    assert (made["verdict"], again["verdict"], again["changed"]) == ("changed", "ok", False), made["msg"]
    assert s.states()["StudyStatusRelayService"] == "running"
    assert ended["verdict"] == "blocker" and "within 2 s" in ended["msg"] and "17113" in ended["msg"], ended["msg"]
    assert other["verdict"] == "blocker", other["msg"]
    assert "within 2 s" in other["msg"] or "did not last 2 s" in other["msg"], other["msg"]


BAD = [
    ("Off", "started", "blocker", "is disabled"),
    ("OffAndOn", "started", "attention", "would not after a restart"),
    ("none", "started", "blocker", "1060"),
    ("SQL Server Browser", "stopped", "blocker", "own name is SQLBrowser"),
    ("Stranger", "started", "blocker", "account could not log on"),
    ("Locked", "stopped", "blocker", "access is denied"),
    ("Back", "stopped", "blocker", "started again within 1 s"),
]


def test_each_thing_that_goes_wrong_is_told(s):
    tasks = [{"services": [name], "state": state, "production": False, "settle_seconds": 1} for name, state, *_ in BAD]
    for (name, _, verdict, words), seen in zip(BAD, s.run(*tasks), strict=True):
        assert (seen["verdict"], words in seen["msg"]) == (verdict, True), (name, seen["msg"])
        bad = [one for one in seen["findings"] if one["verdict"] == verdict]
        assert all(NAME in one["summary"] and one["remediation"]["text"] for one in bad), name
    assert s.states()["Off"] == "stopped" and s.states()["Locked"] == "running"


def test_one_that_hangs_is_told_and_what_comes_after_it_is_left_alone(s):
    stop = {"services": ["Slow", "Back"], "state": "stopped", "production": False, "wait_seconds": 2}
    first, again = s.run(stop, stop)
    assert verdicts(first) == {"slow.state": "blocker", "back.state": "blocker"}
    assert "within 2 s" in first["msg"] and "Slow came first and failed" in first["msg"], first["msg"]
    assert again["verdict"] == "blocker" and "stopping (state 3)" in again["msg"] and not again["changed"]
    assert ["stop", "Back"] not in s.asked("stop")[-1:]


def test_what_is_not_told_is_unknown_and_nothing_is_touched_and_another_language_is_no_harm(s):
    asked = s.asked("stop")
    for behaviour, nth in (("empty_output", 1), ("exit_nonzero", 3), ("more_data", 7)):
        s.lab.inject(NAME, "sc", behaviour, nth)
    for nth in range(8, 13):
        s.lab.inject(NAME, "sc", "translated", nth)
    stop = {"services": ["MsDtsServer100"], "state": "stopped", "production": False}
    *unknown, german = s.run(stop, stop, stop, {**stop, "services": ["msftesql", "MSSQLFDLauncher"]})
    for seen in unknown:
        assert (seen["verdict"], seen["changed"]) == ("unknown", False), seen["msg"]
    assert "did not list the services that need MsDtsServer100" in unknown[2]["msg"]
    assert (s.states()["MsDtsServer100"], s.asked("stop")) == ("running", asked)
    assert (german["verdict"], german["changed"]) == ("ok", False), german["msg"]
