# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit table on SQL Server, by osql or sqlcmd and bcp on the station (S36)."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from ..action import Stop
from ..command import Outcome, State
from ..databases.sqlserver import SqlServerDatabase
from ..executor import JobState, Station, TransferFailed
from ..findings import Finding
from ..programs import audit_compare, audit_sqlserver, bcp
from ..rules import audit_export, audit_history, audit_truncate
from ..rules.audit import Exported, Measured
from . import Late, NotTruncated, stamp
from .jobs import ExportJob
from .places import WindowsPlace
from .scratch import Scratch, ScratchOnProduction, may_load_on_production, named_instance

PROOF = "loaded into a scratch table on {where}: count, checksums, nulls, lengths and key range equal"


class SqlServerTable(ExportJob):
    """want: the action's arguments. SQL runs as ``want.account``, bcp by the Windows log-on."""

    PROGRAM = "bcp"
    puts_late_rows_back = True
    risks = offers = ("no_backup",)

    def __init__(self, action: Any, want: SimpleNamespace, station: Station) -> None:
        super().__init__(action, want, station, WindowsPlace(action, station))
        self.columns: tuple[audit_sqlserver.Column, ...] = ()
        self.version: int | None = None
        self.sql = SqlServerDatabase(action, want, station)

    # Asking

    def database_known_as(self, seen: Measured) -> tuple[str, str]:
        return str(self.want.database), (seen.database or "").partition(" ")[0]

    def measure(self) -> Measured:
        answers, (disk,) = self.sql.ask(audit_sqlserver.questions(self.want.table), [self.place.free(self.want.folder)])
        facts = audit_sqlserver.read(answers)
        self.columns, self.version = facts.columns, facts.version
        key = self.want.key or facts.key
        rows, least, greatest = facts.rows, None, None
        if not facts.unread:
            ranged, _ = self.sql.ask(audit_sqlserver.key_range(self.want.table, key))
            rows, least, greatest = audit_sqlserver.read_range(ranged["range"])
        return Measured(
            database=facts.database,
            rows=rows,
            size_kb=facts.size_kb,
            free_kb=self.place.free_kb(disk),
            null_user_id=facts.null_user_id,
            key=key,
            least=least,
            greatest=greatest,
            referenced_by=facts.referenced_by,
            unread=facts.unread if rows is not None or facts.unread else {"rows": "no whole answer"},
        )

    def hashes(self, rows: int) -> bool:
        """Whether each row's hash is compared, too: not on SQL Server 2000, and not for more rows than was said."""
        return rows <= self.want.hash_rows_max and audit_compare.can_hash(self.version, self.columns)

    # Exporting

    @property
    def _full_name(self) -> str:
        return f"{self.want.database}.dbo.{self.want.table}"

    @property
    def _verifier(self) -> str:
        """The station whose SQL Server proves the copy; "" where none is named."""
        return str(named_instance(self.want).get("station") or "")

    def export(self, seen: Measured, job: Mapping[str, Any] | None) -> Exported:
        if not self._verifier:
            if not self.want.verify_on_production:
                raise Stop(audit_export.no_verify_instance(self.where))
            may_load_on_production(self, seen)
        return super().export(seen, job)

    def _started(self, seen: Measured) -> dict[str, Any]:
        path = self._new_file("txt")
        facts = {
            "station": self.action.name, "table": self.want.table, "program": "bcp", "job": f"bcp-{self.want.table}-{stamp()}",
            "file": path, "rows_before": seen.rows,
        }  # fmt: skip
        self.action.evidence(audit_history.JOB, facts)
        self.action.say(f"bcp of {seen.rows} rows of {self.want.table} to {path}")
        command = bcp.out(self._full_name, path, server=self.want.server, errors=f"{path}.err", form=self.want.format)
        begun = self.station.start_job(facts["job"], command)
        if not begun.as_expected and (begun.ended or self.station.job(facts["job"]).state == "none"):
            self.action.evidence(audit_history.JOB_ENDED, facts)
            raise Stop(self.action.unanswered(begun, "bcp to start as a detached job"))
        return facts

    def _verified(self, seen: Measured, facts: Mapping[str, Any], state: JobState) -> Exported:
        said = bcp.read(state.printed)
        if state.state != "done" or not said.success:
            raise Stop(self._broken(facts, state, said))
        size, sha1 = self.file_now(facts["file"])
        if size is None or sha1 is None:
            raise Stop(audit_export.file_unread(self.where, facts["file"], size))
        self._leave_reload_help(facts["file"])
        kind = Scratch if self._verifier else ScratchOnProduction
        loaded = kind(self, facts["file"], self._carried_off(facts["file"], sha1)).compared(
            seen, int(said.rows or 0), size
        )
        return Exported(
            self.action.site, self.action.name, seen.database or "", self.want.table, facts["file"], int(said.rows or 0), size, sha1,
            self._proof(int(said.rows or 0)), seen.key, loaded.least, loaded.greatest,
        )  # fmt: skip

    def _proof(self, rows: int) -> str:
        proof = PROOF.format(where=self._verifier or f"{self.action.name} itself")
        if not self.hashes(rows):
            return f"{proof}; rows not hashed"
        by_length = ", ".join(audit_compare.unhashed(self.columns))
        return f"{proof}; SHA-1 of each row equal{f' (but {by_length}: nulls and lengths only)' if by_length else ''}"

    def _leave_reload_help(self, path: str) -> None:
        """The format file and the reload command, beside the export."""
        described = bcp.describe(self._full_name, f"{path}.fmt", server=self.want.server, form=self.want.format)
        self.action.answered(self.station.run(described), "bcp to write the format file")
        try:
            self.station.put_text(f"{path}.reload.txt", bcp.reload_text(self._full_name, path, self.want.format))
        except TransferFailed as failure:
            raise Stop(audit_export.copy_not_carried(self.where, str(failure))) from None

    def _broken(self, facts: Mapping[str, Any], state: JobState, said: bcp.Copied) -> Finding:
        """A failed export's file is ours, unproved and in the way of the next one."""
        codes = tuple(f"{sqlstate}/{native}" for sqlstate, native in said.errors)
        return audit_export.export_failed(
            self.where,
            facts["file"],
            state.exit_code,
            False,
            self.place.removed(facts["file"]),
            said.rows,
            codes,
            state.state,
        )

    # Truncating

    def refused_by_writers(self, seen: Measured, export: Exported, allow: tuple[str, ...]) -> Finding | None:
        return None  # the lock covers the truncate

    def truncate(self, export: Exported) -> int:
        text = audit_sqlserver.truncate_batch(
            export.table,
            export.rows,
            export.key,
            export.greatest,
            self.columns,
            self.want.late_rows if export.key else 0,
        )
        limit = self.want.lock_seconds + 5
        answer, outcome = self.sql.batch(text, timeout=limit + 30.0, query_timeout=limit)
        read = (
            audit_sqlserver.read_truncate(answer, outcome.printed) if outcome.ended else audit_sqlserver.Truncated("")
        )
        return self._after(export, read, outcome)

    def _after(self, export: Exported, read: audit_sqlserver.Truncated, outcome: Outcome) -> int:
        if read.said == "done":
            return int(read.after or 0)
        if read.said == "late":
            raise Late(f"{self.want.table} differs from its export ({read.seen})")
        if read.said == "busy":
            raise NotTruncated(audit_truncate.table_busy(self.where, export, read.seen, 5))
        if read.said == "refused":
            raise NotTruncated(audit_truncate.truncate_refused(self.where, export, read.seen))
        if outcome.state is State.NOT_BEGUN:
            raise NotTruncated(self.action.unanswered(outcome, "the truncate to be sent"))
        seen = outcome.why or read.seen or f"{self.sql.log_on.client} ended with {outcome.exit_code} and did not say"
        raise Stop(audit_truncate.truncate_unseen(self.where, export, seen))
