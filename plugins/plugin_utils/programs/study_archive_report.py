# SPDX-License-Identifier: GPL-3.0-or-later
"""mig-study-archive-report of the Migration Toolbox: counts of studies by how far they are archived.

The vendor's text gives the words: ``-d mvf -U user -P password`` on Windows, where the password stands on the command
line, and ``-o`` on Solaris. `assumed`: it prints lines ``text: number``, ends with 0 also after a failure, and ``-o`` logs
on by the operating system. Which line says what is told by patterns, because the texts are not published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..command import Command, Secret
from . import mig_tools, osql
from .mig_schema import CODE, NOTES

TRANSCRIPTS = ("mig_study_archive_report",)

NAME = "mig-study-archive-report"
GROUPED = r"\d{1,3}(?:[.,'\u00a0 ]\d{3})+|\d+"
LINE = re.compile(rf"^\s*(.*?\S)\s*(?:[:=]|\.{{2,}}|\t)\s*({GROUPED})\s*$", re.M)
# assumed; every one can be overridden
UNARCHIVED = r"\b(?:un|non-?)archived|\bnot\s+(?:yet\s+)?archived|\bwithout\s+archive"
ARCHIVED = r"^(?!.*\b(?:un|non-?|not\b|partial|without\b)).*\barchived"
TOTAL = r"\btotal\b|\ball\s+studies\b|^studies$"


@dataclass(frozen=True)
class Labels:
    """Which line is which figure: regular expressions, looked for in the label without regard to case."""

    unarchived: str = UNARCHIVED
    total: str = TOTAL
    archived: str = ARCHIVED


@dataclass(frozen=True)
class Report:
    """figures: label -> count, in the order printed. unarchived, total, archived: None where no line, or several, say it.
    codes: errors of the database. computed: unarchived is total less archived, no line says it. why: what is unread."""

    figures: Mapping[str, int] = field(default_factory=dict)
    unarchived: int | None = None
    total: int | None = None
    archived: int | None = None
    codes: tuple[str, ...] = ()
    computed: bool = False
    why: str = ""


def file_name(system: str) -> str:
    return f"{NAME}.exe" if system == mig_tools.WINDOWS else NAME


def report(
    system: str,
    folder: str,
    *,
    database: str = "mvf",
    account: str | None = None,
    password: Secret | None = None,
    user: str | None = None,
    timeout: float = 1800,
) -> Command:
    """account and password: of the IMPAX database user, Windows only. Every exit code is an end that is read."""
    program = mig_tools.path(system, folder, file_name(system))
    if system == mig_tools.WINDOWS and account is not None and password is not None:
        return Command(
            (program, "-d", database, "-U", account, "-P", password), folder=folder, user=user, timeout=timeout
        )
    return Command((program, "-o"), folder=folder, user=user, timeout=timeout)


def bad_pattern(labels: Labels) -> str:
    """Which of the patterns is no regular expression; "" when all are."""
    for pattern in (labels.unarchived, labels.total, labels.archived):
        try:
            re.compile(pattern)
        except re.error:
            return pattern
    return ""


def read(printed: str, labels: Labels | None = None) -> Report:
    """A label that comes twice with different counts is no figure; an error's code makes every count unread."""
    labels = labels or Labels()
    codes = _codes(printed)
    figures, twice = _figures(printed)
    if codes or twice or not figures:
        return Report(figures, codes=codes, why=_why(codes, twice))
    found = {name: _fitting(figures, pattern) for name, pattern in vars(labels).items()}
    several = [name for name, values in found.items() if len(values) > 1]
    unarchived, total, archived = (values[0] if len(values) == 1 else None for values in found.values())
    why, computed = "", False
    if unarchived is None and "unarchived" not in several and total is not None and archived is not None:
        unarchived, computed = total - archived, True
    if unarchived is None:
        what = "several lines" if "unarchived" in several else "no line"
        why = f"{what} of {len(figures)} say how many studies are not archived"
    elif unarchived < 0 or (total is not None and unarchived > total):
        why, unarchived = f"{unarchived} not archived of {total} cannot be", None
    return Report(figures, unarchived, total, archived, codes, computed, why)


def _codes(printed: str) -> tuple[str, ...]:
    console = osql.read(printed)
    found = [code for code in CODE.findall(printed) if code not in NOTES]
    found += [f"Msg {number}" for number, level, _ in console.msgs if level > osql.INFORMATION]
    if console.connected is False and not found:
        found = ["no connection"]
    return tuple(dict.fromkeys(found))


def _figures(printed: str) -> tuple[dict[str, int], str]:
    """(label -> count, a label that came with two counts or ""). A last line without its end may have lost digits."""
    figures: dict[str, int] = {}
    for match in LINE.finditer(printed.replace("\r", "").rpartition("\n")[0]):
        label, number = " ".join(match[1].split()), int(re.sub(r"\D", "", match[2]))
        if figures.setdefault(label, number) != number:
            return figures, label
    return figures, ""


def _why(codes: tuple[str, ...], twice: str) -> str:
    if codes:
        return ", ".join(codes)
    return f"{twice!r} is printed with two counts" if twice else "no line of it is a text and a number"


def _fitting(figures: Mapping[str, int], pattern: str) -> list[int]:
    return [number for label, number in figures.items() if re.search(pattern, label, re.I)]
