# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration lies in a new folder with its files, as noted, and the controller has the same for its owner alone."""

import hashlib

import pytest
from support.eyes import Eyes, the_one

STATION = "appserver"


@pytest.fixture
def eyes(host):
    return Eyes(host)


def saved(eyes):
    """The files of the one backup on the station, by their path below it, with their SHA-1."""
    place = eyes.root(STATION) / "c/Impax/ConfigurationsBackups"
    folder = the_one(list(place.glob("*")), "folders of a backup")
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file.relative_to(folder).as_posix(): sha1(file) for file in files}


def sha1(file):
    return hashlib.sha1(file.read_bytes(), usedforsecurity=False).hexdigest()


def noted(eyes):
    """What the journal holds of the newest backup."""
    found = [entry["facts"] for entry in eyes.journal() if entry["kind"] == "evidence"]
    return the_one([facts for facts in found if "doubts" in facts][-1:], "backups that were noted")


def test_the_files_are_there_and_none_is_empty(eyes):
    files = saved(eyes)
    assert len(files) == 6
    assert hashlib.sha1(b"", usedforsecurity=False).hexdigest() not in files.values()


def test_what_was_noted_is_what_is_there(eyes):
    facts = noted(eyes)
    assert {file["path"].replace("\\", "/"): file["sha1"] for file in facts["files"]} == saved(eyes)


def test_the_controller_has_the_same_for_its_owner_alone(eyes):
    folder = the_one(list((eyes.state / "site/state/copies" / STATION / "configuration").glob("*")), "copies")
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert {file.relative_to(folder).as_posix(): sha1(file) for file in files} == saved(eyes)
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_it_was_run_once_and_without_a_password(eyes):
    runs = [call for call in eyes.calls(STATION) if call["program"] == "backupconfiguration"]
    assert len(runs) == 1, f"backupconfiguration on {STATION}: expected one run, seen {len(runs)}"
    assert eyes.exposed(STATION) == set()
