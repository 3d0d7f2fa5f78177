# SPDX-License-Identifier: GPL-3.0-or-later
"""The small parts that the report's page is made of. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .markup import Html, tag, text

WORDS = {
    "ok": "✓ ok",
    "changed": "✓ changed",
    "waived": "◇ waived",
    "attention": "! attention",
    "unknown": "? unknown",
    "blocker": "✕ blocker",
    "not_applicable": "– not applicable",
}


def pill(verdict: str) -> Html:
    return tag("span", WORDS[verdict], class_=f"pill {verdict}")


def size(kilobytes: float) -> str:
    """Kilobytes of 1024 as a person reads them: ``3.9 GB``."""
    for unit in ("kB", "MB", "GB"):
        if kilobytes < 1024:
            return f"{kilobytes:.0f} {unit}" if unit == "kB" or kilobytes >= 100 else f"{kilobytes:.1f} {unit}"
        kilobytes /= 1024
    return f"{kilobytes:.1f} TB"


def moment(iso: str | None) -> str:
    """``2026-11-24T08:00:00Z`` as ``2026-11-24 08:00 UTC``."""
    return iso.replace("T", " ")[:16] + " UTC" if iso else "—"


def item(section: Mapping[str, Any], row: Mapping[str, Any], finding: Mapping[str, Any], closed: bool = True) -> Html:
    """One finding: where, what, what to do next, and what it rests on."""
    verdict = "waived" if "waiver" in finding else finding["verdict"]
    where = section["title"] if row["station"] == "site" else f"{section['title']} · {row['station']}"
    return tag(
        "div",
        tag("div", pill(verdict), tag("strong", section["id"]), tag("span", where, class_="where"), class_="head"),
        tag("p", finding["summary"]),
        _accepted(finding),
        _next(finding),
        _evidence(finding) if closed else None,
        class_=f"item {verdict}",
    )


def _accepted(finding: Mapping[str, Any]) -> list[Html]:
    said = []
    if waiver := finding.get("waiver"):
        said.append(f"Waived by {waiver['by']} until {waiver['until']}: {waiver['reason']}")
    if approval := finding.get("approval"):
        allow = f", accepting {', '.join(approval['allow'])}" if approval["allow"] else ""
        how = "Approval expired" if approval["expired"] else "Approved"
        said.append(f"{how}: {approval['by']}, until {approval['until']}{allow}")
    return [tag("p", sentence, class_="next") for sentence in said]


def _next(finding: Mapping[str, Any]) -> Html | None:
    remedy = finding.get("remediation")
    if not remedy or "waiver" in finding:
        return None
    if remedy["text"].startswith("impax-prepare "):
        return text(tag("p", "Type this:", class_="next"), tag("code", remedy["text"], class_="type"))
    who = {"vendor": "Ask the vendor: ", "automatic": "Done by the next run: "}.get(remedy["how"], "Next: ")
    return tag("p", tag("strong", who), remedy["text"], class_="next")


def _evidence(finding: Mapping[str, Any]) -> Html | None:
    facts = finding.get("evidence") or {}
    if not facts:
        return None
    rows = [
        tag("tr", tag("th", name, scope="row"), tag("td", tag("code", _value(value)))) for name, value in facts.items()
    ]
    rows.append(tag("tr", tag("th", "evidence hash", scope="row"), tag("td", tag("code", finding["evidence_hash"]))))
    return tag(
        "details", tag("summary", f"Evidence of {finding['key']}"), tag("table", tag("tbody", rows), class_="evidence")
    )


def _value(value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_value(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_value(inner) for inner in value) or "none"
    return str(value)
