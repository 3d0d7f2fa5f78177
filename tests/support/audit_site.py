# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated site whose audit table is to be emptied."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

from .lab_site import BIN as BIN
from .lab_site import LabSite

DEMO = yaml.safe_load((Path(__file__).resolve().parents[2] / "lab/impax_lab/sites/demo.yml").read_text())
TABLE = "map_event_audit"
COUNT = f"select count(*) as n from {TABLE}"


def site_of(*stations: str, rows: int = 200) -> dict[str, Any]:
    """The demonstration's site, cut down to these stations and so many rows; SQL Server is asked by osql."""
    site = {**copy.deepcopy(DEMO), "stations": {name: copy.deepcopy(DEMO["stations"][name]) for name in stations}}
    for station in site["stations"].values():
        for table in station.get("tables", {}).values():
            table["rows"] = rows
        if "sqlserver" in station:
            station.setdefault("variables", {})["impax_sql_client"] = "osql"
    return site


class AuditSite(LabSite):
    """The row of S34, S35 or S36 of one station."""

    def saved_and_approved(self) -> AuditSite:
        """The export is verified and its emptying approved; the next run truncates."""
        self.run()
        assert self.finding("truncate")["verdict"] == "attention", self.row()
        self.approve()
        return self

    def finding(self, what: str) -> dict[str, Any]:
        findings = self.row()["findings"]
        found = [finding for finding in findings if finding["key"] == f"audit_table.{TABLE}.{what}"]
        assert found, f"no finding {what} among {[(finding['key'], finding['summary']) for finding in findings]}"
        return found[0]

    def rows(self) -> int:
        return int(next(iter(self.lab.sql(self.station, COUNT)[0].values())))


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
