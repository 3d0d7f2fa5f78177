# SPDX-License-Identifier: GPL-3.0-or-later
"""Does an approval allow this very step: every destructive or irreversible step asks for one.

An approval names a finding, a station and the hash of the evidence that was looked at. Nothing stands for several
things: a star is a name like any other, and matches nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from ..findings import Finding, Remediation

NAMES = ("finding", "station", "evidence")
NEEDED = ("finding", "station", "evidence", "by", "until")


@dataclass(frozen=True)
class Ruling:
    """granted: may the step be done. by, until, allow: the approval that grants it. reason: why, or why not."""

    granted: bool
    by: str = ""
    until: str = ""
    allow: tuple[str, ...] = ()
    reason: str = ""


def judge(
    approvals: Iterable[Mapping[str, Any]],
    *,
    site: str,
    station: str,
    finding: str,
    evidence_hash: str,
    covers: Iterable[str] = (),
    risks: Iterable[str] = (),
    now: datetime,
) -> Ruling:
    """Looks for one approval that grants the step; without one, the reason of the approval that came nearest.

    covers: hashes of older evidence that this evidence contains (a later verified export of the same table).
    risks: what the approval has to accept by name in `allow`.
    """
    hashes, needed = {evidence_hash, *covers}, tuple(risks)
    nearest = (0, "nobody has approved it")
    for approval in approvals:
        rank, reason = _against(approval, site, station, finding, hashes, needed, now)
        if not reason:
            return _granted(approval)
        nearest = max(nearest, (rank, reason))
    return Ruling(False, reason=nearest[1])


def _against(
    approval: Mapping[str, Any],
    site: str,
    station: str,
    finding: str,
    hashes: set[str],
    risks: tuple[str, ...],
    now: datetime,
) -> tuple[int, str]:
    """How near this approval comes, and why it does not grant the step; an empty reason: it does."""
    if approval.get("finding") != finding:
        return 0, "nobody has approved it"
    by = approval.get("by")
    if approval.get("site") not in (None, site):
        return 1, f"the approval by {by} is for another site, {approval['site']}"
    if approval.get("station") != station:
        return 2, f"the approval by {by} is for another station, {approval.get('station')}"
    if approval.get("evidence") not in hashes:
        return 3, f"the approval by {by} is for older or other evidence, {str(approval.get('evidence'))[:12]}"
    return _terms(approval, risks, now)


def _terms(approval: Mapping[str, Any], risks: tuple[str, ...], now: datetime) -> tuple[int, str]:
    by = approval.get("by")
    if not isinstance(by, str) or not by.strip():
        return 4, "the approval names nobody who gave it (by)"
    until = moment(approval.get("until"))
    if until is None:
        return 5, f"the approval by {by} has no readable end (until: {approval.get('until')!r})"
    if until <= now:
        return 6, f"the approval by {by} expired at {approval['until']}"
    allowed = approval.get("allow") or ()
    missing = [risk for risk in risks if isinstance(allowed, str) or risk not in allowed]
    if missing:
        return 7, f"the approval by {by} does not accept the risk {' and '.join(missing)} (allow)"
    return 8, ""


def _granted(approval: Mapping[str, Any]) -> Ruling:
    allow = tuple(str(risk) for risk in approval.get("allow") or ())
    by, until = str(approval["by"]), str(approval["until"])
    return Ruling(True, by, until, allow, f"approved by {by} until {until}")


APPROVE = "impax-prepare approve"


def awaits(finding: Mapping[str, Any]) -> bool:
    """Whether a journalled finding is one that an approval would go on with; a blocker may be one, too."""
    remedy = finding.get("remediation") or {}
    return finding.get("verdict") == "attention" or str(remedy.get("text", "")).startswith(APPROVE)


def awaited(finding: Finding, risks: Iterable[str] = (), site_folder: str = "DIR") -> Finding:
    """The finding with what to type so that its step may be done. risks: what the approval has to accept by name."""
    allow = "".join(f" --allow {risk}" for risk in risks)
    text = (
        f"{APPROVE} {site_folder} {finding.key} --station {finding.station} --evidence {finding.evidence_hash}"
        f" --by NAME{allow}"
    )
    return replace(finding, remediation=Remediation("command", text))


def moment(value: Any) -> datetime | None:
    """The moment that `value` names, in UTC where it names no zone; a bare date ends with its day. None: unreadable."""
    if not isinstance(value, str):
        return None
    text = value.strip().replace("Z", "+00:00")
    try:
        read = datetime.fromisoformat(f"{text}T23:59:59" if len(text) == 10 else text)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=timezone.utc)


def problems(approval: Any) -> list[str]:
    """What is wrong with the form of an approval as someone wrote it; nothing when it can be judged."""
    if not isinstance(approval, Mapping):
        return ["it is no mapping of finding, station, evidence, by, until and allow"]
    found = [
        f"{name} is missing" for name in NEEDED if not isinstance(approval.get(name), str) or not approval[name].strip()
    ]
    if approval.get("until") and moment(approval["until"]) is None:
        found.append(f"until is no moment: {approval['until']!r} (write 2026-12-01T18:00:00Z)")
    found += [
        f"{name} is {approval[name]!r}: nothing stands for several things" for name in NAMES if _star(approval, name)
    ]
    if approval.get("evidence") and not _star(approval, "evidence") and not _whole(str(approval["evidence"])):
        found.append(f"evidence is no whole hash of 64 characters: {approval['evidence']}")
    if not isinstance(approval.get("allow", []), list):
        found.append("allow is no list")
    return found


def _star(approval: Mapping[str, Any], name: str) -> bool:
    return "*" in str(approval.get(name) or "")


def _whole(hash_: str) -> bool:
    return len(hash_) == 64 and set(hash_) <= set("0123456789abcdef")
