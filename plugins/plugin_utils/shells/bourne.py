# SPDX-License-Identifier: GPL-3.0-or-later
"""Solaris 10's /bin/sh: the System V Bourne shell, which is neither POSIX nor bash.

Its limits, as measured on the OpenSolaris port of the same source (usr/src/cmd/sh): no ``$(..)``, no ``$((..))``, no
``export A=b``, no ``~``, no ``${x%y}``, no ``test -e``, no ``! cmd``; an unquoted ``^`` is a pipe; ``echo -n`` prints
"-n". A here-document becomes a file under /tmp with the modes of the umask: hence umask 077 before the first one.

A batch is one script on the shell's standard input. Around each command stand markers that hold a nonce, on standard
output and on error output alike, so that every command's own bytes and exit code can be told apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_letters

from ..command import Command, Secret, Text, Word
from . import Refused

ACCOUNT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}\Z")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
NO_FOLDER = "n"  # marker: the working folder could not be entered, the program was not called


@dataclass(frozen=True)
class Part:
    """One command's share of a batch. exit_code None: its end marker never came. begun False: it was never called."""

    exit_code: int | None
    stdout: bytes
    stderr: bytes
    begun: bool


def quote(word: Word) -> str:
    """One word for /bin/sh: single quotes take everything but themselves (sh(1), "Quoting")."""
    text = reveal(word)
    if "\0" in text:
        raise Refused("a NUL character cannot be part of a word")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Refused("a word holds half a character (a lone surrogate)")
    return "'" + text.replace("'", "'\\''") + "'"


def reveal(word: Word) -> str:
    """The word as the program must receive it, secrets opened."""
    if isinstance(word, Secret):
        return word.reveal()
    if isinstance(word, Text):
        return "".join(part.reveal() if isinstance(part, Secret) else part for part in word.parts)
    return word


def log_on(user: str | None) -> str:
    """The constant text that reaches the account's own shell, be it csh with a noisy profile."""
    if user is None:
        return "/bin/sh"
    return f"su - {account(user)} -c /bin/sh"


def account(user: str) -> str:
    if not ACCOUNT.match(user):
        raise Refused(f"{user!r} is no account name")
    return user


def batch(commands: Sequence[Command], nonce: str) -> str:
    """The script that runs `commands` one after another. `nonce`: letters and digits that occur nowhere else."""
    return (
        "\n".join(["U=`umask`", "umask 077", *(_marked(n, command, nonce) for n, command in enumerate(commands))])
        + "\n"
    )


def _marked(number: int, command: Command, nonce: str) -> str:
    mark = f"@{nonce} {number}"
    return "\n".join(
        [
            f"echo '{mark} b'; echo '{mark} b' >&2",
            *_steps(command, f"{nonce}{number}", f"echo '{mark} {NO_FOLDER}'"),
            'R=$?; echo ""; echo "" >&2',
            f'echo "{mark} e $R"; echo "{mark} e" >&2',
        ]
    )


def _steps(command: Command, ending: str, no_folder: str = ":") -> list[str]:
    """Lines that run one command in a subshell of its own and leave its exit code in ``$?``."""
    enter = [] if command.folder is None else [f"cd {quote(command.folder)} || {{ {no_folder}; exit 125; }}"]
    if command.creates is None:
        return ["( " + "; ".join([*enter, *_umask(command), call(command)]) + " ) " + _input(command.stdin, ending)]
    private = quote(command.creates)
    return [
        "( " + "; ".join([*enter, f"trap {quote('rm -f ' + private)} 0 1 2 15"]),
        f"cat > {private} {_input(command.stdin, ending)}",
        "; ".join([*_umask(command), f"{call(command)} </dev/null"]),
        "R=$?; exit $R )",
    ]


def call(command: Command) -> str:
    """Environment and words, as one list of the shell."""
    for name in command.environment:
        if not VARIABLE.match(name):
            raise Refused(f"{name!r} is no name of a variable")
    sets = [f"{name}={quote(value)}; export {name}" for name, value in command.environment.items()]
    return "; ".join([*sets, " ".join(quote(word) for word in command.words)])


def _umask(command: Command) -> list[str]:
    """The account's own umask, which `batch` kept in $U; a private command keeps 077."""
    return [] if command.private else ["umask $U"]


def _input(stdin: Word, ending: str) -> str:
    """Where a command reads from: a here-document (whose last line always is ended), or nothing at all."""
    text = reveal(stdin)
    if not text:
        return "</dev/null"
    if "\0" in text:
        raise Refused("a NUL character cannot be part of a here-document")
    mark = _first(text) + ending
    return f"<<'{mark}'\n{text if text.endswith(chr(10)) else text + chr(10)}{mark}"


def _first(text: str) -> str:
    """A first letter for a here-document's ending. dash 0.5.12 loses a byte beyond ASCII that follows the ending's own
    beginning at the start of a line, so that beginning must not occur there."""
    for letter in ascii_letters:
        if not re.search(rf"^{letter}[^\x00-\x7f]", text, re.M):
            return letter
    raise Refused("no ending can be found for a here-document of such lines")


def read_batch(stdout: bytes, stderr: bytes, nonce: str, count: int) -> list[Part]:
    """Each command's share of what a batch printed. What stands outside the markers (a noisy profile) is left out."""
    return [_part(stdout, stderr, f"@{nonce} {number}".encode()) for number in range(count)]


def _part(stdout: bytes, stderr: bytes, mark: bytes) -> Part:
    begun, out, closing = _between(stdout, mark)
    _, err, _ = _between(stderr, mark)
    if out.endswith(mark + b" " + NO_FOLDER.encode() + b"\n"):
        return Part(None, b"", err, begun=False)
    return Part(int(closing) if closing.strip().isdigit() else None, out, err, begun)


def _between(stream: bytes, mark: bytes) -> tuple[bool, bytes, bytes]:
    """(begin marker seen, the bytes after it, what follows the end marker on its line: empty when it never came)."""
    _, found, rest = stream.partition(mark + b" b\n")
    body, ended, tail = rest.partition(b"\n" + mark + b" e")
    return bool(found), body, tail.partition(b"\n")[0] if ended else b""
