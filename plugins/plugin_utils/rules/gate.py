# SPDX-License-Identifier: GPL-3.0-or-later
"""Go or no-go: go only if every section is good on every station it applies to, and there is a station at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..findings import Verdict

GO, NO_GO = "go", "no_go"


@dataclass(frozen=True)
class Row:
    """One section at one station, or at ``site``."""

    section: str
    station: str
    verdict: Verdict


@dataclass(frozen=True)
class Gate:
    """verdict: GO or NO_GO. reasons: sentences, worst first; of a go the one that says why."""

    verdict: str
    reasons: tuple[str, ...]


def judge(rows: Sequence[Row], stations: int, sections: int) -> Gate:
    """stations: how many are declared. sections: how many there have to be rows of."""
    reasons = [] if stations else ["No station is declared."]
    missing = sections - len({row.section for row in rows})
    if missing:
        reasons.append(f"{missing} sections have no row at all.")
    for verdict, words in _WORDS.items():
        held = [row for row in rows if row.verdict is verdict]
        if held:
            reasons.append(f"{len(held)} {words if len(held) > 1 else _ONE[verdict]}: {_named(held)}.")
    if reasons:
        return Gate(NO_GO, tuple(reasons))
    return Gate(GO, (f"Every section is good or accepted at every one of {stations} stations.",))


_WORDS = {
    Verdict.BLOCKER: "checks forbid the upgrade",
    Verdict.UNKNOWN: "checks are unknown, and unknown is no-go",
    Verdict.ATTENTION: "steps need attention",
}
_ONE = {
    Verdict.BLOCKER: "check forbids the upgrade",
    Verdict.UNKNOWN: "check is unknown, and unknown is no-go",
    Verdict.ATTENTION: "step needs attention",
}
_SHOWN = 6


def _named(rows: Sequence[Row]) -> str:
    names = [row.section if row.station == "site" else f"{row.section} on {row.station}" for row in rows]
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
