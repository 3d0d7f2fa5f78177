# SPDX-License-Identifier: GPL-3.0-or-later
"""osql, sqlcmd and isql: SQL Server's clients. Without -b they end with 0 after any error; osql prints 1> 2> unless -n.

Messages of level 0 to 10 are information. A log-on that fails may print a Msg line or, by newer drivers, none at all.
The password goes by the environment (OSQLPASSWORD, SQLCMDPASSWORD), or not at all with -E.
Source: SQL Server 2000 and 2005 Books Online, "osql Utility", "sqlcmd Utility".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..command import Command, Secret
from . import _answers
from ._columns import only_number, single, table

TRANSCRIPTS = ("sqlcmd", "osql", "isql")

# "Msg 208, Level 16, State 1, Server X, Line 1", before 2005 "Server: Msg 208, ...". The words are translated, the commas
# may be wide ones, the bytes of a code page that is not known stand here as they came; the order of the numbers is firm.
WORD = r"(?:[A-Za-z.]|[^\x00-\x7f]|(?<=[^\x00-\x7f])[@\[-`{-~])+"  # a second byte can be an ASCII sign
NEXT = rf"(?:, ?|(?=[^\x00-\x7f])){WORD} ?"
MSG = re.compile(rf"^(?:{WORD} ?[:\uff1a] ?)?{WORD} ?(\d{{1,9}}){NEXT}(\d{{1,2}}){NEXT}(\d{{1,3}})(?!\d)", re.M | re.A)
DRIVER = r"(?:Microsoft )?(?:SQL (?:Server )?Native Client|ODBC Driver)"
LAYER = r"(?:DBNETLIB|DBMSLPCN|Shared Memory|Named Pipes|TCP/IP Sockets|Multiprotocol|DB-Library)"
# What a client says without the server: no Msg line stands above it
CLIENT_ERROR = re.compile(
    rf"^(?:\[(?:Microsoft|{DRIVER}[^\]\n]*|{LAYER})\]|{DRIVER}|(?:Sqlcmd|Osql|Isql): (?!Warning)|DB-Library|HResult |mssql: )"
    r"|^Login failed for user ",
    re.M | re.I,
)
NO_CONNECTION = re.compile(
    rf"^HResult |^(?:Sqlcmd|Osql|Isql): [^\n:]+: *{DRIVER}|^(?:{DRIVER}|\[{DRIVER}[^\]\n]*\](?!\[SQL Server\]|(?:Query )?Timeout expired))"
    rf"|^(?:\[[^\]\n]*\])*\[{LAYER}\]|Login timeout expired|^Login failed for user |^mssql: login|\]Login failed for user ",
    re.M | re.I,
)
LOG_ON = frozenset({18456, 18452, 18470, 18486, 18487, 18488, 4060, 17, 11001, 10061, 53})
# "(3 rows affected)", "(3 row(s) affected)", "(3 Zeilen betroffen)"; in Russian the number comes last; some brackets are wide
LETTER = r"(?:[A-Za-z]|[^\x00-\x7f])"
AFFECTED = re.compile(rf"^[(\uff08](?:(\d+) ?{LETTER}[^\d\n]*|{LETTER}[^\d\n]*?(\d+))[)\uff09]\s*$", re.M | re.A)
PROMPTS = re.compile(r"^(?:\d+> ?)+", re.M)
SEPARATOR = "|"
MARK = "IMPAX"
PASSWORD = {"osql": "OSQLPASSWORD", "sqlcmd": "SQLCMDPASSWORD"}
INFORMATION = 10  # highest level that is no error


@dataclass(frozen=True)
class Answer(_answers.Answer):
    """What one batch answered. msgs: (number, level, state) of errors."""

    NULL: ClassVar[str] = "NULL"
    rows: tuple[tuple[str, ...], ...] | None
    msgs: tuple[tuple[int, int, int], ...] = ()

    @property
    def errors(self) -> tuple[str, ...]:
        return tuple(f"Msg {number}" for number, _, _ in self.msgs)


@dataclass(frozen=True)
class Printed:
    """Console output as people see it. error None: nothing was printed. affected: each "(n rows affected)".
    connected False: the log-on failed; else None."""

    error: bool | None
    msgs: tuple[tuple[int, int, int], ...]
    connected: bool | None
    affected: tuple[int, ...]
    rows: tuple[tuple[object, ...], ...] | None
    value: int | float | None


@dataclass(frozen=True)
class LogOn:
    """account None: the Windows log-on (-E), which needs no password."""

    server: str = "."
    database: str = "master"
    account: str | None = None
    password: Secret | None = None
    client: str = "osql"


LOCK_WAIT_MS = 5000


def ask(
    queries: Mapping[str, str], logon: LogOn, *, nonce: str, timeout: float = 300, each: int | None = None
) -> Command:
    """One session that answers `queries` (name -> T-SQL), each a batch of its own between marks; an error ends none but its own.

    each: seconds that one query may take (-t); it then waits for other people's locks for a few seconds only.
    """
    batches = [_marked(name, sql, nonce) for name, sql in queries.items()]
    limit = () if each is None else ("-t", str(each))
    first = "set nocount on\n" + ("" if each is None else f"set lock_timeout {LOCK_WAIT_MS}\n") + "go\n"
    return _session(logon, first + "".join(batches), timeout, limit)


def batch(sql: str, logon: LogOn, *, nonce: str, timeout: float = 300, query_timeout: int | None = None) -> Command:
    """One batch, read as the answer "batch"; an error ends the session and its transaction with it (-b)."""
    limit = () if query_timeout is None else ("-t", str(query_timeout))
    return _session(logon, "set nocount on\ngo\n" + _marked("batch", sql, nonce), timeout, ("-b", *limit))


def _marked(name: str, sql: str, nonce: str) -> str:
    return f"print '{MARK} {nonce} begin {name}'\ngo\n{sql.strip()}\ngo\nprint '{MARK} {nonce} end {name}'\ngo\n"


def _session(logon: LogOn, script: str, timeout: float, more: tuple[str, ...]) -> Command:
    who: tuple[str, ...] = ("-E",) if logon.account is None else ("-U", logon.account)
    environment = {} if logon.password is None else {PASSWORD[logon.client]: logon.password}
    words = (
        logon.client,
        "-S",
        logon.server,
        "-d",
        logon.database,
        *who,
        "-n",
        "-h-1",
        "-w",
        "65535",
        "-s",
        SEPARATOR,
        *more,
    )
    plain = tuple(word for word in words if not (logon.client == "sqlcmd" and word == "-n"))  # sqlcmd prompts no pipe
    return Command(plain, stdin=script, environment=environment, expected=frozenset({0, 1}), timeout=timeout)


def answers(printed: str, names: Iterable[str], nonce: str) -> dict[str, Answer]:
    """The answer of each query of `ask`, or of "batch". An error that stands outside of the marks (a client may write them
    to its error output) can be of any of them: then there is no answer at all."""
    text = PROMPTS.sub("", printed)
    found = {name: _answer(text, name, nonce) for name in names}
    loose = re.sub(rf"{MARK} {re.escape(nonce)} begin (\S+)\n.*?{MARK} {re.escape(nonce)} end \1", "", text, flags=re.S)
    if not _errors(loose) and not CLIENT_ERROR.search(loose):
        return found
    return {name: Answer(None, answer.msgs or _errors(loose)) for name, answer in found.items()}


def _answer(text: str, name: str, nonce: str) -> Answer:
    _, begun, rest = text.partition(f"{MARK} {nonce} begin {name}\n")
    body, ended, _ = rest.partition(f"{MARK} {nonce} end {name}")
    if not begun or not ended:
        return Answer(None, _errors(rest if begun else text))
    msgs = _errors(body)
    if msgs or CLIENT_ERROR.search(body):
        return Answer(None, msgs)
    lines = [line for line in body.split("\n") if line.strip() and not AFFECTED.match(line)]
    return Answer(tuple(tuple(field.strip() for field in line.split(SEPARATOR)) for line in lines))


def _errors(text: str) -> tuple[tuple[int, int, int], ...]:
    return tuple(msg for msg in _msgs(text) if msg[1] > INFORMATION)


def _msgs(text: str) -> tuple[tuple[int, int, int], ...]:
    return tuple((int(match[1]), int(match[2]), int(match[3])) for match in MSG.finditer(text))


def read(printed: str) -> Printed:
    """What a session on a console says; for output that was not asked for by `ask`."""
    text = PROMPTS.sub("", printed.replace("\r\n", "\n"))
    msgs, refused = _msgs(text), _refused(text)
    error = refused or bool(CLIENT_ERROR.search(text)) or any(level > INFORMATION for _, level, _ in msgs)
    rows = None if error else _rows(text)
    affected = tuple(int(match[1] or match[2]) for match in AFFECTED.finditer(text))
    return Printed(error if text.strip() else None, msgs, False if refused else None, affected, rows, single(rows))


def _refused(text: str) -> bool:
    """No connection: by the log-on's message numbers, or by words of the driver itself, which are the driver's language."""
    return any(number in LOG_ON for number, _, _ in _msgs(text)) or bool(NO_CONNECTION.search(text))


def _rows(text: str) -> tuple[tuple[object, ...], ...] | None:
    """Rows of the first table; None where no table was printed."""
    lines = text.split("\n")
    found = table(lines, lambda line: bool(AFFECTED.match(line)))
    return only_number([line for line in lines if not AFFECTED.match(line)]) if found is None else found
