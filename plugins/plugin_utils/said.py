# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says to whoever started it, in plain sentences. Pure but for looking at a path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .journal import Verification
from .plan import Left

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
    lines += [f"  {line}" for line in _foretold(report)]
    lines += [f"  {shown_path(str(file))}" for file in files if file.suffix == ".html"]
    return "\n".join(lines)


def _foretold(report: Mapping[str, Any]) -> Iterator[str]:
    """What check mode said since the last deed."""
    for section in report["sections"]:
        for row in section["stations"]:
            for finding in row.get("foretold", {}).get("findings", ()):
                if finding.get("would") or finding["verdict"] not in ("ok", "not_applicable"):
                    yield f"{section['id']} on {row['station']}, in check mode: {finding['summary']}"


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


def status(report: Mapping[str, Any]) -> str:
    """The verdict, and every row that is built and not good yet with its next step."""
    when = f"run {report['run']}, begun {report['started']}, " if report["run"] else ""
    when += f"ended {report['finished']}" if report["finished"] else "its end was not seen"
    lines = [f"{report['site']}: {verdict(report)}", f"  ({when})", *(f"  {reason}" for reason in report["reasons"])]
    for section in report["sections"]:
        if section["implemented"]:
            for row in section["stations"]:
                lines += _row(section, row)
    lines += _foretold(report)
    return "\n".join(lines)


def _row(section: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[str]:
    yield f"{section['id']} {row['station']}: {row['verdict']}: {row['summary']}"
    for finding in row["findings"]:
        if (
            finding["verdict"] in ("blocker", "attention", "unknown")
            and "waiver" not in finding
            and finding["remediation"]
        ):
            yield f"    -> {finding['remediation']['text']}"


def left(rows: Sequence[Left]) -> str:
    """What is left, a line a row, by stage."""
    if not rows:
        return "Nothing is left to do."
    lines, stage = [], ""
    for row in rows:
        if row.stage != stage:
            stage = row.stage
            lines.append(stage)
        usual = "" if row.usual_s is None else f" ({row.usual_s:.0f} s last time)"
        lines.append(f"  {row.section} {row.title}, {row.station}: {row.verdict}: {row.summary}{usual}")
    return "\n".join(lines)


def verified(found: Verification) -> str:
    """What the check of a journal found."""
    torn = f"; an unfinished last line of {found.torn} bytes will be set aside by the next entry" if found.torn else ""
    if found.broken_at is None:
        return f"good: {found.count} entries, head {found.head}{torn}"
    before = f"{found.count} good entries before it, head {found.head}"
    return f"broken at entry {found.broken_at}: {found.why} ({before}){torn}"


def shown_path(path: str | None) -> str:
    """A path as one would type it here; the placeholder where there is none."""
    if path is None:
        return "DIR"
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path
