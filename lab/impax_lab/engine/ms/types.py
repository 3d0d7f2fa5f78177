# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL Server's types: how they are declared, which wins over which, how a value is kept and how a client gets it.

Decimals are kept as floating numbers of 15 digits and whole ones of 64 bits: a type with more digits is refused, not
rounded. Character data outside of the code page 1252 becomes ? in char, varchar and text, as the server does it.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from impax_lab.engine.model import NULL, Column, Type
from impax_lab.engine.ms.errors import error, not_understood
from impax_lab.engine.sql.tokens import Words

# from weak to strong: Books Online, "Data Type Precedence"
PRECEDENCE = (
    "binary varbinary char varchar nchar nvarchar uniqueidentifier timestamp image text ntext bit tinyint smallint int bigint"
    " smallmoney money numeric decimal real float date smalldatetime datetime datetime2 xml"
).split()
RANK = {kind: rank for rank, kind in enumerate(PRECEDENCE)}
WHOLE = {"bit": (0, 1), "tinyint": (0, 255), "smallint": (-(2**15), 2**15 - 1), "int": (-(2**31), 2**31 - 1),
         "bigint": (-(2**63), 2**63 - 1)}  # fmt: skip
EXACT = {"decimal", "numeric", "money", "smallmoney"}
FLOATING = {"float", "real"}
NUMBERS = set(WHOLE) | EXACT | FLOATING
NARROW, WIDE = {"char", "varchar", "text"}, {"nchar", "nvarchar", "ntext", "xml"}
STRINGS = NARROW | WIDE
BINARY = {"binary", "varbinary", "image", "timestamp"}
LONG = {"text", "ntext", "image", "xml"}
DATES = {"datetime", "smalldatetime", "date", "datetime2"}
SINCE_2005, SINCE_2008 = {"xml"}, {"date", "datetime2"}
SYNONYMS = {
    "integer": "int", "character": "char", "dec": "decimal", "rowversion": "timestamp", "sysname": "nvarchar",
    "varcharacter": "varchar",
}  # fmt: skip
SIZES = {"bit": 1, "tinyint": 1, "smallint": 2, "int": 4, "bigint": 8, "smallmoney": 4, "money": 8, "real": 4, "float": 8,
         "smalldatetime": 4, "datetime": 8, "uniqueidentifier": 16, "timestamp": 8, "date": 3, "datetime2": 8}  # fmt: skip
DIGITS = {
    "bit": 1,
    "tinyint": 3,
    "smallint": 5,
    "int": 10,
    "bigint": 19,
    "smallmoney": 10,
    "money": 19,
    "real": 24,
    "float": 53,
}
DISPLAY = {  # ODBC's display sizes: ODBC Programmer's Reference, appendix D
    "bigint": 20, "bit": 1, "datetime": 23, "float": 22, "int": 11, "money": 21, "real": 13, "smalldatetime": 19,
    "smallint": 6, "smallmoney": 12, "timestamp": 18, "tinyint": 3, "uniqueidentifier": 36, "date": 10, "datetime2": 27,
}  # fmt: skip
CODE_PAGE = "cp1252"
INT, BIGINT, DATETIME, BIT = Type("int"), Type("bigint"), Type("datetime"), Type("bit")
FLOAT = Type("float")


def varchar(size: int, collation: str = "") -> Type:
    return Type("varchar", size, None, collation)


def nvarchar(size: int, collation: str = "") -> Type:
    return Type("nvarchar", size, None, collation)


def varbinary(size: int) -> Type:
    return Type("varbinary", size)


def read_type(words: Words, place: int, version: int) -> Type:
    """A type as it is declared. place: of the column or variable, for messages. Raises SqlError 2715, 2716, 2717."""
    token = words.name_token()
    name = token.name.lower()
    kind = SYNONYMS.get(name, name)
    if kind not in RANK or (kind in SINCE_2005 and version < 9) or (kind in SINCE_2008 and version < 10):
        if words.is_next("."):
            words.next()
            return read_type(words, place, version)
        raise not_understood(2715, f"type {name}", place, name)
    size, scale = _numbers(words, version)
    if name == "double":
        words.take("PRECISION")
    return _made(kind, name, size, scale, place)


def _numbers(words: Words, version: int) -> tuple[int | None, int | None]:
    if not words.take("("):
        return None, None
    if version >= 9 and words.take("MAX"):
        size, scale = -1, None
    else:
        size = words.number()
        scale = words.number() if words.take(",") else None
    words.expect(")")
    return size, scale


def _made(kind: str, name: str, size: int | None, scale: int | None, place: int) -> Type:
    if kind in ("decimal", "numeric"):
        digits, places = 18 if size is None else size, scale or 0
        if digits > 18 or (places and digits > 15):
            raise not_understood(2715, f"{kind}({digits},{places}): more digits than are kept", place, name)
        return Type(kind, digits, places)
    if kind in ("char", "varchar", "nchar", "nvarchar", "binary", "varbinary"):
        most = 4000 if kind[0] == "n" else 8000
        if size is not None and not (size == -1 and kind.startswith(("var", "nvar"))) and not 1 <= size <= most:
            raise error(2717, size, "column", name, most)
        return Type(kind, 128 if name == "sysname" else 1 if size is None else size)
    if size is not None and kind != "float" and kind != "datetime2":
        raise error(2716, place, name)
    return Type(kind)


def declared(kind: Type) -> str:
    if kind.kind in ("decimal", "numeric"):
        return f"{kind.kind}({kind.size},{kind.scale})"
    if kind.kind in STRINGS | BINARY and kind.kind not in LONG and kind.kind != "timestamp":
        return f"{kind.kind}({'max' if kind.size == -1 else kind.size})"
    return kind.kind


def stronger(one: Type, other: Type) -> Type:
    """The type of what is made from two."""
    if NULL in (one, other):
        return other if one == NULL else one
    first, second = (one, other) if RANK[one.kind] >= RANK[other.kind] else (other, one)
    if first.kind in STRINGS | BINARY and second.kind in STRINGS | BINARY:
        return Type(first.kind, _longer(first, second), None, first.collation or second.collation)
    if first.kind in ("decimal", "numeric") and second.kind in set(WHOLE) | {"decimal", "numeric"}:
        digits, places = precision(second)
        scale = max(first.scale or 0, places)
        whole = max((first.size or 18) - (first.scale or 0), digits - places)
        return Type(first.kind, min(38, whole + scale), scale)
    return first


def _longer(one: Type, other: Type) -> int | None:
    sizes = [one.size or 0, other.size or 0]
    return -1 if -1 in sizes else max(sizes)


def precision(kind: Type) -> tuple[int, int]:
    """(digits, scale) of a number."""
    if kind.kind in ("decimal", "numeric"):
        return kind.size or 18, kind.scale or 0
    return DIGITS.get(kind.kind, 18), 4 if kind.kind in ("money", "smallmoney") else 0


def length(value: Any, kind: Type) -> int | None:
    """DATALENGTH: bytes."""
    if value is None:
        return None
    if kind.kind in WIDE:
        return len(str(value).encode("utf-16-le"))
    if kind.kind in NARROW or (isinstance(value, str) and kind.kind not in SIZES):
        return len(str(value))
    if isinstance(value, (bytes, bytearray)):
        return len(value)
    if kind.kind in ("decimal", "numeric"):
        return 5 if (kind.size or 18) <= 9 else 9 if (kind.size or 18) <= 19 else 13
    return SIZES[kind.kind]


def in_code_page(text: str) -> str:
    if text.isascii():
        return text
    return text.encode(CODE_PAGE, "replace").decode(CODE_PAGE)


def moment(stored: str) -> datetime:
    return datetime.fromisoformat(stored)


def stored_moment(at: datetime, kind: str = "datetime") -> str:
    """As it is kept: a datetime to a three-hundredth of a second, a smalldatetime to the minute."""
    if kind == "date":
        return at.strftime("%Y-%m-%d")
    if kind == "smalldatetime":
        from datetime import timedelta

        rounded = at + timedelta(seconds=30) if at.second >= 30 else at
        return rounded.strftime("%Y-%m-%d %H:%M:00")
    if kind == "datetime2":
        return at.strftime("%Y-%m-%d %H:%M:%S.%f")
    ticks = round(at.microsecond * 300 / 1_000_000)
    if ticks == 300:
        from datetime import timedelta

        return stored_moment(at.replace(microsecond=0) + timedelta(seconds=1))
    return at.strftime("%Y-%m-%d %H:%M:%S.") + f"{(ticks * 10 + 1) // 3:03}"


def for_client(kind: Type) -> Any:
    """From the kept form to what a client gets."""
    if kind.kind in DATES - {"date"}:
        return lambda value: None if value is None else datetime.fromisoformat(value)
    if kind.kind in ("decimal", "numeric", "money", "smallmoney"):
        places = Decimal(1).scaleb(-(4 if kind.kind.endswith("money") else kind.scale or 0))
        return lambda value: None if value is None else Decimal(repr(value)).quantize(places)
    if kind.kind in FLOATING:
        return lambda value: None if value is None else float(value)
    return lambda value: value


def display(kind: Type) -> int:
    """Characters that ODBC allows for a value; -1: no limit."""
    if kind.kind in DISPLAY:
        return DISPLAY[kind.kind]
    if kind.kind in ("decimal", "numeric"):
        return (kind.size or 18) + 2
    if kind.kind in LONG or kind.size == -1:
        return -1
    if kind.kind in ("binary", "varbinary"):
        return 2 * (kind.size or 1)
    return kind.size or 1


def is_identity(kind: Type) -> bool:
    return kind.kind in ("int", "bigint", "smallint", "tinyint") or (
        kind.kind in ("decimal", "numeric") and not kind.scale
    )


def collated(column: Column, collation: str) -> Type:
    """The column's type with the database's collation where it has none of its own."""
    if column.type.kind in STRINGS and not column.type.collation:
        return Type(column.type.kind, column.type.size, column.type.scale, collation)
    return column.type
