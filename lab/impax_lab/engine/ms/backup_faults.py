# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups that go wrong though nobody says so: the faults of a call (``osql``, ``sqlcmd``), or of a database for good
(``sqlserver: {databases: {mvf: {backup_fault: NAME}}}``). Their names and what each stands for: `osql.SPECIAL`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impax_lab.engine.ms import backup_media, types

if TYPE_CHECKING:
    from impax_lab.engine.mssql import Server

OLD_DAYS = 30
FAULTS = (
    "backup_empty_file", "backup_nothing_written", "backup_truncated", "backup_corrupt_page", "backup_other_database",
    "backup_differential", "backup_zero_verified", "backup_half_way", "backup_wrong_file", "backup_old_header",
    "backup_no_history", "verify_lies", "verify_damaged",
)  # fmt: skip


def described(server: Server, database: str) -> dict[str, Any]:
    """What the site says of a database."""
    found = {str(name).lower(): dict(made or {}) for name, made in (server.spec.get("databases") or {}).items()}
    return found.get(database.lower(), {})


def of_database(server: Server, database: str) -> str:
    return str(described(server, database).get("backup_fault") or "")


def header(server: Server, told: dict[str, Any], fault: str) -> dict[str, Any]:
    """A set's header with the fault at work."""
    if fault == "backup_other_database":
        other = next(name for name in ("model", "msdb") if name != told["database"].lower())
        return {**told, "database": other, "files": _files(server, other)}
    if fault == "backup_differential":
        return {**told, "type": 5, "difference_lsn": told["first_lsn"] - 10**6, "difference_id": told["uuid"]}
    if fault == "backup_old_header":
        back = timedelta(days=OLD_DAYS)
        return {**told, **{key: types.stored_moment(types.moment(told[key]) - back) for key in ("started", "finished")}}
    return told


def _files(server: Server, database: str) -> list[dict[str, Any]]:
    found = server.databases()[database]["files"]
    return [{**each, "pages": 2 if each["log"] else 184, "number": number} for number, each in enumerate(found, 1)]


def after(place: Path, fault: str) -> None:
    """What becomes of the file when all is told."""
    if fault in ("backup_empty_file", "backup_zero_verified"):
        place.write_bytes(b"")
    elif fault == "backup_truncated":
        backup_media.cut(place)
    elif fault == "backup_corrupt_page":
        backup_media.spoil(place)
