# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says to whoever started it, in plain sentences. Pure but for looking at a path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

NOTHING_BEGUN = "Nothing was begun."
SHOWN = 5


def wrong_inventory(problems: Sequence[str]) -> str:
    """Every problem at once: correcting one after the other costs a run each."""
    if len(problems) == 1:
        return f"The inventory is not ready: {problems[0]} {NOTHING_BEGUN}"
    listed = " ".join(f"({number}) {problem}" for number, problem in enumerate(problems, 1))
    return f"The inventory is not ready, {len(problems)} problems: {listed} {NOTHING_BEGUN}"


def opened(run: str, site: str, stations: Mapping[str, Any]) -> str:
    return f"run {run} of {site}: {', '.join(stations) or 'no station is declared'}"


def verdict(report: Mapping[str, Any]) -> str:
    """One line: ``no-go: 2 blocker, 1 attention, 30 unknown, 1 ok``."""
    counts = [f"{count} {name}" for name, count in reversed(report["counts"].items()) if count]
    return f"{'go' if report['verdict'] == 'go' else 'no-go'}: {', '.join(counts)}"


def ended(report: Mapping[str, Any], files: Iterable[Path]) -> str:
    """The verdict, why, what stands first in the way and the next step of each, and where to read on."""
    lines = [f"{report['site']}: {verdict(report)}", *(f"  {reason}" for reason in report["reasons"])]
    for section, row, finding in _first(report):
        lines.append(f"  {section['id']} on {row['station']}: {finding['summary']}")
        if finding["remediation"]:
            lines.append(f"    -> {finding['remediation']['text']}")
    lines += [f"  {shown_path(str(file))}" for file in files if file.suffix == ".html"]
    return "\n".join(lines)


def _first(report: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]]:
    """The worst findings of sections that are built, blockers first."""
    found = [
        (section, row, finding)
        for wanted in ("blocker", "attention", "unknown")
        for section in report["sections"]
        if section["implemented"]
        for row in section["stations"]
        for finding in row["findings"]
        if finding["verdict"] == wanted and "waiver" not in finding
    ]
    return found[:SHOWN]


def shown_path(path: str | None) -> str:
    """A path as one would type it here; the placeholder where there is none."""
    if path is None:
        return "DIR"
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path
