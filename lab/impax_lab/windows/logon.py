# SPDX-License-Identifier: GPL-3.0-or-later
"""Who asks: Basic and NTLM over HTTP, and the sealed messages of an NTLM session ([MS-WSMV] 2.2.9.1)."""

from __future__ import annotations

import base64
import hmac
import os
import tempfile
import threading
from pathlib import Path

import spnego
from spnego._ntlm_raw.crypto import ntowfv1  # the only public way in is a file of clear passwords

SEALED = b"application/HTTP-SPNEGO-session-encrypted"
BOUNDARY = b"--Encrypted Boundary"
_finding = threading.Lock()  # pyspnego looks its user file up in the environment of the process


class Denied(Exception):
    """The log-on failed."""


class Accounts:
    """The station's accounts with their passwords; `locked` ones cannot log on. Names are compared without case."""

    def __init__(self, passwords: dict[str, str], machine: str, locked: frozenset[str] = frozenset()) -> None:
        self.passwords = {name: word for name, word in passwords.items() if name.lower() not in locked}
        self.machine = machine
        self._file = tempfile.NamedTemporaryFile("w", prefix="accounts.", encoding="utf-8")  # noqa: SIM115
        self._file.write("".join(self._lines()))
        self._file.flush()

    def basic(self, token: str) -> str:
        """The account of an Authorization header's token. Raises Denied."""
        try:
            name, _, password = base64.b64decode(token, validate=True).decode("utf-8").partition(":")
        except ValueError as error:
            raise Denied from error
        account = self._known(name)
        if account is None or not hmac.compare_digest(self.passwords[account].encode(), password.encode()):
            raise Denied
        return account

    def step(self, context: spnego.ContextProxy, token: str) -> bytes | None:
        """One step of a negotiation. Raises Denied for a wrong password and for a broken token alike."""
        try:
            with _finding:
                os.environ["NTLM_USER_FILE"] = self._file.name
                return context.step(base64.b64decode(token, validate=True))
        except Exception as error:  # pyspnego has many kinds
            raise Denied from error

    def context(self) -> spnego.ContextProxy:
        with _finding:
            os.environ["NTLM_USER_FILE"] = self._file.name
            return spnego.server(protocol="ntlm", context_req=spnego.ContextReq.default)

    def user(self, context: spnego.ContextProxy) -> str:
        return self._known(context.client_principal or "") or ""

    def file(self) -> Path:
        return Path(self._file.name)

    def _known(self, name: str) -> str | None:
        bare = name.rpartition("\\")[2].partition("@")[0].lower()
        return next((account for account in self.passwords if account.lower() == bare), None)

    def _lines(self) -> list[str]:
        """smbpasswd lines, one for each domain a client may name; hashes, since a password may hold a colon."""
        domains = ("", self.machine, ".", "localhost", "127.0.0.1", "WORKSTATION")
        return [
            f"{domain + chr(92) if domain else ''}{name}:0:{'0' * 32}:{ntowfv1(password).hex().upper()}:[U]:LCT-0\n"
            for name, password in self.passwords.items()
            for domain in domains
        ]


def unsealed(context: spnego.ContextProxy, body: bytes) -> bytes:
    """The message in a multipart/encrypted body. Raises ValueError."""
    blob = body.split(b"application/octet-stream\r\n", 1)[1].rsplit(BOUNDARY + b"--", 1)[0]
    size = int.from_bytes(blob[:4], "little")
    return context.unwrap_winrm(blob[4 : 4 + size], blob[4 + size :])


def sealed(context: spnego.ContextProxy, message: bytes) -> tuple[bytes, str]:
    """(body, content type) of a sealed message."""
    wrapped = context.wrap_winrm(message)
    length = str(len(message) + wrapped.padding_length).encode()
    body = b"\r\n".join(
        [
            BOUNDARY,
            b"\tContent-Type: " + SEALED,
            b"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=" + length,
            BOUNDARY,
            b"\tContent-Type: application/octet-stream",
            len(wrapped.header).to_bytes(4, "little") + wrapped.header + wrapped.data + BOUNDARY + b"--",
            b"",
        ]
    )
    return body, f'multipart/encrypted;protocol="{SEALED.decode()}";boundary="Encrypted Boundary"'
