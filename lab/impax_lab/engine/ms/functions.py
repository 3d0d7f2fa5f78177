# SPDX-License-Identifier: GPL-3.0-or-later
"""Transact-SQL's functions: how each is written for SQLite. Books Online, "Functions". One that is not here is Msg 195,
and noted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from impax_lab.engine.model import NULL, Type
from impax_lab.engine.ms import aggregates, types
from impax_lab.engine.ms.errors import error, not_understood
from impax_lab.engine.sql.scope import Problem, Scope, Value, literal

if TYPE_CHECKING:
    from impax_lab.engine.ms.dialect import TransactCompiler

Handler = Callable[["TransactCompiler", exp.Anonymous, Scope], Value]
NAME = types.nvarchar(128)
LONGEST = types.nvarchar(4000)
UNCHECKED = types.LONG | {"sql_variant"}
UNITS = {
    "year": "year", "yy": "year", "yyyy": "year", "quarter": "quarter", "qq": "quarter", "q": "quarter", "month": "month",
    "mm": "month", "m": "month", "dayofyear": "dayofyear", "dy": "dayofyear", "y": "dayofyear", "day": "day", "dd": "day",
    "d": "day", "week": "week", "wk": "week", "ww": "week", "weekday": "weekday", "dw": "weekday", "hour": "hour", "hh": "hour",
    "minute": "minute", "mi": "minute", "n": "minute", "second": "second", "ss": "second", "s": "second",
    "millisecond": "millisecond", "ms": "millisecond",
}  # fmt: skip


def call(compiler: TransactCompiler, name: str, node: exp.Anonymous, scope: Scope) -> Value:
    handler = HANDLERS.get(name)
    if handler is None or (name in SINCE_2005 and compiler.names.version < 9):
        raise not_understood(
            195,
            f"function {name}",
            str(node.this),
            "function" if compiler.names.version < 9 else "built-in function",
        )
    if name not in compiler.aggregates:
        return handler(compiler, node, scope)
    if scope.grouped is None or scope.in_aggregate:
        raise Problem("aggregate", name, node)
    scope.in_aggregate += 1
    try:
        return handler(compiler, node, scope)
    finally:
        scope.in_aggregate -= 1


def nameless(compiler: TransactCompiler, name: str) -> Value | None:
    """Functions that are called without parentheses."""
    names = compiler.names
    if name == "current_timestamp":
        return Value(literal(names.now()), types.DATETIME, nullable=False)
    if name in ("system_user", "suser_sname"):
        return Value(literal(names.login), NAME, nullable=False)
    if name in ("user", "current_user", "session_user"):
        return Value(literal(names.user), NAME, nullable=False)
    return None


def global_variable(compiler: TransactCompiler, name: str, node: exp.Expression) -> Value:
    found = compiler.names.global_value(name)
    if found is None:
        raise not_understood(137, f"@@{name}", f"@@{name}", old=compiler.names.version < 9)
    kind, value = found
    return Value(literal(value), kind, nullable=value is None)


# Makers of handlers -------------------------------------------------------------------------------------------------


def _plain(template: str, kind: Type, *arguments: str) -> Handler:
    """A function of fixed arguments, each made an int, a float or text first. A ? before: may be left out."""
    least = sum(1 for argument in arguments if not argument.startswith("?"))
    targets = {"int": types.INT, "float": types.FLOAT, "text": LONGEST, "name": NAME, "date": types.DATETIME}

    def handle(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
        given = compiler.arguments(node, scope, least, len(arguments))
        texts = [
            _as(compiler, value, targets.get(wanted.lstrip("?")))
            for value, wanted in zip(given, arguments, strict=False)
        ]
        texts += ["NULL"] * (len(arguments) - len(texts))
        return Value(template.format(*texts), kind)

    return handle


def _as(compiler: TransactCompiler, value: Value, target: Type | None) -> str:
    if target is None or (target.kind == "nvarchar" and value.type.kind in types.STRINGS):
        return value.sql
    return compiler.converted(value, target).sql


def _text(template: str, *arguments: str) -> Handler:
    """A function that gives text, or bytes, of the kind and size of its first argument."""
    inner = _plain(template, LONGEST, *arguments)

    def handle(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
        found = inner(compiler, node, scope)
        first = compiler.value(node.expressions[0], scope).type
        if first.kind in types.BINARY:
            return Value(found.sql, types.varbinary(first.size or 8000))
        size = first.size or 30 if first.kind in types.STRINGS - types.LONG else 8000
        kind = "nvarchar" if first.kind in types.WIDE else "varchar"
        return Value(found.sql, Type(kind, size, None, first.collation))

    return handle


# Values -------------------------------------------------------------------------------------------------------------


def _cast(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    inner, text = node.expressions
    return compiler.converted(compiler.value(inner, scope), compiler.type_of(text.name), explicit=True)


def _convert(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    if len(node.expressions) not in (2, 3):
        raise Problem("arguments", "convert", node, "2")
    text, inner, *style = node.expressions
    value = compiler.value(inner, scope)
    return compiler.converted(
        value, compiler.type_of(text.name), compiler.value(style[0], scope) if style else None, explicit=True
    )


def _isnull(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    """The type is that of the first argument: the second one is cut to it."""
    first, second = compiler.arguments(node, scope, 2)
    target = second.type if first.type == NULL else first.type
    other = compiler.converted(second, target, explicit=True)
    return Value(f"ifnull({first.sql}, {other.sql})", target, nullable=second.nullable)


def _coalesce(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    values = compiler.unified(compiler.arguments(node, scope, 2, -1), node)
    kind = next((value.type for value in values if value.type != NULL), NULL)
    return Value(f"coalesce({', '.join(value.sql for value in values)})", kind)


def _nullif(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    first, second = compiler.arguments(node, scope, 2)
    test = compiler.compared("=", first, second, node)
    return Value(f"CASE WHEN {test} THEN NULL ELSE {first.sql} END", first.type)


def _datalength(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    (value,) = compiler.arguments(node, scope, 1)
    kind = types.BIGINT if value.type.size == -1 else types.INT
    if value.type.kind in types.SIZES and value.type.kind not in ("timestamp",):
        return Value(
            f"CASE WHEN {value.sql} IS NOT NULL THEN {types.SIZES[value.type.kind]} END", kind, nullable=value.nullable
        )
    from impax_lab.engine.ms.dialect import packed

    return Value(f"ms_length({value.sql}, {literal(packed(value.type))})", kind, nullable=value.nullable)


def _len(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    (value,) = compiler.arguments(node, scope, 1)
    if value.type.kind in types.LONG:
        raise error(8116, value.type.kind, 1, "len")
    if value.type.kind in types.BINARY:
        return Value(f"length({value.sql})", types.INT)
    return Value(f"length(rtrim({_as(compiler, value, LONGEST)}, ' '))", types.INT, nullable=value.nullable)


def _round(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    value, places, *cut = compiler.arguments(node, scope, 2, 3)
    kind = value.type if value.type.kind in types.NUMBERS else types.FLOAT
    number = compiler.converted(value, kind).sql
    return Value(f"ms_round({number}, {places.sql}, {cut[0].sql if cut else 0})", kind)


def _same(template: str, whole: bool = False) -> Handler:
    """A function of one number that keeps its type; a whole one has no scale."""

    def handle(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
        (value,) = compiler.arguments(node, scope, 1)
        kind = value.type if value.type.kind in types.NUMBERS - {"bit"} else types.FLOAT
        made = Type(kind.kind, kind.size, 0) if whole and kind.kind in ("decimal", "numeric") else kind
        return Value(template.format(compiler.converted(value, kind).sql), made)

    return handle


def _date_part(template: str, kind: Type, count: int) -> Handler:
    def handle(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
        if len(node.expressions) != count + 1:
            raise Problem("arguments", str(node.this), node, str(count + 1))
        unit = UNITS.get(node.expressions[0].name.lower())
        if unit is None:
            raise error(155, node.expressions[0].name, str(node.this))
        texts = []
        for at, part in enumerate(node.expressions[1:]):
            value = compiler.value(part, scope)
            wanted = types.INT if str(node.this).lower() == "dateadd" and at == 0 else types.DATETIME
            texts.append(compiler.converted(value, wanted).sql)
        return Value(template.format(literal(unit), *texts), kind)

    return handle


def _part(unit: str) -> Handler:
    return _plain(f"ms_datepart('{unit}', {{}})", types.INT, "date")


def _now(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    compiler.arguments(node, scope, 0)
    return Value(literal(compiler.names.now()), types.DATETIME, nullable=False)


def _error_function(name: str, kind: Type) -> Handler:
    """ERROR_NUMBER() and the like: NULL outside of a CATCH block."""

    def handle(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
        compiler.arguments(node, scope, 0)
        return Value(literal(compiler.names.caught(name)), kind)

    return handle


def _asked(name: str, kind: Type, *arguments: str) -> Handler:
    """A function that the session answers, from its catalogue."""
    inner = ", ".join("{}" for _ in arguments)
    return _plain(f"ms_ask_{len(arguments)}('{name}'{', ' if arguments else ''}{inner})", kind, *arguments)


INT, NVARCHAR, IDENTITY = types.INT, types.nvarchar(4000), Type("numeric", 18, 0)
SINCE_2005 = {"hashbytes", "error_number", "error_message", "error_severity", "error_state", "error_line", "error_procedure",
              "xact_state", "schema_name", "schema_id", "object_schema_name", "original_login"}  # fmt: skip
HANDLERS: dict[str, Handler] = {
    **aggregates.HANDLERS,
    "cast": _cast, "convert": _convert, "isnull": _isnull, "coalesce": _coalesce, "nullif": _nullif,
    "datalength": _datalength, "len": _len,
    "substring": _text("ms_substring({}, {}, {})", "any", "int", "int"), "left": _text("ms_substring({}, 1, {})", "text", "int"),
    "right": _text("ms_right({}, {})", "text", "int"), "upper": _text("ms_upper({})", "text"), "lower": _text("ms_lower({})", "text"),
    "ltrim": _text("ltrim({}, ' ')", "text"), "rtrim": _text("rtrim({}, ' ')", "text"),
    "replace": _text("ms_replace({}, {}, {})", "text", "text", "text"), "reverse": _text("ms_reverse({})", "text"),
    "replicate": _plain("ms_replicate({}, {})", types.varchar(8000), "text", "int"),
    "space": _plain("ms_replicate(' ', {})", types.varchar(8000), "int"),
    "stuff": _text("ms_stuff({}, {}, {}, {})", "text", "int", "int", "text"),
    "charindex": _plain("ms_charindex({}, {}, {})", INT, "text", "text", "?int"),
    "patindex": _plain("ms_patindex({}, {})", INT, "text", "text"),
    "ascii": _plain("ms_ascii({})", INT, "text"), "unicode": _plain("unicode({})", INT, "text"),
    "char": _plain("ms_char({})", types.varchar(1), "int"), "nchar": _plain("char({})", types.nvarchar(1), "int"),
    "str": _plain("ms_str({}, {}, {})", types.varchar(10), "float", "?int", "?int"),
    "quotename": _plain("ms_quotename({}, {})", types.nvarchar(258), "text", "?text"),
    "isnumeric": _plain("ms_isnumeric({})", INT, "text"), "isdate": _plain("ms_isdate({})", INT, "text"),
    "abs": _same("abs({})"), "ceiling": _same("ms_ceiling({})", True), "floor": _same("ms_floor({})", True), "sign": _same("sign({})"),
    "round": _round, "power": _plain("ms_power({}, {})", types.FLOAT, "float", "float"),
    "sqrt": _plain("ms_sqrt({})", types.FLOAT, "float"),
    "getdate": _now, "getutcdate": _now, "datepart": _date_part("ms_datepart({}, {})", INT, 1),
    "datename": _date_part("ms_datename({}, {})", types.nvarchar(30), 1),
    "dateadd": _date_part("ms_dateadd({}, {}, {})", types.DATETIME, 2), "datediff": _date_part("ms_datediff({}, {}, {})", INT, 2),
    "year": _part("year"), "month": _part("month"), "day": _part("day"),
    "newid": _asked("newid", Type("uniqueidentifier")),
    "db_id": _asked("db_id", Type("smallint"), "?name"), "db_name": _asked("db_name", NAME, "?int"),
    "object_id": _asked("object_id", INT, "text", "?text"), "object_name": _asked("object_name", NAME, "int", "?int"),
    "col_name": _asked("col_name", NAME, "int", "int"), "col_length": _asked("col_length", INT, "text", "text"),
    "objectproperty": _asked("objectproperty", INT, "int", "text"),
    "columnproperty": _asked("columnproperty", INT, "int", "text", "text"),
    "databasepropertyex": _asked("databasepropertyex", types.nvarchar(128), "text", "text"),
    "serverproperty": _asked("serverproperty", types.nvarchar(128), "text"),
    "collationproperty": _asked("collationproperty", INT, "text", "text"),
    "suser_sname": _asked("suser_sname", NAME, "?any"), "suser_name": _asked("suser_sname", NAME, "?any"),
    "user_name": _asked("user_name", NAME, "?int"), "schema_name": _asked("schema_name", NAME, "?int"),
    "schema_id": _asked("schema_id", INT, "?text"),
    "is_srvrolemember": _asked("is_srvrolemember", INT, "text", "?text"), "is_member": _asked("is_member", INT, "text"),
    "has_dbaccess": _asked("has_dbaccess", INT, "text"), "host_name": _asked("host_name", NAME), "app_name": _asked("app_name", NAME),
    "ident_current": _asked("ident_current", IDENTITY, "text"), "ident_seed": _asked("ident_seed", IDENTITY, "text"),
    "ident_incr": _asked("ident_incr", IDENTITY, "text"), "scope_identity": _asked("scope_identity", IDENTITY),
    "original_login": _asked("suser_sname", NAME),
    "error_number": _error_function("number", INT), "error_message": _error_function("text", NVARCHAR),
    "error_severity": _error_function("level", INT), "error_state": _error_function("state", INT),
    "error_line": _error_function("line", INT), "error_procedure": _error_function("procedure", NAME),
    "xact_state": _asked("xact_state", Type("smallint")),
}  # fmt: skip
