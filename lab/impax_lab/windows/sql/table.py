# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows into a table as a bulk load puts them there: identities kept or made anew, row versions never taken over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from impax_lab.windows.sql import connection
from impax_lab.windows.sql.connection import Rows, Said
from impax_lab.windows.sql.values import Column, plain


class Unloadable(Exception):
    """The server refused; its messages."""

    def __init__(self, messages: list[Said]) -> None:
        super().__init__(messages[0].text if messages else "")
        self.messages = messages


class Table:
    """The table that is loaded. columns: all of them, in order, as the data file has them."""

    def __init__(self, session: Any, name: str, *, keep_identity: bool, keep_nulls: bool) -> None:
        self._session, self.name = session, name
        self._keep_identity, self._keep_nulls = keep_identity, keep_nulls
        self.columns = self._ask(f"select * from {name} where 1 = 0").columns
        self._identity = self._identity_column()

    def insert(self, rows: Sequence[Sequence[Any]]) -> None:
        """All rows or none. Raises Unloadable."""
        taken = [at for at, column in enumerate(self.columns) if self._taken(column)]
        names = ", ".join(f"[{self.columns[at].name}]" for at in taken)
        self._run("begin transaction")
        try:
            if self._identity and self._keep_identity:
                self._run(f"set identity_insert {self.name} on")
            for row in rows:
                values = ", ".join(literal(row[at], self.columns[at]) for at in taken)
                self._run(f"insert into {self.name} ({names}) values ({values})")
            if self._identity and self._keep_identity:
                self._run(f"set identity_insert {self.name} off")
        except Unloadable:
            list(connection.answers(self._session, "if @@trancount > 0 rollback transaction"))
            raise
        self._run("commit transaction")

    def _taken(self, column: Column) -> bool:
        if column.kind in ("timestamp", "rowversion"):
            return False
        return column.name.lower() != self._identity or self._keep_identity

    def _identity_column(self) -> str:
        database, _, rest = self.name.partition("..") if ".." in self.name else ("", "", self.name)
        table = f"{database}..{rest}" if database else rest
        for column in self.columns:
            where = f"columnproperty(object_id('{table}'), '{column.name}', 'IsIdentity')"
            if self._ask(f"select {where}").rows[0][0] == 1:
                return column.name.lower()
        return ""

    def _run(self, statement: str) -> None:
        messages = [answer for answer in connection.answers(self._session, statement) if _is_error(answer)]
        if messages:
            raise Unloadable(messages)

    def _ask(self, query: str) -> Rows:
        answers = list(connection.answers(self._session, query))
        messages = [answer for answer in answers if _is_error(answer)]
        found = next((answer for answer in answers if isinstance(answer, Rows)), None)
        if messages or found is None:
            raise Unloadable(messages)
        return found


def _is_error(answer: Any) -> bool:
    return isinstance(answer, Said) and answer.level > 10


def literal(value: Any, column: Column) -> str:
    """A value as Transact-SQL writes it."""
    if value is None:
        return "NULL"
    if isinstance(value, (bytes, bytearray)):
        return "0x" + bytes(value).hex()
    if column.right:
        return plain(value, column.kind)
    return "N'" + plain(value, column.kind).replace("'", "''") + "'"
