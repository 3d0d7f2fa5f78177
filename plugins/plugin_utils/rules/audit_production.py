# SPDX-License-Identifier: GPL-3.0-or-later
"""May the copy be loaded into a scratch database on the production instance itself (S36).

Only where no other instance is named, somebody has approved it, and it takes neither room nor reads from a disk that the
instance's own databases live on. Twice the table's room: once for its rows, once for the log of loading them.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..findings import Finding, Remediation, Verdict
from . import approvals
from .audit import Measured, Where

RISK = "production_instance"
LEAST_KB = 50 * 1024
WHAT = "verify_on_production"


def cap_kb(seen: Measured) -> int:
    """kB that either file of the scratch database may grow to."""
    return max(LEAST_KB, seen.size_kb or 0)


def fit(
    where: Where, seen: Measured, folder: str, drives: Mapping[str, tuple[str, ...]] | None, free_kb: int | None
) -> Finding:
    """drives: drive -> databases with a file there; free_kb: kB free on the folder's disk; None: not told."""
    needed, drive = 2 * cap_kb(seen), folder[:2].upper()
    evidence = {
        "folder": folder,
        "needed_kb": needed,
        "free_kb": free_kb,
        "databases": list((drives or {}).get(drive, ())),
    }
    if drives is None or free_kb is None or seen.size_kb is None:
        lacking = "which disks hold its databases" if drives is None else "the room that is needed and free"
        return where.finding(
            WHAT, Verdict.UNKNOWN,
            f"The SQL Server on {where.station} did not say {lacking}: the copy of {where.table} is not loaded there. Nothing was"
            " exported.",
            evidence=evidence,
            remediation=Remediation("command", "See why it does not answer; then run this section again."),
        )  # fmt: skip
    if evidence["databases"]:
        return where.finding(
            WHAT, Verdict.BLOCKER,
            f"{folder} on {where.station} lies on a disk with files of {', '.join(drives[drive])}: the copy of {where.table} is not"
            " loaded there. Nothing was exported.",
            evidence=evidence,
            remediation=Remediation(
                "command", "Set impax_verify_instance.folder to a disk without database files, or name another station."
            ),
        )  # fmt: skip
    if free_kb < needed:
        return where.finding(
            WHAT, Verdict.BLOCKER,
            f"{folder} on {where.station} has {free_kb} kB free, {needed} kB are needed to load the copy of {where.table} there"
            " (twice its room). Nothing was exported.",
            evidence=evidence,
            remediation=Remediation("command", "Free room there, or set impax_verify_instance.folder to another disk."),
        )  # fmt: skip
    return where.finding(
        WHAT, Verdict.OK,
        f"{folder} on {where.station} holds no database and has {free_kb} kB free, {needed} kB are needed.",
        evidence=evidence,
    )  # fmt: skip


def bound_to(where: Where, server: str, folder: str, database: str) -> dict[str, str]:
    """What an approval of it is bound to: the place, not how much the table holds today."""
    return {"station": where.station, "server": server, "database": database, "table": where.table, "folder": folder}


def approval_awaited(where: Where, evidence: Mapping[str, str], reason: str, site_folder: str = "DIR") -> Finding:
    finding = where.finding(
        "verify_instance", Verdict.ATTENTION,
        f"The copy of {where.table} on {where.station} would be loaded into a scratch database in {evidence['folder']} on the"
        f" production instance itself. That awaits an approval: {reason}. Nothing was exported.",
        evidence=dict(evidence),
    )  # fmt: skip
    return approvals.awaited(finding, [RISK], site_folder)
