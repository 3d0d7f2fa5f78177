# SPDX-License-Identifier: GPL-3.0-or-later
"""The Molecule scenarios, one a role: each passes, and its verification is seen to fail where nothing was done."""

import os
import re
import subprocess
import tempfile

import pytest
from support.repo import ROOT, found

# What a verification says before the role has done its work
BEFORE = {"connectivity_manager": "not enough values to unpack", None: "assert 2500 == 0"}
SCENARIOS = sorted(path.split("/")[1] for path in found(ROOT, "molecule/*/molecule.yml"))
ROLES = sorted(path.split("/")[1] for path in found(ROOT, "roles/*/tasks/main.yml"))


def molecule(home, action, scenario):
    """Ends with Molecule's exit code and everything it printed, kept in build/molecule-SCENARIO.log."""
    environment = {**os.environ, "HOME": str(home), "ANSIBLE_NOCOLOR": "1", "NO_COLOR": "1"}
    words = ["molecule", action, "--scenario-name", scenario]
    ended = subprocess.run(words, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    printed = ended.stdout + ended.stderr
    (ROOT / "build").mkdir(exist_ok=True)
    with (ROOT / f"build/molecule-{scenario}.log").open("a") as log:
        log.write(f"==== molecule {action}\n{printed}\n")
    return ended.returncode, printed


def test_every_role_has_its_scenario():
    assert ROLES == SCENARIOS


@pytest.fixture
def home():
    """An empty HOME with a short name: the socket of ssh's shared connections lies in it, and may have 108 bytes."""
    with tempfile.TemporaryDirectory(prefix="home-") as folder:
        yield folder


@pytest.mark.lab
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(home, scenario):
    """A verification that finds no test, and a play that finds no station, both count as success for Molecule."""
    (ROOT / f"build/molecule-{scenario}.log").unlink(missing_ok=True)
    try:
        code, printed = molecule(home, "create", scenario)
        assert code == 0, printed[-6000:]
        code, printed = molecule(home, "verify", scenario)
        assert code != 0, f"nothing was done yet; verify passed:\n{printed}"
        assert BEFORE.get(scenario, BEFORE[None]) in printed, printed
        code, printed = molecule(home, "test", scenario)
    finally:
        molecule(home, "destroy", scenario)
    assert code == 0, printed[-6000:]
    assert re.search(r"[1-9]\d* passed", printed), "no test of the station was run"
    assert "no hosts matched" not in printed
