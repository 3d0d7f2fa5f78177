# SPDX-License-Identifier: GPL-3.0-or-later
"""cmd.exe, and programs started without it: how words are written so that they arrive as they were meant.

Two parsers stand between us and a program. The program's own start-up splits its command line again; its rules are
those of CommandLineToArgvW (Microsoft, "Parsing C++ command-line arguments"; D. Deley, "How Command Line Parameters Are
Parsed"): blanks separate outside quotes, ``\\"`` is a quote, backslashes count only before a quote. Before it, cmd.exe
takes ``% ^ & | < > ( ) " !`` for itself (D. Colascione, "Everyone quotes command line arguments the wrong way"; cmd /?,
set /?): a caret takes the meaning of the next character away, outside quotes only.

WinRM gives a line to ``%COMSPEC% /C "line"``, and cmd.exe strips the first and the last quote (cmd /?), so a line needs
no outer quotes of its own; it begins with none either (``@`` or ``<nul`` comes first), should a service add none. With
WINRS_SKIP_CMD_SHELL the program is started without cmd.exe (`direct`). From Windows 2012 R2 on the option is said to be
ignored (pypsrp's documentation): the executor finds out before it relies on it.

What has no safe form is refused: ``%`` cannot be escaped on a line that is no batch file, a line end or NUL cannot be
part of a line at all, and over 8,191 characters cmd.exe over WinRM has been seen to run nothing and to say 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..command import Command
from . import Refused
from .bourne import Part, reveal

LIMIT = 8000  # characters; the real limit is 8,191 with cmd.exe's own path and the quotes around the line
DIRECT_LIMIT = 30000  # CreateProcess takes 32,767
PLAIN = re.compile(r"[A-Za-z0-9_./\\:-]+\Z")  # no meaning for either parser; all else is quoted
BUILTIN = re.compile(r"[A-Za-z]+\Z")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
NONCE = re.compile(r"[A-Za-z0-9]+\Z")
# XML 1.0 carries none of these but the tab; cmd.exe ends a line at two of them, and CreateProcess ends at the first.
UNCARRIED = re.compile("[\x00-\x08\x0a-\x1f\ufffe\uffff\ud800-\udfff]")
META = re.compile(r'[()%!^"<>&|]')
LATE = "IMPAX_LATE"  # a variable of our own that shows, read late, that cmd.exe reads ``!name!`` late
OPENING = f"set {LATE}=late"


@dataclass(frozen=True)
class Line:
    """One WinRM command: the text for cmd.exe, and the numbers of the commands that it runs."""

    text: str
    numbers: tuple[int, ...]


# Words


def argument(text: str) -> str:
    """One word as CommandLineToArgvW and the C run-time library split it."""
    if text and not re.search(r'[ \t"]', text):
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """A word in quotes: backslashes double before a quote, and before the closing one."""
    doubled = re.sub(r'(\\*)"', r'\1\1\\"', text)
    trailing = len(doubled) - len(doubled.rstrip("\\"))
    return f'"{doubled}{doubled[len(doubled) - trailing :]}"'


def escaped(text: str) -> str:
    """`text` with a caret before every character that cmd.exe would take for itself, quotes included: so it never
    comes to be inside quotes, whatever the text holds."""
    return META.sub(r"^\g<0>", text)


def word(text: str) -> str:
    """One word for a program behind cmd.exe."""
    _carried(text)
    if "%" in text:
        raise Refused("a % cannot be escaped on a line for cmd.exe")
    if PLAIN.match(text):
        return text
    if '"' in text:
        return escaped(quoted(text))  # cmd.exe does not know \" and would take the rest of the word as outside quotes
    return quoted(text)


def _carried(text: str) -> str:
    if found := UNCARRIED.search(text):
        raise Refused(f"the character U+{ord(found[0]):04X} cannot be part of a Windows command line over WinRM")
    return text


def program(command: Command) -> str:
    """The program's name between quotes; it is found either way, but Wine runs a long line only so."""
    name = _carried(reveal(command.words[0]))
    if '"' in name or "%" in name:
        raise Refused(f"{name!r} is no name of a program")
    return f'"{name}"'


def is_batch_file(command: Command) -> bool:
    return reveal(command.words[0]).lower().endswith((".bat", ".cmd"))


# One command


def direct(command: Command) -> str:
    """One program without cmd.exe: any word, but no built-in command and no batch file (CreateProcess would start
    cmd.exe for it, with words quoted for another parser)."""
    if command.builtin or is_batch_file(command):
        raise Refused(f"{command.program} needs cmd.exe")
    name = _carried(reveal(command.words[0]))
    if '"' in name:
        raise Refused(f"{name!r} is no name of a program")
    words = [f'"{name}"' if " " in name else name]
    words += [argument(_carried(reveal(word))) for word in command.words[1:]]
    return _within(" ".join(words), DIRECT_LIMIT)


def line(command: Command) -> str:
    """One command through cmd.exe, as WinRM wraps it; its input is empty unless it has one."""
    return _within(f"{'@' if command.stdin else '<nul '}{call(command)}", LIMIT)


def call(command: Command) -> str:
    """The words of a command as cmd.exe is to read them."""
    if command.builtin:
        return " ".join(_builtin_words(command))
    if is_batch_file(command):
        return " ".join([program(command), *(_batch_file_word(reveal(word)) for word in command.words[1:])])
    return " ".join([program(command), *(word(reveal(each)) for each in command.words[1:])])


def _builtin_words(command: Command) -> Iterator[str]:
    """Built-in commands know no backslash before a quote, and their own name must not stand in quotes."""
    name, *rest = (reveal(word) for word in command.words)
    if not BUILTIN.match(name):
        raise Refused(f"{name!r} is no command of cmd.exe")
    yield name
    for text in rest:
        if '"' in text or "%" in text:
            raise Refused(f"cmd.exe's own {name} cannot be given a word with a quote or a %")
        yield text if PLAIN.match(_carried(text)) else f'"{text}"'


def _batch_file_word(text: str) -> str:
    """A batch file's %1 is put into its lines as text and parsed again: only what quotes protect there is safe."""
    if META.search(text.translate({ord(sign): None for sign in "()&|<>"})):
        raise Refused("a batch file cannot be given a word with one of % ! ^ or a quote")
    return word(text)


def _within(text: str, limit: int) -> str:
    if len(text.encode("utf-16-le")) // 2 > limit:
        raise Refused(f"the command line would have over {limit} characters")
    return text


def environment(command: Command) -> dict[str, str]:
    """The variables of a command, opened. ``%NAME%`` in a value may be expanded by the service (assumed): refused."""
    variables = {name: _carried(reveal(value)) for name, value in command.environment.items()}
    for name, value in variables.items():
        if not VARIABLE.match(name):
            raise Refused(f"{name!r} is no name of a variable")
        if re.search(r"%[^%\s]+%", value):
            raise Refused(f"the variable {name} holds a name between two %, which Windows may expand")
    return variables


def standard_input(command: Command, codec: str) -> bytes:
    """What the program reads, in the station's character set, lines ended as Windows ends them."""
    text = re.sub(r"\r?\n", "\r\n", reveal(command.stdin))
    try:
        return text.encode(codec)
    except UnicodeEncodeError as error:
        raise Refused(f"the station's character set {codec} lacks U+{ord(error.object[error.start]):04X}") from None


# Several commands in one line


def batch(commands: Sequence[Command], nonce: str) -> list[Line]:
    """As few lines as the length allows, that run `commands` one after another and mark what belongs to which.

    ``!errorlevel!`` under /v:on is read when its turn comes; ``%errorlevel%`` would be read before anything ran. The
    inner cmd.exe is the one with /v:on; all it is given is escaped for the outer one, which WinRM starts.
    """
    if not NONCE.match(nonce):
        raise Refused("the nonce is letters and digits")
    lines: list[Line] = []
    pieces: list[str] = []
    numbers: list[int] = []
    for number, command in enumerate(commands):
        piece = _marked(number, command, nonce)
        if pieces and len(_inner([*pieces, piece])) > LIMIT:
            lines.append(Line(_inner(pieces), tuple(numbers)))
            pieces, numbers = [], []
        pieces.append(piece)
        numbers.append(number)
        _within(_inner(pieces), LIMIT)
    return [*lines, Line(_inner(pieces), tuple(numbers))] if pieces else lines


def _inner(pieces: list[str]) -> str:
    return f'@"cmd.exe" /v:on /d /s /c {escaped(chr(34) + "& ".join([OPENING, *pieces]) + chr(34))}'


def _marked(number: int, command: Command, nonce: str) -> str:
    mark = f"@{nonce} {number}"
    end = f"echo {mark} e !errorlevel! !{LATE}!"
    return f"echo {mark} b& echo {mark} b>&2& <nul {_companion(command)}& {end}& echo {mark} e>&2"


def _companion(command: Command) -> str:
    """A call that can stand among others; Refused when it must run alone."""
    if command.stdin or command.environment or command.folder or command.creates:
        raise Refused("input, variables, a private file or a folder of its own: it runs alone")
    if is_batch_file(command) or (command.builtin and command.program in ("if", "for")):
        raise Refused("a batch file runs alone, and so does a command that takes what follows it as its own")
    text = call(command)
    if "!" in text:
        raise Refused("a ! would be taken as the name of a variable under /v:on")
    return text


def is_companion(command: Command) -> bool:
    """Whether `batch` takes the command."""
    try:
        return len(_inner([_marked(0, command, "n" * 24)])) <= LIMIT
    except Refused:
        return False


def read_batch(stdout: bytes, stderr: bytes, nonce: str, number: int) -> Part:
    """One command's share of what a batch printed. No exit code unless the end marker shows that it was read late."""
    mark = f"@{nonce} {number}".encode()
    begun, out, closing = _between(stdout, mark)
    _, err, _ = _between(stderr, mark)
    code = re.fullmatch(rb" (-?\d+) late *", closing)
    return Part(signed(int(code[1])) if code else None, out, err, begun)


def _between(stream: bytes, mark: bytes) -> tuple[bool, bytes, bytes]:
    """(begin marker seen, the bytes after it, the rest of the end marker's line: empty when it never came whole)."""
    _, found, rest = stream.partition(mark + b" b\r\n")
    body, _, tail = rest.partition(mark + b" e")
    closing, whole, _ = tail.partition(b"\r\n")
    return bool(found), body, closing if whole else b""


def signed(code: int) -> int:
    """A Windows exit code as the signed 32-bit number that %ERRORLEVEL% and WinRM show."""
    code &= 0xFFFFFFFF
    return code - (1 << 32) if code >= 1 << 31 else code
