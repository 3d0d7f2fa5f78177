# SPDX-License-Identifier: GPL-3.0-or-later
"""impax-prepare as it is typed: exit codes, what it prints, what it leaves."""

import json
import os
import signal
import socket
import subprocess

import psutil
import pytest
import yaml
from ansible_collections.impax.upgrade.plugins.plugin_utils.journal import Journal
from ansible_collections.impax.upgrade.plugins.plugin_utils.locks import RunLock
from support.repo import ROOT
from support.schemas import validate
from support.site_folder import BIN, EMPTY, UNREACHABLE, Site
from support.story import finding

GO, NO_GO, WRONG, BROKEN_OFF = 0, 1, 2, 3


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path).hosts(EMPTY).variables("impax_site: demo\n")


@pytest.fixture
def awaiting(tmp_path):
    """A site whose journal holds one step that awaits an approval."""
    site = Site(tmp_path).hosts(UNREACHABLE)
    journal = Journal.open(site.state, "demo", create=True)
    journal.append(
        "run_started",
        run="r1",
        by="x",
        check=False,
        tags=["all"],
        limit=None,
        approvals=[],
        stations={"as3000": ["as3000"]},
        absent={},
    )
    where = {"step": "s1", "station": "as3000"}
    journal.append("step_begun", run="r1", section="S34", check=False, **where)
    journal.append("finding", finding=finding("attention").as_dict(), **where)
    journal.append("step_ended", **where)
    return site


# Before anything


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["approve", "--help"], ["journal", "--help"]])
def test_help_helps(site, words):
    said = site.call("impax-prepare", *words)
    assert said.code == GO
    assert "exit codes: 0 finished and go" in said.out or "verify" in said.out


@pytest.mark.parametrize(
    "words", [[], ["frobnicate"], ["approve", "site", "x"], ["run"], ["report", "site", "--format", "pdf"]]
)
def test_wrong_usage(site, words):
    said = site.call("impax-prepare", *words)
    assert (said.code, said.out) == (WRONG, "")
    assert "usage: impax-prepare" in said.err


@pytest.mark.parametrize("command", ["run", "assess", "status", "plan", "report"])
def test_a_folder_that_is_none(site, command):
    said = site.call("impax-prepare", command, "nowhere")
    assert said.code == WRONG
    assert "impax-prepare init nowhere" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("words", [["--section", "S99"], ["--stage", "audits"], ["--section", "*"]])
def test_sections_and_stages_that_are_none(site, words):
    said = site.prepare("run", *words)
    assert said.code == WRONG
    assert words[1] in said.err
    assert not site.state.exists()


# init


def test_init_makes_a_folder_that_works_as_it_stands(tmp_path):
    site = Site(tmp_path / "st-example")
    made = subprocess.run([BIN / "impax-prepare", "init", site.root], capture_output=True, text=True, check=True)
    assert "site/hosts.yml" in made.stdout
    assert {"ansible.cfg", "prepare.yml", "site", "vault.example.yml", ".gitignore"} == {
        path.name for path in site.root.iterdir()
    }
    said = site.call("ansible-playbook", "prepare.yml", "-i", "site")
    assert said.code != 0
    assert "No station is declared." in said.out
    assert site.report()["site"] == "st-example"


def test_init_leaves_alone_what_is_there(site):
    before = (site.root / "site" / "hosts.yml").read_text()
    said = site.prepare("init", "--json")
    assert said.code == GO
    assert (site.root / "site" / "hosts.yml").read_text() == before
    assert str(site.root / "site" / "hosts.yml") not in json.loads(said.out)["written"]
    assert json.loads(site.prepare("init", "--json").out)["written"] == []


def test_init_names_every_variable_that_a_role_needs():
    """In the templates a needed variable stands, at least as a comment."""
    templates = ROOT / "python_runner" / "impax_prepare" / "templates" / "site" / "group_vars"
    for role in ("as3000", "as300_oracle", "as300_sqlserver"):
        text = (templates / "all.yml").read_text() + (templates / f"{role}.yml").read_text()
        specification = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())
        options = specification["argument_specs"]["main"]["options"]
        assert [name for name, option in options.items() if option.get("required") and f"{name}:" not in text] == []


def test_init_fills_a_folder_from_the_lab(site):
    lab, made = site.root / "lab", Site(site.root / "made")
    (lab / "inventory" / "group_vars").mkdir(parents=True)
    (lab / "inventory" / "hosts.yml").write_text(f"# Written by impax-lab up\n{EMPTY}")
    (lab / "inventory" / "group_vars" / "all.yml").write_text("impax_site: of-the-lab\n")
    for _again in range(2):
        said = site.call("impax-prepare", "init", "made", "--lab", IMPAX_LAB_STATE=str(lab))
        assert said.code == GO, said.err
    assert "No station is declared." in site.call("impax-prepare", "run", "made").out
    assert made.report()["site"] == "of-the-lab"


def test_init_without_a_lab_says_so(site):
    said = site.call("impax-prepare", "init", "made", "--lab", IMPAX_LAB_STATE="/nowhere")
    assert said.code == WRONG
    assert "/nowhere" in said.err


def test_init_from_a_lab_spares_an_inventory_of_a_person(site):
    (site.root / "lab" / "inventory").mkdir(parents=True)
    (site.root / "lab" / "inventory" / "hosts.yml").write_text(EMPTY)
    said = site.prepare("init", "--lab", IMPAX_LAB_STATE=str(site.root / "lab"))
    assert said.code == WRONG
    assert "left alone" in said.err


# run, assess, status, plan, report, journal verify


def test_a_run_without_stations_is_no_go(site):
    said = site.prepare("run")
    assert said.code == NO_GO
    assert "No station is declared." in said.out
    assert "TASK [" not in said.out
    assert "\x1b" not in said.out


def test_a_run_as_json(site):
    said = site.prepare("run", "--json")
    report = json.loads(said.out)
    validate("report", report)
    assert (said.code, report["verdict"]) == (NO_GO, "no_go")
    assert "stage audit" in said.err


def test_assess_is_a_run_in_check_mode(site):
    assert site.prepare("assess").code == NO_GO
    assert Journal.open(site.state).last("run_started")["check"] is True


def test_a_stage_is_its_sections(site):
    site.prepare("run", "--stage", "audit", "--section", "S22")
    due = [entry["sections"] for entry in Journal.open(site.state).entries("stage_due")]
    assert due == [["S22"], ["S34", "S35", "S36"]]


def test_a_station_is_a_limit(tmp_path):
    site = Site(tmp_path).hosts(UNREACHABLE)
    assert site.prepare("run", "--station", "as3001").code == NO_GO
    assert site.row("S34", "as3000")["summary"] == "not run yet"
    assert site.row("S34", "as3001")["summary"] != "not run yet"


def test_a_wrong_inventory_is_said_and_nothing_is_begun(site):
    said = site.variables("impax_other: demo\n").prepare("run")
    assert said.code == WRONG
    assert "impax_site" in said.out
    assert "Nothing was begun" in said.out
    assert not (site.state / "journal.jsonl").exists()


def test_a_playbook_that_cannot_be_read_is_wrong_configuration(site):
    (site.root / "prepare.yml").write_text("- hosts: [\n")
    said = site.prepare("run")
    assert said.code == WRONG
    assert "prepare.yml" in said.out


def test_a_missing_collection_or_playbook_is_wrong_configuration(site):
    (site.root / "prepare.yml").write_text("- import_playbook: no.such.thing\n")
    assert site.prepare("run").code == WRONG


def test_nothing_of_the_environment_is_kept(site):
    site.prepare("run", SECRET_OF_MINE="marker-91c", IMPAX_PASSED="marker-92c")
    kept = b"".join(file.read_bytes() for file in site.root.rglob("*") if file.is_file())
    assert b"marker-9" not in kept
    assert (site.state / "runs").stat().st_mode & 0o777 == 0o700


def test_status_before_the_first_run(site):
    said = site.prepare("status", "--json")
    assert (said.code, json.loads(said.out)["verdict"]) == (NO_GO, "no_go")
    assert "impax-prepare assess" in site.prepare("status").out


def test_status_says_what_to_do_next(awaiting):
    said = awaiting.prepare("status")
    assert said.code == NO_GO
    assert "S34 as3000: attention: truncate is attention" in said.out
    report = json.loads(awaiting.prepare("status", "--json").out)
    validate("report", report)


def test_plan_lists_what_is_left(awaiting):
    said = awaiting.prepare("plan")
    assert said.code == GO
    assert said.out.index("assess\n") < said.out.index("audit\n")
    rows = json.loads(awaiting.prepare("plan", "--json").out)
    audit = next(row for row in rows if row["section"] == "S34" and row["station"] == "as3000")
    assert (audit["stage"], audit["verdict"], audit["usual_s"]) == ("audit", "attention", 0.0)


def test_report_writes_all_and_prints_one(awaiting):
    assert awaiting.prepare("report").code == GO
    folder = awaiting.root / "report"
    assert {file.name for file in folder.iterdir()} == {"report.json", "report.html", "report.csv", "junit.xml"}
    for name, file in {"json": "report.json", "html": "report.html", "csv": "report.csv", "junit": "junit.xml"}.items():
        said = awaiting.prepare("report", "--format", name)
        assert said.code == GO
        assert said.out.splitlines() == (folder / file).read_text().splitlines()


def test_report_says_when_it_cannot_write(awaiting):
    (awaiting.root / "report").write_text("")
    said = awaiting.prepare("report")
    assert said.code == WRONG
    assert "cannot be written" in said.err


def test_journal_verify(site):
    assert site.call("impax-prepare", "journal", "verify", ".").code == WRONG
    site.prepare("run")
    said = site.call("impax-prepare", "journal", "verify", ".", "--json")
    found = json.loads(said.out)
    assert (said.code, found["count"], found["broken_at"]) == (GO, 12, None)
    file = site.state / "journal.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"stage":"assess"', b'"stage":"install"'))
    said = site.call("impax-prepare", "journal", "verify", ".")
    assert said.code == NO_GO
    assert "broken at entry 3" in said.out
    for command in ("run", "status", "report"):
        said = site.prepare(command)
        assert said.code == WRONG
        assert "entry 3" in said.all


# approve, waive, attest


def test_an_approval_from_the_command_line(awaiting):
    hash_ = finding("attention").evidence_hash
    words = [
        "audit_table.map_event_audit.truncate",
        "--station",
        "as3000",
        "--evidence",
        hash_,
        "--by",
        "site engineer",
    ]
    said = awaiting.prepare(
        "approve", *words, "--until", "2d", "--allow", "no_backup", "--allow", "accept_window", "--json"
    )
    assert said.code == GO, said.err
    entry = json.loads(said.out)
    assert (entry["evidence"], entry["allow"]) == (hash_, ["no_backup", "accept_window"])
    validate("journal-entry", entry)
    awaiting.prepare("report")
    assert awaiting.row("S34", "as3000")["findings"][0]["approval"]["by"] == "site engineer"


def test_an_approval_of_other_evidence_is_refused(awaiting):
    words = [
        "audit_table.map_event_audit.truncate",
        "--station",
        "as3000",
        "--evidence",
        "0" * 64,
        "--by",
        "site engineer",
    ]
    said = awaiting.prepare("approve", *words)
    assert said.code == WRONG
    assert "read the report again" in said.err.lower()
    assert Journal.open(awaiting.state).last("approval") is None


def test_a_waiver_and_an_attestation_from_the_command_line(awaiting):
    by = ["--by", "site engineer"]
    waived = ["section.s26.not_implemented", "--station", "site", "--reason", "by hand", "--until", "2027-01-01"]
    for words in (["waive", *waived, *by], ["attest", "S13", "--station", "site", "--note", "role made", *by]):
        said = awaiting.prepare(*words, "--json")
        assert said.code == GO, said.err
        validate("journal-entry", json.loads(said.out))
    awaiting.prepare("report")
    assert awaiting.row("S26", "site")["verdict"] == "waived"


def test_nothing_can_be_approved_before_the_first_run(site):
    said = site.prepare("approve", "x.y", "--station", "a", "--evidence", "0" * 64, "--by", "B")
    assert said.code == WRONG
    assert "nothing was run" in said.err


# A run that is stopped


@pytest.fixture
def stuck(tmp_path):
    """impax-prepare at work on a station that takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        hosts = UNREACHABLE.replace("ansible_port: 1}", f"ansible_port: {listener.getsockname()[1]}}}")
        hosts = hosts.replace("        as3001: {ansible_host: 127.0.0.1, ansible_port: 2}\n", "")
        site = Site(tmp_path).hosts(hosts.replace("ConnectTimeout=2", "ConnectTimeout=60"))
        process = subprocess.Popen(
            [BIN / "impax-prepare", "run", site.root], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        site.wait_for("step_begun")
        workers = psutil.Process(process.pid).children(recursive=True)
        yield site, process, workers
        for one in workers:
            if one.is_running():
                one.kill()
        process.kill()
        process.wait()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_stopped_breaks_off_and_leaves_no_worker(stuck, how):
    site, process, workers = stuck
    assert len(workers) >= 2
    os.kill(process.pid, how)
    out, _err = process.communicate(timeout=40)
    assert process.returncode == BROKEN_OFF, out
    assert "The run broke off" in out
    assert [one for one in workers if one.is_running() and one.status() != "zombie"] == []
    assert RunLock(site.state).holder() is None
    assert Journal.open(site.state).last("run_ended") is None


def test_a_run_whose_playbook_is_killed_breaks_off(stuck):
    site, process, _workers = stuck
    playbook = next(
        one for one in psutil.Process(process.pid).children() if "ansible-playbook" in " ".join(one.cmdline())
    )
    playbook.kill()
    out, _err = process.communicate(timeout=40)
    assert process.returncode == BROKEN_OFF, out
    assert RunLock(site.state).holder() is None
