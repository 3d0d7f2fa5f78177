# SPDX-License-Identifier: GPL-3.0-or-later
"""Loops of PL/SQL: LOOP, WHILE, FOR over numbers and over a query, EXIT and CONTINUE."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from impax_lab.engine.ora import types
from impax_lab.engine.ora.plsql_reader import Reader, compile_error
from impax_lab.engine.ora.plsql_scope import Leave, Scope, Variable
from impax_lab.engine.sql.tokens import ORACLE, Words, tokens

if TYPE_CHECKING:
    from impax_lab.engine.ora.session import Session


class Loops:
    """A part of the interpreter."""

    session: Session
    text: str

    def _statements(self, words: Words, scope: Scope, *ends: str) -> None:
        raise NotImplementedError

    def _condition(self, text: str, scope: Scope) -> bool:
        raise NotImplementedError

    def _whole(self, text: str, scope: Scope) -> int:
        raise NotImplementedError

    def _loop(self, words: Words, scope: Scope, label: str) -> None:
        inner = Scope(scope)
        passes = self._passes(words, inner)
        words.expect("LOOP")
        start = words.at
        Reader(words).statements("END")
        end = words.at
        for _ in passes:
            words.at = start
            try:
                self._statements(words, inner, "END")
            except Leave as leave:
                if leave.label not in ("", label):
                    raise
                if not leave.again:
                    break
            finally:
                self.session.instance.check_open()
        words.at = end
        words.expect("END", "LOOP")
        if words.now is not None and words.now.kind == "word":
            words.next()
        words.expect(";")

    def _passes(self, words: Words, scope: Scope) -> Iterator[Any]:
        """One item a pass; variables of the loop are set before each."""
        if words.take("WHILE"):
            condition = words.until("LOOP")
            return iter(lambda: self._condition(condition, scope), False)
        if not words.take("FOR"):
            return iter(int, 1)
        name = words.name_token().text.upper()
        words.expect("IN")
        backwards = words.take("REVERSE")
        text = words.until("LOOP")
        if text.lstrip("( \n\t").upper().startswith("SELECT"):
            return self._rows(name, text, scope)
        low, high = (self._whole(part, scope) for part in self._bounds(text, words))
        variable = scope.variables[name] = Variable(types.NUMBER, constant=True)
        numbers = range(low, high + 1)
        return self._counted(variable, reversed(numbers) if backwards else iter(numbers))

    def _bounds(self, text: str, words: Words) -> tuple[str, str]:
        inner = Words(text, tokens(text, ORACLE))
        low = inner.until("..")
        if not inner.take(".."):
            raise compile_error(words.now, self.text, "..")
        return low, inner.until("\0")

    @staticmethod
    def _counted(variable: Variable, numbers: Iterator[int]) -> Iterator[int]:
        for number in numbers:
            variable.value = number
            yield number

    def _rows(self, name: str, text: str, scope: Scope) -> Iterator[Any]:
        inner = text.strip()
        query, rows = self.session.select(inner[1:-1] if inner.startswith("(") else inner, scope.all())
        for row in rows:
            for value, cell in zip(query.values, row, strict=True):
                scope.variables[f"{name}.{value.name}"] = Variable(value.type, cell, constant=True)
            yield row

    def _exit(self, words: Words, scope: Scope) -> None:
        again = words.one_of("EXIT", "CONTINUE") == "CONTINUE"
        label = ""
        if words.peek() not in ("WHEN", ";"):
            label = words.name_token().text.upper()
        leaves = self._condition(words.until(";"), scope) if words.take("WHEN") else True
        words.expect(";")
        if leaves:
            raise Leave(label, again)
