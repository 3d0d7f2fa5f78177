# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a station, and what came back: Command, Secret, Outcome. Pure; knows no shell and no program."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum


class Secret:
    """A value that must not be seen. It is no ``str``: formatting, pickling and JSON never give the value away.

    Only the shells (to render a command) and the scrubber (to find the value in what came back) call `reveal`.
    """

    __slots__ = ("_value", "label")

    def __init__(self, value: str, label: str) -> None:
        if not isinstance(value, str) or not value:
            raise ValueError(f"the secret {label!r} is empty")
        self._value = str(value)
        self.label = label

    def reveal(self) -> str:
        return self._value

    def holds_any(self, characters: str) -> bool:
        """Whether the value has one of these characters: what a program's own syntax cannot carry."""
        return any(character in self._value for character in characters)

    def __repr__(self) -> str:
        return f"<secret: {self.label}>"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError(f"{self!r} is never pickled")


@dataclass(frozen=True)
class Text:
    """Text with secrets in it, kept in parts: ``Text.of("connect dbadmin/", password, "\\n")``."""

    parts: tuple[str | Secret, ...] = ()

    @classmethod
    def of(cls, *parts: str | Secret | Text) -> Text:
        flat: list[str | Secret] = []
        for part in parts:
            flat.extend(part.parts if isinstance(part, Text) else (part,))
        return cls(tuple(flat))

    def __add__(self, other: str | Secret | Text) -> Text:
        return Text.of(self, other)

    def __str__(self) -> str:
        """The text as it may be shown: every secret as its label."""
        return "".join(str(part) for part in self.parts)

    def __bool__(self) -> bool:
        return bool(self.parts)

    def secrets(self) -> Iterator[Secret]:
        return (part for part in self.parts if isinstance(part, Secret))


Word = str | Secret | Text


def secrets_in(word: Word) -> Iterator[Secret]:
    """The secrets that a word holds."""
    if isinstance(word, Secret):
        yield word
    elif isinstance(word, Text):
        yield from word.secrets()


@dataclass(frozen=True)
class Command:
    """One program call, in words. Quoting is the shells' work.

    words: the program and its arguments, each exactly as the program must receive it.
    stdin: what the program reads; nothing means an empty input, never the caller's.
    environment: variables of this call alone; on a process list they do not show.
    expected: exit codes that mean "it ran as meant" (what the output says is judged elsewhere).
    timeout: seconds after which the call is given up; what it did is then unknown.
    folder: working folder on the station. user: account on the station; None is the log-on's own.
    withheld: the output may hold a secret and is neither journalled nor shown.
    creates: path of a private file that `stdin` is written to for the length of the call (mode 600, removed in all
        cases), for programs that read their secrets from a file only. The program's own input is then empty.
    private: files that the program makes are for its account alone (umask 077 where there is one).
    builtin: the first word is a command of the shell itself (``dir``, ``type``), not a program.
    """

    words: tuple[Word, ...]
    stdin: Word = ""
    environment: Mapping[str, Word] = field(default_factory=dict)
    expected: frozenset[int] = frozenset({0})
    timeout: float = 60.0
    folder: str | None = None
    user: str | None = None
    withheld: bool = False
    creates: str | None = None
    private: bool = False
    builtin: bool = False

    def __post_init__(self) -> None:
        if not self.words or not str(self.words[0]):
            raise ValueError("a command needs a program")
        if isinstance(self.words, str):
            raise TypeError("a command is words, not a string")
        object.__setattr__(self, "words", tuple(self.words))
        object.__setattr__(self, "expected", frozenset(self.expected))

    @property
    def program(self) -> str:
        """The program's bare name: ``/usr/bin/df`` and ``C:\\x\\Df.EXE`` are both ``df``."""
        name = str(self.words[0]).replace("\\", "/").rsplit("/", 1)[-1].lower()
        return name.removesuffix(".exe").removesuffix(".bat").removesuffix(".cmd")

    def secrets(self) -> tuple[Secret, ...]:
        """Every secret this call carries, wherever it carries it."""
        places: list[Word] = [*self.words, self.stdin, *self.environment.values()]
        return tuple(secret for place in places for secret in secrets_in(place))

    def shown(self) -> list[str]:
        """The words as they may be journalled: every secret as its label."""
        return [str(word) for word in self.words]


class State(Enum):
    """How a call ended, as far as the controller can know."""

    ENDED = "ended"  # the program ended and its exit code is known
    NOT_BEGUN = "not begun"  # certain that nothing ran on the station
    UNKNOWN = "unknown"  # the connection broke or time ran out: it may have run, may run on, may have done its work


@dataclass(frozen=True)
class Outcome:
    """What came back of a `Command`.

    exit_code: None unless `state` is ENDED; on Windows a signed 32-bit number.
    stdout, stderr: bytes as the station sent them. out, err: the same, decoded by the station's codec, undecodable
    bytes as ``\\udcXX`` (surrogateescape) so that nothing is lost and nothing raises; line ends are ``\\n``.
    seconds: on the controller's clock. why: one sentence when `state` is not ENDED.
    """

    command: Command
    state: State
    exit_code: int | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    seconds: float = 0.0
    why: str = ""
    codec: str = "utf-8"

    @property
    def ended(self) -> bool:
        return self.state is State.ENDED

    @property
    def as_expected(self) -> bool:
        """The program ended with an exit code that the command allows. Says nothing of what it did."""
        return self.ended and self.exit_code in self.command.expected

    @property
    def out(self) -> str:
        return _text(self.stdout, self.codec)

    @property
    def err(self) -> str:
        return _text(self.stderr, self.codec)

    @property
    def printed(self) -> str:
        """Output and error output, for programs that use either for the same thing (exp writes to stderr)."""
        return "\n".join(text for text in (self.out, self.err) if text)


def _text(data: bytes, codec: str) -> str:
    return data.decode(codec, "surrogateescape").replace("\r\n", "\n")


def scrub(text: str, secrets: tuple[Secret, ...] | list[Secret]) -> str:
    """`text` with every secret's value replaced by its label, longest first, and unprintable bytes made visible."""
    for secret in sorted(set(secrets), key=lambda known: -len(known.reveal())):
        text = text.replace(secret.reveal(), repr(secret))
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
