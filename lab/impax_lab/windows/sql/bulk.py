# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bcp command asks for, and the form of its data file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from impax_lab.windows.sql import charfile, formatfile
from impax_lab.windows.sql.connection import Logon
from impax_lab.windows.sql.switches import Switches, Wrong
from impax_lab.windows.sql.values import Column

if TYPE_CHECKING:
    from impax_lab.program import Call

DIRECTIONS = ("in", "out", "queryout", "format")
VALUED = "mfeFLbCtrioaSUPhV"
FLAGS = "xncwNqkETvR"
ACP = "cp1252"  # assumed: the ANSI code page of a western station, and of its server's collation
HINTS = {"tablock", "check_constraints", "fire_triggers", "rows_per_batch", "kilobytes_per_batch", "order"}


@dataclass(frozen=True)
class Asked:
    """One bcp command: ``bcp what direction file switches``."""

    what: str
    direction: str
    file: str
    switches: Switches

    @property
    def mode(self) -> str:
        """``c``, ``w``, ``n``, ``N``, or nothing: then a format file says it, or bcp asks. The last one wins."""
        return next((letter for letter in "Nnwc" if letter in self.switches.flags), "")

    @property
    def logon(self) -> Logon:
        server = self.switches.get("S")
        if "T" in self.switches.flags:
            return Logon(server, None)
        return Logon(server, self.switches.get("U"), self.switches.get("P"))


def asked(words: Sequence[str]) -> Asked:
    """Raises Wrong."""
    plain = [word for word in words if word]
    switches = Switches(plain, valued=VALUED, flags=FLAGS, attached="", slash=False)
    if len(switches.words) != 3 or switches.words[1].lower() not in DIRECTIONS:
        raise Wrong("")
    what, direction, file = switches.words
    _check_hints(switches.get("h"))
    return Asked(what, direction.lower(), file, switches)


def _check_hints(text: str) -> None:
    for hint in text.split(","):
        if hint.strip() and hint.strip().split("(")[0].split("=")[0].strip().lower() not in HINTS:
            raise Wrong(f"-h {hint.strip()}")


@dataclass(frozen=True)
class Form:
    """The form of a data file. codec: of its characters. fields: in the file's order. Native when `mode` is n or N."""

    mode: str
    codec: str
    fields: tuple[charfile.Field, ...]

    @property
    def native(self) -> bool:
        return self.mode in ("n", "N")

    @property
    def mark(self) -> bytes:
        return charfile.MARK if self.mode == "w" else b""


def codec(call: Call, asked: Asked) -> str:
    """Of character files: -C, else the OEM code page, whatever gets lost on the way."""
    page = asked.switches.get("C").upper()
    if asked.mode == "w":
        return "utf-16-le"
    if page in ("ACP", "ANSI", "RAW"):
        return ACP
    if page in ("", "OEM"):
        return call.station.spec.codec
    if page.isdigit():
        return "utf-8" if page == "65001" else f"cp{page}"
    raise Wrong(f"-C {page}")


def form(call: Call, asked: Asked, columns: Sequence[Column]) -> Form:
    """The form that the switches describe for these columns."""
    own = codec(call, asked)
    ends = terminators(asked, own)
    last = len(columns) - 1
    fields = [charfile.Field(column, ends[1] if at == last else ends[0]) for at, column in enumerate(columns)]
    return Form(asked.mode, own, tuple(fields))


def terminators(asked: Asked, codec: str) -> tuple[bytes, bytes]:
    """(field, row)."""
    return (
        charfile.terminator(asked.switches.get("t"), "\t", codec),
        charfile.terminator(asked.switches.get("r"), "\n", codec),
    )


def described(call: Call, asked: Asked, columns: Sequence[Column]) -> Form:
    """The form that a format file describes. Raises formatfile.Broken, OSError."""
    text = call.path(asked.switches.get("f")).read_text(encoding=call.station.spec.codec, errors="replace")
    entries = formatfile.read(text)
    kinds = {entry.type for entry in entries}
    if not kinds <= {"SQLCHAR", "SQLNCHAR"} or any(entry.prefix or not entry.terminator for entry in entries):
        if [entry.place for entry in entries] == list(range(1, len(columns) + 1)):
            wide = "SQLNCHAR" in kinds and "SQLCHAR" not in kinds
            return Form("N" if wide else "n", ACP, tuple(charfile.Field(column, b"") for column in columns))
        raise formatfile.Broken
    if len(kinds) != 1 or any(entry.place > len(columns) for entry in entries):
        raise formatfile.Broken
    own = "utf-16-le" if kinds == {"SQLNCHAR"} else codec(call, asked)
    fields = [
        charfile.Field(columns[entry.place - 1] if entry.place else None, _ended(entry, own)) for entry in entries
    ]
    return Form("w" if kinds == {"SQLNCHAR"} else "c", own, tuple(fields))


def _ended(entry: formatfile.Entry, codec: str) -> bytes:
    """The terminator's bytes; in a file of wide characters its NULs may be spelt out."""
    plain = entry.terminator.replace("\0", "") if codec == "utf-16-le" else entry.terminator
    return plain.encode(codec, "replace")
