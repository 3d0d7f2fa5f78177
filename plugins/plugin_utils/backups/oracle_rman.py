# SPDX-License-Identifier: GPL-3.0-or-later
"""RMAN and the database's own views on a station, read for the rules: what is listed, what of it is on the disk, what can
be read to its end. `look` changes nothing unless it is told to crosscheck."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

from ..action import Stop
from ..command import Command, Outcome
from ..databases.oracle import OracleDatabase
from ..executor import Station
from ..programs import df, fsutil, ls, recovery_area, rman, runbackup
from ..programs import dir as dir_of_cmd
from ..rules import backup_oracle
from ..rules.backup import Where
from ..rules.backup_oracle import BackupSet, Listed, Piece, Validated
from ..rules.rman_room import Room
from ..tables import stamp

LOOKED_AT = 400  # pieces whose size is asked for in one look


@dataclass(frozen=True)
class Seen:
    """One look. now: the station's clock, read_at: the controller's when it was asked (UTC). free: bytes on the disk below
    the recovery area, None: not told."""

    facts: recovery_area.Facts
    listed: Listed
    now: datetime | None
    free: int | None
    read_at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    @property
    def room(self) -> Room:
        return Room(self.facts.area, self.facts.limit, self.facts.used, self.facts.reclaimable)

    @property
    def files(self) -> Mapping[int, int]:
        return self.facts.files or {}


class OracleRman:
    """want: os_user, client, rman, job_limit. The log-on is the operating system's, in the dba group."""

    def __init__(self, action: Any, want: SimpleNamespace, station: Station, windows: bool) -> None:
        self.action, self.want, self.station, self.windows = action, want, station, windows
        self.sql = OracleDatabase(action, SimpleNamespace(**{**vars(want), "account": None}), station)

    def as_user(self, command: Command) -> Command:
        return replace(command, user=self.want.os_user)

    # Looking

    def look(self, *, crosscheck: bool = False) -> Seen:
        """Two round trips: what database and RMAN say, then the sizes of the pieces on disk."""
        report, read_at = rman.list_and_report(self.want.rman, crosscheck=crosscheck), datetime.now(timezone.utc)
        answers, (said,) = self.sql.ask(recovery_area.QUESTIONS, [report])
        facts = recovery_area.read(answers)
        printed = rman.read(said.printed)
        listed = self._listed(said, printed)
        sizes, free = self._on_disk(listed.sets or (), facts.area)
        sets = None if listed.sets is None else tuple(_with_sizes(one, sizes) for one in listed.sets)
        now = _moment(facts.now, recovery_area.TIME)
        return Seen(facts, replace(listed, sets=sets), now, free, read_at)

    def answering(self, where: Where, seen: Seen) -> None:
        """Raises Stop where there is nothing to judge by: no instance, no list, another database's list."""
        if seen.facts.down or seen.facts.unread:
            raise Stop(backup_oracle.no_database(where, seen.facts.down, seen.facts.unread, seen.facts.status))
        if seen.now is None:
            raise Stop(backup_oracle.no_database(where, (), {"now": str(seen.facts.now)}, seen.facts.status))
        if found := backup_oracle.recognised(where, seen.listed, seen.facts.dbid):
            raise Stop(found[0])

    def _listed(self, said: Outcome, printed: rman.Printed) -> Listed:
        why = said.why or ", ".join(printed.codes) or "an answer that was not understood"
        if not said.as_expected or not printed.listed or printed.failed_command in ("list", "crosscheck"):
            return Listed(None, printed.dbid, why)
        return Listed(tuple(_set(one) for one in printed.backupsets), printed.dbid, obsolete=printed.obsolete)

    def _on_disk(
        self, sets: Iterable[BackupSet], area: str | None
    ) -> tuple[dict[str, tuple[bool | None, int | None]], int | None]:
        paths = [piece.path for one in sets for piece in one.pieces if not piece.is_on_tape][:LOOKED_AT]
        asked = [self.as_user(dir_of_cmd.entry(path) if self.windows else ls.entry(path)) for path in paths]
        asked += [self.as_user(fsutil.free(area) if self.windows else df.free(area))] if area else []
        outcomes = self.station.ask(asked)
        free_kb = self._free_kb(outcomes[-1]) if area else None
        sizes = {path: self._size(path, outcome) for path, outcome in zip(paths, outcomes, strict=False)}
        return sizes, None if free_kb is None else free_kb * 1024

    def still_on_disk(self, sets: Iterable[BackupSet]) -> list[str]:
        """Paths of these sets' pieces that are there now; of one that could not be looked at, too."""
        sizes, _ = self._on_disk(sets, None)
        return [path for path, (seen, _) in sizes.items() if seen is not False]

    def _size(self, path: str, outcome: Outcome) -> tuple[bool | None, int | None]:
        """(is it there, its bytes); None: the station did not say it."""
        if not outcome.as_expected:
            return None, None
        if not self.windows:
            entry = ls.read(outcome.out)
            return ls.there(outcome), entry.size if entry else None
        size = dir_of_cmd.size(outcome.out, path)
        if size is None:
            return (None, None) if outcome.exit_code == 0 else (False, None)
        return True, size

    def _free_kb(self, outcome: Outcome) -> int | None:
        if not outcome.as_expected:
            return None
        return fsutil.available_kb(outcome.out) if self.windows else df.available_kb(outcome.out)

    # Validating and deleting

    def validate(self, keys: Collection[int]) -> Validated:
        """Reads the sets to their end, as a detached job: that takes as long as making them. Nothing is changed."""
        job = f"rman-validate-{stamp()}"
        command = self.as_user(rman.validate(sorted(keys), self.want.rman))
        self.action.answered(self.station.start_job(job, command), "the validation to start as a detached job")
        what = f"validating {len(keys)} backup sets"
        state = self.action.finished(self.station, job, what, user=self.want.os_user, limit=self.want.job_limit)
        if state.state != "done":
            return Validated(None)
        printed = rman.read(state.printed)
        self.station.forget_job(job, self.want.os_user)
        return Validated(printed.error, printed.handles, printed.validated, printed.codes)

    def delete(self, key: int) -> tuple[Outcome, rman.Printed]:
        """One set; whether it is gone is told by the next look."""
        outcome = self.station.run(self.as_user(rman.delete(key, self.want.rman)))
        return outcome, rman.read(outcome.printed)


def on_windows(want: SimpleNamespace) -> bool:
    return runbackup.on_windows(want.runbackup)


def _set(one: rman.BackupSet) -> BackupSet:
    return BackupSet(
        key=one.bs_key,
        completed=_moment(one.completion, rman.DATES),
        bytes=rman.size_bytes(one.size),
        pieces=tuple(Piece(piece.piece, piece.device or one.device, piece.status) for piece in one.pieces),
        files=one.files_full,
        changed_files=tuple(number for number in one.files if number not in one.files_full),
        controlfile="controlfile" in one.contains,
        tag=one.tag or "",
        scn=one.scn,
        highest_next=max((log[3] for log in one.logs), default=None),
        has_logs=not one.files and "controlfile" not in one.contains and "spfile" not in one.contains,
        keep=one.keep,
    )


def _with_sizes(one: BackupSet, sizes: Mapping[str, tuple[bool | None, int | None]]) -> BackupSet:
    looked = [(piece, *sizes.get(piece.path, (None, None))) for piece in one.pieces]
    return replace(one, pieces=tuple(replace(piece, seen=seen, on_disk=size) for piece, seen, size in looked))


def _moment(text: str | None, form: str) -> datetime | None:
    try:
        return datetime.strptime(text or "", form)
    except ValueError:
        return None


def by_keys(sets: Sequence[BackupSet], keys: Collection[str]) -> list[BackupSet]:
    """The sets that a journalled backup names, as far as they are listed."""
    return [one for one in sets if str(one.key) in keys]
