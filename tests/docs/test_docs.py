# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation builds without a warning, and what it shows and names is there."""

import re
import subprocess

import pytest
from support.repo import ROOT, tracked

PAGES = ("index.html", "guides/preparing-a-site.html", "collections/impax/upgrade/audit_table_module.html")
LINK = re.compile(r"\]\(([^)#\s]+)")


def test_it_builds_without_a_warning(tmp_path):
    ended = subprocess.run([ROOT / "docs/build.sh", tmp_path], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert [page for page in PAGES if not (tmp_path / "html" / page).is_file()] == []


def links(path):
    return [link for link in LINK.findall((ROOT / path).read_text(encoding="utf-8")) if "://" not in link]


@pytest.mark.parametrize("path", [path for path in tracked("*.md") if links(path)])
def test_links_lead_to_files(path):
    assert [link for link in links(path) if not ((ROOT / path).parent / link).exists()] == []


def test_targets_in_the_readme_exist():
    named = set(re.findall(r"`?\bmake ([a-z-]+)\b", (ROOT / "README.md").read_text(encoding="utf-8")))
    made = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert named
    assert named <= made
