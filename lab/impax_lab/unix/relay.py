# SPDX-License-Identifier: GPL-3.0-or-later
"""The station's side of the relay (``src/relay.c``): takes its requests and makes a `UnixCall` of each."""

from __future__ import annotations

import array
import os
import select
import signal
import socket
import struct
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from impax_lab.program import Call, HungUp, Killed
from impax_lab.station import listening

if TYPE_CHECKING:
    from impax_lab.station import StationProcess

SOCKET = "var/run/.station"  # in the station's root
EXIT, DIE, RUN = 0, 1, 2
_PEER = struct.Struct("3i")


class UnixCall(Call):
    """A call that came by the relay. peer: the relay's process on the host."""

    def __init__(
        self, station: StationProcess, connection: socket.socket, request: bytes, streams: Sequence[int]
    ) -> None:
        texts = [part.decode("utf-8", "surrogateescape") for part in request.split(b"\0")[:-1]]
        uid, self.pid, cwd, count = int(texts[0]), int(texts[1]), texts[2], int(texts[3])
        env = dict(text.split("=", 1) for text in texts[4 : 4 + count] if "=" in text)
        user = account_name(station, uid)
        super().__init__(station, texts[4 + count :], cwd=cwd, env=env, user=user, windows=False)
        self.name = self.name.removeprefix("-")  # a log-on shell is called -sh
        self.uid = uid
        self.connection = connection
        self.streams = list(streams)
        self.peer = _PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))[0]

    def receive(self, size: int = 65536) -> bytes:
        try:
            return os.read(self.streams[0], size)
        except OSError:
            return b""

    def send(self, stream: int, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self.streams[stream], view) :]
            except BlockingIOError:
                select.select([], [self.streams[stream]], [], 1.0)
            except BrokenPipeError as error:
                raise Killed(signal.SIGPIPE) from error
            except OSError as error:
                raise HungUp from error

    def signalled(self, wait: float) -> int | None:
        if not select.select([self.connection], [], [], wait)[0]:
            return None
        message = self._message()
        return message[1] if message and message[:1] == b"S" else signal.SIGKILL

    def real(self, path: str, words: Sequence[str], streams: Sequence[int] | None = None, nohup: bool = False) -> int:
        """Let the relay run a real program in the station and wait; the result is its exit code. Raises Killed, HungUp.

        path: absolute, or a name that is looked for in the caller's PATH. words: from its own name on.
        streams: its descriptors 0, 1 and 2 in place of the caller's.
        """
        payload = b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in (path, *words))
        self._order(RUN, int(nohup), payload, streams)
        while message := self._message():
            if message[:1] == b"X":
                return message[1]
            if message[:1] == b"K":
                raise Killed(message[1])
        raise HungUp

    def cut(self, everything: bool) -> None:
        from impax_lab.unix import processes

        processes.cut_log_on(self.peer, everything)

    def finish(self, code: int | None) -> None:
        """Close the streams first, so that the caller's pipes see their end, then say how it ended."""
        self.close_streams()
        if code is not None:
            self._order(EXIT if code >= 0 else DIE, code & 255 if code >= 0 else -code)

    def close_streams(self) -> None:
        for handle in self.streams:
            os.close(handle)
        self.streams = []

    def _message(self) -> bytes:
        try:
            return self.connection.recv(2)
        except OSError:
            return b""

    def _order(self, kind: int, value: int, payload: bytes = b"", streams: Sequence[int] | None = None) -> None:
        head = struct.pack(">BBH", kind, value, len(payload))
        try:
            if streams is None:
                self.connection.sendall(head + payload)
            else:
                socket.send_fds(self.connection, [head], list(streams))
                self.connection.sendall(payload)
        except OSError as error:
            raise HungUp from error


def account_name(station: StationProcess, uid: int) -> str:
    """The account of a number, as the station's own /etc/passwd has it; the number when it has none."""
    from impax_lab.unix import root

    return next((name for name, account in root.users(station).items() if account["uid"] == uid), str(uid))


def serve(station: StationProcess) -> socket.socket:
    """Listen for relays in a thread; closing the result ends it."""
    path = station.root / SOCKET
    path.unlink(missing_ok=True)
    server = listening(path)
    path.chmod(0o666)
    threading.Thread(target=_accept, args=(station, server), daemon=True).start()
    return server


def _accept(station: StationProcess, server: socket.socket) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_one, args=(station, connection), daemon=True).start()


def _one(station: StationProcess, connection: socket.socket) -> None:
    streams: list[int] = []
    with connection:
        try:
            request, streams = _request(connection)
            call = UnixCall(station, connection, request, streams)
        except (OSError, ValueError, IndexError) as error:
            print(f"a request that is none: {error!r}", flush=True)
            for handle in streams:
                os.close(handle)
            return
        try:
            call.finish(station.run(call))
        except HungUp:
            call.close_streams()


def _request(connection: socket.socket) -> tuple[bytes, list[int]]:
    """One request and its three descriptors. Raises ValueError when it is none."""
    handles = array.array("i")
    message, rights, _, _ = connection.recvmsg(1 << 20, socket.CMSG_SPACE(3 * handles.itemsize))
    for _, _, data in rights:
        handles.frombytes(data[: len(data) - len(data) % handles.itemsize])
    if message[:4] != b"STN1" or len(handles) != 3:
        for handle in handles:
            os.close(handle)
        raise ValueError(f"head {message[:8]!r}, {len(handles)} descriptors")
    whole = struct.unpack(">I", message[4:8])[0] + 8
    while len(message) < whole:
        part = connection.recv(whole - len(message))
        if not part:
            raise ValueError("cut off")
        message += part
    return message[8:], list(handles)


def host_path(root: Path, cwd: str, name: str) -> Path:
    """Where the station's file lies on the host. Links are followed as the station would; nothing leads outside."""
    parts = f"{name}" if name.startswith("/") else f"{cwd}/{name}"
    todo, place, links = [part for part in parts.split("/") if part not in ("", ".")], root, 0
    while todo:
        part = todo.pop(0)
        if part == "..":
            place = place.parent if place != root else root
            continue
        place = place / part
        if place.is_symlink() and links < 40:
            links += 1
            target = str(place.readlink())
            place = root if target.startswith("/") else place.parent
            todo[:0] = [piece for piece in target.split("/") if piece not in ("", ".")]
    return place
