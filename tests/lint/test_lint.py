# SPDX-License-Identifier: GPL-3.0-or-later
"""The linters, as tests: each is quiet about this checkout, and each is seen to speak about a planted fault."""

import shutil
import subprocess

import pytest
from support.repo import ROOT, tracked

PURE_ROOMS = [
    f"plugins/plugin_utils/{name}"
    for name in ("command.py", "findings.py", "sections.py", "shells", "programs", "rules", "report")
]
LINTERS = {
    "ruff": ["ruff", "check", "--no-cache", "."],
    "ruff-format": ["ruff", "format", "--no-cache", "--check", "."],
    "mypy": ["mypy", "--cache-dir=build/mypy", *PURE_ROOMS],
    "yamllint": ["yamllint", "--strict", "."],
    "ansible-lint": ["ansible-lint", "--offline", "--strict", "--nocolor"],
    "changelog": ["antsibull-changelog", "lint"],
    "documentation": "antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=self .".split(),
}
# file; what in it is replaced (or nothing: the end of the file); by what; a word of the complaint
FAULTS = {
    "ruff": ("plugins/plugin_utils/findings.py", "", "import os\n", "F401"),
    "ruff-format": ("plugins/plugin_utils/findings.py", "", "x = { 'a':1 }\n", "would be reformatted"),
    "mypy": ("plugins/plugin_utils/findings.py", "", "\n\ndef f(x):\n    return x\n", "no-untyped-def"),
    "yamllint": ("meta/runtime.yml", "", "a:   1\n", "too many spaces"),
    "ansible-lint": ("roles/as3000/tasks/main.yml", "", "- ansible.builtin.raw: df\n", "name[missing]"),
    "changelog": ("changelogs/fragments/1-audit-table.yml", "major_changes", "major_chances", "invalid section"),
    "documentation": ("plugins/modules/audit_table.py", "belongs to O(account)", "belongs to O(accuont)", "accuont"),
}


def run(name, folder):
    ended = subprocess.run(LINTERS[name], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.parametrize("name", LINTERS)
def test_quiet(name):
    code, said = run(name, ROOT)
    assert code == 0, said


@pytest.fixture
def copy(tmp_path):
    """This checkout's files where the documentation linter wants them: below ansible_collections."""
    folder = tmp_path / "ansible_collections/impax/upgrade"
    for path in tracked():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path)
    return folder


@pytest.mark.parametrize("name", LINTERS)
def test_a_planted_fault_is_seen(copy, name):
    path, old, new, complaint = FAULTS[name]
    text = (copy / path).read_text(encoding="utf-8")
    assert old in text
    (copy / path).write_text(text.replace(old, new) if old else text + new, encoding="utf-8")
    code, said = run(name, copy)
    assert code != 0
    assert complaint in said


@pytest.mark.parametrize("path", PURE_ROOMS)
def test_the_pure_rooms_are_there(path):
    assert (ROOT / path).exists()
