# SPDX-License-Identifier: GPL-3.0-or-later
"""S29, S32 and S33 on simulated stations: the actions by themselves, each kind of bad backup, approvals, a cut run."""

from __future__ import annotations

import json
import subprocess

import pytest
import yaml
from support.audit_site import BIN, DEMO
from support.rman_station import CONTROL, FULL, LOGS

UNIX = {"engine": "oracle", "os_user": "oracle", "mode": "hot", "accept_own": False}
OLD = [
    {**FULL, "key": 1, "piece_key": 1, "age_h": 200, "tag": "OLD"},
    {**CONTROL, "key": 2, "piece_key": 2, "age_h": 199.9, "tag": "OLD"},
]


class Backups:
    """One Solaris station and the two actions on it, by ansible-playbook."""

    def __init__(self, lab, folder, env):
        self.lab, self.folder, self.env, self.name = lab, folder, env, "as3000"

    def act(self, module, *more, **args):
        """The action's result. more: words for ansible-playbook."""
        task = {f"impax.upgrade.{module}": {"section": "S33", **args}, "register": "seen", "ignore_errors": True}
        told = {"ansible.builtin.copy": {"content": "{{ seen | to_json }}", "dest": str(self.folder / "seen.json")},
                "delegate_to": "localhost", "connection": "local", "check_mode": False}  # fmt: skip
        book = [{"hosts": self.name, "gather_facts": False, "tasks": [task, told]}]
        (self.folder / "book.yml").write_text(yaml.safe_dump(book))
        words = [BIN / "ansible-playbook", "-i", self.lab.state / "inventory", self.folder / "book.yml", *more]
        extra = {"impax_site": "lab", "impax_state": str(self.folder / "state")}
        words += ["-e", json.dumps(extra), "-e", f"@{self.folder}/approvals.json"]
        (self.folder / "approvals.json").write_text(json.dumps({"impax_approvals": getattr(self, "given", [])}))
        ran = subprocess.run(words, capture_output=True, text=True, timeout=300, env=self.env, cwd=self.folder)
        self.printed = ran.stdout + ran.stderr
        return json.loads((self.folder / "seen.json").read_text())

    def backup(self, *more, **args):
        return self.act("database_backup", *more, **{**UNIX, **args})

    def clean(self, *more, **args):
        return self.act("rman", *more, os_user="oracle", **args)

    def approve(self, result):
        finding = next(one for one in result["findings"] if "approve" in str(one["remediation"]))
        self.given = [
            {"finding": finding["key"], "station": self.name, "evidence": finding["evidence_hash"], "by": "Somebody",
             "until": "2099-01-01T00:00:00Z", "allow": ["stops_database"]}
        ]  # fmt: skip


def keys(result, *verdicts):
    return {one["key"] for one in result["findings"] if not verdicts or one["verdict"] in verdicts}


@pytest.fixture
def site(lab_up, tmp_path, ansible_environment):
    """A function: what differs on the station -> Backups."""

    def up(scenario=None, sets=(FULL, CONTROL, LOGS), redundancy=1, **area):
        station = json.loads(json.dumps(DEMO["stations"]["as3000"]))
        station["oracle"]["recovery_area"] = {"path": "/flash", "limit_mb": 400, "other_mb": 20, **area}
        station["oracle"]["rman"] = {"redundancy": redundancy}
        station["backup_sets"] = list(sets)
        station.setdefault("options", {})["runbackup_s"] = 0
        for table in station.get("tables", {}).values():
            table["rows"] = 20
        lab = lab_up(tmp_path, {**DEMO, "stations": {"as3000": station}}, scenario)
        return Backups(lab, tmp_path, ansible_environment)

    return up


def test_check_mode_then_the_backup_then_nothing(site):
    s = site()
    foretold = s.backup("--check", expected_mb=60)
    assert foretold["changed"] and not s.lab.calls("as3000", "runbackup"), s.printed
    made = s.backup(expected_mb=60)
    assert made["verdict"] == "changed", made["msg"]
    assert {"database_backup.verified"} <= keys(made, "changed")
    again = s.backup(expected_mb=60)
    assert again["verdict"] == "ok" and not again["changed"] and len(s.lab.calls("as3000", "runbackup")) == 1


BAD = {
    "empty_set": "empty",
    "old": "old",
    "other_database": "other_database",
    "partial": "partial",
    "truncated_piece": "truncated",
    "corrupt_piece": "unreadable",
    "incremental_called_full": "incremental",
    "expired": "expired",
    "fails_half_way": "failed",
    "empty_piece": "size_zero",
    "piece_missing": "piece_missing",
    "no_controlfile": "no_control_file",
    "wrong_device": "wrong_device",
    "not_available": "failed",
}


def test_each_kind_of_bad_backup_is_found_out(site):
    s = site()
    seen = {}
    for behaviour in BAD:
        s.lab.inject("as3000", "runbackup", behaviour, 1)
        result = s.backup(expected_mb=20)
        seen[behaviour] = (result["verdict"], sorted(keys(result, "blocker", "unknown")))
    wrong = {name: told for name, told in seen.items() if f"database_backup.{BAD[name]}" not in told[1]}
    assert not wrong, seen
    assert {verdict for verdict, _ in seen.values()} == {"blocker"}, seen


def test_a_mode_that_is_not_known_awaits_an_approval(site):
    s = site()
    asked = s.backup(mode="unknown", expected_mb=60)
    assert asked["verdict"] == "attention" and not s.lab.calls("as3000", "runbackup")
    s.approve(asked)
    assert s.backup(mode="unknown", expected_mb=60)["verdict"] == "changed"


def test_old_sets_go_by_approval_before_a_backup_that_would_not_fit(site):
    s = site(sets=[*OLD, FULL, CONTROL, LOGS], redundancy=3, limit_mb=130)
    assert "database_backup.room" in keys(s.backup(), "blocker")
    foretold = s.clean("--check", older_than_days=2)
    assert foretold["changed"], foretold["msg"]
    asked = s.clean(older_than_days=2)
    assert keys(asked, "attention") >= {"rman.cleanup"}, asked["msg"]
    s.approve(asked)
    done = s.clean(older_than_days=2)
    assert "rman.cleanup" in keys(done, "changed"), done["msg"]
    assert s.backup()["verdict"] == "changed"
    again = s.clean(older_than_days=2)
    assert not again["changed"], again["msg"]


@pytest.mark.parametrize(
    ("behaviour", "key"), [("delete_says_done_keeps", "not_deleted"), ("delete_keeps_file", "pieces_left")]
)
def test_a_deletion_that_did_not_happen_is_found_out(site, behaviour, key):
    s = site(sets=[*OLD, FULL, CONTROL, LOGS])
    asked = s.clean(keys=[1])
    s.approve(asked)
    s.lab.inject("as3000", "rman", behaviour)
    done = s.clean(keys=[1])
    assert f"rman.{key}" in keys(done, "blocker"), done["msg"]


def test_a_backup_that_outlives_its_run_is_found_and_proved(site):
    s = site()
    s.lab.inject("as3000", "runbackup", "still_running", 1)
    left = s.backup(expected_mb=60, job_limit=2)
    assert keys(left, "unknown") == {"database_backup.running"}, left["msg"]
    (s.lab.root("as3000").parent / "run/release-backup").touch()
    done = s.backup(expected_mb=60)
    assert done["verdict"] == "changed" and "earlier run" in done["msg"], done["msg"]
    assert len(s.lab.calls("as3000", "runbackup")) == 1


def test_translated_lists_are_unknown_and_nothing_is_deleted(site):
    s = site(sets=[*OLD, FULL, CONTROL, LOGS])
    s.lab.inject("as3000", "rman", "translated")
    assert s.clean(keys=[1])["verdict"] == "unknown"
    assert s.backup(expected_mb=60)["verdict"] == "unknown" and not s.lab.calls("as3000", "runbackup")


def test_a_tape_that_nobody_attested_is_not_written_to(site):
    s = site()
    asked = s.backup(destination="tape", media_label="IMPAX-07")
    assert "database_backup.media" in keys(asked, "attention") and not s.lab.calls("as3000", "runbackup")


def test_on_windows_the_same_as_the_log_on(lab_up, tmp_path, ansible_environment):
    solaris = json.loads(json.dumps(DEMO["stations"]["as3000"]))
    station = {
        "type": "as300_oracle", "system": "windows", "release": "6.0.6002", "codec": "cp850", "user": "AgfaService",
        "password": "agfa-Lab-5563", "tables": {}, "disks": {"C:": 20000, "D:": 8000}, "options": {"runbackup_s": 0},
        "oracle": {**solaris["oracle"], "recovery_area": {"path": "D:\\flash", "limit_mb": 400, "other_mb": 20}},
        "backup_sets": [*OLD, FULL, CONTROL, LOGS], "variables": {"impax_codec": "cp850"},
    }  # fmt: skip
    s = Backups(lab_up(tmp_path, {**DEMO, "stations": {"as3000": station}}), tmp_path, ansible_environment)
    there = {"runbackup": "C:\\mvf\\bin\\runbackup"}
    made = s.backup(os_user=None, expected_mb=60, **there)
    assert made["verdict"] == "changed", made["msg"]
    assert s.backup(os_user=None, expected_mb=60, **there)["verdict"] == "ok"
    asked = s.act("rman", **there)
    s.approve(asked)
    done = s.act("rman", **there)
    assert "rman.cleanup" in keys(done, "changed"), done["msg"]
