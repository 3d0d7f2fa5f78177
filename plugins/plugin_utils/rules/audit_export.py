# SPDX-License-Identifier: GPL-3.0-or-later
"""When is an audit table's copy proved, and what is said when it is not (S34, S35, S36)."""

from __future__ import annotations

from typing import Any

from ..findings import Finding, Remediation, Verdict
from .audit import Exported, Measured, Where


def rows_agree(
    where: Where, exported: int | None, counted: int | None, later: int | None, program: str
) -> Finding | None:
    """None when the export holds what was counted in the same view; else why not.

    later: None when exported and counted are one view (an SCN, a key range); else a count taken after the export, and
    the export may lie anywhere between the two.
    """
    if exported is None or counted is None:
        return where.finding(
            "export",
            Verdict.UNKNOWN,
            f"{program} on {where.station} did not say how many rows of {where.table} it exported"
            if exported is None
            else f"the rows of {where.table} on {where.station} could not be counted for comparison",
            evidence={"exported": exported, "counted": counted},
            remediation=Remediation("command", "Read the program's log in the journal, then run this section again."),
        )
    if counted <= exported <= (counted if later is None else later):
        return None
    return where.finding(
        "export",
        Verdict.BLOCKER,
        f"{program} on {where.station} exported {exported} rows of {where.table}, expected {counted}"
        + ("" if later is None else f" to {later}")
        + ". The table is untouched.",
        evidence={"exported": exported, "counted": counted, "later": later},
        remediation=Remediation(
            "command", "Look for the reason in the program's log; run this section again for a new export."
        ),
    )


def copy_is_whole(where: Where, export: Exported, size: int | None, sha1: str | None) -> Finding | None:
    """None while the export's file is what was verified; else a blocker or, when it could not be read, unknown."""
    if (size, sha1) == (export.bytes, export.sha1):
        return None
    unread = size is None or sha1 is None
    return where.finding(
        "copy",
        Verdict.UNKNOWN if unread else Verdict.BLOCKER,
        f"{export.file} on {where.station} "
        + ("could not be read again" if unread else f"has changed: {size} bytes, SHA-1 {sha1}")
        + f"; expected {export.bytes} bytes, SHA-1 {export.sha1}.",
        evidence={**export.evidence(), "bytes_now": size, "sha1_now": sha1},
        remediation=Remediation("command", "Find out who touched the file; the journal names the verified copy."),
    )


def file_exists(where: Where, path: str) -> Finding:
    return where.finding(
        "export",
        Verdict.BLOCKER,
        f"{path} on {where.station} exists already: an export never overwrites a file. Nothing was exported.",
        evidence={"file": path},
        remediation=Remediation("command", "Name another file, or leave the name out."),
    )


def file_unread(where: Where, path: str, size: int | None) -> Finding:
    return where.finding(
        "copy",
        Verdict.UNKNOWN,
        f"{path} on {where.station} was exported, but its size ({size}) and SHA-1 could not both be read. The table is untouched.",
        evidence={"file": path, "bytes": size},
        remediation=Remediation("command", "Look at the file and its disk, then run this section again."),
    )


def export_failed(
    where: Where,
    path: str,
    exit_code: int | None,
    success: bool | None,
    removed: bool,
    rows: int | None,
    codes: tuple[str, ...],
    job: str,
) -> Finding:
    """success None: the program's words could not be read, which is no proof either way. job: the detached job's state."""
    heard = "did not say in a way that can be read that it was done" if success is None else "was not done"
    return where.finding(
        "export",
        Verdict.UNKNOWN if success is None else Verdict.BLOCKER,
        f"The export of {where.table} on {where.station} {heard}: expected the table's rows and a closing, seen"
        f" {'no number of rows' if rows is None else f'{rows} rows'}, {', '.join(codes) or 'no code'}, exit code {exit_code} (job {job})."
        f" Its file {path} {'was removed' if removed else 'was left'}; the table is untouched.",
        evidence={"file": path, "exit_code": exit_code, "rows": rows, "codes": list(codes), "job": job},
        remediation=Remediation(
            "command", "Mend what the codes say (disk, account, table), then run this section again."
        ),
    )


def dump_not_whole(where: Where, path: str, whole: bool | None, codes: tuple[str, ...]) -> Finding:
    said = "says that it is broken" if whole is False else "did not say that it is whole"
    return where.finding(
        "verify",
        Verdict.BLOCKER if whole is False else Verdict.UNKNOWN,
        f"imp show=y on {where.station} read {path} and {said} ({', '.join(codes) or 'no code'}). The table is untouched.",
        evidence={"file": path, "codes": list(codes)},
        remediation=Remediation("command", "Run this section again for a new export; keep this file for a look at it."),
    )


def no_verify_instance(where: Where) -> Finding:
    return where.finding(
        "verify_instance",
        Verdict.ATTENTION,
        f"The copy of {where.table} on {where.station} cannot be proved: no instance is named to load it into. Nothing was exported.",
        remediation=Remediation(
            "command",
            "Name another SQL Server in impax_verify_instance (station, server, folder); or, with approval and twice the"
            " table's room on a disk without production files, the production instance itself.",
        ),
    )


def copy_not_carried(where: Where, why: str) -> Finding:
    return where.finding(
        "copy",
        Verdict.UNKNOWN,
        f"The export of {where.table} on {where.station} could not be carried to where it is proved: {why}. The table is untouched.",
        evidence={"why": why},
        remediation=Remediation("command", "Make room or mend the way, then run this section again."),
    )


def copy_not_loaded(
    where: Where, verifier: str, exported: int, loaded: int | None, errors: tuple[tuple[str, int], ...]
) -> Finding:
    codes = ", ".join(f"{state}/{native}" for state, native in errors) or "no code"
    return where.finding(
        "verify",
        Verdict.UNKNOWN if loaded is None and not errors else Verdict.BLOCKER,
        f"bcp on {verifier} loaded {'an unknown number of' if loaded is None else loaded} rows of the copy of"
        f" {where.table} of {where.station},"
        f" expected {exported} ({codes}). The table is untouched.",
        evidence={"exported": exported, "loaded": loaded, "codes": codes},
        remediation=Remediation("command", "Run this section again for a new export; keep this file for a look at it."),
    )


def copy_differs(where: Where, path: str, differing: list[str], source: Any, copy: Any, exported: int) -> Finding:
    """source, copy: the figures of both sides (counts and checksums, no content)."""
    unread = any(part is None for side in (source, copy) for part in (side.rows, side.whole, side.columns, side.hashes))
    return where.finding(
        "verify",
        Verdict.UNKNOWN if unread else Verdict.BLOCKER,
        f"The copy of {where.table} of {where.station} in {path} "
        + ("could not be compared with the table" if unread else "is not the table")
        + f": {', '.join(differing)} differ ({source.rows} rows there, {copy.rows} loaded, {exported} exported). The table is untouched.",
        evidence={"file": path, "table": _figures(source), "copy": _figures(copy)},
        remediation=Remediation(
            "command",
            "Characters that the code page lacks are lost by bcp -c; rows that changed meanwhile differ too. Run it again in a"
            " quiet hour; if it stays, export in Unicode.",
        ),
    )


def _figures(side: Any) -> dict[str, Any]:
    parts = {name: getattr(side, name) for name in ("whole", "columns", "hashes")}
    return {"rows": side.rows, **{name: part and list(part) for name, part in parts.items()}}


def scratch_left(where: Where, verifier: str, databases: list[str]) -> Finding:
    """Rows of the production table lie there: that has to be told."""
    return where.finding(
        "verify",
        Verdict.UNKNOWN,
        f"The scratch database {', '.join(databases)} on {verifier}, which holds rows of {where.table} of {where.station}, could"
        " not be removed.",
        evidence={"databases": databases},
        remediation=Remediation("command", f"Drop it on {verifier}, or run this section again: it is dropped first."),
    )


def not_prepared(where: Where, verifier: str, what: str, seen: str) -> Finding:
    return where.finding(
        "verify",
        Verdict.UNKNOWN,
        f"{what} could not be made on {verifier}: {seen}. The table on {where.station} is untouched.",
        evidence={"seen": seen},
        remediation=Remediation(
            "command", f"See that the account may create databases on {verifier} and that its disk has room."
        ),
    )


def saved(where: Where, export: Exported, changed: bool) -> Finding:
    return where.finding(
        "export",
        Verdict.CHANGED if changed else Verdict.OK,
        f"{export.rows} rows of {where.table} on {where.station} are saved in {export.file} ({export.bytes} bytes) and proved:"
        f" {export.how}.",
        evidence=export.evidence(),
    )


def would_export(where: Where, seen: Measured) -> Finding:
    return where.finding(
        "export",
        Verdict.ATTENTION,
        f"{seen.rows} rows of {where.table} on {where.station} would be exported and the file proved.",
        evidence=seen.shown(),
        would=True,
    )


def letters_lost(where: Where, path: str, seen: str | None, expected: str) -> Finding:
    return where.finding(
        "export",
        Verdict.BLOCKER,
        f"exp on {where.station} wrote {path} in the character set {seen or '(not said)'}, expected the database's own,"
        f" {expected}: letters may have been replaced. The table is untouched.",
        evidence={"file": path, "charset": seen, "database_charset": expected},
        remediation=Remediation("command", "See what sets NLS_LANG for that account, then run this section again."),
    )
