# SPDX-License-Identifier: GPL-3.0-or-later
"""Shell hosts: a winrshost.exe of its own behind each remote shell and each scheduled job, and the commands in it."""

from __future__ import annotations

import contextlib
import struct
import threading
import uuid
from collections import deque
from collections.abc import Callable
from functools import partial

from impax_lab.windows.wine import OWN_VARIABLES, Prefix
from impax_lab.windows.wire import CHUNK, Switchboard, Wire, fields

START_SECONDS = 60
TERMINATED = 0xC000013A  # STATUS_CONTROL_C_EXIT
Filter = Callable[[bytes, bool], bytes]
COMMAND_VARIABLE = "=LAB"  # winrshost.c sets it to the command's id


class NotStarted(Exception):
    """CreateProcess failed with a Windows error `code`."""

    def __init__(self, code: int) -> None:
        super().__init__(f"CreateProcess: error {code}")
        self.code = code


class Command:
    """One running command line. Output arrives as (stream name, bytes) in the order in which it was printed.

    filters: by stream name, what each piece of output passes; it is told when the end has come.
    """

    def __init__(self, host: Host, identity: str, filters: dict[str, Filter] | None = None) -> None:
        self.filters = filters or {}
        self.host, self.id = host, identity
        self.exit_code: int | None = None
        self.cmd = False  # whether it runs by cmd.exe
        self.error = 0
        self._changed = threading.Condition()
        self._chunks: deque[tuple[str, bytes]] = deque()
        self._begun = self._done = False
        self._wire: Wire | None = None

    def attach(self, wire: Wire) -> None:
        """Serve the host's connection for this command until its end."""
        self._wire = wire
        try:
            while True:
                self._note(*wire.receive())
        except ConnectionError:
            self._note(b"", b"")

    def wait_begun(self) -> None:
        """Raises NotStarted when Windows could not start it."""
        with self._changed:
            self._changed.wait_for(lambda: self._begun or self._done, START_SECONDS)
        if not self._begun:
            raise NotStarted(self.error or 1359)  # ERROR_INTERNAL_ERROR: the host itself is gone

    def output(self, timeout: float, most: int) -> tuple[list[tuple[str, bytes]], bool] | None:
        """Up to `most` bytes of output so far and whether that was the end; None when nothing came in `timeout` s."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._chunks or self._done, timeout):
                return None
            chunks, size = [], 0
            while self._chunks and size + len(self._chunks[0][1]) <= most:
                chunks.append(self._chunks.popleft())
                size += len(chunks[-1][1])
            return chunks, self._done and not self._chunks

    def wait(self, timeout: float | None = None) -> int | None:
        """The exit code, or None when it still runs after `timeout` seconds. Output that nobody reads is dropped."""
        with self._changed:
            self._changed.wait_for(lambda: self._done, timeout)
            self._chunks.clear()
        return self.exit_code

    @property
    def running(self) -> bool:
        return not self._done

    def feed(self, data: bytes, end: bool) -> None:
        """Bytes for its stdin. They are lost when it has ended or closed its stdin."""
        try:
            for start in range(0, len(data), CHUNK):
                self._send(b"I", data[start : start + CHUNK])
            if end:
                self._send(b"E")
        except OSError:
            pass

    def terminate(self) -> None:
        self.host.terminate(self.id)

    def _send(self, kind: bytes, payload: bytes = b"") -> None:
        if self._wire and not self._done:
            self._wire.send(kind, payload)

    def _note(self, kind: bytes, payload: bytes) -> None:
        with self._changed:
            if kind == b"B":
                self._begun = True
            elif kind == b"F":
                self.error = struct.unpack("<I", payload)[0]
            elif kind in (b"O", b"X"):
                self._keep("stdout" if kind == b"O" else "stderr", payload)
            elif kind == b"Q":
                self.exit_code = struct.unpack("<I", payload)[0]
            if kind in (b"Q", b"F", b"") and not self._done:
                for stream in self.filters:
                    self._keep(stream, b"", end=True)
                self._done = True
                if self.exit_code is None:
                    self.exit_code = TERMINATED
            self._changed.notify_all()

    def _keep(self, stream: str, data: bytes, end: bool = False) -> None:
        if stream in self.filters:
            data = self.filters[stream](data, end)
        if data:
            self._chunks.append((stream, data))


class Host:
    """One winrshost.exe. It and all it started die when `close` is called or this process ends."""

    def __init__(self, prefix: Prefix, board: Switchboard, codepage: int, environment: dict[str, str]) -> None:
        self.id = uuid.uuid4().hex
        self.commands: dict[str, Command] = {}
        self._environment = environment
        self._attached = threading.Event()
        self._closed = False
        self._wire: Wire | None = None
        self._start = partial(
            prefix.start,
            r"C:\windows\winrshost.exe",
            WINRS_HOST=f"{board.port} {board.token} {self.id} {codepage}",
        )

    def start(self) -> None:
        self._process = self._start()

    def attach(self, wire: Wire) -> None:
        """Serve the control connection until the host ends."""
        self._wire = wire
        self._process.wait()
        if not self._closed:
            drop = [f"{name}=" for name in OWN_VARIABLES]
            wire.send(b"N", fields(*drop, *(f"{name}={value}" for name, value in self._environment.items())))
            self._attached.set()
            with contextlib.suppress(ConnectionError):
                wire.receive()

    def run(
        self, line: str, folder: str = "", identity: str | None = None, filters: dict[str, Filter] | None = None
    ) -> Command:
        """Start a command line, given to CreateProcess as it is. Raises NotStarted."""
        command = Command(self, identity or uuid.uuid4().hex, filters)
        self.commands[command.id] = command
        if not self._attached.wait(START_SECONDS):
            raise NotStarted(1359)
        assert self._wire
        self._wire.send(b"S", fields(command.id, folder, line))
        command.wait_begun()
        return command

    def terminate(self, command: str) -> None:
        if self._wire:
            with contextlib.suppress(OSError):  # the host is gone, and its commands with it
                self._wire.send(b"T", fields(command))

    def close(self) -> None:
        """A host that has not reported yet ends as soon as it does."""
        self._closed = True
        if self._wire:
            self._wire.close()


class Hosts:
    """All hosts of a station, as the switchboard needs them."""

    def __init__(self, prefix: Prefix, board: Switchboard) -> None:
        self.prefix, self.board = prefix, board
        self._hosts: dict[str, Host] = {}
        board.receivers["control"] = self._control
        board.receivers["command"] = self._command

    def open(self, codepage: int, environment: dict[str, str]) -> Host:
        host = Host(self.prefix, self.board, codepage, environment)
        self._hosts[host.id] = host
        host.start()
        return host

    def close(self, host: Host) -> None:
        host.close()

    def close_all(self) -> None:
        for host in list(self._hosts.values()):
            host.close()

    def _control(self, wire: Wire, rest: list[str]) -> None:
        try:
            self._hosts[rest[0]].attach(wire)
        finally:
            self._hosts.pop(rest[0], None)

    def _command(self, wire: Wire, rest: list[str]) -> None:
        command = self._hosts[rest[0]].commands.pop(rest[1])
        command.attach(wire)
