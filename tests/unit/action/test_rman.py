# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of a deletion: what is about to go counts no more before anything goes."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

import pytest
from ansible_collections.impax.upgrade.plugins.action.rman import ActionModule
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import backup
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.backup import Where
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.backup_oracle import BackupSet
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.rman_cleanup import Choice


class Killed(BaseException):
    """The controller is gone."""


def test_a_controller_that_dies_while_it_deletes_leaves_no_backup_that_counts():
    action, noted = object.__new__(ActionModule), []
    action.name, action.where = "st", Where("S29", "st", "MVF", "rman")
    action.say = lambda text: None
    action.evidence = lambda what, facts: noted.append((what, facts.get("where")))

    def delete(key):
        raise Killed

    action.rman = SimpleNamespace(delete=delete)
    sets = (BackupSet(5, datetime(2026, 5, 1), 10), BackupSet(6, datetime(2026, 5, 1), 10))
    with pytest.raises(Killed):
        action._deleted(None, Choice(sets, {}, ()), "Somebody")
    assert (backup.WITHDRAWN, ["5", "6"]) in noted
