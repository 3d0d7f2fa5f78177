# SPDX-License-Identifier: GPL-3.0-or-later
"""sp_spaceused: sizes with " KB" behind them, of one table, or of the database. Its counts can be stale until updated.

osql breaks the row over two lines at its width of 80. Source: SQL Server Books Online, "sp_spaceused".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .osql import PROMPTS, SEPARATOR

TRANSCRIPTS = ("sp_spaceused",)

BETWEEN = rf"[\s{re.escape(SEPARATOR)}]+"
SIZES = BETWEEN.join([r"(\d+) KB"] * 4)
TABLE = re.compile(rf"^[^\S\n]*(\S.*?){BETWEEN}(\d+){BETWEEN}{SIZES}", re.M)
DATABASE = re.compile(rf"^[^\S\n]*(\S[^\n]*?){BETWEEN}[\d.]+ MB{BETWEEN}-?[\d.]+ MB\b.*?^[^\S\n]*{SIZES}", re.M | re.S)


@dataclass(frozen=True)
class Space:
    """kB of 1024. rows None: the whole database was asked for."""

    name: str
    rows: int | None
    reserved_kb: int
    data_kb: int
    index_kb: int
    unused_kb: int


def query(table: str) -> str:
    return f"exec sp_spaceused '{table}'"


def read(printed: str) -> Space | None:
    """The first table's row, else the database's figures; None where there are none."""
    text = PROMPTS.sub("", printed)
    if match := TABLE.search(text):
        return Space(match[1].strip(), int(match[2]), *_sizes(match, 3))
    if match := DATABASE.search(text):
        return Space(match[1].strip(), None, *_sizes(match, 2))
    return None


def _sizes(match: re.Match[str], first: int) -> tuple[int, int, int, int]:
    reserved, data, index, unused = (int(match[number]) for number in range(first, first + 4))
    return reserved, data, index, unused
