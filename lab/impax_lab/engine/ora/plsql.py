# SPDX-License-Identifier: GPL-3.0-or-later
"""PL/SQL anonymous blocks: a small interpreter. What it has not got is ORA-06550, and noted.

Oracle Database PL/SQL Language Reference 11g. Known: variables and constants with types, %TYPE and defaults; nested
blocks; assignment; SQL, SELECT INTO; IF, LOOP, WHILE, FOR i IN a..b, FOR r IN (query), EXIT, CONTINUE; EXECUTE IMMEDIATE
[INTO] [USING]; RAISE, RAISE_APPLICATION_ERROR, exceptions of one's own and those of `NAMED`; DBMS_OUTPUT, DBMS_LOCK.SLEEP.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from impax_lab.engine.model import Column, Type
from impax_lab.engine.ora import types
from impax_lab.engine.ora.errors import OracleError, error
from impax_lab.engine.ora.plsql_loops import Loops
from impax_lab.engine.ora.plsql_procedures import PROCEDURES, with_binds
from impax_lab.engine.ora.plsql_reader import Reader, check, compile_error
from impax_lab.engine.ora.plsql_scope import Return, Scope, Variable
from impax_lab.engine.sql.tokens import ORACLE, Words, tokens

if TYPE_CHECKING:
    from impax_lab.engine.ora.session import Session

NAMED = {
    "NO_DATA_FOUND": 1403, "TOO_MANY_ROWS": 1422, "DUP_VAL_ON_INDEX": 1, "ZERO_DIVIDE": 1476, "INVALID_NUMBER": 1722,
    "VALUE_ERROR": 6502, "LOGIN_DENIED": 1017, "TIMEOUT_ON_RESOURCE": 51,
}  # fmt: skip
SQL_WORDS = {"INSERT", "UPDATE", "DELETE", "LOCK", "COMMIT", "ROLLBACK", "SAVEPOINT", "SET", "MERGE"}
NOT_IN_BLOCKS = {"CREATE", "DROP", "ALTER", "TRUNCATE", "GRANT", "REVOKE"}


def run_block(session: Session, text: str) -> None:
    """Raises OracleError, with ORA-06512 behind it as a block's errors have it."""
    check(session, text)
    interpreter = Interpreter(session, text)
    try:
        interpreter.block(Words(text, tokens(text, ORACLE)), Scope())
    except Return:
        pass
    except OracleError as failed:
        raise interpreter.with_place(failed) from failed


class Interpreter(Loops):
    """Runs what the reader has passed."""

    def __init__(self, session: Session, text: str) -> None:
        self.session, self.text = session, text
        self.caught: OracleError | None = None
        self.rowcount: int | None = None
        self.line = 1

    def with_place(self, failed: OracleError) -> OracleError:
        """As an unhandled exception leaves a block. A compile error has its own place."""
        if failed.code == 6550:
            return failed
        code = failed.code if failed.code > 0 else 6510  # an exception of the block's own
        made = OracleError(code, f"{failed.message}\nORA-06512: at line {self.line}", 1, 1)
        made.understood, made.why = failed.understood, failed.why
        return made

    # Blocks ---------------------------------------------------------------------------------------------------------

    def block(self, words: Words, outer: Scope) -> None:
        scope = Scope(outer)
        if words.take("DECLARE"):
            while not words.is_next("BEGIN"):
                self._declaration(words, scope)
        words.expect("BEGIN")
        start = words.at
        reader = Reader(words)
        reader.statements("EXCEPTION", "END")
        handlers = words.at
        try:
            words.at = start
            self._statements(words, scope, "EXCEPTION", "END")
        except OracleError as failed:
            words.at = handlers
            self._handle(words, scope, failed)
        words.at = start - 1
        Reader(words).block()

    def _handle(self, words: Words, scope: Scope, failed: OracleError) -> None:
        """The first handler that names it; else it goes on outwards."""
        if failed.code in (6550, 1013) or not words.take("EXCEPTION"):
            raise failed
        while words.take("WHEN"):
            names = [name.strip().upper() for name in re.split(r"\bor\b", words.until("THEN"), flags=re.I)]
            words.expect("THEN")
            if any(self._names(scope, name, failed) for name in names):
                before, self.caught = self.caught, failed
                try:
                    self._statements(words, scope, "WHEN", "END")
                finally:
                    self.caught = before
                return
            Reader(words).statements("WHEN", "END")
        raise failed

    def _names(self, scope: Scope, name: str, failed: OracleError) -> bool:
        if name == "OTHERS":
            return True
        code = scope.exception(name)
        code = NAMED.get(name) if code is None else code
        if code is None:
            raise self._undeclared(name)
        return failed.code == code

    def _undeclared(self, name: str) -> OracleError:
        return error(6550, self.line, 1, f"PLS-00201: identifier '{name}' must be declared", at=(self.line, 1))

    def _declaration(self, words: Words, scope: Scope) -> None:
        if words.take("PRAGMA", "EXCEPTION_INIT"):
            words.expect("(")
            name = words.name_token().text.upper()
            words.expect(",")
            scope.exceptions[name] = -words.number()
            words.expect(")", ";")
            return
        name = words.name_token().text.upper()
        if words.take("EXCEPTION"):
            scope.exceptions[name] = -1_000_000 - len(scope.exceptions)
            words.expect(";")
            return
        constant = words.take("CONSTANT")
        variable = Variable(self._type(words, scope), constant=constant, not_null=words.take("NOT", "NULL"))
        if words.take(":=") or words.take("DEFAULT"):
            self._assign(variable, *self._value(words.until(";"), scope))
        scope.variables[name] = variable
        words.expect(";")

    def _type(self, words: Words, scope: Scope) -> Type:
        if words.peek() == "BOOLEAN":
            words.next()
            return Type("BOOLEAN")
        if words.peek(1) in ("%", "."):
            return self._type_of(words, scope)
        return types.read_type(words)

    def _type_of(self, words: Words, scope: Scope) -> Type:
        """table.column%TYPE, variable%TYPE"""
        parts = [words.name_token().text.upper()]
        while words.take("."):
            parts.append(words.name_token().text.upper())
        words.expect("%")
        words.expect("TYPE")
        variable = scope.find(parts[0]) if len(parts) == 1 else None
        if variable:
            return variable.type
        table = self.session.find(parts[0] if len(parts) == 3 else "", parts[-2]) if len(parts) > 1 else None
        column = table.column(parts[-1]) if table else None
        if column is None:
            raise self._undeclared(".".join(parts))
        return column.type

    # Statements -----------------------------------------------------------------------------------------------------

    def _statements(self, words: Words, scope: Scope, *ends: str) -> None:
        while words.peek() not in ends:
            self.statement(words, scope)

    def statement(self, words: Words, scope: Scope) -> None:
        label = ""
        if words.take("<<"):
            label = words.name_token().text.upper()
            words.expect(">>")
        token = words.now
        assert token is not None
        self.line = token.line
        word = token.upper
        if word in ("BEGIN", "DECLARE"):
            self.block(words, scope)
            words.expect(";")
        elif word in ("LOOP", "WHILE", "FOR"):
            self._loop(words, scope, label)
        elif word in CONTROL:
            CONTROL[word](self, words, scope)
        elif word == "SELECT" or word == "WITH":
            self._select_into(words, scope)
        elif word in SQL_WORDS:
            self._sql(words, scope)
        elif word in NOT_IN_BLOCKS:
            raise compile_error(token, self.text, "begin case declare exit for goto if loop")
        else:
            self._call_or_assign(words, scope)

    def _if(self, words: Words, scope: Scope) -> None:
        words.expect("IF")
        done = False
        while True:
            condition = words.until("THEN")
            words.expect("THEN")
            taken = not done and self._condition(condition, scope)
            done = self._branch(words, scope, taken) or done
            if words.take("ELSIF"):
                continue
            if words.take("ELSE"):
                self._branch(words, scope, not done)
            words.expect("END", "IF", ";")
            return

    def _branch(self, words: Words, scope: Scope, taken: bool) -> bool:
        if taken:
            self._statements(words, scope, "ELSIF", "ELSE", "END")
        else:
            Reader(words).statements("ELSIF", "ELSE", "END")
        return taken

    def _null(self, words: Words, scope: Scope) -> None:
        words.expect("NULL", ";")

    def _return(self, words: Words, scope: Scope) -> None:
        words.expect("RETURN", ";")
        raise Return

    def _raise(self, words: Words, scope: Scope) -> None:
        words.expect("RAISE")
        if words.take(";"):
            if self.caught is None:
                raise error(
                    6550,
                    self.line,
                    1,
                    "PLS-00367: a RAISE statement with no exception name must be inside an exception handler",
                )
            raise self.caught
        name = words.name_token().text.upper()
        words.expect(";")
        code = scope.exception(name)
        code = NAMED.get(name) if code is None else code
        if code is None:
            raise self._undeclared(name)
        raise error(code) if code > 0 else OracleError(code, "ORA-06510: PL/SQL: unhandled user-defined exception")

    def _execute(self, words: Words, scope: Scope) -> None:
        """EXECUTE IMMEDIATE text [INTO v, ...] [USING v, ...]"""
        words.expect("EXECUTE", "IMMEDIATE")
        text = str(self._value(words.until("INTO", "USING", ";"), scope)[1] or "")
        targets = self._targets(words, scope, "USING", ";") if words.take("INTO") else []
        bound = [self._value(part, scope) for part in self._list(words, ";")] if words.take("USING") else []
        words.expect(";")
        self.session.run_dynamic(with_binds(text, bound), targets)

    def _sql(self, words: Words, scope: Scope) -> None:
        text = words.until(";")
        words.expect(";")
        self.rowcount = self.session.step(text, scope.all()).affected

    def _select_into(self, words: Words, scope: Scope) -> None:
        head = words.until("INTO", ";")
        if not words.take("INTO"):
            line = self.line
            raise error(6550, line, 1, "PLS-00428: an INTO clause is expected in this SELECT statement", at=(line, 1))
        targets = self._targets(words, scope, "FROM", ";")
        text = f"{head} {words.until(';')}"
        words.expect(";")
        self.session.select_into(text, scope.all(), targets)
        self.rowcount = 1

    def _targets(self, words: Words, scope: Scope, *ends: str) -> list[Callable[[Type, Any], None]]:
        made = []
        for part in self._list(words, *ends):
            variable = scope.find(part.strip().upper())
            if variable is None:
                raise self._undeclared(part.strip().upper())
            made.append(lambda kind, value, variable=variable: self._assign(variable, kind, value))
        return made

    def _list(self, words: Words, *ends: str) -> Iterator[str]:
        yield words.until(",", *ends)
        while words.take(","):
            yield words.until(",", *ends)

    def _call_or_assign(self, words: Words, scope: Scope) -> None:
        start = words.name_token()
        name = start.text.upper()
        while words.take("."):
            name += f".{words.name_token().text.upper()}"
        if words.take(":="):
            variable = scope.find(name)
            if variable is None:
                raise self._undeclared(name)
            if variable.constant:
                raise error(
                    6550, self.line, 1, f"PLS-00363: expression '{name}' cannot be used as an assignment target"
                )
            self._assign(variable, *self._value(words.until(";"), scope))
            words.expect(";")
            return
        self._call(name, words, scope)

    def _call(self, name: str, words: Words, scope: Scope) -> None:
        arguments: list[tuple[Type, Any]] = []
        if words.take("("):
            arguments = [self._value(part, scope) for part in self._list(words, ")") if part]
            words.expect(")")
        words.expect(";")
        procedure = PROCEDURES.get(name.removeprefix("SYS."))
        if procedure is None:
            made = self._undeclared(name)
            made.understood, made.why = False, f"procedure {name}"
            raise made
        procedure(self.session, [value for _, value in arguments])

    # Values ---------------------------------------------------------------------------------------------------------

    def _special(self) -> dict[str, tuple[Type, Any]]:
        caught = self.caught
        code = 0 if caught is None else (1 if caught.code < -999_999 else 100 if caught.code == 1403 else -caught.code)
        shown = "ORA-0000: normal, successful completion" if caught is None else caught.message
        rows = (types.NUMBER, self.rowcount)
        return {"SQLCODE": (types.NUMBER, code), "SQLERRM": (types.text(512), shown), "SQL_ROWCOUNT": rows}

    def _value(self, text: str, scope: Scope) -> tuple[Type, Any]:
        if not text:
            raise compile_error(None, self.text, "expression")
        if text.upper() in ("TRUE", "FALSE"):
            return Type("BOOLEAN"), text.upper() == "TRUE"
        return self._compiled(text, lambda: self.session.value(_plain(text), {**self._special(), **scope.all()}))

    def _condition(self, text: str, scope: Scope) -> bool:
        variable = scope.find(text.strip().upper())
        if variable is not None and variable.type.kind == "BOOLEAN":
            return bool(variable.value)
        if text.strip().upper() in ("TRUE", "FALSE"):
            return text.strip().upper() == "TRUE"
        return self._compiled(text, lambda: self.session.condition(_plain(text), {**self._special(), **scope.all()}))

    def _compiled(self, text: str, work: Callable[[], Any]) -> Any:
        """A name that nobody knows is an error of compiling, which no handler catches."""
        try:
            return self.session.guarded(text, work)
        except OracleError as failed:
            if failed.code == 904 and failed.understood:
                raise self._undeclared(failed.message.split(": ")[1].replace('"', "")) from failed
            raise

    def _whole(self, text: str, scope: Scope) -> int:
        value = types.number(self._value(text, scope)[1])
        if value is None:
            raise error(6502, "")
        return round(value)

    def _assign(self, variable: Variable, kind: Type, value: Any) -> None:
        """What a variable takes; ORA-06502 for what it cannot."""
        if value is None and variable.not_null:
            raise error(6502, "")
        if value is None or variable.type.kind == "BOOLEAN":
            variable.value = value
            return
        store = types.stored(Column("V", variable.type), "", self.session.model)
        try:
            variable.value = store(value, kind)
        except OracleError as failed:
            text = {12899: ": character string buffer too small", 1722: ": character to number conversion error",
                    1438: ": number precision too large"}.get(failed.code)  # fmt: skip
            if text is None:
                raise
            raise error(6502, text) from failed


CONTROL: dict[str, Callable[[Interpreter, Words, Scope], None]] = {
    "IF": Interpreter._if, "EXIT": Interpreter._exit, "CONTINUE": Interpreter._exit, "NULL": Interpreter._null,
    "RETURN": Interpreter._return, "RAISE": Interpreter._raise, "EXECUTE": Interpreter._execute,
}  # fmt: skip


def _plain(text: str) -> str:
    """SQL%ROWCOUNT as a name that sqlglot can read."""
    return re.sub(r"\bsql\s*%\s*rowcount\b", "SQL_ROWCOUNT", text, flags=re.I)
