# SPDX-License-Identifier: GPL-3.0-or-later
"""sqlglot's parsers, without their knowledge of functions: what a function means is said by the engine's own tables.

sqlglot rewrites many functions while it parses (nvl, decode, len, isnull ...), each time with a little of another
dialect's meaning. Here every function call stays a call by its name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.oracle import Oracle
from sqlglot.dialects.tsql import TSQL
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokens import TokenType

from impax_lab.engine.sql.scope import Problem


def _type_text(parser: Any, *ends: TokenType) -> exp.Expression:
    """A type as it is written, up to `ends`: sqlglot's own reading of it does not tell text from ntext."""
    first = parser._curr
    depth = 0
    while parser._curr and (depth or parser._curr.token_type not in ends):
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(parser._curr.token_type, 0)
        parser._advance()
    if first is None or parser._curr is None or parser._curr is first:
        parser.raise_error("a type is expected")
    return exp.Literal.string(parser.sql[first.start : parser._prev.end + 1])


def _cast(parser: Any) -> exp.Expression:
    """CAST(value AS type) as a call of two arguments."""
    value = parser._parse_assignment()
    if not parser._match(TokenType.ALIAS):
        parser.raise_error("AS is expected")
    kind = _type_text(parser, TokenType.R_PAREN)
    return parser.expression(exp.Anonymous(this="cast", expressions=[value, kind]))


def _convert(parser: Any) -> exp.Expression:
    """CONVERT(type, value [, style]) as a call."""
    parts = [_type_text(parser, TokenType.COMMA, TokenType.R_PAREN)]
    while parser._match(TokenType.COMMA):
        parts.append(parser._parse_assignment())
    return parser.expression(exp.Anonymous(this="convert", expressions=parts))


class PlainOracle(Oracle):
    class Parser(Oracle.Parser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        NO_PAREN_FUNCTIONS: ClassVar[dict[Any, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {"CAST": _cast}
        NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {"CASE": Oracle.Parser.NO_PAREN_FUNCTION_PARSERS["CASE"]}


class PlainTransact(TSQL):
    class Parser(TSQL.Parser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        NO_PAREN_FUNCTIONS: ClassVar[dict[Any, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {"CAST": _cast, "CONVERT": _convert}
        NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {"CASE": TSQL.Parser.NO_PAREN_FUNCTION_PARSERS["CASE"]}


DIALECTS = {"oracle": PlainOracle(), "tsql": PlainTransact()}
RESERVED = frozenset(
    str.split(
        "SELECT FROM WHERE GROUP ORDER HAVING INTO UNION AND OR NOT IN ON JOIN AS BY SET VALUES INSERT UPDATE DELETE CREATE DROP TABLE"
        " DISTINCT ALL CASE WHEN THEN ELSE END BETWEEN LIKE IS NULL EXISTS"
    )
)
KINDS = (exp.Select, exp.Union, exp.Except, exp.Intersect, exp.Subquery, exp.Insert, exp.Update, exp.Delete)


class Unparsable(Problem):
    """The text is not SQL. near: the word at fault ("" at the end of the text). offset: where it begins."""

    def __init__(self, near: str, offset: int) -> None:
        super().__init__("syntax", near)
        self.near, self.offset = near, offset


@lru_cache(maxsize=512)
def statement(text: str, dialect: str) -> exp.Expression:
    """One query, insert, update or delete. Raises Problem. The result is shared: it must not be changed."""
    found = _parsed(text, dialect)
    if len(found) != 1 or not isinstance(found[0], KINDS):
        first = found[0] if found else None
        raise Problem("unsupported", type(first).__name__ if first is not None else "", first)
    return found[0]


@lru_cache(maxsize=512)
def expression(text: str, dialect: str) -> exp.Expression:
    """A value or a condition by itself. Raises Problem."""
    inner = _parsed(f"SELECT CASE WHEN {text}\nTHEN 1 END", dialect, shift=len("SELECT CASE WHEN "))
    if len(inner) == 1 and isinstance(inner[0], exp.Select) and len(inner[0].expressions) == 1:
        case = inner[0].expressions[0]
        if isinstance(case, exp.Case) and len(case.args["ifs"]) == 1 and not case.this:
            return case.args["ifs"][0].this
    raise Unparsable("", len(text))


def _parsed(text: str, dialect: str, shift: int = 0) -> list[exp.Expression]:
    try:
        found = [part for part in DIALECTS[dialect].parse(text) if part is not None]
        _check_names(found, shift)
        _check_selects(found, text, shift)
        return found
    except ParseError as error:
        raise _unparsable(error, text, shift) from error
    except TokenError as error:
        raise _unfinished(text, error) from error


def _check_names(found: list[exp.Expression], shift: int) -> None:
    """Where a name is due sqlglot takes a keyword too; neither vendor does."""
    for part in found:
        for name in part.find_all(exp.Identifier):
            if not name.args.get("quoted") and name.name.upper() in RESERVED:
                raise Unparsable(name.name, max(0, name.meta.get("start", 0) - shift))


def _check_selects(found: list[exp.Expression], text: str, shift: int) -> None:
    """sqlglot takes a bare FROM for a SELECT of everything; neither vendor does."""
    words = [
        match
        for match in re.finditer(r"'(?:[^']|'')*'|\"[^\"]*\"|\[[^\]]*\]|--[^\n]*|\w+", text)
        if match[0][0] not in "'\"[-"
    ]
    if sum(1 for part in found for _ in part.find_all(exp.Select)) > sum(word[0].upper() == "SELECT" for word in words):
        first = next((word for word in words if word[0].upper() == "FROM"), None)
        raise Unparsable("from", max(0, (first.start() if first else 0) - shift))


def _unparsable(error: ParseError, text: str, shift: int) -> Unparsable:
    first = error.errors[0] if error.errors else {}
    line, end = first.get("line") or 1, first.get("col") or 1
    near = first.get("highlight") or ""
    begin = _offset(text, line, end) - len(near)
    begin = text.find(near, max(0, begin)) if near else len(text)
    return Unparsable(near, max(0, begin - shift))


def _offset(text: str, line: int, column: int) -> int:
    at = 0
    for _ in range(line - 1):
        at = text.find("\n", at) + 1
    return at + column


def _unfinished(text: str, error: TokenError) -> Unparsable:
    """A quote or comment that does not end."""
    without = re.sub(r"'(?:[^']|'')*'", lambda found: "x" * len(found[0]), text)
    at = without.find("'")
    return Unparsable(text[at:] if at >= 0 else "", max(at, 0))
