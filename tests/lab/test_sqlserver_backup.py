# SPDX-License-Identifier: GPL-3.0-or-later
"""S30 and S31 on a simulated Windows station: the action by itself, each kind of bad backup, the site's own, a cut run."""

from __future__ import annotations

import json
import subprocess
import time

import psutil
import pytest
import yaml
from support.audit_site import BIN, DEMO

RELEASES = {2000: "8.00.2039", 2005: "9.00.5000.00", 2008: "10.0.5500.0"}


class Backups:
    """One Windows station with SQL Server and the action on it, by ansible-playbook."""

    def __init__(self, lab, folder, env):
        self.lab, self.folder, self.env, self.name = lab, folder, env, "as300"

    def start(self, *more, **args):
        words = {
            "section": "S31",
            "engine": "sqlserver",
            "folder": "D:\\backup",
            "client": "osql",
            "accept_own": False,
            **args,
        }
        task = {"impax.upgrade.database_backup": words, "register": "seen", "ignore_errors": True}
        told = {"ansible.builtin.copy": {"content": "{{ seen | to_json }}", "dest": str(self.folder / "seen.json")},
                "delegate_to": "localhost", "connection": "local", "check_mode": False}  # fmt: skip
        book = [{"hosts": self.name, "gather_facts": False, "tasks": [task, told]}]
        (self.folder / "book.yml").write_text(yaml.safe_dump(book))
        line = [BIN / "ansible-playbook", "-i", self.lab.state / "inventory", self.folder / "book.yml", *more]
        line += ["-e", json.dumps({"impax_site": "lab", "impax_state": str(self.folder / "state")})]
        return subprocess.Popen(line, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                env=self.env, cwd=self.folder)  # fmt: skip

    def backup(self, *more, **args):
        (self.folder / "seen.json").unlink(missing_ok=True)
        self.printed = self.start(*more, **args).communicate(timeout=300)[0]
        return json.loads((self.folder / "seen.json").read_text())

    def files(self):
        return sorted(path for path in (self.lab.root(self.name) / "d/backup").glob("*") if path.is_file())


def keys(result, *verdicts):
    return {one["key"].removeprefix("database_backup.") for one in result["findings"] if one["verdict"] in verdicts}


@pytest.fixture
def site(lab_up, tmp_path, ansible_environment):
    """A function: the year of SQL Server, and what differs of it -> Backups."""

    def up(year=2005, scenario=None, **differs):
        station = json.loads(json.dumps(DEMO["stations"]["as300"]))
        station["sqlserver"].update({"version": RELEASES[year], "databases": {"mvf": {"used_mb": 2}}, **differs})
        for table in station["tables"].values():
            table["rows"] = 20
        lab = lab_up(tmp_path, {**DEMO, "stations": {"as300": station}}, scenario)
        return Backups(lab, tmp_path, ansible_environment)

    return up


@pytest.mark.parametrize("year", RELEASES)
def test_check_mode_then_a_new_file_then_nothing(site, year):
    s = site(year)
    foretold = s.backup("--check", versions=[year])
    assert foretold["changed"] and foretold["verdict"] == "attention" and not s.files(), s.printed
    made = s.backup(versions=[year])
    assert made["verdict"] == "changed", made["msg"]
    assert keys(made, "ok", "changed") == {"room", "verified", "copy"}
    (file,) = s.files()
    copy = next((s.folder / "state/copies/as300").glob("*/*.bak"))
    assert copy.read_bytes() == file.read_bytes() and copy.stat().st_mode & 0o777 == 0o600
    assert made["backup"]["sha1"] and "no integrity check" in made["backup"]["verified"]
    assert ("checksums of pages" in made["backup"]["verified"]) == (year > 2000)
    again = s.backup(versions=[year])
    assert again["verdict"] == "ok" and not again["changed"] and s.files() == [file], again["msg"]


def test_the_other_section_is_not_for_it(site):
    s = site(2000)
    result = s.backup(versions=[2005, 2008])
    assert result["verdict"] == "not_applicable" and "SQL Server 2000" in result["msg"] and not s.files()


def test_another_log_on_is_refused_before_anything_runs(site):
    s = site(2005)
    result = s.backup(os_user="SomebodyElse")
    assert (result["verdict"], s.files()) == ("unknown", [])
    assert "it must run as SomebodyElse, and the log-on is AgfaService" in result["msg"]
    assert not [call for call in s.lab.calls("as300") if call["program"] in ("osql", "sqlcmd")]


BAD = {
    "backup_empty_file": "empty",
    "backup_nothing_written": "missing",
    "backup_truncated": "truncated",
    "backup_other_database": "other_database",
    "backup_differential": "differential",
    "backup_zero_verified": "verified_empty",
    "backup_half_way": "failed",
    "backup_wrong_file": "missing",
    "backup_old_header": "old",
    "verify_damaged": "unreadable",
    "backup_corrupt_page": "unreadable",
}
SEEN_BY_2000 = ("backup_zero_verified", "backup_truncated", "verify_damaged")  # it has no checksums of pages


@pytest.mark.parametrize("year, behaviours", [(2000, SEEN_BY_2000), (2005, tuple(BAD))])
def test_each_kind_of_bad_backup_is_found_out(site, year, behaviours):
    s = site(year)
    seen = {}
    for behaviour in behaviours:
        s.lab.inject("as300", "osql", behaviour, 2)
        result = s.backup()
        seen[behaviour] = (result["verdict"], sorted(keys(result, "blocker", "unknown")), result["msg"])
    wrong = {name: told for name, told in seen.items() if BAD[name] not in told[1]}
    assert list(seen) and not wrong, json.dumps(wrong, indent=1)
    assert {verdict for verdict, *_ in seen.values()} == {"blocker"}, seen


def nightly(state):
    """Two sets of the site's own job in one file, the second one without a name."""
    path = "D:\\backup\\nightly.bak"
    sets = [
        {"type": "full", "age_h": 30, "path": path, "name": "nightly"},
        {"type": "full", "age_h": 5, "path": path, "state": state},
    ]
    return {"mvf": {"used_mb": 8, "backups": sets}}


def test_the_sites_own_backup_counts_when_it_can_be_proved(site):
    s = site(2008, databases=nightly("ok"))
    made = s.backup(accept_own=True)
    assert made["verdict"] == "ok" and not made["changed"], made["msg"]
    assert "nightly.bak" in made["msg"] and [path.name for path in s.files()] == ["nightly.bak"]
    (told,) = [one for one in made["findings"] if one["key"] == "database_backup.verified"]
    assert told["evidence"]["more"]["position"] == 2 and told["evidence"]["started"] < told["evidence"]["finished"]


@pytest.mark.parametrize("state, told", [("truncated", "attention"), ("missing", "ok")])
def test_a_bad_one_of_the_sites_own_is_told_and_a_new_one_is_made(site, state, told):
    s = site(2005, databases=nightly(state))
    made = s.backup(accept_own=True)
    assert "own" in keys(made, told) and "verified" in keys(made, "changed"), made["msg"]


def test_a_killed_controller_finds_its_job_again(site):
    s = site(2008)
    s.lab("inject", "as300", "osql", "slow", "--nth", "2", "--seconds", "20")
    first = s.start()
    journal = s.folder / "state/journal.jsonl"
    until = time.monotonic() + 120
    while not (journal.exists() and "database_backup_job" in journal.read_text()):
        assert time.monotonic() < until
        time.sleep(0.2)
    time.sleep(4)
    family = psutil.Process(first.pid)
    for one in [*family.children(recursive=True), family]:  # Ansible's workers have a session of their own
        one.kill()
    first.communicate()
    made = s.backup()
    assert made["verdict"] == "changed" and "earlier run" in made["msg"], made["msg"]
    assert len(s.files()) == 1


def test_as_sa_it_is_one_call_and_the_password_is_nowhere(site):
    s = site(2005)
    made = s.backup(account="sa", password="sa-Lab-9043")
    assert made["verdict"] == "changed", made["msg"]
    journal = (s.folder / "state/journal.jsonl").read_text()
    assert "database_backup_job" not in journal and "sa-Lab-9043" not in journal + s.printed
    assert "sa-Lab-9043" not in json.dumps(s.lab.calls("as300"))


def test_translated_output_is_never_ok_and_too_little_room_starts_nothing(site):
    s = site(2005)
    s.lab.inject("as300", "osql", "translated", 2)
    assert s.backup()["verdict"] in ("unknown", "blocker")
    assert s.backup(expected_mb=9000)["verdict"] == "blocker"
    assert len(s.files()) == 1
