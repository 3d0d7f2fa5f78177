# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle's SQL: names in capitals, empty strings that are NULL, ROWNUM, AS OF SCN, division without loss."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlglot import exp

from impax_lab.engine.model import Table, Type
from impax_lab.engine.ora import dates, functions, types
from impax_lab.engine.ora.errors import OracleError, error, not_understood
from impax_lab.engine.sql.compiler import Compiler
from impax_lab.engine.sql.scope import Problem, Scope, Source, Value, line_and_column, literal, only, place

PARTS = re.compile(r"('(?:[^']|'')*'|\"[^\"]*\")")


@dataclass(frozen=True)
class View:
    """A view of the dictionary. name: of the temporary table that it is read from."""

    name: str
    columns: tuple[tuple[str, Type], ...]


@dataclass
class OracleCompiler(Compiler):
    """names: the session. variables: those of PL/SQL around the statement, name -> (type, value)."""

    names: Any
    variables: Mapping[str, tuple[Type, Any]] = field(default_factory=dict)
    read: list[Table] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    _past: dict[str, int | None] = field(default_factory=dict)

    aggregates = frozenset({"count", "sum", "avg", "min", "max", "stddev", "variance"})

    def __post_init__(self) -> None:
        Compiler.__init__(self)

    # Names ----------------------------------------------------------------------------------------------------------

    def folded(self, name: exp.Identifier | str) -> str:
        if isinstance(name, str):
            return name
        return name.name if name.args.get("quoted") else name.name.upper()

    def shown_name(self, identifier: exp.Identifier) -> str:
        return self.folded(identifier)

    def named(self, node: exp.Column, scope: Scope) -> Value:
        found = self.find_column(node, scope)
        if found is not None:
            return found
        name = self.folded(node.this)
        qualifier = ".".join(self.folded(part) for part in (node.args.get("table"), node.args.get("db")) if part)
        special = functions.nameless(self, f"{qualifier}.{name}" if qualifier else name, node, scope)
        if special is not None:
            return special
        known = self.variables.get(f"{qualifier}.{name}" if qualifier else name)
        if known is not None:
            return self.bound(*known)
        raise Problem("column", f'"{qualifier}"."{name}"' if qualifier else f'"{name}"', node)

    def bound(self, kind: Type, value: Any) -> Value:
        return Value(literal(value), kind if value is not None else replace(kind), nullable=value is None)

    # Sources --------------------------------------------------------------------------------------------------------

    def source_of_table(self, node: exp.Table, alias: str, scope: Scope) -> Source:
        only(node, "this", "db", "alias", "version", "joins")
        if not isinstance(node.this, exp.Identifier):
            raise Problem("unsupported", str(node.this), node)
        owner = self.folded(node.args["db"]) if node.args.get("db") else ""
        found = self.names.resolve(owner, self.folded(node.this))
        if found is None:
            raise Problem("table", self.folded(node.this), node)
        name = self.alias_of(node) or self.folded(node.this)
        if isinstance(found, View):
            return self._source_of_view(found, alias, name, node)
        scn = self._scn_of(node, scope)
        self._past[alias] = scn
        self.read.append(found)
        values = [Value(f"{alias}.{c.stored}", c.type, c.name, c.nullable, c) for c in found.columns]
        return Source(alias, name, tuple(values), found)

    def _source_of_view(self, view: View, alias: str, name: str, node: exp.Table) -> Source:
        if node.args.get("version"):
            raise Problem("unsupported", "as of", node)
        self.views.append(view)
        values = [Value(f"{alias}.c{number}", kind, column) for number, (column, kind) in enumerate(view.columns, 1)]
        return Source(alias, name, tuple(values), None, frozenset({view.name}))

    def _scn_of(self, node: exp.Table, scope: Scope) -> int | None:
        version = node.args.get("version")
        if version is None:
            return None
        if str(version.this).upper() != "SCN" or str(version.args.get("kind")).upper() != "AS OF":
            raise Problem("unsupported", "as of", node)
        value = self.names.evaluate(self.value(version.expression, Scope()))
        if not isinstance(value, int):
            raise error(8181)
        return value

    def from_sql(self, source: Source) -> str:
        if source.table is None:
            return f"temp.{next(iter(source.hints))}"
        columns = ", ".join(column.stored for column in source.table.columns)
        condition = self.names.visible(source.table, self._past.get(source.alias))
        return f"(SELECT _id, {columns} FROM {source.table.physical} WHERE {condition})"

    def no_sources(self, node: exp.Select) -> str:
        raise Problem("syntax", "from", node)

    # ROWNUM ---------------------------------------------------------------------------------------------------------

    def prepared(self, node: exp.Select) -> exp.Select:
        """ROWNUM counts before anything is grouped or sorted: then the limited rows become a query of their own."""
        where = node.args.get("where")
        if where is None or not _counts_rows(where):
            return node
        if not (
            node.args.get("order") or node.args.get("group") or node.args.get("distinct") or self.is_aggregate(node)
        ):
            return node
        clause = node.args.get("from_") or node.args.get("from")
        if node.args.get("joins") or not isinstance(clause.this, exp.Table):
            raise Problem("unsupported", "ROWNUM over several tables with groups or an order", node)
        name = clause.this.args["alias"].this.copy() if clause.this.args.get("alias") else clause.this.this.copy()
        table = clause.this.copy()
        inner = exp.Select(expressions=[exp.Star()], from_=exp.From(this=table), where=where.copy())
        outer = node.copy()
        outer.set("where", None)
        outer.set("from_", exp.From(this=exp.Subquery(this=inner, alias=exp.TableAlias(this=name))))
        return outer

    def row_limit(self, node: exp.Select, values: tuple[Value, ...], scope: Scope) -> tuple[str, exp.Expression | None]:
        if node.args.get("limit") is not None:  # another vendor's TOP or LIMIT
            top = re.search(r"\bselect\s+top\b", self.names.text, re.I)
            raise not_understood(923 if top else 933, "TOP, LIMIT or FETCH FIRST")
        where = node.args.get("where")
        if where is None:
            return "", None
        conditions = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
        limits = [part for part in conditions if _counts_rows(part)]
        rest = [part for part in conditions if part not in limits]
        limit = min((self._most(part, scope) for part in limits), default=None)
        kept: exp.Expression | None = None
        for part in rest:
            kept = part if kept is None else exp.And(this=kept.copy(), expression=part.copy())
        return ("" if limit is None else f" LIMIT {limit} OFFSET 0"), kept

    def _most(self, part: exp.Expression, scope: Scope) -> int:
        """How many rows a condition on ROWNUM lets through: the first row that does not fit ends it."""
        if isinstance(part, exp.Paren):
            return self._most(part.this, scope)
        kinds = {exp.LT: -1, exp.LTE: 0, exp.EQ: None, exp.GT: None, exp.GTE: None}
        if type(part) not in kinds or not _is_rownum(part.this):
            raise Problem("unsupported", "this condition on ROWNUM", part)
        value = self.names.evaluate(self.value(part.expression, Scope()))
        if not isinstance(value, (int, float)):
            return 0
        if isinstance(part, exp.EQ):
            return 1 if value == 1 else 0
        if isinstance(part, (exp.GT, exp.GTE)):
            first = value < 1 if isinstance(part, exp.GT) else value <= 1
            return 2**62 if first else 0
        return max(0, int(-(-value // 1)) - 1 if isinstance(part, exp.LT) else int(value // 1))

    # Expressions ----------------------------------------------------------------------------------------------------

    def string(self, node: exp.Expression, text: str, national: bool) -> Value:
        if text == "":
            return Value("NULL", types.text(0))
        return Value(literal(text), types.text(len(text)), nullable=False, literal=text)

    def number(self, node: exp.Literal) -> Value:
        return Value(literal(types.number(node.this)), types.NUMBER, nullable=False, literal=node.this)

    def as_number(self, value: Value) -> Value:
        group = types.class_of(value.type)
        if group == "date":
            raise error(932, "NUMBER", "DATE")
        return value if group == "number" else Value(f"ora_number({value.sql})", types.NUMBER)

    def as_text(self, value: Value) -> Value:
        group = types.class_of(value.type)
        if group == "text":
            return value
        if group == "date":
            return Value(f"ora_to_char({value.sql}, {literal(self.names.model)})", types.text())
        return Value(f"ora_text({value.sql})", types.text(40))

    def as_date(self, value: Value) -> Value:
        group = types.class_of(value.type)
        if group == "number":
            raise error(932, "DATE", "NUMBER")
        return value if group == "date" else Value(f"ora_to_date({value.sql}, {literal(self.names.model)})", types.DATE)

    def compared(self, operator: str, left: Value, right: Value, node: exp.Expression) -> str:
        groups = {types.class_of(left.type), types.class_of(right.type)} - {"null"}
        if len(groups) > 1:
            convert = self.as_date if "date" in groups else self.as_number
            left, right = convert(left), convert(right)
        elif groups == {"text"} and "CHAR" in (left.type.kind, right.type.kind):
            return f"(rtrim({left.sql}) {operator} rtrim({right.sql}))"
        return f"({left.sql} {operator} {right.sql})"

    def _alike(self, one: Type, other: Type) -> bool:
        return types.class_of(one) == types.class_of(other) and "CHAR" not in (one.kind, other.kind)

    def arithmetic(self, operator: str, left: Value, right: Value, node: exp.Expression) -> Value:
        groups = [types.class_of(left.type), types.class_of(right.type)]
        if "date" in groups:
            return self._date_arithmetic(operator, left, right, groups)
        left, right = self.as_number(left), self.as_number(right)
        if operator == "/":
            return Value(f"ora_div({left.sql}, {right.sql})", types.NUMBER)
        return Value(f"({left.sql} {operator} {right.sql})", types.NUMBER)

    def _date_arithmetic(self, operator: str, left: Value, right: Value, groups: list[str]) -> Value:
        if groups == ["date", "date"] and operator == "-":
            return Value(f"ora_days({left.sql}, {right.sql})", types.NUMBER)
        if operator not in "+-" or groups == ["date", "date"] or (groups[1] == "date" and operator == "-"):
            raise error(932, "NUMBER", "DATE")
        if groups[1] == "date":
            left, right = right, left
        return Value(f"ora_add_days({left.sql}, {operator}{self.as_number(right).sql})", types.DATE)

    def negated(self, value: Value, node: exp.Expression) -> Value:
        return Value(f"(-{self.as_number(value).sql})", types.NUMBER)

    def _v_dpipe(self, node: exp.DPipe, scope: Scope) -> Value:
        only(node, "this", "expression", "safe")
        left, right = self.as_text(self.value(node.this, scope)), self.as_text(self.value(node.expression, scope))
        size = left.type.size + right.type.size if left.type.size and right.type.size else None
        return Value(f"nullif(ifnull({left.sql},'')||ifnull({right.sql},''),'')", types.text(size))

    def unified(self, values: Sequence[Value], node: exp.Expression) -> list[Value]:
        groups = [types.class_of(value.type) for value in values]
        known = [group for group in groups if group != "null"]
        for group in known:
            if group != known[0]:
                raise error(932, _word(known[0]), _word(group), at=self.position(node))
        return list(values)

    def converted(self, value: Value, like: Value) -> Value:
        """As NVL and DECODE do: to the class of the first one."""
        group = types.class_of(like.type)
        convert = {"text": self.as_text, "number": self.as_number, "date": self.as_date}.get(group)
        return convert(value) if convert and types.class_of(value.type) != "null" else value

    def like(self, value: Value, pattern: Value, escape: Value | None, node: exp.Expression) -> str:
        end = self.as_text(escape).sql if escape else "NULL"
        return f"ora_like({self.as_text(value).sql}, {self.as_text(pattern).sql}, {end})"

    def _v_datestrtodate(self, node: exp.DateStrToDate, scope: Scope) -> Value:
        """DATE '2008-01-31'."""
        return Value(literal(dates.to_date(node.name, "YYYY-MM-DD")), types.DATE, nullable=False)

    def call(self, name: str, node: exp.Anonymous, scope: Scope) -> Value:
        return functions.call(self, name, node, scope)

    # Results --------------------------------------------------------------------------------------------------------

    def output_name(self, value: Value, node: exp.Expression) -> str:
        parts = PARTS.split(node.sql(dialect="oracle"))
        return "".join(part if at % 2 else re.sub(r"\s+", "", part).upper() for at, part in enumerate(parts))

    def sorted_by(self, value: Value, descending: bool) -> str:
        return f"{value.sql} DESC NULLS FIRST" if descending else f"{value.sql} ASC NULLS LAST"

    def position(self, node: exp.Expression | None) -> tuple[int, int] | None:
        found = place(node)
        return line_and_column(self.names.text, found[0]) if found else None

    def problem(self, found: Problem, text: str) -> OracleError:
        """The vendor's error for what is wrong with a statement."""
        where = place(found.node)
        offset = getattr(found, "offset", None)
        at = line_and_column(text, where[0]) if where else line_and_column(text, offset) if offset is not None else None
        return _error_of(found, text, at)


def _error_of(found: Problem, text: str, at: tuple[int, int] | None) -> OracleError:
    codes: dict[str, tuple[int, tuple[str, ...]]] = {
        "table": (942, ()), "column": (904, (found.name,)), "ambiguous": (918, ()), "qualifier": (904, (f'"{found.name}"',)),
        "function": (904, (f'"{found.name.upper()}"',)), "aggregate": (934, ()), "arguments": (909, ()),
        "condition": (920, ()), "value": (936, ()), "columns": (913, ()), "position": (1785, ()), "sorted": (1785 if found.detail else 1791, ()), "union": (1789, ()),
        "duplicate": (918, ()),
    }  # fmt: skip
    if found.kind == "grouped":
        return error(979 if re.search(r"\bgroup\s+by\b", text, re.I) else 937, at=at)
    if found.kind == "syntax":  # a mistake, or something that sqlglot does not know: who reads the notes can tell
        return not_understood(_syntax_code(found, text), f"syntax near {found.name!r}", at)
    if found.kind in codes:
        code, values = codes[found.kind]
        return error(code, *values, at=at)
    return not_understood(900, f"{found.kind} {found.name} {found.detail}".strip(), at)


def _syntax_code(found: Problem, text: str) -> int:
    """Which of Oracle's many syntax errors fits; assumed: the real parser's own choice can be another."""
    if getattr(found, "near", "").startswith("'"):
        return 1756
    if text.count("(") > text.count(")"):
        return 907
    if re.match(r"\s*select\b", text, re.I) and not re.search(r"\bfrom\b", text, re.I):
        return 923
    if re.match(r"\s*select\s+(from\b|,)", text, re.I) or re.search(r",\s*from\b", text, re.I):
        return 936
    clause = re.search(r"\bfrom\b", text, re.I)
    if clause and re.match(r"\s*select\b", text, re.I) and getattr(found, "offset", len(text)) < clause.start():
        return 923
    return 933 if clause or re.search(r"\bwhere\b", text, re.I) else 900


def _is_rownum(node: exp.Expression) -> bool:
    return isinstance(node, exp.Column) and not node.args.get("table") and node.name.upper() == "ROWNUM"


def _counts_rows(node: exp.Expression) -> bool:
    """Whether ROWNUM stands in it, those of queries within it aside."""
    return any(_is_rownum(part) for part in node.walk(prune=lambda part: isinstance(part, exp.Select)))


def _word(group: str) -> str:
    return {"text": "CHAR", "number": "NUMBER", "date": "DATE", "null": "NULL"}.get(group, group.upper())
