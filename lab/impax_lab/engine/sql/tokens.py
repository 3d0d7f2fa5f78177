# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of a statement, for what sqlglot does not parse: procedures, administration, the bounds of statements."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

ORACLE = re.compile(
    r"""(?P<blank>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<string>[nN]?'(?:[^']|'')*')
    |(?P<quoted>"[^"]*")
    |(?P<number>(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<word>[^\W\d][\w$\#]*)
    |(?P<sign>:=|\|\||<>|!=|\^=|<=|>=|=>|\.\.|\*\*|<<|>>|.)""",
    re.X | re.S,
)
TRANSACT = re.compile(
    r"""(?P<blank>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<string>[nN]?'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\])
    |(?P<number>0[xX][0-9a-fA-F]*|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<word>@@?[\w$\#@]+|\#{0,2}[^\W\d][\w$\#@]*)
    |(?P<sign><>|!=|!<|!>|<=|>=|::|.)""",
    re.X | re.S,
)


@dataclass(frozen=True)
class Token:
    """kind: string, quoted, number, word or sign. start, end: offsets in the text. line: from 1 on."""

    kind: str
    text: str
    start: int
    end: int
    line: int

    @property
    def upper(self) -> str:
        """The word in capitals; "" for quoted names and strings, which are no keywords."""
        return self.text.upper() if self.kind in ("word", "sign") else ""

    @property
    def value(self) -> str:
        """A string without its quotes."""
        return self.text[self.text.index("'") + 1 : -1].replace("''", "'")

    @property
    def name(self) -> str:
        """A name without its quotes, letters as they are."""
        if self.kind != "quoted":
            return self.text
        end = self.text[-1]
        return self.text[1:-1].replace(end * 2, end)


class Unended(Exception):
    """A quote or comment does not end; where it begins."""

    def __init__(self, text: str, start: int, line: int) -> None:
        super().__init__(text[start:])
        self.text, self.start, self.line = text[start:], start, line


def tokens(text: str, pattern: re.Pattern[str]) -> list[Token]:
    """Raises Unended."""
    found: list[Token] = []
    line = 1
    for match in pattern.finditer(text):
        kind, part = match.lastgroup or "", match[0]
        if kind == "sign" and (part == "'" or part == '"' or (part == "/" and text.startswith("/*", match.start()))):
            raise Unended(text, match.start(), line)
        if kind == "sign" and part == "[" and pattern is TRANSACT:
            raise Unended(text, match.start(), line)
        if kind != "blank":
            found.append(Token(kind, part, match.start(), match.end(), line))
        line += part.count("\n")
    return found


class Stop(Exception):
    """The words do not go on as they must. token: the one at fault, None at the end; expected: what was meant."""

    def __init__(self, token: Token | None, expected: str = "") -> None:
        super().__init__(token.text if token else "end of text")
        self.token, self.expected = token, expected


class Words:
    """Tokens read one after the other."""

    def __init__(self, text: str, found: Sequence[Token], at: int = 0) -> None:
        self.text, self.tokens, self.at = text, found, at

    @property
    def now(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def peek(self, ahead: int = 0) -> str:
        """The keyword or sign `ahead` of here; "" for anything else and behind the end."""
        at = self.at + ahead
        return self.tokens[at].upper if at < len(self.tokens) else ""

    def is_next(self, *words: str) -> bool:
        """Whether these keywords or signs come next, one after the other."""
        return all(self.peek(ahead) == word for ahead, word in enumerate(words))

    def take(self, *words: str) -> bool:
        """Pass these words if they come next."""
        if not self.is_next(*words):
            return False
        self.at += len(words)
        return True

    def expect(self, *words: str) -> None:
        for word in words:
            if not self.take(word):
                raise Stop(self.now, word)

    def one_of(self, *words: str) -> str:
        """Pass one of these words; "" when none comes next."""
        word = self.peek()
        if word and word in words:
            self.at += 1
            return word
        return ""

    def next(self) -> Token:
        token = self.now
        if token is None:
            raise Stop(None)
        self.at += 1
        return token

    def name_token(self) -> Token:
        token = self.now
        if token is None or token.kind not in ("word", "quoted"):
            raise Stop(token, "name")
        return self.next()

    def number(self) -> int:
        negative = self.take("-")
        token = self.now
        if token is None or token.kind != "number" or not token.text.isdigit():
            raise Stop(token, "number")
        self.at += 1
        return -int(token.text) if negative else int(token.text)

    def string(self) -> str:
        token = self.now
        if token is None or token.kind != "string":
            raise Stop(token, "string")
        self.at += 1
        return token.value

    def end(self) -> None:
        """Raises Stop unless nothing is left."""
        if self.now is not None:
            raise Stop(self.now, "end")

    def skip_parentheses(self) -> tuple[int, int]:
        """From "(" to its ")"; the result are the offsets of what is between."""
        self.expect("(")
        start, depth = self.tokens[self.at - 1].end, 1
        while depth:
            token = self.next()
            depth += {"(": 1, ")": -1}.get(token.upper, 0)
        return start, self.tokens[self.at - 1].start

    def until(self, *words: str) -> str:
        """The text up to one of these words outside of parentheses and CASE, or to the end; the word stays."""
        if self.now is None:
            return ""
        start, end, depth, cases = self.now.start, self.now.start, 0, 0
        while (token := self.now) is not None:
            if not depth and not cases and token.upper in words and token.upper:
                break
            depth += {"(": 1, ")": -1}.get(token.upper, 0)
            cases += {"CASE": 1, "END": -1 if cases else 0}.get(token.upper, 0)
            if depth < 0:
                break
            end = token.end
            self.at += 1
        return self.text[start:end]
