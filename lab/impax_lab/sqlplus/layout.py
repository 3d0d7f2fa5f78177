# SPDX-License-Identifier: GPL-3.0-or-later
"""How SQL*Plus lays out the rows of a query: widths, headings, pages, folding. Pure.

SQL*Plus User's Guide and Reference, release 11.2, "Formatting SQL*Plus Reports", "COLUMN", "SET". `assumed` where the
guide is silent: the blank line between records that wrap, and how tabs replace blanks (SET TAB ON).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from impax_lab.sqlplus.settings import Settings


@dataclass(frozen=True)
class Column:
    """name: as headed. kind: number, date, long or text. size: characters of a text column (0: not known)."""

    name: str
    kind: str
    size: int = 0


@dataclass(frozen=True)
class Cell:
    """A column as it is printed; place: its number in the query."""

    place: int
    name: str
    width: int
    right: bool


def page(columns: Sequence[Column], rows: Sequence[Sequence[Any]], settings: Settings, formats: dict[str, int]) -> str:
    """The text of a query's answer, without what follows it (feedback)."""
    texts = [[value_text(value, column, settings) for value, column in zip(row, columns, strict=True)] for row in rows]
    cells = [_cell(place, each, [t[place] for t in texts], settings, formats) for place, each in enumerate(columns)]
    lines = _folded(cells, settings)
    records = [_record(lines, text, settings) for text in texts]
    return _paged(_headings(lines, settings), records, settings)


def value_text(value: Any, column: Column, settings: Settings) -> str:
    """One value as text, before its width is known."""
    if value is None:
        return str(settings.null)
    if column.kind == "number":
        return number_text(value, int(settings.numwidth))
    if isinstance(value, bytes):
        return value.hex().upper()
    text = str(value)
    return text[: int(settings.long)] if column.kind == "long" else text


def number_text(value: Any, width: int) -> str:
    """A number in at most `width` characters: rounded, else with an exponent, else a row of #."""
    number = Decimal(str(value))
    plain = _plain(number)
    if len(plain) <= width:
        return plain
    whole = len(_plain(number.to_integral_value(rounding=ROUND_HALF_UP)))
    if whole <= width:
        places = max(0, width - whole - 1)
        return _plain(number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))
    digits = width - len("E+99") - 2 - (number < 0)
    short = f"{number:.{digits}E}" if digits > 0 else ""
    mantissa, _, exponent = short.partition("E")
    text = f"{mantissa}E{exponent[:1]}{int(exponent[1:] or 0):02}" if short else ""
    return text if 0 < len(text) <= width else "#" * width


def _plain(number: Decimal) -> str:
    """As Oracle prints it: no needless zeros, none before the point."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text.startswith(("0.", "-0.")):
        text = text.replace("0.", ".", 1)
    return text or "0"


def _cell(place: int, column: Column, texts: list[str], settings: Settings, formats: dict[str, int]) -> Cell:
    given = formats.get(column.name.lower())
    if column.kind == "number":
        return Cell(place, column.name, max(int(settings.numwidth), len(column.name)), True)
    longest = max((len(line) for text in texts for line in text.split("\n")), default=1)
    if column.kind == "date":
        width = max(longest, 9)
    elif column.kind == "long":
        width = min(int(settings.long), int(settings.longchunksize))
    else:
        width = column.size or longest
    return Cell(place, column.name, max(1, given or width), False)


def _folded(cells: Sequence[Cell], settings: Settings) -> list[list[Cell]]:
    """The columns by printed line: what does not fit the line size goes on to the next."""
    lines: list[list[Cell]] = [[]]
    used = 0
    for cell in cells:
        width = min(cell.width, int(settings.linesize))
        needed = width + (len(str(settings.colsep)) if lines[-1] else 0)
        if lines[-1] and used + needed > int(settings.linesize):
            lines.append([])
            used, needed = 0, width
        lines[-1].append(cell)
        used += needed
    return lines


def _headings(lines: list[list[Cell]], settings: Settings) -> list[str]:
    if not settings.heading:
        return []
    made = []
    for line in lines:
        made.append(_join([(_aligned(cell.name[: cell.width], cell)) for cell in line], settings))
        made.append(_join(["-" * min(cell.width, int(settings.linesize)) for cell in line], settings))
    return made


def _record(lines: list[list[Cell]], values: Sequence[str], settings: Settings) -> list[str]:
    """The printed lines of one row; values wrap in their columns at line ends and at the columns' width."""
    made = []
    for line in lines:
        parts = {cell.place: _wrapped(values[cell.place], cell, settings) for cell in line}
        for number in range(max(len(part) for part in parts.values())):
            pieces = [parts[cell.place][number : number + 1] for cell in line]
            made.append(_join([_aligned("".join(p), cell) for p, cell in zip(pieces, line, strict=True)], settings))
    return made


def _wrapped(text: str, cell: Cell, settings: Settings) -> list[str]:
    made = []
    for piece in text.split("\n"):
        made += [piece[at : at + cell.width] for at in range(0, len(piece), cell.width)] or [""]
    return made if settings.wrap else made[:1]


def _aligned(text: str, cell: Cell) -> str:
    return text.rjust(cell.width) if cell.right else text.ljust(cell.width)


def _join(parts: list[str], settings: Settings) -> str:
    return str(settings.colsep).join(parts)


def _paged(headings: list[str], records: list[list[str]], settings: Settings) -> str:
    if not int(settings.pagesize):
        return _printed([line for record in records for line in _separated(record)], settings)
    room = max(1, int(settings.pagesize) - len(headings) - int(settings.newpage))
    made, left = [], 0
    for record in records:
        if left < len(record) and left < room:
            made += [""] * int(settings.newpage) + headings
            left = room
        made += _separated(record)
        left -= len(_separated(record))
        if left <= 0:
            left = 0
    return _printed(made, settings)


def _separated(record: list[str]) -> list[str]:
    """A record of several lines is followed by a blank one (SET RECSEP WRAPPED, the default)."""
    return record if len(record) < 2 else [*record, ""]


def _printed(lines: list[str], settings: Settings) -> str:
    return "".join(f"{finished(line, settings)}\n" for line in lines)


def finished(line: str, settings: Settings) -> str:
    """A line as it leaves: blanks at its end trimmed, runs of blanks as tabs where SET TAB is on."""
    if settings.trimout:
        line = line.rstrip(" ")
    return tabbed(line) if settings.tab else line


def tabbed(line: str) -> str:
    """Blanks that reach a tab stop (every 8 columns) become a tab, as the terminal would not notice."""
    made, blanks = "", 0
    for column, letter in enumerate(line, 1):
        if letter == " ":
            blanks += 1
            if column % 8 == 0:
                made += "\t" if blanks > 1 else " "
                blanks = 0
        else:
            made += " " * blanks + letter
            blanks = 0
    return made + " " * blanks
