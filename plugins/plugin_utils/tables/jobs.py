# SPDX-License-Identifier: GPL-3.0-or-later
"""An export as a detached job: started once, found again after a kill, ended when what became of it is certain."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

from ..action import Stop
from ..copies import carried_off
from ..executor import JobState, Station, TransferFailed
from ..findings import Finding, Verdict
from ..rules import audit, audit_export, audit_history
from ..rules.audit import Exported, Measured
from . import stamp
from .places import Place


class ExportJob(ABC):
    """What the engines have in common. place: where the export lies. os_user: the account that the job belongs to, None
    for the log-on's own."""

    PROGRAM: ClassVar[str]

    def __init__(self, action: Any, want: SimpleNamespace, station: Station, place: Place) -> None:
        self.action, self.want, self.station, self.place = action, want, station, place
        self.where = audit.Where(action.section, action.name, action.site, want.table, action.KEY)
        self.os_user: str | None = want.os_user if hasattr(want, "os_user") else None

    @abstractmethod
    def _started(self, seen: Measured) -> dict[str, Any]:
        """Starts the export; what the journal needs to find it again."""

    @abstractmethod
    def _verified(self, seen: Measured, facts: Mapping[str, Any], state: JobState) -> Exported:
        """The proof of what the ended job left. Raises Stop."""

    def file_now(self, path: str) -> tuple[int | None, str | None]:
        return self.place.file_now(path)

    def _new_file(self, ending: str) -> str:
        """The path of a file that is not there yet. Raises Stop."""
        path = self.place.join(self.want.folder, self.want.file or f"{self.want.table.upper()}-{stamp()}.{ending}")
        if self.place.taken(path):
            raise Stop(audit_export.file_exists(self.where, path))
        return path

    def export(self, seen: Measured, job: Mapping[str, Any] | None) -> Exported:
        facts = dict(job) if job and job.get("program") == self.PROGRAM else self._started(seen)
        what = f"{self.PROGRAM} of {self.want.table}"
        state = self.action.finished(self.station, facts["job"], what, user=self.os_user, limit=self.want.job_limit)
        if state.state in ("unknown", "running"):
            raise Stop(self.action.job_open(self.PROGRAM, facts["job"], state))
        if state.state == "none" and job:  # killed between the journal's note and the start
            self.action.evidence(audit_history.JOB_ENDED, facts)
            return self.export(seen, None)
        try:
            export = self._verified(seen, facts, state)
        except Stop as stop:
            if _settled(stop.finding):
                self._end(facts)
            raise
        self.action.evidence(audit_history.EXPORT, export.evidence())
        self._end(facts)
        return export

    def _carried_off(self, path: str, sha1: str) -> Path:
        """The export's copy on the controller, made once; it holds patient data and nobody else may read it."""
        try:
            return carried_off(self.action, self.station, path, sha1)
        except TransferFailed as failure:
            raise Stop(audit_export.copy_not_carried(self.where, str(failure))) from None

    def _end(self, facts: Mapping[str, Any]) -> None:
        self.action.evidence(audit_history.JOB_ENDED, facts)
        self.station.forget_job(facts["job"], self.os_user)


def _settled(finding: Finding) -> bool:
    """Looking at the same job again would say the same; else it is kept, and the next run goes on with it."""
    return finding.verdict is Verdict.BLOCKER or finding.key.endswith(".export")
