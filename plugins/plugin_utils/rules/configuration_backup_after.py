# SPDX-License-Identifier: GPL-3.0-or-later
"""What backupconfiguration left behind (S28): one new folder, files, none empty; or why that is no backup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..findings import Finding, Remediation, Verdict
from .configuration_backup import AGAIN, SHOWN, Backup, File, Where, some

FULL_KB = 1024  # less than this free after the program: the disk counts as full


@dataclass(frozen=True)
class Ran:
    """How the program ended. errors: known lines of a copy that failed. free_kb: of the disk afterwards."""

    exit_code: int | None
    errors: tuple[str, ...] = ()
    prompted: bool = False
    free_kb: int | None = None


@dataclass(frozen=True)
class Left:
    """What was found afterwards. new, old: names of folders; files: of the one new folder. None: not told."""

    new: tuple[str, ...] | None
    old: tuple[str, ...] = ()
    files: tuple[File, ...] | None = None


def new_of(before: Sequence[str], now: Sequence[str] | None) -> Left:
    """Which folders are new, by names alone: what a name says of a time is the station's clock."""
    known = {name.lower() for name in before}
    new = None if now is None else tuple(name for name in now if name.lower() not in known)
    return Left(new, tuple(before))


def with_files(left: Left, files: tuple[File, ...] | None) -> Left:
    return replace(left, files=files)


def not_begun(where: Where, file: str, why: str) -> Finding:
    return where.finding(
        "begin",
        Verdict.UNKNOWN,
        f"{file} on {where.station} was not begun: {why}. Nothing was changed.",
        evidence={"program": file},
        remediation=Remediation("command", f"Mend what is named. {AGAIN}"),
    )


def no_end(where: Where, file: str, seconds: int, why: str) -> Finding:
    return where.finding(
        "end",
        Verdict.UNKNOWN,
        f"The end of {file} on {where.station} was not seen within its {seconds} s: {why}. It may still run, or wait for a key"
        " or a dialog that nobody sees. What it wrote does not count.",
        evidence={"program": file, "seconds": seconds},
        remediation=Remediation(
            "guided", f"Look at {where.station} whether it still runs or waits, and end it there. {AGAIN}"
        ),
    )


def judge(where: Where, ran: Ran, left: Left, good: Backup | None) -> tuple[Finding | None, tuple[str, ...]]:
    """(what keeps the new folder from being a backup, its doubts). The first is None where it is one."""
    wrong = _ended(where, ran, left) or _new_folder(where, ran, left) or _files(where, ran, left)
    if wrong:
        return wrong, ()
    return None, tuple(_doubts(ran, left.files or (), good))


def _ended(where: Where, ran: Ran, left: Left) -> Finding | None:
    facts = _facts(ran, left)
    if ran.free_kb is not None and ran.free_kb < FULL_KB:
        text = (
            f"{where.folder[:2]} of {where.station} is full: {ran.free_kb} kB are left, so what was written may be half"
        )
        return _bad(where, "room", f"{text}.", f"Make room on {where.folder[:2]}. {AGAIN}", facts)
    if ran.exit_code:
        text = f"The program on {where.station} ended with {ran.exit_code}, expected 0{_said(ran)}"
        return _bad(where, "exit_code", f"{text}.", f"Run it there by hand and see what it says. {AGAIN}", facts)
    return None


def _new_folder(where: Where, ran: Ran, left: Left) -> Finding | None:
    facts = _facts(ran, left)
    if left.new is None:
        return where.finding(
            "new_folder",
            Verdict.UNKNOWN,
            f"The program ran on {where.station}, and which folders are in {where.folder} now was not told.",
            evidence=facts,
            remediation=Remediation("command", f"See why it cannot be looked at. {AGAIN}"),
        )
    if len(left.new) > 1:
        return where.finding(
            "new_folder",
            Verdict.UNKNOWN,
            f"{where.folder} on {where.station} has {len(left.new)} new folders ({some(left.new)}), expected one: which is"
            " the program's is not known.",
            evidence=facts,
            remediation=Remediation("guided", f"See who else writes there. {AGAIN}"),
        )
    if not left.new:
        old = f"only the {len(left.old)} that were there before" if left.old else "none at all"
        text = f"The program on {where.station} ended with {ran.exit_code}, but {where.folder} has no new folder, {old}{_said(ran)}"
        return _bad(where, "new_folder", f"{text}.", f"Run it there by hand and see where it writes to. {AGAIN}", facts)
    return None


def _files(where: Where, ran: Ran, left: Left) -> Finding | None:
    facts = {**_facts(ran, left), "count": None if left.files is None else len(left.files)}
    folder = f"{where.folder}\\{left.new[0]}" if left.new else where.folder
    lacking = [file.path for file in left.files or () if file.sha1 is None]
    if left.files is None or lacking:
        what = f"the SHA-1 of {some(lacking)}" if lacking else "which files it has"
        return where.finding(
            "files",
            Verdict.UNKNOWN,
            f"{folder} on {where.station} is new, but {what} was not told.",
            evidence=facts,
            remediation=Remediation("command", f"See why files there cannot be looked at. {AGAIN}"),
        )
    if not left.files:
        text = f"{folder} on {where.station} is new and has no file in it{_said(ran)}."
        return _bad(where, "files", text, f"Run the program there by hand and see what it says. {AGAIN}", facts)
    if empty := [file.path for file in left.files if file.bytes == 0]:
        text = f"{len(empty)} of {len(left.files)} files in {folder} on {where.station} are empty: {some(empty)}{_said(ran)}."
        return _bad(
            where, "empty", text, f"See what holds these files, and close it. {AGAIN}", {**facts, "empty": empty}
        )
    return None


def _doubts(ran: Ran, files: Sequence[File], good: Backup | None) -> list[str]:
    told = [f"the program printed {error!r}" for error in ran.errors[:SHOWN]]
    if good is None:
        return told
    there = {file.path.lower() for file in files}
    missing = [file.path for file in good.files if file.path.lower() not in there]
    if missing:
        told.append(f"{len(missing)} of the {len(good.files)} files of {good.folder} are not in it ({some(missing)})")
    return told


def _bad(where: Where, what: str, text: str, remedy: str, facts: Mapping[str, Any]) -> Finding:
    return where.finding(what, Verdict.BLOCKER, text, evidence=facts, remediation=Remediation("guided", remedy))


def _facts(ran: Ran, left: Left) -> dict[str, Any]:
    return {
        "exit_code": ran.exit_code,
        "errors": list(ran.errors[:SHOWN]),
        "free_kb": ran.free_kb,
        "new": None if left.new is None else list(left.new),
        "old": list(left.old),
    }


def _said(ran: Ran) -> str:
    return f"; it printed {ran.errors[0]!r}" if ran.errors else ""
