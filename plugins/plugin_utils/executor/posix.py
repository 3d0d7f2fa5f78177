# SPDX-License-Identifier: GPL-3.0-or-later
"""Stations with a Bourne /bin/sh, over Ansible's ssh connection. No Python and no file of ours is needed there."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleAuthenticationFailure, AnsibleConnectionFailure

from ..command import Command, Outcome, State
from ..shells import Refused, bourne, bourne_jobs
from . import JobState, TransferFailed
from .local_files import arriving, sha1
from .patience import OutOfTime, end_children, limit

BLOCK = 1024 * 1024
CHUNK = 8 * BLOCK  # bytes in one round trip
SETTLING = 10.0  # seconds that a log-on may take on top of the commands' own time

# What OpenSSH's client says (its texts are not translated) when it never got as far as a command.
NEVER_CONNECTED = re.compile(
    r"ssh: connect to host|Could not resolve|Permission denied|Host key verification failed|no matching|Connection refused"
    r"|No route to host|Network is unreachable|kex_exchange_identification|Too many authentication failures"
)


class PosixTransport:
    """connection: an Ansible connection with ``exec_command(cmd, in_data, sudoable)``. user: its log-on's account."""

    def __init__(self, connection: Any, *, user: str | None = None, codec: str = "utf-8") -> None:
        self.connection, self.user, self.codec = connection, user, codec
        # The plugin would send a command again by itself after a cut: that is never ours to allow.
        connection.set_option("reconnection_retries", 0)

    def run(self, commands: Sequence[Command]) -> list[Outcome]:
        """One round trip for each run of commands that share an account. After an unknown outcome nothing is sent."""
        outcomes: list[Outcome] = []
        for _user, group in groupby(commands, key=lambda command: command.user):
            if any(outcome.state is State.UNKNOWN for outcome in outcomes):
                outcomes += [
                    Outcome(command, State.NOT_BEGUN, why="not sent: see the command before") for command in group
                ]
            else:
                outcomes += self._batch(list(group))
        return outcomes

    def _batch(self, commands: list[Command]) -> list[Outcome]:
        nonce = secrets.token_hex(12)
        try:
            script = bourne.batch(commands, nonce)
        except Refused as refused:
            return [Outcome(command, State.NOT_BEGUN, why=f"cannot be sent safely: {refused}") for command in commands]
        began = time.monotonic()
        stdout, stderr, broke = self._send(script, commands[0].user, sum(command.timeout for command in commands))
        seconds = time.monotonic() - began
        parts = bourne.read_batch(stdout, stderr, nonce, len(commands))
        return [
            self._outcome(command, part, broke, seconds / len(commands))
            for command, part in zip(commands, parts, strict=True)
        ]

    def _send(self, script: str, user: str | None, timeout: float) -> tuple[bytes, bytes, tuple[State, str] | None]:
        """(stdout, stderr, None), or empty streams with what broke and what that means for every command."""
        log_on = bourne.log_on(None if user in (None, self.user) else user)
        try:
            with limit(timeout + SETTLING):
                _code, stdout, stderr = self.connection.exec_command(
                    log_on, in_data=script.encode(self.codec), sudoable=False
                )
            return stdout, stderr, None
        except OutOfTime:
            end_children("ssh")
            return b"", b"", (State.UNKNOWN, f"no answer within {timeout + SETTLING:.0f} s; it may still be running")
        except UnicodeEncodeError as error:
            return (
                b"",
                b"",
                (State.NOT_BEGUN, f"the station's character set {self.codec} lacks {error.object[error.start]!r}"),
            )
        except AnsibleAuthenticationFailure:
            return b"", b"", (State.NOT_BEGUN, "the log-on was refused; nothing was sent")
        except AnsibleConnectionFailure as error:
            return b"", b"", _what_broke(str(error))

    def _outcome(self, command: Command, part: bourne.Part, broke: tuple[State, str] | None, seconds: float) -> Outcome:
        if part.exit_code is not None:
            return Outcome(command, State.ENDED, part.exit_code, part.stdout, part.stderr, seconds, codec=self.codec)
        if broke:
            state, why = broke
        elif not part.begun:
            state, why = State.NOT_BEGUN, self._why_not_begun(command, part)
        else:
            state, why = State.UNKNOWN, "the answer breaks off; the connection was cut or the shell was killed"
        return Outcome(command, state, None, part.stdout, part.stderr, seconds, why, self.codec)

    def _why_not_begun(self, command: Command, part: bourne.Part) -> str:
        if part.stderr and command.folder:
            return f"the folder {command.folder} could not be entered"
        return f"the shell of {command.user or self.user or 'the log-on'} did not run it"

    # Detached jobs

    def start_job(self, job: str, command: Command) -> Outcome:
        try:
            script = bourne_jobs.start(job, command)
        except Refused as refused:
            return Outcome(command, State.NOT_BEGUN, why=f"cannot be sent safely: {refused}")
        return self._about_a_job(command, script)

    def job(self, job: str, user: str | None = None) -> JobState:
        outcome = self._about_a_job(Command(("job", job), user=user, timeout=60), bourne_jobs.look(job))
        if not outcome.ended:
            return JobState("unknown", why=outcome.why)
        state, code, started, out, err = bourne_jobs.read_look(outcome.stdout)
        return JobState(state, code, out, err, started, "" if state != "unknown" else "the answer was not understood")

    def forget_job(self, job: str, user: str | None = None) -> Outcome:
        return self._about_a_job(Command(("forget job", job), user=user), bourne_jobs.forget(job))

    def _about_a_job(self, command: Command, script: str) -> Outcome:
        """Runs one of our own scripts as the command's account; its exit code is printed on its last line."""
        began = time.monotonic()
        stdout, stderr, broke = self._send(bourne_jobs.framed(script), command.user, command.timeout)
        code, out = bourne_jobs.read_frame(stdout)
        state, why = broke or ((State.ENDED, "") if code is not None else (State.UNKNOWN, "the answer breaks off"))
        return Outcome(command, state, code, out, stderr, time.monotonic() - began, why, self.codec)

    # Files

    def fetch(self, remote: str, local: Path) -> None:
        """Copies a station's file here block by block, mode 600, compared by size and SHA-1 (Solaris 10's digest)."""
        size, digest = self.measure(remote)
        if size is None or digest is None:
            raise TransferFailed(remote, f"its size ({size}) and SHA-1 ({digest}) could not both be had")
        with arriving(remote, local) as partial:
            with partial.open("wb") as target:
                for block in self._blocks(remote, size):
                    target.write(block)
                os.fsync(target.fileno())
            if (here := (partial.stat().st_size, sha1(partial))) != (size, digest):
                raise TransferFailed(remote, f"arrived with size and SHA-1 {here}, expected {(size, digest)}")

    def _blocks(self, remote: str, size: int) -> Iterator[bytes]:
        for number in range(-(-size // CHUNK)):
            words = ("dd", f"if={remote}", f"bs={BLOCK}", f"skip={number * CHUNK // BLOCK}", f"count={CHUNK // BLOCK}")
            (outcome,) = self.run([Command(words, timeout=600, withheld=True)])
            if not outcome.as_expected:
                raise TransferFailed(remote, f"block {number} could not be read: {outcome.why or outcome.err.strip()}")
            yield outcome.stdout

    def measure(self, remote: str) -> tuple[int | None, str | None]:
        listed, digest = self.run(
            [Command(("ls", "-lnd", remote)), Command(("digest", "-a", "sha1", remote), timeout=3600)]
        )
        fields, value = listed.out.split(), digest.out.strip()
        size = int(fields[4]) if listed.as_expected and len(fields) > 5 and fields[4].isdigit() else None
        return size, value if digest.as_expected and re.fullmatch("[0-9a-f]{40}", value) else None


def _what_broke(text: str) -> tuple[State, str]:
    said = " ".join(text.split())
    if NEVER_CONNECTED.search(text):
        return State.NOT_BEGUN, f"the station could not be reached: {said}"
    return State.UNKNOWN, "the connection broke; the command may have run and may still be running"
