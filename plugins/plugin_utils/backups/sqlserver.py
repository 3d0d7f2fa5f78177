# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup of a SQL Server database to a new file, proved by the file itself, msdb and the disk (S30, S31)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

from ..action import Stop
from ..command import Command, Outcome
from ..copies import carried_off
from ..databases.sqlserver import SqlServerDatabase
from ..executor import JobState, Station, TransferFailed
from ..findings import Finding
from ..programs import dir as dir_of_cmd
from ..programs import fsutil, mssql_backup, osql
from ..rules import backup as shared
from ..rules import backup_sqlserver as rule
from ..rules import backup_sqlserver_before as before
from ..rules.backup import Backup, Where
from ..rules.backup_sqlserver import Expected, Seen
from ..tables import stamp
from . import Consent, NeverBegun, folder_of

LONGEST_NAME = 128  # characters of a set's name


class SqlServerBackup:
    """want: the action's arguments. With the Windows log-on it runs as a detached job, which is found again; a job may
    carry no secret, so with an account of SQL Server's own (sa) it is one long call, and a cut leaves a file unproved."""

    how = "BACKUP DATABASE"

    def __init__(self, action: Any, want: SimpleNamespace, station: Station) -> None:
        self.action, self.want, self.station = action, want, station
        self.where = Where(action.section, action.name, want.database, action.KEY)
        self.database: str = want.database
        self.sql = SqlServerDatabase(action, want, station).in_database("master")
        self.seen: mssql_backup.Server | None = None
        self.before: list[Finding] = []
        self.elsewhere: Finding | None = None  # this section is not for this server
        self.read_at = datetime.now(timezone.utc)

    # Before

    def measure(self) -> list[Finding]:
        wrong_folder = before.folder(self.where, self.want.folder)
        others = [] if wrong_folder else [fsutil.free(self.want.folder)]
        answers, disk = self.sql.ask(mssql_backup.questions(self.want.database), others)
        seen = mssql_backup.read_server(answers)
        self.seen, self.read_at = seen, datetime.now(timezone.utc)
        self.elsewhere = before.applies(self.where, seen.year, seen.version, self.want.versions)
        refused = self.elsewhere or before.database_state(self.where, seen.databases, self.want.database)
        if refused is None and seen.now is None:
            refused = before.no_clock(self.where, seen.why)
        if refused:
            raise Stop(refused)
        self.database = next(name for name in seen.databases or {} if shared.same_name(name, self.want.database))
        self.where = Where(self.action.section, self.action.name, self.database, self.action.KEY)
        unread = before.unread(self.where, seen.used_kb, seen.files, seen.why)
        self.before = [wrong_folder or unread or self._room(disk[0])]
        return self.before

    def _room(self, disk: Outcome) -> Finding:
        assert self.seen is not None
        free_kb = fsutil.available_kb(disk.out) if disk.as_expected else None
        want = self.want
        return before.room(self.where, want.folder, free_kb, self.seen.used_kb, want.margin_percent, want.expected_mb)

    def consent(self) -> Consent | None:
        return None

    # What is there already

    def still_there(self, backup: Backup) -> Finding | None:
        assert self.seen is not None
        if other := shared.of_another(self.where, backup, self.seen.name):
            return other
        path = backup.where[0]
        there, size = self._on_disk(path)
        return before.still_there(self.where, path, there, size, backup.bytes)

    def _on_disk(self, path: str) -> tuple[bool | None, int | None]:
        """(is it there, its bytes); None: the station did not say it."""
        outcome = self.station.run(dir_of_cmd.entry(path))
        if not outcome.as_expected:
            return None, None
        size = dir_of_cmd.size(outcome.out, path)
        if size is None:
            return (None, None) if outcome.exit_code == 0 else (False, None)
        return True, size

    def own(self, max_age_h: float) -> Backup | None:
        """By msdb's history: in one file on a disk, and proved now. Reading it takes as long as writing it did."""
        assert self.seen is not None and self.seen.now is not None
        last, since = self.seen.last, _moment(self.seen.now) - timedelta(hours=max_age_h)
        if last is None or not last.on_disk or last.families != 1 or _moment(last.finished) < since:
            self.action.say(
                f"msdb knows no full backup of {self.database} in one file that is younger than {max_age_h:g} h"
            )
            return None
        facts = {
            **self._facts(), "path": last.path, "name": last.name, "position": last.position, "nonce": secrets.token_hex(6),
            "since": since.strftime(mssql_backup.DATES), "own": True, "started": self._utc(_moment(last.started)),
        }  # fmt: skip
        self.action.say(f"reading the site's own backup {last.path} to its end")
        outcome = self.station.run(self._command(facts))
        if not outcome.ended:
            self.action.say(f"{last.path} was not read to its end: {outcome.why}")
            return None
        seen, found = self._judged(facts, outcome.printed, lost=False)
        if found:
            self.action.so_far.append(before.own(self.where, last.path, found))
            return None
        return self._backup(facts, seen)

    # Making one

    def make(self, job: Mapping[str, Any] | None) -> Backup:
        if self.elsewhere:
            raise Stop(self.elsewhere)
        facts = dict(job) if job else self._new_facts()
        self.database = facts["database"]
        self.where = Where(self.action.section, self.action.name, self.database, self.action.KEY)
        if self.want.account is not None and job is None:
            outcome = self.action.answered(self.station.run(self._command(facts)), "the backup and its proof")
            return self._proved(facts, outcome.printed)
        if job is None:
            self._start(facts)
        limit = self.want.job_limit
        state = self.action.finished(self.station, facts["job"], f"backup of {self.database}", limit=limit)
        if state.state in ("unknown", "running"):
            seen = "it still runs" if state.state == "running" else state.why or "no answer"
            raise Stop(rule.still_running(self.where, facts["job"], seen))
        if state.state == "none" and job:  # killed between the journal's note and the start
            self.action.evidence(shared.JOB_ENDED, facts)
            raise NeverBegun
        return self._of_job(facts, state)

    def _facts(self) -> dict[str, Any]:
        """What the proof needs to know, also in a later run."""
        assert self.seen is not None and self.seen.now is not None
        behind = self.read_at.replace(tzinfo=None, microsecond=0) - _moment(self.seen.now)
        return {
            "station": self.action.name, "database": self.database, "engine": "sqlserver", "server": self.seen.name,
            "version": self.seen.version, "used_kb": self.seen.used_kb, "files": self.seen.files,
            "since": self.seen.now, "behind_s": int(behind.total_seconds()), "position": 1, "own": False,
        }  # fmt: skip

    def _new_facts(self) -> dict[str, Any]:
        moment = stamp()
        plain = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in self.database)
        path = f"{self.want.folder.rstrip(chr(92))}\\{plain}-{moment}.bak"
        there, _ = self._on_disk(path)
        if there is not False:
            raise Stop(before.file_taken(self.where, path, there))
        return {
            **self._facts(), "job": f"mssql-backup-{plain[:16]}-{moment}", "path": path,
            "name": f"impax {self.database} {moment}"[-LONGEST_NAME:], "nonce": secrets.token_hex(6),
            "started": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }  # fmt: skip

    def _asked(self, facts: Mapping[str, Any]) -> dict[str, str]:
        if facts["own"]:
            return mssql_backup.proof(facts["path"], facts["position"])
        return mssql_backup.new_backup(facts["database"], facts["path"], facts["name"], facts["version"])

    def _command(self, facts: Mapping[str, Any]) -> Command:
        limit = float(self.want.job_limit)
        return osql.ask(self._asked(facts), self.sql.log_on, nonce=facts["nonce"], timeout=limit)

    def _start(self, facts: Mapping[str, Any]) -> None:
        self.action.evidence(shared.JOB, facts)
        self.action.say(f"backing up {self.database} to {facts['path']}")
        begun = self.station.start_job(facts["job"], self._command(facts))
        if begun.as_expected:
            return
        if begun.ended or self.station.job(facts["job"]).state == "none":
            self.action.evidence(shared.JOB_ENDED, facts)
            raise Stop(self.action.unanswered(begun, "the backup to start as a detached job"))

    def _of_job(self, facts: Mapping[str, Any], state: JobState) -> Backup:
        try:
            backup = self._proved(facts, state.printed, lost=state.state != "done")
        except Stop as stop:
            if rule.is_settled([stop.finding]):
                self._end(facts)
            raise
        self._end(facts)
        return backup

    def _end(self, facts: Mapping[str, Any]) -> None:
        self.action.evidence(shared.JOB_ENDED, facts)
        self.station.forget_job(facts["job"])

    # The proof

    def _proved(self, facts: Mapping[str, Any], printed: str, lost: bool = False) -> Backup:
        seen, found = self._judged(facts, printed, lost)
        if not found:
            return self._backup(facts, seen)
        last = next((one for one in found if rule.is_settled([one])), found[0])
        self.action.so_far = [*self.action.so_far, *(one for one in found if one is not last)]
        raise Stop(last)

    def _judged(self, facts: Mapping[str, Any], printed: str, lost: bool) -> tuple[Seen, list[Finding]]:
        proof = mssql_backup.read_proof(printed, facts["nonce"], self._asked(facts))
        there, size = self._on_disk(facts["path"])
        seen = Seen(
            path=facts["path"],
            made=None if facts["own"] else _said(proof.backup, proof.backup.success),
            verify=_said(proof.verify, bool(proof.verify.verified)),
            sets=None if proof.sets is None else tuple(_set(one) for one in proof.sets),
            there=there,
            on_disk=size,
            files=proof.files,
            incomplete=proof.incomplete,
            absent=proof.absent,
            remembered=None if proof.history is None else _remembered(proof.history),
            lost=lost,
            why=proof.why,
        )
        expected = Expected(
            facts["database"], facts["name"], facts["position"], _moment(proof.begun or facts["since"]), facts["used_kb"],
            facts["files"], alone=not facts["own"], percent=self.want.used_percent,
        )  # fmt: skip
        return seen, rule.judge(self.where, seen, expected)

    def _backup(self, facts: Mapping[str, Any], seen: Seen) -> Backup:
        """On the controller's clock: as far behind it as the server's clock was when it was read."""
        mine = next(one for one in seen.sets or () if one.position == facts["position"])
        finished = min(
            mine.finished + timedelta(seconds=facts["behind_s"]), datetime.now(timezone.utc).replace(tzinfo=None)
        )
        checksums = not facts["own"] and facts["version"] >= mssql_backup.BEFORE_2005
        return Backup(
            station=self.action.name,
            database=self.database,
            engine="sqlserver",
            started=facts["started"],
            finished=finished.strftime("%Y-%m-%dT%H:%M:%SZ"),
            verified=rule.proof(checksums, facts["own"]),
            where=(facts["path"],),
            bytes=int(seen.on_disk or 0),
            sha1=self._sha1(facts["path"]),
            identity=facts["server"],
            more={"name": mine.name, "position": mine.position, "in_msdb": seen.remembered is not None},
        )

    def _utc(self, moment: datetime) -> str:
        behind = timedelta(seconds=self._facts()["behind_s"])
        return (moment + behind).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _sha1(self, path: str) -> str:
        """ "" where it was not had: the copy is compared with the file again anyway."""
        try:
            return self.station.measure(path)[1] or ""
        except TransferFailed:
            return ""

    # Off the station

    def copy_off(self, backup: Backup) -> list[Finding]:
        path = backup.where[0]
        if not self.want.carry_off:
            return [before.stays(self.where, path)]
        try:
            copy = carried_off(self.action, self.station, path, backup.sha1, backup.bytes, folder_of(backup))
        except TransferFailed as failure:
            return [before.not_carried(self.where, path, str(failure))]
        return [before.carried(self.where, path, str(copy))]


def _moment(text: str) -> datetime:
    return datetime.strptime(text, mssql_backup.DATES)


def _said(printed: mssql_backup.Printed, good: bool) -> rule.Said:
    codes = tuple(f"Msg {number}" for number, level, _ in printed.msgs if level > osql.INFORMATION)
    ok = False if printed.failed else True if good else None
    return rule.Said(ok, codes, printed.os_error, printed.pages)


def _set(one: mssql_backup.Set) -> rule.Set:
    return rule.Set(
        one.name, one.type, one.position, one.database, one.bytes, _moment(one.started), _moment(one.finished),
        one.stored, one.damaged,
    )  # fmt: skip


MSDB_TYPES = {"D": 1, "L": 2, "F": 4, "I": 5, "G": 6, "P": 7, "Q": 8}


def _remembered(one: mssql_backup.History) -> rule.Set:
    return rule.Set(
        one.name, MSDB_TYPES.get(one.type, 0), one.position, one.database, one.bytes, _moment(one.started),
        _moment(one.finished),
    )  # fmt: skip
