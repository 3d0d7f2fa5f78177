# SPDX-License-Identifier: GPL-3.0-or-later
"""BACKUP: new sets, with RMAN's own log.

A set that goes to the recovery area needs room there: what is obsolete gives way, the oldest first; what is still missing is
ORA-19809 and ORA-19804 (Backup and Recovery User's Guide 11g, "Managing Space in the Fast Recovery Area").
"""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from impax_lab.program import Killed
from impax_lab.rman import catalogue, pieces, retention, tape, words
from impax_lab.rman.catalogue import MIB, BackupSet
from impax_lab.rman.forms import RmanError, elapsed, moment

if TYPE_CHECKING:
    from impax_lab.rman.session import Session

DATABASE_MB, CONTROLFILE_MB, LOG_MB = 24.0, 1.03, 3.0  # assumed, where neither an option nor an earlier set tells
DEFAULT_SECONDS = 0.5
COMMENTS = {True: "NONE", False: "API Version 2.0,MMS Version 5.0.0.0"}


@dataclass
class Plan:
    """What is backed up, and what goes wrong with it.

    files: numbers of data files, None for all. level: of an incremental one. after: the state that a piece of the database
    is in afterwards (`pieces`), with status. ago: seconds by which its times lie too far back. stops: it breaks off in the
    middle of the data files. sid: another database's name; its sets are not in this catalogue. sleep: how it waits.
    """

    database: bool = True
    archivelog: bool = False
    controlfile: bool = True
    files: list[int] | None = None
    level: int | None = None
    tag: str = ""
    device: str = "DISK"
    seconds: float = 0.0
    mb: float | None = None
    after: str = pieces.GOOD
    status: str = "AVAILABLE"
    ago: float = 0.0
    stops: bool = False
    waits: bool = False
    verified: bool = False
    sid: str = ""
    made: list[BackupSet] = field(default_factory=list)


def command(session: Session, told: words.Words) -> None:
    """BACKUP [INCREMENTAL LEVEL n] [DEVICE TYPE ...] [TAG x] DATABASE [PLUS ARCHIVELOG] | CURRENT CONTROLFILE | ARCHIVELOG ALL."""
    plan = Plan(device=default_device(session), controlfile=False, database=False)
    while told.at < len(told.all):
        _word(session, plan, told)
    if not (plan.database or plan.controlfile or plan.archivelog):
        raise told.wrong("archivelog", "current", "database", "datafile", "tablespace")
    session.control_file()
    run(session, plan)


def _word(session: Session, plan: Plan, told: words.Words) -> None:
    if told.take("incremental", "level"):
        plan.level = told.number()
    elif told.take("full") or told.take("as", "backupset") or told.take("as", "compressed", "backupset"):
        return
    elif told.take("device", "type"):
        plan.device = "DISK" if told.one_of("disk", "sbt_tape", "sbt") == "disk" else "SBT_TAPE"
    elif told.take("tag"):
        told.take("=")
        plan.tag = told.text().upper()
    elif told.take("database"):
        plan.database = plan.controlfile = True
    elif told.take("datafile"):
        plan.database, plan.files = True, told.numbers()
        plan.controlfile = 1 in plan.files
    elif told.take("current", "controlfile") or told.take("include", "current", "controlfile") or told.take("spfile"):
        plan.controlfile = True
    elif told.take("plus", "archivelog") or told.take("archivelog", "all"):
        plan.archivelog = True
    else:
        raise told.wrong(
            "archivelog", "as", "current", "database", "datafile", "device", "full", "incremental", "plus", "tag"
        )


def default_device(session: Session) -> str:
    return str((session.station.spec.oracle.get("rman") or {}).get("device", "DISK")).upper()


def run(session: Session, plan: Plan) -> None:
    """Back up as planned. Raises RmanError; what was complete before stays."""
    with _job(session, plan):
        if plan.archivelog:
            _logs(session, plan)
        if plan.database or plan.controlfile:
            session.say(f"\nStarting backup at {session.date()}\n")
            channel = session.channel(plan.device)
            if plan.database:
                _datafiles(session, plan, channel)
            if plan.controlfile:
                _one(session, plan, channel, "controlfile", "full datafile", "including current control file in backup set\n"
                     "including current SPFILE in backup set\n", CONTROLFILE_MB)  # fmt: skip
            session.say(f"Finished backup at {session.date()}\n")
        if plan.archivelog and plan.database:
            _logs(session, plan)


@contextmanager
def _job(session: Session, plan: Plan) -> Iterator[None]:
    """The job among those that the control file knows: RUNNING until it ends, whatever becomes of it."""
    number = _begin(session, plan)
    state = "FAILED"
    try:
        yield
        state = "COMPLETED"
    finally:
        if number:
            with catalogue.change(session.station) as kept:
                job = next(each for each in kept["jobs"] if each["key"] == number)
                job |= {"status": state, "ended": time.time(), "bytes": sum(each.bytes for each in plan.made)}


def _begin(session: Session, plan: Plan) -> int:
    if session.call.pretend or plan.sid:
        return 0
    with catalogue.change(session.station) as kept:
        number = len(kept["jobs"]) + 1
        what = (
            "DB INCR"
            if plan.level is not None
            else "DB FULL"
            if plan.database
            else "ARCHIVELOG"
            if plan.archivelog
            else "CONTROLFILE"
        )
        kept["jobs"].append({"key": number, "started": time.time(), "ended": None, "status": "RUNNING", "type": what,
                             "device": plan.device, "bytes": 0})  # fmt: skip
    return number


def _logs(session: Session, plan: Plan) -> None:
    session.say(f"\nStarting backup at {session.date()}\ncurrent log archived\n")
    channel = session.channel(plan.device)
    with catalogue.change(session.station) as kept:
        kept["sequence"] += 1
        sequence = int(kept["sequence"])
    listed = f"input archived log thread=1 sequence={sequence} RECID={sequence} STAMP={catalogue.stamp(time.time())}\n"
    _one(session, plan, channel, "archivelog", "archived log", listed, LOG_MB, logs=[sequence])
    session.say(f"Finished backup at {session.date()}\n")


def _datafiles(session: Session, plan: Plan, channel: str) -> None:
    own = plan.sid or session.name
    named = {number: path.replace(session.name, own) for number, _, path, _ in session.files}
    numbers = list(named) if plan.files is None else plan.files
    if unknown := [number for number in numbers if number not in named]:
        raise RmanError(
            f"RMAN-20201: datafile not found in the recovery catalog\nRMAN-06010: error while looking up datafile: {unknown[0]}"
        )
    listed = "".join(f"input datafile file number={number:05} name={named[number]}\n" for number in numbers)
    kind = "full" if plan.level is None else "incremental"
    heading = "full datafile" if plan.level is None else f"incremental level {plan.level} datafile"
    _one(session, plan, channel, kind, heading, listed, _database_mb(session, plan), numbers)


def _database_mb(session: Session, plan: Plan) -> float:
    """MiB of a set of the whole database: what the plan says, else as much as the last full one."""
    if plan.mb is not None:
        return plan.mb
    earlier = [each for each in session.known() if retention.is_full(each) and each.bytes]
    return max(earlier, key=lambda each: each.completed).bytes / MIB if earlier else DATABASE_MB


def _one(
    session: Session, plan: Plan, channel: str, kind: str, heading: str, listed: str, mb: float,
    numbers: list[int] | None = None, logs: list[int] | None = None,
) -> None:  # fmt: skip
    """One set with its log."""
    inputs = "archived log(s)" if kind == "archivelog" else "datafile(s)"
    session.say(f"channel {channel}: starting {heading} backup set\nchannel {channel}: specifying {inputs} in backup set\n"
                f"{listed}channel {channel}: starting piece 1 at {session.date()}\n")  # fmt: skip
    of_database = kind in ("full", "incremental")
    began = time.time()
    if of_database:
        wait(session, plan)
    backup = _planned(session, plan, kind, int(mb * MIB), numbers or [], logs or [], began)
    if of_database and plan.stops:
        raise _failed(channel, backup, "ORA-27072: File I/O error", "Additional information: 4")
    _write(session, plan, channel, backup)
    session.say(f"channel {channel}: finished piece 1 at {session.date()}\n"
                f"piece handle={backup.piece} tag={backup.tag} comment={COMMENTS[backup.device == 'DISK']}\n"
                f"channel {channel}: backup set complete, elapsed time: {elapsed(max(1, time.time() - began))}\n")  # fmt: skip


def _planned(
    session: Session, plan: Plan, kind: str, bytes_: int, numbers: list[int], logs: list[int], began: float
) -> BackupSet:
    with catalogue.change(session.station) as kept:
        key = len(plan.made) + kept["next"] + 1 if session.call.pretend or plan.sid else catalogue.next_key(kept)
        kept["scn"] += 500
        scn = int(kept["scn"])
        completed = time.time() - plan.ago
        tag = plan.tag or catalogue.tag_of(began - plan.ago)
        sid = plan.sid or session.name
        name = catalogue.piece_name(session.station.spec.windows, kept, kind, plan.device, tag, completed, key, sid)
    emptied = plan.after == pieces.EMPTY and kind in ("full", "incremental")
    return BackupSet(
        key=key, piece_key=key, kind=kind, level=plan.level if kind == "incremental" else None, files=numbers,
        controlfile=kind == "controlfile", bytes=0 if emptied else bytes_, started=began - plan.ago, completed=completed,
        status="AVAILABLE", device=plan.device, tag=tag, piece=name, scn=scn, logs=logs,
    )  # fmt: skip


def _write(session: Session, plan: Plan, channel: str, backup: BackupSet) -> None:
    """The piece on its device and the set in the catalogue. Raises RmanError when there is no room or no tape."""
    station, spoilt = session.station, backup.files or backup.kind in ("full", "incremental")
    if session.call.pretend:
        return
    _room(session, channel, backup)
    if backup.device != "DISK":
        tape.write(station, session, channel, backup)
    try:
        pieces.write(station, backup, call=session.call)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        lines = ["ORA-27072: File I/O error", *_no_space(session.call.windows)]
        raise _failed(channel, backup, *lines) from error
    if spoilt and plan.after not in (pieces.GOOD, pieces.EMPTY):
        pieces.spoil(station, backup, plan.after)
    if spoilt:
        backup.status = plan.status
    if not plan.sid:
        with catalogue.change(station) as kept:
            kept["sets"].append(asdict(backup))
    plan.made.append(backup)


def _room(session: Session, channel: str, backup: BackupSet) -> None:
    with catalogue.change(session.station) as kept:
        area, known = kept["area"], catalogue.sets(kept)
        if not retention.in_area([backup], area):
            return
        for each in retention.reclaimable(known, area, kept["redundancy"]):
            if retention.used(known, area) + backup.bytes <= area["limit"]:
                break
            pieces.remove(session.station, each)
            known = [other for other in known if other.key != each.key]
        kept["sets"] = [asdict(each) for each in known]
        if retention.used(known, area) + backup.bytes > area["limit"]:
            raise RmanError(
                f"RMAN-03009: failure of backup command on {channel} channel at {moment(time.time())}",
                "ORA-19809: limit exceeded for recovery files",
                f"ORA-19804: cannot reclaim {backup.bytes} bytes disk space from {area['limit']} limit",
            )  # fmt: skip


def _failed(channel: str, backup: BackupSet, *reasons: str) -> RmanError:
    return RmanError(
        f"RMAN-03009: failure of backup command on {channel} channel at {moment(time.time())}",
        f'ORA-19502: write error on file "{backup.piece}", block number 1153 (block size={pieces.BLOCK})', *reasons,
    )  # fmt: skip


def _no_space(windows: bool) -> list[str]:
    if windows:
        return [
            "OSD-04008: WriteFile() failure, unable to write to file",
            "O/S-Error: (OS 112) There is not enough space on the disk.",
        ]
    return ["SVR4 Error: 28: No space left on device", "Additional information: 4"]


def wait(session: Session, plan: Plan) -> None:
    """As long as the plan says; one that hangs waits for ``run/release-backup`` as well. Raises Killed."""
    release = session.station.folder.run / "release-backup"
    until = time.monotonic() + plan.seconds
    while (left := until - time.monotonic()) > 0 and not (plan.waits and release.exists()):
        if signal := session.call.signalled(min(left, 0.1)):
            raise Killed(signal)
        time.sleep(min(left, 0.02))
