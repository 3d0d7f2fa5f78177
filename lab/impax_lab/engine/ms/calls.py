# SPDX-License-Identifier: GPL-3.0-or-later
"""What SQLite asks back for: the functions, aggregates and collations of SQL Server as Python.

CHECKSUM and BINARY_CHECKSUM: the real algorithm is not published; this one is `assumed`: a CRC over type and value, so
any change of a value shows, and equal rows have equal sums on every server. CHECKSUM_AGG is the exclusive or, as the real
one (it cancels equal pairs).
"""

from __future__ import annotations

import hashlib
import math
import re
import struct
import unicodedata
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from impax_lab.engine.model import Type
from impax_lab.engine.ms import convert, types
from impax_lab.engine.ms.errors import SqlError, error

FAMILIES = {"bit": b"i", "tinyint": b"i", "smallint": b"i", "int": b"i", "bigint": b"i", "decimal": b"d", "numeric": b"d",
            "money": b"m", "smallmoney": b"m", "float": b"f", "real": b"f", "char": b"s", "varchar": b"s", "nchar": b"u",
            "nvarchar": b"u", "binary": b"b", "varbinary": b"b", "timestamp": b"b", "uniqueidentifier": b"g"}  # fmt: skip


@lru_cache(maxsize=256)
def _type(packed: str) -> Type:
    kind, size, scale = packed.split(":")
    return Type(kind, int(size) if size else None, int(scale) if scale else None)


def _cast(value: Any, source: str, target: str, style: Any) -> Any:
    return convert.cast(value, _type(source), _type(target), style)


def _number(value: Any, target: str) -> Any:
    """The result of + - * in its type. Msg 8115 where it does not fit."""
    if value is None:
        return None
    kind = _type(target)
    if kind.kind in types.WHOLE:
        low, high = types.WHOLE[kind.kind]
        if not low <= value <= high:
            raise error(8115, "expression", kind.kind)
        return value
    if kind.kind in types.EXACT:
        places = types.precision(kind)[1]
        return convert.kept(round(Decimal(repr(value)), places))
    return float(value)


def _divide(one: Any, other: Any, target: str) -> Any:
    if one is None or other is None:
        return None
    if other == 0:
        raise error(8134)
    kind = _type(target)
    if kind.kind in types.WHOLE:
        found = abs(one) // abs(other)
        return _number(found if (one < 0) == (other < 0) else -found, target)
    return _number(one / other, target)


def _modulo(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return None
    if other == 0:
        raise error(8134)
    return int(math.fmod(one, other)) if isinstance(one, int) and isinstance(other, int) else math.fmod(one, other)


def _round(value: Any, places: Any, cut: Any) -> Any:
    if value is None or places is None:
        return None
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-int(places)), ROUND_DOWN if cut else ROUND_HALF_UP)
    return int(exact) if isinstance(value, int) else convert.kept(exact)


# Checksums ----------------------------------------------------------------------------------------------------------


def _bytes_of(value: Any, kind: str, folding: int) -> bytes:
    if value is None:
        return b"\0"
    family = FAMILIES.get(kind, b"t")
    if isinstance(value, (bytes, bytearray)):
        return family + bytes(value)
    if family in (b"s", b"u"):
        text = str(value).rstrip(" ").casefold() if folding else str(value)
        return family + text.encode("utf-16-le" if family == b"u" else "cp1252", "replace")
    if family == b"i":
        return family + struct.pack("<q", value)
    if family in (b"d", b"m", b"f"):
        return family + struct.pack("<d", float(value))
    return family + str(value).encode()


def _checksum(folding: int, kinds: str, *values: Any) -> int:
    found = 0
    for kind, value in zip(kinds.split(" "), values, strict=True):
        part = _bytes_of(value, kind, folding)
        found = zlib.crc32(len(part).to_bytes(4, "big") + part, found)
    return found - 2**32 if found >= 2**31 else found


def _hash(method: Any, value: Any, kind: str) -> Any:
    if value is None:
        return None
    name = str(method).lower()
    if name not in ("md5", "sha", "sha1"):
        return None  # MD2 and MD4 are known to the real one: NULL is what it gives for a method it does not know
    data = (
        value
        if isinstance(value, bytes)
        else str(value).encode("utf-16-le" if kind in types.WIDE else "cp1252", "replace")
    )
    return hashlib.new("md5" if name == "md5" else "sha1", data, usedforsecurity=False).digest()


class ChecksumAgg:
    def __init__(self) -> None:
        self.value: int | None = None

    def step(self, value: Any) -> None:
        if value is not None:
            self.value = value if self.value is None else self.value ^ value

    def finalize(self) -> int | None:
        return self.value


def _sum(kind: str) -> type:
    low, high = types.WHOLE[kind]

    class Sum:
        """A sum that does not fit is Msg 8115, also where it would fit again at the end."""

        def __init__(self) -> None:
            self.value: int | None = None

        def step(self, value: Any) -> None:
            if value is not None:
                self.value = value + (self.value or 0)
                if not low <= self.value <= high:
                    raise error(8115, "expression", kind)

        def finalize(self) -> int | None:
            return self.value

    return Sum


# Text ---------------------------------------------------------------------------------------------------------------


def _substring(text: Any, start: Any, length: Any) -> Any:
    if text is None or start is None or length is None:
        return None
    if length < 0:
        raise SqlError(536, 16, 3, "Invalid length parameter passed to the substring function.")
    begin, end = start - 1, start - 1 + length
    return text[max(0, begin) : max(0, end)]


def _charindex(part: Any, text: Any, start: Any) -> Any:
    if part is None or text is None:
        return None
    return text.lower().find(part.lower(), max(0, (start or 1) - 1)) + 1


@lru_cache(maxsize=256)
def _pattern(pattern: str, escape: str | None, folds: int) -> re.Pattern[str]:
    made, at = "", 0
    while at < len(pattern):
        letter = pattern[at]
        if escape and letter == escape and at + 1 < len(pattern):
            at += 1
            made += re.escape(pattern[at])
        elif letter == "[" and (end := pattern.find("]", at + 2)) > 0:
            inner = pattern[at + 1 : end]
            negated = inner.startswith("^")
            made += "[" + "^" * negated + re.sub(r"([\\\[\]&~|])", r"\\\1", inner[negated:]) + "]"
            at = end
        else:
            made += {"%": ".*", "_": "."}.get(letter, re.escape(letter))
        at += 1
    return re.compile(made, re.S | (re.I if folds else 0))


def _like(text: Any, pattern: Any, escape: Any, folds: int) -> Any:
    if text is None or pattern is None:
        return None
    found = _pattern(pattern, escape, folds)
    return int(found.fullmatch(text) is not None or found.fullmatch(text.rstrip(" ")) is not None)


def _patindex(pattern: Any, text: Any) -> Any:
    if text is None or pattern is None:
        return None
    inner = pattern.strip("%")
    found = _pattern(inner, None, 1).search(text)
    return found.start() + 1 if found else 0


def _str(value: Any, length: Any, places: Any) -> Any:
    if value is None:
        return None
    wide = 10 if length is None else length
    shown = f"{Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-(places or 0)), ROUND_HALF_UP)}"
    return shown.rjust(wide) if len(shown) <= wide else "*" * wide


def _stuff(text: Any, start: Any, length: Any, more: Any) -> Any:
    if text is None or start is None or length is None or not 1 <= start <= len(text) or length < 0:
        return None
    return text[: start - 1] + (more or "") + text[start - 1 + length :]


def _replace(text: Any, part: Any, other: Any) -> Any:
    if None in (text, part, other):
        return None
    return re.sub(re.escape(part), lambda _: other, text, flags=re.I) if part else text


def _quoted(text: Any, sign: Any) -> Any:
    if text is None or sign not in (None, "[", "]", '"', "'"):
        return None
    first, last = {None: "[]", "[": "[]", "]": "[]"}.get(sign, (sign or "") * 2)
    return first + text.replace(last, last * 2) + last


def _is_number(text: Any) -> int:
    return int(
        bool(text and re.fullmatch(r"\s*[+-]?[$]?(\d[\d,]*)?\.?\d*([eE][+-]?\d+)?\s*", text) and re.search(r"\d", text))
    )


def _is_date(text: Any) -> int:
    try:
        return int(text is not None and bool(convert.read_moment(text)))
    except SqlError:
        return 0


# Dates --------------------------------------------------------------------------------------------------------------


def _add_days(stored: Any, days: Any, kind: str) -> Any:
    if stored is None or days is None:
        return None
    return types.stored_moment(types.moment(stored) + timedelta(days=days), kind)


PARTS: dict[str, Callable[[datetime], int]] = {
    "year": lambda at: at.year, "quarter": lambda at: (at.month + 2) // 3, "month": lambda at: at.month,
    "dayofyear": lambda at: at.timetuple().tm_yday, "day": lambda at: at.day,
    "week": lambda at: (at.timetuple().tm_yday + (at.replace(month=1, day=1).isoweekday() % 7) + 6) // 7,
    "weekday": lambda at: at.isoweekday() % 7 + 1, "hour": lambda at: at.hour, "minute": lambda at: at.minute,
    "second": lambda at: at.second, "millisecond": lambda at: at.microsecond // 1000,
}  # fmt: skip


def _date_part(unit: str, stored: Any) -> Any:
    return None if stored is None else PARTS[unit](types.moment(stored))


def _date_name(unit: str, stored: Any) -> Any:
    if stored is None:
        return None
    at = types.moment(stored)
    return at.strftime({"month": "%B", "weekday": "%A"}[unit]) if unit in ("month", "weekday") else str(PARTS[unit](at))


def _date_add(unit: str, count: Any, stored: Any) -> Any:
    if count is None or stored is None:
        return None
    at = types.moment(stored)
    months = {"year": 12, "quarter": 3, "month": 1}.get(unit)
    if months:
        month = at.year * 12 + at.month - 1 + count * months
        year, month = divmod(month, 12)
        last = (datetime(year + month // 11, month % 11 + 1 if month == 11 else month + 2, 1) - timedelta(days=1)).day
        return types.stored_moment(at.replace(year=year, month=month + 1, day=min(at.day, last)))
    length = {"week": 604800, "hour": 3600, "minute": 60, "second": 1, "millisecond": 0.001}.get(unit, 86400)
    return types.stored_moment(at + timedelta(seconds=count * length))


def _date_diff(unit: str, first: Any, last: Any) -> Any:
    """How many borders of the unit lie between."""
    if first is None or last is None:
        return None
    one, other = types.moment(first), types.moment(last)
    months = {"year": 12, "quarter": 3, "month": 1}.get(unit)
    if months:
        return (other.year * 12 + other.month - 1) // months - (one.year * 12 + one.month - 1) // months
    length = {"week": 604800, "hour": 3600, "minute": 60, "second": 1}.get(unit, 86400)
    if unit == "millisecond":
        return round((other - one).total_seconds() * 1000)
    start = datetime(1899, 12, 31)
    found = (other - start) // timedelta(seconds=length) - (one - start) // timedelta(seconds=length)
    return _number(found, "int::")


# Collations ---------------------------------------------------------------------------------------------------------


def _ordered(one: Any, other: Any) -> int:
    return (one > other) - (one < other)


def _folded(text: str) -> str:
    return text.rstrip(" ").casefold()


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    spread = unicodedata.normalize("NFD", _folded(text))
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


def _linguistic(one: str, other: str) -> int:
    """Letters with accents stand beside those without; assumed of all other signs: in the order of their numbers."""
    return _ordered((_plain(one), _folded(one)), (_plain(other), _folded(other)))


COLLATIONS: dict[str, Callable[[str, str], int]] = {
    "ms_ci": _linguistic,
    "ms_cs": lambda one, other: _ordered(one.rstrip(" "), other.rstrip(" ")),
    "ms_ai": lambda one, other: _ordered(_plain(one), _plain(other)),
}


def _strict(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: None if None in values else function(*values)


AGGREGATES: dict[str, tuple[int, type]] = {
    "ms_checksum_agg": (1, ChecksumAgg), "ms_sum_int": (1, _sum("int")), "ms_sum_bigint": (1, _sum("bigint")),
}  # fmt: skip
FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "ms_cast": (4, _cast), "ms_number": (2, _number), "ms_div": (3, _divide), "ms_mod": (2, _modulo), "ms_round": (3, _round),
    "ms_checksum": (-1, _checksum), "ms_hash": (3, _hash), "ms_length": (2, lambda v, kind: types.length(v, _type(kind))),
    "ms_substring": (3, _substring), "ms_right": (2, _strict(lambda text, n: text[-n:] if n else "")),
    "ms_upper": (1, _strict(str.upper)), "ms_lower": (1, _strict(str.lower)), "ms_replace": (3, _replace),
    "ms_reverse": (1, _strict(lambda text: text[::-1])), "ms_replicate": (2, _strict(lambda text, n: text * n if n >= 0 else None)),
    "ms_stuff": (4, _stuff), "ms_charindex": (3, _charindex), "ms_patindex": (2, _patindex), "ms_like": (4, _like),
    "ms_ascii": (1, _strict(lambda text: text.encode("cp1252", "replace")[0] if text else None)),
    "ms_char": (1, _strict(lambda n: bytes([n]).decode("cp1252", "replace") if 0 <= n <= 255 else None)), "ms_str": (3, _str),
    "ms_quotename": (2, _quoted), "ms_isnumeric": (1, _is_number), "ms_isdate": (1, _is_date),
    "ms_ceiling": (1, _strict(math.ceil)), "ms_floor": (1, _strict(math.floor)), "ms_power": (2, _strict(math.pow)),
    "ms_sqrt": (1, _strict(math.sqrt)), "ms_join": (2, _strict(lambda one, other: bytes(one) + bytes(other))),
    "ms_add_days": (3, _add_days), "ms_datepart": (2, _date_part), "ms_datename": (2, _date_name), "ms_dateadd": (3, _date_add),
    "ms_datediff": (3, _date_diff),
}  # fmt: skip
