# SPDX-License-Identifier: GPL-3.0-or-later
"""Are the rows of a database as the migration needs them (S23). Nothing is ever mended here: the vendor's support is.

The vendor text: more than 0 in any of the twelve counts, then contact support.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from ..findings import Finding, Remediation, Verdict

SUPPORT = (
    "Contact the vendor's support; never mend it by hand. What a support bundle would hold: {content}. With"
    " impax_support_bundle: true it is written to the state folder."
)
CONTENT = (
    "site, station, database and its version, IMPAX' version, the twelve counts, hashes of at most 1000 primary keys a count that only"
    " this site can compare, when it was read; no row, no name, no key as it is"
)


def judge(
    section: str, station: str, database: str, counts: Mapping[str, int], unread: Mapping[str, str]
) -> list[Finding]:
    """One finding a question. counts: by its name; unread: name -> why it was not answered."""
    if not database:
        unread = {**dict.fromkeys(counts, "the database did not say which it is"), **unread}
        counts = {}
    return [
        *(_counted(section, station, database, name, count) for name, count in counts.items()),
        *(_unread(section, station, name, why) for name, why in unread.items()),
    ]


def _counted(section: str, station: str, database: str, name: str, count: int) -> Finding:
    what = _what(name)
    evidence = {"database": database, "count": count}
    if count == 0:
        return Finding(
            f"integrity.{name}", section, station, Verdict.OK, f"No {what} in {database} on {station}.", evidence
        )
    return Finding(
        f"integrity.{name}",
        section,
        station,
        Verdict.BLOCKER,
        f"{count} {what} in {database} on {station}; expected none. Nothing was changed.",
        evidence,
        Remediation("vendor", SUPPORT.format(content=CONTENT)),
    )


def _unread(section: str, station: str, name: str, why: str) -> Finding:
    return Finding(
        f"integrity.{name}",
        section,
        station,
        Verdict.UNKNOWN,
        f"{_what(name).capitalize()} on {station} could not be counted: {why}.",
        {"why": why},
        Remediation("command", "Mend what is named, then run this section again."),
    )


def put_off(section: str, station: str, names: list[str], why: str) -> list[Finding]:
    """The questions that take long wait for their window."""
    remedy = Remediation("command", "Run this section again in the window, or set impax_heavy_window to another one.")
    return [
        Finding(
            f"integrity.{name}",
            section,
            station,
            Verdict.UNKNOWN,
            f"{_what(name).capitalize()} on {station} were not counted: {why}.",
            {"why": why},
            remedy,
        )
        for name in names
    ]


def _what(name: str) -> str:
    """``dosr_study.study_uid.null`` in words."""
    table, column, kind = name.split(".")
    return f"rows of {table} {'whose ' + column + ' is not unique' if kind == 'duplicate' else 'without ' + column}"


def hashed(keys: Mapping[str, Sequence[str]], secret: bytes) -> dict[str, list[str]]:
    """Each key as HMAC-SHA-256 (hex, its first 32 digits) under the site's own secret, sorted: the order tells nothing."""
    return {
        name: sorted(hmac.new(secret, f"{name}:{key}".encode(), "sha256").hexdigest()[:32] for key in found)
        for name, found in keys.items()
    }


def bundle(
    site: str,
    station: str,
    database: str,
    counts: Mapping[str, int],
    unread: Mapping[str, str],
    keys: Mapping[str, Sequence[str]],
    impax: str,
    at: str,
) -> dict[str, Any]:
    """What the vendor's support may be given: numbers about the database. keys: `hashed`. impax: its version. at: UTC."""
    return {
        "site": site,
        "station": station,
        "database": database,
        "impax": impax,
        "read": at,
        "counts": dict(counts),
        "not_counted": dict(unread),
        "keys": {name: list(found) for name, found in keys.items()},
    }


def bundle_written(section: str, station: str, path: str) -> Finding:
    return Finding(
        "integrity.support_bundle",
        section,
        station,
        Verdict.OK,
        f"A support bundle of {station} was written to {path}: {CONTENT}.",
        {"path": path},
    )
