# SPDX-License-Identifier: GPL-3.0-or-later
"""Result sets as osql, isql and sqlcmd print them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from impax_lab.windows.sql.values import Column, text


@dataclass(frozen=True)
class Layout:
    """How to print. osql: a blank before each line, wrapped between columns; sqlcmd: wrapped at the width.

    headings: rows between headings, -1 none, 0 once. trim: no blanks at the end of a column (sqlcmd -W)."""

    osql: bool
    separator: str = " "
    width: int = 80
    headings: int = 0
    trim: bool = False


def lines(columns: Sequence[Column], rows: Iterable[Sequence[Any]], layout: Layout) -> Iterator[str]:
    """The lines of one result set, without line ends."""
    head = [_joined([_head(column, layout) for column in columns], layout)]
    head.append(_joined([_rule(column, layout) for column in columns], layout))
    if layout.headings == 0:
        yield from _wrapped(head, layout)
    for number, row in enumerate(rows):
        if layout.headings > 0 and number % layout.headings == 0:
            yield from _wrapped(head, layout)
        cells = [_cell(column, value, layout) for column, value in zip(columns, row, strict=True)]
        yield from _wrapped([_joined(cells, layout)], layout)


def _size(column: Column) -> int:
    return max(column.width, len(column.name), 1)


def _head(column: Column, layout: Layout) -> str:
    return column.name if layout.trim else column.name.ljust(_size(column))


def _rule(column: Column, layout: Layout) -> str:
    return "-" * (max(len(column.name), 1) if layout.trim else _size(column))


def _cell(column: Column, value: Any, layout: Layout) -> str:
    shown = text(value, column.kind)[: _size(column)]
    if layout.trim:
        return shown.rstrip(" ")
    return shown.rjust(_size(column)) if column.right else shown.ljust(_size(column))


def _joined(cells: list[str], layout: Layout) -> list[str]:
    """The cells with their separators, still apart, since osql wraps between them. assumed: the blank at the start of
    osql's lines stays one, whatever -s says."""
    if layout.osql:
        return [" " + cells[0], *(layout.separator + cell for cell in cells[1:])]
    return [cell + layout.separator for cell in cells[:-1]] + cells[-1:]


def _wrapped(rows: list[list[str]], layout: Layout) -> Iterator[str]:
    for pieces in rows:
        yield from _between_columns(pieces, layout) if layout.osql else _at_width("".join(pieces), layout.width)


def _between_columns(pieces: list[str], layout: Layout) -> Iterator[str]:
    """assumed: a column that does not fit goes to a new line, which begins with a tab."""
    line = ""
    for piece in pieces:
        if line.strip() and len(line) + len(piece) > layout.width:
            yield line
            line = "\t"
        line += piece
    yield line


def _at_width(line: str, width: int) -> Iterator[str]:
    for start in range(0, max(len(line), 1), width):
        yield line[start : start + width]
