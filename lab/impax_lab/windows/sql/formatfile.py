# SPDX-License-Identifier: GPL-3.0-or-later
"""bcp's format files that are not XML: written by ``bcp ... format nul -f``, read by ``bcp ... in ... -f``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from impax_lab.windows.sql import native
from impax_lab.windows.sql.values import LONG, WIDE, Column

LINE = re.compile(r'\s*(\d+)\s+(\w+)\s+(\d+)\s+(\d+)\s+"((?:[^"\\]|\\.)*)"\s+(\d+)\s+(\S+)\s+(\S*)\s*$')
CHARACTERS = {  # data length of a type in a character file, from Books Online's table of default field lengths
    "int": 12, "bigint": 21, "smallint": 7, "tinyint": 5, "bit": 1, "datetime": 24, "smalldatetime": 24, "float": 30,
    "real": 30, "money": 30, "smallmoney": 30, "decimal": 41, "numeric": 41, "uniqueidentifier": 37, "timestamp": 17,
    "rowversion": 17,
}  # fmt: skip
TYPES = {
    "int": "SQLINT", "bigint": "SQLBIGINT", "smallint": "SQLSMALLINT", "tinyint": "SQLTINYINT", "bit": "SQLBIT",
    "datetime": "SQLDATETIME", "smalldatetime": "SQLDATETIM4", "float": "SQLFLT8", "real": "SQLFLT4",
    "money": "SQLMONEY", "smallmoney": "SQLMONEY4", "decimal": "SQLDECIMAL", "numeric": "SQLNUMERIC",
    "uniqueidentifier": "SQLUNIQUEID", "binary": "SQLBINARY", "varbinary": "SQLBINARY", "image": "SQLBINARY",
    "timestamp": "SQLBINARY", "rowversion": "SQLBINARY", "nchar": "SQLNCHAR", "nvarchar": "SQLNCHAR",
    "ntext": "SQLNCHAR",
}  # fmt: skip


class Broken(Exception):
    """The file is no format file, or one of a kind that the lab does not read."""


@dataclass(frozen=True)
class Entry:
    """One field: type, prefix length, data length, terminator (escapes resolved), the column's place (0: skipped)."""

    type: str
    prefix: int
    length: int
    terminator: str
    place: int
    name: str


def write(columns: Sequence[Column], version: int, collation: str, mode: str, ends: Sequence[str]) -> str:
    """mode: ``c``, ``w``, ``n`` or ``N``. ends: the terminator of each field as it is to stand in the file."""
    lines = [f"{version}.0", str(len(columns))]
    if mode == "w":
        ends = ["".join(f"{sign}\0" for sign in end) for end in ends]  # wide characters byte by byte
    for number, (column, end) in enumerate(zip(columns, ends, strict=True), 1):
        kind, prefix, length = _storage(column, mode)
        own = collation if kind in ("SQLCHAR", "SQLNCHAR") and column.kind not in CHARACTERS else '""'
        lines.append(
            f"{number:<7} {kind:<19} {prefix:<7} {length:<7} {_quoted(end):<8} {number:<5} {column.name:<33} {own}"
        )
    return "\n".join(lines) + "\n"


def _storage(column: Column, mode: str) -> tuple[str, int, int]:
    """(type, prefix length, data length) in the file."""
    wide = mode in "wN" or column.kind in WIDE
    if mode in "cw":
        length = CHARACTERS.get(column.kind, _bytes(column, column.kind in WIDE))
        return ("SQLNCHAR", 0, length * (1 if column.kind in WIDE else 2)) if mode == "w" else ("SQLCHAR", 0, length)
    if column.kind in TYPES and column.kind not in WIDE:
        return TYPES[column.kind], native.prefix(column), native.SIZES.get(column.kind, _bytes(column, False))
    return "SQLNCHAR" if wide else "SQLCHAR", native.prefix(column), _bytes(column, wide)


def _bytes(column: Column, wide: bool) -> int:
    """0: no limit."""
    return 0 if column.kind in LONG or column.size < 0 else column.size * (2 if wide else 1)


def _quoted(end: str) -> str:
    shown = end.replace("\\", "\\\\")
    for sign, letter in {"\t": "t", "\r": "r", "\n": "n", "\0": "0", '"': '"'}.items():
        shown = shown.replace(sign, f"\\{letter}")
    return f'"{shown}"'


def read(text: str) -> list[Entry]:
    """Raises Broken."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 3 or not re.fullmatch(r"\d+\.\d", lines[0].strip()) or not lines[1].strip().isdigit():
        raise Broken
    found = [LINE.match(line) for line in lines[2:]]
    if len(found) != int(lines[1]) or None in found:
        raise Broken
    return [_entry(match) for match in found if match]


def _entry(match: re.Match[str]) -> Entry:
    end = re.sub(r"\\(.)", lambda part: {"t": "\t", "r": "\r", "n": "\n", "0": "\0"}.get(part[1], part[1]), match[5])
    return Entry(match[2].upper(), int(match[3]), int(match[4]), end, int(match[6]), match[7])
