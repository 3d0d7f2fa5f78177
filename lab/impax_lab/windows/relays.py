# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of a station's programs: relay.exe asks, the program answers."""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from impax_lab.program import Call, HungUp, program_name
from impax_lab.windows.hosts import COMMAND_VARIABLE
from impax_lab.windows.wire import CHUNK, Wire, variables

if TYPE_CHECKING:
    from impax_lab.station import StationProcess

KILLED = 1  # assumed: what taskkill /f and a process killed by the system leave as exit code


class RelayCall(Call):
    """A call that came by a relay. cut_command(id, everything): cuts the connection of the WinRM command it is in."""

    def __init__(
        self, station: StationProcess, wire: Wire, hello: list[str], cut_command: Callable[[str, bool], None]
    ) -> None:
        self.program, folder, self.line, *words = hello
        kind, payload = wire.receive()
        env = variables(payload) if kind == b"N" else {}
        super().__init__(station, words, cwd=folder, env=env, user=env.get("USERNAME", ""), windows=True)
        self.name = program_name(self.program)
        self._wire, self._cut_command = wire, cut_command

    def receive(self, size: int = CHUNK) -> bytes:
        try:
            self._wire.send(b"R", struct.pack("<I", size))
            return self._wire.receive()[1]
        except OSError as error:
            raise HungUp from error

    def send(self, stream: int, data: bytes) -> None:
        try:
            for start in range(0, len(data), CHUNK):
                self._wire.send(b"O" if stream == 1 else b"X", data[start : start + CHUNK])
        except OSError as error:
            raise HungUp from error

    def signalled(self, wait: float) -> int | None:
        """9 when the relay is gone: it never speaks unasked, so a readable connection has ended."""
        ready, _, _ = select.select([self._wire.connection], [], [], wait)
        return 9 if ready and self._ended() else None

    def _ended(self) -> bool:
        try:
            return not self._wire.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def cut(self, everything: bool) -> None:
        if COMMAND_VARIABLE in self.env:
            self._cut_command(self.env[COMMAND_VARIABLE], everything)

    def end(self, code: int | None) -> None:
        if code is None:
            return
        try:
            self._wire.send(b"Q", struct.pack("<I", (KILLED if code == -9 else code) & 0xFFFFFFFF))
            self._wire.connection.settimeout(5)
            self._wire.connection.recv(1)  # the relay closes; closing first could cut its last output
        except OSError:
            pass
