# SPDX-License-Identifier: GPL-3.0-or-later
"""DATE values and their format models. Stored as ``YYYY-MM-DD HH:MM:SS``, which sorts as they do.

Oracle Database SQL Language Reference 11g, "Datetime Format Models". Elements that are not here are ORA-01821.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from impax_lab.engine.ora.errors import error

STORED = "%Y-%m-%d %H:%M:%S"
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
FULL_MONTHS = "JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER".split()
DAYS = "MON TUE WED THU FRI SAT SUN".split()
FULL_DAYS = "MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY".split()
ELEMENT = re.compile(
    r'"[^"]*"|YYYY|RRRR|YYY|YY|RR|Y|MONTH|MON|MM|DDD|DD|DAY|DY|D|HH24|HH12|HH|MI|SSSSS|SS|AM|PM|A\.M\.|P\.M\.|Q|WW|IW|W|J'
    r"|FF\d?|FM|[^A-Z0-9]",
    re.I,
)
SHOWN: dict[str, Callable[[datetime], str]] = {
    "YYYY": lambda at: f"{at.year:04}", "RRRR": lambda at: f"{at.year:04}", "YYY": lambda at: f"{at.year % 1000:03}",
    "YY": lambda at: f"{at.year % 100:02}", "RR": lambda at: f"{at.year % 100:02}", "Y": lambda at: str(at.year % 10),
    "MONTH": lambda at: f"{FULL_MONTHS[at.month - 1]:<9}", "MON": lambda at: MONTHS[at.month - 1],
    "MM": lambda at: f"{at.month:02}", "DDD": lambda at: f"{at.timetuple().tm_yday:03}", "DD": lambda at: f"{at.day:02}",
    "DAY": lambda at: f"{FULL_DAYS[at.weekday()]:<9}", "DY": lambda at: DAYS[at.weekday()],
    "D": lambda at: str(at.isoweekday() % 7 + 1), "HH24": lambda at: f"{at.hour:02}",
    "HH12": lambda at: f"{(at.hour + 11) % 12 + 1:02}", "HH": lambda at: f"{(at.hour + 11) % 12 + 1:02}",
    "MI": lambda at: f"{at.minute:02}", "SS": lambda at: f"{at.second:02}",
    "SSSSS": lambda at: f"{at.hour * 3600 + at.minute * 60 + at.second:05}",
    "AM": lambda at: "AM" if at.hour < 12 else "PM", "PM": lambda at: "AM" if at.hour < 12 else "PM",
    "A.M.": lambda at: "A.M." if at.hour < 12 else "P.M.", "P.M.": lambda at: "A.M." if at.hour < 12 else "P.M.",
    "Q": lambda at: str((at.month + 2) // 3), "WW": lambda at: f"{(at.timetuple().tm_yday + 6) // 7:02}",
    "IW": lambda at: f"{at.isocalendar()[1]:02}", "W": lambda at: str((at.day + 6) // 7),
    "J": lambda at: str(at.toordinal() + 1721425), "FF": lambda at: f"{at.microsecond:06}",
}  # fmt: skip
DIGITS = {
    "YYYY": 4,
    "RRRR": 4,
    "YYY": 3,
    "YY": 2,
    "RR": 2,
    "MM": 2,
    "DD": 2,
    "HH24": 2,
    "HH12": 2,
    "HH": 2,
    "MI": 2,
    "SS": 2,
}


class OracleDate(datetime):
    """A DATE whose str() follows the session's NLS_DATE_FORMAT."""

    model = "DD-MON-RR"

    def __str__(self) -> str:
        return to_char(self, self.model)

    @classmethod
    def shown_as(cls, stored: str, model: str) -> OracleDate:
        made = cls.fromisoformat(stored)
        made.model = model
        return made


def now() -> str:
    return datetime.now().strftime(STORED)


def to_char(at: datetime, model: str) -> str:
    """Raises OracleError 1821."""
    parts, fill = [], True
    for element in elements(model):
        upper = element.upper()
        if upper == "FM":
            fill = not fill
        elif element[0] == '"':
            parts.append(element[1:-1])
        elif upper.startswith("FF") or upper in SHOWN:
            text = _cased(SHOWN["FF" if upper.startswith("FF") else upper](at), element)
            parts.append(text if fill else text.rstrip(" ").lstrip("0") or "0")
        else:
            parts.append(element)
    return "".join(parts)


def elements(model: str) -> list[str]:
    found, at = [], 0
    while at < len(model):
        match = ELEMENT.match(model, at)
        if not match:
            raise error(1821)
        found.append(match[0])
        at = match.end()
    return found


def _cased(text: str, element: str) -> str:
    """Month as it is written: MON, Mon, mon."""
    if element[0].islower():
        return text.lower()
    return text.title() if len(element) > 1 and element[1].islower() else text


def to_date(text: str, model: str) -> str:
    """The stored form. Raises OracleError 18nn."""
    found: dict[str, int] = {}
    at = 0
    for element in elements(model):
        upper = element.upper()
        if upper == "FM":
            continue
        at = _read(text, at, upper, found)
    if text[at:].strip():
        raise error(1830)
    return _assembled(found).strftime(STORED)


def _read(text: str, at: int, element: str, found: dict[str, int]) -> int:
    while at < len(text) and text[at] == " " and element != " ":
        at += 1
    if element in DIGITS:
        return _read_digits(text, at, element, found)
    if element in ("MON", "MONTH"):
        return _read_month(text, at, found)
    if element in ("AM", "PM"):
        found["PM"] = int(text[at : at + 2].upper() == "PM")
        return at + 2
    if re.match(r"[A-Z]", element):
        raise error(1821)
    if at < len(text) and not text[at].isalnum():
        return at + len(element.strip('"') or " ")
    if at >= len(text) and not element.strip():
        return at
    return at


def _read_digits(text: str, at: int, element: str, found: dict[str, int]) -> int:
    match = re.compile(rf"\d{{1,{DIGITS[element]}}}").match(text, at)
    if not match:
        raise error(1840 if at >= len(text) else 1858)
    value = int(match[0])
    if element in ("RR", "YY", "RRRR") and len(match[0]) <= 2:
        century = datetime.now().year // 100 * 100
        value += century if element == "YY" or value < 50 else century - 100
    found["HH24" if element in ("HH", "HH12") else "YYYY" if element[0] in "YR" else element] = value
    return match.end()


def _read_month(text: str, at: int, found: dict[str, int]) -> int:
    for names in (FULL_MONTHS, MONTHS):
        for number, name in enumerate(names, 1):
            if text[at : at + len(name)].upper() == name:
                found["MM"] = number
                return at + len(name)
    raise error(1843)


def _assembled(found: dict[str, int]) -> datetime:
    today = datetime.now()
    month = found.get("MM", today.month if "MM" not in found else 1)
    if not 1 <= month <= 12:
        raise error(1843)
    hour = found.get("HH24", 0) % 12 + 12 * found["PM"] if "PM" in found else found.get("HH24", 0)
    day = found.get("DD", 1)
    if not 1 <= day <= 31:
        raise error(1847)
    try:
        return datetime(found.get("YYYY", today.year), month, day, hour, found.get("MI", 0), found.get("SS", 0))
    except ValueError:
        raise error(1839) from None


def moment(stored: str) -> datetime:
    return datetime.fromisoformat(stored)


def add_days(stored: str | None, days: float | None) -> str | None:
    if stored is None or days is None:
        return None
    return (moment(stored) + timedelta(seconds=round(days * 86400))).strftime(STORED)


def days_between(later: str | None, earlier: str | None) -> float | int | None:
    if later is None or earlier is None:
        return None
    seconds = (moment(later) - moment(earlier)).total_seconds()
    return int(seconds // 86400) if seconds % 86400 == 0 else seconds / 86400


def truncated(stored: str | None, model: str) -> str | None:
    if stored is None:
        return None
    at = moment(stored)
    units = {"DD": {}, "MM": {"day": 1}, "YYYY": {"month": 1, "day": 1}, "HH24": {"hour": at.hour}}
    unit = {"MONTH": "MM", "MON": "MM", "YEAR": "YYYY", "YY": "YYYY", "HH": "HH24", "DDD": "DD", "J": "DD"}
    name = unit.get(model.upper(), model.upper())
    if name not in units:
        raise error(1821)
    return at.replace(**{"hour": 0, "minute": 0, "second": 0, **units[name]}).strftime(STORED)  # type: ignore[arg-type]
