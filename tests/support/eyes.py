# SPDX-License-Identifier: GPL-3.0-or-later
"""A second pair of eyes on a Molecule scenario's stations: the lab's own answers, nothing of the collection."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import yaml


class Eyes:
    """Looks at the stations of the scenario under way, through testinfra's `host` on this machine."""

    def __init__(self, host: Any) -> None:
        self.host = host
        project = Path(os.environ["MOLECULE_PROJECT_DIRECTORY"])
        self.state = project / "build/molecule" / os.environ["MOLECULE_SCENARIO_NAME"]

    def lab(self, *words: str) -> str:
        places = " ".join("%s" for _ in words)  # testinfra quotes what it puts there
        ended = self.host.run(f"impax-lab --state %s {places}", str(self.state), *words)
        assert ended.rc == 0, ended.stderr
        return str(ended.stdout)

    def rows(self, station: str, table: str = "map_event_audit") -> int:
        return int(next(iter(json.loads(self.lab("sql", station, f"select count(*) as n from {table}"))[0].values())))

    def root(self, station: str) -> Path:
        return Path(self.lab("root", station).strip())

    def calls(self, station: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lab("calls", station).splitlines()]

    def variables(self, station: str) -> dict[str, Any]:
        return dict(yaml.safe_load((self.state / "site/site/host_vars" / f"{station}.yml").read_text()))

    def journal(self) -> list[dict[str, Any]]:
        """What the controller noted; nothing where no run was."""
        files = list((self.state / "site/state").glob("**/journal*.jsonl"))
        return [json.loads(line) for line in files[0].read_text().splitlines()] if files else []

    def findings(self, section: str) -> list[dict[str, Any]]:
        """The findings of a section, oldest first."""
        found = [entry["finding"] for entry in self.journal() if entry["kind"] == "finding"]
        return [finding for finding in found if finding["section"] == section]

    def exported(self) -> dict[str, Any]:
        """The evidence of the newest export that the journal holds."""
        evidence = [entry for entry in self.journal() if entry["kind"] == "evidence"]
        found = [entry for entry in evidence if entry["what"] == "audit_export"]
        return dict(found[-1]["facts"])
