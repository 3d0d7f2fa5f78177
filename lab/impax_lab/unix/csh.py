# SPDX-License-Identifier: GPL-3.0-or-later
"""The little of csh that an account needs: the lines of .cshrc that the lab writes, and one plain command. Pure."""

from __future__ import annotations

import re

SPECIAL = re.compile(r"[\\\"$`|&;<>()!*?\[\]{}~^#\n]")


class NotPlain(Exception):
    """The text is more than one plain command."""


def plain_words(text: str) -> list[str]:
    """The words of a command of plain characters and '...'. Raises NotPlain."""
    words: list[str] = []
    for piece in re.findall(r"(?:[^\s']+|'[^'!\n]*')+|\S", text):
        if SPECIAL.search(re.sub(r"'[^'!\n]*'", "", piece)) or piece.count("'") % 2:
            raise NotPlain(f"{piece!r} is not plain")
        words.append(piece.replace("'", ""))
    if not words:
        raise NotPlain("no command")
    return words


def startup(text: str) -> tuple[dict[str, str], str]:
    """What a .cshrc of ``setenv NAME VALUE`` and ``echo "TEXT"`` lines sets and prints. Raises NotPlain."""
    settings: dict[str, str] = {}
    printed = ""
    for line in text.splitlines():
        if match := re.fullmatch(r"setenv (\w+) (\S*)", line):
            settings[match[1]] = match[2]
        elif match := re.fullmatch(r'echo "([^"]*)"', line):
            printed += match[1] + "\n"
        elif line.strip() and not line.startswith("#"):
            raise NotPlain(f".cshrc: {line!r}")
    return settings, printed
