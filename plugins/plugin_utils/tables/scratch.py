# SPDX-License-Identifier: GPL-3.0-or-later
"""A copied export, loaded into a scratch database and compared with its table: on another instance, or, approved, on the same.

On another instance the production server does one read of its table; loading, and the room it takes, are the other
instance's. The scratch database and the copied file are removed in all cases, and what a killed run left is removed first.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..action import Stop
from ..executor import Station, TransferFailed
from ..findings import evidence_hash
from ..programs import audit_compare, audit_sqlserver, bcp, erase, osql
from ..programs.audit_compare import Aggregates
from ..rules import audit_export, audit_production
from ..rules.audit import Measured

ROOM = 3  # times the file's size that the scratch database may grow to
LEAST_MB = 50


def named_instance(want: Any) -> Mapping[str, Any]:
    """Where copies are compared, as the arguments say it; its ``station`` is empty where none is named."""
    return want.verify_instance or {}


def folder_of(want: Any) -> str:
    return str(named_instance(want).get("folder") or "C:\\impax-verify").rstrip("\\")


def prefix_of(action: Any) -> str:
    """What the names of this site's scratch databases begin with."""
    return f"impax_verify_{action.journal.site_id[:8]}_"


class Scratch:
    """table: the SqlServerTable whose file it is. local: the file's copy on the controller."""

    def __init__(self, table: Any, file: str, local: Path) -> None:
        self.table, self.action, self.file, self.local = table, table.action, file, local
        self.verifier = str(named_instance(table.want).get("station") or self.action.name)
        self.server = str(named_instance(table.want).get("server") or ".")
        self.folder, self.prefix = folder_of(table.want), prefix_of(self.action)
        self.database = f"{self.prefix}{secrets.token_hex(4)}"
        self.name = file.rsplit("\\", 1)[-1]

    def compared(self, seen: Measured, exported: int, size: int) -> Aggregates:
        """The figures of the loaded copy, when all of them equal the table's. Raises Stop."""
        with self.action.other_lock(self.verifier):
            return self._compared_on(self.action.other_station(self.verifier), seen, exported, size)

    def _compared_on(self, station: Station, seen: Measured, exported: int, size: int) -> Aggregates:
        self.station, self.log_on = station, osql.LogOn(self.server)
        try:
            self._clear_away()
            return self._judged(self._loaded(size, seen, exported), seen, exported)
        except TransferFailed as failure:
            raise Stop(audit_export.copy_not_carried(self.table.where, str(failure))) from None
        finally:
            self._clear_away()

    def _brought(self) -> str:
        """The file where the instance's own bcp finds it."""
        path = f"{self.folder}\\{self.name}"
        self.station.put(self.local, path)
        return path

    def _cap_mb(self, size: int, seen: Measured) -> int:
        """MB that either file of the scratch database may grow to."""
        return max(LEAST_MB, size // 2**20 * ROOM)

    def _to_remove(self) -> list[str]:
        return [f"{self.folder}\\{self.name}", f"{self.folder}\\{self.name}.err"]

    def _loaded(self, size: int, seen: Measured, exported: int) -> Aggregates:
        self.station.private_folder(self.folder)
        self.action.say(f"loading {self.name} into {self.database} on {self.verifier}")
        path, megabytes = self._brought(), self._cap_mb(size, seen)
        self._must(audit_sqlserver.create_scratch(self.database, self.folder, 10, megabytes), "the scratch database")
        self._must(
            audit_sqlserver.create_table(self.database, self.table.want.table, self.table.columns), "the scratch table"
        )
        self._load(path, exported)
        questions = self._questions(seen.key, None, exported)
        return audit_compare.read_aggregates(self._answers(questions, self.database))

    def _questions(self, key: str, greatest: int | None, exported: int) -> dict[str, str]:
        """The same for both sides; greatest: the copy's, which leaves out rows that came later."""
        of = (self.table.want.table, self.table.columns, key, greatest)
        hashes = audit_compare.hashes(*of) if self.table.hashes(exported) else {}
        return {**audit_compare.aggregates(*of), **hashes}

    def _load(self, path: str, exported: int) -> None:
        command = bcp.load(
            f"{self.database}.dbo.{self.table.want.table}",
            path,
            server=self.log_on.server,
            errors=f"{self.folder}\\{self.name}.err",
            form=self.table.want.format,
            timeout=14400,
        )
        outcome = self.action.answered(self.station.run(command), "bcp to load the copy")
        said = bcp.read(outcome.printed)
        if not said.success or said.rows != exported:
            raise Stop(audit_export.copy_not_loaded(self.table.where, self.verifier, exported, said.rows, said.errors))

    def _judged(self, copy: Aggregates, seen: Measured, exported: int) -> Aggregates:
        """The table's own figures, for the rows up to the copy's greatest key, against the copy's."""
        answers, _ = self.table.sql.ask(self._questions(seen.key, copy.greatest, exported))
        source = audit_compare.read_aggregates(answers)
        differing = source.differs_from(copy)
        if differing or copy.rows != exported:
            raise Stop(
                audit_export.copy_differs(self.table.where, self.file, differing or ["rows"], source, copy, exported)
            )
        return copy

    def _answers(self, questions: Mapping[str, str], database: str = "master") -> dict[str, osql.Answer]:
        nonce = secrets.token_hex(6)
        log_on = osql.LogOn(self.log_on.server, database)
        outcome = self.station.run(osql.ask(questions, log_on, nonce=nonce, timeout=3600))
        self.action.answered(outcome, "answers of the verifying instance")
        return osql.answers(outcome.printed, questions, nonce)

    def _must(self, statements: Mapping[str, str], what: str) -> None:
        wrong = {name: answer for name, answer in self._answers(statements).items() if answer.error}
        if wrong:
            numbers = [f"Msg {number}" for answer in wrong.values() for number, _, _ in answer.msgs]
            raise Stop(
                audit_export.not_prepared(self.table.where, self.verifier, what, ", ".join(numbers) or "no answer")
            )

    def _clear_away(self) -> None:
        """Scratch databases of this site and the copied file: of this run, and of one that was killed."""
        found = self._answers(audit_sqlserver.scratch_databases(self.prefix))["scratch"]
        if found.error:
            raise Stop(
                audit_export.not_prepared(self.table.where, self.verifier, "the list of scratch databases", found.why)
            )
        stale = [row[0] for row in found.rows or () if row[0].startswith(self.prefix)]
        if stale:
            gone = self._answers(audit_sqlserver.drop_scratch(stale))
            left = [name for name, answer in zip(stale, gone.values(), strict=True) if answer.error]
            if left:
                raise Stop(audit_export.scratch_left(self.table.where, self.verifier, left))
        self.station.ask([erase.file(path) for path in self._to_remove()])


class ScratchOnProduction(Scratch):
    """On the instance that holds the table itself: the export is loaded from where it lies, and is not removed."""

    def __init__(self, table: Any, file: str, local: Path) -> None:
        super().__init__(table, file, local)
        self.server = str(table.want.server)

    def compared(self, seen: Measured, exported: int, size: int) -> Aggregates:
        return self._compared_on(self.table.station, seen, exported, size)

    def _brought(self) -> str:
        return self.file

    def _cap_mb(self, size: int, seen: Measured) -> int:
        return audit_production.cap_kb(seen) // 1024

    def _to_remove(self) -> list[str]:
        return [f"{self.folder}\\{self.name}.err"]


def may_load_on_production(table: Any, seen: Measured) -> None:
    """Raises Stop unless the folder's disk holds no database, has the room, and somebody has approved it."""
    action, folder, place = table.action, folder_of(table.want), table.place
    answers, (disk,) = table.sql.ask(audit_sqlserver.database_files(prefix_of(action)), [place.free(folder)])
    drives = audit_sqlserver.read_database_files(answers["files"])
    fit = audit_production.fit(table.where, seen, folder, drives, place.free_kb(disk))
    if not fit.verdict.is_go:
        raise Stop(fit)
    evidence = audit_production.bound_to(table.where, str(table.want.server), folder, str(table.want.database))
    what = f"{table.want.table}.verify_instance"
    ruling = action.ruling(what, evidence_hash(evidence), risks=(audit_production.RISK,))
    if not ruling.granted:
        raise Stop(audit_production.approval_awaited(table.where, evidence, ruling.reason))
