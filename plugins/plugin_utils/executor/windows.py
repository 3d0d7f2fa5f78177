# SPDX-License-Identifier: GPL-3.0-or-later
"""Stations with cmd.exe, over the connection `winrm_cmd`. No PowerShell, and nothing of ours installed there."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from ..command import Command, Outcome, State
from ..shells import Refused, cmd
from . import JobState, TransferFailed
from .windows_failures import Broken, NothingSent, TimedOut
from .windows_files import Files
from .windows_jobs import Failed, Jobs

SETTLING = 10.0  # seconds that starting a shell and a program may take on top of the commands' own time
CODE_PAGES = {"utf-8": 65001, "ascii": 20127, "latin-1": 28591}


class WindowsTransport:
    """connection: a `winrm_cmd` Connection. user: its log-on's account. codec: Python's name of the station's own (OEM)
    code page. job_folder: where detached jobs and private files live; administrators only."""

    def __init__(
        self,
        connection: Any,
        *,
        user: str | None = None,
        codec: str | None = None,
        job_folder: str = "C:\\impax-jobs",
    ) -> None:
        self.connection, self.user = connection, user
        self.codec = codec or "cp437"
        if codec:
            connection.use_codepage(code_page(codec))
        self._jobs = Jobs(self, job_folder)
        self._skips: bool | None = None  # whether WINRS_SKIP_CMD_SHELL works here; None: not asked yet

    def run(self, commands: Sequence[Command]) -> list[Outcome]:
        """One WinRM command for each row of commands that can share one. After an unknown outcome nothing is sent."""
        outcomes: list[Outcome] = []
        for together, group in groupby(commands, key=self._can_share):
            for outcome in self._carry(list(group), together, outcomes):
                outcomes.append(outcome)
        return outcomes

    def _can_share(self, command: Command) -> bool:
        return self.wrong_account(command) is None and cmd.is_companion(command)

    def _carry(self, group: list[Command], together: bool, before: list[Outcome]) -> Iterator[Outcome]:
        if together and not _in_doubt(before) and not _is_plain(group):
            yield from self._batch(group)
            return
        for command in group:
            if _in_doubt(before):
                yield Outcome(command, State.NOT_BEGUN, why="not sent: what came of the command before it is unknown")
            else:
                yield self._alone(command)

    # Files and detached jobs

    def put(self, local: Path, remote: str) -> None:
        Files(self).put(local, remote)

    def fetch(self, remote: str, local: Path) -> None:
        Files(self).fetch(remote, local)

    def start_job(self, job: str, command: Command) -> Outcome:
        return self._jobs.start(job, command)

    def job(self, job: str, user: str | None = None) -> JobState:
        return self._jobs.look(job)

    def forget_job(self, job: str, user: str | None = None) -> Outcome:
        return self._jobs.forget(job)

    def measure(self, remote: str) -> tuple[int | None, str | None]:
        """(size in bytes, SHA-1): None where the station did not say it. Raises TransferFailed."""
        return Files(self).measure(remote)

    def put_text(self, path: str, text: str) -> None:
        """A small text file in the station's own code page; one of that name is replaced. Raises TransferFailed."""
        Files(self).write(path, text.encode(self.codec, "replace"))

    def private_folder(self, path: str) -> None:
        """Makes the folder if need be; only administrators, the system and this account may enter it."""
        try:
            Jobs(self, path).make_private()
        except Failed as failure:
            raise TransferFailed(path, failure.why) from None

    # Several in one WinRM command

    def _batch(self, commands: list[Command]) -> list[Outcome]:
        nonce = secrets.token_hex(8)
        outcomes: list[Outcome] = []
        for line in cmd.batch(commands, nonce):
            mine = [commands[number] for number in line.numbers]
            if _in_doubt(outcomes):
                outcomes += [
                    Outcome(command, State.NOT_BEGUN, why="not sent: see the command before") for command in mine
                ]
                continue
            outcomes += self._one_line(line, mine, nonce)
        return outcomes

    def _one_line(self, line: cmd.Line, commands: list[Command], nonce: str) -> list[Outcome]:
        began = time.monotonic()
        stdout, stderr, broke = self._send(line.text, deadline=_Pace(commands, nonce))
        seconds = (time.monotonic() - began) / len(commands)
        parts = [cmd.read_batch(stdout, stderr, nonce, number) for number in line.numbers]
        return [self._outcome(command, part, broke, seconds) for command, part in zip(commands, parts, strict=True)]

    def _outcome(self, command: Command, part: Any, broke: Exception | None, seconds: float) -> Outcome:
        if part.exit_code is not None:
            state, why = State.ENDED, ""
        elif isinstance(broke, NothingSent):
            state, why = State.NOT_BEGUN, str(broke)
        elif isinstance(broke, Broken):
            certain = isinstance(broke, TimedOut) and broke.drained and not part.begun
            state = State.NOT_BEGUN if certain else State.UNKNOWN
            why = "a command before it took too long" if certain else str(broke)
        elif part.begun:
            state, why = State.UNKNOWN, "the answer breaks off, or cmd.exe read the exit code too early"
        else:
            state, why = State.NOT_BEGUN, "cmd.exe did not run it"
        return Outcome(command, state, part.exit_code, part.stdout, part.stderr, seconds, why, self.codec)

    def _send(self, line: str, **how: Any) -> tuple[bytes, bytes, Exception | None]:
        """(stdout, stderr, what broke)."""
        try:
            _code, stdout, stderr = self.connection.run(line, **how)
            return stdout, stderr, None
        except NothingSent as failure:
            return b"", b"", failure
        except Broken as failure:
            return failure.stdout, failure.stderr, failure

    # One alone

    def _alone(self, command: Command) -> Outcome:
        if why := self.wrong_account(command):
            return Outcome(command, State.NOT_BEGUN, why=why)
        if command.creates:
            return replace(self._jobs.with_private_file(command, self._alone), command=command)
        began = time.monotonic()
        try:
            line, through_cmd = self._line(command)
            code, stdout, stderr = self.connection.run(
                line,
                stdin=cmd.standard_input(command, self.codec) if command.stdin or not through_cmd else None,
                environment=cmd.environment(command),
                folder=command.folder,
                through_cmd=through_cmd,
                timeout=command.timeout + SETTLING,
            )
        except (Refused, NothingSent, Broken) as failure:
            return self._failed(command, failure, time.monotonic() - began)
        return Outcome(command, State.ENDED, code, stdout, stderr, time.monotonic() - began, codec=self.codec)

    def _failed(self, command: Command, failure: Exception, seconds: float) -> Outcome:
        if isinstance(failure, Broken):
            out, err = failure.stdout, failure.stderr
            return Outcome(command, State.UNKNOWN, None, out, err, seconds, str(failure), self.codec)
        why = f"cannot be sent safely: {failure}" if isinstance(failure, Refused) else str(failure)
        return Outcome(command, State.NOT_BEGUN, seconds=seconds, why=why, codec=self.codec)

    def _line(self, command: Command) -> tuple[str, bool]:
        """(the line, whether cmd.exe runs it). cmd.exe is preferred: it finds a program by its bare name everywhere."""
        try:
            return cmd.line(command), True
        except Refused:
            if command.builtin or not self._skips_cmd():
                raise
        return cmd.direct(replace(command, words=(self._found(command), *command.words[1:]))), False

    def _skips_cmd(self) -> bool:
        """Whether this station starts a program without cmd.exe when asked to: four carets become two in one cmd.exe,
        and one in two."""
        if self._skips is None:
            _code, shown, _err = self.connection.run("set ComSpec")
            shell = shown.decode(self.codec, "replace").strip().partition("=")[2]
            _code, out, _err = self.connection.run(f"{shell} /d /c echo ^^^^", stdin=b"", through_cmd=False)
            self._skips = out.strip() == b"^^"
        return self._skips

    def _found(self, command: Command) -> str:
        """The program's full path, which it takes without cmd.exe (assumed, from pypsrp's documentation)."""
        name = str(command.words[0])
        if "\\" in name:
            return name
        if not cmd.PLAIN.match(name):
            raise Refused(f"{name!r} cannot be looked for")
        file = name if "." in name else f"{name}.exe"
        _code, out, _err = self.connection.run(f"for %i in ({file}) do @echo %~$PATH:i")
        path = out.decode(self.codec, "replace").strip()
        if not path.lower().endswith("\\" + file.lower()):
            raise Refused(f"the program {name} is not on the station's path")
        return path

    def wrong_account(self, command: Command) -> str | None:
        """Why the command cannot run as the account that it names; on Windows only the log-on's own can be had."""
        if command.user is None:
            return None
        if self.user is None:
            self.user = self.who()
        if _bare(self.user) == _bare(command.user):
            return None
        return f"it must run as {command.user}, and the log-on is {self.user}"

    def who(self) -> str:
        try:
            return str(self.connection.run("whoami")[1].decode(self.codec, "replace").strip())
        except (NothingSent, Broken):
            return "unknown"


class _Pace:
    """Each command of a batch has its own time, counted from when the one before it was seen to end."""

    def __init__(self, commands: list[Command], nonce: str) -> None:
        self._commands, self._mark = commands, re.compile(rf"@{nonce} \d+ e -?\d".encode())
        self._began, self._ended = time.monotonic(), 0
        self._until = commands[0].timeout + SETTLING

    def __call__(self, stdout: bytes | bytearray) -> float:
        ended = min(len(self._mark.findall(stdout)), len(self._commands) - 1)
        if ended > self._ended:
            self._ended = ended
            self._until = time.monotonic() - self._began + self._commands[ended].timeout + SETTLING
        return self._until


def _is_plain(group: list[Command]) -> bool:
    """One command that needs no markers. Where 1 is an expected exit code they are needed: ``cmd /c`` also ends with 1 when
    there is no such program, and with 9009 only between markers."""
    return len(group) == 1 and group[0].expected == {0}


def _in_doubt(outcomes: list[Outcome]) -> bool:
    return any(outcome.state is State.UNKNOWN for outcome in outcomes)


def _bare(user: str) -> str:
    """An account without its domain."""
    return user.rpartition("\\")[2].partition("@")[0].lower()


def code_page(codec: str) -> int:
    """Windows' number of a Python codec: cp850 is 850. Raises ValueError for one that Windows has no number of."""
    if codec.lower() in CODE_PAGES:
        return CODE_PAGES[codec.lower()]
    number = codec.lower().removeprefix("cp")
    if not number.isdigit():
        raise ValueError(f"impax_codec {codec!r} is no Windows code page; expected for example cp850")
    return int(number)
