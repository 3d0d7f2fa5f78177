# SPDX-License-Identifier: GPL-3.0-or-later
"""study_archive_report: how many studies are not archived, by the Migration Toolbox's own report (S20, S21)."""

from __future__ import annotations

from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any, ClassVar

from ..plugin_utils.action import StationAction, Stop
from ..plugin_utils.command import Outcome
from ..plugin_utils.executor import Station, TransferFailed
from ..plugin_utils.executor.local_files import sha1
from ..plugin_utils.findings import Finding
from ..plugin_utils.programs import mig_reporter, mig_tools
from ..plugin_utils.programs import study_archive_report as program
from ..plugin_utils.rules import study_archive_report as rule
from ..plugin_utils.tables import stamp


class ActionModule(StationAction):
    KEY = "study_archive_report"
    ARGUMENT_SPEC: ClassVar[dict[str, Any]] = {
        "system": {"type": "str", "default": "solaris", "choices": ["solaris", "windows"]},
        "folder": {"type": "str"},
        "database": {"type": "str", "default": "mvf"},
        "account": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "os_user": {"type": "str"},
        "labels": {
            "type": "dict",
            "options": {
                "unarchived": {"type": "str", "default": program.UNARCHIVED},
                "total": {"type": "str", "default": program.TOTAL},
                "archived": {"type": "str", "default": program.ARCHIVED},
            },
        },
        "file": {"type": "str"},
        "unarchived_studies_max": {"type": "int", "default": 0},
        "max_age_hours": {"type": "float", "default": 24.0},
        "report_seconds": {"type": "int", "default": 1800},
    }

    def steps(self, want: SimpleNamespace, station: Station) -> list[Finding]:
        labels = program.Labels(**(want.labels or {}))
        if pattern := program.bad_pattern(labels):
            return [rule.bad_labels(self.section, self.name, pattern)]
        past = rule.earlier(self.journal.entries("evidence"), self.name, want.database)
        last = past[-1] if past else None
        now = datetime.now(timezone.utc)
        if last and rule.still_good(last, now, want.max_age_hours, want.unarchived_studies_max):
            return [rule.reused(self.section, self.name, last, want.unarchived_studies_max)]
        self.folder = mig_tools.folder_of(want.system, want.folder)
        if lacking := self._lacking(want, station):
            return [lacking]
        if want.system == mig_tools.WINDOWS and not (want.account and want.password):
            return [rule.no_account(self.section, self.name)]
        if self.check_mode:
            return [rule.would_report(self.section, self.name, last)]
        return self._report(want, station, labels, past)

    def _lacking(self, want: SimpleNamespace, station: Station) -> Finding | None:
        names = (program.file_name(want.system), mig_reporter.file_name(want.system))
        files = [mig_tools.path(want.system, self.folder, name) for name in names]
        answers = station.ask([mig_tools.look(want.system, file) for file in files])
        there = {file: mig_tools.is_there(want.system, answer) for file, answer in zip(files, answers, strict=True)}
        return rule.toolbox(self.section, self.name, there)

    def _report(
        self, want: SimpleNamespace, station: Station, labels: program.Labels, past: list[rule.Before]
    ) -> list[Finding]:
        outcome = station.run(
            program.report(
                want.system,
                self.folder,
                database=want.database,
                account=want.account,
                password=want.password,
                user=want.os_user,
                timeout=want.report_seconds,
            )
        )
        self.made_change = True
        read = program.read(outcome.printed, labels)
        if not outcome.ended:
            raise Stop(self.unanswered(outcome, "counts of studies"))
        if not outcome.as_expected and not read.codes:
            return [rule.ended(self.section, self.name, program.NAME, outcome.exit_code or 0)]
        counted = rule.judge(self.section, self.name, read, past, want.unarchived_studies_max)
        if read.unarchived is None:
            return [counted]
        self.so_far = [counted]
        file, collected = self._collected(want, station)
        self.evidence(
            rule.EVIDENCE,
            {
                "station": self.name,
                "database": want.database,
                "figures": dict(read.figures),
                "unarchived": read.unarchived,
                "total": read.total,
                "file": file,
            },
        )
        return [counted, collected]

    def _collected(self, want: SimpleNamespace, station: Station) -> tuple[dict[str, Any] | None, Finding]:
        """The report's file beside the journal. It may name studies: for its owner alone, and never handed on."""
        outcome = station.run(
            mig_reporter.write(
                want.system,
                self.folder,
                program.NAME,
                database=want.database,
                user=want.os_user,
                timeout=want.report_seconds,
            )
        )
        written = mig_reporter.read(outcome.printed)
        path = want.file or written.path
        if not outcome.as_expected or written.codes or path is None:
            return None, rule.no_file(self.section, self.name, self._why(outcome, written))
        local = self.state / "reports" / self.name / f"{program.NAME}-{stamp()}.txt"
        try:
            station.fetch(path, local)
        except TransferFailed as failure:
            return None, rule.no_file(self.section, self.name, str(failure))
        file = {
            "path": str(local),
            "from": path,
            "bytes": local.stat().st_size,
            "sha1": sha1(local),
        }
        if not file["bytes"]:
            return None, rule.no_file(self.section, self.name, f"{path} is empty")
        return file, rule.collected(self.section, self.name, file)

    def _why(self, outcome: Outcome, written: mig_reporter.Written) -> str:
        if written.codes:
            return f"{mig_reporter.NAME} printed {', '.join(written.codes)}"
        if not outcome.as_expected:
            return outcome.why or f"{mig_reporter.NAME} ended with {outcome.exit_code}"
        return f"{mig_reporter.NAME} printed no path"
