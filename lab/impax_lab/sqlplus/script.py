# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL*Plus as it reads its input: its own commands, SQL statements, PL/SQL blocks.

SQL*Plus User's Guide and Reference, release 11.2. `assumed`, as the guide is silent: "Connected." is printed in silent
mode and with FEEDBACK OFF too; WHENEVER SQLERROR EXIT takes a failed CONNECT for an SQL error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from impax_lab.sqlplus import database, layout
from impax_lab.sqlplus.settings import Settings

if TYPE_CHECKING:
    from impax_lab.program import Call

BLOCK = re.compile(
    r"(begin|declare|create(\s+or\s+replace)?\s+(function|procedure|package|trigger|type|library))\b", re.I
)
STATEMENT = re.compile(
    r"\(|(select|with|insert|update|delete|merge|create|drop|alter|truncate|lock|commit|rollback|savepoint|grant|revoke|"
    r"analyze|comment|explain|rename|set\s+(transaction|role|constraints?)|audit|noaudit|purge|flashback|call)\b",
    re.I,
)


class Exit(Exception):
    """SQL*Plus ends with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class OnError:
    """WHENEVER SQLERROR / OSERROR. words: what follows EXIT; None: go on."""

    exit: str | None = None
    finish: str = "none"


class Script:
    """One run of SQL*Plus. `line` gives the next line of input without its end, None at the end."""

    def __init__(self, call: Call, line: Callable[[], str | None], silent: bool) -> None:
        self.call, self.next_line, self.silent = call, line, silent
        self.settings = Settings()
        self.session: Any = None
        self.logged_on_as = ""
        self.formats: dict[str, int] = {}
        self.defined: dict[str, str] = {}
        self.sql_error, self.os_error = OnError(), OnError()
        self.last_code = 0
        self.buffer = ""
        self.spool: str | None = None

    @property
    def idle(self) -> bool:
        """Connected to an instance that is not started."""
        return isinstance(self.session, database.Idle)

    # Printing -------------------------------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        data = database.in_charset(self.call, text)
        if self.settings.termout:
            self.call.out(data)
        if self.spool:
            self.call.write_file(self.spool, data, append=True)

    def prompt(self, text: str) -> None:
        if not self.silent:
            self.say(text)

    # Reading --------------------------------------------------------------------------------------------------------

    def run(self) -> int:
        """Until EXIT or the end of input, which is an EXIT too. The result is the exit code."""
        try:
            self._commands()
            self.leave("")
        except Exit as end:
            return end.code if self.call.windows else end.code & 255
        return 0

    def _commands(self) -> None:
        while True:
            self.prompt(str(self.settings.sqlprompt))
            line = self.next_line()
            if line is None:
                return
            self.command(line)

    def command(self, line: str) -> None:
        text = line.strip()
        if not text:
            return
        text = self._substituted(text)
        if BLOCK.match(text):
            self._gather(text, block=True)
        elif STATEMENT.match(text):
            self._gather(text, block=False)
        elif text == "/":
            self.execute(self.buffer)
        elif text.startswith("/*"):
            self._comment(text)
        elif not text.startswith("--"):
            self._own(text.rstrip(";").rstrip() if not text.lower().startswith("prompt") else text)

    def _comment(self, text: str) -> None:
        while "*/" not in text:
            text = self.next_line() or "*/"

    def _gather(self, first: str, block: bool) -> None:
        """The rest of a statement or block. A statement ends with ; or /, a block with / alone on its line."""
        lines = [first]
        while True:
            last = lines[-1].rstrip()
            if not block and last.endswith(";"):
                lines[-1] = last[:-1]
                break
            if len(lines) > 1 and last in ("/", "."):
                lines.pop()
                break
            self.prompt(f"{len(lines) + 1:>3}  ")
            line = self.next_line()
            if line is None or (not block and not line.strip() and not self.settings.sqlblanklines):
                self.buffer = "\n".join(lines)
                return  # not ended: it stays in the buffer and is not run
            lines.append(self._substituted(line))
        self.buffer = "\n".join(lines)
        if last != ".":
            self.execute(self.buffer)

    def _substituted(self, line: str) -> str:
        """&name replaced by its value; SQL*Plus asks for one that it does not know, and reads the answer as input."""
        if not self.settings.define or "&" not in line:
            return line
        return re.sub(r"&&?(\w+)\.?", self._value_of, line)

    def _value_of(self, match: re.Match[str]) -> str:
        name = match[1].lower()
        if name not in self.defined:
            self.say(f"Enter value for {name}: ")
            value = self.next_line() or ""
            if match[0].startswith("&&"):
                self.defined[name] = value
            return value
        return self.defined[name]

    # Running --------------------------------------------------------------------------------------------------------

    def execute(self, statement: str) -> None:
        """Give a statement to the database and print what it answers."""
        if not statement.strip():
            self.say("SP2-0103: Nothing in SQL buffer to run.\n")
            return
        if self.session is None:
            self.say("SP2-0640: Not connected\n")
            return
        try:
            result = database.run(self.call, self.session, statement)
        except database.OracleError as error:
            self._server_output(error.printed)
            self.say(database.shown(error, statement))
            self._failed(error.code)
            return
        self.last_code = 0
        self._answer(result, statement)

    def _answer(self, result: database.Answer, statement: str) -> None:
        if result.columns is not None:
            text = layout.page(result.columns, result.rows, self.settings, self.formats) if result.rows else ""
            self.say(text + self._rows_feedback(len(result.rows)))
            return
        self._server_output(result.printed)
        if self.settings.feedback:
            self.say(f"\n{database.feedback(statement, result.affected)}\n\n")

    def _server_output(self, lines: Sequence[str]) -> None:
        if self.settings.serveroutput:
            self.say("".join(f"{line}\n" for line in lines))

    def _rows_feedback(self, count: int) -> str:
        """What stands behind the rows: with pages a blank line, then their number where FEEDBACK asks for it."""
        least = self.settings.feedback
        if count == 0:
            return "\nno rows selected\n\n" if least else ""
        blank = "\n" if self.settings.pagesize or least else ""
        if not least or count < int(least):
            return "\n" if self.settings.pagesize else ""
        return f"{blank}{count} row{'s' if count > 1 else ''} selected.\n\n"

    def _failed(self, code: int) -> None:
        self.last_code = code
        if self.sql_error.exit is not None:
            self.finish(self.sql_error.finish if self.sql_error.finish != "none" else "commit")
            raise Exit(self._exit_code(self.sql_error.exit))
        self.finish(self.sql_error.finish)

    def finish(self, how: str) -> None:
        if self.session is not None and how in ("commit", "rollback"):
            getattr(self.session, how)()

    def leave(self, words: str) -> None:
        """EXIT: commits, unless told to roll back."""
        how = re.search(r"\b(commit|rollback)\b", words, re.I)
        self.finish(how[1].lower() if how else "commit" if self.settings.exitcommit else "rollback")
        self.disconnect()
        raise Exit(self._exit_code(re.sub(r"\b(commit|rollback)\b", "", words, flags=re.I).strip()))

    def disconnect(self) -> None:
        if self.session is None:
            return
        self.session.close()
        self.prompt("Disconnected\n" if self.idle else f"Disconnected from {database.banner(self.call)}\n")
        self.session = None

    def _exit_code(self, word: str) -> int:
        word = word.lower()
        if word in ("", "success"):
            return 0
        if word in ("failure", "warning"):
            return 1
        if word == "sql.sqlcode":
            return self.last_code
        value = self.defined.get(word, word)
        return int(value) if value.isdigit() else 0

    # Its own commands -----------------------------------------------------------------------------------------------

    def _own(self, text: str) -> None:
        from impax_lab.sqlplus import commands

        commands.run(self, text)

    def connect(self, logon: str) -> bool:
        """CONNECT user/password[@name] [AS SYSDBA]. A failure leaves SQL*Plus without a connection."""
        self.finish("commit")
        if self.session is not None:
            self.session.close()
            self.session = None
        try:
            self.session, self.logged_on_as = database.log_on(self.call, logon, idle=True)
        except database.OracleError as error:
            self.say(f"ERROR:\n{error.message}\n\n\n")
            self.last_code = error.code
            return False
        return True
