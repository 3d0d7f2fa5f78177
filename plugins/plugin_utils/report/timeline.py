# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened, when, and who did it: the weeks of a preparation at a glance. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

LONGEST = 500  # events; older ones stay in the journal


def timeline(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Events, oldest first: {at, what, text, station?, verdict?}."""
    events: list[dict[str, Any]] = []
    for entry in entries:
        if (tell := _TELLERS.get(entry["kind"])) and (event := tell(entry)):
            events.append({"at": entry["at"], **event})
    return events[-LONGEST:]


def _run_started(entry: Mapping[str, Any]) -> dict[str, Any]:
    scope = [f"limited to {entry['limit']}" if entry.get("limit") else "", _tags(entry.get("tags"))]
    how = "Check mode run" if entry.get("check") else "Run"
    extra = "".join(f", {part}" for part in scope if part)
    return {"what": "run", "text": f"{how} {entry['run']} begun by {entry.get('by', 'somebody')}{extra}"}


def _tags(tags: Any) -> str:
    return "" if tags in (None, [], ["all"]) else f"only {', '.join(map(str, tags))}"


def _run_ended(entry: Mapping[str, Any]) -> dict[str, Any]:
    verdict = "go" if entry.get("verdict") == "go" else "no-go"
    return {"what": "run", "text": f"Run {entry['run']} ended: {verdict}"}


def _approval(entry: Mapping[str, Any]) -> dict[str, Any]:
    allow = f", accepting {', '.join(entry['allow'])}" if entry.get("allow") else ""
    text = f"{entry['by']} approved {entry['finding']} until {entry['until']}{allow}"
    return {"what": "approval", "station": entry["station"], "text": text}


def _waiver(entry: Mapping[str, Any]) -> dict[str, Any]:
    text = f"{entry['by']} waived {entry['finding']} until {entry['until']}: {entry['reason']}"
    return {"what": "waiver", "station": entry["station"], "text": text}


def _attestation(entry: Mapping[str, Any]) -> dict[str, Any]:
    text = f"{entry['by']} attested {entry['section']}: {entry['note']}"
    return {"what": "attestation", "station": entry["station"], "text": text}


def _finding(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """Only what changed a station or stands in the way; what was merely looked at would hide it."""
    finding = entry["finding"]
    if finding["verdict"] not in ("changed", "blocker"):
        return None
    return {"what": "step", "station": finding["station"], "verdict": finding["verdict"], "text": finding["summary"]}


def _healed(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"what": "journal", "text": f"An unfinished journal line of {entry['bytes']} bytes was set aside"}


_TELLERS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any] | None]] = {
    "run_started": _run_started,
    "run_ended": _run_ended,
    "approval": _approval,
    "waiver": _waiver,
    "attestation": _attestation,
    "finding": _finding,
    "healed": _healed,
}
