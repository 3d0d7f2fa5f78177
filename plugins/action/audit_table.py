# SPDX-License-Identifier: GPL-3.0-or-later
"""audit_table: save an audit table to a file, prove the copy, and empty the table once that was approved (S34-S36)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any, ClassVar

from ..plugin_utils.action import StationAction, Stop
from ..plugin_utils.executor import Station
from ..plugin_utils.findings import Finding, Verdict, evidence_hash, worst
from ..plugin_utils.rules import approvals, audit, audit_export, audit_history, audit_truncate, backup
from ..plugin_utils.rules.audit import Exported, Measured, Where
from ..plugin_utils.tables import AuditTable, Late, NotTruncated, open_table

AGAIN = 3  # exports that one run makes of a table that keeps growing under it


class ActionModule(StationAction):
    KEY = "audit_table"
    ARGUMENT_SPEC: ClassVar[dict[str, Any]] = {
        "engine": {"type": "str", "required": True, "choices": ["oracle", "sqlserver"]},
        "table": {"type": "str", "default": "map_event_audit"},
        "folder": {"type": "str", "required": True},
        "file": {"type": "str"},
        "database": {"type": "str", "default": "mvf"},
        "account": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "verify_account": {"type": "str"},
        "verify_password": {"type": "str", "no_log": True},
        "system": {"type": "str", "default": "solaris", "choices": ["solaris", "windows"]},
        "os_user": {"type": "str"},
        "client": {"type": "str"},
        "server": {"type": "str", "default": "."},
        "passkey": {"type": "str"},
        "margin_percent": {"type": "int", "default": 20},
        "late_rows": {"type": "int", "default": 1000},
        "lock_seconds": {"type": "int", "default": 10},
        "backup_max_age_hours": {"type": "int", "default": 24},
        "best_before_hours": {"type": "int", "default": 336},
        "rows_since_limit": {"type": "int", "default": 100000},
        "key": {"type": "str"},
        "format": {"type": "str", "default": "character", "choices": ["character", "unicode"]},
        "verify_on_production": {"type": "bool", "default": False},
        "hash_rows_max": {"type": "int", "default": 100000},
        "verify_instance": {
            "type": "dict",
            "options": {
                "station": {"type": "str"},
                "server": {"type": "str", "default": "."},
                "folder": {"type": "str", "default": "C:\\impax-verify"},
            },
        },
        "job_limit": {"type": "int", "default": 21600},
    }

    def steps(self, want: SimpleNamespace, station: Station) -> list[Finding]:
        self.where = Where(self.section, self.name, self.site, want.table)
        table = open_table(self, want, station)
        seen = table.measure()
        past = audit_history.past(self.journal.entries("evidence"), self.name, want.table)
        self.so_far = audit.before_export(
            self.where,
            seen,
            folder=want.folder,
            margin_percent=want.margin_percent,
            nulls_waived=self.waived(f"{want.table}.null_user_id"),
        )
        if seen.unread:
            return self.so_far
        self.backup = self._backup(want, *table.database_known_as(seen))
        if past.begun and (found := self._after_a_broken_truncate(table, seen, past.begun)):
            return [*self.so_far, *found]
        done = self._still_done(want, table, seen, past)
        if done or seen.rows == 0:
            return [*self.so_far, *(done or [audit.nothing_to_save(self.where, seen)])]
        if not worst(finding.verdict for finding in self.so_far).is_go:
            return self.so_far
        self.so_far += audit_truncate.backup_stands(self.where, self.backup)
        return [*self.so_far, *self._save_and_empty(want, table, seen, past)]

    def _backup(self, want: SimpleNamespace, database: str, identity: str) -> backup.Standing:
        """The verified backup that stands behind a truncate, of this very database."""
        now = datetime.now(timezone.utc)
        return backup.verified(
            self.journal.entries("evidence"), self.name, database, want.backup_max_age_hours, now, identity
        )

    # What an earlier run left

    def _still_done(
        self, want: SimpleNamespace, table: AuditTable, seen: Measured, past: audit_history.Past
    ) -> list[Finding]:
        """The row of a table that was emptied before and has not grown beyond its limits; empty when it is due again."""
        if not past.emptied or past.exports:
            return []
        export = audit.exported_from(past.emptied)
        age = (
            datetime.now(timezone.utc) - datetime.fromisoformat(past.emptied_at.replace("Z", "+00:00"))
        ).total_seconds()
        done = audit_truncate.still_done(
            self.where,
            export,
            since=seen.rows or 0,
            limit=want.rows_since_limit,
            age_s=age,
            best_before_s=want.best_before_hours * 3600.0,
        )
        return [audit_export.copy_is_whole(self.where, export, *table.file_now(export.file)) or done] if done else []

    def _after_a_broken_truncate(self, table: AuditTable, seen: Measured, begun: Mapping[str, Any]) -> list[Finding]:
        """A truncate was begun and nobody saw its end: what the table holds now decides. Empty: it did not happen."""
        export = audit.exported_from(begun)
        happened = audit_history.truncate_took_place(export, seen)
        if happened is None:
            return [audit_truncate.truncate_uncertain(self.where, export, seen)]
        if not happened:
            self.evidence(audit_history.NOT_DONE, export.evidence())
            return []
        if self.check_mode:
            return [self._would("was emptied by an earlier run; that would be proved and noted", export)]
        return self._proved(table, export, seen.rows or 0, str(begun.get("approved_by", "")), resumed=True)

    # Saving

    def _save_and_empty(
        self, want: SimpleNamespace, table: AuditTable, seen: Measured, past: audit_history.Past
    ) -> list[Finding]:
        """With the export at hand, else with a new one; a table that grows under it is exported again, a few times."""
        at_hand = (
            past.latest
            if past.latest and past.job is None and self._good_still(want, table, seen, past.latest)
            else None
        )
        if self.check_mode:
            return [self._foretold(at_hand, seen)]
        exports, job = past.exports, past.job
        for _attempt in range(AGAIN):
            export = at_hand or table.export(seen, job)
            if export is not at_hand:
                self.made_change, exports = True, (*exports, export)
            try:
                return self._empty(table, seen, export, exports)
            except Late as late:
                self.say(f"{late}: exporting again")
                at_hand, job, seen = None, None, table.measure()
        raise Stop(audit_truncate.keeps_growing(self.where, exports[-1], AGAIN))

    def _foretold(self, at_hand: Exported | None, seen: Measured) -> Finding:
        if at_hand:
            return self._would("is saved and verified; it would be truncated if that is approved", at_hand)
        return self._would("would be exported, verified, and truncated if that is approved", None, seen)

    def _good_still(self, want: SimpleNamespace, table: AuditTable, seen: Measured, export: Exported) -> bool:
        late = want.late_rows if table.puts_late_rows_back else 0
        whole = audit_export.copy_is_whole(self.where, export, *table.file_now(export.file))
        return whole is None and audit_history.still_covers(export, seen, late)

    # Emptying

    def _empty(
        self, table: AuditTable, seen: Measured, export: Exported, exports: tuple[Exported, ...]
    ) -> list[Finding]:
        ruling = self._ruling(table, export, exports)
        if not ruling.granted:
            risks = tuple(risk for risk in table.offers if risk not in table.risks or risk in self._risks(table))
            return [audit_truncate.approval_awaited(self.where, export, ruling.reason, risks, backup=self.backup)]
        if (broken := audit_export.copy_is_whole(self.where, export, *table.file_now(export.file))) is not None:
            return [broken]
        if (refused := table.refused_by_writers(seen, export, ruling.allow)) is not None:
            return [refused]
        self.evidence(audit_history.BEGUN, {**export.evidence(), "approved_by": ruling.by})
        try:
            since = table.truncate(export)
        except (NotTruncated, Late):
            self.evidence(audit_history.NOT_DONE, export.evidence())
            raise
        return self._proved(table, export, since, ruling.by)

    def _ruling(self, table: AuditTable, export: Exported, exports: tuple[Exported, ...]) -> approvals.Ruling:
        """Approvals of this export, or of the one before it when this one contains that one."""
        older = [evidence_hash(before.evidence()) for before in exports[-2:-1] if export.contains(before.evidence())]
        return self.ruling(
            f"{self.where.table}.truncate", evidence_hash(export.evidence()), covers=older, risks=self._risks(table)
        )

    def _risks(self, table: AuditTable) -> tuple[str, ...]:
        """What the approval has to accept by name: that there is no backup, where there is none."""
        return () if self.backup.backup else table.risks

    def _proved(self, table: AuditTable, export: Exported, since: int, by: str, resumed: bool = False) -> list[Finding]:
        """After the truncate: the copy is still there and whole, and that is what the row says."""
        broken = audit_export.copy_is_whole(self.where, export, *table.file_now(export.file))
        self.evidence(audit_history.EMPTIED, {**export.evidence(), "approved_by": by, "rows_since": since})
        self.made_change = True
        return [
            audit_truncate.emptied(self.where, export, since=since, by=by, resumed=resumed),
            *([broken] if broken else []),
        ]

    def _would(self, what: str, export: Exported | None, seen: Measured | None = None) -> Finding:
        evidence = export.evidence() if export else seen.shown() if seen else {}
        return Finding(
            f"audit_table.{self.where.table}.truncate",
            self.section,
            self.name,
            Verdict.ATTENTION,
            f"{self.where.table} on {self.name} {what}.",
            evidence,
            would=True,
        )
