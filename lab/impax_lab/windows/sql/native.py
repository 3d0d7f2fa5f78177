# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL Server's native storage of values in bcp files (-n, -N): Books Online, "File Storage Type", "Prefix Length"."""

from __future__ import annotations

import struct
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from impax_lab.windows.sql.values import LONG, WIDE, Column

EPOCH = datetime(1900, 1, 1)
TICKS = 300  # of a datetime, a second
FIXED = {
    "tinyint": "<B", "smallint": "<h", "int": "<i", "bigint": "<q", "real": "<f", "float": "<d", "bit": "<B",
}  # fmt: skip
SIZES = {
    "tinyint": 1, "smallint": 2, "int": 4, "bigint": 8, "real": 4, "float": 8, "bit": 1, "datetime": 8,
    "smalldatetime": 4, "money": 8, "smallmoney": 4, "uniqueidentifier": 16, "decimal": 19, "numeric": 19,
    "timestamp": 8, "rowversion": 8,
}  # fmt: skip
ALWAYS_PREFIXED = {"decimal", "numeric"}


def prefix(column: Column) -> int:
    """Bytes of the length in front of a value: none for what is always there and of one size."""
    if column.kind in LONG:
        return 4
    if column.size < 0:
        return 8
    if column.kind in SIZES and column.kind not in ("timestamp", "rowversion"):
        return 1 if column.nullable or column.kind in ALWAYS_PREFIXED else 0
    return 2


def pack(value: Any, column: Column, wide: bool, codepage: str) -> bytes:
    """A value with its prefix. wide: character data as UTF-16 (-N)."""
    length = prefix(column)
    if value is None:
        return b"\xff" * length
    data = _packed(value, column, wide, codepage)
    return (len(data).to_bytes(length, "little") if length else b"") + data


def _packed(value: Any, column: Column, wide: bool, codepage: str) -> bytes:
    kind = column.kind
    if kind in FIXED:
        return struct.pack(FIXED[kind], float(value) if kind in ("real", "float") else int(value))
    if kind in ("money", "smallmoney"):
        units = int(Decimal(str(value)) * 10000)
        return struct.pack("<i", units) if kind == "smallmoney" else _money(units)
    if kind in ("datetime", "smalldatetime"):
        return _moment(value, kind)
    if kind in ("decimal", "numeric"):
        return _decimal(Decimal(str(value)), column)
    if kind == "uniqueidentifier":
        return uuid.UUID(str(value)).bytes_le
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    return str(value).encode("utf-16-le" if wide or kind in WIDE else codepage, "replace")


def _money(units: int) -> bytes:
    """The high half comes first."""
    return struct.pack("<iI", units >> 32, units & 0xFFFFFFFF)


def _moment(value: Any, kind: str) -> bytes:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    past = moment - EPOCH
    if kind == "smalldatetime":
        return struct.pack("<HH", past.days, past.seconds // 60)
    return struct.pack("<iI", past.days, past.seconds * TICKS + round(past.microseconds * TICKS / 1_000_000))


def _decimal(value: Decimal, column: Column) -> bytes:
    units = abs(int(value.scaleb(column.scale)))
    return bytes([column.size or 18, column.scale, int(value >= 0)]) + units.to_bytes(16, "little")


class Reader:
    """Values out of a native file, one after the other. Raises EOFError in the middle of one."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def more(self) -> bool:
        return self.at < len(self.data)

    def take(self, size: int) -> bytes:
        part = self.data[self.at : self.at + size]
        if len(part) < size:
            raise EOFError
        self.at += size
        return part

    def value(self, column: Column, wide: bool, codepage: str) -> Any:
        length = prefix(column)
        if not length:
            return _unpacked(self.take(SIZES[column.kind]), column, wide, codepage)
        head = self.take(length)
        if head == b"\xff" * length:
            return None
        return _unpacked(self.take(int.from_bytes(head, "little")), column, wide, codepage)


def _unpacked(data: bytes, column: Column, wide: bool, codepage: str) -> Any:
    kind = column.kind
    if kind in FIXED:
        return struct.unpack(FIXED[kind], data)[0]
    if kind == "smallmoney":
        return Decimal(struct.unpack("<i", data)[0]) / 10000
    if kind == "money":
        high, low = struct.unpack("<iI", data)
        return Decimal((high << 32) + low) / 10000
    if kind in ("datetime", "smalldatetime"):
        return _as_moment(data, kind)
    if kind in ("decimal", "numeric"):
        sign = 1 if data[2] else -1
        return Decimal(sign * int.from_bytes(data[3:], "little")).scaleb(-data[1])
    if kind == "uniqueidentifier":
        return str(uuid.UUID(bytes_le=data)).upper()
    if kind in ("binary", "varbinary", "image", "timestamp", "rowversion"):
        return data
    return data.decode("utf-16-le" if wide or kind in WIDE else codepage, "replace")


def _as_moment(data: bytes, kind: str) -> datetime:
    if kind == "smalldatetime":
        days, minutes = struct.unpack("<HH", data)
        return EPOCH + timedelta(days=days, minutes=minutes)
    days, ticks = struct.unpack("<iI", data)
    return EPOCH + timedelta(days=days, milliseconds=round(ticks * 10 / 3))
