# SPDX-License-Identifier: GPL-3.0-or-later
"""The one room that talks to a station. It carries commands and brings outcomes; it knows no program.

`Station` is what actions use. Behind it stands one `Transport` a kind of shell: `posix` over Ansible's ssh, `windows`
over `winrm_cmd`. Whatever breaks on the way comes back as an `Outcome` whose state says what can be known:
NOT_BEGUN (nothing ran) or UNKNOWN (it may have run and may run on). Nothing is ever repeated here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ansible import constants
from ansible.utils.display import Display

from ..command import Command, Outcome, Secret, scrub


@dataclass(frozen=True)
class JobState:
    """A detached job as its station knows it.

    state: "none" (never started here), "running", "done" (exit_code is known), "lost" (started, but neither running nor
    ended: killed, or the station restarted) or "unknown" (the station could not be asked; `why` says so).
    started: the station's own clock as it prints it, or "".
    """

    state: str
    exit_code: int | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    started: str = ""
    why: str = ""
    codec: str = "utf-8"

    @property
    def printed(self) -> str:
        """What its program printed on both ways; bytes that are no characters as ``\\udcXX``, line ends as ``\\n``."""
        both = self.stdout + b"\n" + self.stderr
        return both.decode(self.codec, "surrogateescape").replace("\r\n", "\n")


class TransferFailed(Exception):
    """A file did not arrive whole. Fields: path, why. Nothing stays at the target that could be taken for the file."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path, self.why = path, why


class Transport(Protocol):
    """What a kind of shell must be able to do."""

    codec: str

    def run(self, commands: Sequence[Command]) -> list[Outcome]: ...

    def fetch(self, remote: str, local: Path) -> None: ...

    def measure(self, remote: str) -> tuple[int | None, str | None]: ...

    def start_job(self, job: str, command: Command) -> Outcome: ...

    def job(self, job: str, user: str | None = None) -> JobState: ...

    def forget_job(self, job: str, user: str | None = None) -> Outcome: ...


class Station:
    """One station, by its inventory name. Every command goes through `ask`, which journals what came of it.

    note: called with each Outcome (already carried out) and the function that scrubs text by all secrets seen so far.
    """

    def __init__(self, name: str, transport: Transport, note: Callable[[Outcome, Callable[[str], str]], None]) -> None:
        self.name, self.transport, self._note = name, transport, note
        self._secrets: set[Secret] = set()

    def ask(self, commands: Sequence[Command]) -> list[Outcome]:
        """All of `commands`, in one round trip where the shell allows it; outcomes in the same order."""
        if not commands:
            return []
        self.learn(*(secret for command in commands for secret in command.secrets()))
        with quiet(any(command.withheld or command.secrets() for command in commands)):
            outcomes = self.transport.run(commands)
        for outcome in outcomes:
            self._note(outcome, self.scrub)
        return outcomes

    def run(self, command: Command) -> Outcome:
        return self.ask([command])[0]

    def learn(self, *secrets: Secret) -> None:
        """From now on these values are scrubbed from everything that is shown or written."""
        self._secrets.update(secrets)

    def scrub(self, text: str) -> str:
        return scrub(text, tuple(self._secrets))

    def start_job(self, job: str, command: Command) -> Outcome:
        """Starts `command` detached, at most once for one job id. After a broken connection ask `job`."""
        self.learn(*command.secrets())
        with quiet(bool(command.secrets()) or command.withheld):
            outcome = self.transport.start_job(job, command)
        self._note(outcome, self.scrub)
        return outcome

    def job(self, job: str, user: str | None = None) -> JobState:
        with quiet(bool(self._secrets)):
            return replace(self.transport.job(job, user), codec=self.transport.codec)

    def forget_job(self, job: str, user: str | None = None) -> Outcome:
        return self.transport.forget_job(job, user)

    def put(self, local: Path, remote: str) -> None:
        """Copies a file to the station; no section needs that where the shell is /bin/sh."""
        put = getattr(self.transport, "put", None)
        if put is None:
            raise TransferFailed(remote, "files are not put on a station of this kind")
        put(local, remote)

    def fetch(self, remote: str, local: Path) -> None:
        self.transport.fetch(remote, local)

    def measure(self, remote: str) -> tuple[int | None, str | None]:
        """(size in bytes, SHA-1) of a station's file as it is now; None where the station did not say it."""
        return self.transport.measure(remote)

    def put_text(self, path: str, text: str) -> None:
        """A small text file on the station (Windows)."""
        write = getattr(self.transport, "put_text", None)
        if write is None:
            raise TransferFailed(path, "text files are not written on a station of this kind")
        write(path, text)

    def private_folder(self, path: str) -> None:
        """Makes a folder that only administrators, the system and the log-on's account may enter (Windows)."""
        make = getattr(self.transport, "private_folder", None)
        if make is None:
            raise TransferFailed(path, "private folders are not made on a station of this kind")
        make(path)


@contextmanager
def quiet(secret: bool) -> Iterator[None]:
    """While a secret travels, Ansible's connection plugins print neither what they send (-vvv) nor what they receive
    (-vvv, ANSIBLE_DEBUG)."""
    if not secret:
        yield
        return
    display = Display()
    verbosity, debug = display.verbosity, constants.DEFAULT_DEBUG
    display.verbosity, constants.DEFAULT_DEBUG = 0, False
    try:
        yield
    finally:
        display.verbosity, constants.DEFAULT_DEBUG = verbosity, debug
