# SPDX-License-Identifier: GPL-3.0-or-later
"""Transact-SQL: names and text without regard to case, whole division, implicit conversions, hints, variables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlglot import exp

from impax_lab.engine.model import NULL, Table, Type
from impax_lab.engine.ms import functions, types
from impax_lab.engine.ms.errors import SqlError, error, not_understood
from impax_lab.engine.sql.compiler import Compiler
from impax_lab.engine.sql.scope import Problem, Scope, Source, Value, literal, only, table_name
from impax_lab.engine.sql.tokens import TRANSACT, Stop, Words, tokens

HINTS = {
    "nolock", "readuncommitted", "readcommitted", "repeatableread", "serializable", "holdlock", "updlock", "xlock", "tablock",
    "tablockx", "rowlock", "paglock", "nowait",
}  # fmt: skip
WORDS_OF_OPERATORS = {
    "=": "equal to", "<>": "not equal to", "<": "less than", ">": "greater than", "<=": "less than or equal to",
    ">=": "greater than or equal to", "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "modulo",
}  # fmt: skip


@dataclass(frozen=True)
class View:
    """A view of the catalogue. name: of the temporary table that it is read from."""

    name: str
    columns: tuple[tuple[str, Type], ...]


@dataclass
class TransactCompiler(Compiler):
    """names: the session. variables: @name -> (type, value)."""

    names: Any
    variables: Mapping[str, tuple[Type, Any]] = field(default_factory=dict)
    read: list[tuple[Table, frozenset[str]]] = field(default_factory=list)
    views: list[View] = field(default_factory=list)

    aggregates = frozenset({"count", "count_big", "sum", "avg", "min", "max", "checksum_agg"})

    def __post_init__(self) -> None:
        Compiler.__init__(self)

    # Names ----------------------------------------------------------------------------------------------------------

    def folded(self, name: exp.Identifier | str) -> str:
        return (name if isinstance(name, str) else name.name).lower()

    def named(self, node: exp.Column, scope: Scope) -> Value:
        found = self.find_column(node, scope)
        if found is not None:
            return found
        qualifier = node.args.get("table")
        special = None if qualifier else functions.nameless(self, self.folded(node.this))
        if special is not None:
            return special
        if qualifier is not None:
            parts = [part.name for part in (node.args.get("catalog"), node.args.get("db"), qualifier) if part]
            raise Problem("qualifier", f"{'.'.join(parts)}.{node.this.name}", node, ".".join(parts))
        raise Problem("column", node.this.name, node)

    def _v_parameter(self, node: exp.Parameter, scope: Scope) -> Value:
        """@name and @@name."""
        if isinstance(node.this, exp.Parameter):
            return functions.global_variable(self, node.this.name.lower(), node)
        name = f"@{node.name.lower()}"
        if name not in self.variables:
            raise Problem("value", f"@{node.name}", node, "variable")
        kind, value = self.variables[name]
        return Value(literal(value), kind, nullable=value is None)

    # Sources --------------------------------------------------------------------------------------------------------

    def source_of_table(self, node: exp.Table, alias: str, scope: Scope) -> Source:
        only(node, "this", "db", "catalog", "alias", "hints", "joins")
        if not isinstance(node.this, exp.Identifier):
            raise Problem("unsupported", str(node.this), node)
        database, owner = (node.args[part].name if node.args.get(part) else "" for part in ("catalog", "db"))
        bare = table_name(node)
        found = self.names.resolve(database, owner, bare)
        if found is None:
            written = [database, owner, bare] if database else [owner, bare] if owner else [bare]
            raise Problem("table", ".".join(written), node)
        name = self.alias_of(node) or bare.lower()
        hints = self._hints(node)
        if isinstance(found, View):
            self.views.append(found)
            values = [Value(f"{alias}.c{n}", kind, column) for n, (column, kind) in enumerate(found.columns, 1)]
            return Source(alias, name, tuple(values), None, frozenset({found.name}))
        self.read.append((found, hints))
        collation = self.names.collation_of(found.scope)
        columns = [(column, types.collated(column, collation)) for column in found.columns]
        values = [Value(f"{alias}.{c.stored}", kind, c.name, c.nullable, c) for c, kind in columns]
        return Source(alias, name, tuple(values), found, hints)

    def _hints(self, node: exp.Table) -> frozenset[str]:
        found: set[str] = set()
        for hint in node.args.get("hints") or []:
            if not isinstance(hint, exp.WithTableHint):
                raise Problem("unsupported", "index hint", node)
            for part in hint.expressions:
                name = part.name.lower()
                if name not in HINTS:
                    raise not_understood(321, f"hint {name}", name)
                found.add(name)
        return frozenset(found)

    def from_sql(self, source: Source) -> str:
        if source.table is None:
            return f"temp.{next(iter(source.hints))}"
        columns = "".join(f", {column.stored}" for column in source.table.columns)
        condition = self.names.visible(source.hints)
        return f"(SELECT _id{columns} FROM {source.table.physical} WHERE {condition})"

    def relation(self, node: exp.Expression, scope: Scope) -> str:
        if isinstance(node, exp.Subquery) and not node.args.get("alias"):
            raise Problem("syntax", ")", node)
        found = super().relation(node, scope)
        for place, value in enumerate(scope.sources[-1].values, 1):
            if not value.name:
                raise error(8155, place, scope.sources[-1].name)
        return found

    def row_limit(self, node: exp.Select, values: tuple[Value, ...], scope: Scope) -> tuple[str, exp.Expression | None]:
        """TOP n. OFFSET 0 keeps SQLite from sorting the rows before it counts them off."""
        where = node.args.get("where")
        rest = where.this if where else None
        limit = node.args.get("limit")
        if limit is None:
            return "", rest
        if not isinstance(limit, exp.Limit):
            raise Problem("unsupported", "fetch", node)
        only(limit, "expression")
        inner = limit.expression.this if isinstance(limit.expression, exp.Paren) else limit.expression
        value = self.names.evaluate(self.value(inner, Scope()))
        return f" LIMIT {int(value)} OFFSET 0", rest

    # Literals -------------------------------------------------------------------------------------------------------

    def string(self, node: exp.Expression, text: str, national: bool) -> Value:
        shown = text if national else types.in_code_page(text)
        make = types.nvarchar if national else types.varchar
        return Value(literal(shown), make(max(1, len(shown))), nullable=False, literal=shown)

    def number(self, node: exp.Literal) -> Value:
        text = node.this
        if "e" in text.lower():
            return Value(literal(float(text)), types.FLOAT, nullable=False, literal=text)
        if text.isdigit() and int(text) < 2**31:
            return Value(str(int(text)), types.INT, nullable=False, literal=text)
        whole, _, part = text.partition(".")
        digits = max(1, len(whole.lstrip("0")) + len(part))
        if digits > (15 if part else 18) and (part or int(whole) >= 2**63):
            raise not_understood(1007, f"the number {text}", text)
        value = float(text) if part.strip("0") else int(whole or 0)
        return Value(literal(value), Type("numeric", digits, len(part)), nullable=False, literal=text)

    def _v_hexstring(self, node: exp.HexString, scope: Scope) -> Value:
        text = str(node.this)
        data = bytes.fromhex(text if len(text) % 2 == 0 else f"0{text}")
        return Value(literal(data), types.varbinary(max(1, len(data))), nullable=False)

    # Conversions ----------------------------------------------------------------------------------------------------

    def converted(self, value: Value, target: Type, style: Value | None = None, explicit: bool = False) -> Value:
        """The value as another type."""
        if value.type == NULL:
            return Value("NULL", target)
        if value.type.kind == target.kind and not explicit and value.type.kind not in ("decimal", "numeric"):
            return replace(value, type=Type(target.kind, target.size, target.scale, value.type.collation))
        if _widens(value.type, target):
            return replace(value, type=target)
        source, wanted = (literal(packed(kind)) for kind in (value.type, target))
        shown = f"ms_cast({value.sql}, {source}, {wanted}, {style.sql if style else 'NULL'})"
        collation = value.type.collation or target.collation
        return Value(shown, Type(target.kind, target.size, target.scale, collation), nullable=value.nullable)

    def type_of(self, text: str) -> Type:
        """A type of CAST and CONVERT. Character and binary types without a size have 30 here."""
        words = Words(text, tokens(text, TRANSACT))
        try:
            found = types.read_type(words, 1, self.names.version)
            words.end()
        except Stop:
            raise not_understood(2715, f"type {text}", 1, text) from None
        if found.kind in ("char", "varchar", "nchar", "nvarchar", "binary", "varbinary") and "(" not in text:
            return replace(found, size=30)
        return found

    def unified(self, values: Sequence[Value], node: exp.Expression) -> list[Value]:
        target = NULL
        for value in values:
            target = types.stronger(target, value.type)
        return [self.converted(value, target) if value.type != NULL else value for value in values]

    # Comparisons ----------------------------------------------------------------------------------------------------

    def compared(self, operator: str, left: Value, right: Value, node: exp.Expression) -> str:
        for value in (left, right):
            if value.type.kind in types.LONG:
                other = right if value is left else left
                if value.type != NULL and other.type != NULL:
                    raise self._incomparable(left, right, operator)
        common = types.stronger(left.type, right.type)
        if common == NULL:
            return f"({left.sql} {operator} {right.sql})"
        if common.kind in types.STRINGS:
            return f"({left.sql} {operator} {right.sql} COLLATE {self.collation(left, right, operator)})"
        one, other = self.converted(left, common), self.converted(right, common)
        return f"({one.sql} {operator} {other.sql})"

    def _incomparable(self, left: Value, right: Value, operator: str) -> SqlError:
        if self.names.version < 9:
            return error(306)
        return error(402, left.type.kind, right.type.kind, WORDS_OF_OPERATORS.get(operator, operator))

    def collation(self, left: Value, right: Value, operator: str) -> str:
        """The collation of SQLite for these two. Raises SqlError 468 where two columns disagree."""
        names = {value.type.collation for value in (left, right) if value.type.collation}
        if len({name.lower() for name in names}) > 1:
            one, other = sorted(names)
            raise error(468, one, other, WORDS_OF_OPERATORS.get(operator, operator))
        return sqlite_collation(next(iter(names), self.names.collation_of(self.names.database)))

    def _alike(self, one: Type, other: Type) -> bool:
        return one.kind == other.kind and one.kind in types.WHOLE

    def like(self, value: Value, pattern: Value, escape: Value | None, node: exp.Expression) -> str:
        folds = 1 if "ci" in self.collation(value, pattern, "like") else 0
        texts = [self.converted(part, types.nvarchar(-1)).sql for part in (value, pattern)]
        return f"ms_like({texts[0]}, {texts[1]}, {escape.sql if escape else 'NULL'}, {folds})"

    def _v_collate(self, node: exp.Collate, scope: Scope) -> Value:
        value, name = self.value(node.this, scope), node.expression.name
        if value.type.kind not in types.STRINGS:
            raise Problem("syntax", "collate", node)
        check_collation(name)
        return replace(value, type=replace(value.type, collation=name))

    # Arithmetic -----------------------------------------------------------------------------------------------------

    def arithmetic(self, operator: str, left: Value, right: Value, node: exp.Expression) -> Value:
        common = types.stronger(left.type, right.type)
        if common == NULL:
            return Value("NULL", types.INT)
        for value in (left, right):
            if value.type.kind in types.LONG or (
                value.type.kind in types.STRINGS and operator != "+" and common.kind in types.STRINGS
            ):
                raise error(8117, value.type.kind, WORDS_OF_OPERATORS[operator])
        if common.kind in types.STRINGS | types.BINARY and operator == "+":
            return self._joined(left, right, common)
        if common.kind in types.DATES:
            return self._date_arithmetic(operator, left, right, common)
        if common.kind == "bit":
            raise error(8117, "bit", WORDS_OF_OPERATORS[operator])
        return self._number_arithmetic(operator, left, right, common)

    def _joined(self, left: Value, right: Value, common: Type) -> Value:
        sizes = [left.type.size or 0, right.type.size or 0]
        most = 4000 if common.kind[0] == "n" else 8000
        kind = {"char": "varchar", "nchar": "nvarchar", "binary": "varbinary", "timestamp": "varbinary"}.get(
            common.kind, common.kind
        )
        size = -1 if -1 in sizes else min(most, sum(sizes)) or 1
        made = Type(kind, size, None, left.type.collation or right.type.collation)
        if kind == "varbinary":
            return Value(f"ms_join({left.sql}, {right.sql})", made)
        return Value(f"({left.sql} || {right.sql})", made)

    def _date_arithmetic(self, operator: str, left: Value, right: Value, common: Type) -> Value:
        if operator not in "+-" or (left.type.kind in types.DATES and right.type.kind in types.DATES):
            raise not_understood(
                402, "arithmetic with two dates", left.type.kind, right.type.kind, WORDS_OF_OPERATORS[operator]
            )
        if right.type.kind in types.DATES:
            left, right = right, left
        days = self.converted(right, types.FLOAT).sql
        return Value(f"ms_add_days({left.sql}, {operator}{days}, {literal(common.kind)})", common)

    def _number_arithmetic(self, operator: str, left: Value, right: Value, common: Type) -> Value:
        one, other = self.converted(left, common), self.converted(right, common)
        if operator == "/":
            made = self._quotient(left.type, right.type, common)
            return Value(f"ms_div({one.sql}, {other.sql}, {literal(packed(made))})", made)
        if operator == "%":
            return Value(f"ms_mod({one.sql}, {other.sql})", common)
        made = self._product(left.type, right.type, common) if operator == "*" else common
        return Value(f"ms_number({one.sql} {operator} {other.sql}, {literal(packed(made))})", made)

    def _quotient(self, left: Type, right: Type, common: Type) -> Type:
        if common.kind not in ("decimal", "numeric"):
            return common
        (p1, s1), (p2, s2) = types.precision(left), types.precision(right)
        scale = max(6, s1 + p2 + 1)
        digits = p1 - s1 + s2 + scale
        return Type("numeric", min(38, digits), scale if digits <= 38 else max(6, scale - (digits - 38)))

    def _product(self, left: Type, right: Type, common: Type) -> Type:
        if common.kind not in ("decimal", "numeric"):
            return common
        (p1, s1), (p2, s2) = types.precision(left), types.precision(right)
        return Type("numeric", min(38, p1 + p2 + 1), s1 + s2)

    def negated(self, value: Value, node: exp.Expression) -> Value:
        if value.type.kind not in types.NUMBERS - {"bit"}:
            raise error(8117, value.type.kind, "minus")
        return Value(f"(-{value.sql})", value.type, literal=f"-{value.literal}" if value.literal else None)

    def _v_mod(self, node: exp.Mod, scope: Scope) -> Value:
        return self._binary("%", node, scope)

    def _bits(self, operator: str, node: exp.Binary, scope: Scope) -> Value:
        left, right = self.value(node.this, scope), self.value(node.expression, scope)
        common = types.stronger(left.type, right.type)
        if common.kind not in types.WHOLE:
            raise error(402, left.type.kind, right.type.kind, operator)
        return Value(f"({left.sql} {operator} {right.sql})", common)

    def _v_bitwiseand(self, node: exp.BitwiseAnd, scope: Scope) -> Value:
        return self._bits("&", node, scope)

    def _v_bitwiseor(self, node: exp.BitwiseOr, scope: Scope) -> Value:
        return self._bits("|", node, scope)

    def call(self, name: str, node: exp.Anonymous, scope: Scope) -> Value:
        return functions.call(self, name, node, scope)

    # Results --------------------------------------------------------------------------------------------------------

    def output_name(self, value: Value, node: exp.Expression) -> str:
        return ""

    def sorted_by(self, value: Value, descending: bool) -> str:
        if value.type.kind in types.LONG:
            raise error(306)
        order = "DESC" if descending else "ASC"
        if value.type.kind in types.STRINGS:
            name = value.type.collation or self.names.collation_of(self.names.database)
            return f"{value.sql} COLLATE {sqlite_collation(name)} {order}"
        return f"{value.sql} {order}"

    def told_apart(self, value: Value) -> str:
        if value.type.kind in types.LONG:
            raise error(306)
        if value.type.kind not in types.STRINGS:
            return value.sql
        name = value.type.collation or self.names.collation_of(self.names.database)
        return f"{value.sql} COLLATE {sqlite_collation(name)}"

    def select(self, node: exp.Select, outer: Scope | None) -> Any:
        if outer is not None and node.args.get("order") and not node.args.get("limit"):
            raise error(1033)
        return super().select(node, outer)


def _widens(source: Type, target: Type) -> bool:
    """Whole numbers of which each one fits."""
    if source.kind not in types.WHOLE or target.kind not in types.WHOLE or target.kind == "bit":
        return False
    (low, high), (least, most) = types.WHOLE[source.kind], types.WHOLE[target.kind]
    return least <= low and high <= most


def sqlite_collation(name: str) -> str:
    """The name of our collation: ms_ci, ms_cs, ms_ai (blanks at the end never count)."""
    lower = name.lower()
    if "_bin" in lower:
        return "ms_cs"
    return ("ms_ci" if "_as" in lower or "_ai" not in lower else "ms_ai") if "_ci" in lower else "ms_cs"


COLLATION = re.compile(r"(SQL_)?[A-Za-z][A-Za-z0-9_]*_(BIN2?|C[IS]_A[IS](_K[SI])?(_W[SI])?)$|database_default$", re.I)


def check_collation(name: str) -> None:
    if not COLLATION.match(name):
        raise error(448, name)


def packed(kind: Type) -> str:
    """A type in one text, as the functions take it."""
    return f"{kind.kind}:{'' if kind.size is None else kind.size}:{'' if kind.scale is None else kind.scale}"


def unpacked(text: str) -> Type:
    kind, size, scale = text.split(":")
    return Type(kind, int(size) if size else None, int(scale) if scale else None)
