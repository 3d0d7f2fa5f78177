# SPDX-License-Identifier: GPL-3.0-or-later
"""rman: old backup sets are listed, chosen by the room in the recovery area, and deleted once that was approved (S29)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any, ClassVar

from ..plugin_utils.action import StationAction
from ..plugin_utils.backups.oracle_rman import OracleRman, Seen, by_keys, on_windows
from ..plugin_utils.executor import Station
from ..plugin_utils.findings import Finding, evidence_hash
from ..plugin_utils.rules import (
    backup,
    backup_complete,
    backup_oracle,
    rman_cleanup,
    rman_cleanup_said,
    rman_room,
)
from ..plugin_utils.rules.backup import Where
from ..plugin_utils.rules.rman_cleanup import Choice, Policy

EVIDENCE = "rman_cleanup"
MB = 1 << 20


class ActionModule(StationAction):
    KEY = "rman"
    ARGUMENT_SPEC: ClassVar[dict[str, Any]] = {
        "os_user": {"type": "str"},
        "client": {"type": "str"},
        "rman": {"type": "str", "default": "rman"},
        "runbackup": {"type": "str", "default": "/usr/mvf/bin/runbackup"},
        "keys": {"type": "list", "elements": "int", "default": []},
        "keep": {"type": "int", "default": 1},
        "older_than_days": {"type": "int", "default": 1},
        "expected_mb": {"type": "int"},
        "margin_percent": {"type": "int", "default": 10},
        "crosscheck": {"type": "bool", "default": True},
        "max_age_hours": {"type": "int", "default": 24},
        "job_limit": {"type": "int", "default": 43200},
    }

    def steps(self, want: SimpleNamespace, station: Station) -> list[Finding]:
        self.want, self.rman = want, OracleRman(self, want, station, on_windows(want))
        self.where = Where(self.section, self.name, self.name, self.KEY)
        seen = self.rman.look(crosscheck=want.crosscheck and not self.check_mode)
        self.where = replace(self.where, database=seen.facts.database or self.name)
        self.rman.answering(self.where, seen)
        self.so_far = rman_room.room(self.where, seen.room)
        choice, refused = self._choice(seen)
        if choice is None:
            return [*self.so_far, *refused]
        if not choice.sets:
            return [*self.so_far, rman_cleanup_said.nothing_to_do(self.where, choice)]
        if (last := rman_cleanup_said.nothing_stays(self.where, choice)) is not None:
            return [*self.so_far, last]
        if self.check_mode:
            return [*self.so_far, rman_cleanup_said.would_delete(self.where, choice, seen.facts.dbid)]
        return [*self.so_far, *self._approved(seen, choice)]

    # Choosing

    def _choice(self, seen: Seen) -> tuple[Choice | None, list[Finding]]:
        sets, made = seen.listed.sets or (), self._made(seen)
        completes = backup_complete.complete(sets, seen.files, [made] if made else [])
        expected = (
            self.want.expected_mb * MB
            if self.want.expected_mb
            else backup_complete.expected(completes, seen.facts.in_use)
        )
        policy = Policy(
            keep=self.want.keep,
            older_than=timedelta(days=self.want.older_than_days),
            expected=expected,
            margin_percent=self.want.margin_percent,
            keys=tuple(self.want.keys),
        )
        return rman_cleanup.choose(
            self.where,
            sets,
            completes,
            policy,
            seen.room,
            now=seen.now or datetime.min,
            obsolete=seen.listed.obsolete or (),
            made=made,
        )

    def _made(self, seen: Seen) -> tuple[int, ...]:
        """Keys of the backup that was proved for this upgrade, as far as it is recent and wholly listed."""
        now = datetime.now(timezone.utc)
        entries = self.journal.entries("evidence")
        standing = backup.verified(
            entries, self.name, self.where.database, self.want.max_age_hours, now, str(seen.facts.dbid)
        )
        if standing.backup is None:
            return ()
        listed = by_keys(seen.listed.sets or (), standing.backup.where)
        whole = len(listed) == len(standing.backup.where) and all(one.is_available for one in listed)
        return tuple(one.key for one in listed) if whole else ()

    # Deleting

    def _approved(self, seen: Seen, choice: Choice) -> list[Finding]:
        evidence = choice.evidence(self.where.database, seen.facts.dbid)
        ruling = self.ruling(rman_room.KEY, evidence_hash(evidence))
        if not ruling.granted:
            return [rman_cleanup_said.approval_awaited(self.where, choice, seen.facts.dbid, ruling.reason)]
        unfit = self._kept_unfit(seen, choice)
        return unfit or self._deleted(seen, choice, ruling.by)

    def _kept_unfit(self, seen: Seen, choice: Choice) -> list[Finding]:
        """What stays is read to its end in this run, before anything goes."""
        keys = {key for each in choice.kept for key in each.keys}
        sets = [one for one in seen.listed.sets or () if one.key in keys]
        if not sets:
            return []
        found = backup_oracle.judge_pieces(self.where, sets)
        return found or backup_oracle.judge_validated(self.where, sets, self.rman.validate(sorted(keys)))

    def _deleted(self, seen: Seen, choice: Choice, by: str) -> list[Finding]:
        """One by one, then listed again: gone is what the list does not name any more."""
        keys, said = [one.key for one in choice.sets], ""
        self.evidence(f"{EVIDENCE}_begun", {"station": self.name, "keys": keys, "approved_by": by})
        self._withdraw(keys)
        self.made_change = True
        tried: list[int] = []
        for key in keys:
            self.say(f"deleting backup set {key}")
            outcome, printed = self.rman.delete(key)
            tried.append(key)
            if not outcome.ended or printed.deleted is None:
                said = outcome.why or ", ".join(printed.codes) or f"exit code {outcome.exit_code}"
                break
        return self._proved(choice, tried, said, by)

    def _proved(self, choice: Choice, tried: Sequence[int], said: str, by: str) -> list[Finding]:
        after = self.rman.look()
        wrong = after.listed.sets is None or after.facts.dbid is None or after.listed.dbid != after.facts.dbid
        if wrong:
            return [rman_cleanup_said.unlisted_after(self.where, tried, after.listed.why or said or "no list")]
        listed = {one.key: one for one in after.listed.sets or ()}
        gone = [one.key for one in choice.sets if one.key not in listed]
        self.evidence(
            EVIDENCE, {"station": self.name, "database": self.where.database, "deleted": gone, "approved_by": by}
        )
        kept = [key for each in choice.kept for key in each.keys]
        lost = [key for key in kept if key not in listed or not listed[key].is_available]
        left = [one.key for one in choice.sets if one.key in listed]
        found = [rman_cleanup_said.kept_lost(self.where, lost)] if lost else []
        if paths := self.rman.still_on_disk([one for one in choice.sets if one.key in gone and not one.is_expired]):
            found.append(rman_cleanup_said.pieces_left(self.where, paths))
        if left:
            return [*found, rman_cleanup_said.not_deleted(self.where, left, gone, said or "no error was seen")]
        return [*found, rman_cleanup_said.deleted(self.where, choice, after.facts.dbid, by)]

    def _withdraw(self, keys: Sequence[int]) -> None:
        """A backup that the journal knew counts no more once its deletion is begun: nobody may see the end."""
        where = [str(key) for key in keys]
        facts = {"station": self.name, "database": self.where.database, "where": where, "why": "rman.deleted"}
        self.evidence(backup.WITHDRAWN, facts)
