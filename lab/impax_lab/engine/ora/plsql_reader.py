# SPDX-License-Identifier: GPL-3.0-or-later
"""The structure of a PL/SQL block, read to its end before anything of it runs, as the compiler does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from impax_lab.engine.ora.errors import OracleError, error
from impax_lab.engine.sql import parsing
from impax_lab.engine.sql.scope import Problem, line_and_column
from impax_lab.engine.sql.tokens import ORACLE, Stop, Token, Words, tokens

if TYPE_CHECKING:
    from impax_lab.engine.ora.session import Session

SQL = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "LOCK")


def check(session: Session, text: str) -> None:
    """Raises OracleError 6550: the structure is wrong, or a table that its SQL names is not there."""
    words = Words(text, tokens(text, ORACLE))
    reader = Reader(words)
    try:
        reader.block()
        words.take(";")
        words.end()
    except Stop as stop:
        raise compile_error(stop.token, text, stop.expected) from stop
    for token, statement in reader.sql:
        _check_sql(session, token, statement, text)


def _check_sql(session: Session, token: Token, statement: str, text: str) -> None:
    if token.upper == "LOCK":
        found = re.match(r"lock\s+table\s+([\w$#.\"]+)", statement, re.I)
        names = [found[1].replace('"', "").upper().rpartition(".")] if found else []
        missing = any(session.find(owner, name) is None for owner, _, name in names)
    else:
        missing = _lacks_a_table(session, token, statement, text)
    if missing:
        raise ignored(token, text, "PL/SQL: ORA-00942: table or view does not exist")


def _lacks_a_table(session: Session, token: Token, statement: str, text: str) -> bool:
    try:
        node = parsing.statement(without_into(statement), "oracle")
    except Problem as problem:
        made = ignored(token, text, "PL/SQL: ORA-00933: SQL command not properly ended")
        made.understood, made.why = False, f"{problem} in a block"
        raise made from problem
    own = {cte.alias.upper() for cte in node.find_all(exp.CTE)}
    tables = [table for table in node.find_all(exp.Table) if isinstance(table.this, exp.Identifier)]
    shown = [(table.args["db"].name if table.args.get("db") else "", _folded(table.this)) for table in tables]
    return any(session.resolve(owner.upper(), name) is None for owner, name in shown if owner or name not in own)


def _folded(name: exp.Identifier) -> str:
    return name.name if name.args.get("quoted") else name.name.upper()


def without_into(statement: str) -> str:
    """SELECT ... INTO a, b FROM ... without its INTO."""
    words = Words(statement, tokens(statement, ORACLE))
    if words.peek() not in ("SELECT", "WITH"):
        return statement
    head = words.until("INTO")
    if not words.take("INTO"):
        return statement
    words.until("FROM")
    return f"{head} {statement[words.now.start :]}" if words.now else head


def ignored(token: Token, text: str, why: str) -> OracleError:
    """What the compiler says of an SQL statement in a block."""
    line, column = line_and_column(text, token.start)
    return error(
        6550,
        line,
        column,
        f"{why}\nORA-06550: line {line}, column {column}:\nPL/SQL: SQL Statement ignored",
        at=(line, column),
    )


def compile_error(token: Token | None, text: str, expected: str) -> OracleError:
    line, column = line_and_column(text, token.start if token else len(text))
    shown = f'Encountered the symbol "{token.text.upper()}"' if token else 'Encountered the symbol "end-of-file"'
    wanted = f" when expecting one of the following:\n\n   {expected.lower()}" if expected else ""
    made = error(6550, line, column, f"PLS-00103: {shown}{wanted}", at=(line, column))
    made.understood = expected not in ("", "statement")
    made.why = f"PL/SQL: {token.text if token else 'end of text'}, expected {expected}"
    return made


class Reader:
    """Reads a block without running it, so that a branch that is not taken is passed too. sql: the SQL statements in it."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.sql: list[tuple[Token, str]] = []

    def block(self) -> None:
        words = self.words
        if words.take("DECLARE"):
            while not words.is_next("BEGIN"):
                self._skip_to_semicolon()
        words.expect("BEGIN")
        self.statements("EXCEPTION", "END")
        if words.take("EXCEPTION"):
            while words.take("WHEN"):
                words.until("THEN")
                words.expect("THEN")
                self.statements("WHEN", "END")
        words.expect("END")
        if words.now is not None and words.now.kind in ("word", "quoted"):
            words.next()

    def statements(self, *ends: str) -> None:
        while self.words.peek() not in ends:
            if self.words.now is None:
                raise Stop(None, ends[-1])
            self.statement()

    def statement(self) -> None:
        words = self.words
        if words.take("<<"):
            words.name_token()
            words.expect(">>")
        word = words.peek()
        if word in ("BEGIN", "DECLARE"):
            self.block()
            words.expect(";")
        elif word == "IF":
            self._if()
        elif word in ("LOOP", "WHILE", "FOR"):
            words.until("LOOP")
            words.expect("LOOP")
            self.statements("END")
            words.expect("END", "LOOP")
            words.now is not None and words.now.kind == "word" and words.next()
            words.expect(";")
        else:
            self._skip_to_semicolon()

    def _if(self) -> None:
        words = self.words
        words.expect("IF")
        words.until("THEN")
        words.expect("THEN")
        self.statements("ELSIF", "ELSE", "END")
        while words.take("ELSIF"):
            words.until("THEN")
            words.expect("THEN")
            self.statements("ELSIF", "ELSE", "END")
        if words.take("ELSE"):
            self.statements("END")
        words.expect("END", "IF", ";")

    def _skip_to_semicolon(self) -> None:
        first = self.words.now
        if first is None or first.kind not in ("word", "quoted", "sign") or first.text == ";":
            raise Stop(first, "statement")
        text = self.words.until(";")
        self.words.expect(";")
        if first.upper in SQL:
            self.sql.append((first, text))
