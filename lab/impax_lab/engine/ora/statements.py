# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements of Oracle by their first words. What is not in the table is ORA-00900, and noted.

DDL commits first, which releases every lock, and only then begins: between the two other sessions go on
(Oracle Database SQL Language Reference, "Types of SQL Statements", "TRUNCATE TABLE").
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from impax_lab.engine.constraints import Busy, Checks, Violation
from impax_lab.engine.model import Table, Type
from impax_lab.engine.ora import definitions, plsql, tablespaces, types
from impax_lab.engine.ora.errors import OracleError, error, not_understood
from impax_lab.engine.ora.session import Result
from impax_lab.engine.sql import parsing
from impax_lab.engine.sql.scope import Problem, Query, Scope, only
from impax_lab.engine.sql.tokens import ORACLE, Stop, Words, tokens

if TYPE_CHECKING:
    from impax_lab.engine.ora.session import Session

Variables = Mapping[str, tuple[Type, Any]]


def run(session: Session, sql: str, variables: Variables | None = None) -> Result:
    """Raises OracleError, Problem, Stop, Unended."""
    words = Words(sql, tokens(sql, ORACLE))
    first = words.peek()
    session.text = sql
    if first in ("BEGIN", "DECLARE"):
        plsql.run_block(session, sql)
        return Result(kind="block")
    if words.tokens and words.tokens[-1].text == ";":
        raise error(911, at=_at(sql, words.tokens[-1].start))
    handler = STATEMENTS.get(first)
    if handler is None:
        raise not_understood(900, f"statement {first or sql[:20]}", (1, 1))
    return handler(session, sql, words, variables or {})


def _at(text: str, offset: int) -> tuple[int, int]:
    from impax_lab.engine.sql.scope import line_and_column

    return line_and_column(text, offset)


# Queries and changes of rows ----------------------------------------------------------------------------------------


def _select(session: Session, sql: str, words: Words, variables: Variables) -> Result:
    return session.shown(*session.select(sql, variables))


def _change(session: Session, sql: str, words: Words, variables: Variables) -> Result:
    """INSERT, UPDATE, DELETE: locks its table, waits for rows that others have changed, begins anew then."""
    node = parsing.statement(sql, "oracle")
    work = {exp.Insert: _insert, exp.Update: _update, exp.Delete: _delete}.get(type(node))
    if work is None:
        raise Problem("unsupported", type(node).__name__, node)
    table = session.lock(_target(session, node), "RX")
    while True:
        mark = session.mark()
        try:
            with session.store.mutex:
                affected = work(session, node, table, session.compiler(sql, variables))
            return Result(kind=words.peek().lower(), affected=affected)
        except Busy as busy:
            session.back_to(mark)
            session.wait_for(busy.others)
        except Violation as violation:
            raise _violated(violation) from violation


def _target(session: Session, node: Any) -> Table:
    target = node.this.this if isinstance(node.this, exp.Schema) else node.this
    if not target and isinstance(node, exp.Delete):
        target = node.args["tables"][0]
    if not isinstance(target, exp.Table):
        raise Problem("unsupported", type(target).__name__, node)
    owner = target.args["db"].name if target.args.get("db") else ""
    quoted = bool(target.this.args.get("quoted"))
    found = session.find(owner.upper(), target.name if quoted else target.name.upper())
    if found is None:
        raise Problem("table", target.name, target)
    return found


def _insert(session: Session, node: exp.Insert, table: Table, compiler: Any) -> int:
    only(node, "this", "expression", "is_function", "stored", "by_name", "exists")
    schema = node.this
    names = [compiler.folded(part) for part in schema.expressions] if isinstance(schema, exp.Schema) else []
    columns = [table.column(name) for name in names] or list(table.columns)
    for name, column in zip(names, columns, strict=False):
        if column is None:
            raise Problem("column", f'"{name}"', schema)
    query = _source(session, node, compiler)
    if len(query.values) != len(columns):
        raise error(913 if len(query.values) > len(columns) else 947)
    rows = session.run(query, compiler, session.instance.writer)
    given = {column.name: (at, query.values[at].type) for at, column in enumerate(columns) if column}
    return put(session, table, rows, given)


def _source(session: Session, node: exp.Insert, compiler: Any) -> Query:
    inner = node.expression
    if not isinstance(inner, exp.Values):
        if inner is None:
            raise Problem("syntax", "values", node)
        return compiler.query(inner)
    if len(inner.expressions) != 1:
        raise error(933)
    row = inner.expressions[0]
    parts = row.expressions if isinstance(row, exp.Tuple) else [row]
    values = [compiler.value(part, Scope()) for part in parts]
    return Query("SELECT " + ", ".join(value.sql for value in values), tuple(values), True)


def put(session: Session, table: Table, rows: Sequence[Sequence[Any]], given: Mapping[str, tuple[int, Type]]) -> int:
    """Rows into a table. given: column -> (place in the row, type). The others get their default, else NULL."""
    full = f'"{table.owner}"."{table.name}"'
    makers = []
    for column in table.columns:
        store = types.stored(column, full, session.model)
        at, kind = given.get(column.name, (-1, types.NUMBER))
        if at < 0 and column.default is not None:
            kind, default = session.value(column.default, {})
        else:
            default = None
        makers.append((store, at, kind, default))
    made = [tuple(store(row[at] if at >= 0 else default, kind) for store, at, kind, default in makers) for row in rows]
    tx = session.transaction()
    first, last = session.store.insert(tx, table.physical, len(table.columns), made)
    definitions.grown(session.store, table, made)
    Checks(session.store, tx, nulls_equal=False).inserted(table, first, last)
    return len(made)


def _update(session: Session, node: exp.Update, table: Table, compiler: Any) -> int:
    only(node, "this", "expressions", "where")
    scope, where = _rows_of(node, compiler)
    changed: dict[str, Any] = {}
    for part in node.expressions:
        if not isinstance(part, exp.EQ) or not isinstance(part.this, exp.Column):
            raise Problem("syntax", "=", part)
        name = compiler.folded(part.this.this)
        if table.column(name) is None:
            raise Problem("column", f'"{name}"', part.this)
        changed[name] = compiler.value(part.expression, scope)
    source = scope.sources[0]
    values = [changed.get(column.name) or source.values[column.place - 1] for column in table.columns]
    items = ", ".join(value.sql for value in values)
    query = Query(f"SELECT {source.alias}._id, {items}{where}", tuple(values))
    rows = session.run(query, compiler, session.instance.writer)
    _take_away(session, table, [row[0] for row in rows])
    given = {column.name: (column.place, value.type) for column, value in zip(table.columns, values, strict=True)}
    try:
        return put(session, table, rows, given)
    except OracleError as failed:
        if failed.code == 1400:
            raise OracleError(1407, failed.message.replace("01400: cannot insert NULL into", "01407: cannot update").replace(
                ")", ") to NULL")) from failed  # fmt: skip
        raise


def _delete(session: Session, node: exp.Delete, table: Table, compiler: Any) -> int:
    only(node, "this", "where", "tables")
    if node.this and node.args.get("tables"):
        raise Problem("syntax", "from", node)
    scope, where = _rows_of(node, compiler)
    rows = session.run(Query(f"SELECT {scope.sources[0].alias}._id{where}", ()), compiler, session.instance.writer)
    ids = [row[0] for row in rows]
    _take_away(session, table, ids)
    Checks(session.store, session.transaction(), nulls_equal=False).removed(table, ids)
    return len(ids)


def _rows_of(node: Any, compiler: Any) -> tuple[Scope, str]:
    scope = Scope()
    target = node.this or node.args["tables"][0]
    relation = compiler.relation(target, scope)
    where = node.args.get("where")
    condition = f" WHERE {compiler.condition(where.this, scope)}" if where else ""
    return scope, f" FROM {relation}{condition}"


def _take_away(session: Session, table: Table, ids: list[int]) -> None:
    """Mark rows as gone. Raises Busy when another transaction is about to change one of them."""
    if not ids:
        return
    store, tx = session.store, session.transaction()
    others = store.others(table.physical, tx)
    if others:
        taken = store.taken_by(table.physical, ids)
        found = {other for other in others if other.xid in taken}
        if found:
            raise Busy(found)
    store.remove(tx, table.physical, ids)


def _violated(violation: Violation) -> OracleError:
    name = f"{violation.table.owner}.{violation.constraint.name}"
    return error({"unique": 1, "parent": 2291, "child": 2292}[violation.kind], name)


# Transactions -------------------------------------------------------------------------------------------------------


def _commit(session: Session, sql: str, words: Words, variables: Variables) -> Result:
    words.next()
    words.take("WORK")
    words.end()
    session.commit()
    return Result(kind="commit")


def _rollback(session: Session, sql: str, words: Words, variables: Variables) -> Result:
    words.next()
    words.take("WORK")
    if words.take("TO"):
        words.take("SAVEPOINT")
        name = words.name_token().text.upper()
        if name not in session.savepoints:
            raise error(1086, name)
        session.back_to(session.savepoints[name])
    else:
        session.rollback()
    words.end()
    return Result(kind="rollback")


def _savepoint(session: Session, sql: str, words: Words, variables: Variables) -> Result:
    words.next()
    name = words.name_token().text.upper()
    words.end()
    session.transaction()
    session.savepoints[name] = session.mark()
    return Result(kind="savepoint")


def _lock(session: Session, sql: str, words: Words, variables: Variables) -> Result:
    """LOCK TABLE t [, t] IN mode MODE [NOWAIT | WAIT n]"""
    words.expect("LOCK", "TABLE")
    found = [definitions.existing(session, words)]
    while words.take(","):
        found.append(definitions.existing(session, words))
    words.expect("IN")
    mode = " ".join(iter(lambda: words.one_of("ROW", "SHARE", "EXCLUSIVE", "UPDATE"), ""))
    modes = {"EXCLUSIVE": "X", "SHARE": "S", "ROW SHARE": "RS", "ROW EXCLUSIVE": "RX", "SHARE ROW EXCLUSIVE": "SRX",
             "SHARE UPDATE": "RS"}  # fmt: skip
    if mode not in modes:
        raise Stop(words.now, "mode")
    words.expect("MODE")
    timeout = 0.0 if words.take("NOWAIT") else float(words.number()) if words.take("WAIT") else None
    words.end()
    for table in found:
        session.lock(table, modes[mode], timeout)
    return Result(kind="lock")


def _set(session: Session, sql: str, words: Words, variables: Variables) -> Result:
    if re.fullmatch(r"\s*set\s+transaction\s+(isolation\s+level\s+read\s+committed|read\s+write)\s*", sql, re.I):
        return Result(kind="set")
    raise not_understood(900, "SET")


def _alter(session: Session, sql: str, words: Words, variables: Variables) -> Result:
    words.expect("ALTER")
    if words.take("SESSION"):
        return _alter_session(session, words)
    if words.take("TABLE"):
        return _definition(session, words, "alter", definitions.alter_table)
    if words.is_next("TABLESPACE"):
        session.commit()
        tablespaces.alter(session, sql)
        return Result(kind="alter")
    raise not_understood(900, f"ALTER {words.peek()}")


NLS = {"NLS_LANGUAGE", "NLS_TERRITORY", "NLS_NUMERIC_CHARACTERS", "NLS_SORT", "NLS_COMP", "NLS_TIMESTAMP_FORMAT"}


def _alter_session(session: Session, words: Words) -> Result:
    words.expect("SET")
    while words.now is not None:
        name = words.name_token().text.upper()
        words.expect("=")
        token = words.next()
        value = token.value if token.kind == "string" else token.text
        if name == "NLS_DATE_FORMAT":
            session.model = value
        elif name == "CURRENT_SCHEMA":
            session.schema = value.upper()
        elif name == "NLS_NUMERIC_CHARACTERS" and value != ".,":
            raise not_understood(2248, f"{name} {value}")
        elif name not in NLS or (name in ("NLS_SORT", "NLS_COMP") and value.upper() != "BINARY"):
            raise not_understood(2248, f"ALTER SESSION SET {name} = {value}")
    return Result(kind="alter")


# Definitions --------------------------------------------------------------------------------------------------------


def _definition(session: Session, words: Words, kind: str, work: Callable[[Session, Words], None]) -> Result:
    """DDL: a commit, the work, a commit. It is the statement's own transaction that fails or not."""
    session.commit()
    try:
        work(session, words)
        words.end()
    except BaseException:
        session.rollback()
        raise
    session.commit()
    return Result(kind=kind)


def _create(session: Session, sql: str, words: Words, variables: Variables) -> Result:
    words.expect("CREATE")
    if words.take("TABLE"):
        return _definition(session, words, "create", definitions.create_table)
    if words.is_next("INDEX") or words.is_next("UNIQUE", "INDEX"):
        return _definition(session, words, "create", definitions.create_index)
    raise not_understood(901, f"CREATE {words.peek()}")


def _drop(session: Session, sql: str, words: Words, variables: Variables) -> Result:
    words.expect("DROP")
    if words.take("TABLE"):
        return _definition(session, words, "drop", definitions.drop_table)
    raise not_understood(950, f"DROP {words.peek()}")


def _truncate(session: Session, sql: str, words: Words, variables: Variables) -> Result:
    """TRUNCATE TABLE t [DROP | REUSE STORAGE]: between the commit and the truncate lies the window."""
    words.expect("TRUNCATE")
    if not words.take("TABLE"):
        raise Stop(words.now, "TABLE")
    place = words.at
    definitions.name_of(session, words)
    words.one_of("DROP", "REUSE") and words.expect("STORAGE")
    words.end()
    session.commit()
    words.at = place
    table = definitions.existing(session, words)
    words.at = len(words.tokens)
    session.instance.pause("before_truncate", table)
    return _definition(session, words, "truncate", lambda s, w: definitions.truncate(s, table))


STATEMENTS: dict[str, Callable[[Any, str, Words, Variables], Result]] = {
    "SELECT": _select, "WITH": _select, "(": _select, "INSERT": _change, "UPDATE": _change, "DELETE": _change,
    "COMMIT": _commit, "ROLLBACK": _rollback, "SAVEPOINT": _savepoint, "LOCK": _lock, "SET": _set, "ALTER": _alter,
    "CREATE": _create, "DROP": _drop, "TRUNCATE": _truncate,
}  # fmt: skip


def sleep(session: Session, seconds: float) -> None:
    """DBMS_LOCK.SLEEP"""
    time.sleep(seconds)
