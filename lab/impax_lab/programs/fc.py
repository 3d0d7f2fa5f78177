# SPDX-License-Identifier: GPL-3.0-or-later
"""fc: whether two files are equal, byte by byte (/b)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from impax_lab.program import Call

NAMES = ("fc",)
SYSTEMS = ("windows",)
SOURCES = "fc /? of Windows; codes from general knowledge: assumed"
SPECIAL: dict[str, str] = {}
FAILURE = "FC: cannot open X.TXT - No such file or folder\n"


def main(call: Call) -> int:
    """0 equal, 1 different, 2 a file is missing, -1 wrong words. Only the binary comparison is there."""
    names = [word for word in call.words[1:] if not word.startswith("/")]
    if len(names) != 2 or [word.lower() for word in call.words[1:] if word.startswith("/")] != ["/b"]:
        call.err("FC: Invalid Switch\n")
        return -1
    call.out(f"Comparing files {names[0]} and {names[1].upper()}\n")
    contents = []
    for name in names:
        try:
            contents.append(call.path(name).read_bytes())
        except OSError:
            call.err(f"FC: cannot open {name.upper()} - No such file or folder\n\n")
            return 2
    call.out(_differences(*contents, [name.upper() for name in names]))
    return 0 if contents[0] == contents[1] else 1


def _differences(first: bytes, second: bytes, names: list[str]) -> str:
    if first == second:
        return "FC: no differences encountered\n\n"
    pairs = enumerate(zip(first, second, strict=False))
    lines = [f"{at:08X}: {one:02X} {other:02X}\n" for at, (one, other) in pairs if one != other]
    if len(first) != len(second):
        longer, shorter = names if len(first) > len(second) else names[::-1]
        lines.append(f"FC: {longer} longer than {shorter}\n")
    return "".join(lines) + "\n"
