# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle's types: how they are declared, what a column takes, how a value is kept and how a client gets it.

NUMBER is kept as an integer of 64 bits where it is whole, else as a floating number of 15 digits (the real one has 38):
a whole number beyond is refused, not rounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from impax_lab.engine.model import Column, Type
from impax_lab.engine.ora import dates
from impax_lab.engine.ora.errors import error, not_understood
from impax_lab.engine.sql.tokens import Words

TEXT = {"VARCHAR2", "CHAR", "NVARCHAR2", "NCHAR", "CLOB", "LONG"}
NUMBERS = {"NUMBER"}
DATES = {"DATE", "TIMESTAMP"}
SYNONYMS = {
    "VARCHAR": "VARCHAR2", "INTEGER": "NUMBER", "INT": "NUMBER", "SMALLINT": "NUMBER", "DECIMAL": "NUMBER",
    "NUMERIC": "NUMBER", "FLOAT": "NUMBER", "REAL": "NUMBER", "PLS_INTEGER": "NUMBER", "BINARY_INTEGER": "NUMBER",
    "CHARACTER": "CHAR", "POSITIVE": "NUMBER", "NATURAL": "NUMBER", "STRING": "VARCHAR2",
}  # fmt: skip
KINDS = TEXT | NUMBERS | DATES | {"RAW"}
WHOLE = {"INTEGER", "INT", "SMALLINT", "PLS_INTEGER", "BINARY_INTEGER", "POSITIVE", "NATURAL"}
LONGEST = {"VARCHAR2": 4000, "NVARCHAR2": 2000, "CHAR": 2000, "NCHAR": 1000, "RAW": 2000}
SHOWN = {"CHAR": "CHAR", "NVARCHAR2": "CHAR", "VARCHAR2": "CHAR"}
NUMBER = Type("NUMBER")
DATE = Type("DATE")


def text(size: int | None = None) -> Type:
    return Type("VARCHAR2", size)


def class_of(kind: Type) -> str:
    """text, number, date, raw or null."""
    if kind.kind in TEXT:
        return "text"
    if kind.kind in NUMBERS:
        return "number"
    return "date" if kind.kind in DATES else kind.kind.lower()


def read_type(words: Words) -> Type:
    """A type as it is declared. Raises OracleError 902, 906, 910."""
    first = words.name_token().text.upper()
    kind = SYNONYMS.get(first, first)
    if kind not in KINDS:
        raise not_understood(902, f"type {first}")
    size, scale = _size(words)
    if kind == "LONG":
        words.take("RAW")
    if kind in ("VARCHAR2", "NVARCHAR2", "RAW") and size is None:
        raise error(906)
    if kind in LONGEST and size is not None and not 1 <= size <= 32767:
        raise not_understood(902, f"{first}({size})")
    if first in WHOLE or (kind == "NUMBER" and size is not None and scale is None):
        scale = 0
    return Type(kind, 1 if kind in ("CHAR", "NCHAR") and size is None else size, scale)


def _size(words: Words) -> tuple[int | None, int | None]:
    if not words.take("("):
        return None, None
    size = None if words.take("*") else words.number()
    words.one_of("CHAR", "BYTE")
    scale = words.number() if words.take(",") else None
    words.expect(")")
    return size, scale


def declared(kind: Type) -> str:
    """NUMBER(12), VARCHAR2(64), DATE: as in CREATE TABLE."""
    if kind.kind == "NUMBER" and kind.size is not None:
        return f"NUMBER({kind.size}{f',{kind.scale}' if kind.scale else ''})"
    if kind.kind == "NUMBER" and kind.scale == 0:
        return "NUMBER(38)"
    return f"{kind.kind}({kind.size})" if kind.kind in LONGEST else kind.kind


def number(value: Any) -> int | float | None:
    """A number out of anything. Raises OracleError 1722."""
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, Decimal):
        return _kept(value)
    try:
        return _kept(Decimal(str(value).strip()))
    except InvalidOperation:
        raise error(1722) from None


def _kept(value: Decimal) -> int | float:
    if not value.is_finite():
        raise error(1722)
    if value == value.to_integral_value():
        whole = int(value)
        if not -(2**63) <= whole < 2**63:
            raise not_understood(1722, f"the whole number {whole} has more than 64 bits")
        return whole
    return float(value)


def shown_number(value: int | float | None) -> str | None:
    """As TO_CHAR writes it."""
    if value is None or isinstance(value, int):
        return None if value is None else str(value)
    plain = f"{Decimal(f'{value:.15g}'):f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return re.sub(r"^(-?)0\.", r"\1.", plain)


def stored(column: Column, table: str, model: str) -> Callable[[Any, Type], Any]:
    """What a column makes of a value of some type. table: "OWNER"."TABLE" for messages; model: NLS_DATE_FORMAT."""
    place = f'{table}."{column.name}"'
    converted = _converter(column.type, place, model)

    def store(value: Any, kind: Type) -> Any:
        if value is None or value == "":
            if not column.nullable:
                raise error(1400, place)
            return None
        return converted(value, kind)

    return store


def _converter(kind: Type, place: str, model: str) -> Callable[[Any, Type], Any]:
    group = class_of(kind)
    if group == "number":
        return lambda value, given: _fitted(number(_textual(value, given, "NUMBER")), kind)
    if group == "date":
        return lambda value, given: value if class_of(given) == "date" else dates.to_date(str(value), model)
    if group == "raw":
        return lambda value, given: value if isinstance(value, bytes) else bytes.fromhex(str(value))
    return lambda value, given: _text(value, given, kind, place, model)


def _textual(value: Any, given: Type, expected: str) -> Any:
    if class_of(given) == "date":
        raise error(932, expected, "DATE")
    return value


def _fitted(value: Any, kind: Type) -> Any:
    """Rounded to the scale; ORA-01438 beyond the precision."""
    if kind.scale is not None and isinstance(value, float):
        exact = round(Decimal(repr(value)), kind.scale)
        value = _kept(exact)
    if kind.size is not None and abs(value) >= 10 ** (kind.size - (kind.scale or 0)):
        raise error(1438)
    return value


def _text(value: Any, given: Type, kind: Type, place: str, model: str) -> str:
    if class_of(given) == "date":
        value = dates.to_char(dates.moment(value), model)
    elif isinstance(value, (int, float)):
        value = shown_number(value)
    elif isinstance(value, bytes):
        value = value.hex().upper()
    if kind.kind in LONGEST and kind.size is not None:
        # the size counts bytes (NLS_LENGTH_SEMANTICS=BYTE), those of the N types characters
        length = len(value) if kind.kind[0] == "N" else len(value.encode("utf-8"))
        if length > kind.size:
            raise error(12899, place, length, kind.size)
        if kind.kind in ("CHAR", "NCHAR"):
            return str(value).ljust(kind.size - (length - len(value)))
    return str(value)


def for_client(kind: Type, model: str) -> Callable[[Any], Any]:
    """From the kept form to what a client gets."""
    if class_of(kind) == "date":
        return lambda value: None if value is None else dates.OracleDate.shown_as(value, model)
    if class_of(kind) in ("number", "null"):
        return lambda value: Decimal(f"{value:.15g}") if isinstance(value, float) else value
    return lambda value: None if value == "" else value
