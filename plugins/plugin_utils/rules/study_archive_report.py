# SPDX-License-Identifier: GPL-3.0-or-later
"""How many studies are not archived (S20, S21), as the vendor's own report counts them, and how that has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ..findings import Finding, Remediation, Verdict
from .backup import moment

KEY = "study_archive_report"
EVIDENCE = "study_archive_report"  # evidence: figures that were read, and the report's file
TOOLBOX = Remediation("automatic", "Install the Migration Toolbox first (S07, S08), then run this section again.")
AGAIN = Remediation("command", "See what the program prints there by hand; then run this section again.")
SHOWN = 5


class Report(Protocol):
    @property
    def figures(self) -> Mapping[str, int]: ...

    @property
    def unarchived(self) -> int | None: ...

    @property
    def total(self) -> int | None: ...

    @property
    def archived(self) -> int | None: ...

    @property
    def computed(self) -> bool: ...

    @property
    def why(self) -> str: ...


@dataclass(frozen=True)
class Before:
    """Figures of an earlier run. at: when (UTC, ISO 8601). file: {path, sha1, bytes} of its report, or None."""

    at: str
    unarchived: int
    total: int | None
    figures: Mapping[str, int]
    file: Mapping[str, Any] | None


def earlier(entries: Iterable[Mapping[str, Any]], station: str, database: str) -> list[Before]:
    """Runs whose figures were read, oldest first. entries: the journal's evidence."""
    found = []
    for entry in entries:
        facts = entry.get("facts") or {}
        unarchived = facts.get("unarchived")
        if entry.get("what") != EVIDENCE or facts.get("station") != station or facts.get("database") != database:
            continue
        if isinstance(unarchived, int) and not isinstance(unarchived, bool):
            found.append(
                Before(
                    str(entry.get("at", "")),
                    unarchived,
                    facts.get("total"),
                    facts.get("figures") or {},
                    facts.get("file"),
                )
            )
    return found


def still_good(before: Before | None, now: datetime, max_age_h: float, most: int) -> bool:
    """Whether the last figures stand for now: good, young enough, and with their file."""
    at = moment(before.at) if before else None
    if before is None or at is None or not before.file or before.unarchived > most:
        return False
    return 0 <= (now - at).total_seconds() <= max_age_h * 3600


def judge(section: str, station: str, report: Report, past: list[Before], most: int) -> Finding:
    """most: studies not archived that are let pass."""
    evidence = {
        "figures": dict(report.figures),
        "unarchived": report.unarchived,
        "total": report.total,
        "limit": most,
        "before": [{"at": before.at, "unarchived": before.unarchived} for before in past[-SHOWN:]],
    }
    if report.unarchived is None:
        return Finding(
            f"{KEY}.unarchived",
            section,
            station,
            Verdict.UNKNOWN,
            f"How many studies on {station} are not archived could not be read: {report.why}.",
            {**evidence, "why": report.why},
            Remediation(
                "command",
                "Run the report there by hand; name the lines by impax_study_report_labels, then run this section again.",
            ),
        )
    return _counted(section, station, evidence, report, past, most)


def _counted(
    section: str, station: str, evidence: Mapping[str, Any], report: Report, past: list[Before], most: int
) -> Finding:
    count = report.unarchived or 0
    of = "" if report.total is None else f" of {report.total}"
    how = " (total less archived)" if report.computed else ""
    text = f"{count}{of} studies on {station} are not archived{how}{_trend(count, past)}"
    if count > most:
        return Finding(
            f"{KEY}.unarchived",
            section,
            station,
            Verdict.ATTENTION,
            f"{text}; at most {most} are let pass.",
            evidence,
            Remediation(
                "guided",
                "Let the archive catch up, or have the archive's queue looked at; then run this section again. What may"
                " stay is set by impax_unarchived_studies_max.",
            ),
        )
    return Finding(f"{KEY}.unarchived", section, station, Verdict.OK, f"{text}.", evidence)


def _trend(count: int, past: list[Before]) -> str:
    if not past:
        return "; no earlier run to compare with"
    last = past[-1]
    change = count - last.unarchived
    how = "as many as" if not change else f"{abs(change)} {'more' if change > 0 else 'fewer'} than"
    return f", {how} at {last.at}"


def reused(section: str, station: str, before: Before, most: int) -> Finding:
    """The last run's figures, which are still young enough."""
    of = "" if before.total is None else f" of {before.total}"
    text = (
        f"{before.unarchived}{of} studies on {station} were not archived at {before.at}; at most {most} are let pass."
    )
    evidence = {
        "unarchived": before.unarchived,
        "total": before.total,
        "limit": most,
        "at": before.at,
        "file": before.file,
    }
    return Finding(f"{KEY}.unarchived", section, station, Verdict.OK, text, evidence)


def would_report(section: str, station: str, before: Before | None) -> Finding:
    last = f"; {before.unarchived} studies were not archived at {before.at}" if before else ""
    return Finding(
        f"{KEY}.unarchived",
        section,
        station,
        Verdict.ATTENTION,
        f"The study archiving report of {station} would be made; it fills a table of its own and writes a file{last}.",
        {"before": before.unarchived if before else None},
        would=True,
    )


def toolbox(section: str, station: str, programs: Mapping[str, bool | None]) -> Finding | None:
    """programs: path -> whether it is there, None where the station did not say. None: all are."""
    lacking = [path for path, there in programs.items() if not there]
    if not lacking:
        return None
    seen = "not there" if all(programs[path] is False for path in lacking) else "not there, or the station did not say"
    return Finding(
        f"{KEY}.toolbox",
        section,
        station,
        Verdict.UNKNOWN,
        f"{' and '.join(lacking)} on {station}: expected, seen: {seen}. How many studies are archived is not known.",
        {"lacking": lacking},
        TOOLBOX,
    )


def no_account(section: str, station: str) -> Finding:
    return Finding(
        f"{KEY}.account",
        section,
        station,
        Verdict.UNKNOWN,
        f"The study archiving report of {station} needs account and password of the IMPAX database user; none is given.",
        remediation=Remediation(
            "command", "Give account and password, the latter from a vault; then run this section again."
        ),
    )


def ended(section: str, station: str, program: str, exit_code: int) -> Finding:
    """The program's exit code says that it failed, whatever it printed."""
    return Finding(
        f"{KEY}.unarchived",
        section,
        station,
        Verdict.UNKNOWN,
        f"{program} on {station} ended with {exit_code}, expected 0: its figures are not believed.",
        {"program": program, "exit_code": exit_code},
        AGAIN,
    )


def no_file(section: str, station: str, why: str) -> Finding:
    return Finding(
        f"{KEY}.file",
        section,
        station,
        Verdict.UNKNOWN,
        f"The report's file could not be had from {station}: {why}.",
        {"why": why},
        Remediation("command", "Look where mig_reporter writes it, name it by impax_study_report_file, and run again."),
    )


def collected(section: str, station: str, file: Mapping[str, Any]) -> Finding:
    return Finding(
        f"{KEY}.file",
        section,
        station,
        Verdict.OK,
        f"The report's file of {station} is in {file['path']} ({file['bytes']} bytes, readable for its owner alone).",
        dict(file),
    )


def bad_labels(section: str, station: str, pattern: str) -> Finding:
    return Finding(
        f"{KEY}.labels",
        section,
        station,
        Verdict.UNKNOWN,
        f"impax_study_report_labels for {station} holds {pattern!r}: expected a regular expression.",
        remediation=Remediation("command", "Correct it, then run this section again."),
    )
