# SPDX-License-Identifier: GPL-3.0-or-later
"""A full backup of a database on its engine: what stands in its way, how it is made, how it is proved.

The order of these steps, check mode, the approval and the evidence are the action's (`action/database_backup.py`); here
is what differs between the engines, one module each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Protocol

from ..executor import Station
from ..findings import Finding
from ..rules.backup import Backup


class NeverBegun(Exception):
    """Of the job of an earlier run its station knows nothing, and the journal now says so: what stands in a backup's way,
    its approval and its window are looked at anew."""


@dataclass(frozen=True)
class Consent:
    """What a person has to agree to before the backup starts. what: last part of the finding's key.

    sentence: what would be done and why it needs an agreement. evidence: what the approval is bound to, the same in the
    next run. risks: what the approval has to accept by name.
    """

    what: str
    sentence: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    risks: tuple[str, ...] = ()


class DatabaseBackup(Protocol):
    """how: the program that makes the backup, for sentences. database: the name that the database gives itself.
    elsewhere: what is said where the section is not for this database at all, known after `measure`."""

    how: str
    database: str
    elsewhere: Finding | None

    def measure(self) -> list[Finding]:
        """Reads what is needed, changes nothing; what was found, good and bad. Not all go: no backup starts. Called
        first and once; sets `database`. Raises Stop where the database does not answer."""
        ...

    def still_there(self, backup: Backup) -> Finding | None:
        """Whether what a verified backup consists of is still there and whole, by a look that changes nothing (list,
        size on disk). None: it is; else the finding that says what is wrong with it."""
        ...

    def own(self, max_age_h: float) -> Backup | None:
        """The newest full backup that the site made itself, at most so old, when it can be proved now; else None."""
        ...

    def consent(self) -> Consent | None:
        """What needs an approval before `make`; None: nothing does."""
        ...

    def make(self, job: Mapping[str, Any] | None) -> Backup:
        """A new proved backup, or the one that a job of an earlier run (its journalled facts) has made. It is the
        engine's to journal rules.backup.JOB and JOB_ENDED; BACKUP is the action's. Raises Stop, and NeverBegun for a job that there never
        was. With a job it is also called after a `measure` that stopped: a cold backup has its database down."""
        ...

    def copy_off(self, backup: Backup) -> list[Finding]:
        """Carries the backup off the station and compares it where `carry_off` asks for it; what came of it.
        Asking again is harmless: what was carried is not carried twice."""
        ...


def folder_of(backup: Backup, number: int = 0) -> str:
    """A folder for the copy of this very backup's file: another backup's file may have the same name."""
    return f"{backup.database}-{backup.finished}-{number}".replace(":", "")


def open_backup(action: Any, want: SimpleNamespace, station: Station) -> DatabaseBackup:
    """The backup of the database that `want` names, on its engine."""
    if want.engine == "oracle":
        from .oracle import OracleBackup

        return OracleBackup(action, want, station)
    from .sqlserver import SqlServerBackup

    return SqlServerBackup(action, want, station)
