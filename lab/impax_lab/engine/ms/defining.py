# SPDX-License-Identifier: GPL-3.0-or-later
"""CREATE, ALTER, DROP and TRUNCATE as they are written; what they do is in `definitions` and `databases`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from impax_lab.engine.model import Type
from impax_lab.engine.ms import types
from impax_lab.engine.sql.tokens import Stop, Token

if TYPE_CHECKING:
    from impax_lab.engine.ms.pieces import Statement
    from impax_lab.engine.ms.syntax import Batch

UNITS = {"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}


@dataclass
class ColumnDraft:
    """A column as it is declared. identity: (seed, increment)."""

    name: str
    type: Type
    nullable: bool | None = None
    default: str | None = None
    identity: tuple[int, int] | None = None


@dataclass
class ConstraintDraft:
    """kind: P, U, R. columns: () for those of the column it stands behind."""

    name: str
    kind: str
    columns: tuple[str, ...] = ()
    parent: tuple[str, str, str] = ("", "", "")
    parent_columns: tuple[str, ...] = ()


@dataclass
class FileDraft:
    """Sizes in bytes; None where they are left out. growth: of per cent when `percent`."""

    name: str = ""
    path: str = ""
    size: int | None = None
    most: int | None = None
    growth: int | None = None
    percent: bool = False


@dataclass
class TableDraft:
    columns: list[ColumnDraft] = field(default_factory=list)
    constraints: list[ConstraintDraft] = field(default_factory=list)


def read(batch: Batch, line: int) -> Statement:
    """Raises Stop, SqlError."""
    from impax_lab.engine.ms.pieces import Statement

    words = batch.words
    first = words.next()
    second = words.now
    kind = f"{first.upper} {words.peek()}"
    words.at += 1
    if kind == "CREATE UNIQUE" or (first.upper == "CREATE" and words.peek(-1) in ("CLUSTERED", "NONCLUSTERED")):
        kind = "CREATE INDEX"
    reader = READERS.get(kind)
    if reader is None or second is None:
        raise batch.unknown(second or first, f"statement {kind}")
    return Statement(kind.lower(), line, parts=reader(batch))


# Tables -------------------------------------------------------------------------------------------------------------


def _create_table(batch: Batch) -> dict[str, Any]:
    name = batch.name()
    batch.words.expect("(")
    draft = TableDraft()
    while True:
        _element(batch, draft)
        if not batch.words.take(",") or batch.words.is_next(")"):
            break
    batch.words.expect(")")
    _storage(batch)
    return {"name": name, "draft": draft}


def _storage(batch: Batch) -> None:
    """ON filegroup, TEXTIMAGE_ON filegroup: there is only the primary one."""
    while batch.words.one_of("ON", "TEXTIMAGE_ON"):
        token = batch.words.name_token()
        if token.name.upper() not in ("PRIMARY", "DEFAULT"):
            raise batch.unknown(token, f"filegroup {token.name}")


def _element(batch: Batch, draft: TableDraft) -> None:
    if batch.words.peek() in ("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK"):
        draft.constraints.append(_constraint(batch, _constraint_name(batch)))
    else:
        draft.columns.append(column(batch, draft))


def column(batch: Batch, draft: TableDraft) -> ColumnDraft:
    words = batch.words
    token = words.name_token()
    if words.is_next("AS"):
        raise batch.unknown(words.next(), "a computed column")
    if token.upper == "TIMESTAMP" and (words.now is None or words.peek() in (",", ")", "NOT", "NULL")):
        made = ColumnDraft("timestamp", Type("timestamp"))  # a column that is called by its type
    else:
        made = ColumnDraft(token.name, types.read_type(words, len(draft.columns) + 1, batch.version))
    while words.now is not None and words.peek() not in (",", ")") and not _ends(words.now):
        if not _of_column(batch, made):
            constraint = _constraint(batch, _constraint_name(batch), made)
            if constraint.kind:
                draft.constraints.append(constraint)
    return made


def _ends(token: Token) -> bool:
    from impax_lab.engine.ms.pieces import STARTERS

    return token.upper in STARTERS or token.text == ";"


def _of_column(batch: Batch, made: ColumnDraft) -> bool:
    words = batch.words
    if words.take("NOT", "NULL"):
        made.nullable = False
    elif words.take("NULL"):
        made.nullable = True
    elif words.take("COLLATE"):
        made.type = Type(made.type.kind, made.type.size, made.type.scale, collation(batch))
    elif words.take("IDENTITY"):
        made.identity = _seed(batch)
    elif words.take("NOT", "FOR", "REPLICATION") or words.take("ROWGUIDCOL"):
        pass
    else:
        return False
    return True


def collation(batch: Batch) -> str:
    from impax_lab.engine.ms.dialect import check_collation

    token = batch.words.name_token()
    check_collation(token.name)
    return "" if token.name.lower() == "database_default" else token.name


def _seed(batch: Batch) -> tuple[int, int]:
    if not batch.words.take("("):
        return 1, 1
    seed = batch.words.number()
    batch.words.expect(",")
    step = batch.words.number()
    batch.words.expect(")")
    return seed, step


def _constraint_name(batch: Batch) -> str:
    return batch.words.name_token().name if batch.words.take("CONSTRAINT") else ""


def _constraint(batch: Batch, name: str, on: ColumnDraft | None = None) -> ConstraintDraft:
    """kind "" for a DEFAULT, which is the column's own."""
    words = batch.words
    if words.take("DEFAULT") and on is not None:
        on.default = _default(batch)
        return ConstraintDraft(name, "")
    kind = {"PRIMARY": "P", "UNIQUE": "U", "FOREIGN": "R", "REFERENCES": "R"}.get(words.peek())
    if kind is None:
        token = words.now
        if token is not None and token.upper == "CHECK":
            raise batch.unknown(token, "CHECK constraint")
        raise Stop(token)
    if words.one_of("PRIMARY", "FOREIGN"):
        words.expect("KEY")
    words.take("UNIQUE")
    words.one_of("CLUSTERED", "NONCLUSTERED")
    columns = names(batch) if words.is_next("(") else (on.name,) if on else ()
    if not columns:
        raise Stop(words.now, "(")
    made = ConstraintDraft(name, kind, columns)
    if kind == "R":
        words.expect("REFERENCES")
        made.parent = batch.name()
        made.parent_columns = names(batch) if words.is_next("(") else ()
        _actions(batch)
    if words.take("WITH"):
        words.skip_parentheses() if words.is_next("(") else (words.expect("FILLFACTOR", "="), words.number())
    _storage(batch)
    return made


def _actions(batch: Batch) -> None:
    while batch.words.take("ON"):
        if not batch.words.one_of("DELETE", "UPDATE"):
            raise Stop(batch.words.now)
        if not batch.words.take("NO", "ACTION"):
            token = batch.words.next()
            raise batch.unknown(token, f"referential action {token.text}")


def _default(batch: Batch) -> str:
    """A literal, a call or something in parentheses."""
    words, start = batch.words, batch.words.at
    if words.is_next("("):
        words.skip_parentheses()
    else:
        words.take("-")
        words.next()
        if words.is_next("("):
            words.skip_parentheses()
    return batch.text[words.tokens[start].start : words.tokens[words.at - 1].end]


def names(batch: Batch) -> tuple[str, ...]:
    batch.words.expect("(")
    found = []
    while True:
        found.append(batch.words.name_token().name)
        batch.words.one_of("ASC", "DESC")
        if not batch.words.take(","):
            break
    batch.words.expect(")")
    return tuple(found)


def _drop_table(batch: Batch) -> dict[str, Any]:
    found = [batch.name()]
    while batch.words.take(","):
        found.append(batch.name())
    return {"names": found}


def _truncate(batch: Batch) -> dict[str, Any]:
    return {"name": batch.name()}


def _alter_table(batch: Batch) -> dict[str, Any]:
    words = batch.words
    name = batch.name()
    if words.take("WITH"):
        words.one_of("CHECK", "NOCHECK")
    if words.take("ADD"):
        draft = TableDraft()
        while True:
            _element(batch, draft)
            if not words.take(","):
                break
        return {"name": name, "add": draft}
    if words.take("DROP"):
        words.take("CONSTRAINT")
        if words.is_next("COLUMN"):
            raise batch.unknown(words.next(), "ALTER TABLE DROP COLUMN")
        return {"name": name, "drop": words.name_token().name}
    if word := words.one_of("CHECK", "NOCHECK"):
        words.expect("CONSTRAINT")
        return {"name": name, "switch": words.name_token().name, "on": word == "CHECK"}
    raise batch.unknown(words.now or words.tokens[-1], f"ALTER TABLE {words.peek()}")


def _create_index(batch: Batch) -> dict[str, Any]:
    words = batch.words
    unique = words.peek(-1) == "UNIQUE"
    while words.one_of("CLUSTERED", "NONCLUSTERED", "INDEX"):
        pass
    index = words.name_token().name
    words.expect("ON")
    made = {"name": batch.name(), "index": index, "unique": unique, "columns": names(batch)}
    _storage(batch)
    return made


# Databases ----------------------------------------------------------------------------------------------------------


def _create_database(batch: Batch) -> dict[str, Any]:
    """CREATE DATABASE name [ON [PRIMARY] files] [LOG ON files] [COLLATE collation]"""
    words = batch.words
    made: dict[str, Any] = {"name": words.name_token().name, "data": [], "log": [], "collation": ""}
    while True:
        if words.take("LOG"):
            words.expect("ON")
            made["log"] = _files(batch)
        elif words.take("ON"):
            words.take("PRIMARY")
            made["data"] = _files(batch)
        elif words.take("COLLATE"):
            made["collation"] = collation(batch)
        elif words.is_next("FOR"):
            raise batch.unknown(words.next(), "CREATE DATABASE FOR ATTACH")
        else:
            return made


def _files(batch: Batch) -> list[FileDraft]:
    found = [_file(batch)]
    while batch.words.take(","):
        found.append(_file(batch))
    return found


def _file(batch: Batch) -> FileDraft:
    words, made = batch.words, FileDraft()
    words.expect("(")
    while True:
        token = words.name_token()
        words.expect("=")
        _file_option(batch, token, made)
        if not words.take(","):
            break
    words.expect(")")
    return made


def _file_option(batch: Batch, token: Token, made: FileDraft) -> None:
    words, option = batch.words, token.text.upper()
    if option == "NAME":
        shown = words.next()
        made.name = shown.value if shown.kind == "string" else shown.name
    elif option == "FILENAME":
        made.path = words.string()
    elif option == "SIZE":
        made.size = _size(batch)
    elif option == "MAXSIZE":
        made.most = None if words.take("UNLIMITED") else _size(batch)
    elif option == "FILEGROWTH":
        made.percent = words.peek(1) == "%"
        made.growth = _size(batch)
    else:
        raise Stop(token)


def _size(batch: Batch) -> int:
    """A number, in MB where no unit stands behind it."""
    token = batch.words.next()
    found = re.fullmatch(r"(\d+)", token.text)
    if not found:
        raise Stop(token)
    if batch.words.take("%"):
        return int(found[1])
    return int(found[1]) * UNITS.get(batch.words.one_of(*UNITS), UNITS["MB"])


def _drop_database(batch: Batch) -> dict[str, Any]:
    found = [batch.words.name_token().name]
    while batch.words.take(","):
        found.append(batch.words.name_token().name)
    return {"names": found}


def _alter_database(batch: Batch) -> dict[str, Any]:
    words = batch.words
    name = words.name_token().name
    if words.take("SET"):
        option = words.next()
        value = words.next() if words.now is not None and not _ends(words.now) and words.peek() != "WITH" else None
        rest = []
        if words.take("WITH"):
            rest = [words.next().text.upper()]
            if rest == ["ROLLBACK"]:
                rest.append(words.next().text.upper())
                if rest[-1] == "AFTER":
                    words.number()
                    words.one_of("SECONDS")
        return {"name": name, "option": option.text.upper(), "value": value.text.upper() if value else "", "with": rest}
    if words.take("MODIFY", "FILE"):
        return {"name": name, "modify": _file(batch)}
    if words.take("COLLATE"):
        raise batch.unknown(words.next(), "ALTER DATABASE COLLATE")
    raise batch.unknown(words.now or words.tokens[-1], f"ALTER DATABASE {words.peek()}")


READERS = {
    "CREATE TABLE": _create_table, "DROP TABLE": _drop_table, "TRUNCATE TABLE": _truncate, "ALTER TABLE": _alter_table,
    "CREATE INDEX": _create_index, "CREATE DATABASE": _create_database, "DROP DATABASE": _drop_database,
    "ALTER DATABASE": _alter_database,
}  # fmt: skip
