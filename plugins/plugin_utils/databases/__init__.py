# SPDX-License-Identifier: GPL-3.0-or-later
"""One door for SQL on each engine. Who logs on, how, and with which client is known here and nowhere else.

`open_database` gives the door; `ask` carries named questions in one session and one round trip, and takes other
commands along that need no decision in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Protocol

from ..command import Command, Outcome
from ..executor import Station
from ..programs._answers import Answer

ORACLE_SPEC: dict[str, Any] = {
    "account": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "os_user": {"type": "str"},
    "client": {"type": "str"},
}
SQLSERVER_SPEC: dict[str, Any] = {
    "account": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "passkey": {"type": "str"},
    "server": {"type": "str", "default": "."},
    "database": {"type": "str", "default": "mvf"},
    "client": {"type": "str"},
}
DATABASE_SPEC: dict[str, Any] = {
    "engine": {"type": "str", "required": True, "choices": ["oracle", "sqlserver"]},
    **SQLSERVER_SPEC,
    **ORACLE_SPEC,
}


class Database(Protocol):
    """engine: ``oracle`` or ``sqlserver``."""

    engine: str

    def ask(
        self,
        questions: Mapping[str, str],
        others: Sequence[Command] = (),
        *,
        timeout: float = 900,
        each: int | None = None,
    ) -> tuple[Mapping[str, Answer], list[Outcome]]:
        """The answer of each question (name -> SQL), asked in one session, and the outcomes of `others`, all in one
        round trip. each: seconds for one question and a short wait for locks, where the engine has such limits (SQL
        Server; Oracle's readers wait for nobody, and only `timeout` ends them). Raises Stop when the session's end was not seen
        or its client did not end as meant."""
        ...


def open_database(action: Any, want: SimpleNamespace, station: Station) -> Database:
    """The database that `want` (arguments of DATABASE_SPEC) names. Raises Stop where nobody can log on."""
    if want.engine == "oracle":
        from .oracle import OracleDatabase

        return OracleDatabase(action, want, station)
    from .sqlserver import SqlServerDatabase

    return SqlServerDatabase(action, want, station)
