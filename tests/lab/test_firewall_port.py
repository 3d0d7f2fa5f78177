# SPDX-License-Identifier: GPL-3.0-or-later
"""S12 on simulated Windows 2008 and 2003 stations: the action by itself, and each way in which netsh fails or lies."""

from __future__ import annotations

import json
import socket
import subprocess

import pytest
import yaml
from support.audit_site import BIN

NAME, PORT = "Study Status Relay", 7070
SERVICES = {"app": "MpsSvc", "old_app": "SharedAccess"}
WINDOWS = {
    "type": "application_server", "system": "windows", "codec": "cp850", "user": "impax", "password": "Lab-77-app",
    "disks": {"C:": 2000},
}  # fmt: skip
SITE = {
    "stations": {
        "app": {**WINDOWS, "release": "6.0.6002", "services": {"MpsSvc": "running"}},
        "old_app": {**WINDOWS, "release": "5.2.3790", "services": {"SharedAccess": "running"}},
    }
}


class Firewalls:
    """Both machines, and the action on them at once by ansible-playbook; each run has the journal of the last one."""

    def __init__(self, lab, folder, env):
        self.lab, self.folder, self.env = lab, folder, env

    def run(self, *more, hosts="app:old_app", extra=None, **args):
        """The result by station."""
        told = {"ansible.builtin.copy": {"content": "{{ seen | to_json }}",
                "dest": f"{self.folder}/seen-{{{{ inventory_hostname }}}}.json"},
                "delegate_to": "localhost", "connection": "local", "check_mode": False, "diff": False}  # fmt: skip
        words = {"section": "S12", "port": PORT, **args}
        task = {"impax.upgrade.firewall_port": words, "register": "seen", "ignore_errors": True}
        book = [{"hosts": hosts, "gather_facts": False, "tasks": [task, told]}]
        (self.folder / "book.yml").write_text(yaml.safe_dump(book))
        for station in SERVICES:
            (self.folder / f"seen-{station}.json").unlink(missing_ok=True)
        line = [BIN / "ansible-playbook", "-i", self.lab.state / "inventory", self.folder / "book.yml", *more]
        variables = {"impax_site": "lab", "impax_state": str(self.folder / "state"), **(extra or {})}
        ran = subprocess.run([*line, "-e", json.dumps(variables)], text=True, capture_output=True, env=self.env,
                             cwd=self.folder, timeout=120)  # fmt: skip
        self.printed = ran.stdout + ran.stderr
        files = {station: self.folder / f"seen-{station}.json" for station in hosts.split(":")}
        assert all(file.exists() for file in files.values()), self.printed
        return {station: json.loads(file.read_text()) for station, file in files.items()}

    def memory(self, station):
        return self.lab.state / "stations" / station / "state.json"

    def rules(self, station):
        return json.loads(self.memory(station).read_text()).get("firewall", [])

    def put(self, station, *rules, service="running", fault=None, nth=None):
        """What the station has from now on: these rules (each with what differs from the right one), one fault."""
        path = self.memory(station)
        memory = json.loads(path.read_text()) if path.exists() else {}
        every = ["domain", "private", "public"] if station == "app" else ["domain", "standard"]
        usual = {"name": NAME, "port": str(PORT), "protocol": "tcp", "enabled": True, "dir": "in", "action": "allow",
                 "remoteip": "any", "profiles": every}  # fmt: skip
        memory["firewall"] = [{**usual, **rule} for rule in rules]
        memory["services"] = {SERVICES[station]: service}
        path.write_text(json.dumps(memory))
        (self.lab.state / "stations" / station / "faults.json").write_text("[]")
        if fault:
            self.lab.inject(station, "netsh", fault, nth)

    def put_both(self, *rules, **more):
        for station in SERVICES:
            self.put(station, *rules, **more)


def of(result, key):
    return next(one for one in result["findings"] if one["key"] == f"firewall_port.{key}")


@pytest.fixture(scope="module")
def site(lab_up, tmp_path_factory, ansible_environment):
    folder = tmp_path_factory.mktemp("firewall")
    return Firewalls(lab_up(folder, SITE), folder, ansible_environment)


def test_check_mode_then_a_rule_then_nothing(site):
    site.put_both()
    for station, foretold in site.run("--check", "--diff").items():
        assert foretold["changed"] and foretold["verdict"] == "attention", foretold["msg"]
        assert site.rules(station) == [] and foretold["diff"]["before"] == ""
    assert site.printed.count(f"+name: {NAME}") == 2
    made = site.run()
    contexts = {"app": "advfirewall firewall", "old_app": "netsh firewall"}
    rules = {station: site.rules(station) for station in made}
    for station, result in made.items():
        assert result["verdict"] == "changed" and result["changed"], result["msg"]
        assert contexts[station] in of(result, "verb")["summary"]
        terms = {(rule["name"], rule["port"], rule["protocol"], rule["enabled"]) for rule in rules[station]}
        assert terms == {(NAME, "7070", "tcp", True)}
    assert {profile for rule in rules["old_app"] for profile in rule["profiles"]} == {"domain", "standard"}
    for station, again in site.run().items():
        assert again["verdict"] == "ok" and not again["changed"] and site.rules(station) == rules[station]


def approval(station, evidence):
    return {"finding": "firewall_port.repair", "station": station, "site": "lab", "by": "Kim", "until": "2099-01-01",
            "evidence": evidence}  # fmt: skip


def test_another_port_is_repaired_once_that_very_change_is_approved(site):
    site.put_both({"port": "7071"})
    before = {station: site.rules(station) for station in SERVICES}
    asked = site.run(extra={"impax_approvals": [approval(station, "0" * 64) for station in SERVICES]})
    for station, result in asked.items():
        assert (result["verdict"], result["changed"], site.rules(station)) == ("attention", False, before[station])
        assert "localport 7071 instead of 7070" in of(result, "repair")["summary"]
        assert "  localport: 7071\n" in result["diff"]["before"] and "  localport: 7070\n" in result["diff"]["after"]
    given = [approval(station, of(result, "repair")["evidence_hash"]) for station, result in asked.items()]
    for station, done in site.run("--diff", extra={"impax_approvals": given}).items():
        assert done["verdict"] == "changed" and "Kim" in of(done, "rule")["summary"], done["msg"]
        assert {rule["port"] for rule in site.rules(station)} == {"7070"}
    assert site.printed.count("-  localport: 7071") == 2


def test_a_rule_that_keeps_the_other_cluster_out_is_a_blocker_and_stays(site):
    site.put("app", {"action": "block"})
    site.put("old_app", {"enabled": False})
    before = {station: site.rules(station) for station in SERVICES}
    for station, result in site.run().items():
        assert result["verdict"] == "blocker" and "disabled or blocks" in result["msg"], result["msg"]
        assert site.rules(station) == before[station]


LIES = {"says_ok_adds_nothing": "no such rule", "adds_disabled": "enabled no", "wrong_port": "localport 7071"}


@pytest.mark.parametrize("behaviour", LIES)
def test_ok_is_not_believed(site, behaviour):
    site.put_both(fault=behaviour, nth=2)
    for station, result in site.run().items():
        assert result["verdict"] == "blocker" and LIES[behaviour] in result["msg"], result["msg"]
        assert "'Ok.'" in result["msg"] and result["changed"] == bool(site.rules(station))


def test_a_firewall_that_is_off_is_told_and_left_so(site):
    site.put_both(service="stopped")
    for station, result in site.run().items():
        assert result["verdict"] == "attention" and f"{SERVICES[station]} is stopped" in result["msg"]
        assert not site.rules(station)


@pytest.mark.parametrize("faults", [("access_denied", "permission_denied"), ("empty_output", "service_off")])
def test_rules_that_cannot_be_listed_are_not_known(site, faults):
    for station, fault in zip(SERVICES, faults, strict=True):
        site.put(station, fault=fault)
    for station, result in site.run().items():
        assert result["verdict"] == "unknown" and not result["changed"] and site.rules(station) == [], result["msg"]


def test_another_language_is_never_ok_and_nothing_is_done_twice(site):
    site.put_both({}, fault="translated")
    for station, result in site.run().items():
        assert result["verdict"] == "unknown" and "another language" in result["msg"], result["msg"]
        assert len(site.rules(station)) == 1 and not result["changed"]


def test_that_a_rule_is_missing_is_seen_in_another_language_too(site):
    site.put_both({"name": "Remotedesktop", "port": "3389"}, fault="translated")
    for station, result in site.run().items():
        assert result["verdict"] == "unknown" and result["changed"], result["msg"]
        assert "another language" in result["msg"]
        assert {rule["name"] for rule in site.rules(station)} == {"Remotedesktop", NAME}


def test_the_port_is_tried_from_the_controller(site):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        site.put("app", {"port": str(port)})
        tried = {"hosts": "app", "port": port, "address": "127.0.0.1"}
        (result,) = site.run(**tried, check_from=["old_app"]).values()
        assert result["verdict"] == "ok" and "from the controller" in of(result, "reached")["summary"], result["msg"]
        (stranger,) = site.run(**tried, check_from=["nobody"]).values()
        assert stranger["verdict"] == "unknown" and "the inventory has no nobody" in stranger["msg"]
    (closed,) = site.run(**tried, check_from=["old_app"]).values()
    assert closed["verdict"] == "blocker" and "nothing listens" in closed["msg"]
