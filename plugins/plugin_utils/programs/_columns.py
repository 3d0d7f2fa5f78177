# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables as SQL clients print them for people: a heading, a rule of dashes, rows cut at the rule's columns.

Shared by sqlplus and osql. Blanks may be tabs (sqlplus, SET TAB ON); a letter of Chinese, Japanese or Korean takes two
columns on a console; a separator of the caller's stands in the rule too; a long row goes on below, under a rule of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

RULE = re.compile(r" *-+(?:(?: *[^\w\s-]+ *| +)-+)* *\Z")
NUMBER = re.compile(r"-?(?:(?:0|[1-9]\d*)(?:\.\d+)?|\.\d+)\Z")


@dataclass(frozen=True)
class Rule:
    """starts: the column at which each cell begins. separator: what stands between the cells beside blanks."""

    starts: tuple[int, ...]
    separator: str


def rule(line: str) -> Rule | None:
    """The rule of dashes that a line is, else None."""
    line = line.expandtabs().rstrip()
    if not RULE.match(line):
        return None
    between = {text.strip() for text in re.findall(r"-([^-]+)(?=-)", line)} - {""}
    starts = tuple(match.start() for match in re.finditer(r"-+", line))
    return Rule(starts, between.pop() if len(between) == 1 else "")


def table(lines: Sequence[str], ends: Callable[[str], bool]) -> tuple[tuple[object, ...], ...] | None:
    """The rows of the first table in `lines`; None without one. ends: whether a line comes after the table's rows."""
    for number, line in enumerate(lines):
        if rule(line) is not None:
            return _rows(lines, number, ends)
    return None


def only_number(lines: Sequence[str]) -> tuple[tuple[object, ...], ...] | None:
    """The one row of an answer that is a number and nothing else: a query without its heading."""
    told = [line.strip() for line in lines if line.strip()]
    return ((number(told[0]),),) if len(told) == 1 and NUMBER.match(told[0]) else None


def single(rows: Sequence[Sequence[object]] | None) -> int | float | None:
    """The number of a one-row one-column answer."""
    if rows is None or len(rows) != 1 or len(rows[0]) != 1:
        return None
    cell = rows[0][0]
    return cell if isinstance(cell, (int, float)) else None


def number(cell: str) -> object:
    """The cell as a number if it is one; ``0012`` is none."""
    if not NUMBER.match(cell):
        return cell
    return float(cell) if "." in cell else int(cell)


def _rows(lines: Sequence[str], first: int, ends: Callable[[str], bool]) -> tuple[tuple[object, ...], ...]:
    rules, start = _rules(lines, first)
    heading = _stripped(lines[max(first - 1, 0) : start])
    body = _body(lines[start:], heading, len(rules), ends)
    records = [body[place : place + len(rules)] for place in range(0, len(body), len(rules))]
    return tuple(
        tuple(cell for line, columns in zip(record, rules, strict=True) for cell in _cells(line, columns))
        for record in records
        if len(record) == len(rules)
    )


def _rules(lines: Sequence[str], first: int) -> tuple[list[Rule], int]:
    """The rules of a row that takes several lines, and where the rows begin."""
    rules, place = [], first
    while place < len(lines) and (found := rule(lines[place])) is not None:
        rules.append(found)
        place += 2
    return rules, place - 1


def _body(lines: Sequence[str], heading: list[str], height: int, ends: Callable[[str], bool]) -> list[str]:
    """The lines of rows: up to a blank line (one stands between rows of several lines) or an end; a heading that is
    printed again behind one blank line begins a new page of the same table."""
    body: list[str] = []
    place = 0
    while place < len(lines) and not ends(lines[place]):
        if lines[place].strip():
            body.append(lines[place])
            place += 1
        elif _stripped(lines[place + 1 : place + 1 + len(heading)]) == heading:
            place += 1 + len(heading)
        elif height > 1 and place + 1 < len(lines) and lines[place + 1].strip():
            place += 1
        else:
            break
    return body


def _stripped(lines: Sequence[str]) -> list[str]:
    return [line.strip() for line in lines]


def _cells(line: str, columns: Rule) -> list[object]:
    return [number(text.strip()) for text in _cut(line.expandtabs(), columns)]


def _cut(line: str, columns: Rule) -> list[str]:
    """By the separator; else at the columns, where no word is cut in two; else at the blanks, as many as there are."""
    if columns.separator:
        parts = line.split(columns.separator)
        if len(parts) == len(columns.starts):
            return parts
    places = [_place(line, start) for start in columns.starts]
    words = line.split()
    if any(_cuts_a_word(line, place) for place in places[1:]) and len(words) == len(places):
        return words
    return [line[start:end] for start, end in zip(places, [*places[1:], None], strict=True)]


def _place(line: str, column: int) -> int:
    """The character that stands at a column of the console."""
    width = 0
    for place, character in enumerate(line):
        if width >= column:
            return place
        width += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return len(line)


def _cuts_a_word(line: str, place: int) -> bool:
    return 0 < place < len(line) and not line[place - 1].isspace() and not line[place].isspace()
