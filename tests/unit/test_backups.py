# SPDX-License-Identifier: GPL-3.0-or-later
"""The engines of database_backup, on a station in memory."""

from types import SimpleNamespace

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.backups import NeverBegun
from ansible_collections.impax.upgrade.plugins.plugin_utils.backups.oracle import OracleBackup
from ansible_collections.impax.upgrade.plugins.plugin_utils.backups.sqlserver import SqlServerBackup
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor import JobState
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import backup
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.backup import Where


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
