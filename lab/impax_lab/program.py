# SPDX-License-Identifier: GPL-3.0-or-later
"""What a station's program is, and one call of it.

A program is a file ``programs/NAME.py`` with

- ``NAMES``: the names it is called by (lower case, without .exe);
- ``SYSTEMS``: the systems that have it, of ``unix`` and ``windows``;
- ``SOURCES``: where its behaviour is known from, or ``assumed``;
- ``SPECIAL``: its own fault behaviours, ``{behaviour: the real fault it stands for}``;
- ``main(call) -> int``: what it does; the result is its exit code;
- optional ``FAILURE``: the text of a typical failure (behaviour ``lying_zero`` prints it and ends with 0);
- optional ``TRANSLATED``: ``{English text: the same in another language}`` for the behaviour ``translated``;
- optional ``PLACES``: where it lies on the station, ``{system: [absolute path, ...]}``; or, on Windows, where that depends
  on the station, a function ``places(station, name) -> [absolute path, ...]``;
- optional ``BATCH``: True where it is a batch file on Windows (``NAME.bat`` in its places).
"""

from __future__ import annotations

import errno
import importlib
import os
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from impax_lab.station import StationProcess

GENERIC_FAILURE = "I/O error"


class Killed(Exception):
    """The program is to die of `signal` here and now; what it has done stays."""

    def __init__(self, signal: int = 9) -> None:
        super().__init__(f"killed by signal {signal}")
        self.signal = signal


class HungUp(Exception):
    """The caller is gone: nobody reads the output or waits for the exit code."""


class Call(ABC):
    """One run of a program on a station.

    station: the station's process (engine, state, disks). name: the program's name as found in ``NAMES``.
    words: the words as typed, ``words[0]`` the program. cwd: working folder as the station knows it.
    env: its environment. user: the account it runs under. windows: whether the station is a Windows one.
    behaviour: a special behaviour of this program that is injected for this call, else None.
    pretend: say that all is done and do nothing; programs that change anything look at it.
    full: the disk is full for this call. dies: the program is killed while it writes its first file.
    """

    behaviour: str | None = None
    pretend: bool = False
    full: bool = False
    dies: bool = False

    def __init__(
        self,
        station: StationProcess,
        words: list[str],
        *,
        cwd: str,
        env: Mapping[str, str],
        user: str,
        windows: bool,
    ) -> None:
        self.station = station
        self.words = words
        self.cwd = cwd
        self.env = dict(env)
        self.user = user
        self.windows = windows
        self.name = program_name(words[0]) if words else ""
        self.held: list[tuple[int, bytes]] | None = None  # output kept back by a fault: [(stream, bytes)]
        self.notes: list[str] = []  # what the record of the call shall say besides
        self._rest = b""

    # What a relay must provide ------------------------------------------------------------------------------------

    @abstractmethod
    def receive(self, size: int = 65536) -> bytes:
        """The next bytes of the caller's standard input, at most `size`; empty at its end."""

    @abstractmethod
    def send(self, stream: int, data: bytes) -> None:
        """Write all of `data` to the caller's standard output (1) or error output (2). Raises HungUp."""

    @abstractmethod
    def signalled(self, wait: float) -> int | None:
        """The signal that reached the program within `wait` seconds (9: the caller is gone), else None."""

    @abstractmethod
    def cut(self, everything: bool) -> None:
        """Cut the connection that this call came in by, as a pulled cable would; a detached call has none.

        everything: what runs in that log-on ends too, as if its command had never arrived; else it runs on.
        """

    # What a program uses ------------------------------------------------------------------------------------------

    def read(self) -> bytes:
        """All of standard input."""
        parts = [self._rest]
        self._rest = b""
        while part := self.receive():
            parts.append(part)
        return b"".join(parts)

    def readline(self) -> bytes:
        """One line of standard input with its line end; empty at the end."""
        while b"\n" not in self._rest:
            part = self.receive()
            if not part:
                line, self._rest = self._rest, b""
                return line
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\n")
        return line + b"\n"

    def out(self, data: str | bytes) -> None:
        self._print(1, self.encoded(data))

    def err(self, data: str | bytes) -> None:
        self._print(2, self.encoded(data))

    def _print(self, stream: int, data: bytes) -> None:
        if self.held is None:
            self.send(stream, data)
        else:
            self.held.append((stream, data))

    def encoded(self, data: str | bytes) -> bytes:
        """Bytes as they are; text in the station's codec, with the system's line ends."""
        if isinstance(data, bytes):
            return data
        if self.windows:
            data = data.replace("\n", "\r\n")
        return data.encode(self.station.spec.codec, "surrogateescape" if not self.windows else "replace")

    def note(self, text: str) -> None:
        """Leave a remark in the record of this call, above all: what was asked that the lab has not got."""
        self.notes.append(text)

    def path(self, name: str) -> Path:
        """The host's path of the station's file `name` (absolute or relative to the working folder)."""
        return self.station.host_path(self.cwd, name)

    def write_file(self, name: str, data: bytes, append: bool = False) -> None:
        """Write a file of the station. Raises OSError: ENOSPC when its disk has no room (what fits is written)."""
        if self.pretend:
            return
        target = self.path(name)
        room = 0 if self.full else self.station.room(name, self.cwd) + (0 if append else _size(target))
        whole = data if len(data) <= room else data[:room]
        if self.dies:
            whole = whole[: len(whole) // 2]
        with target.open("ab" if append else "wb") as file:
            file.write(whole)
        if self.dies:
            raise Killed
        if len(whole) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)


class HeldCall(Call):
    """A call whose input and output are held in memory: to try a program out without a relay."""

    def __init__(self, station: StationProcess, words: list[str], stdin: bytes = b"", **place: object) -> None:
        defaults: dict[str, object] = {"cwd": "/", "env": {}, "user": "root", "windows": False}
        super().__init__(station, words, **{**defaults, **place})  # type: ignore[arg-type]
        self.stdin = stdin
        self.sent: dict[int, bytes] = {1: b"", 2: b""}

    def receive(self, size: int = 65536) -> bytes:
        part, self.stdin = self.stdin[:size], self.stdin[size:]
        return part

    def send(self, stream: int, data: bytes) -> None:
        self.sent[stream] += data

    def signalled(self, wait: float) -> int | None:
        return None

    def cut(self, everything: bool) -> None:
        """There is no connection to cut."""


def program_name(word: str) -> str:
    """The bare name of a program as typed: ``/usr/bin/df`` is ``df``, ``C:\\x\\BCP.EXE`` is ``bcp``."""
    name = word.replace("\\", "/").rsplit("/", 1)[-1].lower()
    for ending in (".exe", ".bat", ".cmd", ".com"):
        name = name.removesuffix(ending)
    return name


def modules() -> list[ModuleType]:
    """Every program file, imported."""
    package = importlib.import_module("impax_lab.programs")
    names = sorted(item.name for item in pkgutil.iter_modules(package.__path__) if not item.name.startswith("_"))
    return [importlib.import_module(f"impax_lab.programs.{name}") for name in names]


def discover(system: str) -> dict[str, ModuleType]:
    """Every program of `system` (``unix`` or ``windows``) by each of its names."""
    found: dict[str, ModuleType] = {}
    for module in modules():
        if system not in module.SYSTEMS:
            continue
        for name in module.NAMES:
            if name in found:
                raise ValueError(f"{module.__name__} and {found[name].__name__} both claim {name!r} on {system}")
            found[name] = module
    return found


def special(module: ModuleType) -> dict[str, str]:
    """The fault behaviours that are the program's own."""
    return dict(getattr(module, "SPECIAL", {}))


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
