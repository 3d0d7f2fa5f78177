# SPDX-License-Identifier: GPL-3.0-or-later
"""Detached jobs behind cmd.exe: the batch files of one, and the line that looks at it.

A job is a folder, made by mkdir, which is atomic: a job id starts at most once. A scheduled task runs ``run.bat``,
whose first deed is to make the folder ``started``: so the program begins at most once, however often the task is run,
and whoever makes that folder instead has made sure that it never begins. While it works, ``run.bat`` holds the file
``alive`` open; Windows lets nobody else open it for writing (D. Benham's lock of batch files), and lets it go when the
process ends, whatever ended it, a restart of the station included. No text of the scheduler has to be read for that.

``job.bat`` runs the program; its output is in ``out`` and ``err``, its exit code in ``rc``, which appears by a rename
and so is there whole or not at all. ``in``, a private file and the values of variables may hold secrets: the values are
gone before the program begins, the others as soon as it has ended. A value has a file of its own, because ``set /p``
takes a line as it is, whatever signs are in it.

Measured on Wine 8.0: after built-in commands ``&&`` and ``||`` both run, ``if .. (..)& rest`` may skip the rest, and a
redirection may not come first with a digit. What is written here runs alike on both (the real side is assumed).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..command import Command, secrets_in
from . import Refused, cmd
from .bourne import reveal
from .bourne_jobs import name
from .cmd import escaped, signed

NO_FOLDER = 125  # exit code of a job whose working folder could not be entered
PRIVATE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,60}\Z")
OWN = re.compile(r"(in|out|err|rc|at|alive|started|run\.bat|job\.bat|rc\.new|value\d+)\Z", re.IGNORECASE)
LONGEST_VALUE = 1000  # characters; set /p reads 1,023
LOOKED_FOR = re.compile(r"@(folder|started|alive|free|rc|at) *\r?\n?")


@dataclass(frozen=True)
class Look:
    """What of a job's folder is there. begun: somebody made ``started``. opened: its process came as far as ``alive``.

    held: that process lives. ended: there is an ``rc``; exit_code is None when it holds no number.
    """

    folder: bool = False
    begun: bool = False
    opened: bool = False
    held: bool = False
    ended: bool = False
    exit_code: int | None = None
    started: str = ""


def place(root: str, job: str) -> str:
    return f"{folder(root)}\\{name(job)}"


def folder(path: str) -> str:
    """A path that can stand on any line as it is; without blanks, since schtasks takes one only with escapes."""
    if not re.match(r"[A-Za-z]:\\[A-Za-z0-9_.\\-]*[A-Za-z0-9_.-]\Z", path):
        raise Refused(f"{path!r} is no folder for jobs: expected one like C:\\impax-jobs, without blanks")
    return path


def private_path(root: str, path: str) -> str:
    """Where a command's private file may lie: straight in the jobs' folder, whose rights are set."""
    inside, name_of_file = path[: len(folder(root)) + 1], path[len(root) + 1 :]
    if inside.lower() != f"{root}\\".lower() or not PRIVATE.match(name_of_file):
        raise Refused(f"a private file lies straight in {root}, with a plain name; not {path!r}")
    return path


def files(root: str, job: str, command: Command, codec: str) -> dict[str, bytes]:
    """The files of a job's folder, by name."""
    here = place(root, job)
    made = {"run.bat": _run(here), "job.bat": _job(here, command)}
    made |= {f"value{n}": f"{value}\n" for n, (_key, value) in enumerate(_variables(command))}
    texts = {path: _encoded(text, codec) for path, text in made.items()}
    if command.stdin:
        text = cmd.standard_input(command, codec)
        texts[_input(command)] = text if text.endswith(b"\n") else text + b"\r\n"
    return texts


def _variables(command: Command) -> list[tuple[str, str]]:
    variables = [(key, reveal(value)) for key, value in command.environment.items()]
    for key, value in variables:
        if not cmd.VARIABLE.match(key) or cmd.UNCARRIED.search(value) or not 0 < len(value) <= LONGEST_VALUE:
            raise Refused(f"the variable {key} cannot be set by a batch file")
    return variables


def _encoded(text: str, codec: str) -> bytes:
    try:
        return text.replace("\n", "\r\n").encode(codec)
    except UnicodeEncodeError as error:
        raise Refused(f"the station's character set {codec} lacks U+{ord(error.object[error.start]):04X}") from None


def _input(command: Command) -> str:
    """The file that the command's input goes to: its own private one, by bare name, or ``in``."""
    if command.creates is None:
        return "in"
    if not PRIVATE.match(command.creates) or OWN.match(command.creates):
        raise Refused("a detached job keeps its private file in its own folder: give a bare name")
    return command.creates


def _run(here: str) -> str:
    return f"""@echo off
setlocal disabledelayedexpansion
cd /d "{here}"
if errorlevel 1 exit /b 1
mkdir started 2>nul
if errorlevel 1 exit /b 1
>alive cmd.exe /d /c job.bat
"""


def _job(here: str, command: Command) -> str:
    source = f"{here}\\in" if command.stdin and command.creates is None else "nul"
    secret = f'del /f /q "{here}\\{_input(command)}"\n' if command.stdin else ""
    names = [key for key, _value in _variables(command)]
    read = "".join(f'set /p "{key}=" <"value{n}"\ndel /f /q value{n}\n' for n, key in enumerate(names))
    return f"""@echo off
>at echo %DATE% %TIME%
{read}cd /d "{_in_file(command.folder or here)}"
if errorlevel 1 goto nofolder
{_call(command)} >"{here}\\out" 2>"{here}\\err" <"{source}"
>"{here}\\rc.new" echo %errorlevel%
goto ended
:nofolder
>"{here}\\rc.new" echo {NO_FOLDER}
:ended
{secret}move /y "{here}\\rc.new" "{here}\\rc" >nul
"""


def _in_file(path: str) -> str:
    if '"' in path or cmd.UNCARRIED.search(path):
        raise Refused(f"{path!r} is no folder")
    return path.replace("%", "%%")


def _call(command: Command) -> str:
    """The words in a batch file, where ``%%`` is a per cent sign. They stay on disk: no secret may be among them."""
    if any(secret for word in command.words for secret in secrets_in(word)):
        raise Refused("the words of a detached job are kept in a file and may hold no secret")
    if command.builtin:
        raise Refused("a command of cmd.exe itself is no detached job")
    if cmd.is_batch_file(command):  # called without a cmd.exe of its own, it would end the file that calls it
        return f"cmd.exe /d /s /c {escaped(chr(34) + cmd.call(command) + chr(34))}"
    return _line_of_file([cmd.program(command), *(_word(str(word)) for word in command.words[1:])])


def _word(text: str) -> str:
    if cmd.UNCARRIED.search(text):
        raise Refused("a character cannot be part of a batch file")
    if cmd.PLAIN.match(text):
        return text
    quoted = cmd.quoted(text)
    return (escaped(quoted).replace("^%", "%") if '"' in text else quoted).replace("%", "%%")


def _line_of_file(words: Sequence[str]) -> str:
    line = " ".join(words)
    if len(line) > cmd.LIMIT - 500:  # with the redirections behind it
        raise Refused(f"the command line would have over {cmd.LIMIT - 500} characters")
    return line


def look(root: str, job: str) -> str:
    """The line that tells what of a job is there. Whether ``alive`` is free comes before ``rc``: a job that ends
    between the two is done, never lost."""
    here = place(root, job)
    return "& ".join(
        [
            f'(if exist "{here}" echo @folder)',
            f'(if exist "{here}\\started" echo @started)',
            f'(if exist "{here}\\alive" echo @alive)',
            f'(if exist "{here}\\alive" echo @free 2>>"{here}\\alive")',
            f'(if exist "{here}\\rc" echo @rc)',
            f'(if exist "{here}\\rc" type "{here}\\rc")',
            f'(if exist "{here}\\at" echo @at)',
            f'(if exist "{here}\\at" type "{here}\\at")',
        ]
    )


def read_look(printed: str) -> Look:
    parts = LOOKED_FOR.split(printed)
    said = {mark: text.strip() for mark, text in zip(parts[1::2], parts[2::2], strict=True)}
    code = said.get("rc", "")
    return Look(
        folder="folder" in said,
        begun="started" in said,
        opened="alive" in said,
        held="alive" in said and "free" not in said,
        ended="rc" in said,
        exit_code=signed(int(code)) if re.fullmatch(r"-?\d+", code) else None,
        started=said.get("at", ""),
    )


def task(job: str) -> str:
    """The name of a job's scheduled task."""
    return f"impax-{name(job)}"


def size_of(path: str) -> str:
    """The line that prints ``@size N``; no number when the file is not there."""
    return f'for %i in ("{quotable(path)}") do @echo @size %~zi'


def quotable(path: str) -> str:
    """A path for a line of ours: without what has a meaning between quotes, wildcards included."""
    if not re.match(r"(?:[A-Za-z]:\\|\\\\)", path) or re.search(r'[%"*?<>|]', path) or cmd.UNCARRIED.search(path):
        raise Refused(f"{path!r} is no path for cmd.exe: expected an absolute one without wildcards, quotes and %")
    return path


def read_size(printed: str) -> int | None:
    found = re.search(r"@size (\d+)", printed)
    return int(found[1]) if found else None
