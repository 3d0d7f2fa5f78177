# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup of an Oracle database by the vendor's runbackup, proved by RMAN's list and validate (S32, S33)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

from ..action import Stop
from ..command import Command, Outcome
from ..copies import carried_off
from ..executor import JobState, Station, TransferFailed
from ..findings import Finding, Verdict
from ..programs import mt, rman, runbackup
from ..rules import backup as shared
from ..rules import backup_complete, backup_oracle, backup_oracle_before, rman_room
from ..rules.backup import Backup, Where
from ..rules.backup_oracle import BackupSet, Log
from ..tables import stamp
from . import Consent, NeverBegun, folder_of
from .oracle_rman import OracleRman, Seen, by_keys, on_windows

MB = 1 << 20
LOOK_AGAIN = 10.0  # seconds between two looks at a tape that is rewinding
PROOF = (
    "{files} datafiles and the control file in AVAILABLE sets since the start, every piece read to its end by RMAN validate;"
    " not restored"
)


class OracleBackup:
    """want: the action's arguments. runbackup is started as a detached job of ``want.os_user`` and found again."""

    how = "runbackup"

    def __init__(self, action: Any, want: SimpleNamespace, station: Station) -> None:
        self.action, self.want, self.station = action, want, station
        self.rman = OracleRman(action, want, station, on_windows(want))
        self.where = Where(action.section, action.name, "", action.KEY)
        self.database = ""
        self.seen: Seen | None = None
        self.elsewhere: Finding | None = None

    # Before

    def measure(self) -> list[Finding]:
        seen = self._look()
        facts = seen.facts
        found = backup_oracle_before.instance(self.where, facts.status, facts.log_mode, self.want.mode)
        if self.want.destination == "tape":
            return [*found, *self._media()]
        return [
            *found,
            *rman_room.fits(self.where, seen.room, seen.free, self._expected(seen), self.want.margin_percent),
        ]

    def _look(self) -> Seen:
        seen = self.rman.look()
        self.database = seen.facts.database or ""
        self.where = replace(self.where, database=self.database or self.action.name)
        self.rman.answering(self.where, seen)
        self.seen = seen
        return seen

    def _media(self) -> list[Finding]:
        entries = self.action.journal.entries("attestation", section=self.action.section, station=self.action.name)
        before = [
            entry["facts"].get("finished", "")
            for entry in self.action.journal.entries("evidence", what=shared.BACKUP, station=self.action.name)
        ]
        asked = None if self.rman.windows else self.station.run(self._tape())
        loaded = mt.loaded(asked.printed, asked.exit_code) if asked else None
        return [
            *backup_oracle_before.tape_in(self.where, loaded, self.want.tape_device),
            *backup_oracle_before.media(self.where, self.want.media_label, entries, before[-1] if before else ""),
        ]

    def _tape(self) -> Command:
        return self.rman.as_user(mt.status(self.want.tape_device))

    def _rewound(self) -> bool | None:
        """Waits until the tape stands at its beginning; None where nobody can ask."""
        end = time.monotonic() + self.want.tape_wait
        while not self.rman.windows:
            stands = mt.rewound(self.station.run(self._tape()).printed)
            if stands is not False or time.monotonic() >= end:
                return stands
            time.sleep(min(LOOK_AGAIN, max(0.0, end - time.monotonic())))
        return None

    def _expected(self, seen: Seen) -> int:
        """Bytes of the next backup: as told, as large as the last complete one, or as what the datafiles hold."""
        if self.want.expected_mb:
            return int(self.want.expected_mb) * MB
        completes = backup_complete.complete(seen.listed.sets or (), seen.files)
        return backup_complete.expected(completes, seen.facts.in_use)

    def consent(self) -> Consent | None:
        assert self.seen is not None
        sentence = backup_oracle_before.consent_sentence(self.where, self.want.mode)
        if not sentence:
            return None
        evidence = {
            "database": self.database,
            "dbid": self.seen.facts.dbid,
            "mode": self.want.mode,
            "program": self.want.runbackup,
        }
        return Consent("mode", sentence, evidence, (backup_oracle_before.RISK,))

    # What is there already

    def still_there(self, backup: Backup) -> Finding | None:
        assert self.seen is not None
        sets = by_keys(self.seen.listed.sets or (), backup.where)
        other = shared.of_another(self.where, backup, str(self.seen.facts.dbid))
        lost = other or backup_oracle_before.gone(self.where, backup, sets)
        found = [lost] if lost else self._judged(sets, self.seen)
        return found[0] if found else None

    def _judged(self, sets: Sequence[BackupSet], seen: Seen) -> list[Finding]:
        return backup_oracle.judge_sets(self.where, sets, seen.files, self.want.destination == "tape")

    def own(self, max_age_h: float) -> Backup | None:
        assert self.seen is not None and self.seen.now is not None
        completes = backup_complete.complete(self.seen.listed.sets or (), self.seen.files)
        if not completes or self.seen.now - completes[-1].completed > timedelta(hours=max_age_h):
            return None
        sets = by_keys(self.seen.listed.sets or (), [str(key) for key in completes[-1].keys])
        if self._judged(sets, self.seen):
            return None
        validated = self.rman.validate(completes[-1].keys)
        return None if backup_oracle.judge_validated(self.where, sets, validated) else self._backup(self.seen, sets)

    # Making one

    def make(self, job: Mapping[str, Any] | None) -> Backup:
        facts = dict(job) if job else self._started()
        self.database = facts["database"]
        self.where = replace(self.where, database=self.database)
        state = self.action.finished(
            self.station, facts["job"], f"backup of {self.database}", user=self.want.os_user, limit=self.want.job_limit
        )
        if state.state in ("unknown", "running"):
            seen = "it still runs" if state.state == "running" else state.why or "no answer"
            raise Stop(backup_oracle.still_running(self.where, facts["job"], seen))
        if state.state == "none" and job:  # killed between the journal's note and the start
            self.action.evidence(shared.JOB_ENDED, facts)
            raise NeverBegun
        try:
            backup = self._proved(facts, state)
        except Stop as stop:
            if stop.finding.verdict is Verdict.BLOCKER:
                self._end(facts)
            raise
        self._end(facts)
        return backup

    def _started(self) -> dict[str, Any]:
        assert self.seen is not None
        facts = {
            "station": self.action.name, "database": self.database, "engine": "oracle", "job": f"runbackup-{stamp()}",
            "started": _iso(datetime.now(timezone.utc)), "station_started": str(self.seen.now),
            "dbid": self.seen.facts.dbid, "status": self.seen.facts.status,
        }  # fmt: skip
        self.action.evidence(shared.JOB, facts)
        command = self.rman.as_user(runbackup.run(self.want.runbackup, self.want.bash))
        begun = self.station.start_job(facts["job"], command)
        if not begun.ended or not begun.as_expected:
            self._not_begun(facts, begun)
        return facts

    def _not_begun(self, facts: Mapping[str, Any], begun: Outcome) -> None:
        """After a cut the job may run all the same: only when its station says that there is none, it is none."""
        if begun.ended or self.station.job(facts["job"], self.want.os_user).state == "none":
            self.action.evidence(shared.JOB_ENDED, facts)
            raise Stop(self.action.unanswered(begun, "the backup to start as a detached job"))

    def _proved(self, facts: Mapping[str, Any], state: JobState) -> Backup:
        """The list since the start, the disk, and every piece read to its end. Raises Stop with all that is wrong."""
        printed = rman.read(state.printed)
        log = Log(
            state.exit_code,
            state.state == "lost",
            printed.error,
            printed.failed_command or "",
            printed.codes[:20],
            printed.dbid,
        )
        found = backup_oracle.before_the_proof(self.where, log, facts["dbid"])
        seen = self.rman.look()
        found += backup_oracle_before.not_open(self.where, facts["status"], seen.facts.status, seen.facts.down)
        if found:
            self._refuse(found)
        self.rman.answering(self.where, seen)
        found = backup_oracle.recognised(self.where, seen.listed, facts["dbid"])
        if found:
            self._refuse(found)
        started = datetime.fromisoformat(facts["station_started"])
        listed = seen.listed.sets or ()
        sets = backup_oracle.since(listed, started)
        found = self._judged(sets, seen)
        if not sets or found:
            self._refuse(found if sets else backup_oracle.nothing_new(self.where, listed, started))
        found = backup_oracle.judge_validated(self.where, sets, self.rman.validate([one.key for one in sets]))
        if found:
            self._refuse(found)
        return self._backup(seen, sets, facts["started"])

    def _refuse(self, found: Sequence[Finding]) -> None:
        """All of it is said; the worst ends the steps."""
        last = next((one for one in found if one.verdict is Verdict.UNKNOWN), found[0])
        self.action.so_far = [*self.action.so_far, *(one for one in found if one is not last)]
        raise Stop(last)

    def _backup(self, seen: Seen, sets: Sequence[BackupSet], started: str = "") -> Backup:
        """By the controller's clock: as long before the look as the station's own clock says. What was read since then (pieces,
        for hours) has made it older."""
        assert seen.now is not None
        ended = max(one.completed for one in sets if one.completed)
        finished = seen.read_at - max(seen.now - ended, timedelta(0))
        return Backup(
            station=self.action.name,
            database=self.database,
            engine="oracle",
            started=started or _iso(finished),
            finished=_iso(finished),
            verified=PROOF.format(files=len(seen.files)),
            where=tuple(str(one.key) for one in sets),
            bytes=sum(one.bytes or 0 for one in sets),
            identity=str(seen.facts.dbid),
            more={"pieces": {piece.path: piece.on_disk for one in sets for piece in one.pieces}},
        )

    def _end(self, facts: Mapping[str, Any]) -> None:
        self.action.evidence(shared.JOB_ENDED, facts)
        self.station.forget_job(facts["job"], self.want.os_user)

    def copy_off(self, backup: Backup) -> list[Finding]:
        if self.want.destination == "tape":
            device = self.want.tape_device
            return [backup_oracle_before.tape_out(self.where, self.want.media_label, self._rewound(), device)]
        if not self.want.carry_off:
            return [backup_oracle_before.pieces_stay(self.where)]
        copies = []
        for number, (path, size) in enumerate(dict(backup.more.get("pieces") or {}).items()):
            own = folder_of(backup, number)
            try:
                copies.append(str(carried_off(self.action, self.station, path, "", int(size or 0), own)))
            except TransferFailed as failure:
                return [backup_oracle_before.not_carried(self.where, path, failure.why)]
        return [backup_oracle_before.carried(self.where, copies)]


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
