# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch at work: statements in their order, variables, flow, transactions, and what an error ends.

Books Online and Erland Sommarskog's "Error Handling in SQL 2000": some errors end the statement, some the batch, some the
transaction too; XACT_ABORT makes the last of the first. RAISERROR ends nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from impax_lab.engine.model import NULL, Type
from impax_lab.engine.ms import convert, errors, syntax
from impax_lab.engine.ms.errors import SqlError, error, not_understood
from impax_lab.engine.ms.pieces import Statement
from impax_lab.engine.ms.problems import of_problem
from impax_lab.engine.ms.session import Affected, Attention, Message, Rows, Session
from impax_lab.engine.sql import parsing
from impax_lab.engine.sql.running import TooManyRows
from impax_lab.engine.sql.scope import Problem, Scope, Value

if TYPE_CHECKING:
    from impax_lab.engine.ms.dialect import TransactCompiler

MOST_PASSES = 10_000_000


class EndOfBatch(Exception):
    pass


class Return(Exception):
    pass


class Caught(Exception):
    """A RAISERROR within TRY: goes to the CATCH, and nothing is rolled back by it."""

    def __init__(self, failed: SqlError) -> None:
        super().__init__(str(failed))
        self.failed = failed


class Jump(Exception):
    """BREAK, CONTINUE and GOTO. label: where to, for GOTO."""

    def __init__(self, kind: str, label: str = "") -> None:
        super().__init__(kind)
        self.kind, self.label = kind, label


def run_batch(session: Session, text: str, level: int = 0) -> list[Any]:
    """What a client receives, in order."""
    out: list[Any] = []
    try:
        statements = syntax.read(text, session.version)
        Run(session, text, out).all(statements)
    except SqlError as failed:  # nothing of it has run
        tell(session, out, failed, text)
    except Attention:
        if session.xact_abort:
            session.rollback()
    return out


def tell(session: Session, out: list[Any], failed: SqlError, text: str) -> None:
    session.error = failed.number
    session.server.note(session, text, failed)
    out.append(Message(failed.number, failed.level, failed.state, failed.line or 1, failed.text, failed.procedure))


class Run:
    """One batch of a session. out: takes the answers."""

    def __init__(
        self, session: Session, text: str, out: list[Any], variables: dict[str, tuple[Type, Any]] | None = None
    ) -> None:
        self.session, self.text, self.out = session, text, out
        self.variables: dict[str, tuple[Type, Any]] = dict(variables or {})
        self.trying = self.depth = 0
        self.return_value = 0

    def all(self, statements: Sequence[Statement]) -> None:
        """Raises SqlError only for what is found before anything runs."""
        self.check(statements)
        try:
            self.sequence(statements)
        except (EndOfBatch, Return):
            pass
        except Jump as jump:
            number = 135 if jump.kind != "goto" else 133
            tell(self.session, self.out, error(number, jump.label), self.text)
        if self.session.doomed:
            self.session.rollback()
            tell(self.session, self.out, error(3998), self.text)

    # Before anything runs -------------------------------------------------------------------------------------------

    def check(self, statements: Sequence[Statement]) -> None:
        """Names are resolved as far as their tables are there; a wrong column fails the whole batch."""
        kinds: dict[str, tuple[Type, Any]] = dict(self.variables)
        database = self.session.database
        try:
            self._check(statements, kinds)
        finally:
            self.session.database = database

    def _check(self, statements: Sequence[Statement], kinds: dict[str, tuple[Type, Any]]) -> None:
        for statement in statements:
            for name, kind, _ in statement.parts.get("variables", []):
                if name in kinds:
                    raise error(134, name, line=statement.line)
                kinds[name] = (kind, None)
            if statement.kind == "use" and self.session.server.database(statement.parts["name"]):
                self.session.database = statement.parts["name"]
            self._check_one(statement, kinds)
            self._check(statement.inner, kinds)
            self._check(statement.other, kinds)

    def _check_one(self, statement: Statement, kinds: dict[str, tuple[Type, Any]]) -> None:
        try:
            if statement.kind in ("select", "insert", "update", "delete"):
                from impax_lab.engine.ms import changing

                changing.compiled(self.session, statement, self.session.compiler(kinds))
            elif statement.kind == "set variable" and statement.parts["name"] not in kinds:
                raise error(137, statement.parts["name"], old=self.session.version < 9)
        except Problem as problem:
            if problem.kind == "table":
                return
            raise self.placed(of_problem(problem, self.session), statement, problem) from problem
        except SqlError as failed:
            if failed.number in DEFERRED:
                return
            raise self.placed(failed, statement) from failed

    def placed(self, failed: SqlError, statement: Statement, problem: Problem | None = None) -> SqlError:
        """The error with its line in the batch: that of its statement."""
        if failed.line is None:
            failed.line = statement.line
        return failed

    # Running --------------------------------------------------------------------------------------------------------

    def sequence(self, statements: Sequence[Statement]) -> None:
        at = 0
        while at < len(statements):
            try:
                self.statement(statements[at])
            except Jump as jump:
                found = self._label(statements, jump)
                if found is None:
                    raise
                at = found
            at += 1

    @staticmethod
    def _label(statements: Sequence[Statement], jump: Jump) -> int | None:
        if jump.kind != "goto":
            return None
        places = [at for at, each in enumerate(statements) if each.kind == "label" and each.parts["name"] == jump.label]
        return places[0] if places else None

    def statement(self, statement: Statement) -> None:
        flow = FLOW.get(statement.kind)
        if flow is not None:
            flow(self, statement)
            return
        session = self.session
        session.look()
        savepoint = session.store.savepoint(session.tx) if session.tx else 0
        session.null_seen = False
        try:
            self.guarded(lambda: self._work(statement))
        except SqlError as failed:
            self._failed(self.placed(failed, statement), statement, savepoint)
            return
        except Attention:
            self._undone(savepoint)
            raise
        if statement.kind not in KEEPS_ERROR:
            session.error = 0
        session.end_statement(True)

    def _work(self, statement: Statement) -> None:
        from impax_lab.engine.ms import works

        if self.session.doomed and statement.kind in (
            "insert",
            "update",
            "delete",
            "commit",
            "create table",
            "truncate table",
        ):
            raise error(3930)
        works.WORKS[statement.kind](self, statement)

    def guarded(self, work: Callable[[], Any]) -> Any:
        """Whatever goes wrong inside becomes a SqlError."""
        try:
            return work()
        except Problem as problem:
            raise of_problem(problem, self.session) from problem
        except TooManyRows:
            raise error(512) from None
        except sqlite3.Error as failed:
            self.session.look()  # an attention interrupts SQLite
            raise not_understood(50000, f"SQLite: {failed}", f"impax-lab: the engine failed: {failed}") from failed

    def _failed(self, failed: SqlError, statement: Statement, savepoint: int) -> None:
        """What the error ends: the statement always; what else is told by its number and by XACT_ABORT."""
        session = self.session
        self._undone(savepoint)
        session.rowcount = 0
        if failed.number == 1205:
            session.rollback()
        if self.trying and 10 < failed.level < 20:
            session.error = failed.number
            if session.trancount and (session.xact_abort or failed.number in errors.ENDS_BATCH_AND_TRANSACTION):
                session.doomed = True
            raise failed
        tell(session, self.out, failed, statement.text or self.text)
        self._after(failed)

    def _undone(self, savepoint: int) -> None:
        session = self.session
        if session.tx is not None:
            session.store.rollback_to(session.tx, savepoint)
        session.end_statement(False)

    def _after(self, failed: SqlError) -> None:
        session = self.session
        if failed.number in errors.TERMINATED:
            level, state, text = errors.MESSAGES[3621]
            self.out.append(Message(3621, level, state, failed.line or 1, text))
        both = failed.number in errors.ENDS_BATCH_AND_TRANSACTION or session.xact_abort
        if both and session.trancount:
            session.rollback()
        if both or failed.number in errors.ENDS_BATCH or not failed.understood:
            raise EndOfBatch

    # Flow -----------------------------------------------------------------------------------------------------------

    def _protected(self, statement: Statement, work: Callable[[], Any]) -> Any:
        """An expression of a flow statement; when it fails, the statement ends and its branches are passed over."""
        try:
            return self.guarded(work)
        except SqlError as failed:
            self._failed(
                self.placed(failed, statement),
                statement,
                self.session.store.savepoint(self.session.tx) if self.session.tx else 0,
            )
            return None
        finally:
            self.session.end_statement(True)

    def _if(self, statement: Statement) -> None:
        found = self._protected(statement, lambda: self.condition(statement.text))
        if found is None:
            return
        self.session.error, self.session.rowcount = 0, 0
        self.sequence(statement.inner if found else statement.other)

    def _while(self, statement: Statement) -> None:
        for _ in range(MOST_PASSES):
            if not self._protected(statement, lambda: self.condition(statement.text)):
                return
            try:
                self.sequence(statement.inner)
            except Jump as jump:
                if jump.kind == "goto":
                    raise
                if jump.kind == "break":
                    return
            self.session.look()

    def _block(self, statement: Statement) -> None:
        self.sequence(statement.inner)

    def _try(self, statement: Statement) -> None:
        self.trying += 1
        try:
            self.sequence(statement.inner)
            return
        except (SqlError, Caught) as failed:
            caught = failed.failed if isinstance(failed, Caught) else failed
        finally:
            self.trying -= 1
        before, self.session.handled = self.session.handled, caught
        try:
            self.sequence(statement.other)
        finally:
            self.session.handled = before

    def _return(self, statement: Statement) -> None:
        if statement.text:
            self.return_value = self._protected(statement, lambda: self.value(statement.text)[1]) or 0
        raise Return

    def _jump(self, statement: Statement) -> None:
        raise Jump(statement.kind, statement.parts.get("name", ""))

    def _pass(self, statement: Statement) -> None:
        """A label."""

    # Values ---------------------------------------------------------------------------------------------------------

    def compiler(self) -> TransactCompiler:
        return self.session.compiler(self.variables)

    def expression(self, text: str) -> tuple[Value, TransactCompiler]:
        node = parsing.expression(text, "tsql")

        def compiled() -> tuple[Value, TransactCompiler]:
            compiler = self.compiler()
            return compiler.value(node, Scope()), compiler

        return self.session.locked(compiled)

    def value(self, text: str) -> tuple[Type, Any]:
        found, compiler = self.expression(text)
        return found.type, self._evaluated(found.sql, compiler)

    def condition(self, text: str) -> bool:
        node = parsing.expression(text, "tsql")

        def compiled() -> tuple[str, TransactCompiler]:
            compiler = self.compiler()
            return compiler.condition(node, Scope()), compiler

        found, compiler = self.session.locked(compiled)
        return bool(self._evaluated(found, compiler))

    def _evaluated(self, sql: str, compiler: TransactCompiler) -> Any:
        from impax_lab.engine.sql.scope import Query

        return self.session.run(Query(f"SELECT {sql}", ()), compiler)[0][0]

    def assign(self, name: str, kind: Type, value: Any) -> None:
        """Raises SqlError 137 and what a conversion raises. Text that is too long for a variable is cut, silently."""
        if name not in self.variables:
            raise error(137, name, old=self.session.version < 9)
        wanted, _ = self.variables[name]
        self.variables[name] = (wanted, None if kind == NULL else convert.cast(value, kind, wanted))

    # Answers --------------------------------------------------------------------------------------------------------

    def say(self, number: int, level: int, state: int, line: int, text: str) -> None:
        self.out.append(Message(number, level, state, line, text))

    def rows(self, rows: Rows, line: int) -> None:
        self.out.append(rows)
        self.counted(len(rows.rows), line)

    def counted(self, count: int, line: int) -> None:
        """The warning of passed NULLs, then the count."""
        self.session.rowcount = count
        self.warned(line)
        if not self.session.nocount:
            self.out.append(Affected(count))

    def warned(self, line: int) -> None:
        if self.session.null_seen:
            level, state, text = errors.MESSAGES[8153]
            self.out.append(Message(8153, level, state, line, text))


DEFERRED = {208, 544, 545, 911, 8101}  # what only the moment of running can tell
KEEPS_ERROR = {"raiserror", "declare"}
FLOW: dict[str, Callable[[Run, Statement], None]] = {
    "if": Run._if, "while": Run._while, "block": Run._block, "try": Run._try, "return": Run._return, "break": Run._jump,
    "continue": Run._jump, "goto": Run._jump, "label": Run._pass,
}  # fmt: skip
