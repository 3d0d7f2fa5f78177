# SPDX-License-Identifier: GPL-3.0-or-later
"""CREATE, ALTER, DROP and TRUNCATE TABLE. Each takes its table exclusively and does not wait for it (ORA-00054)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from impax_lab.engine.constraints import Checks, Violation
from impax_lab.engine.model import Column, Constraint, Table
from impax_lab.engine.ora import dates, types
from impax_lab.engine.ora.errors import error, not_understood
from impax_lab.engine.sql.tokens import Words
from impax_lab.engine.store import Store

if TYPE_CHECKING:
    from impax_lab.engine.ora.session import Session

BLOCK, EXTENT, BIG_EXTENT = 8192, 65536, 1 << 20
STORAGE = {
    "PCTFREE": 1, "PCTUSED": 1, "INITRANS": 1, "MAXTRANS": 1, "TABLESPACE": 1, "LOGGING": 0, "NOLOGGING": 0,
    "COMPRESS": 0, "NOCOMPRESS": 0, "CACHE": 0, "NOCACHE": 0, "MONITORING": 0, "NOPARALLEL": 0, "ENABLE": 0,
}  # fmt: skip


def name_of(session: Session, words: Words) -> tuple[str, str]:
    """(owner, name), in the case that the dictionary has."""
    first = _name(words)
    if words.take("."):
        return first, _name(words)
    return session.schema, first


def _name(words: Words) -> str:
    token = words.name_token()
    return token.name if token.kind == "quoted" else token.text.upper()


def existing(session: Session, words: Words) -> Table:
    """Raises OracleError 942."""
    token = words.now
    owner, name = name_of(session, words)
    found = session.find(owner, name)
    if found is None:
        from impax_lab.engine.sql.scope import line_and_column

        raise error(942, at=line_and_column(words.text, token.start) if token else None)
    return found


# Sizes --------------------------------------------------------------------------------------------------------------


def grown(store: Store, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Note the bytes that rows take. Deleting gives none of them back; a truncate starts anew."""
    more = sum(3 + sum(_length(value) + 1 for value in row) for row in rows)
    if more:
        store.next_number(f"{table.physical}.bytes", more)


def _length(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, (int, float)):
        return len(str(value)) // 2 + 2
    return len(value)


def segment_bytes(used: int) -> int:
    """Extents of 64 KiB up to 1 MiB, of 1 MiB beyond; a tenth of each block stays free (PCTFREE 10)."""
    blocks = 3 + -(-used * 10 // 9 // (BLOCK - 100))
    size = blocks * BLOCK
    if size <= 16 * EXTENT:
        return max(1, -(-size // EXTENT)) * EXTENT
    return -(-size // BIG_EXTENT) * BIG_EXTENT


# CREATE TABLE -------------------------------------------------------------------------------------------------------


def create_table(session: Session, words: Words) -> None:
    owner, name = name_of(session, words)
    if owner != session.user and not session.dba:
        raise error(1031)
    if session.store.find(session.tx, owner, name):
        raise error(955)
    if words.is_next("AS"):
        return _create_as(session, owner, name, words)
    words.expect("(")
    maker = TableMaker(session, owner, name)
    while True:
        maker.element(words)
        if not words.take(","):
            break
    words.expect(")")
    skip_storage(words)
    make(session, maker.table())
    return None


def _create_as(session: Session, owner: str, name: str, words: Words) -> None:
    words.expect("AS")
    start = words.next().start
    words.at = len(words.tokens)
    query, rows = session.select(words.text[start:])
    columns = tuple(
        Column(value.name, _storable(value.type), value.nullable or value.column is None, place)
        for place, value in enumerate(query.values, 1)
    )
    _distinct_names(columns)
    table = make(session, Table(0, owner, owner, name, columns))
    first, last = session.store.insert(session.transaction(), table.physical, len(columns), rows)
    assert last - first + 1 == len(rows)
    grown(session.store, table, rows)


def _storable(kind: Any) -> Any:
    if types.class_of(kind) == "text" and not kind.size:
        return types.text(4000)
    return kind


def make(session: Session, table: Table) -> Table:
    store, tx = session.store, session.transaction()
    indexes = [[column.stored for n in key.columns if (column := table.column(n))] for key in table.unique_keys()]
    physical = store.new_physical(tx, len(table.columns), indexes)
    whole = replace(table, object_id=store.next_number("object"), physical=physical, created=dates.now())
    return store.put(tx, table.name, whole)


def skip_storage(words: Words) -> None:
    """Where and how rows are stored makes no difference here."""
    while words.now is not None and words.peek() not in (",", ")", ""):
        word = words.next().text.upper()
        if word == "STORAGE":
            words.skip_parentheses()
        elif word in STORAGE:
            words.at += STORAGE[word]
        else:
            raise not_understood(922, f"storage option {word}")


class TableMaker:
    """The parts of a table as CREATE and ALTER TABLE name them."""

    def __init__(self, session: Session, owner: str, name: str, table: Table | None = None) -> None:
        self.session, self.owner, self.name = session, owner, name
        self.before = table
        self.columns: list[Column] = list(table.columns) if table else []
        self.constraints: list[Constraint] = list(table.constraints) if table else []

    def table(self) -> Table:
        _distinct_names(self.columns)
        known = {column.name for column in self.columns}
        keys = {name for constraint in self.constraints if constraint.kind == "P" for name in constraint.columns}
        for constraint in self.constraints:
            for name in constraint.columns:
                if name not in known:
                    raise error(904, f'"{name}"')
        columns = tuple(replace(c, nullable=False) if c.name in keys else c for c in self.columns)
        base = self.before or Table(0, self.owner, self.owner, self.name, ())
        return replace(base, columns=columns, constraints=tuple(self.constraints))

    def element(self, words: Words) -> None:
        if words.peek() in ("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK"):
            self.constraint(words, self._constraint_name(words), ())
        else:
            self.column(words)

    def column(self, words: Words) -> None:
        name = _name(words)
        kind = types.read_type(words)
        column = Column(name, kind, True, len(self.columns) + 1)
        if words.take("DEFAULT"):
            column = replace(
                column,
                default=words.until("NOT", "NULL", "CONSTRAINT", "PRIMARY", "UNIQUE", "REFERENCES", "CHECK", ","),
            )
        self.columns.append(column)
        while words.peek() not in (",", ")", ""):
            if words.take("NOT", "NULL"):
                self.columns[-1] = replace(column, nullable=False)
            elif not words.take("NULL"):
                self.constraint(words, self._constraint_name(words), (name,))
            words.one_of("ENABLE")

    def _constraint_name(self, words: Words) -> str:
        return _name(words) if words.take("CONSTRAINT") else ""

    def constraint(self, words: Words, name: str, columns: tuple[str, ...]) -> None:
        if words.take("NOT", "NULL") and columns:
            self.columns[-1] = replace(self.columns[-1], nullable=False)
            return
        kind = {"PRIMARY": "P", "UNIQUE": "U", "FOREIGN": "R", "REFERENCES": "R"}.get(words.peek())
        if kind is None:
            raise not_understood(907, f"constraint {words.peek()}")
        if words.one_of("PRIMARY", "FOREIGN"):
            words.expect("KEY")
        else:
            words.one_of("UNIQUE")
        listed = columns or self.names(words)
        parent, parent_columns = self._parent(words) if kind == "R" else (0, ())
        if words.take("USING", "INDEX"):
            skip_storage(words)
        enabled = not words.take("DISABLE")
        words.take("ENABLE") and words.one_of("VALIDATE", "NOVALIDATE")
        self._add(Constraint(name, kind, listed, parent, parent_columns, enabled))

    def _add(self, constraint: Constraint) -> None:
        store = self.session.store
        number = store.next_number("object")
        name = constraint.name or f"SYS_C{number:07}"
        if any(each.name == name for table in store.tables(self.session.tx, self.owner) for each in table.constraints):
            raise error(2264)
        self.constraints.append(replace(constraint, name=name, object_id=number))

    def names(self, words: Words) -> tuple[str, ...]:
        words.expect("(")
        found = [_name(words)]
        while words.take(","):
            found.append(_name(words))
        words.expect(")")
        return tuple(found)

    def _parent(self, words: Words) -> tuple[int, tuple[str, ...]]:
        words.expect("REFERENCES")
        parent = existing(self.session, words)
        listed = self.names(words) if words.is_next("(") else ()
        for key in parent.unique_keys():
            if (not listed and key.kind == "P") or set(listed) == set(key.columns):
                return parent.object_id, listed or key.columns
        raise error(2270)


def _distinct_names(columns: Sequence[Column]) -> None:
    names = [column.name for column in columns]
    if len(set(names)) != len(names):
        raise error(957)


# ALTER TABLE --------------------------------------------------------------------------------------------------------


def alter_table(session: Session, words: Words) -> None:
    table = session.lock(existing(session, words), "X", 0)
    if words.take("ADD"):
        _add(session, words, table)
    elif words.take("DROP", "CONSTRAINT"):
        _without_constraint(session, table, _name(words))
    elif (word := words.one_of("ENABLE", "DISABLE")) and words.take("CONSTRAINT"):
        _switch(session, table, _name(words), word == "ENABLE")
    else:
        raise not_understood(1735, f"ALTER TABLE {words.peek()}")


def _add(session: Session, words: Words, table: Table) -> None:
    maker = TableMaker(session, table.owner, table.name, table)
    grouped = words.take("(")
    maker.element(words)
    while grouped and words.take(","):
        maker.element(words)
    if grouped:
        words.expect(")")
    made = maker.table()
    if len(made.columns) != len(table.columns):
        made = _widened(session, table, made)
    _checked(session, session.store.put(session.transaction(), table.name, made))


def _widened(session: Session, table: Table, made: Table) -> Table:
    """New columns need a new place for the rows."""
    store, tx = session.store, session.transaction()
    old = ", ".join(column.stored for column in table.columns)
    rows = store.write.execute(f"SELECT {old} FROM {table.physical} WHERE {store.visible(tx)} ORDER BY _id").fetchall()
    more = [session.value(c.default, {})[1] if c.default else None for c in made.columns[len(table.columns) :]]
    indexes = [[column.stored for n in key.columns if (column := made.column(n))] for key in made.unique_keys()]
    physical = store.new_physical(tx, len(made.columns), indexes)
    store.insert(tx, physical, len(made.columns), [(*row, *more) for row in rows])
    store.set_counter(f"{physical}.bytes", store.counter(f"{table.physical}.bytes"))
    store.drop_physical(tx, table.physical)
    return made.with_physical(physical)


def _checked(session: Session, table: Table) -> None:
    """The rows that are there keep the new constraints."""
    last = session.store.last_id(table.physical)
    try:
        Checks(session.store, session.transaction(), nulls_equal=False).inserted(table, 1, last)
    except Violation as violation:
        code = {"unique": 1, "parent": 2291, "child": 2292}[violation.kind]
        raise error(code, f"{table.owner}.{violation.constraint.name}") from violation


def _without_constraint(session: Session, table: Table, name: str) -> None:
    kept = tuple(each for each in table.constraints if each.name != name)
    if len(kept) == len(table.constraints):
        raise error(2443)
    session.store.put(session.transaction(), table.name, replace(table, constraints=kept))


def _switch(session: Session, table: Table, name: str, enabled: bool) -> None:
    if all(each.name != name for each in table.constraints):
        raise error(2443)
    made = tuple(replace(each, enabled=enabled) if each.name == name else each for each in table.constraints)
    _checked(session, session.store.put(session.transaction(), table.name, replace(table, constraints=made)))


def create_index(session: Session, words: Words) -> None:
    """An index makes nothing different here but a unique one, which is kept as a constraint of its kind."""
    unique = words.take("UNIQUE")
    words.expect("INDEX")
    name = name_of(session, words)[1]
    words.expect("ON")
    table = session.lock(existing(session, words), "S", 0)
    maker = TableMaker(session, table.owner, table.name, table)
    columns = maker.names(words)
    skip_storage(words)
    kind = "U" if unique else "I"
    maker.constraints.append(Constraint(name, kind, columns, object_id=session.store.next_number("object")))
    _checked(session, session.store.put(session.transaction(), table.name, maker.table()))


# DROP, TRUNCATE -----------------------------------------------------------------------------------------------------


def drop_table(session: Session, words: Words) -> None:
    table = session.lock(existing(session, words), "X", 0)
    cascade = words.take("CASCADE", "CONSTRAINTS")
    words.take("PURGE")
    children = referencing(session, table)
    if children and not cascade:
        raise error(2449)
    for child, constraint in children:
        _without_constraint(session, child, constraint.name)
    session.store.drop(session.transaction(), table)


def truncate(session: Session, table: Table) -> None:
    """The rows' place is given up and a new one taken."""
    table = session.lock(table, "X", 0)
    if any(constraint.enabled for _, constraint in referencing(session, table)):
        raise error(2266)
    store, tx = session.store, session.transaction()
    indexes = [[column.stored for n in key.columns if (column := table.column(n))] for key in table.unique_keys()]
    physical = store.new_physical(tx, len(table.columns), indexes)
    store.put(tx, table.name, table.with_physical(physical))
    store.drop_physical(tx, table.physical)


def referencing(session: Session, table: Table) -> list[tuple[Table, Constraint]]:
    """Foreign keys of other tables that point to this one."""
    return [
        (child, constraint)
        for child in session.store.tables(session.tx)
        if child.object_id != table.object_id
        for constraint in child.constraints
        if constraint.kind == "R" and constraint.parent == table.object_id
    ]
