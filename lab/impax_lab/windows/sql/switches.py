# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches as SQL Server's clients read them: case counts, the value may stand in the same word or the next."""

from __future__ import annotations

from collections.abc import Iterable


class Wrong(Exception):
    """A switch that the program does not know, or one without its value; the text is the switch as typed."""


class Switches:
    """The switches of a call: `values` by letter, `flags`, and the words before, between and after them."""

    def __init__(
        self, words: Iterable[str], *, valued: str, flags: str, attached: str = "", slash: bool = True
    ) -> None:
        """valued: letters that take a value. attached: those whose value, if any, stands in the same word."""
        self.values: dict[str, str] = {}
        self.flags: set[str] = set()
        self.words: list[str] = []
        rest = list(words)
        while rest:
            word = rest.pop(0)
            if len(word) < 2 or word[0] not in ("-/" if slash else "-"):
                self.words.append(word)
                continue
            letter, value = word[1], word[2:]
            if letter in valued:
                if not value and not rest:
                    raise Wrong(word)
                self.values[letter] = value or rest.pop(0)
            elif letter in attached:
                self.values[letter] = value
            elif letter in flags and not value:
                self.flags.add(letter)
            else:
                raise Wrong(word)

    def get(self, letter: str, default: str = "") -> str:
        return self.values.get(letter, default)

    def number(self, letter: str, default: int) -> int:
        """Raises Wrong when the value is no whole number."""
        text = self.values.get(letter)
        if text is None:
            return default
        try:
            return int(text)
        except ValueError as error:
            raise Wrong(f"-{letter}{text}") from error
