# SPDX-License-Identifier: GPL-3.0-or-later
"""S35 on a simulated AS300 with Oracle: what differs from Solaris is the way and the place, never what has to be proved."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from support.audit_site import DEMO, TABLE, AuditSite, nothing_lost, site_of

ROWS = 120
STATION = "ora1"
PASSWORDS = ("dbadmin-Lab-7391", "agfa-Lab-5563")


def windows_site() -> dict[str, Any]:
    """The demonstration's site with one station: its Oracle on Windows."""
    solaris = copy.deepcopy(DEMO["stations"]["as3000"])
    table = {**solaris["tables"][TABLE], "rows": ROWS}
    station = {
        "type": "as300_oracle",
        "system": "windows",
        "release": "6.0.6002",
        "codec": "cp850",
        "user": "AgfaService",
        "password": "agfa-Lab-5563",
        "oracle": solaris["oracle"],
        "tables": {TABLE: table},
        "disks": {"C:": 20000, "D:": 8000},
        "versions": {"impax": "6.3.1", "oracle": "11.2.0.4.0", "windows": "6.0.6002"},
        "options": {"folders": ["D:\\audit"]},
        "variables": {
            "impax_codec": "cp850",
            "impax_dbadmin_password": "dbadmin-Lab-7391",
            "impax_audit_folder": "D:\\audit",
        },
    }
    return {**site_of(), "stations": {STATION: station}}


@pytest.fixture
def up(lab_up, tmp_path):
    """A function: faults and what differs of the station -> a site that is up."""
    running = []

    def bring(*faults: dict, **differs) -> AuditSite:
        scenario = {
            "stations": {STATION: differs},
            "faults": [{"station": STATION, **fault} for fault in faults],
        }
        running.append(lab_up(tmp_path, windows_site(), scenario))
        return AuditSite(running[-1], "S35", STATION)

    yield bring
    for lab in running:
        lab("down")


def drive(site: AuditSite, path: str) -> Path:
    return site.lab.root(STATION) / path


def dumps(site: AuditSite) -> list[Path]:
    return sorted(path for path in drive(site, "d/audit").glob("*") if path.is_file())


def parameter_files(site: AuditSite) -> list[str]:
    return [path.name for path in drive(site, "c").rglob("*.par")]


def test_the_whole_way_and_a_second_time_nothing(up):
    site = up()
    first = site.run()
    assert first.returncode == 1, first.stdout + first.stderr
    awaited = site.finding("truncate")
    assert (awaited["verdict"], awaited["evidence"]["rows"], site.rows()) == ("attention", ROWS, ROWS)
    assert awaited["evidence"]["file"].startswith("D:\\audit\\MAP_EVENT_AUDIT-")
    (dump,) = dumps(site)
    assert dump.stat().st_size == awaited["evidence"]["bytes"]
    carried = site.folder / "state/copies" / STATION / dump.name
    assert carried.read_bytes() == dump.read_bytes() and carried.stat().st_mode & 0o777 == 0o600
    site.approve()
    site.run()
    assert site.finding("truncate")["verdict"] == "changed" and site.rows() == 0
    site.run()
    assert site.row()["verdict"] == "ok" and site.called("exp") == 1 and site.rows() == 0
    assert parameter_files(site) == []
    for text in (json.dumps(site.lab.calls(STATION)), (site.folder / "state/journal.jsonl").read_text()):
        assert not [password for password in PASSWORDS if password in text]


def test_letters_beyond_the_code_page_are_in_the_dump_as_they_are_in_the_table(up):
    site = up()
    found = site.lab.sql(STATION, f"select description from {TABLE}")
    foreign = next(row["DESCRIPTION"] for row in found if row["DESCRIPTION"] and not row["DESCRIPTION"].isascii())
    site.run()
    assert site.finding("truncate")["verdict"] == "attention"
    assert foreign.encode() in dumps(site)[0].read_bytes()


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
        ({"program": "exp", "behaviour": "fewer_rows"}, "export", ("blocker",)),
        ({"program": "exp", "behaviour": "translated"}, "export", ("unknown",)),
        ({"program": "exp", "behaviour": "empty_output"}, "export", ("unknown",)),
        ({"program": "imp", "behaviour": "abnormal_end"}, "verify", ("blocker",)),
        ({"program": "sqlplus", "behaviour": "wrong_password"}, "measure", ("unknown",)),
        ({"program": "fsutil", "behaviour": "empty_output"}, "room", ("unknown",)),
        ({"program": "exp", "behaviour": "disk_full"}, "export", ("blocker",)),
    ],
    ids=lambda value: f"{value['program']}-{value['behaviour']}" if isinstance(value, dict) else None,
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
    saved, (dump,) = site.finding("truncate"), dumps(site)
    assert saved["verdict"] == "attention"
    assert saved["evidence"]["sha1"] == hashlib.sha1(dump.read_bytes(), usedforsecurity=False).hexdigest()


def test_a_cut_around_the_truncate_is_found_out_by_the_next_run(up):
    site = up().saved_and_approved()
    site.lab.inject(STATION, "sqlplus", "disconnect_after", nth=3)  # measuring asks twice, then the truncating session
    site.run()
    assert site.row()["verdict"] == "unknown", site.row()
    site.run()
    assert site.finding("truncate")["verdict"] == "changed" and site.rows() == 0 and site.called("exp") == 1


def test_killed_while_it_exports_and_started_again(up):
    site = up()
    site.lab.inject(STATION, "exp", "slow")

    def seen() -> bool:
        journal = site.folder / "state/journal.jsonl"
        return journal.exists() and any(entry.get("what") == "audit_job" for entry in site.journal())

    running = site.start()
    site.until(seen)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    site.run()
    assert site.rows() == ROWS and site.called("exp") == 1
    assert site.finding("truncate")["verdict"] == "attention" and parameter_files(site) == []
