# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of two SQL Servers about a table and its loaded copy: figures that are equal when the rows are.

CHECKSUM_AGG is an exclusive or, so equal pairs cancel: the sum stands beside it. Both leave out text, ntext, image and xml.
HASHBYTES (2005 and later) takes at most 8,000 bytes and gives NULL for NULL: each value is hashed by itself, a mark says whether
it is null, and the row's hash is that of its values' hashes. What may be longer is compared by its nulls and lengths alone:
its first 8,000 bytes would prove nothing of the rest. Source: SQL Server 2000 and 2005 Books Online, Transact-SQL Reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .audit_sqlserver import Column, name, one_row, whole_number
from .osql import Answer

HASHES_SINCE = 9  # SQL Server 2005
MOST_COLUMNS = 380  # of 21 bytes each in the 8,000 that HASHBYTES takes
HASHED = frozenset(
    "tinyint smallint int bigint bit decimal numeric money smallmoney float real datetime smalldatetime date time"
    " datetime2 datetimeoffset char varchar nchar nvarchar binary varbinary uniqueidentifier timestamp rowversion".split()
)


def aggregates(table: str, columns: Sequence[Column], key: str, greatest: int | None) -> dict[str, str]:
    """Two queries whose answers are equal for equal rows; `greatest` leaves out rows that came later."""
    upto = f" where [{name(key)}] <= {int(greatest)}" if key and greatest is not None else ""
    summed = ", ".join(f"[{name(column.name)}]" for column in columns if column.summed)
    span = f"min([{name(key)}]), max([{name(key)}])" if key else "null, null"
    each = ", ".join(_each(column) for column in columns)
    return {
        "whole": f"select count(*), checksum_agg(binary_checksum({summed})), sum(cast(binary_checksum({summed}) as bigint)), {span}"
        f" from {name(table)}{upto}",
        "columns": f"select {each} from {name(table)}{upto}",
    }


def unhashed(columns: Sequence[Column]) -> tuple[str, ...]:
    """The columns whose content no hash covers: of a type that may be longer than HASHBYTES takes, or has no bytes of its own."""
    return tuple(column.name for column in columns if not _is_hashed(column))


def _is_hashed(column: Column) -> bool:
    return column.type in HASHED and column.length != -1


def can_hash(version: int | None, columns: Sequence[Column]) -> bool:
    """Whether a server of this version (8 is 2000; None: not told) can be asked for `hashes` of such a table."""
    return version is not None and version >= HASHES_SINCE and 0 < len(columns) - len(unhashed(columns)) <= MOST_COLUMNS


def hashes(table: str, columns: Sequence[Column], key: str, greatest: int | None) -> dict[str, str]:
    """SHA-1 of each row, and its five parts of 32 bits summed over the rows, in whatever order these are read."""
    upto = f" where [{name(key)}] <= {int(greatest)}" if key and greatest is not None else ""
    marked = " + ".join(_marked_hash(column) for column in columns if _is_hashed(column))
    sums = ", ".join(f"sum(cast(substring(r.h, {at}, 4) as bigint))" for at in range(1, 20, 4))
    return {"hashes": f"select {sums} from (select hashbytes('SHA1', {marked}) as h from {name(table)}{upto}) r"}


def _marked_hash(column: Column) -> str:
    named = f"[{name(column.name)}]"
    return f"case when {named} is null then 0x00 else 0x01 + hashbytes('SHA1', cast({named} as varbinary(8000))) end"


def _each(column: Column) -> str:
    named = f"[{name(column.name)}]"
    more = f", min(cast({named} as bigint)), max(cast({named} as bigint))" if column.versioned else ""
    return f"sum(case when {named} is null then 1 else 0 end), sum(cast(datalength({named}) as bigint)){more}"


@dataclass(frozen=True)
class Aggregates:
    """Answers of `aggregates` and `hashes`; None: not told, which equals nothing."""

    rows: int | None
    least: int | None
    greatest: int | None
    whole: tuple[str, ...] | None
    columns: tuple[str, ...] | None
    hashes: tuple[str, ...] | None = ()  # () where they were not asked for

    def differs_from(self, other: Aggregates) -> list[str]:
        """What is not equal, or not known; empty: every figure was read and is the same on both sides."""
        differing = [
            what
            for what in ("whole", "columns", "hashes")
            if getattr(self, what) is None or getattr(self, what) != getattr(other, what)
        ]
        return (["rows"] if self.rows is None or self.rows != other.rows else []) + differing


def read_aggregates(answers: Mapping[str, Answer]) -> Aggregates:
    whole_row, columns = one_row(answers["whole"]), one_row(answers["columns"])
    hashed = one_row(answers["hashes"]) if "hashes" in answers else ()
    cells = [whole_number(cell) for cell in whole_row or ()]
    if len(cells) != 5:
        return Aggregates(None, None, None, None, columns, hashed)
    return Aggregates(cells[0], cells[3], cells[4], whole_row, columns, hashed)
