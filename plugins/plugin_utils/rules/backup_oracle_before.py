# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in the way of an Oracle backup, and what is said of one that was made before (S32, S33)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..findings import Finding, Remediation, Verdict
from .backup import Backup, Where, moment
from .backup_oracle import BackupSet

STATES = ("OPEN", "MOUNTED")
SENTENCES = {
    "cold": "runbackup makes a cold backup of {database} on {station}: the database is stopped while it runs.",
    "unknown": "Whether runbackup makes a hot or a cold backup of {database} on {station} is not known: it may stop the database.",
}
RISK = "stops_database"


def instance(where: Where, status: str | None, log_mode: str | None, mode: str) -> list[Finding]:
    """The instance must be there, and a hot backup needs ARCHIVELOG (RMAN refuses it with ORA-19602)."""
    evidence = {"status": status, "log_mode": log_mode, "mode": mode}
    if status not in STATES:
        return [
            where.finding(
                "instance",
                Verdict.BLOCKER if status else Verdict.UNKNOWN,
                f"The instance of {where.database} on {where.station}: expected OPEN or MOUNTED, seen {status or 'no answer'}.",
                evidence=evidence,
                remediation=Remediation(
                    "guided", "See why it is not open; have it opened, then run this section again."
                ),
            )
        ]
    if mode == "hot" and status == "OPEN" and log_mode == "NOARCHIVELOG":
        return [
            where.finding(
                "mode",
                Verdict.BLOCKER,
                f"{where.database} on {where.station} runs in NOARCHIVELOG: an open database cannot be backed up hot.",
                evidence=evidence,
                remediation=Remediation(
                    "guided", "See what runbackup does at this site, and set impax_runbackup_mode."
                ),
            )
        ]
    return []


def consent_sentence(where: Where, mode: str) -> str:
    """Why a person has to agree; "" for a hot backup."""
    return SENTENCES.get(mode, "").format(database=where.database, station=where.station)


def not_open(where: Where, before: str, now: str | None, down: Sequence[str]) -> list[Finding]:
    """After the backup the instance must be as it was."""
    if now == before:
        return []
    return [
        where.finding(
            "not_open",
            Verdict.BLOCKER,
            f"The instance of {where.database} on {where.station} was {before} before the backup and is not afterwards: seen"
            f" {now or ', '.join(down) or 'no answer'}.",
            evidence={"before": before, "now": now, "codes": list(down)},
            remediation=Remediation(
                "guided", "Have the database opened now: nobody can work. Then run this section again."
            ),
        )
    ]


def media(where: Where, label: str | None, attestations: Iterable[Mapping[str, Any]], after: str) -> list[Finding]:
    """A backup to tape: which tape is in the drive was read by a person, since the last backup. after: UTC ISO or ""."""
    since = moment(after) if after else None
    for entry in attestations:
        at = moment(str(entry.get("at", "")))
        if label and label in str(entry.get("note", "")) and at and (since is None or at > since):
            return [
                where.finding(
                    "media",
                    Verdict.OK,
                    f"{entry.get('by')} read the label {label} of the tape in {where.station}.",
                    evidence={"label": label, "by": entry.get("by")},
                )
            ]
    what = f"read that its label is {label}" if label else "set media_label to what its label says"
    return [
        where.finding(
            "media",
            Verdict.ATTENTION,
            f"{where.database} on {where.station} is backed up to tape, and nobody has attested which tape is in the drive.",
            evidence={"label": label},
            remediation=Remediation(
                "guided",
                f"Insert the tape, {what}, then: impax-prepare attest DIR {where.section} --station {where.station} --by NAME"
                f" --note 'tape {label or 'LABEL'}'",
            ),
        )
    ]


def tape_in(where: Where, loaded: bool | None, device: str) -> list[Finding]:
    """Before the backup a tape must be in the drive. loaded None: nobody can ask (Windows), or the drive did not say."""
    if loaded is not False:
        return []
    return [
        where.finding(
            "no_tape",
            Verdict.BLOCKER,
            f"The drive {device} of {where.station}: expected a tape in it, seen none, or the drive is offline.",
            evidence={"device": device},
            remediation=Remediation(
                "guided", "Insert the tape, wait until the drive is ready, then run this section again."
            ),
        )
    ]


def tape_out(where: Where, label: str | None, rewound: bool | None, device: str) -> Finding:
    """After the backup the tape is rewound and taken out. rewound None: nobody can ask."""
    take = f"take the tape {label or ''} out and write down where it is kept"
    if rewound is False:
        return where.finding(
            "media_out",
            Verdict.ATTENTION,
            f"The backup of {where.database} on {where.station} is done, but the tape in {device} is not rewound.",
            evidence={"label": label, "device": device},
            remediation=Remediation(
                "guided", f"Wait for the drive, or rewind it (mt -f {device} rewind); then {take}."
            ),
        )
    seen = "is rewound" if rewound else "could not be asked whether it is rewound"
    return where.finding(
        "media_out",
        Verdict.OK,
        f"The backup of {where.database} on {where.station} is on the tape, which {seen}: when it is, {take}.",
        evidence={"label": label, "device": device},
    )


def pieces_stay(where: Where) -> Finding:
    return where.finding(
        "copy",
        Verdict.OK,
        f"The pieces of the backup of {where.database} stay where RMAN has written them on {where.station}; taking them off the"
        f" station is left to the site's own backup.",
    )


def carried(where: Where, copies: Sequence[str]) -> Finding:
    return where.finding(
        "copy",
        Verdict.OK,
        f"{len(copies)} pieces of the backup of {where.database} on {where.station} are copied to the controller and have the"
        " same sizes and SHA-1s. They hold patient data.",
        evidence={"copies": list(copies)},
    )


def not_carried(where: Where, path: str, why: str) -> Finding:
    return where.finding(
        "copy",
        Verdict.ATTENTION,
        f"{path} of the backup of {where.database} was not carried off {where.station}: {why}.",
        evidence={"file": path, "why": why},
        remediation=Remediation(
            "command",
            "Run this section again; or say impax_backup_carry_off: false where the site takes its backups off the station itself.",
        ),
    )


def gone(where: Where, backup: Backup, sets: Sequence[BackupSet]) -> Finding | None:
    """Whether every set of a journalled backup is still listed and its pieces are as long as they were."""
    lost = sorted(set(backup.where) - {str(one.key) for one in sets})
    sizes = {piece.path: piece.on_disk for one in sets for piece in one.pieces if not piece.is_on_tape}
    noted = backup.more.get("pieces")
    other = [
        path for path, size in (noted or {}).items() if size is not None and sizes.get(path, 0) not in (size, None)
    ]
    if not lost and not other:
        return None
    told = (
        f"sets {', '.join(lost)} are not listed any more"
        if lost
        else f"pieces have another size or are not listed any more: {', '.join(other)}"
    )
    return where.finding(
        "gone",
        Verdict.BLOCKER,
        f"The verified backup of {backup.database} on {where.station} is no longer whole: {told}.",
        evidence={"lost": lost, "changed": other},
        remediation=Remediation("automatic", "Run this section: it makes a new backup."),
    )
