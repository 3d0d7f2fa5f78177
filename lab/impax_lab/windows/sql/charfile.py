# SPDX-License-Identifier: GPL-3.0-or-later
"""bcp files of characters (-c, -w, format files): fields between terminators that nothing in the data escapes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from impax_lab.windows.sql.values import BINARY, NUMBERS, Column, plain

MARK = b"\xff\xfe"  # "The first two bytes of the file": Using Unicode Character Format, Books Online
ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "0": "\0", "\\": "\\"}
HEX = re.compile(r"0x((?:[0-9a-fA-F]{2})+)\Z")


@dataclass(frozen=True)
class Field:
    """One field of a row. column: the table's column, None for one that is not loaded. terminator: as bytes."""

    column: Column | None
    terminator: bytes


class BadValue(Exception):
    """A value that its column cannot take; the text is the driver's. column: its number in the file, from 1."""

    column = 0

    def __init__(self, state: str, text: str) -> None:
        super().__init__(text)
        self.state = state


def terminator(asked: str, default: str, codec: str) -> bytes:
    """-t or -r as bytes. ``\\n`` alone becomes CR LF; 0x0A, and ``\\n`` among other characters, stay (assumed)."""
    if found := HEX.match(asked):
        return bytes.fromhex(found[1])
    text = re.sub(r"\\([tnr0\\])", lambda part: ESCAPES[part[1]], asked or default)
    return ("\r\n" if text == "\n" else text).encode(codec, "replace")


def packed(value: Any, column: Column, codec: str) -> bytes:
    """A value between terminators: NULL is nothing at all, an empty string is one NUL."""
    if value is None:
        return b""
    return (plain(value, column.kind) or "\0").encode(codec, "replace")


def row(values: Sequence[Any], fields: Sequence[Field], codec: str) -> bytes:
    parts = []
    for value, field in zip(values, fields, strict=True):
        assert field.column
        parts.append(packed(value, field.column, codec) + field.terminator)
    return b"".join(parts)


def rows(data: bytes, fields: Sequence[Field]) -> Iterator[list[bytes] | None]:
    """The fields of each row; None when the file ends within one."""
    at = len(MARK) if data.startswith(MARK) and fields[0].terminator[1:2] == b"\0" else 0
    while at < len(data):
        values = []
        for field in fields:
            end = _find(data, field.terminator, at)
            if end < 0:
                yield None
                return
            values.append(data[at:end])
            at = end + len(field.terminator)
        yield values


def _find(data: bytes, wanted: bytes, at: int) -> int:
    """UTF-16 terminators stand at even places only."""
    end = data.find(wanted, at)
    while end >= 0 and wanted[1:2] == b"\0" and (end - at) % 2:
        end = data.find(wanted, end + 1)
    return end


def value(field: bytes, column: Column, codec: str) -> Any:
    """A field as a value of its column. Raises BadValue."""
    text = field.decode(codec, "replace")
    if not text:
        return None
    if text == "\0":
        text = ""
    if column.kind in BINARY:
        return _binary(text)
    if column.kind in NUMBERS:
        return _number(text.strip(), column.kind)
    limit = column.size if column.kind in ("char", "varchar", "nchar", "nvarchar") else -1
    if 0 < limit < len(text):
        raise BadValue("22001", "String data, right truncation")
    return text


def _binary(text: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError as error:
        raise BadValue("22005", "Invalid character value for cast specification") from error


def _number(text: str, kind: str) -> Any:
    try:
        if kind in ("float", "real"):
            return float(text)
        return Decimal(text) if kind in ("decimal", "numeric", "money", "smallmoney") else int(text)
    except (ValueError, InvalidOperation) as error:
        raise BadValue("22005", "Invalid character value for cast specification") from error
