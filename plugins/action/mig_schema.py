# SPDX-License-Identifier: GPL-3.0-or-later
"""mig_schema: build the pre-migration schema, once, and prove by the dictionary that it is there (S16, S17)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any, ClassVar

from ..plugin_utils.action import StationAction, Stop
from ..plugin_utils.command import Command, Outcome, Secret, State
from ..plugin_utils.databases import DATABASE_SPEC, open_database
from ..plugin_utils.executor import Station
from ..plugin_utils.findings import Finding, evidence_hash, worst
from ..plugin_utils.programs import mig_schema as script
from ..plugin_utils.programs import mig_tools, passkey
from ..plugin_utils.rules import backup, mig_build, mig_schema, passwords
from ..plugin_utils.tables import stamp
from ..plugin_utils.tables.places import place_of

BUILD_ACCOUNT = "sa"  # of the vendor's text


class ActionModule(StationAction):
    KEY = "mig_schema"
    ARGUMENT_SPEC: ClassVar[dict[str, Any]] = {
        **DATABASE_SPEC,
        "system": {"type": "str", "default": "solaris", "choices": ["solaris", "windows"]},
        "folder": {"type": "str"},
        "pattern": {"type": "str", "default": script.DEFAULT_PATTERN},
        "expected_objects": {"type": "int"},
        "accepted_codes": {"type": "list", "elements": "str", "default": []},
        "room_mb": {"type": "int", "default": 500},
        "tablespaces": {"type": "list", "elements": "str", "default": ["MVF", "MVFINDX"]},
        "backup_max_age_hours": {"type": "float", "default": 24.0},
        "build_seconds": {"type": "int", "default": 3600},
    }

    def steps(self, want: SimpleNamespace, station: Station) -> list[Finding]:
        if not script.fits(want.pattern):
            return [mig_schema.unfit_pattern(self.section, self.name, want.pattern)]
        self.want, self.at = want, station
        want.system = mig_tools.WINDOWS if want.engine == "sqlserver" else want.system
        self.folder = mig_tools.folder_of(want.system, want.folder)
        self.program = mig_tools.path(want.system, self.folder, script.file_name(want.system))
        self.database = open_database(self, want, station)
        seen, there = self._look()
        where = mig_schema.Where(self.section, self.name, seen.database)
        known = mig_schema.past(self.journal.entries("evidence"), self.name, seen.database)
        if known.open and known.open.get("job") and not self.check_mode:
            ended = self._job_of_before(where, known.open)
            if ended:
                return [ended]
            known = mig_schema.past(self.journal.entries("evidence"), self.name, seen.database)
        state = mig_schema.judge(where, seen.entries, seen.why, known, want.expected_objects)
        if state.finding:
            return [state.finding]
        if mig_schema.may_still_run(known, datetime.now(timezone.utc), want.build_seconds):
            return [mig_build.running(where, known)]
        return self._before_building(where, seen, there, known)

    def _look(self) -> tuple[script.Listing, bool | None]:
        """What the database lists, and whether the script is there, in one round trip."""
        asked = script.questions(self.want.engine, self.want.pattern)
        look = mig_tools.look(self.want.system, self.program)
        answers, (file,) = self.database.ask(asked, [look], timeout=300)
        return script.listing(self.want.engine, answers), mig_tools.is_there(self.want.system, file)

    # Before

    def _before_building(
        self, where: mig_schema.Where, seen: script.Listing, there: bool | None, known: mig_schema.Past
    ) -> list[Finding]:
        now = datetime.now(timezone.utc)
        standing = backup.verified(
            self.journal.entries("evidence"),
            self.name,
            where.database,
            self.want.backup_max_age_hours,
            now,
            seen.identity,
        )
        self.so_far = [
            mig_build.tool(self.section, self.name, self.program, there),
            backup.needed(backup.Where(self.section, self.name, where.database, by=self.KEY), standing),
            self._room(where, seen),
        ]
        if not worst(finding.verdict for finding in self.so_far).is_go:
            return self.so_far
        bound = mig_build.to_approve(where, self.want.engine, self.program, known, seen.identity)
        ruling = self.ruling("build", evidence_hash(bound))
        if self.check_mode:
            return [*self.so_far, mig_build.would_build(where, bound, ruling.granted, ruling.reason)]
        if not ruling.granted:
            return [*self.so_far, mig_build.approval_awaited(where, bound, ruling.reason)]
        return [*self.so_far, self._build(where, ruling.by)]

    def _room(self, where: mig_schema.Where, seen: script.Listing) -> Finding:
        """Disks are asked only where files would have to grow onto them."""
        names = ["data"] if self.want.engine == "sqlserver" else [name.upper() for name in self.want.tablespaces]
        short = mig_build.short_of(seen.room, names, self.want.room_mb) if seen.room else []
        place = place_of(self, self.want, self.at)
        files = [(name, file) for name in short for file in (seen.room.files.get(name, ()) if seen.room else ())]
        answers = self.at.ask([place.free(file) for _, file in files])
        free: dict[str, float | None] = {}
        for (name, _), answer in zip(files, answers, strict=True):
            told = place.free_kb(answer)
            least = free.get(name, float("inf"))
            free[name] = None if told is None or least is None else min(least, told / 1024)
        return mig_build.room(
            where, seen.room, seen.room_why, tablespaces=names, room_mb=self.want.room_mb, disk_mb=free
        )

    # Building

    def _build(self, where: mig_schema.Where, by: str) -> Finding:
        """SQL Server: the password stands on the line, and no job may keep it, so it is a plain call. Oracle: a job."""
        command = self._command(where)
        job = None if command.secrets() else f"mig-schema-{stamp()}"
        facts = {
            "station": self.name,
            "database": where.database,
            "engine": self.want.engine,
            "program": self.program,
            "job": job,
            "approved_by": by,
        }
        self.evidence(mig_schema.BEGUN, facts)
        self.say(f"building the pre-migration schema of {where.database}")
        outcome = self.at.run(command) if job is None else self.at.start_job(job, command)
        if self._never_began(outcome, job):
            self.evidence(mig_schema.ENDED, {**facts, "outcome": mig_schema.NOT_BEGUN})
            return mig_build.not_begun(where, self.program, self._seen(outcome))
        self.made_change = True
        if job is None:
            if not outcome.ended:
                raise Stop(self.unanswered(outcome, "the end of the build"))
            return self._ended(where, facts, outcome.exit_code, outcome.printed)
        return self._job_of_before(where, facts) or mig_build.not_begun(where, self.program, "its job is gone")

    def _command(self, where: mig_schema.Where) -> Command:
        sa = None
        if self.want.engine == "sqlserver":
            sa = (BUILD_ACCOUNT, self._password(), where.database)
        try:
            return script.build(
                self.want.system, self.folder, sa=sa, user=self.want.os_user, timeout=self.want.build_seconds
            )
        except script.Unfit as unfit:
            raise Stop(passwords.unfit(self.section, self.name, self.KEY, str(unfit))) from None

    def _password(self) -> Secret:
        """Of sa: the one given for it, else passkey's."""
        if self.want.password and str(self.want.account).lower() == BUILD_ACCOUNT:
            return self.want.password
        if self.want.passkey:
            asked = self.answered(self.at.run(passkey.query(self.want.passkey, BUILD_ACCOUNT)), "a password")
            if (password := passkey.read(asked.out, BUILD_ACCOUNT)) is not None:
                self.at.learn(password)
                return password
        raise Stop(passwords.none_at_hand(self.section, self.name, self.KEY, BUILD_ACCOUNT))

    def _never_began(self, outcome: Outcome, job: str | None) -> bool:
        if job is None or (outcome.ended and not outcome.as_expected):
            return outcome.state is State.NOT_BEGUN or job is not None
        return not outcome.ended and self.at.job(job, self.want.os_user).state == "none"

    def _seen(self, outcome: Outcome) -> str:
        return outcome.why or f"exit code {outcome.exit_code}"

    def _job_of_before(self, where: mig_schema.Where, facts: Mapping[str, Any]) -> Finding | None:
        """The end of a build's job; None: its station knows no such job, and the journal now says so."""
        job = str(facts["job"])
        state = self.finished(
            self.at, job, "the pre-migration schema", user=self.want.os_user, limit=self.want.build_seconds
        )
        if state.state in ("unknown", "running"):
            return self.job_open(script.NAME, job, state)
        if state.state == "none":
            self.evidence(mig_schema.ENDED, {**facts, "outcome": mig_schema.NOT_BEGUN})
            return None
        return self._ended(where, facts, state.exit_code, state.printed)

    # After

    def _ended(self, where: mig_schema.Where, facts: Mapping[str, Any], exit_code: int | None, printed: str) -> Finding:
        said, (seen, _) = script.read(printed), self._look()
        codes = tuple(code for code in said.codes if code not in self.want.accepted_codes)
        accepted = tuple(code for code in said.codes if code in self.want.accepted_codes)
        built = mig_schema.Built(exit_code, codes, accepted, said.silent)
        outcome, finding = mig_schema.after(where, 0, seen.entries, seen.why, built, self.want.expected_objects)
        self.made_change = self.made_change or bool(seen.entries)
        if seen.entries is None:
            return finding
        self.evidence(
            mig_schema.ENDED,
            {
                **facts,
                "outcome": outcome,
                "finished": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "exit_code": exit_code,
                "codes": list(codes),
                "accepted": list(accepted),
                "count": len(seen.entries),
                "objects": [entry.name for entry in seen.entries],
                "why": finding.evidence.get("reason", finding.evidence.get("why", "")),
            },
        )
        if facts.get("job"):
            self.at.forget_job(str(facts["job"]), self.want.os_user)
        return finding
