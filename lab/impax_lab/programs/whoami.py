# SPDX-License-Identifier: GPL-3.0-or-later
"""whoami: the account that runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from impax_lab.program import Call

NAMES = ("whoami",)
SYSTEMS = ("windows",)
SOURCES = "whoami /? of Windows Server 2008; which groups an account is in is assumed"
SPECIAL: dict[str, str] = {}
ADMINISTRATORS = ("administrator", "agfaservice", "system")


def main(call: Call) -> int:
    asked = [word.lower() for word in call.words[1:]]
    if not asked:
        call.out(f"{account(call)}\n")
        return 0
    if asked == ["/groups"]:
        call.out(f"\nGROUP INFORMATION\n-----------------\n\n{_table(_groups(call))}\n")
        return 0
    call.err(f'ERROR: Invalid argument/option - "{call.words[1]}".\nType "WHOAMI /?" for usage.\n')
    return 1


def account(call: Call) -> str:
    """As Windows writes it: ``station\\account`` in small letters, ``nt authority\\system``."""
    if call.user.lower() == "system":
        return "nt authority\\system"
    return f"{call.station.spec.hostname}\\{call.user}".lower()


def _groups(call: Call) -> list[tuple[str, ...]]:
    rows = [("Everyone", "Well-known group", "S-1-1-0")]
    if call.user.lower() in ADMINISTRATORS:
        rows.append(("BUILTIN\\Administrators", "Alias", "S-1-5-32-544"))
    return [*rows, ("BUILTIN\\Users", "Alias", "S-1-5-32-545")]


def _table(rows: list[tuple[str, ...]]) -> str:
    heads = ("Group Name", "Type", "SID")
    widths = [max(len(row[at]) for row in [heads, *rows]) for at in range(len(heads))]
    lines = [heads, tuple("=" * width for width in widths), *rows]
    return "".join(
        " ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + "\n" for line in lines
    )
