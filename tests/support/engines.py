# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's database engines as the tests ask them: answers in short forms, and threads that wait for locks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from impax_lab.engine.mssql import Affected, Message, Rows, Server
from impax_lab.engine.oracle import Instance, OracleError

PASSWORD = "dbadmin-Lab-7391"
ORACLE = {
    "name": "MVF", "version": "11.2.0.4.0",
    "users": {"SYS": {"password": "sys-Lab-1"}, "DBADMIN": {"password": PASSWORD}, "MVF": {"password": "mvf-Lab-1"}},
    "tables": {"map_event_audit": {"owner": "DBADMIN", "rows": 20, "null_user_id": 3}},
}  # fmt: skip
SQL_SERVER = {
    "host": "as300", "version": "2005", "collation": "Latin1_General_CI_AS", "logins": {"sa": {"password": "sa-Lab-9043"}},
    "windows_logins": ["AgfaService"], "databases": {"mvf": {}},
    "tables": {"map_event_audit": {"database": "mvf", "rows": 20, "null_user_id": 3}},
}  # fmt: skip


def instance(folder: Path, **differs: Any) -> Instance:
    return Instance(folder, {**ORACLE, **differs})


def server(folder: Path, **differs: Any) -> Server:
    return Server(folder, {**SQL_SERVER, **differs})


def asked(session: Any, sql: str) -> Any:
    """Oracle: the rows of a query, "ORA-00942" of an error, the number of rows touched by anything else."""
    try:
        result = session.execute(sql)
    except OracleError as failed:
        return failed.message[:9]
    return [tuple(row) for row in result.rows] if result.columns else result.affected


def told(session: Any, batch: str) -> list[Any]:
    """SQL Server: rows as lists of tuples, messages as numbers (what PRINT says as text), counts as ``"n rows"``."""
    return [short(answer) for answer in session.batch(batch) if not noise(answer)]


def noise(answer: Any) -> bool:
    """Changed database context; the statement has been terminated; a NULL was passed over."""
    return isinstance(answer, Message) and answer.number in (3621, 5701, 8153)


def short(answer: Any) -> Any:
    if isinstance(answer, Rows):
        return [tuple(row) for row in answer.rows]
    if isinstance(answer, Affected):
        return f"{answer.count} rows"
    return answer.text if answer.number == 0 else answer.number


def value(session: Any, query: str) -> Any:
    """The one value of a query of SQL Server."""
    (rows, *_) = told(session, query)
    assert isinstance(rows, list) and len(rows) == 1 and len(rows[0]) == 1, rows
    return rows[0][0]


class Beside:
    """Something done by another thread, which the test waits for or finds waiting."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.result: Any = None
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def _run(self, work: Callable[[], Any]) -> None:
        try:
            self.result = work()
        except BaseException as failed:
            self.result = failed

    def waits(self, seconds: float = 0.15) -> bool:
        """Whether it has not come to its end in that time."""
        self._thread.join(seconds)
        return self._thread.is_alive()

    def done(self, seconds: float = 5) -> Any:
        self._thread.join(seconds)
        assert not self._thread.is_alive(), "it still waits"
        return self.result
