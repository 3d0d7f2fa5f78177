# SPDX-License-Identifier: GPL-3.0-or-later
"""The WinRM service of a station: HTTP and HTTPS in front of its shells.

Alone, to try a client: ``python -m impax_lab.windows.alone --port 5985 --user impax --password Secret-1``.
"""

from __future__ import annotations

import socket
import ssl
import threading
import weakref
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import spnego

from impax_lab.windows import logon
from impax_lab.windows.shells import Shells, reset

SOAP = "application/soap+xml;charset=UTF-8"
PATIENCE_SECONDS = 300


@dataclass(frozen=True)
class Door:
    """How the service may be reached. basic, negotiate: offered ways to log on. unencrypted: AllowUnencrypted."""

    basic: bool = True
    negotiate: bool = True
    unencrypted: bool = True
    tls: ssl.SSLContext | None = None


class Server(ThreadingHTTPServer):
    """One listening port of the service."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, shells: Shells, accounts: logon.Accounts, door: Door) -> None:
        self.shells, self.accounts, self.door = shells, accounts, door
        self._connections: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        super().__init__(("127.0.0.1", port), Handler)
        threading.Thread(target=self.serve_forever, name=f"winrm-{self.server_port}", daemon=True).start()

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.door.tls:  # the handshake is the handler thread's work
            connection = self.door.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._connections.add(connection)
        return connection, address

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""

    def close(self) -> None:
        """Stop listening and cut every connection."""
        self.shutdown()
        self.server_close()
        for connection in list(self._connections):
            reset(connection)


class Handler(BaseHTTPRequestHandler):
    """One TCP connection; an NTLM session lives as long as its connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Microsoft-HTTPAPI/2.0", ""
    timeout = PATIENCE_SECONDS
    wbufsize = -1
    context: spnego.ContextProxy | None = None

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.rstrip("/").lower() != "/wsman":
            return self.reply(404)
        scheme, _, token = (self.headers.get("Authorization") or "").partition(" ")
        try:
            if scheme.lower() == "basic" and self._basic_allowed():
                return self.answer(body, self.server.accounts.basic(token))
            if scheme.lower() in ("negotiate", "ntlm") and self.server.door.negotiate and token:
                return self.negotiate(scheme, token, body)
            if self.context and self.context.complete:
                return self.session(body)
        except logon.Denied:
            self.context = None
        return self.reply(401)

    def _basic_allowed(self) -> bool:
        door = self.server.door
        return door.basic and (door.unencrypted or door.tls is not None)

    def negotiate(self, scheme: str, token: str, body: bytes) -> None:
        accounts = self.server.accounts
        if self.context is None or self.context.complete:
            self.context = accounts.context()
        challenge = accounts.step(self.context, token)
        if self.context.complete:
            return self.session(body)
        encoded = logon.base64.b64encode(challenge or b"").decode()
        return self.reply(401, authenticate=[f"{scheme} {encoded}"])

    def session(self, body: bytes) -> None:
        """A message of an NTLM session: sealed, or in clear where TLS or AllowUnencrypted permit it."""
        assert self.context
        user = self.server.accounts.user(self.context)
        if not body:
            return self.reply(200)
        if body.startswith(logon.BOUNDARY):
            try:
                message = logon.unsealed(self.context, body)
            except (ValueError, IndexError, spnego.exceptions.SpnegoError):
                return self.reply(400)
            return self.answer(message, user, sealed=True)
        if self.server.door.tls is None and not self.server.door.unencrypted:
            return self.reply(500)  # assumed: the service refuses clear text with a bare 500
        return self.answer(body, user)

    def answer(self, message: bytes, user: str, sealed: bool = False) -> None:
        status, text = self.server.shells.answer(message, user, self.connection)
        if sealed and self.context:
            return self.reply(status, *logon.sealed(self.context, text))
        return self.reply(status, text, SOAP)

    def reply(self, status: int, body: bytes = b"", kind: str = "", authenticate: list[str] | None = None) -> None:
        self.send_response(status)
        if status == 401:
            for offer in authenticate or self._offers():
                self.send_header("WWW-Authenticate", offer)
        if body:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def finish(self) -> None:
        self.server.shells.forget(self.connection)
        super().finish()

    def _offers(self) -> list[str]:
        door = self.server.door
        return ["Negotiate"] * door.negotiate + ['Basic realm="WSMAN"'] * self._basic_allowed()


if __name__ == "__main__":
    from impax_lab.windows.alone import main

    main()
