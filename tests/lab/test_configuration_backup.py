# SPDX-License-Identifier: GPL-3.0-or-later
"""S28 on a simulated Application Server: saved once, proved by what is there, and never by what the program says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from support.audit_site import BIN, site_of
from support.lab_site import LabSite

PROGRAM = "backupconfiguration"
STATION = "appserver"
FILES = {"web.config": 4211, "machine.config": 907, "adam\\schema.ldf": 5322, "adam\\roles.ldf": 20}
COUNT = len(FILES)

# A run of the module each, all in one playbook: name, fault of its call of the program, options. Runs of one name before the
# dot share their journal.
RUNS: list[tuple[str, str | None, dict]] = [
    ("pretend", "says_done_does_nothing", {}),
    ("no_files", "no_files", {}),
    ("empty_file", "empty_file", {}),
    ("disk_full", "disk_full", {}),
    ("no_room", "no_room", {}),
    ("second_folder", "second_folder", {}),
    ("killed", "killed", {}),
    ("clock_back", "clock_back", {}),
    ("press_any_key", "press_any_key", {}),
    ("translated", "translated", {}),
    ("silent", "empty_output", {}),
    ("fewer.good", "", {}),
    ("fewer.half", "half_way", {"max_age_hours": 0}),
    ("fewer.again", None, {}),
    ("key.waits", "wants_a_key", {"backup_seconds": 1}),
    ("key.next", "", {}),
    ("cut", "disconnect_after", {}),
    ("medium", None, {"medium": "F:\\"}),
    ("other_medium", None, {"medium": "C:\\windows"}),
    ("no_program", None, {"medium": "C:\\media"}),
    ("no_medium", None, {"medium": ""}),
    ("small_disk", None, {"room_mb": 999_999}),
    ("account", None, {"os_user": "somebody"}),
]


@pytest.fixture(scope="module")
def lab(lab_up, tmp_path_factory):
    site = site_of(STATION)
    site["stations"][STATION]["options"] |= {
        "configuration_files": FILES,
        "folders": ["C:\\media\\appserver\\docs"],
    }
    running = lab_up(tmp_path_factory.mktemp("s28"), site)
    yield running
    running("down")


@pytest.fixture(scope="module")
def place(lab) -> Path:
    return lab.root(STATION) / "c/Impax/ConfigurationsBackups"


def test_foretold_saved_once_carried_off_and_still_whole(lab, place):
    site = LabSite(lab, "S28", STATION)
    site.run("--check")
    assert not place.exists() and not site.called(PROGRAM)
    place.mkdir(parents=True)
    site.run()
    (name,) = [folder.name for folder in place.iterdir()]
    there = {file.relative_to(place / name).as_posix(): file.read_bytes() for file in place.rglob("*.*")}
    assert len(there) == COUNT and site.row()["verdict"] == "changed", site.row()
    copies = [file for file in (site.folder / "state/copies" / STATION).rglob("*") if file.is_file()]
    assert {str(file).split(f"{name}-")[1].partition("/")[2]: file.read_bytes() for file in copies} == there
    assert {file.stat().st_mode & 0o777 for file in copies} == {0o600}
    site.run()
    assert site.row()["verdict"] == "ok" and site.called(PROGRAM) == 1
    (place / name / "web.config").write_bytes(b"other")
    site.run()
    assert site.row()["verdict"] == "changed" and site.called(PROGRAM) == 2
    assert "web.config has 5 bytes" in site.findings()["configuration_backup.whole"]["summary"]
    assert len(list(place.iterdir())) == 2


@pytest.fixture(scope="module")
def seen(lab, tmp_path_factory, ansible_environment):
    """What each of RUNS came to: the module's result."""
    folder = tmp_path_factory.mktemp("runs")
    for number, behaviour in enumerate((one for _, one, _ in RUNS if one is not None), 1):
        if behaviour:
            lab.inject(STATION, PROGRAM, behaviour, number)
    keep = {
        "name": "Keep",
        "ansible.builtin.copy": {"content": "{{ seen | to_json }}", "dest": str(folder / "seen.json")},
        "delegate_to": "localhost",
        "vars": {"ansible_connection": "local"},
    }
    tasks = [
        {
            "name": name,
            "impax.upgrade.configuration_backup": {
                "section": "S28",
                "medium": "E:\\",
                "carry_off": False,
                "state_folder": str(folder / name.partition(".")[0]),
                **options,
            },
            "register": f"seen_{name.replace('.', '_')}",
        }
        for name, _, options in RUNS
    ]
    gathered = {name: f"{{{{ seen_{name.replace('.', '_')} }}}}" for name, _, _ in RUNS}
    play = {
        "name": "Play",
        "hosts": STATION,
        "gather_facts": False,
        "tasks": [*tasks, {**keep, "vars": {**keep["vars"], "seen": gathered}}],
    }
    (folder / "play.yml").write_text(yaml.safe_dump([play]))
    words = [BIN / "ansible-playbook", folder / "play.yml", "-i", lab.state / "inventory"]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=300, env=ansible_environment, check=False)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr
    return json.loads((folder / "seen.json").read_text())


@pytest.mark.parametrize(
    ("name", "verdict", "key", "told"),
    [
        ("pretend", "blocker", "new_folder", "has no new folder"),
        ("no_files", "blocker", "files", "has no file in it"),
        ("empty_file", "blocker", "empty", "1 of 4 files"),
        ("disk_full", "blocker", "exit_code", "ended with 1"),
        ("no_room", "attention", "folder", "There is not enough space on the disk."),
        ("second_folder", "unknown", "new_folder", "2 new folders"),
        ("killed", "blocker", "exit_code", "expected 0"),
        ("fewer.half", "attention", "folder", "2 of the 4 files"),
        ("fewer.again", "attention", "folder", "2 of the 4 files"),
        ("key.waits", "unknown", "end", "that nobody sees"),
        ("cut", "unknown", "end", "was not seen"),
        ("medium", "blocker", "medium", "not there or empty"),
        ("other_medium", "blocker", "medium", "no folder appserver"),
        ("no_program", "blocker", "program", "seen docs"),
        ("no_medium", "blocker", "medium", "is not set"),
        ("small_disk", "blocker", "room", "are wanted"),
        ("account", "unknown", "begin", "somebody"),
    ],
)
def test_what_went_wrong_is_no_backup(seen, name, verdict, key, told):
    found = [one for one in seen[name]["findings"] if one["key"] == f"configuration_backup.{key}"]
    assert found, seen[name]["findings"]
    assert (found[-1]["verdict"], seen[name]["verdict"]) == (verdict, verdict), found
    assert told in found[-1]["summary"] and STATION in found[-1]["summary"] and found[-1]["remediation"]["text"]


@pytest.mark.parametrize("name", ["clock_back", "press_any_key", "translated", "silent", "fewer.good", "key.next"])
def test_neither_the_clock_nor_the_words_nor_a_prompt_decide(seen, name):
    found = {one["key"].partition(".")[2]: one for one in seen[name]["findings"]}
    assert found["folder"]["verdict"] == "changed" and found["copy"]["verdict"] == "attention", found
    assert found["folder"]["evidence"]["count"] == COUNT


def test_a_folder_that_nobody_vouches_for_is_named_and_a_new_one_made(seen, place):
    told = next(one for one in seen["key.next"]["findings"] if one["key"] == "configuration_backup.unvouched")
    assert "its end was not seen" in told["summary"] and len(told["evidence"]["folders"]) > 5
    assert "2003" in str(seen["clock_back"]["findings"]), "the station's clock was not years behind"
    assert any(folder.name.startswith("2003") for folder in place.iterdir())
