# SPDX-License-Identifier: GPL-3.0-or-later
"""The station's side of wire.h: frames, and the one loopback port at which relays and shell hosts report."""

from __future__ import annotations

import contextlib
import secrets
import socket
import struct
import threading
from collections.abc import Callable

CHUNK = 65536


class Wire:
    """One connection to a Windows program. Frames are (kind, payload); several threads may send."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._sending = threading.Lock()

    def receive(self) -> tuple[bytes, bytes]:
        """The next frame. Raises ConnectionError at the end of the connection."""
        head = self._exactly(5)
        return head[:1], self._exactly(struct.unpack("<I", head[1:])[0])

    def send(self, kind: bytes, payload: bytes = b"") -> None:
        with self._sending:
            self.connection.sendall(kind + struct.pack("<I", len(payload)) + payload)

    def close(self) -> None:
        with contextlib.suppress(OSError):  # the other side was faster
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def _exactly(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            try:
                part = self.connection.recv(min(size - len(parts), 1 << 20))
            except OSError as error:
                raise ConnectionError(str(error)) from error
            if not part:
                raise ConnectionError("the program hung up")
            parts += part
        return bytes(parts)


def fields(*texts: str) -> bytes:
    """Texts as a payload: UTF-8, each ended by NUL."""
    return b"".join(text.encode("utf-8", "surrogatepass") + b"\0" for text in texts)


def texts(payload: bytes) -> list[str]:
    return payload.decode("utf-8", "replace").split("\0")[:-1]


def variables(payload: bytes) -> dict[str, str]:
    """An environment block; names may begin with "=" (Windows keeps the folder of each drive in "=C:")."""
    pairs = (text for text in texts(payload) if "=" in text[1:])
    return {text[: text.index("=", 1)]: text[text.index("=", 1) + 1 :] for text in pairs}


class Switchboard:
    """Listens on a loopback port of its own; a program that knows the token is handed to the receiver of its role."""

    def __init__(self) -> None:
        self.token = secrets.token_hex(16)
        self.receivers: dict[str, Callable[[Wire, list[str]], None]] = {}
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="switchboard", daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._attend, args=(Wire(connection),), daemon=True).start()

    def _attend(self, wire: Wire) -> None:
        try:
            kind, payload = wire.receive()
            token, role, *rest = texts(payload)
            if kind == b"H" and secrets.compare_digest(token, self.token):
                self.receivers[role](wire, rest)
        except (ConnectionError, ValueError, KeyError):
            pass  # it went away, or it is none of ours
        finally:
            wire.close()
