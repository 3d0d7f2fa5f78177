# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one JSON value, built from the journal alone (docs/schemas/report.json). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ..findings import Verdict, worst
from ..rules import approvals as approving
from ..rules import gate, waivers
from ..sections import SECTIONS, Section
from .rows import Found, Site, rows
from .steps import Step, latest, steps
from .timeline import timeline

SCHEMA = 1


def build(
    entries: Iterable[Mapping[str, Any]],
    *,
    now: datetime,
    stages: Sequence[str],
    folder: str = "DIR",
    finished: str | None = None,
) -> dict[str, Any]:
    """The report of a journal.

    now: what has expired by then does not count. folder: put into the commands that are to be typed. finished: end of
    the run that is about to be journalled.
    """
    known = list(entries)
    run = _last(known, "run_started")
    site = Site(_site(known), run.get("stations", {}), run.get("absent", {}))
    context = _Context(known, run, now, folder)
    newest = latest(steps(known))
    sections = [_section(section, rows(section, site, newest), context) for section in SECTIONS]
    judged = gate.judge(_judged(sections), len(site.stations), len(SECTIONS))
    return {
        "schema": SCHEMA,
        "site": site.name,
        "run": run.get("run"),
        "started": run.get("at"),
        "finished": finished or _ended(known, run.get("run")),
        "check": bool(run.get("check")),
        "generated": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "verdict": judged.verdict,
        "reasons": list(judged.reasons),
        "counts": _counts(sections),
        "stations": {name: list(types) for name, types in site.stations.items()},
        "absent": dict(site.absent),
        "stages": list(stages),
        "journal": {"entries": len(known), "head": known[-1]["hash"] if known else ""},
        "timeline": timeline(known),
        "sections": sections,
    }


class _Context:
    """What is attached to findings: waivers, and approvals of the journal and of the inventory."""

    def __init__(
        self, entries: Sequence[Mapping[str, Any]], run: Mapping[str, Any], now: datetime, folder: str
    ) -> None:
        self.waivers = [entry for entry in entries if entry["kind"] == "waiver"]
        self.approvals = [*run.get("approvals", []), *(entry for entry in entries if entry["kind"] == "approval")]
        self.now, self.folder = now, folder


def _last(entries: Sequence[Mapping[str, Any]], kind: str) -> Mapping[str, Any]:
    return next((entry for entry in reversed(entries) if entry["kind"] == kind), {})


def _site(entries: Sequence[Mapping[str, Any]]) -> str:
    return str(entries[0].get("site", "")) if entries else ""


def _ended(entries: Sequence[Mapping[str, Any]], run: str | None) -> str | None:
    ended = _last(entries, "run_ended")
    return ended["at"] if run and ended.get("run") == run else None


def _section(section: Section, found: Sequence[Found], context: _Context) -> dict[str, Any]:
    return {
        "id": section.id,
        "title": section.title,
        "stage": section.stage,
        "implemented": section.action is not None,
        "stations": [_row(row, context) for row in found],
    }


def _row(found: Found, context: _Context) -> dict[str, Any]:
    findings = [_finding(finding, found.station, context) for finding in found.findings]
    verdicts = [Verdict.WAIVED if "waiver" in finding else Verdict(finding["verdict"]) for finding in findings]
    verdict = worst(verdicts)
    row = {
        "station": found.station,
        "verdict": verdict.value,
        "summary": findings[verdicts.index(verdict)]["summary"],
        "findings": findings,
    }
    if found.step:
        row["step"] = _shown(found.step)
    if found.foretold:
        foretold = [_finding(finding, found.station, context) for finding in found.foretold.findings]
        row["foretold"] = {**_shown(found.foretold), "findings": foretold}
    return row


def _shown(step: Step) -> dict[str, Any]:
    return {"run": step.run, "begun": step.begun, "ended": step.ended}


def _finding(stored: Mapping[str, Any], station: str, context: _Context) -> dict[str, Any]:
    finding = {
        name: stored.get(name) for name in ("key", "verdict", "summary", "evidence", "evidence_hash", "remediation")
    }
    if stored.get("would"):
        finding["would"] = True
    if finding["remediation"]:
        finding["remediation"] = _typed(finding["remediation"], context.folder)
    waiver = None
    if stored["verdict"] == Verdict.WAIVED.value or not Verdict(stored["verdict"]).is_go:
        waiver = waivers.covering(context.waivers, station=station, finding=stored["key"], now=context.now)
    if waiver:
        finding["waiver"] = {name: waiver[name] for name in ("reason", "by", "until")}
    approval = _approval(stored, station, context)
    return {**finding, "approval": approval} if approval else finding


def _typed(remediation: Mapping[str, str], folder: str) -> dict[str, str]:
    """The command with the site's folder in it, so that it can be typed as it stands."""
    text = remediation["text"]
    if text.startswith("impax-prepare "):
        text = text.replace(" DIR ", f" {folder} ", 1)
    return {"how": remediation["how"], "text": text}


def _approval(stored: Mapping[str, Any], station: str, context: _Context) -> dict[str, Any] | None:
    """The newest approval of this very evidence, and whether it has expired."""
    wanted = (stored["key"], station, stored["evidence_hash"])
    for approval in reversed(context.approvals):
        if tuple(approval.get(name) for name in ("finding", "station", "evidence")) == wanted:
            until = approving.moment(approval.get("until"))
            return {
                "by": approval.get("by"),
                "until": approval.get("until"),
                "allow": list(approval.get("allow") or []),
                "expired": until is None or until <= context.now,
            }
    return None


def _judged(sections: Sequence[Mapping[str, Any]]) -> list[gate.Row]:
    return [
        gate.Row(section["id"], row["station"], Verdict(row["verdict"]))
        for section in sections
        for row in section["stations"]
    ]


def _counts(sections: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Rows by verdict; every verdict is named."""
    verdicts = [row.verdict for row in _judged(sections)]
    return {verdict.value: verdicts.count(verdict) for verdict in Verdict}
