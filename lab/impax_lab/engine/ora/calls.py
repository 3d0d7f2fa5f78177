# SPDX-License-Identifier: GPL-3.0-or-later
"""What SQLite asks back for: the functions of Oracle as Python."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from impax_lab.engine.ora import dates, types
from impax_lab.engine.ora.errors import error, not_understood


def _divide(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return None
    if other == 0:
        raise error(1476)
    if isinstance(one, int) and isinstance(other, int) and one % other == 0:
        return one // other
    return one / other


def _rounded(value: Any, places: Any, rounding: str = ROUND_HALF_UP) -> Any:
    if value is None or (isinstance(value, int) and (places is None or places >= 0)):
        return value
    if places is None:
        return value
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-int(places)), rounding=rounding)
    return types.number(exact)


def _modulo(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return None
    return one if other == 0 else types.number(Decimal(repr(math.fmod(one, other)))) if other else one


def _substring(text: Any, start: Any, length: Any) -> Any:
    if text is None or start is None:
        return None
    begin = int(start) - 1 if start > 0 else max(len(text) + int(start), 0) if -start <= len(text) else len(text)
    begin = 0 if start == 0 else begin
    found = text[begin:] if length is None else text[begin : begin + max(0, int(length))]
    return found or None


def _position(text: Any, part: Any, start: Any, nth: Any) -> Any:
    if text is None or part is None:
        return None
    at = int(start or 1) - 1
    if at < 0:
        raise not_understood(904, "instr from behind", None, '"INSTR"')
    for _ in range(int(nth or 1)):
        at = text.find(part, at) + 1
        if not at:
            return 0
    return at


def _padded(text: Any, length: Any, fill: Any, left: int) -> Any:
    if text is None or length is None:
        return None
    if len(text) >= length:
        return text[: int(length)] or None
    more = ((fill or " ") * int(length))[: int(length) - len(text)]
    return more + text if left else text + more


def _number_char(value: Any, model: str) -> str | None:
    """TO_CHAR(number, model) with 9, 0, a comma, a point, FM."""
    if value is None:
        return None
    fill = not model.upper().startswith("FM")
    picture = model[2:] if not fill else model
    if not re.fullmatch(r"[90,]+(\.[90]+|D[90]+)?", picture.upper()):
        raise not_understood(904, f"number format {model}", None, '"TO_CHAR"')
    whole, _, part = picture.upper().replace("D", ".").partition(".")
    exact = _rounded(float(value), len(part)) or 0
    digits, _, decimals = f"{abs(Decimal(repr(exact))):.{len(part)}f}".partition(".")
    least = len(whole.replace(",", "")) - (
        whole.replace(",", "").find("0") if "0" in whole else len(whole.replace(",", ""))
    )
    digits = digits.lstrip("0").rjust(least, "0")
    if len(digits) > len(whole.replace(",", "")):
        return "#" * (len(picture) + 1)
    if "," in whole:
        digits = f"{int(digits or 0):,}"
    sign = "-" if value < 0 else ""
    text = sign + digits + (f".{decimals}" if part else "")
    return text.rjust(len(picture) + 1) if fill else text


@lru_cache(maxsize=256)
def _pattern(pattern: str, escape: str | None) -> re.Pattern[str]:
    made, at = "", 0
    while at < len(pattern):
        letter = pattern[at]
        if escape and letter == escape and at + 1 < len(pattern):
            at += 1
            made += re.escape(pattern[at])
        else:
            made += {"%": ".*", "_": "."}.get(letter, re.escape(letter))
        at += 1
    return re.compile(made, re.S)


def _like(text: Any, pattern: Any, escape: Any) -> Any:
    if text is None or pattern is None:
        return None
    return int(_pattern(pattern, escape).fullmatch(text) is not None)


def _row_id(object_id: int, row: int) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    def digits(value: int, length: int) -> str:
        return "".join(letters[value >> 6 * place & 63] for place in reversed(range(length)))

    return digits(object_id, 6) + digits(4, 3) + digits(row // 100 + 130, 6) + digits(row % 100, 3)


def _add_months(stored: Any, months: Any) -> Any:
    if stored is None or months is None:
        return None
    at = dates.moment(stored)
    month = at.year * 12 + at.month - 1 + int(months)
    for day in range(at.day, at.day - 4, -1):
        try:
            return at.replace(year=month // 12, month=month % 12 + 1, day=day).strftime(dates.STORED)
        except ValueError:
            continue
    return None


def _hash(text: Any) -> int:
    return zlib.crc32(str(text).encode("utf-8"))


def _strict(function: Callable[..., Any]) -> Callable[..., Any]:
    """NULL for a NULL argument."""
    return lambda *values: None if None in values else function(*values)


FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "ora_number": (1, types.number), "ora_text": (1, lambda v: types.shown_number(v) if isinstance(v, (int, float)) else
                                                  v.hex().upper() if isinstance(v, bytes) else v),
    "ora_to_char": (2, _strict(lambda at, model: dates.to_char(dates.moment(at), model))),
    "ora_to_date": (2, _strict(dates.to_date)), "ora_trunc_date": (2, dates.truncated),
    "ora_add_days": (2, dates.add_days), "ora_days": (2, dates.days_between), "ora_add_months": (2, _add_months),
    "ora_div": (2, _divide), "ora_mod": (2, _modulo), "ora_power": (2, _strict(lambda a, b: types.number(Decimal(repr(a**b))))),
    "ora_ceil": (1, _strict(math.ceil)), "ora_floor": (1, _strict(math.floor)), "ora_round": (2, _rounded),
    "ora_trunc": (2, lambda v, places: _rounded(v, places, ROUND_DOWN)), "ora_number_char": (2, _number_char),
    "ora_upper": (1, _strict(str.upper)), "ora_lower": (1, _strict(str.lower)), "ora_substr": (3, _substring),
    "ora_instr": (4, _position), "ora_pad": (4, _padded), "ora_like": (3, _like), "ora_rowid": (2, _row_id),
    "ora_hash": (1, _hash),
}  # fmt: skip
