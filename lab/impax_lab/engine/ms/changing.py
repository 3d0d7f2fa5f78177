# SPDX-License-Identifier: GPL-3.0-or-later
"""INSERT, UPDATE, DELETE, and the queries that assign to variables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from impax_lab.engine.constraints import Busy, Violation
from impax_lab.engine.model import NULL, Column, Table
from impax_lab.engine.ms.errors import SqlError, error, not_understood
from impax_lab.engine.ms.putting import Putting, checks
from impax_lab.engine.sql import parsing
from impax_lab.engine.sql.scope import Problem, Query, Scope, Source, Value, only, table_name

if TYPE_CHECKING:
    from impax_lab.engine.ms.dialect import TransactCompiler
    from impax_lab.engine.ms.interpreter import Run
    from impax_lab.engine.ms.pieces import Statement
    from impax_lab.engine.ms.session import Session


# Queries ------------------------------------------------------------------------------------------------------------


def assignments(node: exp.Expression) -> list[str] | None:
    """The variables of SELECT @a = ..., @b = ...; None for a query that gives rows. Raises SqlError 141."""
    if not isinstance(node, exp.Select):
        return None
    names = [
        f"@{part.this.name.lower()}"
        for part in node.expressions
        if isinstance(part, exp.EQ)
        and isinstance(part.this, exp.Parameter)
        and not isinstance(part.this.this, exp.Parameter)
    ]
    if not names:
        return None
    if len(names) != len(node.expressions):
        raise error(141)
    return names


def query(session: Session, node: exp.Expression, compiler: TransactCompiler) -> tuple[Query, TransactCompiler]:
    if assignments(node) is not None:
        node = node.copy()
        node.set("expressions", [part.expression for part in node.expressions])
    return compiler.query(node), compiler


def compiled(session: Session, statement: Statement, compiler: TransactCompiler) -> None:
    """Only to see whether it can be: raises Problem, SqlError."""
    node = parsing.statement(statement.text, "tsql")
    if isinstance(node, exp.Select) and node.args.get("into") is not None:
        node = node.copy()
        node.set("into", None)
    if isinstance(node, (exp.Insert, exp.Update, exp.Delete)):
        target = target_of(session, node)
        if isinstance(node, exp.Insert):
            columns = insert_columns(session, node, target)
            source(node, compiler, len(columns), bool(listed(node)))
        else:
            Change(session, node, target, compiler).query()
        return
    query(session, node, compiler)


# Changes ------------------------------------------------------------------------------------------------------------


def change(run: Run, statement: Statement) -> int:
    """The rows touched. Locks the table for changes, and what is read for reading."""
    session = run.session
    node = parsing.statement(statement.text, "tsql")
    if session.row_limit:
        raise not_understood(102, "a change under SET ROWCOUNT", statement.kind, statement.line)
    while True:
        table = target_of(session, node)
        hints = _hints_of(node, run.compiler())
        session.lock(table, "X" if hints & {"tablockx", "tablock", "xlock"} else "IX")
        if not isinstance(node, exp.Insert):
            session.wait_for_writers(table)
        if target_of(session, node).version == table.version:
            break
    while True:
        savepoint = session.store.savepoint(session.transaction())
        try:
            return _changed(run, node, table)
        except Busy as busy:
            session.store.rollback_to(session.transaction(), savepoint)
            others = set(busy.others)
            session.wait_for(lambda others=others: {other for other in others if other.active})  # type: ignore[misc]
        except Violation as violation:
            raise violated(session, violation, table, str(node.key).upper()) from violation


def _changed(run: Run, node: Any, table: Table) -> int:
    session = run.session
    target = frozenset({table.object_id})
    if isinstance(node, exp.Insert):
        columns = insert_columns(session, node, table)

        def compiled() -> tuple[Query, TransactCompiler]:
            compiler = run.compiler()
            return source(node, compiler, len(columns), bool(listed(node))), compiler

        found, compiler = session.locked(compiled, target)
        with session.store.mutex:
            rows = session.run(found, compiler, writing=True)
            return Putting(session, table, columns, [value.type for value in found.values]).put(rows)

    def compiled_change() -> tuple[tuple[Change, Query], TransactCompiler]:
        made = Change(session, node, table, run.compiler())
        return (made, made.query()), made.compiler

    (made, found), compiler = session.locked(compiled_change, target)
    with session.store.mutex:
        return made.done(session.run(found, compiler, writing=True))


def _hints_of(node: Any, compiler: TransactCompiler) -> frozenset[str]:
    """The hints on the table that is changed."""
    inner = node.this.this if isinstance(node.this, exp.Schema) else node.this
    return compiler._hints(inner) if isinstance(inner, exp.Table) else frozenset()


def target_of(session: Session, node: Any) -> Table:
    """The table that is changed. Raises Problem."""
    found = node.this.this if isinstance(node.this, exp.Schema) else node.this
    if isinstance(node, exp.Delete) and node.args.get("tables"):
        found = node.args["tables"][0]
        if node.this:
            found = _aliased(found, [node.this, *_joined(node.this)]) or found
    elif isinstance(node, exp.Update) and _from(node) is not None:
        found = _aliased(found, [_from(node).this, *_joined(_from(node).this)]) or found
    if not isinstance(found, exp.Table) or not isinstance(found.this, exp.Identifier):
        raise Problem("unsupported", type(found).__name__, node)
    database, owner = (found.args[part].name if found.args.get(part) else "" for part in ("catalog", "db"))
    name = table_name(found)
    table = session.resolve(database, owner, name)
    if table is None:
        raise Problem("table", ".".join(part for part in (database, owner, name) if part), found)
    if not isinstance(table, Table):
        raise error(259)
    return table


def _from(node: Any) -> Any:
    return node.args.get("from_") or node.args.get("from")


def _joined(table: exp.Expression) -> list[exp.Expression]:
    return [join.this for join in table.args.get("joins") or []]


def _aliased(name: exp.Table, tables: Iterable[exp.Expression]) -> exp.Table | None:
    """UPDATE x ... FROM t x: the table behind the alias."""
    if name.args.get("db") or name.args.get("catalog"):
        return None
    for table in tables:
        alias = table.args.get("alias")
        if isinstance(table, exp.Table) and alias and alias.name.lower() == name.name.lower():
            return table
    return None


# INSERT -------------------------------------------------------------------------------------------------------------


def listed(node: exp.Insert) -> list[exp.Expression]:
    return list(node.this.expressions) if isinstance(node.this, exp.Schema) else []


def insert_columns(session: Session, node: exp.Insert, table: Table) -> list[Column]:
    """The columns that get values. Raises SqlError 207, 213, 273, 544, 545, 8101."""
    only(node, "this", "expression", "is_function", "stored", "by_name", "exists", "partition", "settings", "default", "overwrite",
         "ignore", "source")  # fmt: skip
    named = listed(node)
    identity, on = table.identity, session.identity_insert == table.object_id
    if not named:
        return _unlisted(node, table, identity, on)
    found = []
    for part in named:
        column = next((each for each in table.columns if each.name.lower() == part.name.lower()), None)
        if column is None:
            raise error(207, part.name)
        if column.type.kind == "timestamp":
            raise error(273)
        found.append(column)
    if identity is not None:
        if identity in found and not on:
            raise error(544, table.name)
        if identity not in found and on:
            raise error(545, table.name)
    return found


def _unlisted(node: exp.Insert, table: Table, identity: Column | None, on: bool) -> list[Column]:
    if node.args.get("default"):
        return []
    if on:
        raise error(8101, table.name)
    whole = list(table.columns)
    without = [column for column in whole if column is not identity]
    inner = node.expression
    count = (
        len(inner.expressions[0].expressions)
        if isinstance(inner, exp.Values) and isinstance(inner.expressions[0], exp.Tuple)
        else -1
    )
    if identity is not None and count == len(whole):
        raise error(8101, table.name)
    if any(column.type.kind == "timestamp" for column in without):
        raise error(273)
    return without


def source(node: exp.Insert, compiler: TransactCompiler, count: int, named: bool) -> Query:
    """What is inserted. Raises SqlError 109, 110, 120, 121, 213."""
    if node.args.get("default"):
        return Query("SELECT 1", ())
    inner = node.expression
    if isinstance(inner, exp.Values):
        rows = [part.expressions if isinstance(part, exp.Tuple) else [part] for part in inner.expressions]
        if len(rows) > 1 and compiler.names.version < 10:
            raise Problem("syntax", ",", node)
        for row in rows:
            if len(row) != count:
                raise error((110 if len(row) > count else 109) if named else 213)
        values = [[_constant(compiler, part) for part in row] for row in rows]
        sql = " UNION ALL ".join("SELECT " + ", ".join(value.sql for value in row) for row in values)
        return Query(sql, tuple(_common(compiler, list(column), node) for column in zip(*values, strict=True)))
    if inner is None:
        raise Problem("syntax", "values", node)
    found = compiler.query(inner)
    if len(found.values) != count:
        raise error((121 if len(found.values) > count else 120) if named else 213)
    return found


def _constant(compiler: TransactCompiler, part: exp.Expression) -> Value:
    if isinstance(part, exp.Column) and part.name.lower() == "default":
        raise not_understood(102, "DEFAULT among the values", "default", 1)
    try:
        return compiler.value(part, Scope())
    except Problem as problem:
        if problem.kind == "column":
            raise error(128, problem.name) from problem
        raise


def _common(compiler: TransactCompiler, values: list[Value], node: exp.Expression) -> Value:
    if len(values) == 1:
        return values[0]
    kinds = {value.type.kind for value in values if value.type != NULL}
    if len(kinds) > 1:
        raise not_understood(102, "rows of different types in one VALUES", ",", 1)
    return next((value for value in values if value.type != NULL), values[0])


def violated(session: Session, violation: Violation, table: Table, verb: str) -> SqlError:
    constraint = violation.constraint
    shown = violation.table.name if session.version < 9 else f"{violation.table.owner}.{violation.table.name}"
    if violation.kind == "unique" and constraint.text == "index":
        return error(2601, shown, constraint.name)
    if violation.kind == "unique":
        return error(2627, "PRIMARY KEY" if constraint.kind == "P" else "UNIQUE KEY", constraint.name, shown)
    other = session.store.by_id(session.tx, constraint.parent) if violation.kind == "parent" else violation.table
    name = "" if other is None else other.name if session.version < 9 else f"{other.owner}.{other.name}"
    column = constraint.parent_columns[0] if violation.kind == "parent" else constraint.columns[0]
    kind = ("COLUMN " if session.version < 9 else "") + ("FOREIGN KEY" if violation.kind == "parent" else "REFERENCE")
    database = session.server.shown_name(table.scope)
    return error(547, verb, kind, constraint.name, database, name, column, old=session.version < 9)


# UPDATE, DELETE -----------------------------------------------------------------------------------------------------


class Change:
    """An UPDATE or DELETE of one table."""

    def __init__(self, session: Session, node: Any, table: Table, compiler: TransactCompiler) -> None:
        self.session, self.node, self.table, self.compiler = session, node, table, compiler
        self.scope = Scope()
        self.values: list[Value] = []

    def query(self) -> Query:
        """_id, and for an UPDATE every column as it will be."""
        only(self.node, "this", "expressions", "where", "from_", "from", "tables", "using", "cluster")
        from_sql, source = self._sources()
        if isinstance(self.node, exp.Update):
            self.values = self._updated(source)
        where = self.node.args.get("where")
        condition = f" WHERE {self.compiler.condition(where.this, self.scope)}" if where else ""
        items = "".join(f", {value.sql}" for value in self.values)
        return Query(f"SELECT {source.alias}._id{items} FROM {from_sql}{condition}", tuple(self.values))

    def _sources(self) -> tuple[str, Source]:
        relations, joins = self._relations()
        parts = [self.compiler.relation(relations, self.scope)]
        parts += [self.compiler.join(join, self.scope) for join in joins]
        found = [
            source for source in self.scope.sources if source.table and source.table.object_id == self.table.object_id
        ]
        if not found:
            raise Problem("unsupported", "a FROM clause without the table that is changed", self.node)
        return " ".join(parts), found[0]

    def _relations(self) -> tuple[Any, list[Any]]:
        clause = _from(self.node)
        main = clause.this if clause is not None else self.node.this or self.node.args["tables"][0]
        return main, list(main.args.get("joins") or [])

    def _updated(self, source: Source) -> list[Value]:
        changed: dict[str, Value] = {}
        for part in self.node.expressions:
            if not isinstance(part, exp.EQ) or not isinstance(part.this, exp.Column):
                raise Problem("unsupported", "SET of a variable in UPDATE", part)
            column = self._column(part.this.name)
            if column.name in changed:
                raise error(264, column.name)
            changed[column.name] = self.compiler.value(part.expression, self.scope)
        return [changed.get(column.name) or source.values[column.place - 1] for column in self.table.columns]

    def _column(self, name: str) -> Column:
        column = next((each for each in self.table.columns if each.name.lower() == name.lower()), None)
        if column is None:
            raise error(207, name)
        if column.identity:
            raise error(8102, column.name)
        if column.type.kind == "timestamp":
            raise error(272)
        return column

    def done(self, rows: list[tuple[Any, ...]]) -> int:
        """Raises SqlError, Busy, Violation."""
        session, table = self.session, self.table
        once = list({row[0]: row for row in reversed(rows)}.values())[
            ::-1
        ]  # a row is changed once, whatever it is joined to
        ids = [row[0] for row in once]
        taken = session.store.taken_by(table.physical, ids) - {session.transaction().xid}
        if taken:
            raise Busy({other for other in session.store.others(table.physical, session.tx) if other.xid in taken})
        session.store.remove(session.transaction(), table.physical, ids)
        if isinstance(self.node, exp.Update):
            kinds = [value.type for value in self.values]
            Putting(session, table, table.columns, kinds, "UPDATE").put([row[1:] for row in once])
        checks(session).removed(table, ids)
        return len(once)
