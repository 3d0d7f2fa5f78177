# SPDX-License-Identifier: GPL-3.0-or-later
"""certutil: base64 of a file and back, and its hash."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from impax_lab.program import Call

NAMES = ("certutil",)
SYSTEMS = ("windows",)
SOURCES = "certutil /? of Windows Server 2008; texts and codes from general knowledge: assumed"
SPECIAL = {"cut_short": "the file that is written ends after half of its content, and success is printed"}
FAILURE = "CertUtil: -decode command FAILED: 0x8007000d (WIN32: 13)\nCertUtil: The data is invalid.\n"

HEADER, FOOTER, COLUMNS = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----", 64
MESSAGES = {
    2: "The system cannot find the file specified.",
    3: "The system cannot find the path specified.",
    5: "Access is denied.",
    13: "The data is invalid.",
    80: "The file exists.",
    87: "The parameter is incorrect.",
    112: "There is not enough space on the disk.",
    1006: "The volume for a file has been externally altered so that the opened file is no longer valid.",
}


class Failed(Exception):
    """A step failed with a Windows error number."""

    def __init__(self, step: str, code: int) -> None:
        super().__init__(step)
        self.step, self.code = step, code


def main(call: Call) -> int:
    verbs, words = _split(call.words[1:])
    verb = next((word for word in verbs if word in _VERBS), None)
    if verb is None or set(verbs) - set(_VERBS) - {"f"}:
        unknown = next((word for word in verbs if word not in _VERBS and word != "f"), "")
        call.out(f"Unknown arg: -{unknown}\nCertUtil: -dump command FAILED: 0x80070057 (WIN32: 87)\n")
        call.out(f"CertUtil: {MESSAGES[87]}\n")
        return _hresult(87)
    try:
        _VERBS[verb](call, words, "f" in verbs)
    except Failed as problem:
        return _failed(call, verb, problem)
    call.out(f"CertUtil: -{verb} command completed successfully.\n")
    return 0


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """(options without their sign, lower case; other words)."""
    options = [word[1:].lower() for word in words if word[:1] in "-/" and len(word) > 1]
    return options, [word for word in words if word[:1] not in "-/" or len(word) < 2]


def _encode(call: Call, words: list[str], force: bool) -> None:
    data = _input(call, words, 2, "EncodeToFile")
    text = base64.b64encode(data)
    lines = [HEADER, *(text[at : at + COLUMNS] for at in range(0, len(text), COLUMNS)), FOOTER]
    _output(call, words[1], b"\r\n".join([*lines, b""]), force, "EncodeToFile", len(data))


def _decode(call: Call, words: list[str], force: bool) -> None:
    text = _input(call, words, 2, "DecodeToFile")
    body = b"".join(line for line in text.split(b"\n") if not line.startswith(b"-----"))
    try:
        data = base64.b64decode(re.sub(rb"\s", b"", body), validate=True)
    except binascii.Error as error:
        raise Failed("DecodeToFile", 13) from error
    _output(call, words[1], data, force, "DecodeToFile", len(text))


def _hashfile(call: Call, words: list[str], force: bool) -> None:
    """assumed: Windows Server 2003 has no -hashfile; SHA1 where no algorithm is named; pairs with blanks up to 2012."""
    if call.station.spec.release.startswith("5."):
        raise Failed("hashfile", 87)
    data = _input(call, words, 1, "hashfile")
    kind = words[1].upper() if len(words) > 1 else "SHA1"
    if kind not in ("MD5", "SHA1", "SHA256", "SHA384", "SHA512"):
        raise Failed("hashfile", 87)
    digest = hashlib.new(kind.lower(), data, usedforsecurity=False).hexdigest()
    pairs = " ".join(digest[at : at + 2] for at in range(0, len(digest), 2))
    call.out(f"{kind} hash of file {words[0]}:\n{pairs}\n")


_VERBS = {"encode": _encode, "decode": _decode, "hashfile": _hashfile}


def _input(call: Call, words: list[str], least: int, step: str) -> bytes:
    """The content of the first file. An empty one cannot be mapped into memory, which is how it is read."""
    if len(words) < least:
        raise Failed(step, 87)
    try:
        data = call.path(words[0]).read_bytes()
    except FileNotFoundError as error:
        raise Failed(step, 2 if call.path(words[0]).parent.is_dir() else 3) from error
    except OSError as error:
        raise Failed(step, 5) from error
    if not data:
        raise Failed(step, 1006)
    return data


def _output(call: Call, name: str, data: bytes, force: bool, step: str, read: int) -> None:
    target = call.path(name)
    if target.exists() and not force:
        raise Failed(step, 80)
    if not target.parent.is_dir():
        raise Failed(step, 3)
    try:
        call.write_file(name, data[: len(data) // 2] if call.behaviour == "cut_short" else data)
    except OSError as error:
        raise Failed(step, 112 if error.errno == 28 else 5) from error
    call.out(f"Input Length = {read}\nOutput Length = {len(data)}\n")


def _failed(call: Call, verb: str, problem: Failed) -> int:
    number = f"0x{_hresult(problem.code) & 0xFFFFFFFF:08x} (WIN32: {problem.code})"
    text = MESSAGES[problem.code]
    call.out(f"{problem.step} returned {text} {number}\nCertUtil: -{verb} command FAILED: {number}\nCertUtil: {text}\n")
    return _hresult(problem.code)


def _hresult(code: int) -> int:
    return (0x80070000 + code) - (1 << 32)
