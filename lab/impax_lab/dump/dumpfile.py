# SPDX-License-Identifier: GPL-3.0-or-later
"""A dump file of exp: written table by table, read end to end.

The form follows what such files look like (``EXPORT:V11.02.00``, the statements in clear, values behind their lengths,
0xFFFF behind the last row, ``EXIT``); the vendor publishes none, so the details are `assumed`. Reading it finds a cut
file and a broken structure; a turned bit inside a value is another value and nobody notices, as with the real one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

MAGIC = b"\x03\x03iEXPORT:V"
END_OF_ROW, NULL, END_OF_TABLE = b"\x00\x00", 0xFFFE, 0xFFFF
LONGEST = 0xFFF0  # bytes of a value; a longer one would be a LOB, which has a form of its own
BLOCK = 4096


class AbnormalEnd(Exception):
    """The file ends before its end mark (IMP-00009)."""


class NoDump(Exception):
    """The head is not that of a dump (IMP-00010)."""


class Unrecognized(Exception):
    """Bytes stand where a statement must (IMP-00008)."""


@dataclass(frozen=True)
class Column:
    name: str
    type: str  # as in CREATE TABLE: NUMBER(12), VARCHAR2(64), DATE
    nullable: bool = True


@dataclass
class Table:
    """rows: of each column the stored bytes, or None."""

    owner: str
    name: str
    columns: list[Column]
    rows: list[list[bytes | None]] = field(default_factory=list)

    @property
    def create(self) -> str:
        parts = [f'"{each.name}" {each.type}{"" if each.nullable else " NOT NULL ENABLE"}' for each in self.columns]
        storage = (
            'PCTFREE 10 PCTUSED 40 INITRANS 1 MAXTRANS 255 STORAGE(INITIAL 65536) TABLESPACE "MVF" LOGGING NOCOMPRESS'
        )
        return f'CREATE TABLE "{self.name}" ({", ".join(parts)})  {storage}'

    @property
    def insert(self) -> str:
        names = ", ".join(f'"{each.name}"' for each in self.columns)
        marks = ", ".join(f":{number + 1}" for number in range(len(self.columns)))
        return f'INSERT INTO "{self.name}" ({names}) VALUES ({marks})'


@dataclass
class Dump:
    version: str
    user: str
    charset: str
    tables: list[Table]


def head(version: str, user: str, charset: str, when: str, name: str) -> bytes:
    """The file's first part. version: 11.2.0.4.0; when: as date(1) prints it."""
    short = ".".join(part.zfill(2) for part in version.split(".")[:3])
    text = f"{short}\nD{user}\nRTABLES\n{BLOCK * 2}\n0\n{charset}\n{when} {name}\n#C##\n#C##\n"
    return MAGIC + text.encode()


def table(rows: Table) -> Iterator[bytes]:
    """One table's part, in pieces."""
    yield f'CONNECT {rows.owner}\nTABLE "{rows.name}"\n{rows.create}\n{rows.insert}\n'.encode()
    yield struct.pack("<H", len(rows.columns))
    for each in rows.columns:
        name = f"{each.name}|{each.type}|{int(each.nullable)}".encode()
        yield struct.pack("<H", len(name)) + name
    for row in rows.rows:
        yield b"".join(_value(value) for value in row) + END_OF_ROW
    yield struct.pack("<H", END_OF_TABLE) + b"\n"


def tail(length: int) -> bytes:
    """The end mark, filled up to a whole block."""
    mark = b"EXIT\nEXIT\n"
    return mark + b"\0" * (-(length + len(mark)) % BLOCK)


def _value(value: bytes | None) -> bytes:
    if value is None:
        return struct.pack("<H", NULL)
    if len(value) > LONGEST:
        raise ValueError(f"a value of {len(value)} bytes: LOB columns are not simulated")
    return struct.pack("<H", len(value)) + value


def read(data: bytes) -> Dump:
    """The whole file. Raises NoDump, AbnormalEnd, Unrecognized."""
    return _Reader(data).dump()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def dump(self) -> Dump:
        if not self.data.startswith(MAGIC):
            raise NoDump
        self.at = len(MAGIC)
        version, user, kind, _, _, charset, *_ = [self._line() for _ in range(9)]
        if not user.startswith("D") or not kind.startswith("R"):
            raise NoDump
        return Dump(version, user[1:], charset, list(self._tables()))

    def _tables(self) -> Iterator[Table]:
        while (line := self._line()) != "EXIT":
            word, _, owner = line.partition(" ")
            if word != "CONNECT":
                raise Unrecognized(line)
            yield self._table(owner)
        if self._line() != "EXIT":
            raise AbnormalEnd

    def _table(self, owner: str) -> Table:
        word, _, name = self._line().partition(" ")
        create, insert = self._line(), self._line()
        if word != "TABLE" or not create.startswith("CREATE TABLE ") or not insert.startswith("INSERT INTO "):
            raise Unrecognized(f"{word} {name}")
        made = Table(owner, name.strip('"'), [self._column() for _ in range(self._number())])
        made.rows.extend(self._rows(len(made.columns)))
        if self._take(1) != b"\n":
            raise Unrecognized(create)
        return made

    def _column(self) -> Column:
        text = self._take(self._number()).decode("utf-8", "replace")
        if text.count("|") != 2:
            raise Unrecognized(text)
        name, type_name, nullable = text.split("|")
        return Column(name, type_name, nullable == "1")

    def _rows(self, width: int) -> Iterator[list[bytes | None]]:
        while (length := self._number()) != END_OF_TABLE:
            row = [self._of_length(length), *(self._of_length(self._number()) for _ in range(width - 1))]
            if self._take(2) != END_OF_ROW:
                raise Unrecognized("a row without its end")
            yield row

    def _of_length(self, length: int) -> bytes | None:
        return None if length == NULL else self._take(length)

    def _number(self) -> int:
        return int(struct.unpack("<H", self._take(2))[0])

    def _take(self, count: int) -> bytes:
        part = self.data[self.at : self.at + count]
        if len(part) < count:
            raise AbnormalEnd
        self.at += count
        return part

    def _line(self) -> str:
        end = self.data.find(b"\n", self.at)
        if end < 0:
            raise AbnormalEnd
        line = self.data[self.at : end]
        self.at = end + 1
        return line.decode("utf-8", "replace")


def whole(made: Dump, when: str, name: str) -> bytes:
    """The file as one piece."""
    parts: list[bytes] = [head(made.version, made.user, made.charset, when, name)]
    for each in made.tables:
        parts.extend(table(each))
    data = b"".join(parts)
    return data + tail(len(data))


def counted(tables: Iterable[Table]) -> dict[str, int]:
    return {each.name: len(each.rows) for each in tables}
