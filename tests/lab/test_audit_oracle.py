# SPDX-License-Identifier: GPL-3.0-or-later
"""S34 on a simulated AS3000: the way through, and every way it may go wrong. Nothing lost, no go, a message."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from pathlib import Path

import pytest
import yaml
from support.audit_site import TABLE, AuditSite, nothing_lost, site_of

ROWS = 200
FAULT = {"station": "as3000"}


@pytest.fixture
def up(lab_up, tmp_path):
    """A function: faults and what differs of the station -> a site that is up."""

    running = []

    def bring(*faults: dict, **differs) -> AuditSite:
        site = site_of("as3000", rows=ROWS)
        scenario = {"stations": {"as3000": differs}, "faults": [{**FAULT, **fault} for fault in faults]}
        running.append(lab_up(tmp_path, site, scenario))
        return AuditSite(running[-1], "S34", "as3000")

    yield bring
    for lab in running:
        lab("down")


def dumps(site: AuditSite) -> list[Path]:
    return sorted((site.lab.root("as3000") / "backup/audit").glob("*.dmp"))


def test_the_whole_way_and_a_second_time_nothing(up):
    site = up()
    first = site.run()
    assert first.returncode == 1, first.stdout + first.stderr
    awaited = site.finding("truncate")
    assert (awaited["verdict"], awaited["evidence"]["rows"], site.rows()) == ("attention", ROWS, ROWS)
    site.approve()
    site.run()
    assert site.finding("truncate")["verdict"] == "changed" and site.rows() == 0
    (dump,) = dumps(site)
    assert dump.stat().st_size == awaited["evidence"]["bytes"]
    carried = site.folder / "state/copies/as3000" / dump.name
    assert carried.read_bytes() == dump.read_bytes() and carried.stat().st_mode & 0o777 == 0o600
    site.run()
    assert site.row()["verdict"] == "ok" and site.called("exp") == 1 and site.rows() == 0
    assert "dbadmin-Lab-7391" not in json.dumps(site.lab.calls("as3000"))
    assert "dbadmin-Lab-7391" not in (site.folder / "state/journal.jsonl").read_text()


def test_check_mode_foretells_and_changes_nothing(up):
    site = up()
    site.start("--check").communicate(timeout=120)
    assert site.rows() == ROWS and dumps(site) == [] and site.called("exp") == 0
    foretold = [
        entry["finding"] for entry in site.journal() if entry["kind"] == "finding" and entry["finding"].get("would")
    ]
    assert foretold and "would be exported" in foretold[-1]["summary"]


@pytest.mark.parametrize(
    "fault, what, verdicts",
    [
        ({"program": "exp", "behaviour": "table_missing"}, "export", ("blocker",)),
        ({"program": "exp", "behaviour": "disk_full"}, "export", ("blocker",)),
        ({"program": "exp", "behaviour": "fewer_rows"}, "export", ("blocker",)),
        ({"program": "exp", "behaviour": "translated"}, "export", ("unknown",)),
        ({"program": "exp", "behaviour": "empty_output"}, "export", ("unknown",)),
        ({"program": "exp", "behaviour": "says_done_does_nothing"}, None, ("unknown", "blocker")),
        ({"program": "exp", "behaviour": "lying_zero"}, "export", ("unknown", "blocker")),
        ({"program": "exp", "behaviour": "killed"}, "export", ("unknown", "blocker")),
        ({"program": "imp", "behaviour": "abnormal_end"}, "verify", ("blocker",)),
        ({"program": "imp", "behaviour": "empty_output"}, "verify", ("unknown",)),
        ({"program": "imp", "behaviour": "translated"}, "verify", ("unknown",)),
        ({"program": "sqlplus", "behaviour": "account_locked"}, "measure", ("unknown",)),
        ({"program": "sqlplus", "behaviour": "wrong_password"}, "measure", ("unknown",)),
        ({"program": "sqlplus", "behaviour": "empty_output"}, "measure", ("unknown",)),
        ({"program": "sqlplus", "behaviour": "truncated_output"}, None, ("unknown",)),
        ({"program": "sqlplus", "behaviour": "not_available"}, "measure", ("unknown",)),
        ({"program": "df", "behaviour": "empty_output"}, "room", ("unknown",)),
        ({"program": "digest", "behaviour": "empty_output"}, "copy", ("unknown",)),
        ({"program": "sqlplus", "behaviour": "disconnect_before"}, None, ("unknown",)),
        ({"program": "sqlplus", "behaviour": "disconnect_after"}, None, ("unknown",)),
    ],
    ids=lambda value: f"{value['program']}-{value['behaviour']}" if isinstance(value, dict) else None,
)
def test_a_fault_before_the_approval(up, fault, what, verdicts):
    site = up(fault)
    site.run()
    bad = nothing_lost(site, ROWS, verdicts=verdicts)
    assert what is None or bad["key"].endswith(f".{what}"), bad
    assert not [entry for entry in site.journal() if entry.get("what") == "audit_truncate_begun"]


def test_letters_beyond_ascii_are_in_the_dump_as_they_are_in_the_table(up):
    site = up()
    texts = [
        row["DESCRIPTION"] for row in site.lab.sql("as3000", f"select description from {TABLE}") if row["DESCRIPTION"]
    ]
    foreign = next(text for text in texts if not text.isascii())
    site.run()
    assert site.finding("truncate")["verdict"] == "attention"
    assert foreign.encode() in dumps(site)[0].read_bytes()


def test_bare_statistics_are_no_hindrance(up):
    site = up({"program": "exp", "behaviour": "questionable_statistics"}).saved_and_approved()
    site.run()
    assert site.rows() == 0


@pytest.mark.parametrize(
    "differs, what",
    [
        ({"tables": {TABLE: {"rows": ROWS, "null_user_id": 3}}}, "null_user_id"),
        ({"disks": {"/backup": 0}}, "room"),
    ],
)
def test_what_stands_in_the_way_from_the_start(up, differs, what):
    site = up(**differs)
    site.run()
    bad = nothing_lost(site, ROWS, verdicts=("blocker",))
    assert bad["key"].endswith(what) and site.called("exp") == 0


@pytest.mark.parametrize(
    "behaviour", ["lost_contact_before", "lost_contact_after", "disconnect_before", "disconnect_after"]
)
def test_a_cut_around_the_truncate_is_found_out_by_the_next_run(up, behaviour):
    site = up().saved_and_approved()
    site.lab.inject("as3000", "sqlplus", behaviour, nth=3)  # measuring asks twice, then the truncating session
    site.run()
    assert site.row()["verdict"] == "unknown", site.row()
    left = site.rows()
    assert left in (0, ROWS)
    site.run()
    assert site.finding("truncate")["verdict"] == "changed" and site.rows() == 0
    assert site.called("exp") == 1


def test_rows_that_arrive_after_the_export_are_exported_too(up):
    """The approval covers the one later export that contains the approved one."""
    site = up().saved_and_approved()
    site.lab("arrive", "as3000", TABLE, "--rows", "3")
    site.run()
    done = site.finding("truncate")
    assert done["verdict"] == "changed" and done["evidence"]["rows"] == ROWS + 3 and site.rows() == 0
    assert site.called("exp") == 2


def test_writers_said_to_be_stopped_are_looked_for(up):
    site = up()
    site.run()
    awaited = site.finding("truncate")
    words = [awaited["key"], "--station", "as3000", "--evidence", awaited["evidence_hash"], "--by", "Test Approver"]
    site.product("approve", *words, "--allow", "no_backup", "--allow", "writers_stopped")
    site.run()
    assert site.finding("truncate")["verdict"] == "changed" and site.rows() == 0


def test_a_reference_is_found_before_the_export(up):
    site = up()
    sql = f"create table child (event_id number references {TABLE}(event_id));"
    typed_in(site, sql)
    site.run()
    bad = nothing_lost(site, ROWS, verdicts=("blocker",))
    assert bad["key"].endswith(".referenced") and "CHILD" in bad["summary"] and site.called("exp") == 0


def typed_in(site: AuditSite, sql: str) -> None:
    """What somebody else types into sqlplus on the station."""
    variables = yaml.safe_load((site.lab.state / "inventory/host_vars/as3000.yml").read_text())
    words = ["ssh", *shlex.split(variables["ansible_ssh_common_args"]), "-i", variables["ansible_ssh_private_key_file"],
             "-p", str(variables["ansible_port"]), "-oStrictHostKeyChecking=no", "root@127.0.0.1", "su - service -c /bin/sh"]  # fmt: skip
    typed = f"sqlplus -S /nolog <<'END'\nconnect dbadmin/{variables['impax_dbadmin_password']}\n{sql}\nexit\nEND\n"
    ran = subprocess.run(words, input=typed, capture_output=True, text=True, timeout=60)
    assert "ORA-" not in ran.stdout + ran.stderr and "Table created" in ran.stdout, ran.stdout + ran.stderr


def test_a_table_in_use_is_left_alone(up):
    site = up().saved_and_approved()
    site.lab.inject("as3000", "sqlplus", "resource_busy")
    site.run()
    bad = nothing_lost(site, ROWS, verdicts=("attention",))
    assert "ORA-00054" in bad["summary"] and "Rolled back" in bad["summary"]


def test_a_copy_that_changed_since_is_not_trusted_any_more(up):
    """A new export is made and proved; it holds what was approved, so the approval covers it."""
    site = up().saved_and_approved()
    (dump,) = dumps(site)
    data = bytearray(dump.read_bytes())
    data[len(data) // 2] ^= 1
    dump.write_bytes(data)
    site.run()
    done = site.finding("truncate")
    assert done["verdict"] == "changed" and site.called("exp") == 2
    assert done["evidence"]["file"].rsplit("/", 1)[-1] != dump.name


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"until": "2020-01-01T00:00:00Z"}, "expired"),
        ({"station": "as300"}, "another station"),
        ({"evidence": "0" * 64}, "older or other evidence"),
        ({"allow": []}, "does not accept the risk no_backup"),
        ({"allow": ["no_backup"]}, "accept_window or writers_stopped"),
        ({"site": "elsewhere"}, "another site"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_an_approval_that_does_not_fit(up, change, reason):
    site = up()
    site.run()
    awaited = site.finding("truncate")
    approval = {
        "finding": awaited["key"], "station": "as3000", "evidence": awaited["evidence_hash"], "by": "Test Approver",
        "until": "2099-01-01T00:00:00Z", "allow": ["no_backup", "accept_window"],
    }  # fmt: skip
    variables = site.folder / "site/group_vars/all.yml"
    known = yaml.safe_load(variables.read_text())
    variables.write_text(yaml.safe_dump({**known, "impax_approvals": [{**approval, **change}]}))
    site.run()
    refused = nothing_lost(site, ROWS, verdicts=("attention",))
    assert reason in refused["summary"]
    variables.write_text(yaml.safe_dump({**known, "impax_approvals": [approval]}))
    site.run()
    assert site.rows() == 0


@pytest.mark.parametrize(
    "kind, what", [("evidence", "audit_job"), ("evidence", "audit_export"), ("evidence", "audit_truncate_begun")]
)
def test_killed_at_each_step_and_started_again(up, kind, what):
    """kill -9 of ansible-playbook; a worker may work on, and the next run waits for it or finds what it left."""
    site = up()
    if what == "audit_truncate_begun":
        site.saved_and_approved()
    site.lab.inject("as3000", "sqlplus" if "truncate" in what else "exp", "slow")

    def seen() -> bool:
        journal = site.folder / "state/journal.jsonl"
        return journal.exists() and any(entry["kind"] == kind and entry.get("what") == what for entry in site.journal())

    running = site.start()
    site.until(seen)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    site.run()
    if what != "audit_truncate_begun":
        assert site.rows() == ROWS
        site.approve()
        site.run()
    assert site.rows() == 0 and site.called("exp") == 1
    site.run()
    assert site.row()["verdict"] == "ok" and site.called("exp") == 1
