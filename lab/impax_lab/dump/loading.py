# SPDX-License-Identifier: GPL-3.0-or-later
"""imp without SHOW: the tables of a dump made and filled in a schema."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from impax_lab.dump import dumpfile, parameters, values
from impax_lab.dump.talk import Talk
from impax_lab.engine.oracle import OracleError

AT_ONCE = 8  # rows in one statement; the engine takes no long chains


@dataclass(frozen=True)
class _Charsets:
    """That of the file, and that of the client, through which every text passes."""

    file: str
    client: str

    def text(self, stored: bytes) -> str:
        read = stored.decode(values.CODECS.get(self.file, "ascii"), "replace")
        codec = values.CODECS.get(self.client, "ascii")
        return read.encode(codec, "replace").decode(codec)


def load(talk: Talk, session: Any, user: str, made: dumpfile.Dump, given: dict[str, str]) -> None:
    """FROMUSER/TOUSER, TABLES and IGNORE as in the guide; rows are committed once a table is in (COMMIT=N)."""
    wanted = {name.upper() for name in parameters.listed(given.get("tables", ""))}
    owner = given.get("touser", user).upper()
    talk.say(f". importing {made.user}'s objects into {owner}\n")
    for table in made.tables:
        if not wanted or table.name in wanted or "*" in wanted:
            _table(talk, session, owner, table, _Charsets(made.charset, talk.charset()[0]), given)


def _table(
    talk: Talk, session: Any, owner: str, table: dumpfile.Table, charsets: _Charsets, given: dict[str, str]
) -> None:
    try:
        session.execute(_create(owner, table))
    except OracleError as error:
        if not (error.code == 955 and parameters.is_yes(given.get("ignore"))):
            _failed(talk, table.create, error)
            return
    talk.say(f". . importing table {chr(34) + table.name + chr(34):>32}")
    try:
        for rows in _chunks(table.rows):
            session.execute(_insert(owner, table, rows, charsets))
        session.commit()
    except OracleError as error:
        talk.say("\n")
        _failed(talk, table.insert, error)
        session.rollback()
        return
    talk.say(f" {len(table.rows):>10} rows imported\n")


def _failed(talk: Talk, statement: str, error: OracleError) -> None:
    if error.code == 955:
        talk.warn(15, "following statement failed because the object already exists:")
    else:
        talk.warn(17, f"following statement failed with ORACLE error {error.code}:")
    talk.say(f' "{statement[:75]}"\n')
    if error.code != 955:
        talk.warn(3, f"ORACLE error {error.code} encountered")
        talk.say(f"{error.message}\n")


def _create(owner: str, table: dumpfile.Table) -> str:
    parts = [f'"{each.name}" {each.type}{"" if each.nullable else " NOT NULL"}' for each in table.columns]
    return f'CREATE TABLE "{owner}"."{table.name}" ({", ".join(parts)})'


def _insert(owner: str, table: dumpfile.Table, rows: list[list[bytes | None]], charsets: _Charsets) -> str:
    names = ", ".join(f'"{each.name}"' for each in table.columns)
    whole = " union all ".join(f"select {_literals(table, row, charsets)} from dual" for row in rows)
    return f'INSERT INTO "{owner}"."{table.name}" ({names}) {whole}'


def _literals(table: dumpfile.Table, row: list[bytes | None], charsets: _Charsets) -> str:
    return ", ".join(_literal(value, column, charsets) for value, column in zip(row, table.columns, strict=True))


def _literal(value: bytes | None, column: dumpfile.Column, charsets: _Charsets) -> str:
    if value is None:
        return "null"
    if column.type.startswith("NUMBER"):
        return str(values.number_of(value))
    if column.type.startswith("DATE"):
        return f"to_date('{values.date_of(value)}', 'YYYY-MM-DD HH24:MI:SS')"
    return "'" + charsets.text(value).replace("'", "''") + "'"


def _chunks(rows: list[list[bytes | None]]) -> Iterable[list[list[bytes | None]]]:
    return (rows[at : at + AT_ONCE] for at in range(0, len(rows), AT_ONCE))
