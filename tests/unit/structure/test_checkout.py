# SPDX-License-Identifier: GPL-3.0-or-later
"""What is imported and run is this checkout, whole and properly marked."""

import importlib
import os
import re
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from support.repo import ROOT, tracked

SPDX = "SPDX-License-Identifier: GPL-3.0-or-later"
CANNOT_CARRY = re.compile(
    r"(^|/)README\.md$|^[A-Z]+\.md$|^LICENSE$|^LICENSES/|^changelogs/(changelog\.yaml|fragments/)|\.png$|\.json$"
    r"|^requirements\.txt$|^python_runner/impax_prepare/\w+/|^tests/transcripts/|^docs/.*\.md$"
)
# Lines of a Python file: above, it is several rooms. The simulated site and the tests may be longer than the product.
LONGEST = {"plugins": 400, "python_runner": 400, "lab": 600, "tests": 600}
# Marks of one machine: a workplace's folders, a job's scratch, an address of a package index.
OF_ONE_MACHINE = re.compile(
    r"(^|[^\w/.}])/(work|farm)/\w|\.\./shared/(?!\w+\.yml)|/tmp/(bash|w/)|--(extra-)?index-url|--find-links|--trusted-host"
    r"|https?://[^\s/]*(pypi|mirror|proxy|artifactory|nexus|registry)"
)
NEVER_HERE = {"tests/unit/structure/test_checkout.py"}  # it says what to look for


def imported_file(module):
    return Path(importlib.import_module(f"ansible_collections.impax.upgrade.{module}").__file__).resolve()


def test_the_collection_imported_is_this_checkout():
    assert imported_file("plugins.plugin_utils.command") == ROOT / "plugins/plugin_utils/command.py"


def test_the_programs_installed_are_this_checkout():
    for module, folder in (("impax_lab", "lab"), ("impax_prepare", "python_runner")):
        assert Path(importlib.import_module(module).__file__).resolve().is_relative_to(ROOT / folder)


def test_ansible_finds_this_checkout(tmp_path):
    """From a foreign folder, with a HOME that holds nothing: what ansible-doc reads is this checkout's."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    words = ["ansible-doc", "--type", "module", "--list_files", "impax.upgrade"]
    printed = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout
    files = [Path(line.split()[-1]).resolve() for line in printed.splitlines() if line.startswith("impax.upgrade.")]
    assert files
    assert all(file.is_relative_to(ROOT / "plugins/modules") for file in files)


def make(target, home, *words):
    environment = {**os.environ, "HOME": str(home)}
    return subprocess.run(["make", target, *words], cwd=ROOT, env=environment, capture_output=True, text=True)


def test_make_refuses_beside_a_stale_copy(tmp_path):
    (tmp_path / ".ansible/collections/ansible_collections/impax").mkdir(parents=True)
    ended = make("no-stale-copy", tmp_path)
    assert ended.returncode != 0
    assert "Ansible would run that copy and not this checkout" in ended.stderr


def test_make_goes_on_without_one(tmp_path):
    ended = make("no-stale-copy", tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("path", [path for path in tracked() if not CANNOT_CARRY.search(path)])
def test_every_file_says_its_licence(path):
    head = (ROOT / path).read_text(encoding="utf-8")[:400]
    assert SPDX in head or not head.strip()


def test_the_licence_is_there():
    assert "GNU GENERAL PUBLIC LICENSE" in (ROOT / "LICENSES/GPL-3.0-or-later.txt").read_text()[:200]


def test_no_python_file_is_too_long():
    lengths = {path: (ROOT / path).read_text(encoding="utf-8").count("\n") for path in tracked("*.py")}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST.get(path.split("/")[0], 400)} == {}


def of_one_machine(paths, root):
    for path in paths:
        for number, line in enumerate((root / path).read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if OF_ONE_MACHINE.search(line):
                yield f"{path}:{number}: {line.strip()[:120]}"


def test_nothing_belongs_to_one_machine():
    assert list(of_one_machine(sorted(set(tracked()) - NEVER_HERE), ROOT)) == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.org/simple",
        "find = '/work/thing'",
        "see ../shared/notes.md",
        "https://pypi.example.org/simple/",
    ],
)
def test_what_belongs_to_one_machine_is_seen(tmp_path, line):
    (tmp_path / "file").write_text(f"{line}\n")
    assert list(of_one_machine(["file"], tmp_path))


def test_requirements_are_pinned_with_hashes():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert len(pins) > 50
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+( ; .+)? \\", pin) for pin in pins)


def test_every_requirement_is_pinned():
    wanted = re.findall(r"^([A-Za-z][\w-]*)", (ROOT / "requirements.in").read_text(), re.M)
    pinned = {name.lower() for name in re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.M)}
    assert {name.lower() for name in wanted} <= pinned


def too_young_for(python, requires):
    """Names of the packages that do not install on that Python. requires: name -> what it requires, or None."""
    return [name for name, wanted in requires.items() if wanted and python not in SpecifierSet(wanted)]


def test_every_pin_installs_on_debian_s_python():
    """Pins are resolved by whatever Python runs `make pin`; Debian 12 has 3.11.2."""
    names = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.M)
    requires = {name: metadata.metadata(name).get("Requires-Python") for name in names}
    assert too_young_for("3.11.2", requires) == []
    assert too_young_for("3.8.0", requires) != []


def test_ci_runs_the_readme_s_command():
    assert "make test" in (ROOT / ".ci/run").read_text()
    assert "make test" in (ROOT / "README.md").read_text()
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert shutil.which("bash")
