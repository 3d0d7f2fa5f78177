# SPDX-License-Identifier: GPL-3.0-or-later
"""The engines of database_backup, on a station in memory."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.backups import NeverBegun
from ansible_collections.impax.upgrade.plugins.plugin_utils.backups.oracle import OracleBackup
from ansible_collections.impax.upgrade.plugins.plugin_utils.backups.oracle_rman import OracleRman, Seen
from ansible_collections.impax.upgrade.plugins.plugin_utils.backups.sqlserver import SqlServerBackup
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Outcome, State
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor import JobState
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import ls
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs.recovery_area import Facts
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import backup
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.backup import Where
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.backup_oracle import BackupSet, Listed, Piece


class Action:
    section, name, KEY = "S33", "st", "database_backup"

    def __init__(self, state="none"):
        self.noted, self.state, self.so_far = [], state, []

    def evidence(self, what, facts):
        self.noted.append(what)

    def finished(self, *_, **__):
        return JobState(self.state)


def engine_of(kind, action):
    engine = object.__new__(kind)
    engine.action, engine.station, engine.elsewhere, engine.seen = action, None, None, None
    engine.where, engine.want = Where("S33", "st", "MVF"), SimpleNamespace(os_user=None, job_limit=1, account=None)
    return engine


@pytest.mark.parametrize("kind", [OracleBackup, SqlServerBackup])
def test_a_job_that_its_station_does_not_know_is_noted_as_ended_and_none_is_begun_in_its_place(kind):
    action = Action()
    with pytest.raises(NeverBegun):
        engine_of(kind, action).make({"job": "j", "database": "MVF"})
    assert action.noted == [backup.JOB_ENDED]


NOW = datetime(2026, 5, 2, 8)  # the station's clock, of another zone than the controller's
SET = BackupSet(
    5, NOW - timedelta(hours=1), 10, (Piece("/flash/a.bkp", "DISK", "AVAILABLE", 10, True),), (1,), (), True
)


def seen_of(dbid=7, sets=(SET,), **more):
    return Seen(Facts(database="MVF", dbid=dbid, files={1: 10}), Listed(sets, dbid), NOW, 10, **more)


def oracle_of(seen):
    engine = engine_of(OracleBackup, Action())
    engine.database, engine.seen, engine.want.destination = "MVF", seen, "disk"
    return engine


def test_the_hours_that_the_proof_took_make_a_backup_older():
    looked = datetime.now(timezone.utc) - timedelta(hours=5)
    made = oracle_of(seen := seen_of(read_at=looked))._backup(seen, [SET])
    assert 5.9 < backup.age_h(made, datetime.now(timezone.utc)) < 6.1


def test_a_backup_of_another_database_of_the_same_name_is_not_still_there():
    made = oracle_of(seen := seen_of())._backup(seen, [SET])
    assert oracle_of(seen_of()).still_there(made) is None
    assert oracle_of(seen_of(dbid=8)).still_there(made).key == "database_backup.gone"


def test_sets_of_the_same_keys_with_other_pieces_are_not_those_that_were_proved():
    made = oracle_of(seen := seen_of())._backup(seen, [SET])
    other = replace(SET, pieces=(replace(SET.pieces[0], path="/flash/b.bkp"),))
    assert oracle_of(seen_of(sets=(other,))).still_there(made).key == "database_backup.gone"


def test_a_piece_that_may_not_be_looked_at_is_not_seen_and_not_gone():
    denied = Outcome(ls.entry("/flash/a.bkp"), State.ENDED, 2, b"", b"/flash/a.bkp: Permission denied\n")
    rman = object.__new__(OracleRman)
    rman.windows = False
    assert rman._size("/flash/a.bkp", denied) == (None, None)
    assert rman._size("/flash/a.bkp", replace(denied, stderr=b"/flash/a.bkp: No such file or directory\n")) == (
        False,
        None,
    )
