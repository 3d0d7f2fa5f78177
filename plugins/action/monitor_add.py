# SPDX-License-Identifier: GPL-3.0-or-later
"""monitor_add: room in the tablespaces that the migration fills, by data files that were approved (S18, S19)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any, ClassVar

from ..plugin_utils.action import StationAction, Stop
from ..plugin_utils.executor import Station
from ..plugin_utils.findings import Finding, Verdict, evidence_hash
from ..plugin_utils.rules import backup, oracle_instance, tablespace_files, tablespaces
from ..plugin_utils.rules.oracle_instance import Seen, Where
from ..plugin_utils.rules.tablespace_files import ADDED, BEGUN, NOT_ADDED, PLAN, Add, Plan
from ..plugin_utils.spaces import Spaces

ROOM = "tablespace_room"  # evidence: free MB by both sources


class ActionModule(StationAction):
    KEY = "monitor_add"
    ARGUMENT_SPEC: ClassVar[dict[str, Any]] = {
        "system": {"type": "str", "required": True, "choices": ["solaris", "windows"]},
        "database": {"type": "str", "default": "MVF"},
        "tablespaces": {"type": "list", "elements": "str", "default": ["MVFL", "MVFLINDX", "MVF", "MVFINDX", "UNDO"]},
        "free_mb": {"type": "int", "default": 1990},
        "file_mb": {"type": "int", "default": 2000},
        "disk_margin_mb": {"type": "int", "default": 1024},
        "folders": {"type": "dict"},
        "backup_max_age_hours": {"type": "float", "default": 24.0},
        "stats_pattern": {"type": "str"},
        "bin_folder": {"type": "str"},
        "os_user": {"type": "str"},
        "monitor_user": {"type": "str"},
        "client": {"type": "str"},
        "lsnrctl": {"type": "str", "default": "lsnrctl"},
        "dbstart": {"type": "str", "default": "dbstartmvf"},
        "services": {"type": "list", "elements": "str", "default": ["OracleServerMVF", "OracleServiceMVF"]},
        "query_seconds": {"type": "int", "default": 300},
        "add_seconds": {"type": "int", "default": 3600},
        "start_seconds": {"type": "int", "default": 300},
        "read_only": {"type": "bool", "default": False},
    }

    def steps(self, want: SimpleNamespace, station: Station) -> list[Finding]:
        self.want, self.where = want, Where(self.section, self.name, want.database)
        self.reading = self.check_mode or want.read_only
        self.so_far: list[Finding] = []
        self.spaces = Spaces(self, want, station)
        seen = self._up(self.spaces.look())
        if self._blocked():
            return self.so_far
        rooms = self._rooms(seen)
        plan = self._plan(seen, rooms)
        self.so_far += [*rooms, *tablespaces.stuck(self.where, plan)]
        if self._blocked():
            return self.so_far
        if not plan.adds:
            return [*self.so_far, *([] if self.reading else self._compared("checked", seen))]
        standing = backup.verified(
            self.journal.entries("evidence"),
            self.name,
            str(seen.database),
            want.backup_max_age_hours,
            datetime.now(timezone.utc),
            seen.number or "",
        )
        behind = backup.Where(self.section, self.name, str(seen.database), self.KEY)
        self.so_far.append(backup.needed(behind, standing))
        return self.so_far if self._blocked() else self._with_approval(seen, plan)

    def _blocked(self, among: Iterable[Finding] | None = None) -> bool:
        said = self.so_far if among is None else among
        return any(finding.verdict in (Verdict.UNKNOWN, Verdict.BLOCKER) for finding in said)

    # The instance

    def _up(self, seen: Seen) -> Seen:
        """The database as it is, or as it is once it was started. What stands in the way is in `so_far`."""
        self.so_far = oracle_instance.state(self.where, seen)
        what = oracle_instance.to_start(seen)
        if self._blocked() or not what:
            return seen
        ruling = self.ruling("start", evidence_hash(oracle_instance.start_evidence(self.where, what)))
        if not ruling.granted or self.want.read_only:
            reason = "this run only reads" if ruling.granted else ruling.reason
            raise Stop(oracle_instance.start_awaited(self.where, what, reason))
        if self.check_mode:
            raise Stop(oracle_instance.would_start(self.where, what))
        self.made_change = True
        seen, said = self.spaces.start(what)
        begun = oracle_instance.started(self.where, what, ruling.by, seen, said)
        self.so_far = [begun, *oracle_instance.state(self.where, seen)]
        return seen

    # Room, and what it takes to have it

    def _rooms(self, seen: Seen) -> list[Finding]:
        return [tablespaces.room(self.where, seen, name, self.want.free_mb) for name in self.want.tablespaces]

    def _plan(self, seen: Seen, rooms: list[Finding]) -> Plan:
        """Files for what is short; what became of files that an earlier run began to add is settled first."""
        if self._blocked(rooms):
            return Plan()
        wanted = [space for name in self.want.tablespaces if (space := seen.space(name)) is not None]
        folders = self.want.folders or {}
        lost = self._settled(seen)
        asked = tablespace_files.folders_asked(wanted, self.want.free_mb, folders)
        disks, names = self.spaces.disks([*asked, *(tablespace_files.folder_of(add.path) for add in lost)])
        self._left_behind(lost, names)
        paths = [file.path for file in seen.files]
        plan = tablespace_files.plan(wanted, self.want.free_mb, self.want.file_mb, folders, names, paths)
        self.so_far += tablespaces.disks(self.where, plan, disks, self.want.disk_margin_mb)
        return plan

    def _settled(self, seen: Seen) -> list[Add]:
        """Files that an earlier run began to add: those that the dictionary has are noted, the others given back."""
        lost = []
        for add in tablespace_files.open_adds(self.journal.entries("evidence"), self.name):
            there = tablespace_files.is_there(add, seen.files)
            if there:
                self.so_far.append(tablespaces.resumed(self.where, add))
                self._settle(ADDED, add)
            elif there is False:
                lost.append(add)
            elif self.waived("elsewhere"):
                self._settle(NOT_ADDED, add)
            else:
                self.so_far.append(tablespaces.elsewhere(self.where, add))
        return lost

    def _left_behind(self, lost: Iterable[Add], names: Mapping[str, Any]) -> None:
        for add in lost:
            exists = tablespace_files.on_disk(add, names)
            if exists is False:
                self._settle(NOT_ADDED, add)
            else:
                self.so_far.append(tablespaces.left_behind(self.where, add, exists))

    def _settle(self, what: str, add: Add) -> None:
        if not self.check_mode:
            self.evidence(what, {"station": self.name, **add.evidence()})

    # Adding

    def _with_approval(self, seen: Seen, plan: Plan) -> list[Finding]:
        evidence = tablespace_files.approved_of(self.name, seen.full_name, plan.adds)
        earlier = tablespace_files.plans(self.journal.entries("evidence"), self.name)
        before = tablespace_files.contained_in(evidence, earlier, [file.path for file in seen.files])
        ruling = self.ruling("add", evidence_hash(evidence), covers=[evidence_hash(facts) for facts in before])
        if evidence not in earlier:
            self.evidence(PLAN, evidence)
        if not ruling.granted:
            return [*self.so_far, tablespaces.awaited(self.where, evidence, ruling.reason, self.check_mode)]
        if self.reading:
            return [*self.so_far, tablespaces.would_add(self.where, evidence, self.check_mode)]
        differ = self._compared("before", seen)
        if self._blocked(differ) or any(not finding.verdict.is_go for finding in differ):
            return [*self.so_far, *differ]
        seen = self._add_all(plan.adds, seen, ruling.by)
        self.so_far = [finding for finding in self.so_far if not finding.key.endswith(".free")]
        self.so_far.append(tablespaces.added(self.where, evidence, ruling.by))
        return [*self.so_far, *self._rooms(seen), *self._compared("after", seen)]

    def _add_all(self, adds: tuple[Add, ...], seen: Seen, by: str) -> Seen:
        """One after another; the first that fails ends it, and what was added before is told all the same."""
        for number, add in enumerate(adds):
            try:
                seen = self._add(add)
            except Stop:
                if number:
                    done = tablespace_files.approved_of(self.name, seen.full_name, adds[:number])
                    self.so_far.append(tablespaces.added(self.where, done, by))
                raise
        return seen

    def _add(self, add: Add) -> Seen:
        """One file, and the dictionary's word that it is there. Raises Stop when it is not, or that was not seen."""
        self.evidence(BEGUN, {"station": self.name, **add.evidence()})
        self.say(f"adding {add.path} ({add.mb} MB) to {add.tablespace}")
        before, (ended, said) = self.made_change, self.spaces.add(add)
        self.made_change = True  # until the dictionary says that nothing was
        seen = self._looked(add, said)
        there = tablespace_files.is_there(add, seen.files) if seen.spaces is not None else False
        self.made_change = before or there is not False or not ended or seen.spaces is None
        if there:
            self._settle(ADDED, add)
            if (mb := tablespace_files.size_of(add, seen.files)) != add.mb:
                raise Stop(tablespaces.other_size(self.where, add, mb))
            return seen
        if not ended or seen.spaces is None:
            raise Stop(tablespaces.add_unseen(self.where, add, said or "the dictionary did not answer"))
        raise Stop(tablespaces.not_added(self.where, add, there, said))

    def _looked(self, add: Add, said: str) -> Seen:
        """The database after an adding. Where it does not answer, the finding is about the file."""
        try:
            return self.spaces.look()
        except Stop as unseen:
            told = [text for text in (said, unseen.finding.summary.rstrip(".")) if text]
            raise Stop(tablespaces.add_unseen(self.where, add, "; ".join(told))) from None

    # Both sources

    def _compared(self, when: str, seen: Seen) -> list[Finding]:
        """Each tablespace by the monitor, told to refresh its figures, and by the dictionary."""
        figures = self.spaces.monitor()
        said = [
            tablespaces.two_sources(self.where, name, seen.space(name), figures.get(name))
            for name in self.want.tablespaces
        ]
        self.evidence(ROOM, {"station": self.name, "when": when, "rooms": [finding.evidence for finding in said]})
        return said
