# SPDX-License-Identifier: GPL-3.0-or-later
"""report_source: which services the Connectivity Manager's report requests come from (S25)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

from ..plugin_utils.action import StationAction
from ..plugin_utils.databases import SQLSERVER_SPEC, open_database
from ..plugin_utils.executor import Station
from ..plugin_utils.findings import Finding
from ..plugin_utils.programs import report_source as questions
from ..plugin_utils.rules import report_source


class ActionModule(StationAction):
    KEY = "report_source"
    ARGUMENT_SPEC: ClassVar[dict[str, Any]] = {
        **SQLSERVER_SPEC,
        "database": {"type": "str", "default": questions.DATABASE},
        "query_seconds": {"type": "int", "default": 300},
    }

    def steps(self, want: SimpleNamespace, station: Station) -> list[Finding]:
        want.engine = "sqlserver"
        database = open_database(self, want, station)
        answers, _ = database.ask(questions.QUESTIONS, timeout=60.0 + want.query_seconds, each=want.query_seconds)
        read = questions.read(answers)
        sources = None if read.sources is None else [(source.value, source.rows) for source in read.sources]
        return [report_source.judge(self.section, self.name, sources, read.why)]
