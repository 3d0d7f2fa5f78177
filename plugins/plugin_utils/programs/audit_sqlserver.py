# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of SQL Server 2000 to 2008 about an audit table, its scratch copy, and the transaction that empties it.

TRUNCATE TABLE is part of a transaction here: the lock that counted is still held when it is done, and a rollback brings
every row back. It starts identities anew. Source: SQL Server 2000 and 2005 Books Online, Transact-SQL Reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import sp_spaceused
from .osql import Answer

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_#$]{0,127}\Z")
UNSUMMED = frozenset({"text", "ntext", "image", "xml", "timestamp", "rowversion"})
SIZED = frozenset({"varchar", "nvarchar", "char", "nchar", "varbinary", "binary"})
SIDE_TABLE = "impax_audit_late"
LOCK_TIMEOUT = 1222
TRUNCATED = re.compile(r"^IMPAX-TRUNCATED rows=(\d+) late=(\d+) after=(\d+)\s*$", re.M)
REFUSED = re.compile(r"IMPAX-REFUSED rows=(-?\d+) late=(-?\d+)")
SERVER_GONE = 20  # from this level on the server ends the connection


def name(identifier: str) -> str:
    if not NAME.match(identifier):
        raise ValueError(f"{identifier!r} is no plain SQL Server name")
    return identifier


@dataclass(frozen=True)
class Column:
    """As INFORMATION_SCHEMA.COLUMNS has it. length: characters or bytes, -1 for max, None where the type has none."""

    name: str
    type: str
    length: int | None
    precision: int | None
    scale: int | None
    nullable: bool
    collation: str
    identity: bool

    @property
    def summed(self) -> bool:
        return self.type not in UNSUMMED

    @property
    def versioned(self) -> bool:
        return self.type in ("timestamp", "rowversion")

    @property
    def declared(self) -> str:
        """The column in the scratch table: a rowversion as what it is made of, an identity as its bare type."""
        return f"[{name(self.name)}] {self._type}{f' collate {name(self.collation)}' if self.collation else ''} null"

    @property
    def _type(self) -> str:
        if self.versioned:
            return "binary(8)"
        if self.type in SIZED:
            return f"{self.type}({'max' if self.length == -1 else self.length})"
        if self.type in ("decimal", "numeric"):
            return f"{self.type}({self.precision},{self.scale})"
        return name(self.type)


@dataclass(frozen=True)
class Facts:
    """As far as the server answered; unread: fact -> message number or reason."""

    database: str | None
    rows: int | None
    size_kb: int | None
    null_user_id: int | None
    key: str
    referenced_by: tuple[str, ...] | None
    columns: tuple[Column, ...]
    unread: Mapping[str, str]
    version: int | None = None  # 8 is SQL Server 2000, 9 is 2005; None: not told


def questions(table: str) -> dict[str, str]:
    """Everything that can be asked before the key column is known."""
    named = name(table)
    return {
        "database": "select @@servername, db_name(), db_id(), convert(varchar(30), serverproperty('productversion'))",
        "size": sp_spaceused.query(named),
        "rows": f"select count(*) from {named}",
        "nulls": f"select count(*) from {named} where user_id is null",
        "references": f"select object_name(fkeyid), object_name(constid) from sysforeignkeys where rkeyid = object_id('{named}')",
        "columns": "select column_name, data_type, character_maximum_length, numeric_precision, numeric_scale, is_nullable,"
        f" collation_name, columnproperty(object_id('{named}'), column_name, 'IsIdentity')"
        f" from information_schema.columns where table_name = '{named}' order by ordinal_position",
        "key": "select k.column_name from information_schema.table_constraints c, information_schema.key_column_usage k"
        f" where c.constraint_type = 'PRIMARY KEY' and c.table_name = '{named}' and k.constraint_name = c.constraint_name",
    }


def read(answers: Mapping[str, Answer]) -> Facts:
    columns = _columns(answers["columns"])
    space = sp_spaceused.read("\n".join("|".join(row) for row in answers["size"].rows or ()))
    unread = {fact: answer.why for fact, answer in answers.items() if answer.error}
    return Facts(
        database=_database(answers["database"]),
        rows=answers["rows"].number,
        size_kb=space.reserved_kb if space else None,
        null_user_id=answers["nulls"].number,
        key=_key(answers["key"], columns),
        referenced_by=None
        if answers["references"].rows is None
        else tuple(".".join(row) for row in answers["references"].rows),
        columns=columns,
        unread=unread or ({} if columns else {"columns": "the table has none that could be read"}),
        version=_version(answers["database"]),
    )


def _database(answer: Answer) -> str | None:
    return " ".join(answer.rows[0][:3]) if answer.rows and len(answer.rows) == 1 and len(answer.rows[0]) == 4 else None


def _version(answer: Answer) -> int | None:
    found = re.match(r"(\d+)\.", answer.rows[0][3]) if _database(answer) and answer.rows else None
    return int(found[1]) if found else None


def _columns(answer: Answer) -> tuple[Column, ...]:
    rows = answer.rows or ()
    return tuple(
        Column(
            row[0],
            row[1].lower(),
            whole_number(row[2]),
            whole_number(row[3]),
            whole_number(row[4]),
            row[5].upper() == "YES",
            "" if row[6] == "NULL" else row[6],
            row[7] == "1",
        )
        for row in rows
        if len(row) == 8
    )


def whole_number(cell: str) -> int | None:
    """A cell as a whole number, else None."""
    return int(cell) if re.fullmatch(r"-?\d+", cell) else None


def _key(answer: Answer, columns: Sequence[Column]) -> str:
    """The primary key where it is one whole-numbered column, else the identity, else ""."""
    whole_numbers = {
        column.name
        for column in columns
        if column.type in ("int", "bigint", "smallint", "decimal", "numeric") and not column.scale
    }
    rows = answer.rows or ()
    if len(rows) == 1 and rows[0][0] in whole_numbers:
        return rows[0][0]
    return next((column.name for column in columns if column.identity), "")


def one_row(answer: Answer) -> tuple[str, ...] | None:
    """The single row of an answer, else None."""
    return answer.rows[0] if not answer.error and answer.rows and len(answer.rows) == 1 else None


def key_range(table: str, key: str) -> dict[str, str]:
    span = f"min([{name(key)}]), max([{name(key)}])" if key else "null, null"
    return {"range": f"select count(*), {span} from {name(table)}"}


def read_range(answer: Answer) -> tuple[int | None, int | None, int | None]:
    """(rows, least key, greatest key); None for what was not told."""
    cells = [whole_number(cell) for cell in one_row(answer) or ()]
    return (cells[0], cells[1], cells[2]) if len(cells) == 3 else (None, None, None)


# The scratch database on the verifying instance


def create_scratch(database: str, folder: str, size_mb: int, cap_mb: int) -> dict[str, str]:
    """A database of its own, simple recovery, capped in size. folder: an existing folder of that server."""
    place = folder.rstrip("\\").replace("'", "''")
    data = f"(name = {name(database)}_data, filename = '{place}\\{database}.mdf', size = {int(size_mb)}MB, maxsize = {int(cap_mb)}MB)"
    log = f"(name = {database}_log, filename = '{place}\\{database}.ldf', size = {int(size_mb)}MB, maxsize = {int(cap_mb)}MB)"
    return {
        "create": f"create database {database} on {data} log on {log}",
        "recovery": f"alter database {database} set recovery simple",
    }


def create_table(database: str, table: str, columns: Sequence[Column]) -> dict[str, str]:
    declared = ", ".join(column.declared for column in columns)
    return {"table": f"use {name(database)}\ngo\ncreate table {name(table)} ({declared})"}


def scratch_databases(prefix: str) -> dict[str, str]:
    like = name(prefix).replace("_", "[_]")
    return {"scratch": f"select name from master..sysdatabases where name like '{like}%' order by name"}


def drop_scratch(databases: Sequence[str]) -> dict[str, str]:
    return {
        f"drop{number}": f"use master\ngo\ndrop database {name(database)}" for number, database in enumerate(databases)
    }


def database_files(but: str) -> dict[str, str]:
    """Drive and database of every file of the instance's databases; but: names that begin so are ours. Mounted folders do not show."""
    like = name(but).replace("_", "[_]")
    return {
        "files": "select upper(left(filename, 2)), isnull(db_name(dbid), '?') from master..sysaltfiles"
        f" where isnull(db_name(dbid), '?') not like '{like}%'"
    }


def read_database_files(answer: Answer) -> dict[str, tuple[str, ...]] | None:
    """Drive (``C:``) -> databases with a file there; None: not told, or no file at all, which cannot be."""
    if answer.error or not answer.rows or any(len(row) != 2 for row in answer.rows):
        return None
    drives = sorted({row[0] for row in answer.rows})
    return {drive: tuple(sorted({row[1] for row in answer.rows if row[0] == drive})) for drive in drives}


# Truncating


def truncate_batch(
    table: str,
    rows: int,
    key: str,
    greatest: int | None,
    columns: Sequence[Column],
    late_rows: int,
    lock_wait_ms: int = 5000,
) -> str:
    """One transaction: lock, count against the export, keep what came since, truncate, put it back, count, commit.

    Anything unexpected rolls back (XACT_ABORT): every row is there again.
    """
    named = name(table)
    after_key = f"[{name(key)}] > {int(greatest)}" if key and greatest is not None else ""
    upto = f" where [{key}] <= {int(greatest)}" if key and greatest is not None else ""
    late = f"select @late = count(*) from {named} where {after_key}" if after_key else "set @late = 0"
    return f"""\
set xact_abort on
set lock_timeout {int(lock_wait_ms)}
declare @rows int, @late int, @after int
set @after = 0
begin transaction
select @rows = count(*) from {named} with (tablockx, holdlock){upto}
{late}
if @rows <> {int(rows)} or @late > {int(late_rows)}
begin
  rollback transaction
  raiserror('IMPAX-REFUSED rows=%d late=%d', 16, 1, @rows, @late)
  return
end
{_keep(named, after_key)}truncate table {named}
{_put_back(named, key, after_key, columns)}select @after = count(*) from {named}
if @after <> @late
begin
  rollback transaction
  raiserror('IMPAX-REFUSED rows=%d late=%d', 16, 1, @rows, @late)
  return
end
commit transaction
print 'IMPAX-TRUNCATED rows=' + convert(varchar(12), @rows) + ' late=' + convert(varchar(12), @late)
  + ' after=' + convert(varchar(12), @after)"""


def _keep(table: str, after_key: str) -> str:
    return f"if @late > 0 select * into {SIDE_TABLE} from {table} where {after_key}\n" if after_key else ""


def _put_back(table: str, key: str, after_key: str, columns: Sequence[Column]) -> str:
    if not after_key:
        return ""
    listed = ", ".join(f"[{name(column.name)}]" for column in columns if not column.versioned)
    identity = any(column.identity for column in columns)
    on, off = (f"  set identity_insert {table} {way}\n" if identity else "" for way in ("on", "off"))
    return (
        f"if @late > 0\nbegin\n{on}  insert into {table} ({listed}) select {listed} from {SIDE_TABLE} order by [{key}]\n{off}"
        f"  drop table {SIDE_TABLE}\nend\n"
    )


@dataclass(frozen=True)
class Truncated:
    """said: "done", "late" (rows differ from the export), "busy", "refused", or "" where only the table can tell."""

    said: str
    after: int | None = None
    seen: str = ""


def read_truncate(answer: Answer, printed: str) -> Truncated:
    done = TRUNCATED.search(printed)
    if done and not answer.error:
        return Truncated("done", int(done[3]), done[0].strip())
    numbers = [number for number, _, _ in answer.msgs]
    seen = ", ".join(f"Msg {number}" for number in numbers)
    if done or not numbers or any(level >= SERVER_GONE for _, level, _ in answer.msgs):
        return Truncated("", None, seen)
    if refused := REFUSED.search(printed):
        return Truncated("late", None, refused[0])
    return Truncated("busy" if LOCK_TIMEOUT in numbers else "refused", None, seen)
