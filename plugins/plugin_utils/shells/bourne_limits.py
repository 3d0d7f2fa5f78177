# SPDX-License-Identifier: GPL-3.0-or-later
"""What a text for /bin/sh must not hold if Solaris 10's Bourne shell and its /usr/bin programs are to run it.

checkbashisms and shellcheck take POSIX as their norm and pass nearly all of these. The list was measured on the
OpenSolaris port of the shell; what concerns programs is from the Solaris 10 manual pages and `assumed`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..command import Command

HERE = re.compile(r"<<-?\s*(['\"]?)([\w-]+)\1")
START = r"(?:^|[;&|(){}`\n]|\bthen|\bdo|\belse|\bif|\bwhile|\buntil)[ \t]*"

# These expand inside double quotes too.
EXPANSIONS = [
    ("$(command)", r"\$\((?!\()"),
    ("$((sum))", r"\$\(\("),
    ("${name%..}, ${name#..}, ${#name}, ${name/..}", r"\$\{(?:#\w|\w+(?:[%#/^,]|:[^-=?+]))"),
    ("${name:?} (exit code 1, not 2)", r"\$\{\w+:?\?"),
    ("a variable of newer shells", r"\$\{?(?:RANDOM|SECONDS|UID|HOSTNAME|BASH\w*|PIPESTATUS)\b"),
]
SYNTAX = [
    ("! command", START + r"!(?=\s)"),
    ("export A=b", r"\b(?:export|readonly)\s+\w+="),
    ("[[ ]]", START + r"\[\["),
    ("(( ))", START + r"\(\("),
    ("<<<", r"<<<"),
    ("&> or |&", r"&>|\|&"),
    ("<(..) or >(..)", r"[<>]\("),
    ("function, local, source and the like", START + r"(?:function|local|typeset|declare|let|alias|source|command)\s"),
    ("test -e, -nt, -ot, ==", r"(?:\[|\btest)\s[^;|&\n\]]*?(?:-(?:e|nt|ot|ef|O|G|S)\s|\s==\s)"),
    ("~", r"(?:^|[\s=:])~(?=[\w/\s]|$)"),
    ("cd -", r"\bcd\s+-(?:\s|$|;)"),
    ("set -o", r"\bset\s+[-+]o\b"),
    ("kill -s", r"\bkill\s+-s\b"),
    ("case with an opening parenthesis", r"\b(?:in|;;)\s*\(\s*[^)\s]+\)(?!\s*\()"),
    ("echo -n", START + r"echo\s+-[neE]+\b"),
    ("^ outside quotes is a pipe", r"\^"),
    ("a loop that reads from a file runs in a subshell", r"\bdone\s*<"),
    ("{a,b}", r"\{[\w.-]*(?:,|\.\.)[\w.,-]*\}"),
]
# Solaris 10, /usr/bin (the account may not have /usr/xpg4/bin first)
OPTIONS = {
    "grep": r"-\w*[qEFoAr]",
    "tail": r"-n",
    "head": r"-c",
    "sed": r"-\w*[iEr]",
    "id": r"-[ung]",
    "tar": r"-?\w*[zjJ]",
    "find": r"-(?:maxdepth|mindepth|print0|delete|iname|printf)",
    "cp": r"-\w*a",
    "ls": r"--.*",
    "df": r"-\w*[mP]",
}
ABSENT = {
    "mktemp",
    "readlink",
    "stat",
    "seq",
    "timeout",
    "realpath",
    "nproc",
    "sudo",
    "sha1sum",
    "md5sum",
    "base64",
    "pgrep -f",
}


def complaints(text: str) -> list[str]:
    """Each construct of a shell text that the Bourne shell refuses or takes otherwise: ``line 3: ! command``."""
    expanding, bare = _visible(text)
    found = [*_matches(EXPANSIONS, expanding), *_matches(SYNTAX, bare)]
    return [f"line {line}: {name}" for line, name in sorted(set(found))]


def program_complaints(command: Command) -> list[str]:
    """Options that a program of Solaris 10 does not know, and programs that are not there."""
    program, words = command.program, [str(word) for word in command.words[1:]]
    if program in ABSENT:
        return [f"{program} is not on Solaris 10"]
    refused = re.compile(OPTIONS.get(program, r"(?!)") + r"\Z")
    return [f"{program} {word}" for word in words if refused.match(word) or re.match(r"--[a-z]{2}", word)]


def _matches(rules: list[tuple[str, str]], text: str) -> Iterator[tuple[int, str]]:
    for name, pattern in rules:
        for match in re.finditer(pattern, text, re.MULTILINE):
            yield text.count("\n", 0, match.end()) + 1, name


def _visible(text: str) -> tuple[str, str]:
    """The text twice, same length of lines: with only what double quotes still expand, and with only bare syntax."""
    expanding, bare = [], []
    for piece, kind in _pieces(text):
        blank = re.sub(r"[^\n]", "_", piece)
        expanding.append(blank if kind == "literal" else piece)
        bare.append(piece if kind == "bare" else blank)
    return "".join(expanding), "".join(bare)


PIECE = re.compile(
    r"""(?P<single>'[^']*')|(?P<escape>\\.)|(?P<double>"(?:[^"\\]|\\.)*")|(?P<comment>(?:(?<=\s)|^)\#[^\n]*)|(?P<bare>[^'"\\#\n<]+|.)""",
    re.DOTALL | re.MULTILINE,
)


KINDS = {"single": "literal", "escape": "literal", "comment": "literal", "double": "quoted", "bare": "bare"}


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """(piece, "literal" | "quoted" | "bare"): single quotes and here-documents with a quoted ending are literal."""
    position = 0
    endings: list[str] = []
    while position < len(text):
        if endings and text[position - 1] == "\n":
            end, kind = _here_document(text, position, endings.pop(0)), "literal"
        elif here := HERE.match(text, position):
            endings.append(here[2])
            end, kind = here.end(), "bare"
        else:
            match = PIECE.match(text, position)
            assert match is not None
            end, kind = match.end(), KINDS[str(match.lastgroup)]
        yield text[position:end], kind
        position = end


def _here_document(text: str, position: int, ending: str) -> int:
    """Where the line after the here-document's ending begins."""
    closing = re.compile(rf"^{re.escape(ending)}\n?", re.MULTILINE).search(text, position)
    return closing.end() if closing else len(text)
