# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left to do, in the order of the stages, and how long it took before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from .report.steps import Step, steps

GOOD = ("ok", "changed", "waived", "not_applicable")


@dataclass(frozen=True)
class Left:
    """One row that is not good yet. usual_s: seconds that its latest whole step took; None: it never ran to its end."""

    stage: str
    section: str
    title: str
    station: str
    verdict: str
    summary: str
    next: str
    usual_s: float | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def left(report: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> list[Left]:
    """Rows that hold the gate shut, by stage; within a stage by section."""
    usual = _durations(steps(entries))
    order = {stage: number for number, stage in enumerate(report["stages"])}
    rows = [
        _left(section, row, usual.get((section["id"], row["station"])))
        for section in report["sections"]
        for row in section["stations"]
        if row["verdict"] not in GOOD
    ]
    return sorted(rows, key=lambda row: (order.get(row.stage, len(order)), row.section))


def _left(section: Mapping[str, Any], row: Mapping[str, Any], usual: float | None) -> Left:
    remedies = [finding["remediation"] for finding in row["findings"] if finding["verdict"] == row["verdict"]]
    following = next((remedy["text"] for remedy in remedies if remedy), "")
    return Left(
        section["stage"],
        section["id"],
        section["title"],
        row["station"],
        row["verdict"],
        row["summary"],
        following,
        usual,
    )


def _durations(done: Iterable[Step]) -> dict[tuple[str, str], float]:
    return {
        (step.section, step.station): (_moment(step.ended) - _moment(step.begun)).total_seconds()
        for step in done
        if step.ended and not step.check
    }


def _moment(iso: str) -> datetime:
    return datetime.fromisoformat(iso.replace("Z", "+00:00"))
