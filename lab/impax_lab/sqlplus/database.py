# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL*Plus and its database: logging on, running a statement, and what is printed of an error.

Messages: Oracle Database Error Messages 11.2. Feedback texts: SQL*Plus User's Guide, "SET FEEDBACK".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from impax_lab import oracle_instance
from impax_lab.dump.values import CODECS
from impax_lab.engine.oracle import OracleError
from impax_lab.rman.session import is_dba
from impax_lab.sqlplus.idle import Idle
from impax_lab.sqlplus.layout import Column
from impax_lab.state import LabError

if TYPE_CHECKING:
    from impax_lab.program import Call

CONNECT_USAGE = """\
SP2-0306: Invalid option.
Usage: CONN[ECT] [{logon|/|proxy} [AS {SYSDBA|SYSOPER|SYSASM}] [edition=value]]
where <logon> ::= <username>[/<password>][@<connect_identifier>]
      <proxy> ::= <proxyuser>[<username>][/<password>][@<connect_identifier>]
"""
OPTIONS = "With the Partitioning, OLAP, Data Mining and Real Application Testing options"
DONE = (
    (r"truncate\s+table", "Table truncated."),
    (r"lock\s+table", "Table(s) Locked."),
    (r"commit", "Commit complete."),
    (r"rollback", "Rollback complete."),
    (r"create\s+.*?\btable\b", "Table created."),
    (r"drop\s+table", "Table dropped."),
    (r"alter\s+table\b", "Table altered."),
    (r"alter\s+session", "Session altered."),
    (r"alter\s+system", "System altered."),
    (r"alter\s+database", "Database altered."),
    (r"alter\s+user", "User altered."),
    (r"alter\s+tablespace", "Tablespace altered."),
    (r"create\s+.*?\bindex\b", "Index created."),
    (r"create\s+.*?\bview\b", "View created."),
    (r"drop\s+(index|view|user)", "{} dropped."),
    (r"create\s+(user)", "{} created."),
    (r"(grant|revoke)", "{} succeeded."),
    (r"set\s+transaction", "Transaction set."),
    (r"comment", "Comment created."),
    (r"savepoint", "Savepoint created."),
    (r"analyze", "Table analyzed."),
    (r"declare|begin", "PL/SQL procedure successfully completed."),
)
COUNTED = {"insert": "created", "update": "updated", "delete": "deleted", "merge": "merged"}
NO_PROCESS = "Process ID: 0\nSession ID: 0 Serial number: 0"
WINDOWS_CHARSET = "WE8MSWIN1252"  # assumed: NLS_LANG of the registry
# behaviours that answer a log-on, by the message they answer with
LOG_ON_FAULTS = {
    "account_locked": (28000, "the account is locked"),
    "wrong_password": (1017, "invalid username/password; logon denied"),
    "not_available": (1034, "ORACLE not available\nORA-27101: shared memory realm does not exist\n"
                            f"SVR4 Error: 2: No such file or directory\n{NO_PROCESS}"),
    "no_listener": (12541, "TNS:no listener"),
    "password_expired": (28001, "the password has expired"),
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """columns None: no query. printed: lines of DBMS_OUTPUT."""

    columns: list[Column] | None = None
    rows: Sequence[Sequence[Any]] = ()
    affected: int = 0
    printed: Sequence[str] = field(default_factory=list)


def log_on(call: Call, logon: str, idle: bool = False) -> tuple[Any, str]:
    """A session and the name it is logged on as. Raises OracleError.

    idle: an instance that is not started gives a connection by the operating system on which nothing works.
    """
    user, password, sysdba, network = _parts(logon)
    if call.behaviour in LOG_ON_FAULTS:
        raise _refused(call, *LOG_ON_FAULTS[call.behaviour])
    try:
        instance = call.station.oracle
    except LabError:
        raise error(1034, "ORACLE not available") from None
    state = oracle_instance.status(call.station)
    _reached(call, state, network)
    if not user and not sysdba:
        raise error(1017, "invalid username/password; logon denied")
    if not user and not is_dba(call):
        raise error(1031, "insufficient privileges")
    if state == "down":
        if idle and sysdba and not user:
            return Idle(), "SYS"
        raise _refused(call, *LOG_ON_FAULTS["not_available"])
    if state == "mounted" and not sysdba:
        raise error(1033, f"ORACLE initialization or shutdown in progress\n{NO_PROCESS}")
    instance.mode = state
    session = instance.logon(user, password) if user else instance.internal()
    return session, "SYS" if sysdba else user.strip('"').upper()


def _reached(call: Call, state: str, network: bool) -> None:
    """Raises OracleError where there is no way to the instance: by the listener, or to the service on Windows."""
    if network and not oracle_instance.listens(call.station):
        raise error(12541, "TNS:no listener")
    if network and state == "down":
        raise error(12514, "TNS:listener does not currently know of service requested in connect descriptor")
    if oracle_instance.service_stopped(call.station):
        raise error(12560, "TNS:protocol adapter error")


def _refused(call: Call, code: int, message: str) -> OracleError:
    """Windows has no line of SVR4's."""
    lines = [line for line in message.split("\n") if not (call.windows and line.startswith("SVR4"))]
    return error(code, "\n".join(lines))


def _parts(logon: str) -> tuple[str, str, bool, bool]:
    """User, password, as sysdba, by the listener. Which identifier does not matter: a station has one instance (assumed)."""
    text, sysdba = re.subn(r"(?i)\s+as\s+(sysdba|sysoper)\s*$", "", f" {logon.strip()}")
    match = re.fullmatch(r'\s*("[^"]*"|[^/@\s]*)\s*(?:/\s*("[^"]*"|[^@]*?))?\s*(@\S+)?', text)
    user, password = (match[1], match[2] or "") if match else ("", "")
    return user, password[1:-1] if password[:1] == '"' else password, bool(sysdba), bool(match and match[3])


def error(code: int, message: str, line: int | None = None, column: int | None = None) -> OracleError:
    return OracleError(code, f"ORA-{code:05}: {message}", line, column)


def run(call: Call, session: Any, statement: str) -> Answer:
    """Run it, unless a fault says otherwise. Raises OracleError."""
    changing = not re.match(r"\s*(select|with|alter\s+session|set\s)", statement, re.I)
    if call.pretend and changing:
        return Answer(affected=1)
    _fault_before(call, statement, changing)
    session.no_room = call.full
    with _late_row(call, statement):
        result = session.execute(statement)
    if call.behaviour == "lost_contact_after" and changing:
        session.close()
        raise error(3113, "end-of-file on communication channel")
    return _answer(result)


def _fault_before(call: Call, statement: str, changing: bool) -> None:
    behaviour = call.behaviour
    if behaviour == "lost_contact_before" and changing:
        raise error(3113, "end-of-file on communication channel")
    if behaviour == "resource_busy" and re.search(r"\b(lock\s+table|truncate)\b", statement, re.I):
        raise error(54, "resource busy and acquire with NOWAIT specified or timeout expired")
    if behaviour == "snapshot_too_old" and re.search(r"\bas\s+of\s+scn\b", statement, re.I):
        raise error(1555, 'snapshot too old: rollback segment number 9 with name "_SYSSMU9_1650507775$" too small')
    if behaviour == "no_flashback_right" and re.search(
        r"as\s+of\s+scn|current_scn|get_system_change_number", statement, re.I
    ):
        raise error(1031, "insufficient privileges")


@contextmanager
def _late_row(call: Call, statement: str) -> Iterator[None]:
    """Another session commits a row before a block begins, or in the gap between TRUNCATE's own commit and its work."""
    table = re.search(r"\b(?:lock|truncate)\s+table\s+([\w.]+)", statement, re.I)
    if table and call.behaviour == "row_before_block":
        call.station.oracle.arrive(table[1])
    if not (table and call.behaviour == "row_before_truncate"):
        yield
        return
    hooks = call.station.oracle.hooks
    hooks["before_truncate"] = lambda name: call.station.oracle.arrive(table[1])
    try:
        yield
    finally:
        hooks.pop("before_truncate", None)


def _answer(result: Any) -> Answer:
    if result.columns:
        return Answer([_column(each) for each in result.columns], result.rows)
    return Answer(affected=result.affected or 0, printed=result.printed)


def _column(given: Any) -> Column:
    name, type_name, size = given[:3]
    return Column(name, _kind(type_name), size or 0)


def _kind(type_name: str) -> str:
    word = str(type_name).lower().split("(")[0]
    if word in ("number", "integer", "float", "int", "decimal"):
        return "number"
    if word in ("date",) or word.startswith("timestamp"):
        return "date"
    return "long" if word in ("clob", "nclob", "long", "blob") else "text"


def feedback(statement: str, affected: int) -> str:
    text = re.sub(r"(?s)/\*.*?\*/|--[^\n]*", " ", statement).strip()
    word = text.split(None, 1)[0].lower() if text else ""
    if word in COUNTED:
        return f"{affected} row{'' if affected == 1 else 's'} {COUNTED[word]}."
    for pattern, said in DONE:
        if match := re.match(pattern, text, re.I | re.S):
            return said.format(*(part.capitalize() for part in match.groups()))
    return "Statement processed."


def shown(failed: OracleError, statement: str) -> str:
    """The line at fault, a star under the place, the message."""
    line, column = failed.line or 1, failed.column or 1
    lines = statement.split("\n")
    text = lines[line - 1] if line <= len(lines) else lines[-1]
    return f"{text}\n{' ' * (column - 1)}*\nERROR at line {line}:\n{failed.message}\n\n\n"


def charset(call: Call) -> str:
    """The client's character set: the third part of NLS_LANG, of Windows' registry too, else US7ASCII (Globalization
    Support Guide)."""
    match = re.search(r"\.(\w+)$", call.env.get("NLS_LANG", ""))
    return match[1].upper() if match else WINDOWS_CHARSET if call.windows else "US7ASCII"


def in_charset(call: Call, text: str) -> bytes:
    """What the client's character set has not got is a question mark, without a word."""
    if call.windows:
        text = text.replace("\n", "\r\n")
    return text.encode(CODECS.get(charset(call), "ascii"), "replace")


def with_ending(name: str, ending: str) -> str:
    """A file's name with its ending where it has none; on Windows, too, a dot in a folder's name is none."""
    return name if "." in re.split(r"[/\\]", name)[-1] else f"{name}{ending}"


def banner(call: Call) -> str:
    version = call.station.spec.oracle.get("version", "11.2.0.4.0")
    return f"Oracle Database {edition(version)} Enterprise Edition Release {version} - 64bit Production\n{OPTIONS}"


def edition(version: str) -> str:
    number = version.split(".")[0]
    return number + {"9": "i", "10": "g", "11": "g"}.get(number, "c")
