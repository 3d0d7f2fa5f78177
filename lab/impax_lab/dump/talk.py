# SPDX-License-Identifier: GPL-3.0-or-later
"""What exp and imp say and ask alike: the banner, the log-on, the log file, the last line.

Both print on standard error (Oracle Database Utilities 11.2); forms from transcripts of real runs.
"""

from __future__ import annotations

import time
from typing import Any

from impax_lab.dump import parameters
from impax_lab.engine.oracle import OracleError
from impax_lab.program import Call
from impax_lab.sqlplus import database

OPTIONS = database.OPTIONS


class Stop(Exception):
    """The utility ends unsuccessfully; its messages are printed already."""


class Talk:
    """One run of exp or imp. prefix: EXP or IMP; title: Export or Import."""

    def __init__(self, call: Call, prefix: str, title: str) -> None:
        self.call, self.prefix, self.title = call, prefix, title
        self.warned = False
        self.log = ""
        self.version = str(call.station.spec.oracle.get("version", "11.2.0.4.0"))

    def say(self, text: str) -> None:
        """A line or more; into the log file too."""
        self.call.err(text)
        if self.log:
            self.call.write_file(self.log, self.call.encoded(text), append=True)

    def message(self, number: int, text: str) -> str:
        return f"{self.prefix}-{number:05}: {text}\n"

    def warn(self, number: int, text: str) -> None:
        self.warned = True
        self.say(self.message(number, text))

    def fail(self, *lines: str) -> Stop:
        for line in lines:
            self.say(line)
        self.say(self.message(0, f"{self.title} terminated unsuccessfully"))
        return Stop()

    def banner(self) -> None:
        now = time.strftime("%a %b %e %H:%M:%S %Y")
        self.say(f"\n{self.title}: Release {self.version} - Production on {now}\n\n"
                 "Copyright (c) 1982, 2011, Oracle and/or its affiliates.  All rights reserved.\n\n\n")  # fmt: skip

    def ask(self, question: str) -> str:
        """A prompt without a line end; at the end of input the utility gives up."""
        self.call.err(question)
        line = self.call.readline()
        if not line:
            raise self.fail("\n", self.message(30, "Unexpected End-Of-File encountered while reading input"))
        return line.decode(self.call.station.spec.codec, "replace").strip()

    def parameters(self, known: set[str]) -> dict[str, str]:
        codec = self.call.station.spec.codec
        try:
            given = parameters.read(
                self.call.words[1:], known, lambda name: self.call.path(name).read_text(encoding=codec)
            )
        except parameters.Wrong as wrong:
            program = self.title[:3].upper()
            raise self.fail(f"{wrong}\n\n", self.message(19 if self.prefix == "EXP" else 22,
                            f"failed to process parameters, type '{program} HELP=Y' for help")) from None  # fmt: skip
        except OSError as error:
            raise self.fail(f"LRM-00109: could not open parameter file '{error.filename}'\n\n") from None
        self._open_log(given.get("log", ""))
        return given

    def _open_log(self, name: str) -> None:
        if not name:
            return
        try:
            self.call.write_file(name, b"")
        except OSError:
            raise self.fail(self.message(28, f"failed to open {name} for write")) from None
        self.log = name

    def log_on(self, userid: str) -> tuple[Any, str]:
        """A session and its user. Without a user id both are asked for, up to three times."""
        for _ in range(3):
            logon = userid or self._asked_for()
            try:
                session, user = database.log_on(self.call, logon)
            except OracleError as error:
                self.say(self.message(56 if self.prefix == "EXP" else 58, f"ORACLE error {error.code} encountered"))
                self.say(f"{error.message}\n")
                if userid:
                    raise self.fail() from None
                continue
            self.say(f"Connected to: {self._database()}\n")
            return session, user
        raise self.fail(self.message(5, "all allowable logon attempts failed"))

    def _asked_for(self) -> str:
        name = self.ask("Username: ")
        return name if "/" in name else f"{name}/{self.ask('Password: ')}"

    def _database(self) -> str:
        name = f"Oracle Database {database.edition(self.version)} Enterprise Edition"
        return f"{name} Release {self.version} - 64bit Production\n{OPTIONS}"

    def charset(self) -> tuple[str, str]:
        """The client's character set (NLS_LANG, else US7ASCII) and the server's."""
        return database.charset(self.call), str(self.call.station.spec.oracle.get("charset", "AL32UTF8"))

    def say_charset(self, verb: str) -> str:
        client, server = self.charset()
        self.say(f"{verb} done in {client} character set and AL16UTF16 NCHAR character set\n")
        if client != server:
            self.say(f"server uses {server} character set (possible charset conversion)\n")
        return client

    def close(self) -> int:
        how = "with warnings" if self.warned else "without warnings"
        self.say(f"{self.title} terminated successfully {how}.\n")
        return 0
