# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks as they are called: open, stages, report; with tags, limits and inventories of every kind."""

import json
import os
import shutil
import signal
import subprocess

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.journal import Journal
from ansible_collections.impax.upgrade.plugins.plugin_utils.locks import RunLock
from ansible_collections.impax.upgrade.plugins.plugin_utils.sections import SERVER_TYPES
from support.repo import ROOT
from support.schemas import validate
from support.site_folder import BIN, EMPTY, UNREACHABLE, Site


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path).hosts(EMPTY).variables("impax_site: demo\n")


@pytest.fixture
def unreachable(tmp_path):
    return Site(tmp_path).hosts(UNREACHABLE)


# What always happens


def test_without_stations_it_ends_no_go_and_says_why(site):
    said = site.playbook()
    assert said.code != 0
    assert "No station is declared." in said.out
    report = site.report()
    validate("report", report)
    assert (report["verdict"], report["site"], len(report["sections"])) == ("no_go", "demo", 36)
    assert {file.name for file in (site.root / "report").iterdir()} == {
        *("report.json", "report.html", "report.csv", "junit.xml")
    }


def test_the_journal_tells_the_run_from_begin_to_end(site):
    site.playbook()
    entries = list(Journal.open(site.state, "demo").entries())
    for entry in entries:
        validate("journal-entry", entry)
    assert [entry["kind"] for entry in entries] == ["genesis", "run_started", *["stage_due"] * 9, "run_ended"]
    assert entries[1]["run"] == entries[-1]["run"] == site.report()["run"]
    assert (entries[-1]["verdict"], entries[1]["check"], entries[1]["stations"]) == ("no_go", False, {})


def test_the_lock_is_free_afterwards(site):
    site.playbook()
    assert RunLock(site.state).holder() is None


@pytest.mark.parametrize("words", [["--tags", "S34"], ["--tags", "S34,S36", "--check"], ["--skip-tags", "S01"]])
def test_first_and_last_play_run_whatever_the_tags(site, words):
    site.playbook(*words)
    assert site.kinds()[1] == "run_started"
    assert site.kinds()[-1] == "run_ended"


def test_only_the_sections_of_the_tags_are_taken_up(site):
    site.playbook("--tags", "S34,S22")
    due = [entry["sections"] for entry in Journal.open(site.state).entries("stage_due")]
    assert due == [["S22"], ["S34"]]


def test_every_section_is_a_tag(site):
    said = site.playbook("--list-tags")
    assert said.code == 0
    assert [f"S{number:02}" for number in range(1, 37) if f"S{number:02}" not in said.out] == []


def test_check_mode_is_noted_and_fails_as_well(site):
    said = site.playbook("--check")
    assert said.code != 0
    assert Journal.open(site.state).last("run_started")["check"] is True
    assert site.report()["check"] is True


def test_by_its_full_name_from_any_folder(site):
    said = site.playbook(name="impax.upgrade.prepare")
    assert "No station is declared." in said.out
    assert site.kinds()[-1] == "run_ended"


def test_a_stage_on_its_own_opens_its_run(site):
    said = site.playbook(name="impax.upgrade.stages.audit")
    assert said.code == 0, said.all
    assert site.kinds() == ["genesis", "run_started", "stage_due"]
    assert RunLock(site.state).holder() is None  # its process is gone


def test_a_stage_and_the_report(site):
    said = site.call("ansible-playbook", "impax.upgrade.stages.audit", "impax.upgrade.stages.report", "-i", "site")
    assert said.code != 0
    assert site.kinds() == ["genesis", "run_started", "stage_due", "run_ended"]


def test_in_the_folder_of_the_playbooks(site):
    environment = {**os.environ, "IMPAX_LAB_STATE": str(site.root)}
    (site.root / "site").rename(site.root / "inventory")
    done = subprocess.run(
        [BIN / "ansible-playbook", "prepare.yml", "-i", "../inventories/lab"],
        cwd=ROOT / "playbooks",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "No station is declared." in done.stdout, done.stdout + done.stderr
    assert (site.root / "site" / "state" / "journal.jsonl").exists()
    assert (site.root / "site" / "report" / "report.json").exists()


def test_the_lab_s_inventory_says_when_there_is_no_lab(site):
    said = site.call("ansible-inventory", "-i", str(ROOT / "inventories" / "lab"), "--list", IMPAX_LAB_STATE="/nowhere")
    assert "There is no lab in /nowhere" in " ".join(said.err.split())


# Stations


def test_stations_that_do_not_answer_are_unknown_and_the_report_is_written(unreachable):
    said = unreachable.playbook()
    assert said.code != 0
    for station in ("as3000", "as3001"):
        row = unreachable.row("S34", station)
        assert row["verdict"] == "unknown"
        assert row["summary"] != "not run yet"
    assert unreachable.row("S36", "site")["verdict"] == "not_applicable"
    assert unreachable.kinds()[-1] == "run_ended"


def test_a_limit_reaches_one_station_only_and_still_reports(unreachable):
    said = unreachable.playbook("--limit", "as3001", "--tags", "S34")
    assert said.code != 0
    assert unreachable.row("S34", "as3000")["summary"] == "not run yet"
    assert unreachable.row("S34", "as3001")["summary"] != "not run yet"
    started = Journal.open(unreachable.state).last("run_started")
    assert (started["limit"], started["stations"]) == ("as3001", {"as3000": ["as3000"], "as3001": ["as3000"]})


def test_a_station_whose_section_fails_is_unknown_with_the_reason(unreachable):
    unreachable.hosts(UNREACHABLE.replace("ansible_connection: ssh", "ansible_connection: no_such_connection"))
    unreachable.playbook()
    assert "no_such_connection" in unreachable.row("S34", "as3000")["summary"]
    assert unreachable.row("S34", "as3001")["findings"][0]["key"] == "section.s34.failed"


def test_a_limit_that_names_nobody_is_an_error(unreachable):
    said = unreachable.playbook("--limit", "as9999")
    assert said.code != 0
    assert not unreachable.state.exists()


def test_a_limit_without_any_station_is_an_error(site):
    said = site.playbook("--limit", "as3000")
    assert said.code != 0
    assert "No station is declared." in said.all


# Wrong inventories: an error before anything is begun, and nothing is lost

WRONG = {
    "unknown server type": (
        {"    as3000:\n      hosts:": "    as_3000:\n      hosts:"},
        ["The group 'as_3000' is no server type (did you mean as3000?)", "as3001 is in no group of a server type"],
    ),
    "missing variable": (
        {"    impax_audit_folder: /backup\n": ""},
        ["The variable impax_audit_folder is not set for as3000", "group_vars/as3000.yml"],
    ),
    "missing password": (
        {"    impax_dbadmin_password: nobody's\n": ""},
        ["impax_dbadmin_password is not set for as3001"],
    ),
    "missing vault": (
        {"impax_dbadmin_password: nobody's": 'impax_dbadmin_password: "{{ vault_not_there }}"'},
        ["The variable impax_dbadmin_password of as3000 cannot be used"],
    ),
    "undefined part": (
        {"impax_audit_folder: /backup": 'impax_audit_folder: "{{ disk_not_there }}/audit"'},
        ["The variable impax_audit_folder of as3000 cannot be used", "disk_not_there"],
    ),
    "missing site": ({"impax_site: demo": "impax_other: demo"}, ["impax_site"]),
    "one name twice": (
        {"        as3001: {ansible_host: 127.0.0.1, ansible_port: 2}": "        as3000: {ansible_host: 10.0.0.1}"},
        ["hosts.yml, line 7: as3000 stands in line 6 already"],
    ),
    "one address twice": (
        {"ansible_port: 2": "ansible_port: 1"},
        ["as3000 and as3001 have one address, 127.0.0.1 port 1"],
    ),
    "wrong type": ({"impax_site: demo": "impax_site: demo\n    impax_audit_lock_s: soon"}, ["impax_audit_lock_s"]),
    "absent and there": ({"as300_oracle:": "as3000:"}, ["as3000 stands in impax_absent"]),
    "approval without end": (
        {"impax_site: demo": "impax_site: demo\n    impax_approvals: [{finding: '*'}]"},
        ["impax_approvals, entry 1: station is missing"],
    ),
    "two places of the journal": (
        {"ansible_port: 2}": "ansible_port: 2, impax_state: /tmp/elsewhere}"},
        ["as3001 would write its journal to /tmp/elsewhere"],
    ),
}


@pytest.mark.parametrize(("change", "sentences"), WRONG.values(), ids=WRONG)
def test_a_wrong_inventory_is_an_error_before_anything_is_begun(unreachable, change, sentences):
    text = UNREACHABLE
    for before, after in change.items():
        assert before in text
        text = text.replace(before, after)
    said = unreachable.hosts(text).playbook()
    assert said.code != 0
    shown = " ".join(said.all.split())
    for sentence in (*sentences, "Nothing was begun."):
        assert sentence in shown
    assert "stage assess" not in said.out
    assert not unreachable.state.exists()
    assert "nobody's" not in said.all


def test_the_journal_of_another_site_is_not_touched(site):
    site.playbook()
    before = (site.state / "journal.jsonl").read_bytes()
    said = site.variables("impax_site: other\n").playbook()
    assert said.code != 0
    assert "belongs to the site" in " ".join(said.all.split())
    assert (site.state / "journal.jsonl").read_bytes() == before


def test_a_broken_journal_stops_the_run(site):
    site.playbook()
    file = site.state / "journal.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"stage":"assess"', b'"stage":"install"'))
    said = site.playbook()
    assert said.code != 0
    assert "is broken at entry 3" in " ".join(said.all.split())
    assert "stage assess" not in said.out


# One run a site


def running(site):
    """A playbook that has begun and cannot end: its station takes the connection and says nothing."""
    return subprocess.Popen(
        [BIN / "ansible-playbook", "prepare.yml", "-i", "site"],
        cwd=site.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


@pytest.fixture
def silent_site(tmp_path):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        hosts = UNREACHABLE.replace("ansible_port: 1}", f"ansible_port: {port}}}").replace(
            "ConnectTimeout=2", "ConnectTimeout=60"
        )
        made = Site(tmp_path).hosts(hosts.replace("        as3001: {ansible_host: 127.0.0.1, ansible_port: 2}\n", ""))
        made.playbook("--list-tags")
        process = running(made)
        made.wait_for("step_begun")
        yield made, process
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_second_run_is_refused_and_told_who_runs(silent_site):
    made, process = silent_site
    said = made.playbook()
    assert said.code != 0
    assert f"process {process.pid}" in said.all
    assert "is under way" in said.all
    assert made.kinds().count("run_started") == 1


def test_a_killed_run_leaves_an_unknown_row_and_a_free_lock(silent_site):
    made, process = silent_site
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert RunLock(made.state).holder() is None
    said = made.prepare("status", "--json")
    row = next(one for one in json.loads(said.out)["sections"] if one["id"] == "S23")["stations"][0]
    assert (said.code, row["verdict"]) == (1, "unknown")
    assert "interrupted" in row["summary"]


# The example


def test_a_run_may_start_from_the_example(tmp_path):
    site = Site(tmp_path)
    shutil.copytree(ROOT / "inventories" / "example", tmp_path / "site")
    site.playbook("--tags", "S01")
    started = Journal.open(site.state, "st-example-hospital").last("run_started")
    assert set(started["stations"]) == {"as3000", "as300", "ora1", "cm1", "app1", "gw1"}
    types = {name for names in started["stations"].values() for name in names}
    assert types | set(started["absent"]) == set(SERVER_TYPES)
