# SPDX-License-Identifier: GPL-3.0-or-later
"""where: the places of a program along the search path."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from impax_lab.program import Call

NAMES = ("where",)
SYSTEMS = ("windows",)
SOURCES = "where /? of Windows Server 2003 and later; texts assumed"
SPECIAL: dict[str, str] = {}
ENDINGS = ("", ".com", ".exe", ".bat", ".cmd")


def main(call: Call) -> int:
    """0 when all are found, 1 when none of a pattern is, 2 for wrong words."""
    quiet = [word for word in call.words[1:] if word.lower() == "/q"]
    names = [word for word in call.words[1:] if word not in quiet]
    if not names or any(name.startswith("/") or set(name) & set("*?:$") for name in names):
        call.err('ERROR: The syntax of the command is incorrect.\nType "WHERE /?" for usage.\n')
        return 2
    missing = 0
    for name in names:
        found = _places(call, name)
        missing += not found
        if not quiet:
            call.out("".join(f"{place}\n" for place in found))
            call.err("" if found else "INFO: Could not find files for the given pattern(s).\n")
    return 1 if missing else 0


def _places(call: Call, name: str) -> list[str]:
    folders = [call.cwd.rstrip("\\"), *call.env.get("PATH", "").split(";")]
    there = [f"{folder.rstrip(chr(92))}\\{name}{ending}" for folder in folders if folder for ending in ENDINGS]
    return list(dict.fromkeys(place for place in there if call.path(place).is_file()))
