# SPDX-License-Identifier: GPL-3.0-or-later
"""Log-on to the station's SQL Server, and what the server says, in terms of the clients.

A client on a station reaches that station's own server by any of its names; a server of another station is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from impax_lab.state import LabError
from impax_lab.windows.sql.values import Column

if TYPE_CHECKING:
    from impax_lab.program import Call

LOCAL = {"", ".", "(local)", "localhost", "127.0.0.1"}
DEFAULT_INSTANCE = "MSSQLSERVER"
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
    if logon.user is None:
        session = _log_on(server, f"{call.station.spec.hostname.upper()}\\{call.user}", None)
    else:
        session = _log_on(server, logon.user, logon.password)
    if logon.database:
        _use(session, logon)
    return session


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


def _log_on(server: Any, user: str, password: str | None) -> Any:
    raise NotImplementedError


def _use(session: Any, logon: Logon) -> None:
    raise NotImplementedError


def answers(session: Any, batch: str) -> Iterator[Any]:
    raise NotImplementedError
