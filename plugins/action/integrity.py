# SPDX-License-Identifier: GPL-3.0-or-later
"""integrity: the twelve counts of the vendor's text, in one session, each its own finding (S23)."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any, ClassVar

from ..plugin_utils.action import StationAction
from ..plugin_utils.databases import DATABASE_SPEC, Database, open_database
from ..plugin_utils.executor import Station
from ..plugin_utils.findings import Finding, Verdict
from ..plugin_utils.programs import integrity as questions
from ..plugin_utils.rules import integrity, windows

EVIDENCE = "integrity"


class ActionModule(StationAction):
    KEY = "integrity"
    ARGUMENT_SPEC: ClassVar[dict[str, Any]] = {
        **DATABASE_SPEC,
        "query_seconds": {"type": "int", "default": 900},
        "window": {"type": "str"},
        "support_bundle": {"type": "bool", "default": False},
    }

    def steps(self, want: SimpleNamespace, station: Station) -> list[Finding]:
        refusal = windows.refusal(want.window, datetime.now(), self._seconds_before())
        asked = questions.questions(want.engine, heavy=not refusal)
        began = time.monotonic()
        database = open_database(self, want, station)
        answers, _ = database.ask(asked, timeout=60.0 + want.query_seconds * len(asked), each=want.query_seconds)
        read = questions.read(answers)
        self.evidence(
            EVIDENCE, {**self._facts(read), "seconds": round(time.monotonic() - began, 1), "whole": not refusal}
        )
        findings = integrity.judge(self.section, self.name, read.database, read.counts, read.unread)
        if refusal:
            left_out = [question.name for question in questions.QUESTIONS if question.name not in asked]
            findings += integrity.put_off(self.section, self.name, left_out, refusal)
        if want.support_bundle and any(finding.verdict is Verdict.BLOCKER for finding in findings):
            findings.append(self._bundle(want, database, read))
        return findings

    def _seconds_before(self) -> float | None:
        """How long all twelve took when they were last asked of this station."""
        entries = [entry["facts"] for entry in self.journal.entries("evidence", what=EVIDENCE, station=self.name)]
        whole = [facts["seconds"] for facts in entries if facts.get("whole")]
        return float(whole[-1]) if whole else None

    def _keys(self, want: SimpleNamespace, database: Database, read: questions.Counts) -> dict[str, list[str]]:
        """The primary keys of the rows in question, for their hashes alone: two more round trips."""
        wrong = [name for name, count in read.counts.items() if count]
        asked = questions.key_questions(want.engine, wrong)
        columns = questions.single(database.ask(asked, timeout=300.0, each=60)[0])
        if not columns:
            return {}
        asked = questions.value_questions(want.engine, columns)
        return questions.values(
            database.ask(asked, timeout=300.0 + want.query_seconds * len(asked), each=want.query_seconds)[0]
        )

    def _facts(self, read: questions.Counts) -> dict[str, Any]:
        return {"database": read.database, "counts": dict(read.counts), "unread": dict(read.unread)}

    def _bundle(self, want: SimpleNamespace, database: Database, read: questions.Counts) -> Finding:
        at = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        keys = integrity.hashed(self._keys(want, database, read), self.site_secret())
        impax = str(self.variable("impax_version", ""))
        content = integrity.bundle(self.site, self.name, read.database, read.counts, read.unread, keys, impax, at)
        return integrity.bundle_written(self.section, self.name, self.keep("support", "integrity", content))
