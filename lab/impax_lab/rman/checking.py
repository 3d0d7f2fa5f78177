# SPDX-License-Identifier: GPL-3.0-or-later
"""VALIDATE BACKUPSET and RESTORE ... VALIDATE: the pieces are read through.

A restore takes an older copy when the newest cannot be read ("failover to previous backup"); a data file without any makes it
fail with RMAN-06026 and RMAN-06023. Error codes: Oracle Database Error Messages 11g; which of them come for a piece that was
cut or damaged is assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from impax_lab.rman import forms, pieces, retention, words
from impax_lab.rman.catalogue import BackupSet
from impax_lab.rman.forms import RmanError
from impax_lab.rman.session import SYSTEM_ERROR, Session

Fits = Callable[[BackupSet], bool]


def problem(session: Session, backup: BackupSet) -> list[str]:
    """The lines of the error with which the piece is read; none when it can be read."""
    if session.call.behaviour == "validate_says_ok":
        return []
    state = pieces.state(session.station, backup)
    if state == pieces.GOOD:
        return []
    first = f"ORA-19870: error while restoring backup piece {backup.piece}"
    if backup.device != "DISK":
        return [first, f'ORA-19507: failed to retrieve sequential file, handle="{backup.piece}", parms=""',
                "ORA-27029: skgfrtrv: sbtrestore returned error",
                "ORA-19511: Error received from media manager layer, error text:",
                "   the piece cannot be read from the tape"]  # fmt: skip
    return [first, *_on_disk(session, backup, state)]


def _on_disk(session: Session, backup: BackupSet, state: str) -> list[str]:
    unread = f'ORA-19505: failed to identify file "{backup.piece}"'
    block = max(1, backup.bytes // pieces.BLOCK // 2)
    return {
        pieces.MISSING: [unread, "ORA-27037: unable to obtain file status", SYSTEM_ERROR[session.call.windows],
                         "Additional information: 3"],
        pieces.EMPTY: [unread, "ORA-27047: unable to read the header block of file", "Additional information: 1"],
        pieces.TRUNCATED: [f'ORA-19501: read error on file "{backup.piece}", block number {block} (block size={pieces.BLOCK})',
                           "ORA-27063: number of bytes read/written is incorrect", "Additional information: -1"],
        pieces.CORRUPT: [f"ORA-19599: block number 1 is corrupt in backup piece {backup.piece}"],
    }[state]  # fmt: skip


def read_through(session: Session, backup: BackupSet, channel: str) -> list[str]:
    """Read one set and say so; the result is as of `problem`."""
    content = "archived log" if backup.kind == "archivelog" else "datafile"
    session.say(f"channel {channel}: starting validation of {content} backup set\n"
                f"channel {channel}: reading from backup piece {backup.piece}\n")  # fmt: skip
    failed = problem(session, backup)
    if failed:
        session.say(f"channel {channel}: " + "\n".join(failed) + "\n")
        return failed
    session.say(f"channel {channel}: piece handle={backup.piece} tag={backup.tag}\n"
                f"channel {channel}: restored backup piece 1\n"
                f"channel {channel}: validation complete, elapsed time: 00:00:01\n")  # fmt: skip
    return []


def validate(session: Session, told: words.Words) -> None:
    """VALIDATE BACKUPSET n: every set is read; the first that cannot be read is the error."""
    told.one_of("backupset")
    keys = told.numbers()
    while told.take("check", "logical"):
        continue
    told.end()
    session.control_file()
    session.say(f"Starting validate at {session.date()}\n")
    bad: list[tuple[str, list[str]]] = []
    for each in words.selected(session.known(), words.Chosen(keys=keys)):
        channel = session.channel(each.device)
        if failed := read_through(session, each, channel):
            bad.append((channel, failed))
    if bad:
        channel, failed = bad[0]
        at = forms.moment(session.clock())
        raise RmanError(f"RMAN-03009: failure of validate command on {channel} channel at {at}", *failed)
    session.say(f"Finished validate at {session.date()}\n")


def restore(session: Session, told: words.Words) -> None:
    """RESTORE DATABASE | CONTROLFILE | SPFILE | ARCHIVELOG ALL VALIDATE; one that restores is not carried out."""
    first = told.take("validate")
    what = told.one_of("database", "controlfile", "spfile", "archivelog all", "datafile")
    numbers = told.numbers() if what == "datafile" else [number for number, *_ in session.files]
    said = told.take("validate")
    while told.take("check", "logical"):
        continue
    told.end()
    if not (first or said):
        session.call.note("rman: restore without validate is not simulated")
        raise RmanError("RMAN-05000: impax-lab does not restore")
    session.control_file()
    session.say(f"Starting restore at {session.date()}\n")
    session.channel("DISK")
    session.say("\n")
    if what in ("database", "datafile"):
        _datafiles(session, numbers)
    elif what == "archivelog all":
        _everything(session, [each for each in session.known() if each.kind == "archivelog"])
    else:
        _newest(session, lambda each: each.controlfile, "RMAN-06172: no AUTOBACKUP found or specified handle is not a valid "
                "copy or piece")  # fmt: skip
    session.say(f"Finished restore at {session.date()}\n")


def _datafiles(session: Session, numbers: Sequence[int]) -> None:
    found = [
        _first_good(session, lambda each, n=number: retention.is_full(each) and n in each.files) for number in numbers
    ]  # type: ignore[misc]
    if missing := [number for number, good in zip(numbers, found, strict=True) if good is None]:
        raise RmanError("RMAN-06026: some targets not found - aborting restore",
                        *(f"RMAN-06023: no backup or copy of datafile {number} found to restore" for number in missing))  # fmt: skip


def _newest(session: Session, fits: Fits, otherwise: str) -> None:
    if _first_good(session, fits) is None:
        raise RmanError("RMAN-06026: some targets not found - aborting restore", otherwise)


def _everything(session: Session, found: Sequence[BackupSet]) -> None:
    for each in found:
        if failed := read_through(session, each, session.channel(each.device)):
            raise RmanError(*failed)


def _first_good(session: Session, fits: Fits) -> BackupSet | None:
    """The newest available set that fits and can be read; each is read once in a session's command."""
    candidates = sorted((each for each in session.known() if each.status == "AVAILABLE" and fits(each)),
                        key=lambda each: -each.completed)  # fmt: skip
    for each in candidates:
        if each.key not in session.read:
            session.read[each.key] = read_through(session, each, session.channel_name(each.device))
            if session.read[each.key]:
                session.say("failover to previous backup\n\n")
        if not session.read[each.key]:
            return each
    return None
