# SPDX-License-Identifier: GPL-3.0-or-later
"""A shell text taken apart into words and operators, with what the Bourne shell does not know of quoting and
expansion noted on the way. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

OPERATORS = ("<<<", "<<-", "&>>", ";;", "&&", "||", "|&", "&>", "<<", ">>", "<&", ">&", ">|", "<>", "<(", ">(",
             ";", "&", "|", "(", ")", "<", ">", "^")  # fmt: skip
REDIRECTIONS = {"<<-", "<<", ">>", "<&", ">&", "<>", "<", ">", ">|", "&>", "&>>", "<<<"}
UNKNOWN = {"<<<": "<<<", "|&": "|&", "&>": "&>", "&>>": "&>>", ">|": ">|", "<(": "<(...)", ">(": ">(...)",
           "^": "an unquoted ^ is a pipe"}  # fmt: skip
PARAMETER = re.compile(r"\$\{(?:\w+|[@*#?$!-])(?:\}|:?[-=?+])")
SPECIAL = re.compile(r"\$\{?(?:RANDOM|SECONDS|UID|EUID|HOSTNAME|BASH\w*|PIPESTATUS|EPOCH\w*|LINENO)\b")
BRACES = re.compile(r"\{[^\s{}]*(?:,|\.\.)[^\s{}]*\}")
TILDE = re.compile(r"(?:^|^\w+=|:)~")


class Complaint(NamedTuple):
    """One thing that Solaris 10's /bin/sh would not understand. line: from 1."""

    line: int
    rule: str
    excerpt: str


@dataclass
class Token:
    """text: as written, quotes removed. bare: the same with every quoted or expanded character as NUL. inner: the texts
    of backquotes, each with its line."""

    text: str = ""
    bare: str = ""
    line: int = 1
    operator: bool = False
    redirects: bool = False
    inner: list[tuple[str, int]] = field(default_factory=list)

    @property
    def plain(self) -> bool:
        return bool(self.bare) and "\0" not in self.bare and not self.operator

    def is_word(self, word: str) -> bool:
        return not self.operator and self.bare == word

    def complaint(self, rule: str) -> Complaint:
        return Complaint(self.line, rule, self.text[:40])


def scan(text: str) -> tuple[list[Token], list[Complaint]]:
    """The tokens of a text and the complaints about its quoting, expansions and operators. A newline is an operator."""
    scanner = _Scanner(text)
    scanner.run()
    return scanner.tokens, scanner.found


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.line = text, 0, 1
        self.tokens: list[Token] = []
        self.found: list[Complaint] = []
        self.documents: list[tuple[str, bool, bool]] = []  # here-documents to come: end, quoted, tabs stripped

    def run(self) -> None:
        while self.at < len(self.text):
            letter = self.text[self.at]
            if letter in " \t\r":
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self._skip(2)
            elif letter == "#":
                self._skip(len(self.text[self.at :].split("\n", 1)[0]))
            elif letter == "\n":
                self._add(Token("\n", "\n", self.line, operator=True))
                self._skip(1)
                self._here_documents()
            elif not self._operator():
                self._word()

    def _skip(self, count: int) -> str:
        passed = self.text[self.at : self.at + count]
        self.line += passed.count("\n")
        self.at += count
        return passed

    def _add(self, token: Token) -> None:
        before = self.tokens[-1] if self.tokens else None
        if before and before.text in ("<<", "<<-") and before.operator and not token.operator:
            self.documents.append((token.text, token.text != token.bare, before.text == "<<-"))
        self.tokens.append(token)

    def _operator(self) -> bool:
        digits = re.compile(r"\d(?=[<>])").match(self.text, self.at)
        start = digits.end() if digits else self.at
        found = next((each for each in OPERATORS if self.text.startswith(each, start)), None)
        if not found or (digits and not found.startswith(("<", ">"))):
            return False
        if found in UNKNOWN:
            self._complain(UNKNOWN[found])
        token = Token(found, found, self.line, operator=True, redirects=found in REDIRECTIONS)
        self._skip(start - self.at + len(found))
        self._add(token)
        return True

    def _complain(self, rule: str) -> None:
        excerpt = self.text[self.at : self.at + 30].split("\n")[0]
        self.found.append(Complaint(self.line, rule, excerpt))

    def _word(self) -> None:
        token = Token(line=self.line)
        while self.at < len(self.text) and self.text[self.at] not in " \t\r\n;&|()<>^":
            letter = self.text[self.at]
            if letter == "\\":
                self._take(token, self._skip(2)[1:], quoted=True)
            elif letter == "'":
                self._single(token)
            elif letter == '"':
                self._double(token)
            elif letter == "`":
                self._backquoted(token)
            elif letter == "$":
                self._dollar(token, in_quotes=False)
            else:
                self._take(token, self._skip(1), quoted=False)
        self._judge(token)
        self._add(token)

    def _take(self, token: Token, text: str, quoted: bool) -> None:
        token.text += text
        token.bare += "\0" * max(len(text), 1) if quoted else text

    def _judge(self, token: Token) -> None:
        if TILDE.search(token.bare):
            self.found.append(token.complaint("~ is not expanded"))
        if BRACES.search(token.bare):
            self.found.append(token.complaint("{a,b} is not expanded"))
        if re.match(r"[A-Za-z_]\w*\+=", token.bare):
            self.found.append(token.complaint("NAME+=value"))

    def _single(self, token: Token) -> None:
        end = self.text.find("'", self.at + 1)
        whole = self._skip((end if end >= 0 else len(self.text)) - self.at + 1)
        self._take(token, whole[1:].removesuffix("'"), quoted=True)

    def _double(self, token: Token) -> None:
        self._skip(1)
        token.bare += "\0"
        while self.at < len(self.text) and self.text[self.at] != '"':
            letter = self.text[self.at]
            if letter == "\\":
                self._take(token, self._skip(2)[1:], quoted=True)
            elif letter == "`":
                self._backquoted(token)
            elif letter == "$":
                self._dollar(token, in_quotes=True)
            else:
                self._take(token, self._skip(1), quoted=True)
        self._skip(1)

    def _backquoted(self, token: Token) -> None:
        line, start = self.line, self.at + 1
        match = re.compile(r"(?:[^`\\]|\\.)*", re.S).match(self.text, start)
        body = match[0] if match else ""
        self._skip(len(body) + 2)
        token.inner.append((re.sub(r"\\([`\\$])", r"\1", body), line))
        self._take(token, body, quoted=True)

    def _dollar(self, token: Token, in_quotes: bool) -> None:
        self.expansion(in_quotes)
        match = PARAMETER.match(self.text, self.at)
        self._take(token, self._skip(len(match[0]) if match else 1), quoted=True)
        # the word behind ${x:-word} and its } are read as more of the same word

    def expansion(self, in_quotes: bool) -> None:
        """Complain of what stands behind the $ at hand, if the Bourne shell does not know it."""
        rest = self.text[self.at : self.at + 64]
        if rest.startswith("$(("):
            self._complain("$((...))")
        elif rest.startswith("$("):
            self._complain("$(...)")
        elif rest.startswith("${") and not PARAMETER.match(rest):
            self._complain("${...} of another shell")
        elif not in_quotes and rest.startswith(("$'", '$"')):
            self._complain("$'...'")
        elif SPECIAL.match(rest):
            self._complain("a variable of another shell")

    def _here_documents(self) -> None:
        for end, quoted, stripped in self.documents:
            while self.at < len(self.text):
                line = self.text[self.at :].split("\n", 1)[0]
                if (line.lstrip("\t") if stripped else line) == end:
                    self._skip(len(line))
                    break
                if not quoted:
                    self._expanded_line(len(line))
                self._skip(max(0, self._end_of_line() - self.at) + 1)
        self.documents = []

    def _end_of_line(self) -> int:
        end = self.text.find("\n", self.at)
        return end if end >= 0 else len(self.text)

    def _expanded_line(self, length: int) -> None:
        """A line of a here-document whose end was not quoted: it is expanded like a "..." text."""
        end = self.at + length
        while self.at < end:
            letter = self.text[self.at]
            if letter == "$":
                self.expansion(in_quotes=True)
            self._skip(2 if letter == "\\" else 1)
