# SPDX-License-Identifier: GPL-3.0-or-later
"""Invented audit rows: the same ones for the same seed, none of them about anybody.

Among the texts are the values that break copies: line ends, tabs, quotes, blanks at the end, letters with accents, an
empty string; "unicode" has letters too that no western code page knows.
"""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

FIRST_TIME = datetime(2008, 1, 7, 6, 30)
EVENTS = ("STUDY_OPEN", "STUDY_CLOSE", "REPORT_VIEW", "PRINT", "LOGIN", "LOGOUT", "PRIOR_FETCH", "STATUS_CHANGE")
TEXTS = (
    "Study of TEST^AUDIT-{n:06} opened at TESTSTATION{m:02}",
    "Study of TEST^AUDIT-{n:06} closed",
    "Report viewed, priors: {m}",
    "Said \"no\" to the question, then 'yes'; value {n}",
    "First line of {n}\r\nsecond line\r\n\r\nlast line",
    "Tab\tbetween\t{n}\tfields, backslash \\ and pipe | and comma ,",
    "Zimmer {m}: geprüft von TEST^MÜLLER, Größe é è ñ ø ß ½ °",
    "blanks at the end of {n}   ",
    "100 % of _{n}_ [done] {{ok}} ^ & < > !",
    "Status changed from DICTATED to TRANSCRIBED, attempt {m}",
    "",
    "x" * 180 + " {n}",
)
UNICODE = (*TEXTS, "测试 {n}", "Тест {n} Ω ≤ €", "試験^{n} 🙂", "한국어 {n}")
ORACLE_COLUMNS: dict[str, dict[str, Any]] = {
    "event_id": {"type": "number(12)", "null": False, "values": "sequence"},
    "user_id": {"type": "varchar2(64)", "values": "user"},
    "event_type": {"type": "varchar2(32)", "null": False, "values": "event_type"},
    "event_time": {"type": "date", "null": False, "values": "time"},
    "study_uid": {"type": "varchar2(64)", "values": "uid"},
    "description": {"type": "varchar2(2000)", "values": "text"},
}
SERVER_COLUMNS: dict[str, dict[str, Any]] = {
    "event_id": {"type": "int identity", "null": False, "values": "sequence"},
    "user_id": {"type": "nvarchar(64)", "values": "user"},
    "event_type": {"type": "varchar(32)", "null": False, "values": "event_type"},
    "event_time": {"type": "datetime", "null": False, "values": "time"},
    "study_uid": {"type": "varchar(64)", "values": "uid"},
    "description": {"type": "ntext", "values": "text"},
}


@dataclass(frozen=True)
class Plan:
    """How a column is filled. values: sequence, user, event_type, time, uid, text, unicode, a list that is gone through
    in turn, or "" for what fits its class. group: number, text, date, raw, float, guid. size: characters at most.
    nulls: rows without a value. same: rows that all have the first row's value, when there are any."""

    values: str | Sequence[Any]
    group: str
    size: int | None
    nullable: bool
    nulls: int = 0
    same: int = 0


def faulty(made: Mapping[str, Any], column: str) -> dict[str, int]:
    """``{nulls: {COLUMN: n}, duplicates: {COLUMN: n}}`` of a described table, for one column's `Plan`."""
    return {
        part: int(count)
        for part, key in (("nulls", "nulls"), ("same", "duplicates"))
        for name, count in (made.get(key) or {}).items()
        if str(name).lower() == column.lower()
    }


def rows(
    plan: Sequence[Plan], count: int, nulls: int, first: int, seed: str, time_format: str, stamp: str = ""
) -> Iterator[tuple[Any, ...]]:
    """count rows numbered from `first` on, `nulls` of them without a user. stamp: the time of all, else made up."""
    salt = zlib.crc32(seed.encode())
    makers = [_maker(column, salt, time_format, stamp) for column in plan]
    users = [at for at, column in enumerate(plan) if column.values == "user"]
    for at in range(count):
        row = [_faulty(column, make, at, first, count) for column, make in zip(plan, makers, strict=True)]
        if nulls and at * nulls // count != (at + 1) * nulls // count:
            for place in users:
                row[place] = None
        yield tuple(row)


def _faulty(column: Plan, make: Callable[[int], Any], at: int, first: int, count: int) -> Any:
    if column.nulls and at * column.nulls // count != (at + 1) * column.nulls // count:
        return None
    return make(first if at < column.same else first + at)


def _maker(column: Plan, salt: int, time_format: str, stamp: str) -> Callable[[int], Any]:
    if not isinstance(column.values, str):
        chosen = list(column.values)
        return lambda n: chosen[n % len(chosen)]
    made = {
        "sequence": lambda n: n,
        "user": lambda n: f"TEST.USER{_mixed(n, salt) % 37:02}",
        "event_type": lambda n: EVENTS[_mixed(n, salt) % len(EVENTS)],
        "time": lambda n: stamp or (FIRST_TIME + timedelta(seconds=37 * n)).strftime(time_format),
        "uid": lambda n: f"1.2.3.4.5.99.{salt % 1000}.{n // 5}.{n}",
        "text": lambda n: _text(TEXTS, n, salt),
        "unicode": lambda n: _text(UNICODE, n, salt),
    }
    by_group = {
        "number": made["sequence"], "text": lambda n: f"TEST-{n}", "date": made["time"], "float": lambda n: n / 8,
        "raw": lambda n: _mixed(n, salt).to_bytes(8, "big"), "guid": lambda n: str(uuid.UUID(int=_mixed(n, salt))).upper(),
    }  # fmt: skip
    make = made.get(column.values) or by_group[column.group]
    if column.group == "text" and column.size and column.size > 0:
        return lambda n: str(make(n))[: column.size]
    return make


def _mixed(number: int, salt: int) -> int:
    """A number that looks like chance, the same one each time."""
    value = (number * 2654435761 ^ salt) & 0xFFFFFFFF
    return (value ^ value >> 15) * 2246822519 >> 7 & 0xFFFFFFFF


def _text(texts: Sequence[str], number: int, salt: int) -> str:
    return texts[_mixed(number, salt) % len(texts)].format(n=number, m=number % 12)
