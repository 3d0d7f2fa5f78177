# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit table on its engine: how it is measured, exported, proved and truncated. One module an engine.

The order of these steps, the approval and the journal are the action's; here is what differs between the engines.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any, Protocol

from ..action import Stop
from ..executor import Station
from ..findings import Finding
from ..rules.audit import Exported, Measured


class NotTruncated(Stop):
    """The engine said so itself: rolled back or refused, every row is still there."""


class Late(Exception):
    """Rows arrived after the export: it does not hold them. The table is untouched."""


class AuditTable(Protocol):
    """risks: what every approval has to accept by name. offers: what a person is told to accept, with the engine's own
    choice in it. puts_late_rows_back: rows that came since the export survive."""

    risks: tuple[str, ...]
    offers: tuple[str, ...]
    puts_late_rows_back: bool

    def measure(self) -> Measured: ...

    def database_known_as(self, seen: Measured) -> tuple[str, str]:
        """The database's bare name and its identity, as its backups are known by them; "" for what it did not say."""
        ...

    def export(self, seen: Measured, job: Mapping[str, Any] | None) -> Exported:
        """A new verified export, or the one that a job of an earlier run has made. Raises Stop."""
        ...

    def file_now(self, path: str) -> tuple[int | None, str | None]:
        """Size and SHA-1 of the export's file on its station as they are now; None: not to be had."""
        ...

    def refused_by_writers(self, seen: Measured, export: Exported, allow: tuple[str, ...]) -> Finding | None: ...

    def truncate(self, export: Exported) -> int:
        """Empties the table; rows that are in it afterwards. Raises Late, NotTruncated, or Stop when the end was not seen."""
        ...


def stamp() -> str:
    """The moment, for names of new files and jobs: ``20260101T010203Z``."""
    return datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S%fZ")


def open_table(action: Any, want: SimpleNamespace, station: Station) -> AuditTable:
    """The table on the engine that `want` names."""
    if want.engine == "oracle":
        from .oracle import OracleTable

        return OracleTable(action, want, station)
    from .sqlserver import SqlServerTable

    return SqlServerTable(action, want, station)
