# SPDX-License-Identifier: GPL-3.0-or-later
"""Is the content of an Oracle dump the table's: judged on a copy that imp loaded into a scratch schema (S34, S35)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..findings import Finding, Remediation, Verdict
from .audit import Where

WHAT = "content"
BEGUN = "audit_scratch_begun"  # evidence: a copy is about to be loaded into a scratch schema, which held nothing
GONE = "audit_scratch_gone"  # evidence: that copy was dropped, and that was seen


def no_password(where: Where, schema: str) -> Finding:
    return where.finding(
        WHAT, Verdict.UNKNOWN,
        f"The scratch schema {schema} on {where.station} is named for the dump of {where.table}, and no password of it. Nothing was"
        " exported.",
        remediation=Remediation("command", "Give its password in impax_verify_oracle, from a vault."),
    )  # fmt: skip


def is_ours(entries: Iterable[Mapping[str, Any]], station: str, schema: str, table: str) -> bool:
    """Whether a table of that name in that schema is a copy that an earlier run began to load and did not drop.
    entries: the journal's evidence, oldest first."""
    ours = False
    for entry in entries:
        facts = entry.get("facts") or {}
        of = (facts.get("station"), str(facts.get("schema")).upper(), str(facts.get("table")).upper())
        if entry.get("what") in (BEGUN, GONE) and of == (station, schema.upper(), table.upper()):
            ours = entry["what"] == BEGUN
    return ours


def schema_fits(
    where: Where, schema: str, owner: str, tables: Sequence[str] | None, ours: bool = False
) -> Finding | None:
    """None: the schema is another one than the table's, and holds nothing. tables: its tables, None: not told. ours: a table
    of that name is what a killed run of this site left, and may be dropped."""
    others = sorted(set(tables or ()) - ({where.table.upper()} if ours else set()))
    if schema.upper() == owner.upper():
        seen = "owns the table itself"
    elif tables is None:
        return where.finding(
            WHAT, Verdict.UNKNOWN,
            f"The scratch schema {schema} on {where.station} did not say what it holds: the dump of {where.table} is not loaded"
            " there. Nothing was exported.",
            remediation=Remediation("command", f"See why {schema} cannot log on; then run this section again."),
        )  # fmt: skip
    elif others:
        seen = f"holds {len(others)} tables that are not this site's copy ({', '.join(others[:3])})"
    else:
        return None
    return where.finding(
        WHAT, Verdict.BLOCKER,
        f"The schema {schema} on {where.station} {seen}: expected an empty scratch schema for the dump of {where.table}. Nothing"
        " was exported.",
        evidence={"schema": schema, "tables": others},
        remediation=Remediation("command", "Name an empty schema of its own in impax_verify_oracle, or leave it out."),
    )  # fmt: skip


def not_loaded(where: Where, schema: str, path: str, codes: Sequence[str]) -> Finding:
    """The dump may be good all the same: a quota, a right, a tablespace may be what lacks."""
    return where.finding(
        WHAT, Verdict.UNKNOWN,
        f"imp on {where.station} did not say that it loaded {path} into the schema {schema} ({', '.join(codes) or 'no code'}). The"
        " table is untouched.",
        evidence={"schema": schema, "file": path, "codes": list(codes)},
        remediation=Remediation(
            "command", f"Give {schema} the quota and the right that the codes name (a DBA's dump wants IMP_FULL_DATABASE);"
            " then run this section again.",
        ),
    )  # fmt: skip


def content_agrees(
    where: Where, schema: str, path: str, exported: int, source: Sequence[str] | None, copy: Sequence[str] | None
) -> Finding | None:
    """source, copy: the figures of the table and of its copy, rows first; None: not told. Returns None where they are equal."""
    evidence = {"file": path, "exported": exported, "table": source and list(source), "copy": copy and list(copy)}
    if source is None or copy is None:
        side = "table" if source is None else f"copy in {schema}"
        return where.finding(
            WHAT, Verdict.UNKNOWN,
            f"The {side} did not tell its content on {where.station}: expected rows and their hashes of {where.table}. The table is"
            " untouched.",
            evidence=evidence,
            remediation=Remediation("command", "Mend what the database says (undo, rights); then run this section again."),
        )  # fmt: skip
    if tuple(source) == tuple(copy) and copy[0] == str(exported):
        return None
    return where.finding(
        WHAT, Verdict.BLOCKER,
        f"The copy of {where.table} of {where.station} in {path} is not the table: {source[0]} rows there, {copy[0]} loaded,"
        f" {exported} exported; the rows' hashes or lengths {'are equal' if source[1:] == copy[1:] else 'differ'}. The table is"
        " untouched.",
        evidence=evidence,
        remediation=Remediation("command", "Run this section again for a new export; keep this file for a look at it."),
    )  # fmt: skip


def how(by_length: Sequence[str], uncompared: Sequence[str]) -> str:
    """What the comparison that found no difference rests on."""
    rest = [f"{', '.join(by_length)}: lengths only"] if by_length else []
    rest += [f"{', '.join(uncompared)}: not"] if uncompared else []
    return "content compared: hashes of all rows equal" + (f" ({'; '.join(rest)})" if rest else "")


def scratch_left(where: Where, schema: str, seen: str) -> Finding:
    """Rows of the production table lie there: that has to be told."""
    return where.finding(
        WHAT, Verdict.UNKNOWN,
        f"The table {where.table} in the scratch schema {schema} on {where.station} could not be dropped ({seen}); it may hold rows.",
        evidence={"schema": schema, "seen": seen},
        remediation=Remediation("command", f"Drop it in {schema}, or run this section again: it is dropped first."),
    )  # fmt: skip
