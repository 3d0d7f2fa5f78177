# SPDX-License-Identifier: GPL-3.0-or-later
"""What names mean where: values, sources of a FROM clause, scopes within scopes, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from impax_lab.engine.model import Column, Table, Type


class Problem(Exception):
    """Something is wrong with a statement. kind: what, in the words of `KINDS`; the dialect has the vendor's number."""

    KINDS = (
        "syntax", "table", "column", "ambiguous", "qualifier", "grouped", "aggregate", "function", "arguments", "type",
        "condition", "value", "columns", "position", "sorted", "union", "unsupported", "duplicate",
    )  # fmt: skip

    def __init__(self, kind: str, name: str = "", node: exp.Expression | None = None, detail: str = "") -> None:
        super().__init__(f"{kind}: {name} {detail}".strip())
        assert kind in self.KINDS
        self.kind, self.name, self.node, self.detail = kind, name, node, detail


@dataclass(frozen=True)
class Value:
    """An expression as SQLite takes it. name: of the column it is, if it is one. literal: its text where it is one."""

    sql: str
    type: Type
    name: str = ""
    nullable: bool = True
    column: Column | None = None
    literal: str | None = None
    single: bool = False  # a query of which only one row can come


@dataclass(frozen=True)
class Source:
    """One table, view or subquery of a FROM clause. alias: as SQLite knows it; name: as the statement does."""

    alias: str
    name: str
    values: tuple[Value, ...]
    table: Table | None = None
    hints: frozenset[str] = frozenset()


@dataclass
class Scope:
    """The sources of one query. grouped: the expressions it is grouped by, None where it is not. trial: an expression is
    written only to see whether it is one of these."""

    parent: Scope | None = None
    sources: list[Source] = field(default_factory=list)
    tables: dict[str, Query] = field(default_factory=dict)  # WITH
    grouped: set[str] | None = None
    in_aggregate: int = 0
    trial: bool = False

    def named_query(self, name: str) -> Query | None:
        return self.tables.get(name) or (self.parent.named_query(name) if self.parent else None)


@dataclass(frozen=True)
class Query:
    """A query that is written: its columns are o1, o2, ... single: it gives exactly one row."""

    sql: str
    values: tuple[Value, ...]
    single: bool = False


def only(node: exp.Expression, *known: str) -> None:
    """Raises Problem for any part of `node` that is set and not among those that are looked at."""
    for name, part in node.args.items():
        if name not in known and part not in (None, False, [], ""):
            raise Problem("unsupported", name.strip("_"), node, f"{type(node).__name__}.{name}")


def table_name(node: exp.Expression) -> str:
    """A table's name as it is written; sqlglot takes the # of a temporary one away."""
    name = node.this
    return ("#" if name.args.get("temporary") else "##" if name.args.get("global_") else "") + name.name


def place(node: exp.Expression | None) -> tuple[int, int] | None:
    """(offset of the first character, of the last) in the text that was parsed, of the first name in `node`."""
    if node is None:
        return None
    found = [part.meta for part in node.walk() if "start" in part.meta]
    first = min(found, key=lambda meta: meta["start"], default=None)
    return (first["start"], first["end"]) if first else None


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Both from 1 on."""
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def literal(value: Any) -> str:
    """A value as SQLite writes it."""
    if value is None:
        return "NULL"
    if isinstance(value, (bytes, bytearray)):
        return f"x'{bytes(value).hex()}'"
    if isinstance(value, str):
        pieces = ["'" + part.replace("'", "''") + "'" for part in value.split("\0")]
        return "(" + "||char(0)||".join(pieces) + ")" if len(pieces) > 1 else pieces[0]
    return repr(value)


def first_of(found: Sequence[Any], node: exp.Expression, kind: str, name: str) -> Any:
    if not found:
        raise Problem(kind, name, node)
    return found[0]
