# SPDX-License-Identifier: GPL-3.0-or-later
"""sqlplus, Oracle's SQL client. It exits 0 after errors, asks for a user name three times, and eats a script as answers.

Hence: no log-on on the command line, one attempt (-L), every setting that shapes the output pinned, before the log-on and
again behind it (from 10g on each CONNECT runs the site's glogin.sql), and a marker with a nonce before and after each
answer. An answer without its markers is no answer. SP2 errors pass by WHENEVER SQLERROR.
Source: SQL*Plus User's Guide and Reference, 10.2 and 11.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..command import Command, Secret, Text, Word
from . import _answers
from ._columns import only_number, single, table

TRANSCRIPTS = ("sqlplus",)

CODE = re.compile(r"\b(?:ORA|SP2|PLS|TNS)-\d{4,5}\b")
LOG_ON_CODES = frozenset(
    {
        "ORA-01017",
        "ORA-01034",
        "ORA-01045",
        "ORA-12154",
        "ORA-12514",
        "ORA-12541",
        "ORA-28000",
        "ORA-28001",
        "ORA-01033",
        "ORA-27101",
    }
    | {"SP2-0157", "SP2-0640", "SP2-0306", "SP2-0751", "ORA-12162", "ORA-01005", "ORA-12560"}
)
NOTES = frozenset({"ORA-28002", "ORA-28011"})  # the password will expire: logged on all the same
NOT_CONNECTED = ("SP2-0640",)
SEPARATOR = "|~|"
NULL = "<null>"
MARK = "IMPAX"
ACCOUNT = re.compile(r"[A-Za-z][A-Za-z0-9_$#]{0,29}\Z")
CHARSET = re.compile(r"[A-Z][A-Z0-9]{1,29}\Z")
SETTINGS = f"""\
set echo off termout on heading off feedback off pagesize 0 linesize 32767 trimspool on trimout on tab off
set numwidth 20 verify off define off sqlprompt '' sqlblanklines on
set null '{NULL}' colsep '{SEPARATOR}'
"""
ON_ERROR = {"ask": "whenever sqlerror continue\n", "block": "whenever sqlerror exit failure rollback\n"}
AS_SYSDBA = Text.of("connect / as sysdba\n")  # the operating system's log-on of an account in the dba group
OUTPUT = "set serveroutput on size 100000\n"  # needs a connection


@dataclass(frozen=True)
class Answer(_answers.Answer):
    """What one query answered. codes: of errors, of the query itself or of the log-on."""

    NULL: ClassVar[str] = NULL
    rows: tuple[tuple[str, ...], ...] | None
    codes: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[str, ...]:
        return self.codes


@dataclass(frozen=True)
class Printed:
    """Console output of a session as people type it. error None: nothing was printed. codes: in order, notes included.
    connected None: not said."""

    error: bool | None
    codes: tuple[str, ...]
    connected: bool | None
    value: int | float | None
    rows: tuple[tuple[object, ...], ...] | None


def language(charset: str = "") -> dict[str, str]:
    """Messages in English and, for programs that carry rows, the database's own character set: any other loses letters."""
    if charset and not CHARSET.match(charset):
        raise ValueError(f"{charset!r} is no name of an Oracle character set")
    return {"NLS_LANG": f"AMERICAN_AMERICA.{charset}" if charset else "AMERICAN_AMERICA"}


class Unfit(ValueError):
    """A name or a password that this program's own syntax cannot carry."""


def log_on(account: str, password: Secret) -> Text:
    """The line that logs on, for standard input."""
    return Text.of("connect ", credentials(account, password), "\n")


def credentials(account: str, password: Secret) -> Text:
    """``account/"password"``: Oracle quotes a password with ``"``, which so cannot be in it."""
    if not ACCOUNT.match(account):
        raise Unfit(f"{account!r} is no plain name of an Oracle account")
    if password.holds_any('"\n\r'):
        raise Unfit(f"the password of {account} has a double quote or a line end, which Oracle's clients cannot take")
    return Text.of(f'{account}/"', password, '"')


def ask(
    queries: Mapping[str, str], logon: Word, *, nonce: str, client: str = "sqlplus", timeout: float = 300
) -> Command:
    """One session that answers `queries` (name -> SQL without its semicolon), each between marks."""
    asked = [_marked(name, f"{sql.strip().rstrip(';')};", nonce) for name, sql in queries.items()]
    return _session(client, Text.of(SETTINGS, logon, SETTINGS, ON_ERROR["ask"], *asked), timeout)


def block(plsql: str, logon: Word, *, nonce: str, client: str = "sqlplus", timeout: float = 300) -> Command:
    """One PL/SQL block; an error rolls back and ends the session. It tells by dbms_output, read as the answer "block"."""
    told = _marked("block", f"{plsql.strip()}\n/", nonce)
    return _session(client, Text.of(SETTINGS, logon, SETTINGS, OUTPUT, ON_ERROR["block"], told), timeout)


def _marked(name: str, sql: str, nonce: str) -> str:
    return f"prompt {MARK} {nonce} begin {name}\n{sql}\nprompt {MARK} {nonce} end {name}\n"


def _session(client: str, script: Text, timeout: float) -> Command:
    # exit code 1: WHENEVER SQLERROR EXIT FAILURE, or a log-on refused under -L; what that means the answers say
    return Command(
        (client, "-S", "-L", "/nolog"),
        stdin=script + "exit\n",
        environment=language(),
        expected=frozenset({0, 1}),
        timeout=timeout,
    )


def answers(printed: str, names: Iterable[str], nonce: str) -> dict[str, Answer]:
    """The answer of each query of `ask`, or of "block"."""
    return {name: _answer(printed, name, nonce) for name in names}


def _answer(printed: str, name: str, nonce: str) -> Answer:
    before, begun, rest = printed.partition(f"{MARK} {nonce} begin {name}\n")
    body, ended, _ = rest.partition(f"{MARK} {nonce} end {name}")
    if not begun or not ended:
        return Answer(None, _codes(rest if begun else printed))
    codes = _codes(body)
    if codes == NOT_CONNECTED:  # why, the log-on said, further up
        codes = _codes(before + body)
    lines = [line for line in body.split("\n") if line.strip()]
    return Answer(None if codes else tuple(_fields(line) for line in lines), codes)


def _fields(line: str) -> tuple[str, ...]:
    return tuple(field.strip() for field in line.split(SEPARATOR))


def _codes(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code in CODE.findall(text) if code not in NOTES))


# A session as people type it

PROMPT = re.compile(r"^(?:SQL|[\w@ .$#:-]{1,40})> ?|^\[[^\]\n]*\][$#%] ?", re.M)
CONNECTED = re.compile(
    r"(?:Connected\.|Connected to:)|Oracle(?: Database)? ?\d+\w* .*Release \d"
)  # a translated banner, too
HEADER = re.compile(r"(.*)[:\uff1a]\s*\Z")  # "ERROR at line 1:" above a statement's errors, "ERROR:" above a log-on's
NETWORK = re.compile(r"ORA-12[1-6]\d\d\Z")  # Oracle Net, ORA-12150 to ORA-12699
AT_LOG_ON = frozenset({"ORA-01031", "ORA-01035", "ORA-28003", "ORA-28009"})  # a log-on's under "ERROR:" alone
NO_ROWS = re.compile(  # the last ones `assumed`: a translation that is not listed is read as unknown
    r"^(?:no rows selected|未选定行|選択されていません|レコードが選択されませんでした|선택된 레코드가 없습니다|"
    r"ninguna fila seleccionada|aucune ligne sélectionnée|Es wurden keine Zeilen ausgewählt|Keine Zeilen ausgewählt|"
    r"nessuna riga selezionata|não há linhas selecionadas|não foram selecionadas linhas|строки не выбраны)[.。]?\s*$",
    re.M | re.I,
)


def read(printed: str) -> Printed:
    """What a session on a console says; for output that was not asked for by `ask`."""
    codes = tuple(dict.fromkeys(CODE.findall(printed)))
    error = bool(_codes(printed)) if printed.strip() else None
    rows = None if error else _rows(printed)
    return Printed(error, codes, _connected(printed), single(rows), rows)


def _connected(printed: str) -> bool | None:
    """By the last that was said of it. An error of a statement ("ERROR at line n:" above it) says nothing."""
    said, header = None, None
    for line in printed.split("\n"):
        codes = CODE.findall(line)
        if CONNECTED.match(line):
            said = True
        elif any(_refuses(code, header) for code in codes):
            said = False
        elif not codes:
            header = HEADER.match(line)
    return said


def _refuses(code: str, header: re.Match[str] | None) -> bool:
    of_a_statement = header is not None and bool(re.search(r"\d", header[1]))
    if of_a_statement:
        return False
    return code in LOG_ON_CODES or bool(NETWORK.match(code)) or (code in AT_LOG_ON and header is not None)


def _rows(printed: str) -> tuple[tuple[object, ...], ...] | None:
    """Rows of the first table; () where sqlplus says that none were selected."""
    lines = printed.split("\n")
    found = table(lines, lambda line: bool(PROMPT.match(line)))
    if found is not None:
        return found
    return () if NO_ROWS.search(printed) else only_number([line for line in lines if not PROMPT.match(line)])
