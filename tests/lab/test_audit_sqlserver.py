# SPDX-License-Identifier: GPL-3.0-or-later
"""S36 on a simulated AS300 with SQL Server: the way through, and every way it may go wrong."""

from __future__ import annotations

import hashlib
import json
import os
import signal

import pytest
import yaml
from support.audit_site import TABLE, AuditSite, nothing_lost, site_of

ROWS = 120


@pytest.fixture
def up(lab_up, tmp_path):
    """A function: faults and what differs of as300 -> a site with as300 and verify that is up."""

    running = []

    def bring(*faults: dict, **differs) -> AuditSite:
        site = site_of("as300", "verify", rows=ROWS)
        scenario = {"stations": {"as300": differs}, "faults": [{"station": "as300", **fault} for fault in faults]}
        running.append(lab_up(tmp_path, site, scenario))
        return AuditSite(running[-1], "S36", "as300")

    yield bring
    for lab in running:
        lab("down")


def files(site: AuditSite) -> list[str]:
    return sorted(path.name for path in (site.lab.root("as300") / "d/audit").glob("*") if path.is_file())


def scratch_left(site: AuditSite) -> list:
    names = site.lab.sql("verify", "select name from sysdatabases where name like 'impax%'", "--database", "master")
    root = site.lab.root("verify")
    return (
        names
        + [path.name for path in root.rglob("MAP_EVENT_AUDIT*")]
        + [path.name for path in root.rglob("impax_verify_*")]
    )


def test_the_whole_way_and_a_second_time_nothing(up):
    site = up()
    first = site.run()
    assert first.returncode == 1, first.stdout + first.stderr
    awaited = site.finding("truncate")
    assert (awaited["verdict"], awaited["evidence"]["rows"], site.rows()) == ("attention", ROWS, ROWS)
    assert "SHA-1 of each row equal (but description: nulls and lengths only)" in awaited["evidence"]["how"]
    assert scratch_left(site) == []
    site.approve()
    site.run()
    assert site.finding("truncate")["verdict"] == "changed" and site.rows() == 0
    (copy,) = (site.folder / "state/copies/as300").iterdir()
    assert copy.stat().st_size == awaited["evidence"]["bytes"] and copy.stat().st_mode & 0o777 == 0o600
    site.run()
    assert site.row()["verdict"] == "ok" and site.called("bcp", "out") == 1 and site.rows() == 0
    for text in (json.dumps(site.lab.calls("as300")), (site.folder / "state/journal.jsonl").read_text()):
        assert "sa-Lab-9043" not in text and "agfa-Lab-5561" not in text


def test_no_secret_anywhere_at_any_verbosity(up):
    """What is printed at -vvvv and under ANSIBLE_DEBUG, every file that we write, every file of the stations."""
    site = up()
    secrets = ("sa-Lab-9043", "agfa-Lab-5561", "agfa-Lab-5562")
    printed = site.start("-vvvv", env={"ANSIBLE_DEBUG": "1"}).communicate(timeout=180)[0]
    site.run()
    assert site.finding("truncate")["verdict"] == "attention" and "bcp" in printed
    assert not [secret for secret in secrets if secret in printed]
    told = [path for path in (site.folder / "state").rglob("*") if path.is_file()]
    told += [path for path in (site.folder / "report").rglob("*") if path.is_file()]
    told += [path for name in ("as300", "verify") for path in site.lab.root(name).rglob("*") if changed_here(path)]
    assert len(told) > 10
    for path in told:
        data = path.read_bytes()
        assert not [secret for secret in secrets if secret.encode() in data or secret.encode("utf-16-le") in data], path


def changed_here(path) -> bool:
    """A file of the station itself, not of the Windows that all stations share by hard links."""
    return path.is_file() and not path.is_symlink() and path.stat().st_nlink == 1 and path.stat().st_size < 50_000_000


def test_check_mode_foretells_and_changes_nothing(up):
    site = up()
    site.start("--check").communicate(timeout=120)
    assert site.rows() == ROWS and files(site) == [] and site.called("bcp", "out") == 0


@pytest.mark.parametrize(
    "fault, what, verdicts",
    [
        ({"program": "bcp", "behaviour": "failed_but_zero"}, "export", ("blocker",)),
        ({"program": "bcp", "behaviour": "no_total"}, "export", ("blocker", "unknown")),
        ({"program": "bcp", "behaviour": "total_differs"}, "verify", ("blocker",)),
        ({"program": "bcp", "behaviour": "truncated_file"}, "verify", ("blocker",)),
        ({"program": "bcp", "behaviour": "disk_full"}, "export", ("blocker",)),
        ({"program": "bcp", "behaviour": "says_done_does_nothing"}, None, ("blocker", "unknown")),
        ({"program": "bcp", "behaviour": "empty_output"}, "export", ("blocker", "unknown")),
        ({"program": "osql", "behaviour": "wrong_password"}, "measure", ("unknown",)),
        ({"program": "osql", "behaviour": "locked_account"}, "measure", ("unknown",)),
        ({"program": "osql", "behaviour": "no_server"}, "measure", ("unknown",)),
        ({"program": "osql", "behaviour": "empty_output"}, "measure", ("unknown",)),
        ({"program": "osql", "behaviour": "truncated_output"}, None, ("unknown",)),
        ({"program": "osql", "behaviour": "disconnect_before"}, None, ("unknown",)),
        ({"program": "osql", "behaviour": "disconnect_after"}, None, ("unknown",)),
        ({"program": "fsutil", "behaviour": "empty_output"}, "room", ("unknown",)),
        ({"program": "passkey", "behaviour": "no_key"}, None, ("unknown",)),
        ({"program": "passkey", "behaviour": "empty_password"}, "password", ("unknown",)),
        ({"program": "passkey", "behaviour": "old_password"}, "measure", ("unknown",)),
        ({"station": "verify", "program": "bcp", "behaviour": "failed_but_zero"}, "verify", ("blocker",)),
        ({"station": "verify", "program": "osql", "behaviour": "empty_output"}, None, ("unknown",)),
    ],
    ids=lambda value: (
        f"{value.get('station', '')}{value['program']}-{value['behaviour']}" if isinstance(value, dict) else None
    ),
)
def test_a_fault_before_the_approval(up, fault, what, verdicts):
    site = up(fault)
    site.run()
    bad = nothing_lost(site, ROWS, verdicts=verdicts)
    assert what is None or bad["key"].endswith(f".{what}"), bad
    assert not [entry for entry in site.journal() if entry.get("what") == "audit_truncate_begun"]


def test_a_certutil_that_says_nothing_leaves_the_file_to_be_fetched_and_hashed(up):
    site = up({"program": "certutil", "behaviour": "empty_output"})
    site.run()
    saved = site.finding("truncate")
    (export,) = (site.lab.root("as300") / "d/audit").glob("*Z.txt")
    assert saved["verdict"] == "attention" and site.rows() == ROWS
    assert saved["evidence"]["sha1"] == hashlib.sha1(export.read_bytes(), usedforsecurity=False).hexdigest()


def test_translated_words_change_nothing(up):
    site = up({"program": "osql", "behaviour": "translated"}, {"program": "bcp", "behaviour": "translated"})
    site.run()
    row = site.row()
    assert site.rows() == ROWS and row["verdict"] in ("attention", "unknown", "blocker")


def test_no_instance_to_prove_the_copy_on_is_attention(up):
    site = up()
    variables = site.folder / "site/host_vars/as300.yml"
    known = yaml.safe_load(variables.read_text())
    known.pop("impax_verify_instance")
    variables.write_text(yaml.safe_dump(known))
    site.run()
    bad = nothing_lost(site, ROWS, verdicts=("attention",))
    assert "impax_verify_instance" in bad["remediation"]["text"] and site.called("bcp", "out") == 0


def on_production(site: AuditSite, folder: str) -> None:
    """No other instance is named; the production instance itself may prove the copy, in this folder."""
    variables = site.folder / "site/host_vars/as300.yml"
    known = yaml.safe_load(variables.read_text())
    known |= {"impax_verify_on_production": True, "impax_verify_instance": {"folder": folder}}
    variables.write_text(yaml.safe_dump(known))


def test_the_production_instance_proves_the_copy_once_that_is_approved(up):
    site = up()
    on_production(site, "D:\\impax-verify")
    site.run()
    awaited = nothing_lost(site, ROWS, verdicts=("attention",))
    assert awaited["key"].endswith(".verify_instance") and site.called("bcp", "out") == 0
    site.approve()
    site.run()
    saved = site.finding("truncate")
    assert "scratch table on as300 itself" in saved["evidence"]["how"] and site.rows() == ROWS
    names = site.lab.sql("as300", "select name from sysdatabases where name like 'impax%'", "--database", "master")
    left = [path.name for path in site.lab.root("as300").rglob("impax_verify_*")]
    assert names == left == [] and site.called("bcp", "in") == 1
    (export,) = [name for name in files(site) if name.endswith("Z.txt")]
    assert saved["evidence"]["file"].endswith(export)


def test_a_disk_with_production_files_is_refused(up):
    site = up()
    on_production(site, "C:\\impax-verify")
    site.run()
    bad = nothing_lost(site, ROWS, verdicts=("blocker",))
    assert "mvf" in bad["summary"] and site.called("bcp") == 0


@pytest.mark.parametrize("behaviour", ["link_failure", "disconnect_before", "disconnect_after"])
def test_a_cut_around_the_truncate_is_found_out_by_the_next_run(up, behaviour):
    site = up().saved_and_approved()
    site.lab.inject("as300", "osql", behaviour, nth=3)
    site.run()
    assert site.row()["verdict"] == "unknown", site.row()
    assert site.rows() in (0, ROWS)
    site.run()
    assert site.finding("truncate")["verdict"] == "changed" and site.rows() == 0
    assert site.called("bcp", "out") == 1


@pytest.mark.parametrize(
    "kind, what", [("evidence", "audit_job"), ("evidence", "audit_export"), ("evidence", "audit_truncate_begun")]
)
def test_killed_at_each_step_and_started_again(up, kind, what):
    site = up()
    if what == "audit_truncate_begun":
        site.saved_and_approved()
    site.lab.inject("as300", "osql" if "truncate" in what else "bcp", "slow")
    journal = site.folder / "state/journal.jsonl"

    def seen() -> bool:
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
    assert site.rows() == 0 and site.called("bcp", "out") == 1
    assert scratch_left(site) == []


def test_rows_that_came_since_the_export_are_put_back(up):
    site = up(tables={TABLE: {"rows": ROWS, "arrival_per_s": 2}}).saved_and_approved()
    site.run()
    done = site.finding("truncate")
    assert done["verdict"] == "changed" and site.called("bcp", "out") == 1
    greatest = done["evidence"]["greatest"]
    left = site.lab.sql("as300", f"select min(event_id) as least, count(*) as n from {TABLE}")[0]
    assert left["n"] > 0 and left["least"] == greatest + 1
