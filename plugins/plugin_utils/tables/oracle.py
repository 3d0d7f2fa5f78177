# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit table on Oracle, by sqlplus, exp and imp on the station (S34 on Solaris, S35 on Windows)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from ..action import Stop
from ..command import Command, Outcome, State
from ..databases.oracle import OracleDatabase
from ..executor import JobState, Station
from ..findings import Finding
from ..programs import audit_oracle, exp, imp
from ..rules import audit_export, audit_history, audit_truncate
from ..rules.audit import Exported, Measured
from . import Late, NotTruncated, stamp
from .jobs import ExportJob
from .loaded_copy import LoadedCopy
from .places import place_of

BUSY_TRIES = 3  # times that lock, count and truncate are done again while somebody has the table
SETTLE = 2.0  # seconds between them
PROOF = "rows exported = rows counted{view}; dump read to its end; {content}"
NOT_REREAD = "content not re-read"


class OracleTable(ExportJob):
    """want: the action's arguments. The programs run as ``want.os_user``, the SQL as ``want.account``."""

    PROGRAM = "exp"
    puts_late_rows_back = False
    risks = ("no_backup",)
    offers = ("no_backup", "accept_window")

    def __init__(self, action: Any, want: SimpleNamespace, station: Station) -> None:
        super().__init__(action, want, station, place_of(action, want, station))
        self.sql = OracleDatabase(action, want, station)
        self.scn: int | None = None
        self.charset = ""

    # Asking

    def _as(self, command: Command) -> Command:
        return replace(command, user=self.os_user)

    # Measuring

    def measure(self) -> Measured:
        """Two round trips: everything that needs no decision, then the key's range, which needs the key's name."""
        answers, (disk,) = self.sql.ask(audit_oracle.questions(self.want.table), [self.place.free(self.want.folder)])
        facts = audit_oracle.read(answers)
        key = self.want.key or facts.key
        rows, least, greatest = facts.rows, None, None
        self.scn, self.charset = facts.scn, facts.charset
        if not facts.unread:
            rows, least, greatest = self._range(key, None)
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

    def database_known_as(self, seen: Measured) -> tuple[str, str]:
        name, _, number = (seen.database or "").partition(" ")
        return name, number

    def _range(self, key: str, scn: int | None) -> tuple[int | None, int | None, int | None]:
        answers, _ = self.sql.ask(audit_oracle.range_questions(self.want.table, key, scn))
        return audit_oracle.read_range(answers["range"])

    # Exporting

    def export(self, seen: Measured, job: Mapping[str, Any] | None) -> Exported:
        if self.want.verify_account:
            LoadedCopy(self).must_fit()
        return super().export(seen, job)

    def _content(self, path: str, exported: int, scn: int | None) -> str:
        """How far the dump's content was compared with the table; without a scratch schema not at all."""
        if not self.want.verify_account:
            return NOT_REREAD
        if scn is None:
            return f"{NOT_REREAD} (the account may not read the system change number)"
        return LoadedCopy(self).compared(path, exported, scn)

    def _started(self, seen: Measured) -> dict[str, Any]:
        """Starts exp as a detached job writing to a file that is not there yet; what the journal needs to find it again."""
        path = self._new_file("dmp")
        facts = {
            "station": self.action.name, "table": self.want.table, "program": "exp", "job": f"exp-{self.want.table}-{stamp()}",
            "file": path, "scn": self.scn, "rows_before": seen.rows, "charset": self.charset,
        }  # fmt: skip
        self.action.evidence(audit_history.JOB, facts)
        command = exp.table(
            self.want.table, path, self.want.account, self.want.password, scn=self.scn, charset=self.charset
        )
        self.action.say(f"exp of {seen.rows} rows of {self.want.table} to {path}")
        begun = self.station.start_job(facts["job"], self._as(command))
        if not begun.ended or not begun.as_expected:
            self._not_begun(facts, begun)
        return facts

    def _not_begun(self, facts: Mapping[str, Any], begun: Outcome) -> None:
        """After a cut the job may run all the same: only when its station says that there is none, it is none."""
        if begun.ended or self.station.job(facts["job"], self.os_user).state == "none":
            self.action.evidence(audit_history.JOB_ENDED, facts)
            raise Stop(self.action.unanswered(begun, "the export to start as a detached job"))

    def _verified(self, seen: Measured, facts: Mapping[str, Any], state: JobState) -> Exported:
        """The proof of a dump: rows by exp, rows by the database in the same view, the dump read to its end."""
        said = exp.read(state.printed, [self.want.table])
        exported = said.tables.get(self.want.table.upper())
        if state.state != "done" or not said.success:
            raise Stop(self._broken(facts, state, None if state.state == "done" else False, said, exported))
        if said.converted or said.charset != facts["charset"]:
            raise Stop(audit_export.letters_lost(self.where, facts["file"], said.charset, facts["charset"]))
        scn = facts.get("scn")
        rows, least, greatest = self._range(seen.key, scn)
        counted, later = (rows, None) if scn is not None else (facts["rows_before"], rows)
        if (wrong := audit_export.rows_agree(self.where, exported, counted, later, "exp")) is not None:
            raise Stop(wrong)
        self._read_to_its_end(facts["file"])
        size, sha1 = self.file_now(facts["file"])
        if not size or sha1 is None:
            raise Stop(audit_export.file_unread(self.where, facts["file"], size))
        self._carried_off(facts["file"], sha1)
        content = self._content(facts["file"], int(exported or 0), scn)
        view = f" at system change number {scn}" if scn is not None else " before and after"
        return Exported(
            self.action.site, self.action.name, seen.database or "", self.want.table, facts["file"], int(exported or 0), size, sha1,
            PROOF.format(view=view, content=content), seen.key, least if scn is not None else seen.least,
            greatest if scn is not None else None, scn,
        )  # fmt: skip

    def imp_job(self, command: Command, what: str) -> tuple[JobState, imp.Shown]:
        """imp as a detached job that is waited for: how it ended, and what it said. Raises Stop when its end was not seen."""
        job = f"imp-{self.want.table}-{stamp()}"
        self.action.say(what)
        begun = self.station.start_job(job, self._as(command))
        if begun.ended and not begun.as_expected:
            raise Stop(self.action.unanswered(begun, "imp to start as a detached job"))
        state = self.action.finished(self.station, job, what, user=self.os_user, limit=self.want.job_limit)
        if state.state in ("unknown", "running", "none"):
            raise Stop(self.action.job_open("imp", job, state))
        self.station.forget_job(job, self.os_user)
        return state, imp.read(state.printed)

    def _read_to_its_end(self, path: str) -> None:
        command = imp.show(path, self.want.account, self.want.password, charset=self.charset)
        state, shown = self.imp_job(command, f"imp show=y of {path}")
        if state.state == "lost" or not shown.whole:
            raise Stop(
                audit_export.dump_not_whole(
                    self.where, path, shown.whole if state.state == "done" else None, shown.codes
                )
            )

    def _broken(
        self, facts: Mapping[str, Any], state: JobState, known: bool | None, said: exp.Exported, rows: int | None
    ) -> Finding:
        """A failed export's file is ours, unproved and in the way of the next one. One that cannot be judged is kept."""
        success = said.success if known is None else known
        removed = success is False and self.place.removed(facts["file"])
        return audit_export.export_failed(
            self.where, facts["file"], state.exit_code, success, removed, rows, said.codes, state.state
        )

    # Truncating

    def refused_by_writers(self, seen: Measured, export: Exported, allow: tuple[str, ...]) -> Finding | None:
        if "accept_window" in allow:
            return None
        if "writers_stopped" not in allow:
            reason = "it has to say accept_window or writers_stopped (--allow), see the documentation of S34"
            return audit_truncate.approval_awaited(self.where, export, reason, self.offers)
        answers, _ = self.sql.ask(
            {
                **audit_oracle.lock_questions(self.want.table),
                **audit_oracle.range_questions(self.want.table, seen.key, None),
            }
        )
        locks, (rows, _, _) = answers["locks"].number, audit_oracle.read_range(answers["range"])
        return (
            None
            if (rows, locks) == (export.rows, 0)
            else audit_truncate.writers_not_stopped(self.where, export.rows, rows, locks)
        )

    def truncate(self, export: Exported) -> int:
        """Lock, count and truncate in one session; while somebody has the table, all of it again, never half of it."""
        for attempt in range(BUSY_TRIES):
            said, codes = self._truncate_once(export)
            if said == "done":
                return self._left()
            if said == "late":
                raise Late(f"rows of {self.want.table} arrived after the export")
            if attempt + 1 < BUSY_TRIES:
                time.sleep(SETTLE)
        raise NotTruncated(audit_truncate.table_busy(self.where, export, ", ".join(codes), int(BUSY_TRIES * SETTLE)))

    def _truncate_once(self, export: Exported) -> tuple[str, tuple[str, ...]]:
        """("done" | "late" | "busy", codes). Raises Stop when the end was not seen, NotTruncated on a refusal."""
        text = audit_oracle.truncate_block(export.table, export.rows, export.key, export.greatest)
        answer, outcome = self.sql.block(text, timeout=self.want.lock_seconds + 60.0)
        said = audit_oracle.read_truncate(answer, outcome.printed) if outcome.ended else ""
        if said == "refused":
            raise NotTruncated(audit_truncate.truncate_refused(self.where, export, ", ".join(answer.codes)))
        if said:
            return said, answer.codes
        if outcome.state is State.NOT_BEGUN:
            raise NotTruncated(self.action.unanswered(outcome, "the truncate to be sent"))
        seen = outcome.why or ", ".join(answer.codes) or f"sqlplus ended with {outcome.exit_code} and did not say"
        raise Stop(audit_truncate.truncate_unseen(self.where, export, seen))

    def _left(self) -> int:
        rows, _, _ = self._range("", None)
        if rows is None:
            raise Stop(audit_truncate.left_unread(self.where))
        return rows
