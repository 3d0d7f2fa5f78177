# SPDX-License-Identifier: GPL-3.0-or-later
"""digest of Solaris 10: the hash of files or of standard input."""

from __future__ import annotations

import hashlib

from impax_lab.unix.relay import UnixCall

NAMES = ("digest",)
SYSTEMS = ("unix",)
SOURCES = "digest(1) of Solaris 10; the wording of its refusals is assumed"
SPECIAL = {"wrong_hash": "the file is read while somebody still writes it: the hash is not that of the file"}
ALGORITHMS = ("sha1", "md5", "sha256", "sha384", "sha512")
USAGE = "Usage: digest -l | [-v] [-a <algorithm>] [file...]\n"


def main(call: UnixCall) -> int:
    words, algorithm, verbose = call.words[1:], None, False
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option == "-l":
            call.out("".join(f"{name}\n" for name in ALGORITHMS))
            return 0
        verbose = verbose or option == "-v"
        if option == "-a" and words:
            algorithm = words.pop(0)
        elif option != "-v":
            call.err(f"digest: illegal option {option}\n{USAGE}")
            return 1
    if algorithm not in ALGORITHMS:
        call.err(f"digest: unknown algorithm {algorithm}\n" if algorithm else USAGE)
        return 1
    if not words:
        call.out(f"{_hash(call, algorithm, call.read())}\n")
        return 0
    return max(_one(call, algorithm, name, verbose, len(words) > 1) for name in words)


def _one(call: UnixCall, algorithm: str, name: str, verbose: bool, several: bool) -> int:
    try:
        data = call.path(name).read_bytes()
    except OSError as error:
        call.err(f"digest: can not open input file {name}: {error.strerror}\n")
        return 1
    head = f"{algorithm} ({name}) = " if verbose else f"({name}) = " if several else ""
    call.out(f"{head}{_hash(call, algorithm, data)}\n")
    return 0


def _hash(call: UnixCall, algorithm: str, data: bytes) -> str:
    if call.behaviour == "wrong_hash":
        data = data[:-1]
    return hashlib.new(algorithm, data).hexdigest()
