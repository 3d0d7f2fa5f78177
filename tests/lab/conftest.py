# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated sites for the tests: brought up by the same command that people use, taken down in all cases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[2]


class Lab:
    """A running site. state: its folder. What it tells comes from `impax-lab`, never from the collection."""

    def __init__(self, state: Path) -> None:
        self.state = state

    def __call__(self, *words: str, check: bool = True) -> str:
        ran = subprocess.run(
            [BIN / "impax-lab", "--state", self.state, *words], capture_output=True, text=True, check=False, timeout=180
        )
        assert not check or ran.returncode == 0, f"impax-lab {' '.join(words)}: {ran.stderr or ran.stdout}"
        return ran.stdout

    def sql(self, station: str, query: str, *more: str) -> list:
        return json.loads(self("sql", station, query, *more))

    def calls(self, station: str, program: str | None = None) -> list[dict]:
        lines = [json.loads(line) for line in self("calls", station).splitlines()]
        return [line for line in lines if program in (None, line["program"])]

    def root(self, station: str) -> Path:
        return Path(self("root", station).strip())

    def inject(self, station: str, program: str, behaviour: str, nth: int | None = None) -> None:
        self("inject", station, program, behaviour, *(["--nth", str(nth)] if nth else []))

    def variables(self, station: str) -> dict:
        hosts = yaml.safe_load((self.state / "inventory/host_vars" / f"{station}.yml").read_text())
        return {**hosts, "inventory_hostname": station}


@pytest.fixture(scope="session")
def lab_up():
    """A function that brings a site up: ``lab_up(folder, site_dict_or_path, scenario_dict)`` -> Lab."""
    running: list[Lab] = []

    def up(folder: Path, site: dict | Path, scenario: dict | None = None) -> Lab:
        folder.mkdir(parents=True, exist_ok=True)
        path = site
        if isinstance(site, dict):
            path = folder / "site-description.yml"
            path.write_text(yaml.safe_dump(site))
        lab = Lab(folder / "lab")
        words = ["up", str(path)]
        if scenario:
            (folder / "scenario.yml").write_text(yaml.safe_dump(scenario))
            words += ["--scenario", str(folder / "scenario.yml")]
        running.append(lab)
        lab(*words)
        return lab

    yield up
    for lab in running:
        lab("down", check=False)


@pytest.fixture(scope="session")
def ansible_environment(tmp_path_factory):
    """Environment of an ansible-playbook run that owes nothing to whoever runs the tests."""
    home = tmp_path_factory.mktemp("home")
    return {
        "PATH": f"{BIN}:/usr/bin:/bin:/usr/sbin",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_NOCOLOR": "1",
        "TERM": "dumb",
    } | ({"IMPAX_LAB_CACHE": os.environ["IMPAX_LAB_CACHE"]} if "IMPAX_LAB_CACHE" in os.environ else {})
