# SPDX-License-Identifier: GPL-3.0-or-later
"""Transact-SQL's aggregates and checksums, as they are written for SQLite."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from impax_lab.engine.model import NULL, Type
from impax_lab.engine.ms import types
from impax_lab.engine.ms.errors import error
from impax_lab.engine.sql.scope import Problem, Scope, Value, literal

if TYPE_CHECKING:
    from impax_lab.engine.ms.dialect import TransactCompiler

Handler = Callable[["TransactCompiler", exp.Anonymous, Scope], Value]


def _count(kind: Type) -> Handler:
    def handle(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
        value, distinct = _aggregated(compiler, node, scope)
        if value is None:
            return Value("COUNT(*)", kind, nullable=False)
        return Value(f"COUNT({distinct}{_comparable(compiler, value, distinct)})", kind, nullable=False)

    return handle


def _aggregated(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> tuple[Value | None, str]:
    """The argument (None: *) and DISTINCT. A NULL that is passed over is noted, for the warning."""
    if len(node.expressions) != 1:
        raise Problem("arguments", str(node.this), node, "1")
    inner = node.expressions[0]
    if isinstance(inner, exp.Star):
        if not str(node.this).lower().startswith("count"):
            raise Problem("syntax", "*", node)
        return None, ""
    distinct = "DISTINCT " if isinstance(inner, exp.Distinct) else ""
    if distinct and len(inner.expressions) != 1:
        raise Problem("arguments", str(node.this), node, "1")
    value = compiler.value(inner.expressions[0] if distinct else inner, scope)
    if value.nullable:
        value = Value(f"ms_seen({value.sql})", value.type)
    return value, distinct


def _comparable(compiler: TransactCompiler, value: Value, distinct: str) -> str:
    if not distinct or value.type.kind not in types.STRINGS:
        return value.sql
    from impax_lab.engine.ms.dialect import sqlite_collation

    return f"{value.sql} COLLATE {sqlite_collation(value.type.collation or compiler.names.collation_of(compiler.names.database))}"


def _sum(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    value, distinct = _aggregated(compiler, node, scope)
    assert value is not None
    kind = _summed(compiler, value, "sum")
    if kind.kind in ("int", "bigint"):
        return Value(f"ms_sum_{kind.kind}({distinct}{value.sql})", kind)
    if kind.kind in types.EXACT:
        return Value(f"round(SUM({distinct}{value.sql}), {types.precision(kind)[1]})", kind)
    return Value(f"SUM({distinct}{value.sql})", kind)


def _summed(compiler: TransactCompiler, value: Value, operator: str) -> Type:
    kind = value.type
    if kind == NULL or kind.kind not in types.NUMBERS - {"bit"}:
        raise error(8117, "void type" if kind == NULL else kind.kind, operator)
    if kind.kind in ("tinyint", "smallint", "int"):
        return types.INT
    if kind.kind in ("smallmoney", "money"):
        return Type("money")
    if kind.kind in ("decimal", "numeric"):
        return Type(kind.kind, 38, kind.scale)
    return kind if kind.kind == "bigint" else types.FLOAT


def _avg(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    value, distinct = _aggregated(compiler, node, scope)
    assert value is not None
    kind = _summed(compiler, value, "avg")
    if kind.kind in types.WHOLE:
        return Value(f"CAST(AVG({distinct}{value.sql}) AS INTEGER)", kind)
    if kind.kind in types.EXACT:
        places = max(6, types.precision(kind)[1]) if kind.kind != "money" else 4
        made = kind if kind.kind == "money" else Type(kind.kind, 38, places)
        return Value(f"round(AVG({distinct}{value.sql}), {places})", made)
    return Value(f"AVG({distinct}{value.sql})", kind)


def _extreme(word: str) -> Handler:
    def handle(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
        value, _ = _aggregated(compiler, node, scope)
        assert value is not None
        if value.type.kind in types.LONG | {"bit", "uniqueidentifier"}:
            raise error(8117, value.type.kind, word.lower())
        return Value(f"{word}({_comparable(compiler, value, 'DISTINCT')})", value.type)

    return handle


def _checksum_agg(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    value, distinct = _aggregated(compiler, node, scope)
    assert value is not None
    if value.type.kind not in ("int", "smallint", "tinyint", "bit"):
        raise error(8117, value.type.kind, "checksum_agg")
    return Value(f"ms_checksum_agg({distinct}{value.sql})", types.INT)


# Checksums ----------------------------------------------------------------------------------------------------------


def _checksum(folding: bool) -> Handler:
    """CHECKSUM and BINARY_CHECKSUM: of * all columns but those that cannot be compared."""

    def handle(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
        values: list[Value] = []
        for part in node.expressions:
            if isinstance(part, exp.Star):
                values += [value for source in scope.sources for value in source.values]
            else:
                values.append(compiler.value(part, scope))
        values = [value for value in values if value.type.kind not in types.LONG]
        if not values:
            raise error(174, str(node.this), 1)
        if scope.grouped is not None and not scope.in_aggregate and not scope.trial:
            raise Problem("grouped", str(node.this), node)
        kinds = literal(" ".join(value.type.kind for value in values))
        inner = ", ".join(value.sql for value in values)
        return Value(f"ms_checksum({int(folding)}, {kinds}, {inner})", types.INT, nullable=False)

    return handle


def _hashbytes(compiler: TransactCompiler, node: exp.Anonymous, scope: Scope) -> Value:
    method, value = compiler.arguments(node, scope, 2)
    if value.type.kind in types.LONG or value.type.kind not in types.STRINGS | types.BINARY:
        raise error(8116, value.type.kind, 2, "hashbytes")
    return Value(f"ms_hash({method.sql}, {value.sql}, {literal(value.type.kind)})", types.varbinary(8000))


HANDLERS: dict[str, Handler] = {
    "count": _count(types.INT), "count_big": _count(types.BIGINT), "sum": _sum, "avg": _avg, "min": _extreme("MIN"),
    "max": _extreme("MAX"), "checksum_agg": _checksum_agg,
    "binary_checksum": _checksum(False), "checksum": _checksum(True), "hashbytes": _hashbytes,
}  # fmt: skip
