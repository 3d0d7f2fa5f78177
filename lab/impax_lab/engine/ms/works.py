# SPDX-License-Identifier: GPL-3.0-or-later
"""What each kind of statement does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from impax_lab.engine.ms import backing, changing, convert, databases, definitions, procedures, restoring, types
from impax_lab.engine.ms.errors import error, not_understood
from impax_lab.engine.ms.interpreter import Caught, EndOfBatch, Run
from impax_lab.engine.ms.pieces import Statement
from impax_lab.engine.ms.raising import formatted, wait
from impax_lab.engine.ms.session import Session
from impax_lab.engine.sql import parsing


def _select(run: Run, statement: Statement) -> None:
    session = run.session
    node = parsing.statement(statement.text, "tsql")
    if isinstance(node, exp.Select) and node.args.get("into") is not None:
        run.counted(definitions.select_into(run, node), statement.line)
        return
    assigned = changing.assignments(node)
    query, compiler = session.locked(lambda: changing.query(session, node, run.compiler()))
    rows = session.run(query, compiler)
    rows = rows[: session.row_limit] if session.row_limit else rows
    if assigned is None:
        run.rows(session.shown(query, rows), statement.line)
        return
    for name, value, cell in zip(assigned, query.values, rows[-1] if rows else (), strict=False):
        run.assign(name, value.type, cell)
    session.rowcount = len(rows)
    run.warned(statement.line)


def _change(run: Run, statement: Statement) -> None:
    run.counted(changing.change(run, statement), statement.line)


# Variables, messages, settings --------------------------------------------------------------------------------------


def _declare(run: Run, statement: Statement) -> None:
    for name, kind, value in statement.parts["variables"]:
        run.variables[name] = (kind, None)
        if value is not None:
            run.assign(name, *run.value(value[0]))


def _set_variable(run: Run, statement: Statement) -> None:
    run.assign(statement.parts["name"], *run.value(statement.text))
    run.session.rowcount = 1


def _print(run: Run, statement: Statement) -> None:
    kind, value = run.value(statement.text)
    shown = "" if value is None else convert.text(value, kind)
    run.say(0, 0, 1, statement.line, shown or " ")


def _raiserror(run: Run, statement: Statement) -> None:
    """Up to level 10 a message, from 11 on an error; it ends nothing, except in TRY and from level 20 on."""
    (kind, text), (_, level), (_, state), *values = [run.value(part[0]) for part in statement.parts["parts"]]
    if kind.kind in types.WHOLE:
        raise not_understood(14262, f"RAISERROR with the message number {text}", "message", text)
    level = max(0, int(level or 0))
    if level > 18 and "log" not in statement.parts["options"]:
        raise error(2754)
    shown = formatted(str(text or ""), values)
    session = run.session
    session.error = 50000 if level > 10 or "seterror" in statement.parts["options"] else 0
    if level > 10:
        failed = error(50000, shown, line=statement.line)
        failed.level, failed.state = level, int(state or 1)
        if run.trying and level < 20:
            raise Caught(failed)
    run.say(50000, level, int(state or 1), statement.line, shown)
    if level >= 20:
        session.rollback()
        raise EndOfBatch


SWITCHES = {
    "ansi_nulls": True, "ansi_padding": True, "ansi_warnings": True, "arithabort": None, "concat_null_yields_null": True,
    "quoted_identifier": True, "numeric_roundabort": False, "ansi_null_dflt_on": True, "ansi_null_dflt_off": False,
    "ansi_defaults": None, "implicit_transactions": False, "arithignore": None, "cursor_close_on_commit": None,
    "noexec": False, "parseonly": False, "fmtonly": False,
}  # fmt: skip


def _set(run: Run, statement: Statement) -> None:
    """Settings that change what statements do are kept; of the others the only value is the one that holds here."""
    for name in statement.parts["names"]:
        value = statement.parts["value"]
        setter = SETTERS.get(name)
        if setter is not None:
            setter(run.session, value, statement)
        elif name in SWITCHES and SWITCHES[name] not in (None, value):
            raise not_understood(195, f"SET {name} {'on' if value else 'off'}", name, "SET option")
        elif name in ("language", "dateformat") and str(value).lower() not in ("us_english", "english", "mdy"):
            raise not_understood(195, f"SET {name} {value}", name, "SET option")


def _set_lock_timeout(session: Session, value: Any, statement: Statement) -> None:
    session.lock_timeout = int(value)


def _set_row_limit(session: Session, value: Any, statement: Statement) -> None:
    session.row_limit = int(value)


def _set_isolation(session: Session, value: Any, statement: Statement) -> None:
    if value == "snapshot":
        raise not_understood(102, "isolation level snapshot", "snapshot", statement.line)
    session.isolation = value


def _set_identity_insert(session: Session, value: Any, statement: Statement) -> None:
    """One table a session may have it."""
    table = definitions.existing(session, statement.parts["table"], 1088)
    if table.identity is None:
        raise error(8106, statement.parts["table"][2])
    if not value:
        session.identity_insert = None if session.identity_insert == table.object_id else session.identity_insert
        return
    if session.identity_insert not in (None, table.object_id):
        other = session.store.by_id(session.tx, session.identity_insert)
        if other is not None:
            shown = f"{session.server.shown_name(other.scope)}.{other.owner}.{other.name}"
            raise error(8107, shown, statement.parts["table"][2])
    session.identity_insert = table.object_id


def _switch(name: str) -> Callable[[Session, Any, Statement], None]:
    return lambda session, value, statement: setattr(session, name, value)


SETTERS: dict[str, Callable[[Session, Any, Statement], None]] = {
    "nocount": _switch("nocount"), "xact_abort": _switch("xact_abort"), "lock_timeout": _set_lock_timeout,
    "rowcount": _set_row_limit, "isolation": _set_isolation, "identity_insert": _set_identity_insert,
}  # fmt: skip


def _use(run: Run, statement: Statement) -> None:
    session, name = run.session, statement.parts["name"]
    found = session.server.database(name)
    if found is None:
        raise error(911, name, old=session.version < 9)
    session.database = found["name"]
    run.say(5701, 0, 1, statement.line, f"Changed database context to '{found['name']}'.")


# Transactions -------------------------------------------------------------------------------------------------------


def _begin(run: Run, statement: Statement) -> None:
    run.session.begin()


def _commit(run: Run, statement: Statement) -> None:
    run.session.commit()


def _rollback(run: Run, statement: Statement) -> None:
    session, name = run.session, statement.parts["name"].lower()
    if name and name in session.savepoints and session.tx is not None:
        session.store.rollback_to(session.tx, session.savepoints[name])
        return
    if not session.trancount:
        raise error(3903)
    session.rollback()


def _save(run: Run, statement: Statement) -> None:
    session = run.session
    if not session.trancount or session.tx is None:
        raise error(628)
    session.savepoints[statement.parts["name"].lower()] = session.store.savepoint(session.tx)


def _waitfor(run: Run, statement: Statement) -> None:
    wait(run.session, statement.parts["delay"])


def _exec_text(run: Run, statement: Statement) -> None:
    kind, text = run.value(statement.text)
    procedures.run_text(run, "" if text is None else convert.text(text, kind), {})


def _nothing(run: Run, statement: Statement) -> None:
    """CHECKPOINT: what is committed is in the file already."""


WORKS: dict[str, Callable[[Run, Statement], None]] = {
    "select": _select, "insert": _change, "update": _change, "delete": _change, "declare": _declare,
    "set variable": _set_variable, "print": _print, "raiserror": _raiserror, "set": _set, "use": _use, "begin tran": _begin,
    "commit": _commit, "rollback": _rollback, "save": _save, "waitfor": _waitfor, "exec text": _exec_text,
    "exec": procedures.execute, "checkpoint": _nothing,
    "create table": definitions.create_table, "drop table": definitions.drop_table, "truncate table": definitions.truncate_table,
    "alter table": definitions.alter_table, "create index": definitions.create_index,
    "create database": databases.create, "drop database": databases.drop, "alter database": databases.alter,
    "backup": backing.backup, "restore": restoring.restore,
}  # fmt: skip
