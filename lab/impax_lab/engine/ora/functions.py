# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle's functions: how each is written for SQLite, and those that SQLite asks back for.

Oracle Database SQL Language Reference 11g, "Functions". One that is not here is ORA-00904, and noted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from impax_lab.engine.model import NULL, Type
from impax_lab.engine.ora import dates, types
from impax_lab.engine.ora.errors import error, not_understood
from impax_lab.engine.sql.scope import Problem, Scope, Value, literal
from impax_lab.engine.sql.tokens import ORACLE, Stop, Words, tokens

if TYPE_CHECKING:
    from impax_lab.engine.ora.dialect import OracleCompiler

Handler = Callable[["OracleCompiler", exp.Anonymous, Scope], Value]


def call(compiler: OracleCompiler, name: str, node: exp.Anonymous, scope: Scope) -> Value:
    handler = HANDLERS.get(name)
    if handler is None:
        raise not_understood(904, f"function {name}", compiler.position(node), f'"{name.upper()}"')
    if name in compiler.aggregates:
        if scope.grouped is None or scope.in_aggregate:
            raise Problem("aggregate", name, node)
        scope.in_aggregate += 1
        try:
            return handler(compiler, node, scope)
        finally:
            scope.in_aggregate -= 1
    return handler(compiler, node, scope)


def nameless(compiler: OracleCompiler, name: str, node: exp.Column, scope: Scope) -> Value | None:
    """Functions that are called without parentheses."""
    names = compiler.names
    if name in ("SYSDATE", "CURRENT_DATE"):
        return Value(literal(names.now()), types.DATE, nullable=False)
    if name in ("SYSTIMESTAMP", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP"):
        return Value(literal(names.now()), Type("TIMESTAMP"), nullable=False)
    if name == "USER":
        return Value(literal(names.user), types.text(30), nullable=False)
    if name == "UID":
        return Value(str(names.uid), types.NUMBER, nullable=False)
    if name == "ROWNUM":
        return Value("row_number() OVER ()", types.NUMBER, nullable=False)
    if name == "ROWID" or name.endswith(".ROWID"):
        return _rowid(name.rpartition(".")[0], node, scope)
    if name in ("DBMS_FLASHBACK.GET_SYSTEM_CHANGE_NUMBER", "SYS.DBMS_FLASHBACK.GET_SYSTEM_CHANGE_NUMBER"):
        return Value(str(names.flashback_scn()), types.NUMBER, nullable=False)
    return None


def _rowid(qualifier: str, node: exp.Column, scope: Scope) -> Value:
    found = [source for source in scope.sources if source.table and qualifier in ("", source.name)]
    if len(found) != 1:
        raise Problem("column" if not found else "ambiguous", '"ROWID"', node)
    if scope.grouped is not None and not scope.in_aggregate:
        raise Problem("grouped", "ROWID", node)
    table = found[0].table
    return Value(f"ora_rowid({table.object_id if table else 0}, {found[0].alias}._id)", Type("VARCHAR2", 18))


# Handlers -----------------------------------------------------------------------------------------------------------


def _plain(template: str, kind: Type, *arguments: str) -> Handler:
    """A function of fixed arguments, each made number, text or date first. A ? before the kind: may be left out."""
    least = sum(1 for argument in arguments if not argument.startswith("?"))

    def handle(compiler: OracleCompiler, node: exp.Anonymous, scope: Scope) -> Value:
        given = compiler.arguments(node, scope, least, len(arguments))
        convert = {"number": compiler.as_number, "text": compiler.as_text, "date": compiler.as_date, "any": lambda v: v}
        texts = [convert[kind.lstrip("?")](value).sql for value, kind in zip(given, arguments, strict=False)]
        texts += ["NULL"] * (len(arguments) - len(texts))
        return Value(template.format(*texts), kind)

    return handle


def _count(compiler: OracleCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    inner, distinct = _aggregated(compiler, node, scope)
    if inner is None:
        return Value("COUNT(*)", types.NUMBER, nullable=False)
    return Value(f"COUNT({distinct}{inner.sql})", types.NUMBER, nullable=False)


def _aggregated(compiler: OracleCompiler, node: exp.Anonymous, scope: Scope) -> tuple[Value | None, str]:
    """The argument (None: *) and DISTINCT."""
    if len(node.expressions) != 1:
        raise Problem("arguments", str(node.this), node)
    inner = node.expressions[0]
    if isinstance(inner, exp.Star):
        if str(node.this).lower() != "count":
            raise Problem("value", "*", node)
        return None, ""
    if isinstance(inner, exp.Distinct):
        if len(inner.expressions) != 1:
            raise Problem("arguments", str(node.this), node)
        return compiler.value(inner.expressions[0], scope), "DISTINCT "
    return compiler.value(inner, scope), ""


def _number_aggregate(template: str) -> Handler:
    def handle(compiler: OracleCompiler, node: exp.Anonymous, scope: Scope) -> Value:
        inner, distinct = _aggregated(compiler, node, scope)
        assert inner is not None
        return Value(template.format(distinct + compiler.as_number(inner).sql), types.NUMBER)

    return handle


def _extreme(word: str) -> Handler:
    def handle(compiler: OracleCompiler, node: exp.Anonymous, scope: Scope) -> Value:
        inner, _ = _aggregated(compiler, node, scope)
        assert inner is not None
        return Value(f"{word}({inner.sql})", inner.type)

    return handle


def _nvl(compiler: OracleCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    first, second = compiler.arguments(node, scope, 2)
    return Value(f"ifnull({first.sql}, {compiler.converted(second, first).sql})", _known(first, second))


def _nvl2(compiler: OracleCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    test, full, empty = compiler.arguments(node, scope, 3)
    other = compiler.converted(empty, full).sql
    return Value(f"CASE WHEN {test.sql} IS NOT NULL THEN {full.sql} ELSE {other} END", _known(full, empty))


def _coalesce(compiler: OracleCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    values = compiler.unified(compiler.arguments(node, scope, 2, -1), node)
    return Value(f"coalesce({', '.join(value.sql for value in values)})", _known(*values))


def _nullif(compiler: OracleCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    first, second = compiler.unified(compiler.arguments(node, scope, 2), node)
    return Value(f"nullif({first.sql}, {second.sql})", first.type)


def _decode(compiler: OracleCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    """NULL equals NULL here."""
    tested, *rest = compiler.arguments(node, scope, 3, -1)
    default = rest.pop() if len(rest) % 2 else Value("NULL", NULL)
    results = [compiler.converted(result, rest[1]) for result in [*rest[1::2], default]]
    whens = []
    for search, result in zip(rest[::2], results, strict=False):
        test = f"{tested.sql} IS NULL" if search.type == NULL else compiler.compared("=", tested, search, node)
        whens.append(f"WHEN {test} THEN {result.sql}")
    return Value(f"CASE {' '.join(whens)} ELSE {results[-1].sql} END", _known(*results))


def _known(*values: Value) -> Type:
    return next((value.type for value in values if value.type != NULL), NULL)


def _greatest(word: str) -> Handler:
    def handle(compiler: OracleCompiler, node: exp.Anonymous, scope: Scope) -> Value:
        first, *rest = compiler.arguments(node, scope, 1, -1)
        values = [first, *(compiler.converted(value, first) for value in rest)]
        inner = ", ".join(value.sql for value in values)
        return Value(f"{word}({inner})" if rest else first.sql, first.type)

    return handle


def _to_char(compiler: OracleCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    value, *model = compiler.arguments(node, scope, 1, 2)
    if types.class_of(value.type) == "date":
        shown = model[0].sql if model else literal(compiler.names.model)
        return Value(f"ora_to_char({value.sql}, {shown})", types.text())
    if not model:
        return compiler.as_text(value)
    if types.class_of(value.type) == "text":
        raise error(1722)
    return Value(f"ora_number_char({value.sql}, {model[0].sql})", types.text())


def _to_date(compiler: OracleCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    value, *model = compiler.arguments(node, scope, 1, 2)
    shown = model[0].sql if model else literal(compiler.names.model)
    return Value(f"ora_to_date({compiler.as_text(value).sql}, {shown})", types.DATE)


def _trunc(compiler: OracleCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    value, *more = compiler.arguments(node, scope, 1, 2)
    if types.class_of(value.type) == "date":
        return Value(f"ora_trunc_date({value.sql}, {more[0].sql if more else literal('DD')})", types.DATE)
    places = compiler.as_number(more[0]).sql if more else "0"
    return Value(f"ora_trunc({compiler.as_number(value).sql}, {places})", types.NUMBER)


def _dump_hash(compiler: OracleCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    value = compiler.arguments(node, scope, 1, 3)[0]
    return Value(f"ora_hash({compiler.as_text(value).sql})", types.NUMBER)


def _userenv(compiler: OracleCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    space, name = (part.name.upper() for part in node.expressions) if len(node.expressions) == 2 else ("", "")
    known = compiler.names.environment()
    if space != "USERENV" or name not in known:
        raise not_understood(904, f"sys_context {space} {name}", compiler.position(node), '"SYS_CONTEXT"')
    return Value(literal(known[name]), types.text(256))


def _cast(compiler: OracleCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    value, text = compiler.value(node.expressions[0], scope), node.expressions[1].name
    try:
        words = Words(text, tokens(text, ORACLE))
        kind = types.read_type(words)
        words.end()
    except Stop:
        raise error(902, at=compiler.position(node)) from None
    group = types.class_of(kind)
    if group == "number":
        places = kind.scale if kind.scale is not None else "NULL"
        return Value(f"ora_round({compiler.as_number(value).sql}, {places})", kind)
    if group == "date":
        return Value(compiler.as_date(value).sql, kind)
    inner = compiler.as_text(value).sql
    return Value(f"substr({inner}, 1, {kind.size})" if kind.size else inner, kind)


HANDLERS: dict[str, Handler] = {
    "count": _count, "sum": _number_aggregate("SUM({})"), "avg": _number_aggregate("AVG({})"),
    "min": _extreme("MIN"), "max": _extreme("MAX"),
    "cast": _cast, "nvl": _nvl, "nvl2": _nvl2, "coalesce": _coalesce, "nullif": _nullif, "decode": _decode,
    "greatest": _greatest("max"), "least": _greatest("min"),
    "to_char": _to_char, "to_date": _to_date, "trunc": _trunc, "sys_context": _userenv, "ora_hash": _dump_hash,
    "to_number": _plain("ora_number({})", types.NUMBER, "any"),
    "ceil": _plain("ora_ceil({})", types.NUMBER, "number"), "floor": _plain("ora_floor({})", types.NUMBER, "number"),
    "round": _plain("ora_round({}, ifnull({}, 0))", types.NUMBER, "number", "?number"),
    "abs": _plain("abs({})", types.NUMBER, "number"), "mod": _plain("ora_mod({}, {})", types.NUMBER, "number", "number"),
    "sign": _plain("sign({})", types.NUMBER, "number"), "power": _plain("ora_power({}, {})", types.NUMBER, "number", "number"),
    "length": _plain("length({})", types.NUMBER, "text"), "lengthb": _plain("length(CAST({} AS BLOB))", types.NUMBER, "text"),
    "upper": _plain("ora_upper({})", types.text(), "text"), "lower": _plain("ora_lower({})", types.text(), "text"),
    "substr": _plain("ora_substr({}, {}, {})", types.text(), "text", "number", "?number"),
    "instr": _plain("ora_instr({}, {}, {}, {})", types.NUMBER, "text", "text", "?number", "?number"),
    "replace": _plain("nullif(replace({}, {}, ifnull({}, '')), '')", types.text(), "text", "text", "?text"),
    "trim": _plain("nullif(trim({}), '')", types.text(), "text"),
    "ltrim": _plain("nullif(ltrim({}, ifnull({}, ' ')), '')", types.text(), "text", "?text"),
    "rtrim": _plain("nullif(rtrim({}, ifnull({}, ' ')), '')", types.text(), "text", "?text"),
    "lpad": _plain("ora_pad({}, {}, {}, 1)", types.text(), "text", "number", "?text"),
    "rpad": _plain("ora_pad({}, {}, {}, 0)", types.text(), "text", "number", "?text"),
    "chr": _plain("char({})", types.text(1), "number"), "ascii": _plain("unicode({})", types.NUMBER, "text"),
    "add_months": _plain("ora_add_months({}, {})", types.DATE, "date", "number"),
    "rawtohex": _plain("hex({})", types.text(), "any"),
}  # fmt: skip


# What SQLite asks back for ------------------------------------------------------------------------------------------


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
    import zlib

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
