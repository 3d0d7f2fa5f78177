# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of SQL*Plus itself. What the lab has not got is said aloud and noted; it is never passed over.

SQL*Plus User's Guide and Reference, release 11.2, "SQL*Plus Command Reference": the letters that must be typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from impax_lab.sqlplus import database
from impax_lab.sqlplus.script import Exit, OnError, Script

UNKNOWN = 'SP2-0734: unknown command beginning "{head}..." - rest of line ignored.\n'
UNKNOWN_WORD = 'SP2-0042: unknown command "{head}" - rest of line ignored.\n'


def run(script: Script, text: str) -> None:
    word, _, rest = text.partition(" ")
    found = _find(word.lower())
    if found is None:
        if word.startswith("@"):
            found, rest = _start, text.lstrip("@")
        else:
            head = text[:10]
            script.say(UNKNOWN_WORD.format(head=text) if len(text) <= 10 else UNKNOWN.format(head=head))
            return
    found(script, rest.strip())


def _find(word: str) -> Callable[[Script, str], None] | None:
    for least, full, command in COMMANDS:
        if full.startswith(word) and word.startswith(least):
            return command
    return None


def _set(script: Script, rest: str) -> None:
    for complaint in script.settings.set(rest):
        script.say(f"{complaint}\n")


def _prompt(script: Script, rest: str) -> None:
    script.say(f"{rest}\n")


def _remark(script: Script, rest: str) -> None:
    """A remark: nothing happens."""


def _exit(script: Script, rest: str) -> None:
    script.leave(rest)


def _whenever(script: Script, rest: str) -> None:
    match = re.fullmatch(r"(sqlerror|oserror)\s+(?:(exit)\s*([\w.:]*?)|continue)\s*(commit|rollback|none)?", rest, re.I)
    if not match:
        script.say('SP2-0738: Restricted command "whenever" not available\n' if not rest else
                   "SP2-0717: illegal WHENEVER option\n")  # fmt: skip
        return
    action = OnError(match[3].lower() if match[2] else None, (match[4] or "none").lower())
    if match[1].lower() == "sqlerror":
        script.sql_error = action
    else:
        script.os_error = action


def _connect(script: Script, rest: str) -> None:
    bad = re.search(r"(?i)\bas\s+(?!sysdba\b|sysoper\b|sysasm\b)\w+\s*$", rest)
    if bad:
        script.say(database.CONNECT_USAGE)
        return
    if "/" not in rest:
        script.prompt("Enter password: ")
        user, sep, as_what = rest.partition(" ")
        rest = f"{user}/{script.next_line() or ''}{sep}{as_what}"
    if script.connect(rest):
        script.say("Connected to an idle instance.\n" if script.idle else "Connected.\n")
    elif script.call.behaviour != "connect_failure_goes_on":
        _failed_connect(script)


def _failed_connect(script: Script) -> None:
    if script.sql_error.exit is not None:
        raise Exit(script._exit_code(script.sql_error.exit))


def _disconnect(script: Script, rest: str) -> None:
    script.finish("commit")
    script.disconnect()


def _spool(script: Script, rest: str) -> None:
    words = rest.split()
    if not words:
        script.say(f"currently spooling to {script.spool}\n" if script.spool else "not spooling currently\n")
    elif words[0].lower() in ("off", "out"):
        script.spool = None
    else:
        _spool_to(script, words[0], (words[1:] or ["replace"])[0].lower())


def _spool_to(script: Script, name: str, mode: str) -> None:
    name = database.with_ending(name, ".lst")
    if mode.startswith("cre") and script.call.path(name).exists():
        script.say(f'SP2-0771: File "{name}" already exists.\nUse another name or "SPOOL filename[.ext] REPLACE"\n')
        return
    try:
        script.call.write_file(name, b"", append=mode.startswith("app"))
    except OSError:
        script.say(f'SP2-0606: Cannot create SPOOL file "{name}"\n')
        return
    script.spool = name


def _column(script: Script, rest: str) -> None:
    """COLUMN name FORMAT An is what is known; any other option is not there."""
    match = re.fullmatch(r"(\w+|\"[^\"]+\")\s+for(?:m|ma|mat)?\s+a(\d+)(?:\s+word_?wrap\w*|\s+wrap\w*)?", rest, re.I)
    if match:
        script.formats[match[1].strip('"').lower()] = int(match[2])
    else:
        _not_simulated(script, f"column {rest}")


def _define(script: Script, rest: str) -> None:
    name, sep, value = rest.partition("=")
    if sep:
        script.defined[name.strip().lower()] = value.strip().strip("'\"")
    else:
        known = script.defined.get(name.strip().lower())
        script.say(
            f"SP2-0135: symbol {name} is UNDEFINED\n" if known is None else f'DEFINE {name} = "{known}" (CHAR)\n'
        )


def _execute(script: Script, rest: str) -> None:
    script.execute(f"BEGIN {rest.rstrip(';')}; END;")


def _describe(script: Script, rest: str) -> None:
    owner, _, table = rest.strip('"').upper().rpartition(".")
    _not_simulated(script, f"describe {owner}{table}")


def _show(script: Script, rest: str) -> None:
    word = rest.lower()
    if word == "user":
        script.say(f'USER is "{script.logged_on_as}"\n')
    elif word.startswith("err"):
        script.say("No errors.\n")
    elif word in script.settings.values:
        script.say(f"{word} {script.settings.values[word]}\n")
    else:
        _not_simulated(script, f"show {rest}")


def _start(script: Script, rest: str) -> None:
    words = rest.split()
    name = words[0] if words else ""
    name = database.with_ending(name, ".sql")
    try:
        lines = script.call.path(name).read_text(encoding=script.call.station.spec.codec).splitlines()
    except OSError:
        script.say(f'SP2-0310: unable to open file "{name}"\n')
        if script.os_error.exit is not None:
            raise Exit(1) from None
        return
    before, todo = script.next_line, iter(lines)
    script.next_line = lambda: next(todo, None)
    try:
        script._commands()
    finally:
        script.next_line = before


def _again(script: Script, rest: str) -> None:
    script.execute(script.buffer)


def _clear(script: Script, rest: str) -> None:
    script.buffer = "" if rest.lower().startswith("buff") else script.buffer


def _not_simulated(script: Script, what: str) -> None:
    script.call.note(f"not simulated: {what}")
    script.say(f"impax-lab: SQL*Plus: not simulated: {what}\n")
    raise Exit(70)


def _unknown_here(script: Script, rest: str) -> None:
    _not_simulated(script, "this command")


# The real one has these, the lab has not: the letters that must be typed, and the whole word.
NOT_HERE = str.split(
    "acc:accept a:append archive:archive attribute:attribute bre:break bti:btitle c:change comp:compute copy:copy "
    "del:del ed:edit get:get help:help ho:host i:input l:list passw:password pau:pause pri:print recover:recover "
    "sav:save shutdown:shutdown startup:startup store:store timi:timing tti:ttitle undef:undefine var:variable"
)
Command = Callable[[Script, str], None]
COMMANDS: list[tuple[str, str, Command]] = [
    ("conn", "connect", _connect),
    ("disc", "disconnect", _disconnect),
    ("exit", "exit", _exit),
    ("quit", "quit", _exit),
    ("set", "set", _set),
    ("pro", "prompt", _prompt),
    ("rem", "remark", _remark),
    ("whenever", "whenever", _whenever),
    ("spo", "spool", _spool),
    ("col", "column", _column),
    ("def", "define", _define),
    ("exec", "execute", _execute),
    ("desc", "describe", _describe),
    ("sho", "show", _show),
    ("sta", "start", _start),
    ("r", "run", _again),
    ("cl", "clear", _clear),
    ("@", "@", _start),
    *((*name.split(":"), _unknown_here) for name in NOT_HERE),  # type: ignore[misc]
]
