# SPDX-License-Identifier: GPL-3.0-or-later
"""sp_spaceused of one table: one row, the sizes with " KB" behind them. Its counts can be stale until updated.

Source: SQL Server Books Online, "sp_spaceused".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .osql import SEPARATOR

TRANSCRIPTS = ("sp_spaceused",)

SIZES = re.compile(
    rf"^\s*(.+?)[\s{re.escape(SEPARATOR)}]+(\d+)[\s{re.escape(SEPARATOR)}]+" + r"\D+".join([r"(\d+) KB"] * 4), re.M
)


@dataclass(frozen=True)
class Space:
    """kB of 1024."""

    name: str
    rows: int
    reserved_kb: int
    data_kb: int
    index_kb: int
    unused_kb: int


def query(table: str) -> str:
    return f"exec sp_spaceused '{table}'"


def read(printed: str) -> Space | None:
    """The table's row; None where there is none."""
    match = SIZES.search(printed)
    return Space(match[1].strip(), *(int(match[n]) for n in range(2, 7))) if match else None
