# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated site of many Oracle stations that play the tablespaces side by side, each with what goes wrong there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ansible_collections.impax.upgrade.plugins.plugin_utils.journal import Journal
from impax_lab import calls, lifecycle
from impax_lab.site import merged
from impax_lab.state import Lab
from impax_lab.station import inspect

from .approve import approve, awaiting
from .audit_site import site_of
from .lab_site import LabSite
from .station_state import State, station_state

SECTION = {"as3000": "S19", "as300_oracle": "S18"}
BACKUP = {"as3000": "S33", "as300_oracle": "S32"}
TABLESPACES = ("MVFL", "MVFLINDX", "MVF", "MVFINDX", "UNDO")
FILES = "select tablespace_name, file_name, bytes from dba_data_files order by file_id"
FREE = "select tablespace_name, sum(bytes) as bytes from dba_free_space group by tablespace_name"
ORDER = ("ok", "changed", "waived", "attention", "unknown", "blocker")
MIB = 1 << 20
Fault = tuple[str, str, int]  # program, behaviour, which call from then on


@dataclass(frozen=True)
class Case:
    """What is particular about one station.

    differs: merged into the demonstration's station. backup: the journal knows a verified one. look, add: faults of the first
    run, and of the run that adds. approve: whether what waits is approved.
    """

    type: str = "as3000"
    differs: Mapping[str, Any] = field(default_factory=dict)
    backup: bool = True
    look: Fault | None = None
    add: Fault | None = None
    approve: bool = True


@dataclass
class Seen:
    """One run at one station. findings: by key. added: (tablespace, path, MB) of data files that the site did not give; free:
    MB in extents, both as the engine has them. calls: programs in order."""

    verdict: str
    changed: bool
    findings: dict[str, dict[str, Any]]
    added: list[tuple[str, str, int]]
    free: dict[str, int]
    calls: list[str]
    rows: int

    @property
    def would(self) -> set[str]:
        return {key for key, finding in self.findings.items() if finding.get("would")}

    @property
    def bad(self) -> dict[str, dict[str, Any]]:
        return {key: finding for key, finding in self.findings.items() if finding["verdict"] not in ("ok", "changed")}

    def worst(self) -> set[str]:
        """Keys of the findings that make the verdict."""
        return {key for key, finding in self.findings.items() if finding["verdict"] == self.verdict}


class TablespaceSite:
    """cases: name of the station -> what is particular about it."""

    def __init__(self, up: Any, folder: Any, cases: Mapping[str, Case]) -> None:
        self.cases = dict(cases)
        demo = site_of(*SECTION, rows=5)
        stations = {}
        for name, case in self.cases.items():
            base = demo["stations"][case.type]
            base["tables_from"] = []
            base.setdefault("options", {})["runbackup_s"] = 0
            stations[name] = merged(base, case.differs)
        self.lab = up(folder, {**demo, "stations": stations})
        self.inside = Lab(self.lab.state)
        self.spec = lifecycle.site_of(self.inside)
        self.files = {name: self.sql(name, FILES) for name in self.cases}

    # The lab's own eyes, without a process for each look

    def sql(self, name: str, query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = inspect(self.inside.station(name), self.spec.station(name), query, None)
        return found

    def calls(self, name: str) -> list[str]:
        return [call["program"] for call in calls.recorded(self.inside.station(name).calls)]

    def state(self, name: str) -> State:
        return station_state(self.inside.station(name).path)

    def place(self, name: str, path: str) -> Path:
        """A file of the station: /x/y or D:\\x\\y, with letters of any case."""
        parts = path.replace("\\", "/").replace(":", "").strip("/").split("/")
        here = self.inside.station(name).root
        for part in parts:
            there = {each.name.lower(): each for each in here.iterdir()} if here.is_dir() else {}
            here = there.get(part.lower(), here / part)
        return here

    # Doing

    def play(self, mode: str, names: Iterable[str], sections: Iterable[str] = ("S18", "S19")) -> dict[str, Seen]:
        """All these stations at once. mode: run or assess."""
        chosen = list(names)
        words = [word for section in sections for word in ("--section", section)]
        words += [word for name in chosen for word in ("--station", name)]
        site, before = self.site(chosen[0]), {name: len(self.calls(name)) for name in chosen}
        known = len(site.journal()) if (site.folder / "state/journal.jsonl").exists() else 0
        ran = site.product(mode, *words)
        assert ran.returncode in (0, 1), ran.stdout + ran.stderr
        noted = site.journal()[known:]
        return {name: self.seen(name, noted, before[name]) for name in chosen}

    def seen(self, name: str, noted: list[dict[str, Any]], before: int) -> Seen:
        mine = [note for note in noted if note.get("station") == name]
        findings = {note["finding"]["key"]: note["finding"] for note in mine if note["kind"] == "finding"}
        own = {row["FILE_NAME"] for row in self.files[name]}
        files = [(row["TABLESPACE_NAME"], row["FILE_NAME"], row["BYTES"] // MIB) for row in self.sql(name, FILES)]
        assert own <= {path for _, path, _ in files}, "a data file of the site is gone"
        return Seen(
            verdict=max((finding["verdict"] for finding in findings.values()), key=ORDER.index, default="none"),
            changed=any(note["changed"] for note in mine if note["kind"] == "step_ended"),
            findings=findings,
            added=[file for file in files if file[1] not in own],
            free={row["TABLESPACE_NAME"]: row["BYTES"] // MIB for row in self.sql(name, FREE)},
            calls=self.calls(name)[before:],
            rows=len(self.sql(name, "select * from map_event_audit")),
        )

    def site(self, name: str) -> LabSite:
        return LabSite(self.lab, SECTION[self.cases[name].type], name)

    def inject(self, moment: str) -> None:
        """moment: look or add."""
        for name, case in self.cases.items():
            if (fault := getattr(case, moment)) is not None:
                self.lab.inject(name, *fault)

    def backed_up(self) -> None:
        """The journal's word that a backup was proved, as S32 and S33 write it."""
        end = (datetime.now(timezone.utc) - timedelta(hours=1)).isoformat()
        journal = Journal.open(self.lab.state / "site/state", "demo", create=True)
        for name in (name for name, case in self.cases.items() if case.backup):
            facts = {
                "station": name, "database": "MVF", "engine": "oracle", "kind": "full", "started": end, "finished": end,
                "verified": "by this test", "where": ["11"], "bytes": 9,
            }  # fmt: skip
            journal.append("evidence", station=name, what="database_backup", facts=facts)

    def approve(self) -> list[str]:
        """Approves what waits at the stations whose case says so: their names."""
        site = self.site(next(iter(self.cases)))
        site.row()
        rows = [row for section in site.report["sections"] for row in section["stations"]]
        mine = [row for row in rows if row["station"] in self.cases and self.cases[row["station"]].approve]
        given = [(row["station"], finding) for row in mine for finding in awaiting({"sections": [{"stations": [row]}]})]
        for _, finding in given:
            approve(site.folder, finding)
        return [name for name, _ in given]
