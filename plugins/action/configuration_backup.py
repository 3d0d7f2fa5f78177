# SPDX-License-Identifier: GPL-3.0-or-later
"""configuration_backup: the Application Server's configuration saved by its own program, proved and carried off (S28)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any, ClassVar

from ..plugin_utils.action import StationAction
from ..plugin_utils.command import Outcome, State
from ..plugin_utils.copies import carried_off
from ..plugin_utils.executor import Station, TransferFailed
from ..plugin_utils.findings import Finding, worst
from ..plugin_utils.programs import backupconfiguration as program
from ..plugin_utils.programs import dir as listing
from ..plugin_utils.programs import fsutil
from ..plugin_utils.rules import configuration_backup as rule
from ..plugin_utils.rules import configuration_backup_after as after
from ..plugin_utils.rules import configuration_backup_before as before


class ActionModule(StationAction):
    KEY = "configuration_backup"
    ARGUMENT_SPEC: ClassVar[dict[str, Any]] = {
        "medium": {"type": "str"},
        "folder": {"type": "str", "default": program.BACKUPS},
        "max_age_hours": {"type": "float", "default": 24.0},
        "room_mb": {"type": "int", "default": 100},
        "carry_off": {"type": "bool", "default": True},
        "os_user": {"type": "str"},
        "backup_seconds": {"type": "int", "default": 1800},
    }

    def steps(self, want: SimpleNamespace, station: Station) -> list[Finding]:
        self.want, self.at = want, station
        self.folder = want.folder.rstrip("\\")
        self.where = rule.Where(self.section, self.name, self.folder)
        if unfit := before.folder(self.where):
            return [unfit]
        known = rule.past(self.journal.entries("evidence"), self.name, self.folder)
        now = datetime.now(timezone.utc)
        self.so_far: list[Finding] = []
        if known.last and rule.young(known.last, now, want.max_age_hours):
            stands = self._standing(known.last, now)
            if stands is not None:
                return stands
            known = rule.without_last(known)
        file, names = self._before(known)
        if file is None or names is None or not worst(finding.verdict for finding in self.so_far).is_go:
            return self.so_far
        if self.check_mode:
            why = before.reason(known, now, want.max_age_hours)
            return [*self.so_far, before.would_save(self.where, file, why)]
        return [*self.so_far, *self._saved(file, names, known)]

    # The last one

    def _standing(self, last: rule.Backup, now: datetime) -> list[Finding] | None:
        """What is said of a backup that stands, or that could not be looked at; None: it does not, and `so_far` says why."""
        wrong = rule.differences(last.files, self._files(last.folder))
        finding = rule.standing(self.where, last, rule.age_h(last, now) or 0.0, wrong)
        if not wrong:
            return [finding, *([] if wrong is None or self.check_mode else [self._carried(last)])]
        self.so_far.append(finding)
        if not self.check_mode:
            facts = {"station": self.name, "below": self.folder, "folder": last.folder, "why": list(wrong)}
            self.evidence(rule.WITHDRAWN, facts)
        return None

    def _files(self, folder: str) -> tuple[rule.File, ...] | None:
        """Every file of a backup with its size and SHA-1; no SHA-1 where its size was another one a moment later."""
        sizes = listing.files(self.at.run(listing.tree(folder)))
        if sizes is None:
            return None
        return tuple(rule.File(path, size, self._sha1(f"{folder}\\{path}", size)) for path, size in sizes.items())

    def _sha1(self, path: str, size: int) -> str | None:
        try:
            measured, sha1 = self.at.measure(path)
        except TransferFailed:
            return None
        return sha1 if measured == size else None

    # Before

    def _before(self, known: rule.Past) -> tuple[str | None, tuple[str, ...] | None]:
        """(the program's file, the folders that are there already); None where it may not be run, and `so_far` says why."""
        self.source = program.folder_of(self.want.medium or "")
        looks = [] if not self.want.medium else [program.medium_of(self.source), self.source]
        asked = [fsutil.free(self.folder), listing.folders(self.folder), *(listing.everything(one) for one in looks)]
        free, there, *media = self.at.ask(asked)
        on_medium, in_folder = (listing.names(one) for one in media) if media else ((), ())
        file = program.file_of(in_folder or ())
        names = listing.folder_names(there)
        found = [
            before.medium(self.where, self.want.medium, on_medium, program.MEDIUM_FOLDER)
            or before.program(self.where, self.source, in_folder, file, program.NAME),
            before.room(self.where, self._free_kb(free), self.want.room_mb, known.good or known.last),
            before.folders_untold(self.where) if names is None else rule.unvouched(self.where, known, names),
        ]
        self.so_far += [finding for finding in found if finding is not None]
        return file, names

    def _free_kb(self, outcome: Outcome) -> int | None:
        return fsutil.available_kb(outcome.out) if outcome.as_expected else None

    # The program, and what it left

    def _saved(self, file: str, names: tuple[str, ...], known: rule.Past) -> list[Finding]:
        command = program.save(self.source, file, user=self.want.os_user, timeout=self.want.backup_seconds)
        facts = {"station": self.name, "below": self.folder, "program": str(command.words[0]), "there": list(names)}
        self.evidence(rule.BEGUN, facts)
        self.say(f"saving the configuration by {file}")
        outcome = self.at.run(command)
        if outcome.state is State.NOT_BEGUN:
            self.evidence(rule.ENDED, {**facts, "outcome": "not begun"})
            return [after.not_begun(self.where, file, outcome.why)]
        self.made_change = True
        if not outcome.ended:
            return [after.no_end(self.where, file, self.want.backup_seconds, outcome.why)]
        return self._judged(outcome, names, known, facts)

    def _judged(
        self, outcome: Outcome, names: tuple[str, ...], known: rule.Past, facts: Mapping[str, Any]
    ) -> list[Finding]:
        free, there = self.at.ask([fsutil.free(self.folder), listing.folders(self.folder)])
        left = after.new_of(names, listing.folder_names(there))
        place = f"{self.folder}\\{left.new[0]}" if left.new and len(left.new) == 1 else ""
        left = after.with_files(left, self._files(place) if place else None)
        said = program.read(outcome.printed)
        ran = after.Ran(outcome.exit_code, said.errors, said.prompted, self._free_kb(free))
        wrong, doubts = after.judge(self.where, ran, left, known.good)
        if wrong is not None:
            self.evidence(rule.ENDED, {**facts, "outcome": wrong.key})
            return [wrong]
        at = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        made = rule.Backup(place, at, left.files or (), doubts)
        self.evidence(rule.BACKUP, rule.evidence(self.where, made, str(facts["program"])))
        return [self._carried(made), rule.saved(self.where, made, said.prompted)]

    # Off the station

    def _carried(self, made: rule.Backup) -> Finding:
        if not self.want.carry_off:
            return rule.stays(self.where, made)
        try:
            for file in made.files:
                self._one(made, file)
        except TransferFailed as failure:
            return rule.not_carried(self.where, made, str(failure))
        return rule.carried(self.where, made, str(self.state / "copies" / self.name / made.copy_folder()))

    def _one(self, made: rule.Backup, file: rule.File) -> None:
        below = file.path.rpartition("\\")[0].replace("\\", "/")
        of = f"{made.copy_folder()}/{below}"
        carried_off(self, self.at, f"{made.folder}\\{file.path}", str(file.sha1), file.bytes, of)
