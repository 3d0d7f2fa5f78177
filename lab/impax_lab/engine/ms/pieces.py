# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a batch: how far a statement or an expression reaches, and what is said of a word that fits nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from impax_lab.engine.ms.errors import SqlError, error, not_understood
from impax_lab.engine.sql import parsing
from impax_lab.engine.sql.tokens import TRANSACT, Stop, Token, Unended, Words, tokens

STARTERS = set(
    str.split(
        "SELECT INSERT UPDATE DELETE SET DECLARE IF WHILE BEGIN END ELSE PRINT RAISERROR RETURN GOTO COMMIT ROLLBACK SAVE CREATE"
        " ALTER DROP TRUNCATE EXEC EXECUTE USE WAITFOR BREAK CONTINUE GRANT REVOKE DENY BACKUP RESTORE DBCC KILL CHECKPOINT"
        " SHUTDOWN RECONFIGURE OPEN CLOSE FETCH DEALLOCATE BULK MERGE LOAD DUMP READTEXT WRITETEXT UPDATETEXT"
    )
)
KEYWORDS = STARTERS | set(
    str.split(
        "FROM WHERE GROUP ORDER BY HAVING UNION ALL AND OR NOT NULL IS IN LIKE BETWEEN EXISTS AS ON JOIN INNER LEFT RIGHT FULL OUTER"
        " CROSS INTO VALUES TABLE DATABASE WITH CASE WHEN THEN TOP DISTINCT PRIMARY KEY FOREIGN REFERENCES UNIQUE CHECK DEFAULT"
        " CONSTRAINT TRAN TRANSACTION PROC PROCEDURE VIEW INDEX IDENTITY USER ASC DESC COLLATE CONVERT TO OF FOR FILE"
    )
)


@dataclass
class Statement:
    """kind: its first word in small letters. text: of a query or expression in it, with its place in the batch."""

    kind: str
    line: int
    text: str = ""
    parts: dict[str, Any] = field(default_factory=dict)
    inner: list[Statement] = field(default_factory=list)
    other: list[Statement] = field(default_factory=list)


class Pieces:
    """One batch. version: the server's, major."""

    def __init__(self, text: str, version: int) -> None:
        self.text, self.version = text, version
        try:
            self.words = Words(text, tokens(text, TRANSACT))
        except Unended as unended:
            raise self._unended(unended) from unended

    # Errors ---------------------------------------------------------------------------------------------------------

    def wrong(self, token: Token | None, near: str = "") -> SqlError:
        """Incorrect syntax near a word."""
        last = token or (self.words.tokens[-1] if self.words.tokens else None)
        line = last.line if last else 1
        shown = near or (last.text if last else "")
        number = 156 if last is not None and last.upper in KEYWORDS and not near else 170 if self.version < 9 else 102
        # a mistake, or something that sqlglot does not know: who reads the notes can tell
        return not_understood(number, f"syntax near {shown!r}", shown, line, line=line)

    def _unended(self, unended: Unended) -> SqlError:
        return error(105, unended.text.lstrip("'"), line=unended.line, old=self.version < 9)

    def unknown(self, token: Token, why: str) -> SqlError:
        made = self.wrong(token)
        made.why = why
        return made

    def parsed(self, text: str, start: int, query: bool) -> None:
        """Let sqlglot read a piece, for its errors' sake. start: where it begins in the batch."""
        try:
            node = (parsing.statement if query else parsing.expression)(text, "tsql")
            if any(not select.expressions for select in node.find_all(exp.Select)):
                raise self._empty_select(start)
        except parsing.Unparsable as problem:
            raise self._unparsable(problem, text, start) from problem
        except parsing.Problem as problem:
            line = self.text.count("\n", 0, start) + 1
            near = text.split()[0] if text.split() else ""
            raise not_understood(170 if self.version < 9 else 102, f"{problem}", near, line, line=line) from problem

    def _empty_select(self, start: int) -> SqlError:
        """SELECT FROM: sqlglot does not mind."""
        found = (token for token in self.words.tokens if token.start >= start and token.upper == "FROM")
        return self.wrong(next(found, None))

    def _unparsable(self, problem: parsing.Unparsable, text: str, start: int) -> SqlError:
        at = start + (problem.offset if problem.near else len(text) - 1)
        token = next((each for each in self.words.tokens if each.end > at), None)
        return self.wrong(token)

    # Extents --------------------------------------------------------------------------------------------------------

    def _is_label(self, token: Token) -> bool:
        return token.kind == "word" and self.words.peek(1) == ":" and token.text[0] != "@"

    def _extent(self, start: int) -> str:
        """The text of a SELECT, INSERT, UPDATE or DELETE: up to the word that begins the next statement."""
        words, depth, cases = self.words, 0, 0
        first = words.next().upper
        allowed = {"WITH": {"SELECT", "INSERT", "UPDATE", "DELETE"}, "INSERT": {"SELECT"}, "UPDATE": {"SET"}}.get(
            first, set()
        )
        while (token := words.now) is not None:
            word = token.upper
            if depth == 0 and self._is_label(token):
                break
            if depth == 0 and cases == 0 and (word == ";" or (word in STARTERS and not self._goes_on(word, allowed))):
                break
            if depth == 0 and word == "WITH" and words.peek(1) != "(":
                break
            if depth == 0 and word == "VALUES":
                allowed.clear()
            depth += {"(": 1, ")": -1}.get(word, 0)
            if depth < 0:
                break
            cases += 1 if word == "CASE" else -1 if word == "END" and cases else 0
            words.next()
        return self.text[words.tokens[start].start : words.tokens[words.at - 1].end]

    def _goes_on(self, word: str, allowed: set[str]) -> bool:
        before = self.words.peek(-1)
        if word == "SELECT" and before in ("UNION", "EXCEPT", "INTERSECT", "ALL"):
            return True
        if word in ("UPDATE", "DELETE") and before == "ON":
            return True
        if word in allowed:
            allowed.clear()
            if word in ("INSERT", "UPDATE"):
                allowed.add({"INSERT": "SELECT", "UPDATE": "SET"}[word])
            return True
        return False

    def expression(self, *ends: str) -> tuple[str, int]:
        """A value or condition up to the next statement, or to one of `ends`; and where it begins."""
        words, depth, cases, start = self.words, 0, 0, self.words.at
        while (token := words.now) is not None:
            word = token.upper
            if depth == 0 and cases == 0 and (word in STARTERS or word in ends or word == ";"):
                break
            if depth == 0 and self._is_label(token):
                break
            depth += {"(": 1, ")": -1}.get(word, 0)
            if depth < 0:
                break
            cases += 1 if word == "CASE" else -1 if word == "END" and cases else 0
            words.next()
        if words.at == start:
            raise Stop(words.now, "expression")
        begin = words.tokens[start].start
        text = self.text[begin : words.tokens[words.at - 1].end]
        self.parsed(text, begin, False)
        return text, begin

    def name(self) -> tuple[str, str, str]:
        """(database, owner, name), "" for what is left out."""
        parts = [self.words.name_token().name]
        while self.words.take("."):
            parts.append("" if self.words.is_next(".") else self.words.name_token().name)
        if len(parts) > 3:
            raise self.unknown(self.words.tokens[self.words.at - 1], "a name with a server")
        database, owner, name = ["", "", *parts][-3:]
        return database, owner, name
