# SPDX-License-Identifier: GPL-3.0-or-later
"""Files to and from a station with cmd.exe: as base64, by the tools that every Windows since 2003 has.

findstr takes text from standard input (``type`` and ``copy con`` do not), certutil turns base64 into bytes and back and
says a file's SHA-1. What it prints is `assumed` but for the lab; a file is believed by size and SHA-1 alone.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ..command import Command, Outcome
from ..shells import Refused
from ..shells.cmd_jobs import quotable, read_size, size_of
from . import TransferFailed
from .local_files import arriving, sha1
from .windows_failures import Broken, NothingSent

if TYPE_CHECKING:
    from .windows import WindowsTransport

PART = 6 * 1024 * 1024  # bytes in one upload; a multiple of 3
ENCODES = 48 * 1024 * 1024  # certutil -encode fails on files of about 70 MB and more (known, not measured here)
HOUR = 3600.0
HASHED_HERE = 256 << 20  # bytes of a file that is fetched to be hashed, where the station cannot
SHA1 = re.compile(rb"^[0-9a-fA-F]{40}$", re.M)


class Files:
    """put and fetch of a `WindowsTransport`."""

    def __init__(self, transport: WindowsTransport) -> None:
        self._transport = transport

    # To the station

    def put(self, local: Path, remote: str) -> None:
        """Copies a file, whole or not at all; a file of that name is replaced when the copy has been checked."""
        arrived = f"{self._path(remote)}.{secrets.token_hex(4)}"
        with local.open("rb") as source:
            expected = (os.fstat(source.fileno()).st_size, sha1(local))
            try:
                self._upload(source, arrived)
                self._compare(arrived, expected, remote)
                self._must(remote, Command(("move", "/y", arrived, remote), builtin=True, timeout=HOUR))
                if (size := self.size(remote)) != expected[0]:
                    raise TransferFailed(remote, f"has {size} bytes there, expected {expected[0]}")
            finally:
                self._remove(*(f"{arrived}{end}" for end in ("", ".b64", ".part", ".part.b64")))

    def write(self, path: str, text: bytes) -> None:
        """A small text file, as it is, its last line ended. Raises TransferFailed."""
        line = f'findstr "^" >"{self._path(path)}"'
        self._run(path, line, stdin=text if text.endswith(b"\n") else text + b"\r\n")

    def _upload(self, source: BinaryIO, arrived: str) -> None:
        """Part by part; all but the first are appended."""
        self._upload_part(source.read(PART), arrived)
        while block := source.read(PART):
            self._upload_part(block, f"{arrived}.part")
            self._run(arrived, f'copy /b /y "{arrived}"+"{arrived}.part" "{arrived}"')

    def _upload_part(self, block: bytes, part: str) -> None:
        """certutil takes no empty file."""
        if not block:
            self._run(part, f'type nul >"{part}"')
            return
        self._run(part, f'findstr "^" >"{part}.b64"', stdin=_lines(block))
        decode = Command(("certutil", "-decode", "-f", f"{part}.b64", part), timeout=HOUR)
        self._must(part, decode, Command(("del", "/f", "/q", f"{part}.b64"), builtin=True))

    # From the station

    def fetch(self, remote: str, local: Path) -> None:
        """Copies a file here, mode 600, compared by size and SHA-1. Raises TransferFailed."""
        size, digest = self.measure(remote)
        if size is None:
            raise TransferFailed(remote, "is not there, or its size could not be had")
        with arriving(remote, local) as partial:
            with partial.open("wb") as target:
                self._download(remote, size, target)
                os.fsync(target.fileno())
            here = (partial.stat().st_size, sha1(partial))
            expected = (size, digest or self._sha1_by_fetching(remote, size))
            if here != expected:
                raise TransferFailed(remote, f"arrived with size and SHA-1 {here}, expected {expected}")

    def _download(self, remote: str, size: int, target: Any) -> None:
        if size == 0:
            return
        if size > ENCODES:  # the bytes as they are; what `type` would change in them shows in the SHA-1
            self._run(remote, f'type "{self._path(remote)}"', into=_Raw(target))
            return
        text = f"{self._path(remote)}.{secrets.token_hex(4)}.b64"
        try:
            self._must(remote, Command(("certutil", "-encode", remote, text), timeout=HOUR))
            sink = _Decoded(target)
            self._run(remote, f'type "{text}"', into=sink)
            sink.finish(remote)
        finally:
            self._remove(text)

    # Size and SHA-1

    def _compare(self, there: str, expected: tuple[int, str], remote: str) -> None:
        found = self.measure(there)
        if found != expected:
            raise TransferFailed(remote, f"arrived with size and SHA-1 {found}, expected {expected}")

    def measure(self, remote: str) -> tuple[int | None, str | None]:
        """(size, SHA-1): None where the station did not say it. certutil cannot hash an empty file, and 2003's none."""
        line = f'certutil -hashfile "{self._path(remote)}" SHA1 & {size_of(remote)}'
        out = self._run(remote, line, any_code=True)
        size = read_size(out.decode(self._transport.codec, "replace"))
        found = SHA1.search(out.replace(b" ", b"").replace(b"\r", b""))
        if size == 0:
            return 0, hashlib.sha1(b"", usedforsecurity=False).hexdigest()
        if found:
            return size, found[0].decode().lower()
        return size, self._sha1_by_fetching(remote, size) if size and size <= HASHED_HERE else None

    def size(self, remote: str) -> int | None:
        out = self._run(remote, size_of(self._path(remote)), any_code=True)
        return read_size(out.decode(self._transport.codec, "replace"))

    def _sha1_by_fetching(self, remote: str, size: int) -> str:
        """2003's certutil may know no -hashfile (assumed): the file is fetched once more, and hashed here."""
        digest = hashlib.sha1(usedforsecurity=False)
        self._download(remote, size, _Hashed(digest))
        return digest.hexdigest()

    # The way

    def _path(self, remote: str) -> str:
        try:
            return quotable(remote)
        except Refused as refused:
            raise TransferFailed(remote, str(refused)) from None

    def _run(self, remote: str, line: str, any_code: bool = False, **how: Any) -> bytes:
        try:
            code, out, err = self._transport.connection.run(line, timeout=HOUR, **how)
        except NothingSent as failure:
            raise TransferFailed(remote, str(failure)) from None
        except Broken as failure:
            self._transport.connection.reset()  # ends what may still wait for input there, and hold the file open
            raise TransferFailed(remote, str(failure)) from None
        if code and not any_code:
            raise TransferFailed(remote, f"exit code {code}: {err.decode(self._transport.codec, 'replace').strip()}")
        return bytes(out)

    def _must(self, remote: str, *commands: Command) -> None:
        for outcome in self._transport.run(commands):
            if not outcome.as_expected:
                raise TransferFailed(remote, f"{outcome.command.program} failed: {_said(outcome)}")

    def _remove(self, *paths: str) -> None:
        self._transport.run([Command(("del", "/f", "/q", path), builtin=True) for path in paths])


def _said(outcome: Outcome) -> str:
    return outcome.why or " ".join(f"exit code {outcome.exit_code} {outcome.printed}".split())[:300]


def _lines(block: bytes) -> bytes:
    """Base64 in lines of 64 characters; the last one is ended too, or the findstr of 2003 waits for ever."""
    text = base64.b64encode(block)
    return b"".join(text[start : start + 64] + b"\r\n" for start in range(0, len(text), 64))


class _Raw:
    """Where a command's output goes as it comes."""

    def __init__(self, target: Any) -> None:
        self._target = target

    def extend(self, data: bytes) -> None:
        self._target.write(data)


class _Hashed:
    """Takes what is written to a file, and only hashes it."""

    def __init__(self, digest: Any) -> None:
        self._digest = digest

    def write(self, data: bytes) -> None:
        self._digest.update(data)


class _Decoded:
    """Takes the lines of ``certutil -encode`` as they come, and writes the bytes they stand for."""

    def __init__(self, target: Any) -> None:
        self._target, self._line, self._text = target, b"", b""

    def extend(self, data: bytes) -> None:
        *lines, self._line = (self._line + data).split(b"\n")
        self._text += b"".join(line.strip() for line in lines if not line.startswith(b"-----"))
        whole = len(self._text) // 4 * 4
        self._target.write(base64.b64decode(self._text[:whole], validate=True))
        self._text = self._text[whole:]

    def finish(self, remote: str) -> None:
        if self._text or self._line.strip():
            raise TransferFailed(remote, "the base64 text breaks off")
