# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a waiver cover a finding: a person accepts it, with a reason, a name and an end. Nothing stands for several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from .approvals import moment

NEEDED = ("finding", "station", "reason", "by", "until")


def covering(
    waivers: Iterable[Mapping[str, Any]], *, station: str, finding: str, now: datetime
) -> Mapping[str, Any] | None:
    """The newest waiver of this very finding at this very station that has not expired; None: there is none."""
    found = None
    for waiver in waivers:
        if (waiver.get("finding"), waiver.get("station")) == (finding, station) and _stands(waiver, now):
            found = waiver
    return found


def _stands(waiver: Mapping[str, Any], now: datetime) -> bool:
    until = moment(waiver.get("until"))
    return until is not None and until > now and not problems(waiver)


def problems(waiver: Mapping[str, Any]) -> list[str]:
    """What its form lacks; nothing when it can stand."""
    found = [f"{name} is missing" for name in NEEDED if not str(waiver.get(name) or "").strip()]
    if waiver.get("until") and moment(waiver["until"]) is None:
        found.append(f"until is no moment: {waiver['until']!r} (write 2026-12-01T18:00:00Z)")
    return found
