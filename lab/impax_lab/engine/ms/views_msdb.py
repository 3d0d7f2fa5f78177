# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of backups in msdb: backupset, backupmediafamily, backupmediaset, with the columns of each version (Books Online,
"System Tables"). Two sets of one file have one media set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from impax_lab.engine.ms import backup_sets
from impax_lab.engine.ms.views import Catalogue, Rows

if TYPE_CHECKING:
    from impax_lab.engine.ms.session import Session

SETS = {
    8: "backup_set_id:int backup_set_uuid:uniqueidentifier media_set_id:int first_family_number:tinyint first_media_number:smallint"
       " last_family_number:tinyint last_media_number:smallint catalog_family_number:tinyint catalog_media_number:smallint"
       " position:int expiration_date:datetime software_vendor_id:int name:nvarchar(128) description:nvarchar(255)"
       " user_name:nvarchar(128) software_major_version:tinyint software_minor_version:tinyint software_build_version:smallint"
       " time_zone:smallint mtf_minor_version:tinyint first_lsn:numeric(25) last_lsn:numeric(25) checkpoint_lsn:numeric(25)"
       " database_backup_lsn:numeric(25) database_creation_date:datetime backup_start_date:datetime backup_finish_date:datetime"
       " type:char(1) sort_order:smallint code_page:smallint compatibility_level:tinyint database_version:int"
       " backup_size:numeric(20) database_name:nvarchar(128) server_name:nvarchar(128) machine_name:nvarchar(128) flags:int"
       " unicode_locale:int unicode_compare_style:int collation_name:nvarchar(128)",
    9: "is_password_protected:bit recovery_model:nvarchar(60) has_bulk_logged_data:bit is_snapshot:bit is_readonly:bit"
       " is_single_user:bit has_backup_checksums:bit is_damaged:bit begins_log_chain:bit has_incomplete_metadata:bit"
       " is_force_offline:bit is_copy_only:bit first_recovery_fork_guid:uniqueidentifier"
       " last_recovery_fork_guid:uniqueidentifier fork_point_lsn:numeric(25) database_guid:uniqueidentifier"
       " family_guid:uniqueidentifier differential_base_lsn:numeric(25) differential_base_guid:uniqueidentifier",
    10: "compressed_backup_size:numeric(20)",
}  # fmt: skip
FAMILIES = {
    8: "media_set_id:int family_sequence_number:tinyint media_family_id:uniqueidentifier media_count:int"
       " logical_device_name:nvarchar(128) physical_device_name:nvarchar(260) device_type:tinyint physical_block_size:int",
    9: "mirror:tinyint",
}  # fmt: skip
MEDIA = {
    8: "media_set_id:int media_uuid:uniqueidentifier media_family_count:tinyint name:nvarchar(128) description:nvarchar(255)"
       " software_name:nvarchar(128) software_vendor_id:int MTF_major_version:tinyint",
    9: "mirror_count:tinyint",
    10: "is_password_protected:bit is_compressed:bit",
}  # fmt: skip
SAME = {  # columns of backupset that HEADERONLY has under another name
    "expiration_date": "ExpirationDate", "software_vendor_id": "SoftwareVendorId", "name": "BackupName",
    "description": "BackupDescription", "user_name": "UserName", "software_major_version": "SoftwareVersionMajor",
    "software_minor_version": "SoftwareVersionMinor", "software_build_version": "SoftwareVersionBuild", "first_lsn": "FirstLSN",
    "last_lsn": "LastLSN", "checkpoint_lsn": "CheckpointLSN", "database_backup_lsn": "DatabaseBackupLSN",
    "database_creation_date": "DatabaseCreationDate", "backup_start_date": "BackupStartDate",
    "backup_finish_date": "BackupFinishDate", "sort_order": "SortOrder", "code_page": "CodePage",
    "compatibility_level": "CompatibilityLevel", "database_version": "DatabaseVersion", "backup_size": "BackupSize",
    "database_name": "DatabaseName", "server_name": "ServerName", "machine_name": "MachineName", "flags": "Flags",
    "unicode_locale": "UnicodeLocaleId", "unicode_compare_style": "UnicodeComparisonStyle", "collation_name": "Collation",
    "recovery_model": "RecoveryModel", "has_bulk_logged_data": "HasBulkLoggedData", "is_snapshot": "IsSnapshot",
    "is_readonly": "IsReadOnly", "is_single_user": "IsSingleUser", "has_backup_checksums": "HasBackupChecksums",
    "is_damaged": "IsDamaged", "begins_log_chain": "BeginsLogChain", "has_incomplete_metadata": "HasIncompleteMetaData",
    "is_force_offline": "IsForceOffline", "is_copy_only": "IsCopyOnly", "first_recovery_fork_guid": "FirstRecoveryForkID",
    "last_recovery_fork_guid": "RecoveryForkID", "fork_point_lsn": "ForkPointLSN", "database_guid": "BindingID",
    "family_guid": "FamilyGUID", "differential_base_lsn": "DifferentialBaseLSN",
    "differential_base_guid": "DifferentialBaseGUID", "compressed_backup_size": "CompressedBackupSize",
    "position": "Position", "backup_set_uuid": "BackupSetGUID",
}  # fmt: skip


def _numbered(session: Session) -> tuple[list[tuple[int, int, dict[str, Any]]], list[dict[str, Any]]]:
    """(number of the set, number of its media set, the set) in their order; and the media sets in theirs."""
    known: dict[str, int] = {}
    media, sets = [], []
    for number, told in enumerate(backup_sets.history(session.server), 1):
        if told["media"]["uuid"] not in known:
            known[told["media"]["uuid"]] = len(known) + 1
            media.append(told)
        sets.append((number, known[told["media"]["uuid"]], told))
    return sets, media


def _sets(session: Session) -> Iterator[dict[str, Any]]:
    for number, media, told in _numbered(session)[0]:
        row = backup_sets.header(told, session.version)
        yield {
            **{name: row[other] for name, other in SAME.items()}, "backup_set_id": number, "media_set_id": media,
            "type": backup_sets.KINDS[told["type"]][0], "first_family_number": 1, "first_media_number": 1,
            "last_family_number": told["families"], "last_media_number": 1, "catalog_family_number": 1, "catalog_media_number": 1,
            "time_zone": 127, "mtf_minor_version": 0, "is_password_protected": 0,
        }  # fmt: skip


def _families(session: Session) -> Iterator[dict[str, Any]]:
    for media, told in enumerate(_numbered(session)[1], 1):
        for number, (path, family) in enumerate(told["devices"], 1):
            yield {
                "media_set_id": media, "family_sequence_number": number, "media_family_id": family, "media_count": 1,
                "logical_device_name": None, "physical_device_name": path, "device_type": 2, "physical_block_size": 512, "mirror": 0,
            }  # fmt: skip


def _media(session: Session) -> Iterator[dict[str, Any]]:
    for number, told in enumerate(_numbered(session)[1], 1):
        row = backup_sets.label({**told["media"]})
        yield {
            "media_set_id": number, "media_uuid": row["MediaSetId"], "media_family_count": row["FamilyCount"], "name": row["MediaName"],
            "description": row["MediaDescription"], "software_name": row["SoftwareName"], "software_vendor_id": row["SoftwareVendorId"],
            "MTF_major_version": 1, "mirror_count": 1, "is_password_protected": 0, "is_compressed": 0,
        }  # fmt: skip


def _rows(names: tuple[str, ...], source: Any) -> Rows:
    def rows(session: Session, database: str) -> Iterator[tuple[Any, ...]]:
        for row in source(session):
            yield tuple(row[name] for name in names)

    return rows


TABLES = {"backupset": (SETS, _sets), "backupmediafamily": (FAMILIES, _families), "backupmediaset": (MEDIA, _media)}


def find(version: int, name: str) -> Catalogue | None:
    if name not in TABLES:
        return None
    table, source = TABLES[name]
    columns = backup_sets.columns(table, version)
    return Catalogue(f"v_{name}", columns, _rows(tuple(column for column, _ in columns), source))
