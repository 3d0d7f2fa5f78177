# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in the way of saving an Application Server's configuration (S28): medium, program, room, old folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..findings import Finding, Remediation, Verdict
from .configuration_backup import AGAIN, Backup, Past, Where, age_h, same, some

MEDIUM = f"Insert the Business Services medium, or set impax_appserver_medium to where it is. {AGAIN}"


def folder(where: Where) -> Finding | None:
    """None: where the program writes to is a path that can be looked at."""
    path = where.folder
    if path[1:3] == ":\\" and not any(sign in path[2:] for sign in ':*?<>|"%\n'):
        return None
    return where.finding(
        "path",
        Verdict.UNKNOWN,
        f"impax_configuration_folder of {where.station} is {path!r}: expected a folder with its drive, like"
        " C:\\Impax\\ConfigurationsBackups. Nothing was begun.",
        evidence={"folder": path},
        remediation=Remediation("command", f"Correct it. {AGAIN}"),
    )


def medium(where: Where, path: str | None, names: Sequence[str] | None, wanted: str) -> Finding | None:
    """names: of what lies on the medium. None: the folder of the program is there."""
    if not path:
        return _no_medium(where, f"Where the Business Services medium of {where.station} lies is not set.", {})
    facts = {"medium": path, "there": None if names is None else list(names)[:20]}
    if names is None:
        return _not_told(where, "medium", path, facts)
    if not names:
        return _no_medium(
            where, f"{path} on {where.station} is not there or empty: expected the Business Services medium.", facts
        )
    if not any(same(name, wanted) for name in names):
        return _no_medium(
            where,
            f"{path} on {where.station} has no folder {wanted}: expected the Business Services medium, seen {some(names)}.",
            facts,
        )
    return None


def program(where: Where, folder: str, names: Sequence[str] | None, file: str | None, wanted: str) -> Finding | None:
    """names: of what lies in the program's folder. None: the program is there."""
    if file:
        return None
    facts = {"folder": folder, "there": None if names is None else list(names)[:20]}
    if names is None:
        return _not_told(where, "program", folder, facts)
    seen = f"seen {some(names)}" if names else "it is empty"
    return where.finding(
        "program",
        Verdict.BLOCKER,
        f"{folder} on {where.station} has no program {wanted}: {seen}. Is it the medium of another version?",
        evidence=facts,
        remediation=Remediation("guided", MEDIUM),
    )


def _no_medium(where: Where, text: str, facts: Mapping[str, Any]) -> Finding:
    return where.finding(
        "medium",
        Verdict.BLOCKER,
        f"{text} Nothing was begun.",
        evidence=facts,
        remediation=Remediation("guided", MEDIUM),
    )


def _not_told(where: Where, what: str, path: str, facts: Mapping[str, Any]) -> Finding:
    return where.finding(
        what,
        Verdict.UNKNOWN,
        f"{where.station} did not say what is in {path}. Nothing was begun.",
        evidence=facts,
        remediation=Remediation("command", f"See why it cannot be looked at. {AGAIN}"),
    )


def room(where: Where, free_kb: int | None, room_mb: int, last: Backup | None) -> Finding:
    """The last backup must fit once more, and room_mb (MiB) at least must be free."""
    wanted_kb = max(room_mb * 1024, 2 * last.bytes // 1024 if last else 0)
    facts = {"free_kb": free_kb, "wanted_kb": wanted_kb}
    drive = where.folder[:2]
    if free_kb is None:
        text = (
            f"How much room {drive} of {where.station} has was not told: {wanted_kb} kB are wanted. Nothing was begun."
        )
        return where.finding(
            "room",
            Verdict.UNKNOWN,
            text,
            evidence=facts,
            remediation=Remediation("command", f"See why the drive does not say it. {AGAIN}"),
        )
    text = f"{drive} of {where.station} has {free_kb} kB free, {wanted_kb} kB are wanted"
    if free_kb < wanted_kb:
        return where.finding(
            "room",
            Verdict.BLOCKER,
            f"{text}. Nothing was begun.",
            evidence=facts,
            remediation=Remediation("guided", f"Make room on {drive}. {AGAIN}"),
        )
    return where.finding("room", Verdict.OK, f"{text}.", evidence=facts)


def folders_untold(where: Where) -> Finding:
    return where.finding(
        "folders",
        Verdict.UNKNOWN,
        f"{where.station} did not say which folders are in {where.folder}: a new one could not be told from an old one."
        " Nothing was begun.",
        remediation=Remediation("command", f"See why it cannot be looked at. {AGAIN}"),
    )


def would_save(where: Where, file: str, reason: str) -> Finding:
    return where.finding(
        "folder",
        Verdict.ATTENTION,
        f"The configuration of {where.station} would be saved by {file} to a new folder in {where.folder} ({reason}).",
        evidence={"program": file},
        would=True,
    )


def reason(known: Past, now: datetime, max_age_h: float) -> str:
    """Why a new one is due."""
    age = age_h(known.last, now)
    if known.last is None:
        return "the journal knows none that stands"
    return (
        f"the last one is {age:.1f} h old, at most {max_age_h:g} h are let pass"
        if age is not None
        else (f"the last one is of {known.last.at}, which lies in the future")
    )
