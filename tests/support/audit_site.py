# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated site whose audit table is to be emptied, driven as a person would and looked at with the lab's own eyes."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from .approve import approve, awaiting

BIN = Path(sys.executable).parent
DEMO = yaml.safe_load((Path(__file__).resolve().parents[2] / "lab/impax_lab/sites/demo.yml").read_text())
TABLE = "map_event_audit"
COUNT = f"select count(*) as n from {TABLE}"


def site_of(*stations: str, rows: int = 200) -> dict[str, Any]:
    """The demonstration's site, cut down to these stations and so many rows."""
    site = {**copy.deepcopy(DEMO), "stations": {name: copy.deepcopy(DEMO["stations"][name]) for name in stations}}
    for station in site["stations"].values():
        for table in station.get("tables", {}).values():
            table["rows"] = rows
    return site


class AuditSite:
    """lab: the running site (callable like impax-lab). section, station: whose row of the report is looked at."""

    def __init__(self, lab: Any, section: str, station: str) -> None:
        self.lab, self.section, self.station = lab, section, station
        self.folder: Path = lab.state / "site"
        self.report: dict[str, Any] = {}

    # Doing

    def run(self, *more: str) -> subprocess.CompletedProcess[str]:
        return self.product("run", *more, "--section", self.section)

    def product(self, command: str, *more: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        words = [str(BIN / "impax-prepare"), command, str(self.folder), *more]
        return subprocess.run(
            words,
            capture_output=True,
            text=True,
            timeout=300,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(env or {})},
        )

    def start(self, *more: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """ansible-playbook by itself, to be killed or asked for check mode."""
        words = [BIN / "ansible-playbook", "prepare.yml", "-i", "site", "--tags", self.section, *more]
        return subprocess.Popen(
            words,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def approve(self) -> None:
        self.row()
        for finding in awaiting(self.report):
            approve(self.folder, finding)

    def saved_and_approved(self) -> AuditSite:
        """The export is verified and its emptying approved; the next run truncates."""
        self.run()
        assert self.finding("truncate")["verdict"] == "attention", self.row()
        self.approve()
        return self

    # Looking

    def row(self) -> dict[str, Any]:
        ran = self.product("report", "--format", "json")
        self.report = json.loads(ran.stdout)
        (section,) = [section for section in self.report["sections"] if section["id"] == self.section]
        return next(row for row in section["stations"] if row["station"] == self.station)

    def finding(self, what: str) -> dict[str, Any]:
        findings = self.row()["findings"]
        found = [finding for finding in findings if finding["key"] == f"audit_table.{TABLE}.{what}"]
        assert found, f"no finding {what} among {[(finding['key'], finding['summary']) for finding in findings]}"
        return found[0]

    def rows(self) -> int:
        return int(next(iter(self.lab.sql(self.station, COUNT)[0].values())))

    def called(self, program: str, word: str | None = None) -> int:
        """How often a program was called on the station; word: only calls that have it."""
        return sum(word is None or word in call["words"] for call in self.lab.calls(self.station, program))

    def journal(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "state/journal.jsonl").read_text().splitlines()]

    def until(self, seen: Any, patience: float = 60.0) -> None:
        """Waits until `seen()` is true."""
        end = time.monotonic() + patience
        while not seen():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.02)


def nothing_lost(site: AuditSite, rows: int, *, verdicts: tuple[str, ...]) -> dict[str, Any]:
    """Every row is still there, the verdict is no go, and the message says whom it is about and what to do next."""
    row = site.row()
    assert row["verdict"] in verdicts, row
    assert site.rows() == rows
    assert site.report["verdict"] == "no_go"
    bad = [finding for finding in row["findings"] if finding["verdict"] in verdicts]
    for finding in bad:
        assert site.station in finding["summary"], finding
        assert finding["remediation"]["text"], finding
    return bad[0]
