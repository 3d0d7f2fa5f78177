# SPDX-License-Identifier: GPL-3.0-or-later
"""What a backup set tells of itself, and the columns in which each version shows it (Books Online of 2000, 2005, 2008:
RESTORE HEADERONLY, FILELISTONLY, LABELONLY; msdb's tables)."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from impax_lab.engine.model import Type
from impax_lab.engine.ms import types, views

if TYPE_CHECKING:
    from impax_lab.engine.mssql import Server

Set = dict[str, Any]
FULL, LOG, DIFFERENTIAL = 1, 2, 5
KINDS = {FULL: ("D", "Database"), LOG: ("L", "Transaction Log"), DIFFERENTIAL: ("I", "Database Differential")}
MAKER, VENDOR = "Microsoft SQL Server", 4608
INCOMPLETE = "*** INCOMPLETE ***"
LEVELS = {8: 80, 9: 90, 10: 100}
FRAME = 8192  # bytes of a set beside its pages, less than the file has: assumed, as its size in the header is
CHECKSUMS, COPY_ONLY = 16, 32  # bits of Flags, assumed from Books Online's list: 1 bulk-logged ... 16 checksums


def new_id() -> str:
    return str(uuid.uuid4()).upper()


def medium(
    server: Server, families: int, number: int, media: str, name: str | None, text: str | None, at: datetime
) -> Set:
    """The header of a file of a media set. number: of the family, from 1 on."""
    return {
        "uuid": media, "family_id": new_id(), "families": families, "family": number, "name": name, "description": text,
        "date": types.stored_moment(at), "software": MAKER, "major": server.version,
    }  # fmt: skip


def lsn(server: Server) -> int:
    """The next log sequence number: 25 digits of which the lab needs 17."""
    count = server.store.next_number("backup lsn", 3)
    return (43 + count // 1000) * 10**15 + (200 + count % 1000) * 10**5 + 1


def made(server: Server, found: dict[str, Any], kind: int, pages: list[int], **more: Any) -> Set:
    """A set of the database `found`. pages: of each of its files. more: what is told besides, over the rest."""
    first = lsn(server)
    build = [int(part) for part in server.full_version.split(".")]
    files = [
        {**each, "pages": count, "number": number}
        for number, (each, count) in enumerate(zip(found["files"], pages, strict=True), 1)
    ]
    return {
        "uuid": new_id(), "name": None, "description": None, "type": kind, "expires": None, "position": 1, "user": "sa",
        "server": server.name, "machine": server.host, "database": found["name"], "version": server.file_version,
        "created": found["created"], "first_lsn": first, "last_lsn": first + 2 * 10**5, "checkpoint_lsn": first, "base_lsn": 0,
        "started": server.now(), "finished": server.now(), "collation": found["collation"], "level": LEVELS.get(server.version, 90),
        "build": build, "fork": str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{server.name} {found['name']} {found['created']}")).upper(), "checksums": False, "copy_only": False,
        "recovery": found["recovery"], "difference_lsn": None, "difference_id": None, "files": files,
        "size": sum(pages) * 8192 + FRAME, "families": 1, **more,
    }  # fmt: skip


# History ------------------------------------------------------------------------------------------------------------


def history(server: Server) -> list[Set]:
    """What msdb knows, oldest first: sets, each with "media", the media set, and "devices" [(path, family's id)]."""
    return list(json.loads(server.store.note("backups") or "[]"))


def remember(server: Server, told: Set) -> None:
    known = history(server)
    server.store.set_note("backups", json.dumps([*known, told]))


def base(server: Server, database: str) -> Set | None:
    """The last full backup that a differential one would stand on."""
    found = [
        each for each in history(server)
        if each["database"].lower() == database.lower() and each["type"] == FULL and not each["copy_only"]
    ]  # fmt: skip
    return found[-1] if found else None


# Columns ------------------------------------------------------------------------------------------------------------


def columns(table: dict[int, str], version: int) -> tuple[tuple[str, Type], ...]:
    """(name, type) of those that a version has: those of the earlier ones first."""
    spec = " ".join(part for since, part in sorted(table.items()) if version >= since)
    return views.view("", spec, lambda session, database: iter(())).columns


HEADER = {
    8: "BackupName:nvarchar(128) BackupDescription:nvarchar(255) BackupType:smallint ExpirationDate:datetime Compressed:tinyint"
       " Position:smallint DeviceType:tinyint UserName:nvarchar(128) ServerName:nvarchar(128) DatabaseName:nvarchar(128)"
       " DatabaseVersion:int DatabaseCreationDate:datetime BackupSize:numeric(20) FirstLSN:numeric(25) LastLSN:numeric(25)"
       " CheckpointLSN:numeric(25) DatabaseBackupLSN:numeric(25) BackupStartDate:datetime BackupFinishDate:datetime"
       " SortOrder:smallint CodePage:smallint UnicodeLocaleId:int UnicodeComparisonStyle:int CompatibilityLevel:tinyint"
       " SoftwareVendorId:int SoftwareVersionMajor:int SoftwareVersionMinor:int SoftwareVersionBuild:int"
       " MachineName:nvarchar(128) Flags:int BindingID:uniqueidentifier RecoveryForkID:uniqueidentifier Collation:nvarchar(128)",
    9: "FamilyGUID:uniqueidentifier HasBulkLoggedData:bit IsSnapshot:bit IsReadOnly:bit IsSingleUser:bit HasBackupChecksums:bit"
       " IsDamaged:bit BeginsLogChain:bit HasIncompleteMetaData:bit IsForceOffline:bit IsCopyOnly:bit"
       " FirstRecoveryForkID:uniqueidentifier ForkPointLSN:numeric(25) RecoveryModel:nvarchar(60)"
       " DifferentialBaseLSN:numeric(25) DifferentialBaseGUID:uniqueidentifier BackupTypeDescription:nvarchar(60)"
       " BackupSetGUID:uniqueidentifier",
    10: "CompressedBackupSize:bigint",
}  # fmt: skip
FILES = {
    8: "LogicalName:nvarchar(128) PhysicalName:nvarchar(260) Type:char(1) FileGroupName:nvarchar(128) Size:numeric(20)"
       " MaxSize:numeric(20)",
    9: "FileId:bigint CreateLSN:numeric(25) DropLSN:numeric(25) UniqueId:uniqueidentifier ReadOnlyLSN:numeric(25)"
       " ReadWriteLSN:numeric(25) BackupSizeInBytes:bigint SourceBlockSize:int FileGroupId:int LogGroupGUID:uniqueidentifier"
       " DifferentialBaseLSN:numeric(25) DifferentialBaseGUID:uniqueidentifier IsReadOnly:bit IsPresent:bit",
    10: "TDEThumbprint:varbinary(32)",
}  # fmt: skip
LABEL = {
    8: "MediaName:nvarchar(128) MediaSetId:uniqueidentifier FamilyCount:int FamilySequenceNumber:int MediaFamilyId:uniqueidentifier"
       " MediaSequenceNumber:int MediaLabelPresent:tinyint MediaDescription:nvarchar(255) SoftwareName:nvarchar(128)"
       " SoftwareVendorId:int MediaDate:datetime",
    9: "MirrorCount:int",
    10: "IsCompressed:bit",
}  # fmt: skip


# Rows ---------------------------------------------------------------------------------------------------------------


def header(told: Set, version: int, chain: bool = False) -> dict[str, Any]:
    """A set's row of HEADERONLY, values as they are kept. chain: whether it begins a log chain."""
    whole = told["finished"] is not None
    size = told["size"] if whole else None
    return {
        "BackupName": told["name"] if whole else INCOMPLETE, "BackupDescription": told["description"], "BackupType": told["type"],
        "ExpirationDate": told["expires"], "Compressed": 0, "Position": told["position"], "DeviceType": 2, "UserName": told["user"],
        "ServerName": told["server"], "DatabaseName": told["database"], "DatabaseVersion": told["version"],
        "DatabaseCreationDate": told["created"], "BackupSize": size, "FirstLSN": told["first_lsn"],
        "LastLSN": told["last_lsn"], "CheckpointLSN": told["checkpoint_lsn"], "DatabaseBackupLSN": told["base_lsn"],
        "BackupStartDate": told["started"], "BackupFinishDate": told["finished"], "SortOrder": 52, "CodePage": 0, "UnicodeLocaleId": 1033,
        "UnicodeComparisonStyle": 196609, "CompatibilityLevel": told["level"], "SoftwareVendorId": VENDOR,
        "SoftwareVersionMajor": told["build"][0], "SoftwareVersionMinor": told["build"][1], "SoftwareVersionBuild": told["build"][2],
        "MachineName": told["machine"], "Flags": flags(told, version), "BindingID": told["fork"], "RecoveryForkID": told["fork"],
        "Collation": told["collation"], "FamilyGUID": told["fork"], "HasBulkLoggedData": 0, "IsSnapshot": 0, "IsReadOnly": 0,
        "IsSingleUser": 0, "HasBackupChecksums": int(told["checksums"]), "IsDamaged": 0, "BeginsLogChain": int(chain),
        "HasIncompleteMetaData": 0, "IsForceOffline": 0, "IsCopyOnly": int(told["copy_only"]), "FirstRecoveryForkID": told["fork"],
        "ForkPointLSN": None, "RecoveryModel": told["recovery"], "DifferentialBaseLSN": told["difference_lsn"],
        "DifferentialBaseGUID": told["difference_id"], "BackupTypeDescription": KINDS[told["type"]][1], "BackupSetGUID": told["uuid"],
        "CompressedBackupSize": size,
    }  # fmt: skip


def flags(told: Set, version: int) -> int:
    """assumed: 512 is set from 2005 on."""
    if version < 9:
        return 0
    return 512 | (CHECKSUMS if told["checksums"] else 0) | (COPY_ONLY if told["copy_only"] else 0)


def files(told: Set) -> list[dict[str, Any]]:
    """The rows of FILELISTONLY."""
    return [
        {
            "LogicalName": each["name"], "PhysicalName": each["path"], "Type": "L" if each["log"] else "D",
            "FileGroupName": None if each["log"] else "PRIMARY", "Size": each["size"],
            "MaxSize": 35184372080640 if each["most"] is None else each["most"], "FileId": each["number"], "CreateLSN": 0,
            "DropLSN": 0, "UniqueId": str(uuid.uuid5(uuid.UUID(told["fork"]), each["name"])).upper(), "ReadOnlyLSN": 0,
            "ReadWriteLSN": 0, "BackupSizeInBytes": 0 if each["log"] else each["pages"] * 8192, "SourceBlockSize": 512,
            "FileGroupId": 0 if each["log"] else 1, "LogGroupGUID": None, "DifferentialBaseLSN": told["difference_lsn"] or 0,
            "DifferentialBaseGUID": told["difference_id"] or str(uuid.UUID(int=0)), "IsReadOnly": 0, "IsPresent": 1,
            "TDEThumbprint": None,
        }
        for each in told["files"]
    ]  # fmt: skip


def label(told: Set) -> dict[str, Any]:
    """The row of LABELONLY."""
    return {
        "MediaName": told["name"], "MediaSetId": told["uuid"], "FamilyCount": told["families"],
        "FamilySequenceNumber": told["family"], "MediaFamilyId": told["family_id"], "MediaSequenceNumber": 1,
        "MediaLabelPresent": int(told["name"] is not None), "MediaDescription": told["description"], "SoftwareName": told["software"],
        "SoftwareVendorId": VENDOR, "MediaDate": told["date"], "MirrorCount": 1, "IsCompressed": 0,
    }  # fmt: skip


def before(hours: float) -> datetime:
    return datetime.now() - timedelta(hours=hours)
