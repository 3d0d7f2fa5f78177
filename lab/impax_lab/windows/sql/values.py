# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL Server's types as its clients print them: how wide a column is, on which side it stands, a value as text."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

WIDTHS = {  # ODBC's display size of each type ("Display Size", ODBC Programmer's Reference, appendix D)
    "bigint": 20, "bit": 1, "datetime": 23, "float": 22, "int": 11, "money": 21, "real": 13, "smalldatetime": 19,
    "smallint": 6, "smallmoney": 12, "timestamp": 18, "rowversion": 18, "tinyint": 3, "uniqueidentifier": 36,
    "date": 10, "datetime2": 27, "time": 16, "sql_variant": 256,
}  # fmt: skip
NUMBERS = {"bigint", "bit", "float", "int", "money", "real", "smallint", "smallmoney", "tinyint", "decimal", "numeric"}
BINARY = {"binary", "varbinary", "image", "timestamp", "rowversion"}
WIDE = {"nchar", "nvarchar", "ntext", "xml"}
LONG = {"text", "ntext", "image", "xml"}
UNBOUNDED = 256  # columns shown of a type without a limit; assumed for osql


@dataclass(frozen=True)
class Column:
    """One column of a result. kind: its type's name. size: characters or bytes (-1: no limit), or digits; scale: of
    decimals. nullable: whether it may hold NULL."""

    name: str
    kind: str
    size: int = 0
    scale: int = 0
    nullable: bool = True

    @property
    def width(self) -> int:
        if self.kind in WIDTHS:
            return WIDTHS[self.kind]
        if self.kind in ("decimal", "numeric"):
            return (self.size or 18) + 2
        if self.kind in LONG or self.size < 0:
            return UNBOUNDED
        return 2 * self.size + 2 if self.kind in BINARY else self.size or UNBOUNDED

    @property
    def right(self) -> bool:
        return self.kind in NUMBERS


def text(value: Any, kind: str) -> str:
    """A value as osql and sqlcmd print it."""
    if value is None:
        return "NULL"
    if isinstance(value, (bytes, bytearray)):
        return "0x" + bytes(value).hex().upper()
    return plain(value, kind)


def plain(value: Any, kind: str) -> str:
    """A value that is not NULL as character data, as bcp -c writes it (binary without 0x)."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex().upper()
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (date, datetime)) or kind in ("datetime", "smalldatetime"):
        return moment(value, kind)
    if kind in ("money", "smallmoney"):
        return f"{Decimal(str(value)):.4f}"
    if kind in ("float", "real"):
        return floating(float(value), 7 if kind == "real" else 15)
    if isinstance(value, uuid.UUID):
        return str(value).upper()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def moment(value: Any, kind: str) -> str:
    """ODBC's canonical form: milliseconds for datetime, none for smalldatetime."""
    if isinstance(value, datetime):
        value = value.isoformat(" ", "milliseconds")
    shown = str(value).replace("T", " ")
    if kind == "smalldatetime":
        return shown[:19] if len(shown) >= 19 else f"{shown} 00:00:00"[:19]
    if kind != "datetime":
        return shown
    whole, _, part = shown.partition(".")
    whole = whole if " " in whole else f"{whole} 00:00:00"
    return f"{whole}.{part[:3]:0<3}"


def floating(value: float, digits: int) -> str:
    """As the C library's %.{digits}g of Windows: an exponent has three digits."""
    shown = f"{value:.{digits}g}"
    if "e" not in shown:
        return shown if "." in shown else f"{shown}.0"
    mantissa, exponent = shown.split("e")
    return f"{mantissa}e{exponent[0]}{int(exponent[1:]):03d}"
