# SPDX-License-Identifier: GPL-3.0-or-later
"""exp, Oracle's export. "Terminated successfully with warnings" is said of bare statistics and of a missing table alike.

It exports in the client's character set (NLS_LANG): without the database's own there, letters become "?" and it still ends
"without warnings"; the one hint is "possible charset conversion".

Rows count, not closings: a table is exported when exp printed "n rows exported" for it. EXP-00091 (statistics) is the
one harmless note. The password travels in a parameter file. exp writes its console output to stderr.
Source: Oracle Database Utilities, 10.2 and 11.2, "Original Export".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..command import Command, Secret, Text
from .sqlplus import Unfit, credentials, language

TRANSCRIPTS = ("exp",)

CODE = re.compile(r"\b(?:EXP|ORA|PLS|LRM|IMP)-\d{4,5}\b")
HARMLESS = frozenset({"EXP-00091"})
# ". . exporting table  NAME  12 rows exported"; a partitioned table's rows stand under it, one line a partition
LINE = re.compile(r"^\. \. exporting ([a-z ]+?) +(\S.*?)(?: +(\d+) rows? exported)? *$", re.M)
# Translated: the one word in capitals is the name, the number behind it the rows
OTHER_LINE = re.compile(
    r"^\. \. (?!exporting )[^\n]*?(?<![A-Za-z0-9_$#])([A-Z][A-Z0-9_$#]*)(?![A-Za-z0-9_$#])[^\d\n]*(?:(\d+)[^\d\n]*)?$",
    re.M | re.A,
)
CLOSING = re.compile(
    r"^(?:EXP-00000: )?Export terminated (successfully|unsuccessfully)(?: (with|without) warnings)?", re.M
)
CHARSET = re.compile(r"^Export done in (\S+) character set", re.M)
CONVERSION = re.compile(r"possible charset conversion|^server uses \S+ character set", re.M)


@dataclass(frozen=True)
class Exported:
    """success None: the closing was not seen. warnings None: not said. tables: name -> rows, None where none were told."""

    success: bool | None
    warnings: bool | None
    tables: Mapping[str, int | None]
    codes: tuple[str, ...]
    charset: str | None = None  # the export's own, as exp says; None: not said
    converted: bool = False  # exp says that characters may have been converted


def parameters(account: str, password: Secret, **more: str | int) -> Text:
    """A parameter file: the log-on and one ``name=value`` a line. File names are quoted for blanks."""
    lines = "".join(f"{name}={_value(name, value)}\n" for name, value in more.items())
    return Text.of("userid=", credentials(account, password), "\n", lines)


def _value(name: str, value: str | int) -> str:
    if re.search(r'["\r\n]', str(value)):
        raise Unfit(f"{name}={value!r} has a double quote or a line end, which a parameter file cannot carry")
    return f'"{value}"' if name in ("file", "log") and re.search(r"[^\w/.:\\-]", str(value)) else str(value)


def table(
    name: str,
    file: str,
    account: str,
    password: Secret,
    *,
    scn: int | None,
    charset: str,
    parfile: str = "exp.par",
    timeout: float = 86400,
) -> Command:
    """Export of one table; the parameter file is made for the call and removed with it. scn None: one consistent view."""
    view: dict[str, str | int] = {"consistent": "y"} if scn is None else {"flashback_scn": scn}
    text = parameters(account, password, file=file, tables=name, statistics="none", **view)
    return Command(
        ("exp", f"parfile={parfile}"),
        stdin=text,
        creates=parfile,
        private=True,
        environment=language(charset),
        expected=frozenset({0, 1, 2, 3}),
        timeout=timeout,
    )


def read(printed: str, asked: Iterable[str] = ()) -> Exported:
    """What exp printed. asked: the tables that must be in it; without them those that the output names."""
    codes = tuple(dict.fromkeys(CODE.findall(printed)))
    tables = _tables(printed)
    closing = CLOSING.search(printed)
    charset, converted = CHARSET.search(printed), bool(CONVERSION.search(printed))
    success, warnings = _success(closing, codes, tables, tuple(asked)), _warnings(closing)
    return Exported(success, warnings, tables, codes, charset[1] if charset else None, converted)


def _tables(printed: str) -> dict[str, int | None]:
    """Rows of each table that is named, as it is spelled; None where none are told, or two numbers for one name."""
    told: dict[str, list[int | None]] = {}
    parts: dict[str, list[int | None]] = {}
    table = ""
    for what, name, rows in LINE.findall(printed):
        if what == "table":
            table = name
            told.setdefault(name, []).append(int(rows) if rows else None)
        elif what in ("partition", "subpartition"):
            parts.setdefault(table, []).append(int(rows) if rows else None)
    for name, rows in OTHER_LINE.findall(printed):
        told.setdefault(name, []).append(int(rows) if rows else None)
    return {name: _rows(numbers, parts.get(name, [])) for name, numbers in told.items()}


def _rows(numbers: list[int | None], parts: list[int | None]) -> int | None:
    known = [rows for rows in parts if rows is not None]
    if numbers == [None] and parts and len(known) == len(parts):
        return sum(known)
    return numbers[0] if len(set(numbers)) == 1 else None


def _success(
    closing: re.Match[str] | None, codes: tuple[str, ...], tables: Mapping[str, int | None], asked: tuple[str, ...]
) -> bool | None:
    if "EXP-00000" in codes or (set(codes) - HARMLESS and closing):
        return False
    if closing is None:
        return None
    rows = {name.upper(): number for name, number in tables.items()}
    wanted = [name.upper().rpartition(".")[2] for name in asked] or list(rows)
    if closing[1] != "successfully" or not wanted or any(rows.get(name) is None for name in wanted):
        return False
    return None if closing[2] == "with" and not codes else True  # warned, and of what is not said


def _warnings(closing: re.Match[str] | None) -> bool | None:
    return closing[2] == "with" if closing and closing[2] else None
