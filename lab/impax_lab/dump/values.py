# SPDX-License-Identifier: GPL-3.0-or-later
"""How Oracle stores values, as a dump carries them: NUMBER in base 100, DATE in seven bytes, text in the file's
character set. Oracle Database Concepts, "Internal Numeric Format"; Oracle Call Interface, "Internal Datatypes"."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

CODECS = {
    "AL32UTF8": "utf-8", "UTF8": "utf-8", "US7ASCII": "ascii", "WE8ISO8859P1": "latin-1", "WE8ISO8859P15": "iso8859-15",
    "WE8MSWIN1252": "cp1252", "WE8DEC": "latin-1", "ZHS16GBK": "gbk", "KO16MSWIN949": "cp949", "JA16SJIS": "shift-jis",
    "EE8ISO8859P2": "iso8859-2", "CL8ISO8859P5": "iso8859-5",
}  # fmt: skip


def number(value: int | float | Decimal | str) -> bytes:
    """A NUMBER: an exponent byte and digits in base 100; for a negative one their complement and a closing 102."""
    exact = Decimal(str(value)).normalize()
    if exact == 0:
        return b"\x80"
    sign, digits, exponent = exact.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"{value!r} is no number")
    if exponent % 2:
        digits, exponent = (*digits, 0), exponent - 1
    if len(digits) % 2:
        digits = (0, *digits)
    pairs = [digits[i] * 10 + digits[i + 1] for i in range(0, len(digits), 2)]
    power = exponent // 2 + len(pairs) - 1
    while pairs[-1] == 0:
        pairs.pop()
    if sign:
        return bytes([62 - power, *(101 - pair for pair in pairs)]) + (b"\x66" if len(pairs) < 20 else b"")
    return bytes([193 + power, *(pair + 1 for pair in pairs)])


def number_of(data: bytes) -> Decimal:
    """The number of such bytes, whatever they are: a turned bit gives another number, or Decimal("NaN")."""
    if data == b"\x80" or not data:
        return Decimal(0)
    if data[0] & 0x80:
        power, pairs, sign = data[0] - 193, [byte - 1 for byte in data[1:]], 0
    else:
        body = data[1:-1] if data[-1] == 102 else data[1:]
        power, pairs, sign = 62 - data[0], [101 - byte for byte in body], 1
    if any(not 0 <= pair <= 99 for pair in pairs):
        return Decimal("NaN")
    digits = [digit for pair in pairs for digit in divmod(pair, 10)]
    return Decimal((sign, tuple(digits), 2 * (power - len(pairs) + 1)))


def date(value: datetime | str) -> bytes:
    """A DATE: century, year, month, day, hour, minute, second, each with its offset."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return bytes([moment.year // 100 + 100, moment.year % 100 + 100, moment.month, moment.day,
                  moment.hour + 1, moment.minute + 1, moment.second + 1])  # fmt: skip


def date_of(data: bytes) -> str:
    """ISO text of such bytes; unreadable ones as their hex digits."""
    try:
        century, year, month, day, hour, minute, second = data
        return datetime((century - 100) * 100 + year - 100, month, day, hour - 1, minute - 1, second - 1).isoformat(" ")
    except ValueError:
        return data.hex()


def text(value: str, charset: str) -> bytes:
    """What the character set has not got becomes a question mark, without a word: that is how rows are spoilt."""
    return value.encode(CODECS.get(charset, "ascii"), "replace")
