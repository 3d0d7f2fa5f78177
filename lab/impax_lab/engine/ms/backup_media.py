# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own backup files: a media header, then backup sets one behind the other.

Blocks as those of the Microsoft Tape Format: TAPE (the medium), SSET (a set's header), the pages, ESET (its end, with the sum
over the pages). Within a block there is JSON of the lab; the pages hold nothing real. A file has the size that the pages
take; what lies behind the first of them is a hole, and counts in the sum as zeros.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

BLOCK, PAGE = 4096, 8192
WRITTEN = 256  # pages with bytes in them
SUMMED = 1 << 28  # bytes that the sum goes over
CHUNK = 1 << 20
LONGEST = 1 << 20


@dataclass
class Part:
    """A set as it lies in a file. told: its header. data, size: where its pages begin, and their bytes. cut: the file ends
    within it. total: the sum that its end states; None: it has no end."""

    told: dict[str, Any]
    data: int
    size: int
    cut: bool
    total: int | None
    end: int


@dataclass
class Medium:
    """A file as it is read. state: "" for one that can be read, else empty, foreign, malformed (no header), broken (behind
    the sets that are listed there is something that is none)."""

    state: str
    told: dict[str, Any] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    end: int = 0


# Writing ------------------------------------------------------------------------------------------------------------


def block(kind: bytes, told: dict[str, Any]) -> bytes:
    data = json.dumps(told).encode()
    whole = kind + len(data).to_bytes(4, "little") + data
    return whole.ljust(-(-len(whole) // BLOCK) * BLOCK, b"\0")


def size_of(told: dict[str, Any], size: int) -> int:
    """Bytes that a set takes in a file of its own, about: header, pages, end, and the medium's header."""
    return 2 * BLOCK + len(block(b"SSET", told)) + size


def write(
    path: Path, medium: dict[str, Any] | None, at: int, told: dict[str, Any], size: int, upto: float = 1.0
) -> None:
    """A set of `size` bytes of pages behind offset `at`. medium: its header, for a file that begins anew. upto: the part of
    the pages that is written before it breaks off, without an end; 1: all. Raises OSError."""
    with path.open("w+b" if medium is not None else "r+b") as file:
        if medium is not None:
            file.write(block(b"TAPE", medium))
        else:
            file.seek(at)
            file.truncate()
        file.write(block(b"SSET", {**told, "bytes": size}))
        begin = file.tell()
        kept = int(size * upto) // PAGE * PAGE if upto < 1 else size
        _pages(file, str(told["uuid"]), kept)
        file.truncate(begin + kept)
        if upto < 1:
            return
        file.seek(begin)
        total = _sum(file, size)
        file.seek(begin + size)
        file.write(block(b"ESET", {"uuid": told["uuid"], "sum": total}))


def _pages(file: IO[bytes], seed: str, size: int) -> None:
    filler = hashlib.shake_128(seed.encode()).digest(PAGE - 16)
    for number in range(min(WRITTEN, size // PAGE)):
        file.write(b"\x01\x01\0\0" + number.to_bytes(8, "little") + b"\0\0\0\0" + filler)


# Reading ------------------------------------------------------------------------------------------------------------


def read(path: Path) -> Medium:
    """Headers only. Raises OSError."""
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(0)
        if not end:
            return Medium("empty")
        if file.read(4) != b"TAPE":
            return Medium("foreign")
        file.seek(0)
        told = _block(file, b"TAPE")
        if told is None:
            return Medium("malformed")
        medium = Medium("", told, end=end)
        for part in _parts(file, end):
            if part is None:
                medium.state = "broken"
            else:
                medium.parts.append(part)
        return medium


def _parts(file: IO[bytes], end: int) -> Iterator[Part | None]:
    """None where something stands that is no set."""
    while file.tell() < end:
        told = _block(file, b"SSET")
        if told is None or not isinstance(told.get("bytes"), int):
            yield None
            return
        data, size = file.tell(), told["bytes"]
        if data + size > end:
            yield Part(told, data, size, True, None, end)
            return
        file.seek(data + size)
        close = _block(file, b"ESET")
        yield Part(told, data, size, close is None, close.get("sum") if close else None, file.tell() if close else end)
        if close is None:
            return


def _block(file: IO[bytes], kind: bytes) -> dict[str, Any] | None:
    start = file.tell()
    head = file.read(8)
    size = int.from_bytes(head[4:8], "little")
    if head[:4] != kind or size > LONGEST:
        return None
    data = file.read(size)
    try:
        told = json.loads(data)
    except ValueError:
        return None
    file.seek(start + -(-(8 + size) // BLOCK) * BLOCK)
    return told if isinstance(told, dict) else None


def sound(path: Path, part: Part) -> bool:
    """Whether the pages still have the sum that the set's end states."""
    with path.open("rb") as file:
        file.seek(part.data)
        return _sum(file, part.size) == part.total


def _sum(file: IO[bytes], size: int) -> int:
    total, left = 0, min(size, SUMMED)
    while left > 0 and (data := file.read(min(CHUNK, left))):
        total, left = zlib.crc32(data, total), left - len(data)
    return total


# Damage -------------------------------------------------------------------------------------------------------------


def cut(path: Path) -> None:
    """The file ends half way, as after a copy that broke off."""
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def spoil(path: Path) -> None:
    """One page of the last set has other bytes in it, as a bad sector leaves them."""
    part = read(path).parts[-1]
    with path.open("r+b") as file:
        file.seek(part.data + min(part.size // 2, WRITTEN * PAGE // 2) // PAGE * PAGE + 100)
        file.write(b"\xdb" * 64)
