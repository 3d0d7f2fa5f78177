# SPDX-License-Identifier: GPL-3.0-or-later
"""BACKUP DATABASE and BACKUP LOG: what is refused, what is written where, what is told and remembered.

assumed: how long it takes (nothing waits unless the site gives ``backup_s``), that a file which could not be finished for lack
of room goes away again while one that an I/O error or a killed client leaves stays, incomplete.
"""

from __future__ import annotations

import ntpath
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impax_lab.engine.ms import backup_errors, backup_faults, backup_media, backup_sets, databases, devices, types
from impax_lab.engine.ms.backup_sets import DIFFERENTIAL, FULL, LOG
from impax_lab.engine.ms.errors import SqlError, error
from impax_lab.engine.ms.pieces import Statement
from impax_lab.engine.ms.session import Attention

if TYPE_CHECKING:
    from impax_lab.engine.ms.interpreter import Run
    from impax_lab.engine.mssql import Server

SPEED = 24_000_000  # bytes a second, in what is told
CONFLICTS = (("INIT", "NOINIT"), ("FORMAT", "NOFORMAT"), ("SKIP", "NOSKIP"), ("FORMAT", "NOINIT"), ("CHECKSUM", "NO_CHECKSUM"),
             ("EXPIREDATE", "RETAINDAYS"), ("COMPRESSION", "NO_COMPRESSION"))  # fmt: skip


def backup(run: Run, statement: Statement) -> None:
    """Raises SqlError 3013, behind the one that says why."""
    what = statement.parts["what"]
    try:
        _backup(run, statement)
    except SqlError as failed:
        ended(run, statement, failed, f"BACKUP {what}")


def ended(run: Run, statement: Statement, failed: SqlError, title: str) -> None:
    """Tell why, then that it ends: only the last of the two reaches a CATCH. Raises SqlError."""
    if not failed.understood:
        raise failed
    if not run.trying:
        run.say(failed.number, failed.level, failed.state, statement.line, failed.text)
    raise error(3013, title) from failed


def _backup(run: Run, statement: Statement) -> None:
    session = run.session
    server, version = session.server, session.version
    name, given = str(run.value(statement.parts["name"])[1] or ""), options(run, statement)
    found = _allowed(run, name, statement.parts["what"], given)
    fault = session.backup_fault or backup_faults.of_database(server, found["name"])
    paths = devices.paths(run, statement.parts["devices"])
    job = Job(server, found, _kind(statement.parts["what"], given), given, fault)
    if fault == "backup_wrong_file":
        paths = [ntpath.join(server.backup_folder, ntpath.basename(path)) for path in paths]
        server.place(server.backup_folder).mkdir(parents=True, exist_ok=True)
    job.user = session.login
    targets = [] if fault == "backup_nothing_written" else devices.open_for_writing(server, paths, given, version)
    _write(run, job, targets or [devices.Target(path, Path(), None, []) for path in paths], bool(targets))
    _tell(run, statement, job)


def options(run: Run, statement: Statement) -> dict[str, Any]:
    """{OPTION: its value, None for one that stands alone}. Raises SqlError 3031, 3217."""
    given = {name: run.value(text)[1] if text else None for name, text in statement.parts["options"].items()}
    for one, other in CONFLICTS:
        if one in given and other in given:
            raise error(3031, one, other)
    for name in ("STATS", "FILE", "RETAINDAYS"):
        if given.get(name) is not None and (
            not str(given[name]).isdigit() or (name == "STATS" and int(given[name]) > 100)
        ):
            raise error(3217, name)
    return given


def _allowed(run: Run, name: str, what: str, given: dict[str, Any]) -> dict[str, Any]:
    """The database. Raises SqlError."""
    session = run.session
    server = session.server
    found = server.database(name)
    if session.trancount:
        raise error(3021)
    if found is None:
        raise devices.no_database(name, session.version)
    if not server.logins.is_administrator(session.login):
        raise SqlError(262, 14, 1, f"BACKUP {what} permission denied in database '{found['name']}'.")
    _possible(server, found, what, given)
    return found


def _possible(server: Server, found: dict[str, Any], what: str, given: dict[str, Any]) -> None:
    """Raises SqlError 3147, 3024, 4208, 3032, 1844, 4214, 3035."""
    lower = found["name"].lower()
    if lower == "tempdb":
        raise error(3147)
    if lower == "master" and (what == "LOG" or "DIFFERENTIAL" in given):
        raise error(3024)
    if what == "LOG" and found["recovery"] == "SIMPLE":
        raise error(4208, "BACKUP LOG")
    if what == "LOG" and "DIFFERENTIAL" in given:
        raise error(3032, "DIFFERENTIAL")
    if (
        "COMPRESSION" in given
        and "enterprise" not in server.edition.lower()
        and not server.full_version.startswith("10.5")
    ):
        raise error(1844, f"BACKUP {what} WITH COMPRESSION", server.edition)
    standing = backup_sets.base(server, found["name"])
    if what == "LOG" and standing is None:
        raise error(4214)
    if "DIFFERENTIAL" in given and standing is None:
        raise error(3035, found["name"], old=server.version < 9)


def _kind(what: str, given: dict[str, Any]) -> int:
    return LOG if what == "LOG" else DIFFERENTIAL if "DIFFERENTIAL" in given else FULL


class Job:
    """One backup: of what, which kind, and what it tells at the end. fault: one of `backup_faults`, or ""."""

    def __init__(
        self, server: Server, found: dict[str, Any], kind: int, given: dict[str, Any], fault: str = ""
    ) -> None:
        self.server, self.found, self.kind, self.given, self.fault = server, found, kind, given, fault
        self.user = "sa"
        self.began = datetime.now()
        self.pages = self._pages()
        self.position = 1

    def _pages(self) -> list[int]:
        """Of each file: data in whole extents in the first of them, a map's extent in each other, the tail of the log."""
        used = databases.used(self.server, self.found["name"].lower()) // databases.PAGE
        whole = {FULL: -(-used // 8) * 8, DIFFERENTIAL: -(-used // 64) * 8, LOG: 0}[self.kind]
        data = [each for each in self.found["files"] if not each["log"]]
        first = max(0, whole - 8 * (len(data) - 1))
        counts = iter([first, *[min(8, whole)] * (len(data) - 1)])
        log = iter([5 if self.kind == LOG else 2, *[0] * len(self.found["files"])])
        return [next(log) if each["log"] else next(counts) for each in self.found["files"]]

    @property
    def title(self) -> str:
        return {FULL: "BACKUP DATABASE", DIFFERENTIAL: "BACKUP DATABASE WITH DIFFERENTIAL", LOG: "BACKUP LOG"}[
            self.kind
        ]

    @property
    def seconds(self) -> float:
        return round(max(0.05, sum(self.pages) * databases.PAGE / SPEED), 3)

    def told(self, position: int, at: datetime, families: int) -> backup_sets.Set:
        """The set's header as it is when all is done."""
        standing = backup_sets.base(self.server, self.found["name"])
        more: dict[str, Any] = {
            "name": self.given.get("NAME"), "description": self.given.get("DESCRIPTION"), "position": position,
            "expires": self._expires(at), "user": self.user, "checksums": "CHECKSUM" in self.given,
            "copy_only": "COPY_ONLY" in self.given, "started": types.stored_moment(min(at, self.began)),
            "finished": types.stored_moment(at), "families": families,
        }  # fmt: skip
        if standing is not None:
            more["base_lsn"] = standing["checkpoint_lsn"]
        if self.kind == DIFFERENTIAL and standing is not None:
            more |= {"difference_lsn": standing["checkpoint_lsn"], "difference_id": standing["uuid"]}
        told = backup_sets.made(self.server, self.found, self.kind, self.pages, **more)
        return backup_faults.header(self.server, told, self.fault)

    def _expires(self, at: datetime) -> str | None:
        if self.given.get("RETAINDAYS") is not None:
            return types.stored_moment(at + timedelta(days=int(self.given["RETAINDAYS"])))
        if self.given.get("EXPIREDATE") is not None:
            from impax_lab.engine.ms import convert

            return str(convert.cast(self.given["EXPIREDATE"], types.nvarchar(60), types.DATETIME))
        return None


# Writing ------------------------------------------------------------------------------------------------------------


def _write(run: Run, job: Job, targets: list[devices.Target], really: bool) -> None:
    """The set into its files, and into the history. Raises SqlError 3202, 3271, 3043."""
    session, server = run.session, job.server
    session.sleep(float(backup_faults.described(server, job.found["name"]).get("backup_s") or 0))
    at = datetime.now()
    job.position = max((len(target.parts) for target in targets), default=0) + 1
    told = job.told(job.position, at, len(targets))
    media, headers = media_of(server, targets, job.given, at)
    share = -(-sum(job.pages) // len(targets)) * databases.PAGE
    if really:
        for target, header in zip(targets, headers, strict=True):
            _write_one(session, job, target, header, told, share)
    if job.fault != "backup_no_history":
        names = [(target.path, header["family_id"]) for target, header in zip(targets, headers, strict=True)]
        backup_sets.remember(server, {**told, "media": media, "devices": names})


def media_of(
    server: Server, targets: list[devices.Target], given: dict[str, Any], at: datetime
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The media set, and the header of each file: those that are there, or new ones."""
    there = [target.medium for target in targets if target.medium is not None]
    if there and len(there) < len(targets):
        raise error(3132, there[0]["families"], len(there))
    if there:
        return there[0], there
    name, text, media = given.get("MEDIANAME"), given.get("MEDIADESCRIPTION"), backup_sets.new_id()
    made = [
        backup_sets.medium(server, len(targets), number, media, name, text, at) for number in range(1, len(targets) + 1)
    ]
    return made[0], made


def _write_one(
    session: Any, job: Job, target: devices.Target, header: dict[str, Any], told: backup_sets.Set, share: int
) -> None:
    server, version = job.server, session.version
    fresh = header if target.medium is None else None
    at = target.end
    started = {**told, "finished": None}
    if job.fault == "killed":
        backup_media.write(target.place, fresh, at, started, share, upto=0.5)
        raise Attention
    if job.fault == "backup_half_way":
        backup_media.write(target.place, fresh, at, started, share, upto=0.5)
        raise error(3271, target.path, backup_errors.system_error(1117), old=version < 9)
    broken = backup_faults.described(server, job.found["name"]).get("corrupt_page")
    if broken and "CHECKSUM" in job.given:
        backup_media.write(target.place, fresh, at, started, share, upto=0.5)
        raise error(3043, job.found["name"], 1, int(broken), job.found["files"][0]["path"])
    room = 0 if job.fault == "disk_full" else server.free(target.path) + target.size - (0 if fresh else target.end)
    if room < backup_media.size_of(told, share):
        if target.existed:
            backup_media.write(target.place, fresh, at, started, share, upto=max(0.0, min(0.9, room / share - 0.1)))
        else:
            target.place.unlink(missing_ok=True)
        raise error(3202, target.path, backup_errors.system_error(112), 112, old=version < 9)
    backup_media.write(target.place, fresh, at, told, share)
    backup_faults.after(target.place, job.fault)


# What is told -------------------------------------------------------------------------------------------------------


def _tell(run: Run, statement: Statement, job: Job) -> None:
    """The percentages, the files in their order with "100 percent" before the log, the sum. A level of 10 comes as 0."""
    line, every, version = statement.line, job.given.get("STATS"), run.session.version
    step = (int(every) if every is not None else 10) if "STATS" in job.given else 0
    for percent in range(step, 100, step) if step else ():
        run.say(backup_errors.PERCENT, 0, 1, line, f"{percent} percent processed.")
    hundred = bool(step)
    for each, count in sorted(zip(job.found["files"], job.pages, strict=True), key=lambda pair: bool(pair[0]["log"])):
        if each["log"] and hundred:
            run.say(backup_errors.PERCENT, 0, 1, line, "100 percent processed.")
            hundred = False
        if job.kind == LOG and not each["log"]:
            continue
        text = (
            f"Processed {count} pages for database '{job.found['name']}', file '{each['name']}' on file {job.position}."
        )
        run.say(backup_errors.PROCESSED, 0, 1, line, text)
    pages = sum(job.pages)
    rate = pages * databases.PAGE / (1_000_000 if version < 10 else databases.MIB) / job.seconds
    text = f"{job.title} successfully processed {pages} pages in {job.seconds:.3f} seconds ({rate:.3f} MB/sec)."
    run.say(backup_errors.DONE, 0, 1, line, text)
