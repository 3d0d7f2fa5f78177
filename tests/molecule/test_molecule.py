# SPDX-License-Identifier: GPL-3.0-or-later
"""The Molecule scenarios, one a role: each passes, and its verification is seen to fail where nothing was done."""

import os
import re
import subprocess
import tempfile

import pytest
from support.repo import ROOT, found

# What each verification says before the role has done its work
ORACLE = {
    "test_the_premigration_schema_is_there": "no object of the schema is there",
    "test_a_backup_made_since_the_start_has_every_file_and_is_on_disk": "assert set() >= {0, 1, 2, 3, 4, 5",
    "test_the_report_was_carried_to_the_controller_for_its_owner_alone": "reports on the controller: expected one, seen 0",
}
BEFORE = {
    "application_server": {
        "test_the_files_are_there_and_none_is_empty": "folders of a backup: expected one, seen 0",
        "test_what_was_noted_is_what_is_there": "backups that were noted: expected one, seen 0",
        "test_the_controller_has_the_same_for_its_owner_alone": "copies: expected one, seen 0",
        "test_it_was_run_once_and_without_a_password": "expected one run, seen 0",
    },
    "as3000": {
        **ORACLE,
        "test_the_table_is_empty": "assert 2500 == 0",
        "test_the_dump_holds_as_many_rows_as_there_were": "assert [] == [{'MAP_EVENT_AUDIT': 2500}]",
        "test_the_dump_is_the_one_that_was_noted": "no export was noted",
        "test_nothing_but_the_dump_was_left": "assert [] == ['dmp']",
        "test_the_data_file_was_added": "mvfl02.dbf' in ['/u02/oradata/MVF/mvfl01.dbf']",
        "test_every_tablespace_has_room": "assert {'MVFL': 300.0} == {}",
        "test_the_old_backup_sets_are_gone": "assert {11, 12} == set()",
        "test_no_password_on_a_command_line": "'monitor_add'",
    },
    "as300_oracle": {
        **ORACLE,
        "test_the_table_is_empty": "assert 1200 == 0",
        "test_the_dump_holds_as_many_rows_as_there_were": "assert [] == [{'MAP_EVENT_AUDIT': 1200}]",
        "test_the_dump_is_the_one_that_was_noted_and_carried_off": "dumps: expected one, seen 0",
        "test_the_data_file_was_added": r"MVFINDX02.DBF' in ['D:\\ORADATA\\MVF\\MVFINDX01.DBF']",
        "test_every_tablespace_has_room": "assert {'MVFINDX': 400.0} == {}",
        "test_the_old_backup_sets_are_gone": "assert {7} == set()",
        "test_no_password_on_a_command_line_but_the_vendor_s_own": "'monitor_add'",
    },
    "as300_sqlserver": {
        "test_the_table_is_empty": "assert 2500 == 0",
        "test_the_copy_holds_as_many_rows_as_there_were": "copies: expected one, seen 0",
        "test_the_copy_is_the_one_that_was_noted_and_carried_off": "copies: expected one, seen 0",
        "test_no_scratch_database_was_left": "as300 was not asked",
        "test_the_premigration_schema_is_there": "no object of the schema is there",
        "test_a_backup_made_since_the_start_is_on_disk": "backups: expected one, seen 0",
        "test_the_report_was_carried_to_the_controller_for_its_owner_alone": "reports on the controller: expected one",
        "test_no_password_on_a_command_line_but_the_vendor_s_own": "'build-impax-mig-schema'",
    },
    "connectivity_manager": {
        "test_the_sources_are_those_of_the_database": "findings of S25: expected one, seen 0",
        "test_the_table_was_only_read": "connectivity was not asked",
        "test_no_password_on_a_command_line": "connectivity was not asked",
    },
}
WIDE = "180"  # columns; Molecule breaks longer lines
FAILURE = re.compile(r"^_{3,} (test_\w+)\S* _{3,}$(.*?)(?=^_{3,} test_|^=)", re.MULTILINE | re.DOTALL)
SCENARIOS = sorted(path.split("/")[1] for path in found(ROOT, "molecule/*/molecule.yml"))
ROLES = sorted(path.split("/")[1] for path in found(ROOT, "roles/*/tasks/main.yml"))


def molecule(home, action, scenario):
    """Ends with Molecule's exit code and everything it printed, kept in build/molecule-SCENARIO.log."""
    environment = {**os.environ, "HOME": str(home), "ANSIBLE_NOCOLOR": "1", "NO_COLOR": "1", "COLUMNS": WIDE}
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
        failures = dict(FAILURE.findall(printed))
        assert failures.keys() == BEFORE[scenario].keys(), printed
        assert [name for name, text in BEFORE[scenario].items() if text not in failures[name]] == [], printed
        assert not re.search(r"\d passed", printed), printed
        code, printed = molecule(home, "test", scenario)
    finally:
        molecule(home, "destroy", scenario)
    assert code == 0, printed[-6000:]
    assert re.search(rf"\b{len(BEFORE[scenario])} passed", printed), (
        "other tests of the station were run than those seen to fail"
    )
    assert "no hosts matched" not in printed
