# SPDX-License-Identifier: GPL-3.0-or-later
"""An Oracle dump, loaded by imp into a scratch schema and compared with its table there; the scratch table goes in all cases."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ..action import Stop
from ..databases.oracle import OracleDatabase
from ..programs import audit_content, imp
from ..rules import audit_content as rules


class LoadedCopy:
    """table: the OracleTable whose dump it is. The schema is ``want.verify_account``; it holds nothing else."""

    def __init__(self, table: Any) -> None:
        self.table, self.action, self.want = table, table.action, table.want
        if self.want.verify_password is None:
            raise Stop(rules.no_password(table.where, self.want.verify_account))
        door = SimpleNamespace(
            account=self.want.verify_account,
            password=self.want.verify_password,
            os_user=self.want.os_user,
            client=self.want.client,
        )
        self.sql = OracleDatabase(self.action, door, table.station)

    def must_fit(self) -> None:
        """Raises Stop unless the schema is an empty one of its own, but for what a killed run of this site left there."""
        answers, _ = self.sql.ask(audit_content.tables())
        found = audit_content.read_tables(answers["tables"])
        ours = rules.is_ours(
            self.action.journal.entries("evidence"), self.action.name, self.want.verify_account, self.want.table
        )
        wrong = rules.schema_fits(self.table.where, self.want.verify_account, self.want.account, found, ours)
        if wrong is not None:
            raise Stop(wrong)

    def compared(self, path: str, exported: int, scn: int) -> str:
        """How far the content was compared, one phrase. Raises Stop unless it is equal."""
        answers, _ = self.table.sql.ask(audit_content.columns(self.want.table))
        columns = audit_content.read_columns(answers["columns"])
        if columns is None or not audit_content.comparable(columns):
            return "content not compared (no columns that can be hashed)"
        self.must_fit()
        self._note(rules.BEGUN)
        try:
            self._drop()
            self._load(path)
            self._judge(path, exported, columns, scn)
        finally:
            self._drop()
            self._note(rules.GONE)
        return rules.how(audit_content.by_length(columns), audit_content.uncompared(columns))

    def _note(self, what: str) -> None:
        facts = {"station": self.action.name, "schema": self.want.verify_account, "table": self.want.table}
        self.action.evidence(what, facts)

    def _load(self, path: str) -> None:
        command = imp.load(
            path,
            self.want.verify_account,
            self.want.verify_password,
            owner=self.want.account,
            table=self.want.table,
            charset=self.table.charset,
        )
        state, shown = self.table.imp_job(command, f"imp of {path} into {self.want.verify_account}")
        if state.state != "done" or shown.whole is not True:
            raise Stop(rules.not_loaded(self.table.where, self.want.verify_account, path, shown.codes))

    def _judge(self, path: str, exported: int, columns: tuple[audit_content.Column, ...], scn: int) -> None:
        there, _ = self.table.sql.ask(audit_content.content(self.want.table, columns, scn))
        here, _ = self.sql.ask(audit_content.content(self.want.table, columns, None))
        source, copy = (audit_content.read_content(each["content"]) for each in (there, here))
        wrong = rules.content_agrees(self.table.where, self.want.verify_account, path, exported, source, copy)
        if wrong is not None:
            raise Stop(wrong)

    def _drop(self) -> None:
        answer, outcome = self.sql.block(audit_content.drop_block(self.want.table), timeout=600)
        if not outcome.ended or not audit_content.read_drop(answer):
            seen = outcome.why or answer.why or "no whole answer"
            raise Stop(rules.scratch_left(self.table.where, self.want.verify_account, seen))
