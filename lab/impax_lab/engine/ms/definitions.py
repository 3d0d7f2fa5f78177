# SPDX-License-Identifier: GPL-3.0-or-later
"""CREATE, ALTER, DROP and TRUNCATE TABLE, SELECT INTO. All of it is part of the transaction, and comes back with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from impax_lab.engine.constraints import Violation, compared_text
from impax_lab.engine.model import NULL, Column, Constraint, Table
from impax_lab.engine.ms import changing, databases, putting, types
from impax_lab.engine.ms.defining import ColumnDraft, ConstraintDraft, TableDraft
from impax_lab.engine.ms.errors import error
from impax_lab.engine.ms.pieces import Statement
from impax_lab.engine.ms.session import Session, key_of
from impax_lab.engine.sql.scope import Query, table_name

if TYPE_CHECKING:
    from impax_lab.engine.ms.interpreter import Run

Name = tuple[str, str, str]


def existing(session: Session, name: Name, number: int = 208) -> Table:
    """Raises SqlError."""
    found = session.find(*name)
    if found is None:
        shown = ".".join(part for part in name if part)
        if number == 1088:
            raise error(4902, shown)
        raise error(number, shown, old=session.version < 9)
    return found


def create_table(run: Run, statement: Statement) -> None:
    session, name = run.session, statement.parts["name"]
    _is_free(session, name)
    draft: TableDraft = statement.parts["draft"]
    columns = tuple(_column(draft, column, place) for place, column in enumerate(draft.columns, 1))
    _distinct(columns, name[2])
    make(session, name, columns, tuple(_constraint(session, each, columns, name[2]) for each in draft.constraints))


def _is_free(session: Session, name: Name) -> None:
    if name[0] and not session.server.database(name[0]):
        raise error(911, name[0], old=session.version < 9)
    if name[1] and name[1].lower() != "dbo":
        raise error(2760, name[1])
    if session.find(*name) is not None:
        raise error(2714, name[2])


def make(session: Session, name: Name, columns: Sequence[Column], constraints: Sequence[Constraint] = ()) -> Table:
    store, tx = session.store, session.transaction()
    owner = name[1] or "dbo"
    table = Table(
        store.next_number("object"), session.scope_of(name[0], name[2]), owner, name[2], tuple(columns), tuple(constraints),
        created=session.now(),
    )  # fmt: skip
    made = store.put(
        tx, key_of(owner, name[2]), table.with_physical(store.new_physical(tx, len(columns), indexes(table)))
    )
    session.lock(made, "X")
    return made


def indexes(table: Table) -> list[list[str]]:
    """The stored names of each key's columns, as SQLite looks them up."""
    found = []
    for key in table.unique_keys():
        columns = [column for name in key.columns if (column := table.column(name))]
        found.append([compared_text(c.stored) if c.type.kind in putting.NOCASE else c.stored for c in columns])
    return found


def _column(draft: TableDraft, column: ColumnDraft, place: int) -> Column:
    in_key = any(each.kind == "P" and _has(each.columns, column.name) for each in draft.constraints)
    if in_key and column.nullable:
        raise error(8111, "")
    if column.identity and not types.is_identity(column.type):
        raise error(2749, column.name)
    nullable = column.nullable if column.nullable is not None else not (in_key or column.identity)
    if column.type.kind == "timestamp" and column.nullable is None:
        nullable = False
    return Column(column.name, column.type, nullable and not column.identity, place, column.default, column.identity)


def _has(names: Sequence[str], name: str) -> bool:
    return name.lower() in [each.lower() for each in names]


def _distinct(columns: Sequence[Column], table: str) -> None:
    seen: set[str] = set()
    for column in columns:
        if column.name.lower() in seen:
            raise error(2705, column.name, table)
        seen.add(column.name.lower())
    stamps = [column.name for column in columns if column.type.kind == "timestamp"]
    if len(stamps) > 1:
        raise error(2738, table, stamps[1])
    if sum(1 for column in columns if column.identity) > 1:
        raise error(2744, table)


def _constraint(session: Session, draft: ConstraintDraft, columns: Sequence[Column], table: str) -> Constraint:
    spelt = {column.name.lower(): column.name for column in columns}
    for name in draft.columns:
        if name.lower() not in spelt:
            raise error(1769, draft.name, name, table)
    number = session.store.next_number("object")
    name = draft.name or f"{draft.kind}K__{table[:9]}__{number:08X}"
    own = tuple(spelt[column.lower()] for column in draft.columns)
    if draft.kind != "R":
        return Constraint(name, draft.kind, own, object_id=number)
    parent = session.find(*draft.parent)
    if parent is None:
        raise error(1767, name, draft.parent[2])
    return Constraint(name, "R", own, parent.object_id, _parent_columns(parent, draft, name), object_id=number)


def _parent_columns(parent: Table, draft: ConstraintDraft, name: str) -> tuple[str, ...]:
    wanted = {column.lower() for column in draft.parent_columns}
    for key in parent.unique_keys():
        if (not wanted and key.kind == "P") or wanted == {column.lower() for column in key.columns}:
            return key.columns
    raise error(1776, parent.name, name)


# SELECT INTO --------------------------------------------------------------------------------------------------------


def select_into(run: Run, node: exp.Select) -> int:
    """A new table from a query; a column that is taken as it stands stays an identity."""
    session = run.session
    into = node.args["into"].this
    database, owner = (into.args[part].name if into.args.get(part) else "" for part in ("catalog", "db"))
    name = (database, owner, table_name(into))
    _is_free(session, name)
    bare = node.copy()
    bare.set("into", None)
    query, compiler = session.locked(lambda: changing.query(session, bare, run.compiler()))
    columns = _columns_of(query, plain=_keeps_identity(bare))
    _distinct(columns, name[2])
    table = make(session, name, columns)
    with session.store.mutex:
        rows = session.run(query, compiler, writing=True)
        return _filled(session, table, rows)


def _keeps_identity(node: exp.Select) -> bool:
    """Not with a join, a group, or a union: Books Online, "SELECT INTO"."""
    return not (node.args.get("joins") or node.args.get("group") or node.args.get("distinct"))


def _columns_of(query: Query, plain: bool) -> tuple[Column, ...]:
    made, identities = [], 0
    for place, value in enumerate(query.values, 1):
        if not value.name:
            raise error(1038)
        identity = value.column.identity if plain and value.column else None
        identities += identity is not None
        kind = value.type if value.type != NULL else types.INT
        made.append(Column(value.name, kind, value.nullable, place, None, identity if identities < 2 else None))
    return tuple(made)


def _filled(session: Session, table: Table, rows: list[tuple[Any, ...]]) -> int:
    stamps = {column.place - 1 for column in table.columns if column.type.kind == "timestamp"}
    versions = putting.row_versions(session, table, len(rows))
    made = [tuple(next(versions) if at in stamps else cell for at, cell in enumerate(row)) for row in rows]
    used = putting.space(table, made)
    databases.make_room(session, table, used)
    session.store.insert(session.transaction(), table.physical, len(table.columns), made)
    session.store.next_number(f"{table.physical}.bytes", used)
    identity = table.identity
    if identity is not None and identity.identity is not None and made:
        values = [row[identity.place - 1] for row in made]
        session.store.set_counter(
            f"{table.physical}.identity", max(values) if identity.identity[1] > 0 else min(values)
        )
    return len(made)


# DROP, TRUNCATE -----------------------------------------------------------------------------------------------------


def drop_table(run: Run, statement: Statement) -> None:
    session = run.session
    for name in statement.parts["names"]:
        table = session.find(*name)
        if table is None:
            raise error(3701, "table", ".".join(part for part in name if part), old=session.version < 9)
        session.lock(table, "X")
        if referencing(session, table):
            raise error(3726, name[2])
        session.store.drop(session.transaction(), existing(session, name))


def truncate_table(run: Run, statement: Statement) -> None:
    """The rows' place is given up and a new one taken, whose identities begin anew; a rollback brings the old one back."""
    session, name = run.session, statement.parts["name"]
    table = existing(session, name, 4701)
    if referencing(session, table):
        raise error(4712, name[2], old=session.version < 9)
    session.server.pause("before_truncate", table)
    session.lock(table, "X")
    table = existing(session, name, 4701)
    store, tx = session.store, session.transaction()
    physical = store.new_physical(tx, len(table.columns), indexes(table))
    store.put(tx, key_of(table.owner, table.name), table.with_physical(physical))
    store.drop_physical(tx, table.physical)


def referencing(session: Session, table: Table) -> list[tuple[Table, Constraint]]:
    """Foreign keys of other tables, disabled ones too: TRUNCATE does not ask."""
    return [
        (child, constraint)
        for child in session.store.tables(session.tx, table.scope)
        if child.object_id != table.object_id
        for constraint in child.constraints
        if constraint.kind == "R" and constraint.parent == table.object_id
    ]


# ALTER, CREATE INDEX ------------------------------------------------------------------------------------------------


def alter_table(run: Run, statement: Statement) -> None:
    session, parts = run.session, statement.parts
    table = existing(session, parts["name"], 4902)
    session.lock(table, "X")
    table = existing(session, parts["name"], 4902)
    if "add" in parts:
        _add(session, table, parts["add"])
    elif "drop" in parts:
        kept = tuple(each for each in table.constraints if each.name.lower() != parts["drop"].lower())
        if len(kept) == len(table.constraints):
            raise error(3728, parts["drop"])
        _put(session, replace(table, constraints=kept))
    else:
        _switch(session, table, parts["switch"], parts["on"])


def _put(session: Session, table: Table) -> Table:
    return session.store.put(session.transaction(), key_of(table.owner, table.name), table)


def _switch(session: Session, table: Table, name: str, on: bool) -> None:
    if not any(each.name.lower() == name.lower() for each in table.constraints):
        raise error(3728, name)
    made = [replace(each, enabled=on) if each.name.lower() == name.lower() else each for each in table.constraints]
    _put(session, replace(table, constraints=tuple(made)))


def _add(session: Session, table: Table, draft: TableDraft) -> None:
    start = len(table.columns)
    more = tuple(_column(draft, column, start + place) for place, column in enumerate(draft.columns, 1))
    columns = (*table.columns, *more)
    _distinct(columns, table.name)
    constraints = (*table.constraints, *(_constraint(session, each, columns, table.name) for each in draft.constraints))
    made = replace(table, columns=_keys_not_null(columns, constraints, draft, table.name), constraints=constraints)
    _checked(session, _rebuilt(session, table, made, more))


def _keys_not_null(
    columns: Sequence[Column], constraints: Sequence[Constraint], draft: TableDraft, table: str
) -> tuple[Column, ...]:
    if sum(1 for each in constraints if each.kind == "P") > 1:
        raise error(8110, table)
    for each in draft.constraints:
        for column in columns:
            if each.kind == "P" and _has(each.columns, column.name) and column.nullable:
                raise error(8111, table)
    return tuple(columns)


def _rebuilt(session: Session, table: Table, made: Table, more: Sequence[Column]) -> Table:
    """The rows in a new place, with the new columns and keys."""
    store, tx = session.store, session.transaction()
    old = ", ".join(column.stored for column in table.columns)
    rows = store.write.execute(f"SELECT {old} FROM {table.physical} WHERE {store.visible(tx)} ORDER BY _id").fetchall()
    extra = [_value_of_new(session, column) for column in more]
    physical = store.new_physical(tx, len(made.columns), indexes(made))
    store.insert(tx, physical, len(made.columns), [(*row, *extra) for row in rows])
    for counter in ("bytes", "identity"):
        value = store.counter(f"{table.physical}.{counter}", -1)
        if value >= 0:
            store.set_counter(f"{physical}.{counter}", value)
    store.drop_physical(tx, table.physical)
    return _put(session, made.with_physical(physical))


def _value_of_new(session: Session, column: Column) -> Any:
    """A new column's value in the rows that are there: NULL, or its default where it takes no NULL."""
    if column.nullable or column.default is None:
        return None
    from impax_lab.engine.ms import convert

    kind, value = session.server.default_value(session, column.default)
    return convert.storing(column.type)(value, kind)


def _checked(session: Session, table: Table) -> None:
    try:
        putting.checks(session).inserted(table, 1, session.store.last_id(table.physical))
    except Violation as violation:
        raise changing.violated(session, violation, table, "ALTER TABLE") from violation


def create_index(run: Run, statement: Statement) -> None:
    """An index changes nothing here but a unique one, which is kept as a key."""
    session, parts = run.session, statement.parts
    table = existing(session, parts["name"])
    session.lock(table, "X")
    table = existing(session, parts["name"])
    spelt = {column.name.lower(): column.name for column in table.columns}
    for name in parts["columns"]:
        if name.lower() not in spelt:
            raise error(207, name)
    columns = tuple(spelt[name.lower()] for name in parts["columns"])
    kind = "U" if parts["unique"] else "I"
    made = Constraint(parts["index"], kind, columns, text="index", object_id=session.store.next_number("object"))
    try:
        whole = replace(table, constraints=(*table.constraints, made))
        rebuilt = _rebuilt(session, table, whole, ())
        putting.checks(session).inserted(rebuilt, 1, session.store.last_id(rebuilt.physical))
    except Violation as violation:
        raise error(1505, f"{table.owner}.{table.name}", parts["index"]) from violation
