# SPDX-License-Identifier: GPL-3.0-or-later
"""What the programs of the Migration Toolbox have in common here: a log-on to the station's database, statements in order.

On Solaris ``/ as sysdba`` of an account in the group dba; on Windows the Windows log-on or an account with its password. All
of it `assumed`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from impax_lab.engine.oracle import OracleError
from impax_lab.program import Call
from impax_lab.sqlplus import database
from impax_lab.windows.sql import connection
from impax_lab.windows.sql.connection import LogonFailed, NoServer, Said

PLACES = {"unix": ["/usr/mvf-mig6/bin"], "windows": ["C:\\mvf-mig6\\bin"]}
REPORTS = {True: "C:\\mvf-mig6\\reports", False: "/usr/mvf-mig6/reports"}
OWNER = "MVF"  # assumed: of what the toolbox makes on Oracle


class Refused(Exception):
    """The database gave no session, or refused a statement; what its client prints."""


@dataclass
class Database:
    """oracle: which of the two engines. run(statement) -> rows, () where it is no query. Raises Refused."""

    oracle: bool
    run: Callable[[str], Sequence[Sequence[Any]]]
    close: Callable[[], None]

    def number(self, query: str) -> int:
        return int(self.run(query)[0][0])


def has_oracle(call: Call) -> bool:
    return bool(call.station.spec.oracle)


def connect(call: Call, user: str | None = None, password: str = "", name: str = "mvf") -> Database:
    """user None: by the operating system. Raises Refused."""
    return _oracle(call, user, password) if has_oracle(call) else _sqlserver(call, user, password, name)


def _oracle(call: Call, user: str | None, password: str) -> Database:
    try:
        session, _ = database.log_on(call, "/ as sysdba" if user is None else f'{user}/"{password}"')
    except OracleError as failed:
        raise Refused(f"ERROR:\n{failed.message}\n\n\nSP2-0640: Not connected\n") from None

    def run(statement: str) -> Sequence[Sequence[Any]]:
        try:
            return database.run(call, session, statement).rows
        except OracleError as failed:
            raise Refused(database.shown(failed, statement)) from None

    return Database(True, run, session.close)


def _sqlserver(call: Call, user: str | None, password: str, name: str) -> Database:
    try:
        session = connection.connect(call, connection.Logon(".", user, password, name))
    except LogonFailed as failed:
        raise Refused("".join(_message(call, each) for each in failed.messages)) from None
    except NoServer:
        raise Refused(f"[{connection.driver(call)}]Login timeout expired\n") from None

    def run(statement: str) -> Sequence[Sequence[Any]]:
        rows: Sequence[Sequence[Any]] = ()
        for answer in connection.answers(session, statement):
            if isinstance(answer, Said) and answer.level > 10:
                raise Refused(_message(call, answer))
            rows = answer.rows if isinstance(answer, connection.Rows) else rows
        return rows

    return Database(False, run, session.close)


def _message(call: Call, said: Said) -> str:
    head = f"Msg {said.number}, Level {said.level}, State {said.state}, Server {connection.server_name(call)}"
    return f"{head}, Line {said.line}\n{said.text}\n"


def switches(words: Sequence[str], valued: str, flags: str = "") -> dict[str, str] | None:
    """``-d mvf -o`` as {"d": "mvf", "o": ""}; None where a word does not belong."""
    given, rest = {}, list(words)
    while rest:
        word = rest.pop(0)
        letter = word[1:] if word.startswith("-") and len(word) == 2 else ""
        if letter and letter in valued and rest:
            given[letter] = rest.pop(0)
        elif letter and letter in flags:
            given[letter] = ""
        else:
            return None
    return given
