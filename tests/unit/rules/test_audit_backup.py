# SPDX-License-Identifier: GPL-3.0-or-later
"""The backup behind a truncate: of this very database, or the approval has to say that there is none."""

from __future__ import annotations

from datetime import datetime, timezone

from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Verdict
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import audit_truncate
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.audit import Exported, Where
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.backup import BACKUP, Backup, Standing, verified

WHERE = Where("S34", "as3000", "demo", "map_event_audit")
EXPORT = Exported("demo", "as3000", "MVF 4711", "map_event_audit", "/backup/a.dmp", 5, 900, "0" * 40, "counted")
MOMENT = "2026-01-01T00:00:00Z"


NOW = datetime(2026, 1, 1, 2, tzinfo=timezone.utc)


def standing(identity="", this="4711"):
    made = Backup("as3000", "MVF", "oracle", MOMENT, MOMENT, "validated", ("12",), 9, identity=identity)
    return verified([{"what": BACKUP, "facts": made.evidence()}], "as3000", "MVF", 24, NOW, this)


def test_a_backup_of_this_database_counts_and_is_told():
    (told,) = audit_truncate.backup_stands(WHERE, standing("4711"))
    assert (told.key, told.verdict) == ("audit_table.map_event_audit.backup", Verdict.OK)
    assert "as3000 is verified (validated), 2.0 h old" in told.summary


def test_a_backup_without_an_identity_counts_by_its_name():
    assert standing().backup


def test_a_backup_of_a_clone_does_not_count():
    other = standing("471")
    assert other.backup is None
    assert "of MVF 471, and this is 4711" in other.reason
    assert standing("4711", "").backup is None
    assert audit_truncate.backup_stands(WHERE, other) == []


def test_what_awaits_an_approval_says_that_no_backup_stands_behind_it():
    none = Standing(None, "the journal knows none")
    bare = audit_truncate.approval_awaited(WHERE, EXPORT, "nobody has", ("no_backup",), backup=none)
    assert "No backup stands behind it: the journal knows none." in bare.summary
    assert "--allow no_backup" in bare.remediation.text
    good = audit_truncate.approval_awaited(WHERE, EXPORT, "nobody has", (), backup=standing())
    assert "No backup" not in good.summary
    assert good.evidence_hash == bare.evidence_hash
