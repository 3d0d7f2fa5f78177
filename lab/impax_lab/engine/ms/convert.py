# SPDX-License-Identifier: GPL-3.0-or-later
"""CAST and CONVERT of kept values, and what a column takes. Books Online: "CAST and CONVERT"."""

from __future__ import annotations

import re
import struct
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from impax_lab.engine.model import Type
from impax_lab.engine.ms import types
from impax_lab.engine.ms.errors import error, not_understood

STYLES = {  # datetime to text; %3 stands for milliseconds
    0: "%b %d %Y %I:%M%p", 100: "%b %d %Y %I:%M%p", 1: "%m/%d/%y", 101: "%m/%d/%Y", 102: "%Y.%m.%d", 103: "%d/%m/%Y",
    104: "%d.%m.%Y", 105: "%d-%m-%Y", 106: "%d %b %Y", 107: "%b %d, %Y", 108: "%H:%M:%S", 8: "%H:%M:%S",
    109: "%b %d %Y %I:%M:%S:%3%p", 9: "%b %d %Y %I:%M:%S:%3%p", 110: "%m-%d-%Y", 111: "%Y/%m/%d", 112: "%Y%m%d", 12: "%y%m%d",
    113: "%d %b %Y %H:%M:%S:%3", 13: "%d %b %Y %H:%M:%S:%3", 114: "%H:%M:%S:%3", 14: "%H:%M:%S:%3", 120: "%Y-%m-%d %H:%M:%S",
    20: "%Y-%m-%d %H:%M:%S", 121: "%Y-%m-%d %H:%M:%S.%3", 21: "%Y-%m-%d %H:%M:%S.%3", 126: "%Y-%m-%dT%H:%M:%S.%3",
    2: "%y.%m.%d", 3: "%d/%m/%y", 4: "%d.%m.%y", 5: "%d-%m-%y", 10: "%m-%d-%y", 11: "%y/%m/%d",
}  # fmt: skip
READ = (
    "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d",
    "%Y%m%d %H:%M:%S.%f", "%Y%m%d %H:%M:%S", "%Y%m%d", "%b %d %Y %I:%M%p", "%b %d %Y", "%m/%d/%Y", "%m/%d/%Y %H:%M:%S", "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S", "%d %b %Y", "%b %d, %Y", "%Y.%m.%d", "%d %b %Y %H:%M:%S", "%b %d %Y %I:%M:%S%p",
)  # fmt: skip
LEAST_YEAR = 1753


def cast(value: Any, source: Type, target: Type, style: int | None = None, implicit: bool = False) -> Any:
    """A kept value as another type keeps it. Raises SqlError."""
    if value is None:
        return None
    kind = target.kind
    if kind in types.STRINGS:
        return _fitted(text(value, source, style, target), target)
    if kind in types.NUMBERS:
        return number(value, source, target)
    if kind in types.DATES:
        return types.stored_moment(_moment(value, source, target), kind)
    if kind in types.BINARY:
        return _binary(value, source, target)
    if kind == "uniqueidentifier":
        return _guid(value, source)
    raise error(529, types.declared(source), types.declared(target))


# Text ---------------------------------------------------------------------------------------------------------------


def text(value: Any, source: Type, style: int | None = None, target: Type | None = None) -> str:
    if source.kind in types.STRINGS or source.kind == "uniqueidentifier":
        return str(value)
    if source.kind in types.DATES:
        return shown_moment(value, source, style)
    if source.kind in types.BINARY:
        return _text_of_bytes(value, target)
    if source.kind in types.FLOATING:
        return _shown_float(float(value))
    if source.kind in types.EXACT:
        places = 2 if source.kind.endswith("money") else source.scale or 0
        if source.kind.endswith("money") and style == 1:
            return f"{value:,.2f}"
        return str(Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
    return str(value)


def _text_of_bytes(value: bytes, target: Type | None) -> str:
    if target is not None and target.kind in types.WIDE:
        return bytes(value).decode("utf-16-le", "replace")
    return bytes(value).decode(types.CODE_PAGE, "replace")


def _shown_float(value: float) -> str:
    shown = f"{value:.6g}"
    if "e" not in shown:
        return shown
    mantissa, exponent = shown.split("e")
    return f"{mantissa}e{exponent[0]}{int(exponent[1:]):03}"


def shown_moment(value: str, source: Type, style: int | None) -> str:
    pattern = STYLES.get(style or 0)
    if pattern is None:
        raise error(281, style, source.kind)
    if source.kind in ("date", "datetime2") and not style:
        return value[:10] if source.kind == "date" else value
    at = types.moment(value)
    shown = at.strftime(
        pattern.replace("%3", f"{at.microsecond // 1000:03}").replace("%I", f"{(at.hour + 11) % 12 + 1:>2}")
    )
    return re.sub(r"^(\w{3}) 0", r"\1  ", shown) if pattern.startswith("%b") else shown


def _fitted(found: str, target: Type) -> str:
    if target.kind in types.NARROW:
        found = types.in_code_page(found)
    if target.size is None or target.size == -1 or target.kind in types.LONG:
        return found
    found = found[: target.size]
    return found.ljust(target.size) if target.kind in ("char", "nchar") else found


# Numbers ------------------------------------------------------------------------------------------------------------


def number(value: Any, source: Type, target: Type) -> Any:
    exact = _decimal(value, source, target)
    if target.kind in types.WHOLE:
        return _whole(exact, source, target)
    if target.kind in types.FLOATING:
        return float(exact)
    digits, places = types.precision(target)
    rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if abs(rounded) >= Decimal(10) ** (digits - places):
        raise error(8115, source.kind, target.kind, state=8)
    return kept(rounded)


def kept(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _decimal(value: Any, source: Type, target: Type) -> Decimal:
    if source.kind in types.STRINGS:
        return _from_text(str(value), source, target)
    if source.kind in types.BINARY:
        return Decimal(int.from_bytes(bytes(value)[-8:], "big", signed=len(value) >= types.SIZES.get(target.kind, 8)))
    if source.kind in types.DATES:
        past = types.moment(value) - datetime(1900, 1, 1)
        return Decimal(repr(past / timedelta(days=1)))
    if source.kind == "uniqueidentifier":
        raise error(529, source.kind, target.kind)
    return Decimal(repr(value))


def _from_text(value: str, source: Type, target: Type) -> Decimal:
    plain = value.strip()
    if target.kind in types.WHOLE and not re.fullmatch(r"[+-]?\s*\d*", plain):
        raise error(245, source.kind, value, target.kind)
    if target.kind in types.EXACT | types.FLOATING and not plain:
        if target.kind in ("decimal", "numeric"):
            raise error(8114, source.kind, "numeric")
        return Decimal(0)
    try:
        return Decimal(
            plain.lstrip("$").replace(",", "") if target.kind.endswith("money") else plain.replace(" ", "") or "0"
        )
    except InvalidOperation:
        if target.kind.endswith("money"):
            raise error(235) from None
        raise error(8114, source.kind, target.kind) from None


def _whole(exact: Decimal, source: Type, target: Type) -> int:
    if target.kind == "bit":
        return int(exact != 0)
    found = int(exact)
    low, high = types.WHOLE[target.kind]
    if not low <= found <= high:
        if source.kind in types.STRINGS and target.kind == "int":
            raise error(248, source.kind, found)
        if target.kind in ("tinyint", "smallint") and source.kind in types.WHOLE:
            raise error(220, target.kind, found)
        raise error(8115, "expression" if source.kind in types.WHOLE else source.kind, target.kind)
    return found


# Dates, bytes, identifiers ------------------------------------------------------------------------------------------


def _moment(value: Any, source: Type, target: Type) -> datetime:
    if source.kind in types.DATES:
        at = types.moment(value)
        return at.replace(hour=0, minute=0, second=0, microsecond=0) if target.kind == "date" else at
    if source.kind in types.NUMBERS:
        try:
            return datetime(1900, 1, 1) + timedelta(days=float(value))
        except OverflowError:
            raise error(8115, "expression", target.kind) from None
    if source.kind in types.STRINGS:
        return _in_range(read_moment(str(value)), target)
    raise error(529, source.kind, target.kind)


def _in_range(at: datetime, target: Type) -> datetime:
    least = 1900 if target.kind == "smalldatetime" else LEAST_YEAR if target.kind == "datetime" else 1
    if at.year < least:
        raise error(242)
    return at


def read_moment(value: str) -> datetime:
    """assumed: the language us_english, dates in the order month, day, year."""
    plain = re.sub(r"\s+", " ", value.strip())
    plain = re.sub(r"(\d\d:\d\d:\d\d):(\d{1,3})", r"\1.\2", plain)
    if not plain:
        return datetime(1900, 1, 1)
    for pattern in READ:
        try:
            return datetime.strptime(plain[:26], pattern)
        except ValueError:
            continue
    if re.fullmatch(r"\d\d:\d\d(:\d\d(\.\d+)?)?", plain):
        return datetime.fromisoformat(f"1900-01-01 {plain:0<15}" if "." in plain else f"1900-01-01 {plain}")
    if re.fullmatch(r"\d{4}-?\d\d-?\d\d.*", plain):
        raise error(242)
    raise error(241)


def _binary(value: Any, source: Type, target: Type) -> bytes:
    if isinstance(value, (bytes, bytearray)):
        data = bytes(value)
    elif source.kind in types.WIDE:
        data = str(value).encode("utf-16-le")
    elif source.kind in types.STRINGS:
        data = str(value).encode(types.CODE_PAGE, "replace")
    elif source.kind in types.WHOLE:
        data = int(value).to_bytes(types.SIZES[source.kind], "big", signed=source.kind not in ("bit", "tinyint"))
    elif source.kind == "uniqueidentifier":
        data = uuid.UUID(str(value)).bytes_le
    else:
        data = _as_kept_on_disk(value, source, target)
    return _fitted_bytes(data, source, target)


def _as_kept_on_disk(value: Any, source: Type, target: Type) -> bytes:
    """Days and three-hundredths of a second; ten-thousandths of money; IEEE 754; precision, scale, sign and little-endian digits.

    Source: what SELECT CAST(... AS varbinary) prints in Books Online's examples and K. Delaney, "Inside SQL Server 2005: The
    Storage Engine"; a decimal's first four bytes are `assumed` from the same.
    """
    if source.kind in ("datetime", "smalldatetime"):
        past = types.moment(value) - datetime(1900, 1, 1)
        if source.kind == "smalldatetime":
            return struct.pack(">HH", past.days, past.seconds // 60)
        return struct.pack(">ii", past.days, round((past.seconds + past.microseconds / 1e6) * 300))
    if source.kind == "date":
        return (types.moment(value) - datetime(1, 1, 1)).days.to_bytes(3, "little")
    if source.kind in ("money", "smallmoney"):
        return round(Decimal(repr(value)) * 10000).to_bytes(types.SIZES[source.kind], "big", signed=True)
    if source.kind in types.FLOATING:
        return struct.pack(">f" if source.kind == "real" else ">d", value)
    if source.kind in ("decimal", "numeric"):
        digits, places = types.precision(source)
        whole = int(Decimal(repr(value)).scaleb(places).to_integral_value())
        groups = max(1, -(-abs(whole).bit_length() // 32))
        return bytes([digits, places, 0, int(whole >= 0)]) + abs(whole).to_bytes(4 * groups, "little")
    raise not_understood(529, f"{source.kind} to {target.kind}", types.declared(source), types.declared(target))


def _fitted_bytes(data: bytes, source: Type, target: Type) -> bytes:
    size = 8 if target.kind == "timestamp" else target.size
    if size is None or size == -1 or target.kind == "image":
        return data
    if source.kind in types.WHOLE and len(data) > size:
        return data[-size:]
    if target.kind in ("binary", "timestamp"):
        whole = source.kind in types.WHOLE
        return data[:size].rjust(size, b"\0") if whole else data[:size].ljust(size, b"\0")
    return data[:size]


def _guid(value: Any, source: Type) -> str:
    try:
        if isinstance(value, (bytes, bytearray)):
            return str(uuid.UUID(bytes_le=bytes(value)[:16].ljust(16, b"\0"))).upper()
        return str(uuid.UUID(str(value).strip())).upper()
    except ValueError:
        raise error(8169) from None


# Columns ------------------------------------------------------------------------------------------------------------


def storing(target: Type) -> Callable[[Any, Type], Any]:
    """What a column of this type makes of a value of another; never cut silently. Raises SqlError 8152 and others."""
    if target.kind in types.STRINGS:
        return lambda value, source: _stored_text(value, source, target)
    if target.kind in types.BINARY:
        return lambda value, source: _stored_bytes(value, source, target)
    same = {target.kind} - {"decimal", "numeric"}  # of these the size may differ
    return lambda value, source: value if source.kind in same else cast(value, source, target, implicit=True)


def _stored_text(value: Any, source: Type, target: Type) -> Any:
    if value is None:
        return None
    if source.kind in types.BINARY or (source.kind == "image"):
        raise error(257, types.declared(source), types.declared(target))
    found = text(value, source)
    if target.size and target.size > 0 and target.kind not in types.LONG and len(found) > target.size:
        if found[target.size :].strip(" "):
            raise error(8152)
        found = found[: target.size]
    return _fitted(found, target)


def _stored_bytes(value: Any, source: Type, target: Type) -> Any:
    if value is None:
        return None
    if source.kind in types.STRINGS:
        raise error(257, types.declared(source), types.declared(target))
    data = value if isinstance(value, (bytes, bytearray)) else _binary(value, source, Type("varbinary", -1))
    if target.size and target.size > 0 and target.kind in ("binary", "varbinary") and len(data) > target.size:
        raise error(8152)
    return _fitted_bytes(bytes(data), source, target)
