# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries: sources, joins, conditions, groups, order. What a dialect does otherwise it overrides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlglot import exp

from impax_lab.engine.model import NULL
from impax_lab.engine.sql.expressions import Expressions
from impax_lab.engine.sql.scope import Problem, Query, Scope, Source, Value, literal, only

SET_OPERATIONS = {exp.Union: "UNION", exp.Except: "EXCEPT", exp.Intersect: "INTERSECT"}
QUERY_PARTS = (
    "expressions", "from_", "from", "joins", "where", "group", "having", "order", "distinct", "limit", "with_", "with",
    "hint",
)  # fmt: skip


class Compiler(Expressions):
    """To be completed by a dialect: `source_of_table`, `folded`, `output_name`, `nulls`, and what `Expressions` asks for."""

    def __init__(self) -> None:
        self._sources = 0

    # For the dialect ------------------------------------------------------------------------------------------------

    def source_of_table(self, node: exp.Table, alias: str, scope: Scope) -> Source:
        """alias: for SQLite. Its SQL is told by `from_sql`."""
        raise NotImplementedError

    def from_sql(self, source: Source) -> str:
        """The source as SQLite reads it, without its alias."""
        raise NotImplementedError

    def folded(self, name: exp.Identifier | str) -> str:
        """A name as names are compared."""
        raise NotImplementedError

    def output_name(self, value: Value, node: exp.Expression) -> str:
        """The heading of an unnamed column."""
        raise NotImplementedError

    def sorted_by(self, value: Value, descending: bool) -> str:
        raise NotImplementedError

    def row_limit(self, node: exp.Select, values: tuple[Value, ...], scope: Scope) -> tuple[str, exp.Expression | None]:
        """What stands behind the query to limit its rows, and what is left of its WHERE."""
        where = node.args.get("where")
        return "", where.this if where else None

    # Queries --------------------------------------------------------------------------------------------------------

    def query(self, node: exp.Expression, outer: Scope | None = None) -> Query:
        if isinstance(node, exp.Subquery):
            only(node, "this", "alias")
            return self.query(node.this, outer)
        if isinstance(node, exp.Select):
            return self.select(node, outer)
        if type(node) in SET_OPERATIONS:
            return self.set_operation(node, outer)
        raise Problem("unsupported", type(node).__name__, node)

    def select(self, node: exp.Select, outer: Scope | None) -> Query:
        only(node, *QUERY_PARTS)
        if not node.expressions:
            raise Problem("value", "from", node)
        node = self.prepared(node)
        scope = Scope(outer)
        self.named_queries(node, scope)
        from_sql = self.sources(node, scope)
        limit, where = self.row_limit(node, (), scope)
        where_sql = f" WHERE {self.condition(where, scope)}" if where is not None else ""
        groups = self.groups(node, scope)
        if groups or self.is_aggregate(node):
            scope.grouped = set(groups)
        values = tuple(self.selected(node, scope))
        group_sql = f" GROUP BY {', '.join(groups.values())}" if groups else ""
        having = node.args.get("having")
        having_sql = f" HAVING {self.condition(having.this, scope)}" if having else ""
        order_sql = self.order(node, values, scope)
        distinct = "DISTINCT " if self.is_distinct(node) else ""
        shown = [self.told_apart(value) if distinct else value.sql for value in values]
        items = ", ".join(f"{sql} AS o{number}" for number, sql in enumerate(shown, 1))
        sql = f"SELECT {distinct}{items}{from_sql}{where_sql}{group_sql}{having_sql}{order_sql}{limit}"
        single = scope.grouped is not None and not groups
        return Query(sql, tuple(replace(value, sql=f"o{number}") for number, value in enumerate(values, 1)), single)

    def told_apart(self, value: Value) -> str:
        """A value as DISTINCT, GROUP BY and UNION compare it."""
        return value.sql

    def prepared(self, node: exp.Select) -> exp.Select:
        """The query as it is to be written; a dialect may rewrite it."""
        return node

    def set_operation(self, node: Any, outer: Scope | None) -> Query:
        only(node, "this", "expression", "distinct", "order", "with_", "with", "by_name", "side", "kind", "on")
        scope = Scope(outer)
        self.named_queries(node, scope)
        left, right = self.query(node.this, scope), self.query(node.expression, scope)
        if len(left.values) != len(right.values):
            raise Problem("union", node=node)
        values = []
        for number, (one, other) in enumerate(zip(left.values, right.values, strict=True), 1):
            unified = self.unified([replace(one, literal=None), replace(other, literal=None)], node)
            kind = next((value.type for value in unified if value.type != NULL), NULL)
            values.append(Value(f"o{number}", kind, one.name, one.nullable or other.nullable))
        word = SET_OPERATIONS[type(node)] + ("" if node.args.get("distinct") else " ALL")
        distinct = bool(node.args.get("distinct"))  # UNION ALL compares nothing
        items = ", ".join(f"{self.told_apart(value) if distinct else value.sql} AS {value.sql}" for value in values)
        inner = f"SELECT {items} FROM ({left.sql}) {word} SELECT * FROM ({right.sql})"
        order = self.order(node, tuple(values), scope, outputs_only=True)
        return Query(f"SELECT * FROM ({inner}){order}" if order else inner, tuple(values))

    def named_queries(self, node: exp.Expression, scope: Scope) -> None:
        clause = node.args.get("with_") or node.args.get("with")
        if clause is None:
            return
        only(clause, "expressions")
        for part in clause.expressions:
            only(part, "this", "alias")
            found = self.query(part.this, scope)
            names = [self.folded(column) for column in part.args["alias"].columns]
            if names:
                values = tuple(replace(v, name=name) for v, name in zip(found.values, names, strict=True))
                found = replace(found, values=values)
            scope.tables[self.folded(part.args["alias"].this)] = found

    # Sources --------------------------------------------------------------------------------------------------------

    def sources(self, node: exp.Select, scope: Scope) -> str:
        clause = node.args.get("from_") or node.args.get("from")
        if clause is None:
            return self.no_sources(node)
        parts = [self.relation(clause.this, scope)]
        for join in [*(clause.this.args.get("joins") or []), *(node.args.get("joins") or [])]:
            parts.append(self.join(join, scope))
        return f" FROM {' '.join(parts)}"

    def no_sources(self, node: exp.Select) -> str:
        if node.args.get("joins") or any(isinstance(part, exp.Star) for part in node.expressions):
            raise Problem("syntax", "*", node)
        return ""

    def relation(self, node: exp.Expression, scope: Scope) -> str:
        self._sources += 1
        alias = f"s{self._sources}"
        if isinstance(node, exp.Subquery):
            source, sql = self._subquery_source(node, alias, scope)
        elif isinstance(node, exp.Table) and (named := self._named_source(node, alias, scope)):
            source, sql = named
        elif isinstance(node, exp.Table):
            source = self.source_of_table(node, alias, scope)
            sql = self.from_sql(source)
        else:
            raise Problem("unsupported", type(node).__name__, node)
        if any(each.name == source.name for each in scope.sources):
            raise Problem("duplicate", source.name, node)
        scope.sources.append(source)
        return f"{sql} AS {alias}"

    def _subquery_source(self, node: exp.Subquery, alias: str, scope: Scope) -> tuple[Source, str]:
        only(node, "this", "alias", "joins")
        found = self.query(node.this, Scope(scope.parent, tables=scope.tables))
        name = self.folded(node.args["alias"].this) if node.args.get("alias") else alias
        columns = [self.folded(column) for column in node.args["alias"].columns] if node.args.get("alias") else []
        return self._source_of_query(found, alias, name, columns), f"({found.sql})"

    def _named_source(self, node: exp.Table, alias: str, scope: Scope) -> tuple[Source, str] | None:
        if node.args.get("db") or node.args.get("catalog") or not isinstance(node.this, exp.Identifier):
            return None
        found = scope.named_query(self.folded(node.this))
        if found is None:
            return None
        only(node, "this", "alias", "joins")
        return self._source_of_query(found, alias, self.alias_of(node) or self.folded(node.this), []), f"({found.sql})"

    def _source_of_query(self, found: Query, alias: str, name: str, columns: list[str]) -> Source:
        names = columns or [value.name for value in found.values]
        values = [
            replace(value, sql=f"{alias}.o{number}", name=named, literal=None)
            for number, (value, named) in enumerate(zip(found.values, names, strict=True), 1)
        ]
        return Source(alias, name, tuple(values))

    def alias_of(self, node: exp.Table) -> str:
        alias = node.args.get("alias")
        return self.folded(alias.this) if alias and alias.this else ""

    def join(self, node: exp.Join, scope: Scope) -> str:
        only(node, "this", "side", "kind", "on")
        side, kind = (node.args.get("side") or "").upper(), (node.args.get("kind") or "").upper()
        if side not in ("", "LEFT", "RIGHT", "FULL") or kind not in ("", "INNER", "CROSS", "OUTER"):
            raise Problem("unsupported", f"{side} {kind} join".strip(), node)
        relation = self.relation(node.this, scope)
        on = node.args.get("on")
        if on is None:
            if side or kind == "INNER":
                raise Problem("syntax", "join", node)
            return f"CROSS JOIN {relation}"
        return f"{side or 'INNER'} JOIN {relation} ON {self.condition(on, scope)}"

    # Names ----------------------------------------------------------------------------------------------------------

    def find_column(self, node: exp.Column, scope: Scope) -> Value | None:
        """The column a name means, in this scope or in one around it."""
        name = self.folded(node.this)
        qualifier = self.folded(node.args["table"]) if node.args.get("table") else ""
        here: Scope | None = scope
        while here is not None:
            fitting = [source for source in here.sources if not qualifier or source.name == qualifier]
            found = [value for source in fitting for value in source.values if self.folded(value.name) == name]
            if len(found) > 1:
                raise Problem("ambiguous", node.this.name, node)
            if found:
                if here.grouped is not None and not here.in_aggregate and not here.trial:
                    owner = next(source.name for source in fitting if found[0] in source.values)
                    detail = "" if here.grouped else "no group"
                    raise Problem("grouped", f"{owner}.{found[0].name}", node, detail)
                return found[0]
            here = here.parent
        return None

    # The parts of a query -------------------------------------------------------------------------------------------

    def selected(self, node: exp.Select, scope: Scope) -> Iterator[Value]:
        for part in node.expressions:
            if isinstance(part, exp.Star) or (isinstance(part, exp.Column) and isinstance(part.this, exp.Star)):
                yield from self._star(part, scope)
            else:
                yield self._selected(part, scope)

    def _selected(self, part: exp.Expression, scope: Scope) -> Value:
        inner = part.this if isinstance(part, exp.Alias) else part
        value = self.value(inner, scope)
        if isinstance(part, exp.Alias):
            return replace(value, name=self.shown_name(part.args["alias"]))
        return replace(value, name=value.name or self.output_name(value, part))

    def shown_name(self, identifier: exp.Identifier) -> str:
        return identifier.name

    def _star(self, part: exp.Expression, scope: Scope) -> Iterator[Value]:
        only(part, "this", "table")
        name = self.folded(part.args["table"]) if part.args.get("table") else ""
        found = [source for source in scope.sources if not name or source.name == name]
        if not found:
            raise Problem("qualifier", name, part)
        for source in found:
            for value in source.values:
                if scope.grouped is not None and value.sql not in scope.grouped:
                    raise Problem("grouped", f"{source.name}.{value.name}", part)
                yield value

    def groups(self, node: exp.Select, scope: Scope) -> dict[str, str]:
        """What it is grouped by, and how that is written: a bare number would be a column's place."""
        clause = node.args.get("group")
        if clause is None:
            return {}
        only(clause, "expressions", "all", "totals")
        values = [self.value(part, scope) for part in clause.expressions]
        return {v.sql: self.told_apart(v) if v.literal is None else f"({v.sql}+0)" for v in values}

    def is_aggregate(self, node: exp.Select) -> bool:
        parts = [*node.expressions, *([node.args["having"]] if node.args.get("having") else [])]
        return bool(node.args.get("having")) or any(self._has_aggregate(part) for part in parts)

    def _has_aggregate(self, node: exp.Expression) -> bool:
        found = node.walk(prune=lambda part: isinstance(part, (exp.Select, exp.Subquery)))
        return any(isinstance(part, exp.Anonymous) and str(part.this).lower() in self.aggregates for part in found)

    def is_distinct(self, node: exp.Select) -> bool:
        clause = node.args.get("distinct")
        if clause:
            only(clause)
        return bool(clause)

    def order(self, node: exp.Expression, values: tuple[Value, ...], scope: Scope, outputs_only: bool = False) -> str:
        clause = node.args.get("order")
        if clause is None:
            return ""
        only(clause, "expressions")
        strict = outputs_only or (isinstance(node, exp.Select) and self.is_distinct(node))
        return f" ORDER BY {', '.join(self._ordered(part, values, scope, strict) for part in clause.expressions)}"

    def _ordered(self, part: exp.Ordered, values: tuple[Value, ...], scope: Scope, strict: bool) -> str:
        only(part, "this", "desc", "nulls_first")
        value = self._output(part.this, values)
        if value is None and strict and not scope.sources:
            raise Problem("sorted", part.this.sql(), part, "union")
        if value is None:
            value = self.value(part.this, scope)
            if strict and all(value.sql != each.sql for each in values):
                raise Problem("sorted", part.this.sql(), part)
        return self.sorted_by(value, bool(part.args.get("desc")))

    def _output(self, node: exp.Expression, values: tuple[Value, ...]) -> Value | None:
        """ORDER BY 2, or by the name of a column of the result."""
        if isinstance(node, exp.Literal) and not node.is_string:
            if not node.this.isdigit() or not 1 <= int(node.this) <= len(values):
                raise Problem("position", node.this, node)
            return replace(values[int(node.this) - 1], sql=f"{int(node.this)}")
        if isinstance(node, exp.Column) and not node.args.get("table"):
            for number, value in enumerate(values, 1):
                if self.folded(value.name) == self.folded(node.this):
                    return replace(value, sql=f"{number}")
        return None

    @staticmethod
    def constant(value: Any) -> str:
        return literal(value)
