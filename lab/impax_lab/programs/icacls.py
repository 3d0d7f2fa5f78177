# SPDX-License-Identifier: GPL-3.0-or-later
"""icacls and cacls: who may do what with a file. The rights are remembered and shown; nothing enforces them."""

from __future__ import annotations

import ntpath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from impax_lab.program import Call

NAMES = ("icacls", "cacls")
SYSTEMS = ("windows",)
SOURCES = "icacls /? of Windows Server 2008 SP2, cacls /? of 2003; texts from general knowledge: assumed"
SPECIAL: dict[str, str] = {}
FAILURE = "Access is denied.\nSuccessfully processed 0 files; Failed processing 1 files\n"
DEFAULT = {"NT AUTHORITY\\SYSTEM": "(I)(F)", "BUILTIN\\Administrators": "(I)(F)", "BUILTIN\\Users": "(I)(RX)"}
WELL_KNOWN = {
    "administrators": "BUILTIN\\Administrators", "*s-1-5-32-544": "BUILTIN\\Administrators",
    "system": "NT AUTHORITY\\SYSTEM", "*s-1-5-18": "NT AUTHORITY\\SYSTEM",
    "users": "BUILTIN\\Users", "*s-1-5-32-545": "BUILTIN\\Users", "everyone": "Everyone", "*s-1-1-0": "Everyone",
}  # fmt: skip


class WrongWords(Exception):
    """The words are none that the program takes."""


def main(call: Call) -> int:
    if len(call.words) < 2:
        call.err(f"Invalid parameter {call.name!r}\n")
        return 87
    name = call.words[1]
    if not call.path(name).exists():
        call.err(f"{name}: The system cannot find the file specified.\n")
        call.out(_summary(call, 0, 1))
        return 2
    try:
        return _icacls(call, name) if call.name == "icacls" else _cacls(call, name)
    except WrongWords as problem:
        call.err(f'Invalid parameter "{problem}"\n')
        return 87


def _icacls(call: Call, name: str) -> int:
    change: dict[str, Any] = {"own": False, "grant": {}, "remove": []}
    words = call.words[2:]
    quiet = False
    while words:
        option = words.pop(0).lower()
        if option in ("/grant", "/grant:r"):
            while words and not words[0].startswith("/"):
                change["grant"].update([_right(words.pop(0))])
        elif option == "/inheritance:r":
            change["own"] = True
        elif option == "/remove" and words:
            change["remove"].append(_account(words.pop(0)))
        elif option in ("/t", "/c", "/l"):
            continue
        elif option == "/q":
            quiet = True
        else:
            raise WrongWords(option)
    if len(call.words) == 2:
        return _show(call, name)
    _change(call, name, change)
    call.out("" if quiet else f"processed file: {name}\n")
    call.out(_summary(call, 1, 0))
    return 0


def _cacls(call: Call, name: str) -> int:
    """Without /e it replaces all rights and asks first; the answer comes from standard input."""
    words = [word.lower() for word in call.words[2:]]
    if not words:
        return _show(call, name)
    options = {word for word in words if word.startswith("/")}
    if "/g" not in options or options - {"/g", "/e", "/t", "/c"}:
        raise WrongWords(next(iter(options - {"/g", "/e", "/t", "/c"}), words[0]))
    if "/e" not in words:
        call.out("Are you sure (Y/N)?")
        if call.readline().strip().lower() not in (b"y", b"yes"):
            return 1
    granted = dict(_right(word) for word in call.words[words.index("/g") + 3 :] if ":" in word)
    _change(call, name, {"own": "/e" not in words, "grant": granted, "remove": []})
    kind = "dir" if call.path(name).is_dir() else "file"
    call.out(f"processed {kind}: {ntpath.abspath(ntpath.join(call.cwd, name))}\n")
    return 0


def _right(word: str) -> tuple[str, str]:
    account, colon, right = word.rpartition(":")
    if not colon or not right:
        raise WrongWords(word)
    return _account(account), right if right.startswith("(") else f"({right})"


def _account(name: str) -> str:
    return WELL_KNOWN.get(name.lower(), name)


def _key(call: Call, name: str) -> str:
    return str(call.path(name).relative_to(call.station.root)).lower()


def _change(call: Call, name: str, change: dict[str, Any]) -> None:
    if call.pretend:
        return
    with call.station.folder.remembering() as memory:
        rights = memory.setdefault("rights", {})
        now = {} if change["own"] else dict(rights.get(_key(call, name), DEFAULT))
        now.update(change["grant"])
        rights[_key(call, name)] = {who: what for who, what in now.items() if who not in change["remove"]}


def _show(call: Call, name: str) -> int:
    rights = call.station.folder.remembered().get("rights", {}).get(_key(call, name), DEFAULT)
    first, *rest = [f"{who}:{what}" for who, what in rights.items()] or [""]
    indent = " " * (len(name) + 1)
    call.out(f"{name} {first}\n" + "".join(f"{indent}{line}\n" for line in rest) + "\n")
    call.out(_summary(call, 1, 0))
    return 0


def _summary(call: Call, good: int, bad: int) -> str:
    if call.name == "cacls":
        return ""
    return f"Successfully processed {good} files; Failed processing {bad} files\n"
