# SPDX-License-Identifier: GPL-3.0-or-later
"""Log-on to the station's SQL Server, and what the server says, in terms of the clients.

A client on a station reaches that station's own server by any of its names; a server of another station is not there.
"""

from __future__ import annotations

import importlib
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from impax_lab.program import HungUp
from impax_lab.state import LabError
from impax_lab.windows.sql.values import Column

if TYPE_CHECKING:
    from impax_lab.program import Call

LOCAL = {"", ".", "(local)", "localhost", "127.0.0.1"}
DEFAULT_INSTANCE = "MSSQLSERVER"
WATCH_SECONDS = 0.2
NOT_FOUND, REFUSED = 53, 2  # Windows errors: no such network path; no such pipe, as when the service is stopped


class NoServer(Exception):
    """Nothing answers there; `code` is the Windows error."""

    def __init__(self, code: int) -> None:
        super().__init__(f"no server: {code}")
        self.code = code


@dataclass(frozen=True)
class Said:
    """A message of the server."""

    number: int
    level: int
    state: int
    line: int
    text: str
    procedure: str = ""


@dataclass(frozen=True)
class Rows:
    """A result set."""

    columns: tuple[Column, ...]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Affected:
    """How many rows a statement has touched; not said under SET NOCOUNT ON."""

    count: int


class LogonFailed(Exception):
    """The server refused the log-on, in these messages."""

    def __init__(self, *messages: Said) -> None:
        super().__init__(messages[0].text)
        self.messages = messages


class Refused(Exception):
    """The server refused a copy, in these messages."""

    def __init__(self, *messages: Said) -> None:
        super().__init__(messages[0].text if messages else "")
        self.messages = messages


@dataclass(frozen=True)
class Logon:
    """How a client logs on. user: None for a trusted connection."""

    server: str = ""
    user: str | None = None
    password: str = ""
    database: str = ""


def server_name(call: Call) -> str:
    """@@SERVERNAME: the machine, with the instance's name unless it is the default one."""
    name = str(call.station.spec.sqlserver.get("name", DEFAULT_INSTANCE))
    host = call.station.spec.hostname.upper()
    return host if name.upper() == DEFAULT_INSTANCE else f"{host}\\{name}"


def version(call: Call) -> int:
    """The server's major version, which is also that of the client tools: 8, 9, 10 ..."""
    return int(str(call.station.spec.sqlserver.get("version", "9")).partition(".")[0])


def driver(call: Call) -> str:
    """The driver's name in the clients' messages."""
    known = {8: "ODBC SQL Server Driver", 9: "SQL Native Client", 10: "SQL Server Native Client 10.0"}
    return known.get(version(call), "SQL Server Native Client 11.0")


def connect(call: Call, logon: Logon) -> Any:
    """A session of the engine. Raises NoServer or LogonFailed."""
    server = _reach(call, logon.server)
    if call.behaviour in _REFUSALS:
        raise LogonFailed(_refusal(call.behaviour, logon.user or call.user))
    account = _windows_account(call) if logon.user is None else logon.user
    password = None if logon.user is None else logon.password
    try:
        return server.logon(account, password, logon.database or None)
    except _engine().LogonFailed as problem:
        raise LogonFailed(*map(_said, problem.messages)) from problem


def _windows_account(call: Call) -> str:
    if call.user.upper() == "SYSTEM":
        return "NT AUTHORITY\\SYSTEM"
    return f"{call.station.spec.hostname.upper()}\\{call.user}"


def _reach(call: Call, name: str) -> Any:
    if call.behaviour == "no_server" or not _is_local(call, name):
        raise NoServer(NOT_FOUND)
    instance = str(call.station.spec.sqlserver.get("name", DEFAULT_INSTANCE))
    services = {**call.station.spec.services, **call.station.folder.remembered().get("services", {})}
    state = next((state for service, state in services.items() if service.upper() == _service(instance)), "running")
    if state != "running":
        raise NoServer(REFUSED)
    try:
        return call.station.sqlserver
    except LabError as error:
        raise NoServer(REFUSED) from error


def _service(instance: str) -> str:
    return DEFAULT_INSTANCE if instance.upper() == DEFAULT_INSTANCE else f"MSSQL${instance}".upper()


def _is_local(call: Call, name: str) -> bool:
    bare = re.sub(r"^(tcp|np|lpc):", "", name.strip(), flags=re.IGNORECASE)
    bare = re.sub(r",1433$", "", bare)
    host, _, instance = bare.partition("\\")
    own = str(call.station.spec.sqlserver.get("name", DEFAULT_INSTANCE))
    here = host.lower() in LOCAL | {call.station.spec.hostname.lower()}
    return here and (instance or DEFAULT_INSTANCE).upper() == own.upper()


_REFUSALS = {
    "wrong_password": (18456, "Login failed for user '{user}'."),
    "locked_account": (
        18486,
        "Login failed for user '{user}' because the account is currently locked out. The system administrator can "
        "unlock it.",
    ),
}


def _refusal(behaviour: str, user: str) -> Said:
    number, text = _REFUSALS[behaviour]
    return Said(number, 14, 1, 1, text.format(user=user))


# The engine's terms -------------------------------------------------------------------------------------------------


def _engine() -> ModuleType:
    """The engine's module; a station without a SQL Server never loads it."""
    return importlib.import_module("impax_lab.engine.mssql")


class Watch:
    """While a session is at work: `limit` seconds, or the end of the client, end what it does there (an attention)."""

    def __init__(self, call: Call, session: Any, limit: float = 0) -> None:
        self._call, self._session = call, session
        self._until = time.monotonic() + limit if limit else None
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._look, daemon=True)
        self.timed_out = self.gone = False

    def __enter__(self) -> Watch:
        self._watcher.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._over.set()
        self._watcher.join()
        if self.gone:
            raise HungUp

    def _look(self) -> None:
        while not self._over.wait(WATCH_SECONDS):
            self.gone = bool(self._call.signalled(0))
            self.timed_out = self._until is not None and time.monotonic() > self._until
            if self.gone or self.timed_out:
                self._session.cancel()
                return


def answers(session: Any, batch: str) -> Iterator[Rows | Said | Affected]:
    """What the server answers to a batch, in order."""
    for answer in session.batch(batch):
        if isinstance(answer, _engine().Rows):
            yield rows(answer)
        elif isinstance(answer, _engine().Message):
            yield _said(answer)
        else:
            yield Affected(answer.count)


def exported(session: Any, what: str) -> Rows:
    """All rows of a table or query. Raises Refused."""
    try:
        return rows(session.export(what))
    except _engine().Refused as problem:
        raise Refused(*map(_said, problem.messages)) from problem


def columns(session: Any, table: str) -> tuple[Column, ...]:
    """All columns of a table, in order. Raises Refused."""
    try:
        return tuple(map(_column, session.table(table)))
    except _engine().Refused as problem:
        raise Refused(*map(_said, problem.messages)) from problem


def insert(session: Any, table: str, values: list[list[Any]], **how: Any) -> int:
    """Bulk load; how: keep_identity, keep_nulls, batch. The result is the number of rows. Raises Refused."""
    try:
        return int(session.bulk_insert(table, values, **how))
    except _engine().Refused as problem:
        raise Refused(*map(_said, problem.messages)) from problem


def rows(answer: Any) -> Rows:
    return Rows(tuple(map(_column, answer.columns)), answer.rows)


def _column(column: Any) -> Column:
    return Column(column.name, column.kind, column.size or 0, column.scale or 0, column.nullable)


def _said(message: Any) -> Said:
    return Said(message.number, message.level, message.state, message.line, message.text, message.procedure or "")
