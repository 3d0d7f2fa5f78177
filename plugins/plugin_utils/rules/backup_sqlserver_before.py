# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in the way of a backup on SQL Server, and what became of a proved one: still there, carried off (S30, S31)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ..findings import Finding, Remediation, Verdict
from .backup import Where, same_name
from .backup_sqlserver import AGAIN, blocker, unknown

# Before


def applies(where: Where, year: int | None, version: int | None, wanted: Collection[int]) -> Finding | None:
    """S30 is for 2000, S31 for 2005 and, though the text has none, 2008. None: this section is the one."""
    if year is None:
        seen = f"version {version}" if version else "no answer"
        return unknown(where, "version", f"{where.station} was asked for SQL Server's version: expected 2000, 2005 or 2008, seen"
                        f" {seen}. The vendor text is silent about any other.", "See which SQL Server it is, and ask support.")  # fmt: skip
    if wanted and year not in wanted:
        told = " or ".join(str(one) for one in sorted(wanted))
        return where.finding(
            "version",
            Verdict.NOT_APPLICABLE,
            f"{where.station} runs SQL Server {year}; this section is for {told}.",
            evidence={"year": year, "for": sorted(wanted)},
        )
    return None


def database_state(where: Where, databases: Mapping[str, str] | None, wanted: str) -> Finding | None:
    """None: the database is there and ONLINE."""
    if databases is None:
        return unknown(where, "database", f"SQL Server on {where.station} did not say which databases it has.",
                        "See why master..sysdatabases is not answered; then run this section again.")  # fmt: skip
    name = next((one for one in databases if same_name(one, wanted)), None)
    if name is None:
        return blocker(where, "database", f"SQL Server on {where.station} has no database {wanted}; it has"
                        f" {', '.join(databases)}.", "Set impax_database to the name that the server knows.",
                        {"databases": sorted(databases)})  # fmt: skip
    if databases[name].upper() != "ONLINE":
        state = databases[name] or "unknown"
        return blocker(where, "database", f"{name} on {where.station} is {state}, expected ONLINE: it cannot be backed up.",
                        "Find out why it is not online before anything else.", {"state": state})  # fmt: skip
    return None


def no_clock(where: Where, why: str) -> Finding:
    return unknown(
        where,
        "clock",
        f"SQL Server on {where.station} did not tell its time: whether a backup is new cannot be judged ({why or 'no answer'}).",
        "See why the server does not answer; then run this section again.",
    )


def unread(where: Where, used_kb: int | None, files: int | None, why: str) -> Finding | None:
    """Without these a backup could be made and never be proved."""
    if used_kb is not None and files is not None:
        return None
    lacks = "how much it uses" if used_kb is None else "how many files it has"
    return unknown(
        where,
        "unread",
        f"{where.database} on {where.station} did not say {lacks} ({why or 'an answer that was not understood'}). No backup was"
        " started: it could not be proved.",
        "See that the log-on may read that database; then run this section again.",
    )


def folder(where: Where, path: str | None) -> Finding | None:
    """The destination is the site's choice; SQL Server writes with its own account, and wants an absolute path."""
    if path and (path[1:3] == ":\\" or path.startswith("\\\\")) and not any(sign in path for sign in "*?<>|\"'\n"):
        return None
    return blocker(where, "folder", f"Where {where.database} on {where.station} is to be backed up to is not set: expected a"
                    f" folder of the station like D:\\backup, seen {path or 'nothing'}.",
                    "Set impax_backup_folder for this station; the folder has to be there.", {"folder": path})  # fmt: skip


def room(
    where: Where,
    path: str,
    free_kb: int | None,
    used_kb: int | None,
    margin_percent: int,
    expected_mb: int | None = None,
) -> Finding:
    """All that is used and a margin have to fit: BACKUP is not asked to compress."""
    size_kb = expected_mb * 1024 if expected_mb else used_kb
    evidence = {"folder": path, "free_kb": free_kb, "used_kb": used_kb, "margin_percent": margin_percent}
    if free_kb is None or size_kb is None:
        lacks = "the room on its disk" if free_kb is None else f"the space that {where.database} uses"
        return unknown(where, "room", f"Whether a backup of {where.database} fits into {path} on {where.station} is not known:"
                        f" {lacks} was not told. No backup was started.",
                        "See that the folder is on a disk of the station and that the database answers.", evidence)  # fmt: skip
    needed = size_kb * (100 + margin_percent) // 100
    if free_kb < needed:
        return blocker(where, "room", f"{path} on {where.station} has {free_kb // 1024} MB free, a backup of {where.database}"
                        f" needs {needed // 1024} MB ({size_kb // 1024} MB used, {margin_percent} % more). Nothing was started.",
                        "Make room there, or set impax_backup_folder to a larger disk.", evidence)  # fmt: skip
    return where.finding(
        "room",
        Verdict.OK,
        f"{path} on {where.station} has {free_kb // 1024} MB free for the {needed // 1024} MB that a backup of"
        f" {where.database} may take.",
        evidence=evidence,
    )


def file_taken(where: Where, path: str, there: bool | None) -> Finding:
    if there is None:
        return unknown(where, "file", f"{where.station} did not say whether {path} is there already. No backup was started.",
                        "See why files there cannot be looked at; then run this section again.")  # fmt: skip
    return blocker(where, "file", f"{path} is there already on {where.station}; no backup is written into a file that exists.",
                    "Run this section again: the next name is another one.")  # fmt: skip


# What is there still, what is carried off


def still_there(where: Where, path: str, there: bool | None, on_disk: int | None, noted: int) -> Finding | None:
    """The file of a proved backup, by its size."""
    if there is False:
        return blocker(
            where, "missing", f"{path} is no longer on the disk of {where.station}.", AGAIN.format(file=path)
        )
    if there is None or on_disk is None:
        return unknown(where, "size", f"{where.station} did not say how large {path} is.",
                        "See why files there cannot be looked at; then run this section again.")  # fmt: skip
    if on_disk != noted:
        return blocker(where, "changed", f"{path} on {where.station} has {on_disk} bytes, it was proved with {noted}.",
                        AGAIN.format(file=path))  # fmt: skip
    return None


def still_running(where: Where, job: str, seen: str) -> Finding:
    return unknown(where, "running", f"The backup of {where.database} on {where.station} runs as the detached job {job}; its end was"
                    f" not seen: {seen}.", "Run this section again: it finds the job and goes on from there.", {"job": job})  # fmt: skip


def carried(where: Where, path: str, copy: str) -> Finding:
    return where.finding(
        "copy",
        Verdict.OK,
        f"{path} of {where.station} is copied to {copy} on the controller and has the same size and SHA-1. It holds patient data.",
        evidence={"file": path, "copy": copy},
    )


def not_carried(where: Where, path: str, why: str) -> Finding:
    return where.finding(
        "copy",
        Verdict.ATTENTION,
        f"The backup {path} is proved and lies on {where.station} only: it could not be carried off: {why}.",
        evidence={"file": path},
        remediation=Remediation("guided", f"Copy {path} off {where.station} by hand, or mend what is named."),
    )


def stays(where: Where, path: str) -> Finding:
    return where.finding(
        "copy",
        Verdict.ATTENTION,
        f"The backup {path} lies on {where.station} only, beside the database that it is to save.",
        evidence={"file": path},
        remediation=Remediation("guided", f"Copy {path} off {where.station}, or set impax_backup_carry_off: true."),
    )


def own(where: Where, path: str, found: Sequence[Finding]) -> Finding:
    """The site's own backup that cannot be relied on. That it was moved away is the site's way; that it is bad is news."""
    gone = any(one.key.endswith(".missing") for one in found)
    told = " ".join(one.summary for one in found)
    return where.finding(
        "own",
        Verdict.OK if gone else Verdict.ATTENTION,
        f"The site's own backup of {where.database} in {path} does not count, a new one is made: {told}",
        evidence={"file": path, "keys": [one.key for one in found]},
        remediation=None if gone else Remediation("guided", "Tell who looks after the site's own backups."),
    )
