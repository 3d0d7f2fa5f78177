# SPDX-License-Identifier: GPL-3.0-or-later
"""The Molecule scenarios, one a role: each passes, and its verification is seen to fail where nothing was done."""

import os
import re
import subprocess

import pytest
from support.repo import ROOT, found

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


@pytest.mark.lab
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(tmp_path, scenario):
    """A verification that finds no test, and a play that finds no station, both count as success for Molecule."""
    (ROOT / f"build/molecule-{scenario}.log").unlink(missing_ok=True)
    try:
        assert molecule(tmp_path, "create", scenario)[0] == 0
        code, printed = molecule(tmp_path, "verify", scenario)
        assert code != 0, f"the table is saved, but not emptied yet; verify passed:\n{printed}"
        assert "assert 2500 == 0" in printed, printed
        code, printed = molecule(tmp_path, "test", scenario)
    finally:
        molecule(tmp_path, "destroy", scenario)
    assert code == 0, printed[-6000:]
    assert re.search(r"[1-9]\d* passed", printed), "no test of the station was run"
    assert "no hosts matched" not in printed
