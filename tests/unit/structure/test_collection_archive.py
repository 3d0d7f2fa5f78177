# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator gets by installing the collection: the collection, and nothing of the workshop."""

import re
import shutil
import subprocess
import tarfile

import pytest
from support.repo import ROOT, tracked

MAY_BE_IN = re.compile(
    r"(plugins|roles|playbooks|docs|meta|LICENSES)(/.*)?|changelogs(/(changelog\.yaml|config\.yaml|fragments(/.*)?))?"
    r"|README\.md|CONTRIBUTING\.md|CHANGELOG\.md|LICENSE|MANIFEST\.json|FILES\.json"
)
NEVER_IN = re.compile(r"__pycache__|\.pyc$|\.swp$|egg-info|/build/")
MUST_BE_IN = ("plugins/plugin_utils/command.py", "plugins/action/audit_table.py", "meta/runtime.yml", "README.md")
LEFTOVERS = tuple(
    ".venv/x build/x .pytest_cache/x .mypy_cache/x .ruff_cache/x .hypothesis/x .ansible/x .cache/x state/x "
    "node_modules/x plugins/__pycache__/x.pyc impax_upgrade.egg-info/PKG-INFO impax-upgrade-0.0.9.tar.gz".split()
)


def names_in_archive(folder, out):
    words = ["ansible-galaxy", "collection", "build", str(folder), "--output-path", str(out), "--force"]
    subprocess.run(words, check=True, capture_output=True, cwd=out)
    with tarfile.open(next(out.glob("*.tar.gz"))) as archive:
        return [name.rstrip("/") for name in archive.getnames()]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """This checkout's files, and beside them whatever work in a checkout leaves behind."""
    folder = tmp_path_factory.mktemp("copy")
    for path in [*tracked(), *LEFTOVERS]:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if path in LEFTOVERS:
            (folder / path).write_text("left behind")
        else:
            shutil.copy2(ROOT / path, folder / path, follow_symlinks=True)
    return folder


@pytest.fixture(scope="module")
def names(copy, tmp_path_factory):
    return names_in_archive(copy, tmp_path_factory.mktemp("out"))


def strange(names):
    return [name for name in names if not MAY_BE_IN.fullmatch(name) or NEVER_IN.search(name)]


def test_only_the_collection_is_in_the_archive(names):
    assert strange(names) == []


def test_the_collection_is_in_the_archive(names):
    assert [name for name in MUST_BE_IN if name not in names] == []


def test_a_stranger_in_the_archive_is_seen(copy, tmp_path):
    (copy / "notes.txt").write_text("x")
    try:
        assert strange(names_in_archive(copy, tmp_path)) == ["notes.txt"]
    finally:
        (copy / "notes.txt").unlink()
