# SPDX-License-Identifier: GPL-3.0-or-later
"""timeout and sort of Windows. timeout refuses to wait where its input is no keyboard, as under WinRM."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from impax_lab.program import Call

NAMES = ("timeout", "sort")
SYSTEMS = ("windows",)
SOURCES = "timeout /? and sort /? of Windows; texts assumed"
SPECIAL: dict[str, str] = {}


def main(call: Call) -> int:
    return _timeout(call) if call.name == "timeout" else _sort(call)


def _timeout(call: Call) -> int:
    call.err("ERROR: Input redirection is not supported, exiting the process immediately.\n")
    return 1


def _sort(call: Call) -> int:
    options = {word.lower() for word in call.words[1:] if word.startswith("/")}
    names = [word for word in call.words[1:] if not word.startswith("/")]
    if options - {"/r"} or len(names) > 1:
        call.err("Invalid switch.\n")
        return 1
    data = call.path(names[0]).read_bytes() if names else call.read()
    lines = sorted(data.splitlines(), key=bytes.lower, reverse="/r" in options)
    call.out(b"".join(line + b"\r\n" for line in lines))
    return 0
