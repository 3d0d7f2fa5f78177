# SPDX-License-Identifier: GPL-3.0-or-later
"""What the private script runbackup does, on Solaris and on Windows, and the ways in which its backup is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from impax_lab.program import Call
from impax_lab.rman import backing, pieces, tape
from impax_lab.rman.backing import DEFAULT_SECONDS, Plan
from impax_lab.rman.catalogue import BackupSet
from impax_lab.rman.forms import RmanError
from impax_lab.rman.session import Session, is_dba

SPECIAL = {
    "empty_set": "the new set of the database has no data file in it",
    "old": "the set that is put into the catalogue is nine days old: last week's piece was catalogued again",
    "other_database": "ORACLE_SID is that of another instance: TEST is backed up and stands in another catalogue",
    "partial": "the last data file is left out",
    "truncated_piece": "only half of the piece reached the disk; RMAN did not notice",
    "corrupt_piece": "a block of the piece is damaged; RMAN did not notice",
    "incremental_called_full": "the set is incremental of level 1; its tag is FULL",
    "expired": "the pieces were removed at once by a tidy script and the sets crosschecked: EXPIRED",
    "fails_half_way": "RMAN breaks off in the data files (ORA-19502); the script ends with 0",
    "empty_piece": "the log says that the backup was validated; piece and set have a size of 0",
    "piece_missing": "the piece is gone from the disk right after; the catalogue says AVAILABLE",
    "still_running": "the backup does not end: until run/release-backup is there, or runbackup_hang_s is over",
    "no_controlfile": "there is no control file in it",
    "wrong_device": "it goes to tape where disk is configured, and the other way round",
    "not_available": "ORA-01034: the database is down; the script ends with 0",
    "no_tape": "no tape is in the drive, or it is offline",
    "tape_not_rewound": "the tape is not rewound at the end",
}
FAILURE = "RMAN-03009: failure of backup command on ORA_DISK_1 channel at 01/02/2026 03:04:05\nORA-19502: write error\n"
NINE_DAYS = 9 * 86400.0
ACCOUNTS = ("service",)
HANG_SECONDS = 120.0
OTHER = {"DISK": "SBT_TAPE", "SBT_TAPE": "DISK"}


def main(call: Call) -> int:
    """0, whatever RMAN says; 1 for an account that may not run it."""
    if not (is_dba(call) or call.user in ACCOUNTS):
        call.err(f"runbackup: must be run as {'AgfaService' if call.windows else 'oracle or service'}\n")
        return 1
    session = Session(call)
    plan = planned(session)
    session.banner()
    try:
        _connect(session, plan)
        call.out("\n")
        session.control_file()
        with _closed(session):
            backing.run(session, plan)
        _afterwards(session, plan)
    except RmanError as error:
        syntax = error.lines[0].startswith(("RMAN-00554", "RMAN-03009"))
        session.fail(error, "" if syntax else "backup")
    session.say("\n\nRecovery Manager complete.\n")
    return 0


def planned(session: Session) -> Plan:
    """The backup as it is configured, with what the injected fault makes of it."""
    options, what = session.station.spec.options, session.call.behaviour or ""
    device = backing.default_device(session)
    size = options.get("runbackup_mb")
    plan = Plan(archivelog=True, device=device, mb=None if size is None else float(size),
                seconds=float(options.get("runbackup_s", DEFAULT_SECONDS)))  # fmt: skip
    numbers = [number for number, *_ in session.files]
    differs: dict[str, dict[str, object]] = {
        "empty_set": {"files": []},
        "old": {"ago": NINE_DAYS},
        "other_database": {"sid": "TEST"},
        "partial": {"files": numbers[:-1]},
        "truncated_piece": {"after": pieces.TRUNCATED},
        "corrupt_piece": {"after": pieces.CORRUPT},
        "incremental_called_full": {"level": 1, "tag": "FULL"},
        "expired": {"after": pieces.MISSING, "status": "EXPIRED"},
        "fails_half_way": {"stops": True},
        "empty_piece": {"after": pieces.EMPTY, "verified": True},
        "piece_missing": {"after": pieces.MISSING},
        "still_running": {"waits": True, "seconds": float(options.get("runbackup_hang_s", HANG_SECONDS))},
        "no_controlfile": {"controlfile": False},
        "wrong_device": {"device": OTHER[device]},
        "no_tape": {"device": "SBT_TAPE"},
        "tape_not_rewound": {"device": "SBT_TAPE"},
    }
    for name, value in differs.get(what, {}).items():
        setattr(plan, name, value)
    return plan


def _connect(session: Session, plan: Plan) -> None:
    if not plan.sid:
        return session.connect("sys/" + session.password("SYS") if session.call.user in ACCOUNTS else "/")
    session.connected = True
    return session.say(f"connected to target database: {plan.sid} (DBID={session.dbid ^ 0x2A2A2A})\n")


@contextmanager
def _closed(session: Session) -> Iterator[None]:
    """A cold backup: the instance is down for others meanwhile, and open again whatever happens."""
    if session.station.spec.options.get("runbackup_mode", "hot") != "cold" or session.call.pretend:
        yield
        return
    session.say("\ndatabase closed\ndatabase dismounted\nOracle instance shut down\n\n"
                "connected to target database (not started)\nOracle instance started\ndatabase mounted\n")  # fmt: skip
    instance = session.station.oracle
    instance.down = True
    try:
        yield
    finally:
        instance.down = False
        session.say("\ndatabase opened\n")


def _afterwards(session: Session, plan: Plan) -> None:
    if plan.verified and plan.made:
        _said_verified(session, next(each for each in plan.made if each.kind == "full"))
    if plan.device != "DISK" and session.call.behaviour != "tape_not_rewound" and not session.call.pretend:
        tape.change(session.station, file=0)
    if plan.device != "DISK":
        session.say("\nRewinding tape\n")


def _said_verified(session: Session, backup: BackupSet) -> None:
    session.say(f"\nStarting validate at {session.date()}\n")
    channel = session.channel(backup.device)
    session.say(f"channel {channel}: starting validation of datafile backup set\n"
                f"channel {channel}: reading from backup piece {backup.piece}\n"
                f"channel {channel}: piece handle={backup.piece} tag={backup.tag}\n"
                f"channel {channel}: restored backup piece 1\n"
                f"channel {channel}: validation complete, elapsed time: 00:00:01\n"
                f"Finished validate at {session.date()}\n")  # fmt: skip
