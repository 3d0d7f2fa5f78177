# SPDX-License-Identifier: GPL-3.0-or-later
"""A journal's entries, made up for tests of what is built from them: the weeks of an invented site."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Finding, Remediation, Verdict

STAGES = "assess protect repository install interlock backup schema traveling audit report".split()
STATIONS = {"as3000": ["as3000"], "as300": ["as300_sqlserver"]}
ABSENT = {"as300_oracle": "the database runs on Solaris and on SQL Server"}


class Story:
    """Entries as the journal would hold them; every call is one, an hour after the one before unless told."""

    def __init__(self, site: str = "demo", begin: str = "2026-11-02T07:00:00+00:00") -> None:
        self.clock = datetime.fromisoformat(begin)
        self.entries: list[dict[str, Any]] = []
        self.step = 0
        self.add("genesis", schema=1, site=site, site_id="0" * 32)

    def add(self, kind: str, after: float = 1.0, **fields: Any) -> dict[str, Any]:
        """after: hours since the entry before."""
        self.clock += timedelta(hours=after)
        number = len(self.entries) + 1
        head = hashlib.sha256(str(number).encode()).hexdigest()
        prev = self.entries[-1]["hash"] if self.entries else "0" * 64
        entry = {"n": number, "at": self._at(), "kind": kind, **fields, "prev": prev, "hash": head}
        self.entries.append(entry)
        return entry

    def _at(self) -> str:
        return self.clock.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def now(self) -> datetime:
        return self.clock + timedelta(minutes=10)

    def run(self, run: str, stations: Any = None, absent: Any = None, check: bool = False, **more: Any) -> None:
        said = {"by": "engineer", "tags": ["all"], "skip_tags": [], "limit": None, "approvals": [], **more}
        self.add(
            "run_started",
            run=run,
            check=check,
            stations=STATIONS if stations is None else stations,
            absent=ABSENT if absent is None else absent,
            **said,
        )

    def end(self, run: str, verdict: str = "no_go") -> None:
        self.add("run_ended", 0.05, run=run, verdict=verdict, counts={})

    def done(
        self, section: str, station: str, *findings: Finding, run: str = "r1", check: bool = False, ended: bool = True
    ) -> None:
        """One step, whole unless told otherwise."""
        self.step += 1
        where = {"step": f"s{self.step}", "station": station}
        self.add("step_begun", 0.02, run=run, section=section, check=check, **where)
        for finding in findings:
            self.add("finding", 0.1, finding=finding.as_dict(), **where)
        if ended:
            self.add("step_ended", 0.02, section=section, changed=False, **where)


def finding(
    verdict: str, section: str = "S34", station: str = "as3000", what: str = "truncate", **more: Any
) -> Finding:
    fields = {"summary": f"{what} is {verdict}", "evidence": {"rows": 2500}, **more}
    return Finding(f"audit_table.map_event_audit.{what}", section, station, Verdict(verdict), **fields)


def command(text: str) -> Remediation:
    return Remediation("command", text)
