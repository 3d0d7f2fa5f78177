# SPDX-License-Identifier: GPL-3.0-or-later
"""database_backup: a full backup of the database, proved, once there is none that is young and whole (S30-S33)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any, ClassVar

from ..plugin_utils.action import StationAction, Stop
from ..plugin_utils.backups import DatabaseBackup, NeverBegun, open_backup
from ..plugin_utils.databases import DATABASE_SPEC
from ..plugin_utils.executor import Station
from ..plugin_utils.findings import Finding, Verdict, evidence_hash, worst
from ..plugin_utils.rules import backup, windows
from ..plugin_utils.rules.backup import Backup, Where


class ActionModule(StationAction):
    KEY = "database_backup"
    ARGUMENT_SPEC: ClassVar[dict[str, Any]] = {
        **DATABASE_SPEC,
        "max_age_hours": {"type": "int", "default": 24},
        "accept_own": {"type": "bool", "default": True},
        "used_percent": {"type": "int", "default": 30},
        "versions": {"type": "list", "elements": "int", "choices": [2000, 2005, 2008], "default": []},
        "folder": {"type": "str"},
        "carry_off": {"type": "bool", "default": True},
        "runbackup": {"type": "str", "default": "/usr/mvf/bin/runbackup"},
        "bash": {"type": "str", "default": "bash"},
        "mode": {"type": "str", "default": "unknown", "choices": ["hot", "cold", "unknown"]},
        "destination": {"type": "str", "default": "disk", "choices": ["disk", "tape"]},
        "media_label": {"type": "str"},
        "tape_device": {"type": "str", "default": "/dev/rmt/0n"},
        "tape_wait": {"type": "int", "default": 600},
        "rman": {"type": "str", "default": "rman"},
        "expected_mb": {"type": "int"},
        "margin_percent": {"type": "int", "default": 10},
        "window": {"type": "str"},
        "job_limit": {"type": "int", "default": 43200},
    }

    def steps(self, want: SimpleNamespace, station: Station) -> list[Finding]:
        entries = list(self.journal.entries("evidence"))
        named = want.database if want.engine == "sqlserver" else None
        job = backup.open_job(entries, self.name, named, want.engine)
        engine = open_backup(self, want, station)
        self.so_far: list[Finding] = []
        stopped: Stop | None = None
        try:
            measured = engine.measure()
        except Stop as stop:
            measured, stopped = [], stop
        if job is not None:
            try:
                return self._resumed(engine, job)
            except NeverBegun:
                entries = list(self.journal.entries("evidence"))
        if stopped is not None:
            raise stopped
        self.where = Where(self.section, self.name, engine.database)
        done, reason = self._still_done(engine, entries, want.max_age_hours)
        if done:
            return done
        self.so_far = measured
        if not worst([Verdict.OK, *(finding.verdict for finding in measured)]).is_go:
            return self.so_far
        if want.accept_own and not self.check_mode and (own := engine.own(want.max_age_hours)) is not None:
            return [*self.so_far, self._adopted(own), *engine.copy_off(own)]
        return [*self.so_far, *self._new(want, engine, entries, reason)]

    # What is there already

    def _still_done(
        self, engine: DatabaseBackup, entries: list[Mapping[str, Any]], max_age_h: int
    ) -> tuple[list[Finding], str]:
        """What is said of a backup that counts still; else why a new one is due. One that is no longer whole is withdrawn.
        A copy that did not come off the station before is tried again."""
        now = datetime.now(timezone.utc)
        standing = backup.verified(entries, self.name, engine.database, max_age_h, now)
        if standing.backup is None:
            return [], standing.reason
        wrong = engine.still_there(standing.backup)
        if wrong is None:
            copied = [] if self.check_mode else engine.copy_off(standing.backup)
            return [backup.still_good(self.where, standing.backup, standing.age_h or 0.0), *copied], ""
        if wrong.verdict is Verdict.UNKNOWN:
            return [wrong], ""
        if not self.check_mode:
            gone = {"station": self.name, "database": engine.database, "where": list(standing.backup.where)}
            self.evidence(backup.WITHDRAWN, {**gone, "why": wrong.key})
        return [], f"the one that was there is not whole: {wrong.summary}"

    def _adopted(self, own: Backup) -> Finding:
        self.evidence(backup.BACKUP, own.evidence())
        return backup.adopted(self.where, own, backup.age_h(own, datetime.now(timezone.utc)) or 0.0)

    # Making one

    def _new(
        self, want: SimpleNamespace, engine: DatabaseBackup, entries: list[Mapping[str, Any]], reason: str
    ) -> list[Finding]:
        awaited = self._consent(engine)
        if self.check_mode:
            return [*awaited, backup.would_back_up(self.where, engine.how, reason)]
        if awaited:
            return awaited
        seconds = backup.seconds_before(entries, self.name, engine.database)

        def outside() -> str:
            return windows.refusal(want.window, datetime.now(), seconds)

        if refusal := outside():
            return [backup.put_off(self.where, refusal)]
        return self._made(engine, None, outside)

    def _consent(self, engine: DatabaseBackup) -> list[Finding]:
        """What awaits an approval; nothing when it was given, or none is needed."""
        needed = engine.consent()
        if needed is None:
            return []
        ruling = self.ruling(needed.what, evidence_hash(needed.evidence), risks=needed.risks)
        if ruling.granted:
            return []
        return [
            backup.consent_awaited(
                self.where, needed.what, needed.sentence, needed.evidence, needed.risks, ruling.reason
            )
        ]

    def _resumed(self, engine: DatabaseBackup, job: Mapping[str, Any]) -> list[Finding]:
        self.where = Where(self.section, self.name, str(job["database"]))
        if self.check_mode and engine.elsewhere is not None:
            return [engine.elsewhere]
        if self.check_mode:
            return [backup.would_back_up(self.where, engine.how, "a job of an earlier run is waited for and proved")]
        return self._made(engine, job)

    def _made(
        self, engine: DatabaseBackup, job: Mapping[str, Any] | None, outside: Callable[[], str] = lambda: ""
    ) -> list[Finding]:
        """outside: why it is not the time for it, asked once more when its turn has come."""
        with self.heavy(f"the backup of {engine.database}", begun=job is not None):
            if refusal := outside():
                return [backup.put_off(self.where, refusal)]
            made = engine.make(job)
        self.evidence(backup.BACKUP, made.evidence())
        self.made_change = True
        self._backup = made
        return [*engine.copy_off(made), backup.made(self.where, made, resumed=job is not None)]

    def returned(self) -> dict[str, Any]:
        made: Backup | None = getattr(self, "_backup", None)
        return {"backup": made.evidence()} if made else {}
