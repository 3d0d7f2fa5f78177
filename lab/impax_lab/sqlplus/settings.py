# SPDX-License-Identifier: GPL-3.0-or-later
"""The SET command of SQL*Plus: its variables, their abbreviations, ranges and complaints.

SQL*Plus User's Guide and Reference, release 11.2, "SET" and "SQL*Plus Error Messages" (SP2-0158, SP2-0265 to 0268).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any


class Complaint(Exception):
    """An SP2 message: SQL*Plus goes on after it, and WHENEVER SQLERROR does not see it."""


@dataclass(frozen=True)
class Variable:
    """least: the shortest abbreviation. kind: on, number, text, or any (its value is taken and ignored)."""

    name: str
    least: str
    kind: str
    default: object = None
    low: int = 0
    high: int = 0


VARIABLES = [
    Variable("arraysize", "array", "number", 15, 1, 5000),
    Variable("autocommit", "auto", "on", False),
    Variable("autoprint", "autop", "any"),
    Variable("colsep", "colsep", "text", " "),
    Variable("define", "def", "on", True),
    Variable("echo", "echo", "on", False),
    Variable("escape", "esc", "any"),
    Variable("exitcommit", "exitc", "on", True),
    Variable("feedback", "feed", "feedback", 6, 0, 50000),
    Variable("flush", "flu", "any"),
    Variable("heading", "hea", "on", True),
    Variable("headsep", "heads", "any"),
    Variable("linesize", "lin", "number", 80, 1, 32767),
    Variable("long", "long", "number", 80, 1, 2000000000),
    Variable("longchunksize", "longc", "number", 80, 1, 2000000000),
    Variable("newpage", "newp", "number", 1, 0, 999),
    Variable("null", "null", "text", ""),
    Variable("numformat", "numf", "any"),
    Variable("numwidth", "num", "number", 10, 2, 50),
    Variable("pagesize", "pages", "number", 14, 0, 50000),
    Variable("pause", "pau", "any"),
    Variable("recsep", "recsep", "any"),
    Variable("serveroutput", "serverout", "any", False),
    Variable("space", "space", "any"),
    Variable("sqlblanklines", "sqlbl", "on", False),
    Variable("sqlcase", "sqlc", "any"),
    Variable("sqlnumber", "sqln", "on", True),
    Variable("sqlprompt", "sqlp", "text", "SQL> "),
    Variable("sqlterminator", "sqlt", "any"),
    Variable("tab", "tab", "on", True),
    Variable("termout", "term", "on", True),
    Variable("time", "ti", "any"),
    Variable("timing", "timi", "on", False),
    Variable("trimout", "trim", "on", True),
    Variable("trimspool", "trims", "on", False),
    Variable("underline", "und", "any"),
    Variable("verify", "ver", "on", True),
    Variable("wrap", "wra", "on", True),
]
ALIASES = {"trims": "trimspool", "trim": "trimout", "ti": "time", "timi": "timing", "long": "long", "num": "numwidth"}
UNIX_ONLY = {"tab": True}


@dataclass
class Settings:
    """The values as they stand, by full name."""

    values: dict[str, object] = field(default_factory=lambda: {each.name: each.default for each in VARIABLES})

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["values"][name]
        except KeyError:
            raise AttributeError(name) from None

    def set(self, text: str) -> list[str]:
        """``SET variable value ...`` without its first word; the result are the complaints, one a wrong variable."""
        words = _words(text)
        complaints: list[str] = []
        if not words:
            return ["SP2-0281: SET missing set option\nUsage: SET SQLT[ERMINATOR] <option> ..."]
        while words:
            variable = find(words.pop(0), complaints)
            if variable is None:
                return complaints
            try:
                self._give(variable, words)
            except Complaint as complaint:
                complaints.append(str(complaint))
        return complaints

    def _give(self, variable: Variable, words: list[str]) -> None:
        value = words.pop(0) if words else ""
        if variable.name == "serveroutput":
            self.values[variable.name] = value.lower() == "on"
            del words[:]  # SIZE and FORMAT
        elif variable.kind == "on":
            self.values[variable.name] = _on(variable.name, value)
        elif variable.kind == "number":
            self.values[variable.name] = _number(variable, value)
        elif variable.kind == "feedback":
            self.values[variable.name] = (
                {"on": 1, "off": 0}.get(value.lower()) if _is_on(value) else _number(variable, value)
            )
        elif variable.kind == "text":
            self.values[variable.name] = _unquoted(value)


def find(word: str, complaints: list[str]) -> Variable | None:
    """The variable of a name or of its abbreviation."""
    asked = word.lower()
    fitting = [each for each in VARIABLES if each.name.startswith(asked) and asked.startswith(each.least)]
    if not fitting:
        complaints.append(f'SP2-0158: unknown SET option "{word}"')
        return None
    return next((each for each in fitting if each.name == ALIASES.get(asked, asked)), fitting[0])


def _is_on(value: str) -> bool:
    return value.lower() in ("on", "off")


def _on(name: str, value: str) -> bool:
    if name == "define" and len(_unquoted(value)) == 1:
        return True
    if not _is_on(value):
        raise Complaint(f"SP2-0265: {name} must be set ON or OFF")
    return value.lower() == "on"


def _number(variable: Variable, value: str) -> int:
    if variable.name == "newpage" and value.lower() == "none":
        return 0
    if not re.fullmatch(r"-?\d+", value):
        raise Complaint(f"SP2-0268: {variable.name} option not a valid number")
    if not variable.low <= int(value) <= variable.high:
        raise Complaint(
            f"SP2-0267: {variable.name} option {value} out of range ({variable.low} through {variable.high})"
        )
    return int(value)


def _words(text: str) -> list[str]:
    return re.findall(r"'(?:[^']|'')*'|\"[^\"]*\"|\S+", text)


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1].replace(value[0] * 2, value[0])
    return value
