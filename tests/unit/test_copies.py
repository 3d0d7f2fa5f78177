# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of backups: a file of another backup that has the same name is no copy of this one."""

from types import SimpleNamespace

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.backups.oracle import OracleBackup
from ansible_collections.impax.upgrade.plugins.plugin_utils.backups.sqlserver import SqlServerBackup
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.backup import Backup, Where

PIECE = "/backup/full_1.bkp"


class Disk:
    """The station's files, which a site's nightly backup writes again under the same names."""

    def __init__(self, **files):
        self.files, self.fetched = files, []

    def fetch(self, path, local):
        self.fetched.append(path)
        local.parent.mkdir(parents=True)
        local.write_text(self.files[path])


def engine_of(kind, tmp_path, disk):
    engine = object.__new__(kind)
    engine.action = SimpleNamespace(state=tmp_path, name="st", say=lambda text: None)
    engine.station, engine.where = disk, Where("S33", "st", "MVF")
    engine.want = SimpleNamespace(destination="disk", carry_off=True)
    return engine


def backup_of(night, path=PIECE, sizes=()):
    at = f"2026-05-0{night}T01:00:00Z"
    pieces = dict(sizes) or {path: 5}
    return Backup("st", "MVF", "x", at, at, "how", (path,), 5, more={"pieces": pieces})


@pytest.mark.parametrize("kind", [OracleBackup, SqlServerBackup])
def test_a_name_that_comes_again_is_carried_again_and_the_same_backup_is_not(kind, tmp_path):
    disk = Disk(**{PIECE: "first"})
    engine = engine_of(kind, tmp_path, disk)
    engine.copy_off(backup_of(1))
    engine.copy_off(backup_of(1))
    assert disk.fetched == [PIECE]
    disk.files[PIECE] = "later"
    (finding,) = engine.copy_off(backup_of(2))
    assert finding.key == "database_backup.copy" and disk.fetched == [PIECE, PIECE]
    assert {file.read_text() for file in tmp_path.rglob("full_1.bkp")} == {"first", "later"}


def test_two_pieces_of_one_name_are_two_copies(tmp_path):
    disk = Disk(**{"/a/p.bkp": "a", "/b/p.bkp": "b"})
    engine_of(OracleBackup, tmp_path, disk).copy_off(backup_of(1, sizes={"/a/p.bkp": 1, "/b/p.bkp": 1}))
    assert disk.fetched == ["/a/p.bkp", "/b/p.bkp"]
