# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a shell text Solaris 10's /bin/sh would refuse, or understand otherwise than the shell that runs it here.

The rules of the shell were measured on the OpenSolaris port of that shell (usr/src/cmd/sh); those of the programs'
options are from the man pages of Solaris 10, section 1 (/usr/bin, not /usr/xpg4/bin), some `assumed` from memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from impax_lab.unix.words import Complaint, Token, scan

words_of = str.split
BUILTIN = set(
    words_of(
        "break case cd chdir continue echo eval exec exit export getopts hash jobs kill newgrp pwd read readonly "
        "return set shift stop suspend test times trap type ulimit umask unset wait : . [ fg bg login"
    )
)
OPENING = {"if", "then", "else", "elif", "do", "while", "until", "{"}
RESERVED = OPENING | {"fi", "done", "esac", "}", "for", "case", "in"}
NOT_THERE = set(
    words_of(
        "local typeset declare let alias unalias source select pushd popd shopt builtin command function [[ ! (( "
        "mapfile disown"
    )
)
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
TEST_OPERATORS = {"-e", "-nt", "-ot", "-ef", "-O", "-G", "-S", "==", "=~", "<"}
# program: (pattern that one of its words must not match, the rule)
WORDS_RULES: dict[str, tuple[tuple[str, str], ...]] = {
    "echo": ((r"-[neE]+", "echo -n and -e print themselves"),),
    "set": ((r"[-+]o", "set -o"),),
    "kill": ((r"-s", "kill -s"),),
    "cd": ((r"-", "cd -"),),
    "read": ((r"-[^r]\w*", "read with an option"),),
    "trap": ((r"ERR|RETURN|DEBUG", "trap of ERR, RETURN or DEBUG"),),
    "grep": ((r"-\w*[qEFoArRxPABC]\w*", "an option that /usr/bin/grep has not got"),),
    "egrep": ((r"-\w*[qoArRxPABC]\w*", "an option that /usr/bin/egrep has not got"),),
    "fgrep": ((r"-\w*[qoArRPABC]\w*", "an option that /usr/bin/fgrep has not got"),),
    "tail": ((r"-n.*", "tail -n"), (r"-c.*", "tail -c with a separate number"), (r"-F", "tail -F")),
    "head": ((r"-c.*", "head -c"),),
    "sed": ((r"-\w*[iErsz]\w*", "an option that /usr/bin/sed has not got"),),
    "awk": ((r"-v.*", "awk -v: /usr/bin/awk is the old awk, nawk has it"),),
    "id": ((r"-\w*[ugnGr]\w*", "an option that /usr/bin/id has not got"),),
    "date": ((r"\+.*%[sN].*", "date %s"), (r"-[dIRr].*", "an option that date has not got")),
    "tar": ((r"-?[cxt]\w*[zjJ]\w*|-?[zjJ]\w*", "tar with a compressor"),),
    "find": ((r"-(?:maxdepth|mindepth|print0|delete|iname|printf|regex|empty)", "a test that find has not got"),),
    "cp": ((r"-\w*[avutTlLHdb]\w*", "an option that cp has not got"),),
    "mv": ((r"-\w*[nvutTb]\w*", "an option that mv has not got"),),
    "rm": ((r"-\w*[vdI]\w*", "an option that rm has not got"),),
    "mkdir": ((r"-\w*[vZ]\w*", "an option that mkdir has not got"),),
    "xargs": ((r"-\w*[0rdP]\w*", "an option that xargs has not got"),),
    "sleep": ((r".*[^0-9].*", "sleep takes whole seconds"),),
    "dd": ((r"status=.*|.*flag=.*|bs=.*[MG]", "an operand that dd has not got"),),
    "df": ((r"-\w*[mTP]\w*", "an option that /usr/bin/df has not got"),),
    "du": ((r"-\w*[bcm]\w*", "an option that du has not got"),),
    "ls": ((r"-\w*[GNUXZ]\w*", "an option that ls has not got"),),
    "sort": ((r"-\w*[VRhsz]\w*", "an option that sort has not got"),),
    "touch": ((r"-d.*", "touch -d"),),
    "ps": ((r"aux|-\w*[wxF]\w*", "options of another ps"),),
    "uname": ((r"-\w*o\w*", "uname -o"),),
    "cksum": ((r"-a.*", "cksum -a"),),
}  # fmt: skip


def lint(text: str) -> list[Complaint]:
    """Every complaint about a shell text, in its order, each once."""
    tokens, found = scan(text)
    for command in commands(tokens):
        found += _of_command(command)
    found += _structure(tokens)
    for inner, line in _inner_texts(tokens):
        found += [Complaint(line + each.line - 1, each.rule, each.excerpt) for each in lint(inner)]
    return sorted(set(found))


def programs(text: str) -> list[str]:
    """The names of the programs that a text calls, as far as they stand there in plain letters."""
    tokens, _ = scan(text)
    own = {a.text for a, b, c in zip(tokens, tokens[1:], tokens[2:], strict=False) if (b.text, c.text) == ("(", ")")}
    found = [command[0] for command in commands(tokens) if command]
    names = [token.text for token in found if token.plain and token.text not in BUILTIN | own | NOT_THERE]
    for inner, _ in _inner_texts(tokens):
        names += programs(inner)
    return sorted(set(names))


def commands(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The words of each simple command, without its redirections and the assignments before it."""
    reader = _Commands(tokens)
    while reader.at < len(tokens):
        yield from reader.step()
    if reader.words:
        yield reader.words


class _Commands:
    """Walks over the tokens. in_pattern: of each open case, whether a pattern is due (else its list of commands)."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens, self.at = tokens, 0
        self.words: list[Token] = []
        self.in_pattern: list[bool] = []

    def step(self) -> Iterator[list[Token]]:
        token = self.tokens[self.at]
        self.at += 1
        if token.redirects:
            self.at += 1  # the file it names
        elif token.operator:
            if self.words:
                yield self.words
            self.words = []
            self._separate(token.text)
        elif self.words:
            self.words.append(token)
        else:
            self._begin(token)

    def _separate(self, operator: str) -> None:
        if self.in_pattern and operator == ";;":
            self.in_pattern[-1] = True
        elif self.in_pattern and operator == ")":
            self.in_pattern[-1] = False

    def _begin(self, token: Token) -> None:
        """The first word of something."""
        if token.is_word("esac") and self.in_pattern:
            self.in_pattern.pop()
        elif self.in_pattern and self.in_pattern[-1]:
            return
        elif token.is_word("case"):
            self.at = _skip_to(self.tokens, self.at, "in")
            self.in_pattern.append(True)
        elif token.is_word("for"):
            self.at = _skip_to(self.tokens, self.at, "do")
        elif token.bare not in RESERVED and not ASSIGNMENT.match(token.bare):
            self.words = [token]


def _skip_to(tokens: Sequence[Token], at: int, word: str) -> int:
    while at < len(tokens) and not tokens[at].is_word(word):
        at += 1
    return at + 1


def _of_command(words: Sequence[Token]) -> list[Complaint]:
    name, rest = words[0].bare.rsplit("/", 1)[-1], words[1:]
    found = []
    if name in NOT_THERE:
        found.append(words[0].complaint(f"{name} is not there"))
    if name in ("export", "readonly"):
        found += [word.complaint(f"{name} NAME=value") for word in rest if "=" in word.bare]
    if name in ("test", "["):
        found += [word.complaint(f"test has no {word.bare}") for word in rest if word.bare in TEST_OPERATORS]
    for pattern, rule in WORDS_RULES.get(name, ()):
        found += [word.complaint(rule) for word in _options(name, rest) if re.fullmatch(pattern, word.text)]
    if name in WORDS_RULES and name != "echo":
        found += [word.complaint("a GNU option") for word in rest if re.fullmatch(r"--[a-z].*", word.bare)]
    return found


def _options(name: str, rest: Sequence[Token]) -> list[Token]:
    """The words that may be options: for most programs those before the first other word."""
    if name in ("find", "sleep", "dd", "date", "ps", "trap"):
        return [word for word in rest if "\0" not in word.bare or name == "date"]
    options: list[Token] = []
    for word in rest:
        if not word.bare.startswith("-") and not (name == "tar" and not options) and name != "set":
            break
        options.append(word)
    return options


def _structure(tokens: Sequence[Token]) -> list[Complaint]:
    """A loop with a redirected input runs in a subshell there: what it assigns is lost. ``in (a)`` is no syntax."""
    found: list[Complaint] = []
    loops: list[bool] = []
    for before, token, after in zip((None, *tokens), tokens, (*tokens[1:], None), strict=False):
        if token.is_word("do"):
            loops.append(False)
        elif loops and not token.operator and ASSIGNMENT.match(token.bare):
            loops[-1] = True
        elif loops and token.is_word("done"):
            assigned = loops.pop()
            if assigned and after is not None and after.redirects:
                found.append(token.complaint("a redirected loop runs in a subshell: its variables are lost"))
        if token.text == "(" and before is not None and (before.is_word("in") or before.text == ";;"):
            found.append(token.complaint("case with (pattern)"))
    return found


def _inner_texts(tokens: Sequence[Token]) -> list[tuple[str, int]]:
    return [inner for token in tokens for inner in token.inner]
