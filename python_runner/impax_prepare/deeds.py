# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person writes into the journal: approvals, waivers, attestations. Each is looked at before it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.impax.upgrade.plugins.plugin_utils.journal import Journal
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.approvals import awaits, moment
from ansible_collections.impax.upgrade.plugins.plugin_utils.sections import BY_ID

from .folder import Usage

SHORTEST = 12  # characters of a hash that may stand for the whole
SPAN = re.compile(r"(\d+)([dh])")
DEFAULT_SPAN = "7d"


def until(written: str | None, now: datetime) -> str:
    """``2026-12-01``, ``2026-12-01T18:00:00Z``, ``7d`` or ``12h`` from now, as a moment in UTC. Raises Usage."""
    text = written or DEFAULT_SPAN
    if span := SPAN.fullmatch(text):
        hours = int(span[1]) * (24 if span[2] == "d" else 1)
        end: datetime | None = now + timedelta(hours=hours)
    else:
        end = moment(text)
    if end is None:
        raise Usage(f"--until {text} is no moment: write 2026-12-01T18:00:00Z, 2026-12-01, 7d or 12h")
    if end <= now:
        raise Usage(f"--until {text} is over already")
    return end.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def findings(report: Mapping[str, Any], key: str, station: str) -> list[Mapping[str, Any]]:
    """The report's findings of that key at that station. Raises Usage, naming what there is, when there is none."""
    known = [(row["station"], finding) for row, finding in _all(report)]
    found = [finding for where, finding in known if (where, finding["key"]) == (station, key)]
    if not found:
        there = sorted({finding["key"] for where, finding in known if where == station})
        what = (
            f"it has {', '.join(there)}" if there else f"stations are {', '.join(sorted({name for name, _ in known}))}"
        )
        raise Usage(f"{station} has no finding {key}: {what}")
    return found


def _all(report: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for section in report["sections"]:
        for row in section["stations"]:
            for finding in row["findings"]:
                yield row, finding


def evidence(found: Sequence[Mapping[str, Any]], written: str, key: str, station: str) -> str:
    """The whole hash that `written` (whole, or its first 12 characters and more) means. Raises Usage."""
    hashes = {finding["evidence_hash"] for finding in found}
    matching = [
        known for known in hashes if known == written or (len(written) >= SHORTEST and known.startswith(written))
    ]
    if len(matching) == 1:
        return matching[0]
    raise Usage(
        f"the evidence of {key} on {station} is not {written} but {', '.join(sorted(hashes))}: it may have changed since"
        " you looked. Read the report again, and approve what it shows now"
    )


def approve(
    journal: Journal,
    report: Mapping[str, Any],
    key: str,
    station: str,
    hash_: str,
    by: str,
    end: str,
    allow: Sequence[str],
) -> dict[str, Any]:
    found = findings(report, key, station)
    if not any(awaits(finding) for finding in found):
        raise Usage(f"{key} on {station} is {found[0]['verdict']}: nothing of it awaits an approval")
    whole = evidence(found, hash_, key, station)
    return journal.append(
        "approval", finding=key, station=station, evidence=whole, by=_named(by), until=end, allow=list(allow)
    )


def waive(
    journal: Journal, report: Mapping[str, Any], key: str, station: str, reason: str, by: str, end: str
) -> dict[str, Any]:
    findings(report, key, station)
    if not reason.strip():
        raise Usage("a waiver needs a reason")
    return journal.append("waiver", finding=key, station=station, reason=reason.strip(), by=_named(by), until=end)


def attest(
    journal: Journal, report: Mapping[str, Any], section: str, station: str, by: str, note: str
) -> dict[str, Any]:
    if section not in BY_ID:
        raise Usage(f"{section} is no section: S01 to S36")
    if station != "site" and station not in report["stations"]:
        raise Usage(f"{station} is no station: {', '.join(report['stations'])}, or site")
    if not note.strip():
        raise Usage("an attestation needs a note of what was seen")
    return journal.append("attestation", section=section, station=station, by=_named(by), note=note.strip())


def _named(by: str) -> str:
    if not by.strip():
        raise Usage("--by needs a name")
    return by.strip()
