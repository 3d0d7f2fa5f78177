# SPDX-License-Identifier: GPL-3.0-or-later
"""What exp and bcp have in common: a table in, a proved file out, and nothing done while a proved file is there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

from ..action import StationAction
from ..executor import Station
from ..findings import Finding, worst
from ..rules import audit, audit_export, audit_history
from ..rules.audit import Exported, Where
from . import open_table


class ExportAction(StationAction):
    """Subclasses name their ENGINE and their arguments."""

    ENGINE = ""
    SHARED: ClassVar[dict[str, Any]] = {
        "table": {"type": "str", "required": True},
        "folder": {"type": "str", "required": True},
        "file": {"type": "str"},
        "key": {"type": "str"},
        "margin_percent": {"type": "int", "default": 20},
        "job_limit": {"type": "int", "default": 21600},
    }

    def steps(self, want: SimpleNamespace, station: Station) -> list[Finding]:
        want.engine = self.ENGINE
        where = Where(self.section, self.name, self.site, want.table, self.KEY)
        table = open_table(self, want, station)
        seen = table.measure()
        self.so_far = audit.before_export(
            where, seen, folder=want.folder, margin_percent=want.margin_percent, nulls_waived=True, emptied_later=False
        )
        if not worst(finding.verdict for finding in self.so_far).is_go:
            return self.so_far
        past = audit_history.past(self.journal.entries("evidence"), self.name, want.table)
        whole = (
            past.latest and audit_export.copy_is_whole(where, past.latest, *table.file_now(past.latest.file)) is None
        )
        if past.latest and whole and audit_history.still_covers(past.latest, seen, 0):
            return self._saved(where, past.latest, changed=False)
        if self.check_mode:
            return [*self.so_far, audit_export.would_export(where, seen)]
        export = table.export(seen, past.job)
        self.made_change = True
        return self._saved(where, export, changed=True)

    def _saved(self, where: Where, export: Exported, changed: bool) -> list[Finding]:
        self._export = export
        return [*self.so_far, audit_export.saved(where, export, changed)]

    def returned(self) -> dict[str, Any]:
        export: Exported | None = getattr(self, "_export", None)
        return {"export": export.evidence()} if export else {}
