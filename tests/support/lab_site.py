# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated site that is prepared as a person would, and looked at with the lab's own eyes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .approve import approve, awaiting

BIN = Path(sys.executable).parent


class LabSite:
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

    # Looking

    def row(self) -> dict[str, Any]:
        ran = self.product("report", "--format", "json")
        self.report = json.loads(ran.stdout)
        (section,) = [section for section in self.report["sections"] if section["id"] == self.section]
        return next(row for row in section["stations"] if row["station"] == self.station)

    def findings(self) -> dict[str, dict[str, Any]]:
        """The findings of the row by their keys."""
        return {finding["key"]: finding for finding in self.row()["findings"]}

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
