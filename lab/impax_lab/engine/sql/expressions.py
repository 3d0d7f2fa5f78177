# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressions and conditions: the part that both dialects share. A method a kind of node; no method: not understood."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from impax_lab.engine.model import NULL, Type
from impax_lab.engine.sql.scope import Problem, Query, Scope, Value, literal, only

COMPARED = {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
CONDITIONS = (
    *COMPARED, exp.And, exp.Or, exp.Not, exp.In, exp.Between, exp.Like, exp.Escape, exp.Is, exp.Exists, exp.Any, exp.All,
)  # fmt: skip


class Expressions:
    """To be completed by a dialect: `text_type`, `compared`, `arithmetic`, `unified`, `call`, `like`, `number`."""

    aggregates: frozenset[str] = frozenset()

    # For the dialect ------------------------------------------------------------------------------------------------

    def string(self, node: exp.Expression, text: str, national: bool) -> Value:
        raise NotImplementedError

    def number(self, node: exp.Literal) -> Value:
        raise NotImplementedError

    def compared(self, operator: str, left: Value, right: Value, node: exp.Expression) -> str:
        raise NotImplementedError

    def arithmetic(self, operator: str, left: Value, right: Value, node: exp.Expression) -> Value:
        raise NotImplementedError

    def negated(self, value: Value, node: exp.Expression) -> Value:
        raise NotImplementedError

    def unified(self, values: Sequence[Value], node: exp.Expression) -> list[Value]:
        """The values made of one type."""
        raise NotImplementedError

    def like(self, value: Value, pattern: Value, escape: Value | None, node: exp.Expression) -> str:
        raise NotImplementedError

    def call(self, name: str, node: exp.Anonymous, scope: Scope) -> Value:
        raise NotImplementedError

    def named(self, node: exp.Column, scope: Scope) -> Value:
        """What a name means that may be a column."""
        raise NotImplementedError

    def query(self, node: exp.Expression, outer: Scope | None) -> Query:
        raise NotImplementedError

    # Values ---------------------------------------------------------------------------------------------------------

    def value(self, node: exp.Expression, scope: Scope) -> Value:
        method = getattr(self, f"_v_{type(node).__name__.lower()}", None)
        if method is None:
            kind = "value" if isinstance(node, CONDITIONS) else "unsupported"
            raise Problem(kind, type(node).__name__, node)
        if scope.grouped and not scope.in_aggregate and not scope.trial:
            scope.trial = True
            try:
                found = method(node, scope)
            finally:
                scope.trial = False
            if found.sql in scope.grouped:
                return found
        return method(node, scope)

    def _v_paren(self, node: exp.Paren, scope: Scope) -> Value:
        inner = self.value(node.this, scope)
        return Value(f"({inner.sql})", inner.type, nullable=inner.nullable, literal=inner.literal)

    def _v_literal(self, node: exp.Literal, scope: Scope) -> Value:
        return self.string(node, node.this, False) if node.is_string else self.number(node)

    def _v_national(self, node: exp.National, scope: Scope) -> Value:
        return self.string(node, node.name, True)

    def _v_null(self, node: exp.Null, scope: Scope) -> Value:
        return Value("NULL", NULL)

    def _v_column(self, node: exp.Column, scope: Scope) -> Value:
        only(node, "this", "table", "db", "catalog")
        return self.named(node, scope)

    def _v_neg(self, node: exp.Neg, scope: Scope) -> Value:
        return self.negated(self.value(node.this, scope), node)

    def _binary(self, operator: str, node: exp.Binary, scope: Scope) -> Value:
        only(node, "this", "expression", "typed", "safe")
        return self.arithmetic(operator, self.value(node.this, scope), self.value(node.expression, scope), node)

    def _v_add(self, node: exp.Add, scope: Scope) -> Value:
        return self._binary("+", node, scope)

    def _v_sub(self, node: exp.Sub, scope: Scope) -> Value:
        return self._binary("-", node, scope)

    def _v_mul(self, node: exp.Mul, scope: Scope) -> Value:
        return self._binary("*", node, scope)

    def _v_div(self, node: exp.Div, scope: Scope) -> Value:
        return self._binary("/", node, scope)

    def _v_case(self, node: exp.Case, scope: Scope) -> Value:
        only(node, "this", "ifs", "default")
        tests = [self._when(node, branch.this, scope) for branch in node.args["ifs"]]
        results = [self.value(branch.args["true"], scope) for branch in node.args["ifs"]]
        default = node.args.get("default")
        *results, last = self.unified([*results, self.value(default, scope) if default else Value("NULL", NULL)], node)
        whens = " ".join(f"WHEN {test} THEN {result.sql}" for test, result in zip(tests, results, strict=True))
        kind = next((value.type for value in (*results, last) if value.type != NULL), NULL)
        return Value(f"CASE {whens} ELSE {last.sql} END", kind)

    def _when(self, node: exp.Case, test: exp.Expression, scope: Scope) -> str:
        if node.this is None:
            return self.condition(test, scope)
        return self.compared("=", self.value(node.this, scope), self.value(test, scope), node)

    def _v_anonymous(self, node: exp.Anonymous, scope: Scope) -> Value:
        only(node, "this", "expressions")
        return self.call(str(node.this).lower(), node, scope)

    def _v_subquery(self, node: exp.Subquery, scope: Scope) -> Value:
        only(node, "this")
        return self.scalar(self.query(node.this, scope), node)

    def scalar(self, query: Query, node: exp.Expression) -> Value:
        if len(query.values) != 1:
            raise Problem("columns", str(len(query.values)), node)
        kind = query.values[0].type
        if query.single:
            return Value(f"({query.sql})", kind)
        return Value(f"(SELECT one_row(o1) FROM ({query.sql}))", kind)

    def _v_distinct(self, node: exp.Distinct, scope: Scope) -> Value:
        raise Problem("syntax", "distinct", node)

    # Conditions -----------------------------------------------------------------------------------------------------

    def condition(self, node: exp.Expression, scope: Scope) -> str:
        method = getattr(self, f"_c_{type(node).__name__.lower()}", None)
        if method is not None:
            return method(node, scope)
        operator = COMPARED.get(type(node))
        if operator is None:
            raise Problem("condition", type(node).__name__, node)
        only(node, "this", "expression")
        return self._comparison(operator, node, scope)

    def _comparison(self, operator: str, node: exp.Binary, scope: Scope) -> str:
        if isinstance(node.expression, (exp.Any, exp.All)):
            raise Problem("unsupported", type(node.expression).__name__, node)
        return self.compared(operator, self.value(node.this, scope), self.value(node.expression, scope), node)

    def _c_paren(self, node: exp.Paren, scope: Scope) -> str:
        return f"({self.condition(node.this, scope)})"

    def _c_and(self, node: exp.And, scope: Scope) -> str:
        return f"({self.condition(node.this, scope)} AND {self.condition(node.expression, scope)})"

    def _c_or(self, node: exp.Or, scope: Scope) -> str:
        return f"({self.condition(node.this, scope)} OR {self.condition(node.expression, scope)})"

    def _c_not(self, node: exp.Not, scope: Scope) -> str:
        return f"(NOT {self.condition(node.this, scope)})"

    @staticmethod
    def _negated(node: exp.Expression, test: str) -> str:
        """NOT LIKE, NOT IN ... as newer sqlglot has them: the condition itself says so."""
        return f"(NOT {test})" if node.args.get("negate") else test

    def _c_is(self, node: exp.Is, scope: Scope) -> str:
        only(node, "this", "expression", "negate")
        if not isinstance(node.expression, exp.Null):
            raise Problem("syntax", node.expression.sql(), node)
        return self._negated(node, f"({self.value(node.this, scope).sql} IS NULL)")

    def _c_between(self, node: exp.Between, scope: Scope) -> str:
        only(node, "this", "low", "high", "negate")
        value, low, high = (self.value(part, scope) for part in (node.this, node.args["low"], node.args["high"]))
        test = f"({self.compared('>=', value, low, node)} AND {self.compared('<=', value, high, node)})"
        return self._negated(node, test)

    def _c_in(self, node: exp.In, scope: Scope) -> str:
        only(node, "this", "expressions", "query", "negate")
        value = self.value(node.this, scope)
        if node.args.get("query") is not None:
            return self._negated(node, self._in_query(value, node, scope))
        tests = [self.compared("=", value, self.value(part, scope), node) for part in node.expressions]
        return self._negated(node, f"({' OR '.join(tests)})")

    def _in_query(self, value: Value, node: exp.In, scope: Scope) -> str:
        inner = node.args["query"]
        query = self.query(inner.this if isinstance(inner, exp.Subquery) else inner, scope)
        if len(query.values) != 1:
            raise Problem("columns", str(len(query.values)), node)
        test = self.compared("=", value, Value("q.o1", query.values[0].type), node)
        found = f"EXISTS (SELECT 1 FROM ({query.sql}) AS q WHERE {test})"
        if self._alike(value.type, query.values[0].type):
            return f"({value.sql} IN ({query.sql}))"
        unknown = f"EXISTS (SELECT 1 FROM ({query.sql}) AS q WHERE q.o1 IS NULL)"
        return f"(CASE WHEN {found} THEN 1 WHEN {value.sql} IS NULL OR {unknown} THEN NULL ELSE 0 END)"

    def _alike(self, one: Type, other: Type) -> bool:
        """Whether SQLite's own comparison of the two is the vendor's."""
        return False

    def _c_exists(self, node: exp.Exists, scope: Scope) -> str:
        inner = node.this.this if isinstance(node.this, exp.Subquery) else node.this
        return f"EXISTS ({self.query(inner, scope).sql})"

    def _c_like(self, node: exp.Like, scope: Scope, escape: Value | None = None) -> str:
        only(node, "this", "expression", "negate")
        test = self.like(self.value(node.this, scope), self.value(node.expression, scope), escape, node)
        return self._negated(node, test)

    def _c_escape(self, node: exp.Escape, scope: Scope) -> str:
        if not isinstance(node.this, exp.Like):
            raise Problem("syntax", "escape", node)
        return self._c_like(node.this, scope, self.value(node.expression, scope))

    # Help -----------------------------------------------------------------------------------------------------------

    def arguments(self, node: exp.Anonymous, scope: Scope, least: int, most: int | None = None) -> list[Value]:
        """The values of a call's arguments. most: None: as many as `least`; -1: any number. Raises Problem."""
        limit = least if most is None else most
        count = len(node.expressions)
        if count < least or (limit >= 0 and count > limit):
            raise Problem("arguments", str(node.this), node, str(least))
        return [self.value(part, scope) for part in node.expressions]

    @staticmethod
    def text_literal(text: str) -> str:
        return literal(text)
