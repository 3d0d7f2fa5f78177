# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle's functions: how each is written for SQLite, and those that SQLite asks back for.

Oracle Database SQL Language Reference 11g, "Functions". One that is not here is ORA-00904, and noted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from impax_lab.engine.model import NULL, Type
from impax_lab.engine.ora import types
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
