# SPDX-License-Identifier: GPL-3.0-or-later
"""cksum: checksum, size and name of each file."""

from __future__ import annotations

from impax_lab.unix.relay import UnixCall

NAMES = ("cksum",)
SYSTEMS = ("unix",)
SOURCES = "cksum(1) of Solaris 10; the algorithm is that of POSIX (IEEE 1003.1, cksum)"
SPECIAL = {"wrong_sum": "the file is read while somebody still writes it: the sum is not that of the file"}
POLYNOMIAL = 0x04C11DB7


def _entry(value: int) -> int:
    value <<= 24
    for _ in range(8):
        value = (value << 1) ^ (POLYNOMIAL if value & 0x80000000 else 0)
    return value & 0xFFFFFFFF


TABLE = [_entry(number) for number in range(256)]


def checksum(data: bytes) -> int:
    """POSIX: the CRC over the bytes and then over their number, least byte first, inverted."""
    length, tail = len(data), b""
    while length:
        tail += bytes([length & 255])
        length >>= 8
    crc = 0
    for byte in data + tail:
        crc = (crc << 8 & 0xFFFFFFFF) ^ TABLE[(crc >> 24) ^ byte]
    return ~crc & 0xFFFFFFFF


def main(call: UnixCall) -> int:
    names = call.words[1:]
    if not names:
        return _say(call, call.read(), "")
    return max(_file(call, name) for name in names)


def _file(call: UnixCall, name: str) -> int:
    try:
        return _say(call, call.path(name).read_bytes(), f" {name}")
    except OSError as error:
        call.err(f"cksum: {name}: {error.strerror}\n")
        return 2


def _say(call: UnixCall, data: bytes, name: str) -> int:
    seen = data[:-1] if call.behaviour == "wrong_sum" else data
    call.out(f"{checksum(seen)}\t{len(seen)}{name.replace(' ', chr(9), 1)}\n")
    return 0
