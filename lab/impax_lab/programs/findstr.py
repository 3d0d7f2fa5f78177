# SPDX-License-Identifier: GPL-3.0-or-later
"""findstr and find: lines of files, or of standard input, that hold a text."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from impax_lab.program import Call

NAMES = ("findstr", "find")
SYSTEMS = ("windows",)
SOURCES = "findstr /? and find /? of Windows; D. Benham, 'What are the undocumented features of FINDSTR'; codes assumed"
SPECIAL = {"waits_for_line_end": "the findstr of XP and 2003 never ends when its input has no line end at its end"}
FAILURE = "FINDSTR: Out of memory\n"
LONGEST = 8191  # bytes of a line that findstr takes from standard input
KNOWN = {"findstr": set("bceilnmrsvxg"), "find": set("vcni")}

Test = Callable[[bytes], bool]


def main(call: Call) -> int:
    """0 with a hit, 1 without, 2 for wrong words."""
    options, words = _split(call.words[1:])
    unknown = set("".join(option if ":" not in option else option[0] for option in options)) - KNOWN[call.name]
    if unknown or (not words and "c:" not in _heads(options)):
        call.err("FINDSTR: Bad command line\n" if call.name == "findstr" else "FIND: Parameter format not correct\n")
        return 2
    if call.name == "find":
        return _find(call, options, words)
    return _findstr(call, options, words)


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    options = [word[1:] for word in words if word.startswith("/") and len(word) > 1]
    return [_lower_head(option) for option in options], [word for word in words if not word.startswith("/")]


def _lower_head(option: str) -> str:
    name, colon, value = option.partition(":")
    return name.lower() + colon + value


def _heads(options: list[str]) -> set[str]:
    return {option.partition(":")[0] + (":" if ":" in option else "") for option in options}


def _findstr(call: Call, options: list[str], words: list[str]) -> int:
    literal = [option[2:] for option in options if option.startswith("c:")]
    flags = set("".join(option for option in options if ":" not in option))
    texts = literal or words.pop(0).split(" ")
    test = _test(texts, flags, as_text="l" in flags or (bool(literal) and "r" not in flags))
    hits = 0
    for name, data in _inputs(call, words):
        if name is None and _waits(call, data):
            call.signalled(3600)
            return 1
        hits += _print_hits(call, name if len(words) > 1 else None, data, test, flags)
    return 0 if hits else 1


def _waits(call: Call, data: bytes) -> bool:
    unended = bool(data) and not data.endswith(b"\n")
    return unended and (call.behaviour == "waits_for_line_end" or call.station.spec.release.startswith("5."))


def _test(texts: list[str], flags: set[str], as_text: bool) -> Test:
    """A test of one line. assumed: of findstr's expressions . * ^ $ [] \\< \\> and a backslash before a character."""
    patterns = [re.escape(text) if as_text else text.replace("\\<", "\\b").replace("\\>", "\\b") for text in texts]
    if "b" in flags:
        patterns = [f"^(?:{pattern})" for pattern in patterns]
    if "e" in flags:
        patterns = [f"(?:{pattern})$" for pattern in patterns]
    if "x" in flags:
        patterns = [f"^(?:{pattern})$" for pattern in patterns]
    found = re.compile("|".join(patterns).encode("cp850", "replace"), re.IGNORECASE if "i" in flags else 0)
    return lambda line: bool(found.search(line)) != ("v" in flags)


def _inputs(call: Call, names: list[str]) -> list[tuple[str | None, bytes]]:
    if not names:
        return [(None, call.read())]
    inputs: list[tuple[str | None, bytes]] = []
    for name in names:
        try:
            inputs.append((name, call.path(name).read_bytes()))
        except OSError:
            call.err(f"FINDSTR: Cannot open {name}\n" if call.name == "findstr" else f"File not found - {name}\n")
    return inputs


def _print_hits(call: Call, name: str | None, data: bytes, test: Test, flags: set[str]) -> int:
    hits = []
    for number, line in enumerate(io.BytesIO(data), 1):
        if test(line.rstrip(b"\r\n")[:LONGEST]):
            prefix = f"{name}:" if name and "m" not in flags else ""
            hits.append(f"{prefix}{number}:".encode() * ("n" in flags) or prefix.encode())
            hits.append(line if line.endswith(b"\n") else line + b"\r\n")
    if "m" in flags:
        hits = [f"{name}\r\n".encode()] if hits else []
    call.out(b"".join(hits))
    return len(hits)


def _find(call: Call, options: list[str], words: list[str]) -> int:
    text, *names = words
    flags = set("".join(options))
    wanted = text.encode(call.station.spec.codec, "replace")
    wanted = wanted.lower() if "i" in flags else wanted
    hits = 0
    for name, data in _inputs(call, names):
        lines = data.splitlines()
        kept = [
            (number, line)
            for number, line in enumerate(lines, 1)
            if (wanted in (line.lower() if "i" in flags else line)) != ("v" in flags)
        ]
        hits += len(kept)
        _print_found(call, name, kept, flags)
    return 0 if hits else 1


def _print_found(call: Call, name: str | None, kept: list[tuple[int, bytes]], flags: set[str]) -> None:
    head = f"\r\n---------- {name.upper()}" if name else ""
    if "c" in flags:
        call.out(f"{head}: {len(kept)}\r\n".encode() if name else f"{len(kept)}\r\n".encode())
        return
    call.out(f"{head}\r\n".encode() if name else b"")
    for number, line in kept:
        call.out((f"[{number}]".encode() if "n" in flags else b"") + line + b"\r\n")
