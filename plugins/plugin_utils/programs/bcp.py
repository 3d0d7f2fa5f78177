# SPDX-License-Identifier: GPL-3.0-or-later
"""bcp, SQL Server's bulk copy. It has been seen to exit 0 after "BCP copy failed": only its closing total counts.

The progress lines ("1000 rows successfully bulk-copied") are no total. -c converts to the OEM code page and knows no
quotes: hence terminators of our own that no text holds. -T: no password anywhere. Source: Books Online, "bcp Utility".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..command import Command

TRANSCRIPTS = ("bcp",)

# The total's line is the one that starts with a number and has no other, whatever its language; progress lines have two
TOTAL = re.compile(r"^(\d+) [^\d\n(:]+$", re.M)
ERROR = re.compile(r"^SQLState = (\w+), NativeError = (-?\d+)", re.M)
FAILED = re.compile(r"^BCP copy (?:in|out) failed", re.M | re.I)
CONNECTION = re.compile(r"08\w{3}|28000|S1T00|HYT00")
COLUMN_END, ROW_END = "[~c~]", "[~r~]\\n"
FORMATS = {"character": "-c", "unicode": "-w"}


@dataclass(frozen=True)
class Copied:
    """rows None: no total was printed, which is never good. errors: (SQLState, native error) in order.

    connected False: the log-on or the network failed, else None."""

    rows: int | None
    errors: tuple[tuple[str, int], ...]
    connected: bool | None

    @property
    def success(self) -> bool:
        return self.rows is not None and not self.errors


def out(table: str, file: str, *, server: str, errors: str, form: str = "character", timeout: float = 86400) -> Command:
    """Every row of `table` (``db.owner.name``) into `file`."""
    return _copy(table, "out", file, server, errors, form, (), timeout)


def load(
    table: str, file: str, *, server: str, errors: str, form: str = "character", timeout: float = 86400
) -> Command:
    """Every row of `file` into an empty table: identities and nulls kept (-E -k), the first bad row ends it (-m 1)."""
    return _copy(table, "in", file, server, errors, form, ("-E", "-k", "-m", "1"), timeout)


def describe(table: str, file: str, *, server: str, form: str = "character") -> Command:
    """A format file for `table`, to be kept beside its export."""
    words = (
        "bcp",
        table,
        "format",
        "nul",
        "-f",
        file,
        FORMATS[form],
        "-t",
        COLUMN_END,
        "-r",
        ROW_END,
        "-T",
        "-S",
        server,
    )
    return Command(words, timeout=120)


def reload_text(table: str, file: str, form: str = "character") -> str:
    """What a person types to bring the rows back, to be kept beside the export."""
    return (
        f"The rows of {table}, exported by bcp. Into an empty table of the same columns, in a command window:\r\n"
        f'bcp {table} in "{file}" -f "{file}.fmt" -T -S SERVER -E -k -m 1 -e "{file}.reload.err"\r\n'
        f"Without the format file: {FORMATS[form]} -t {COLUMN_END} -r {ROW_END}\r\n"
    )


def _copy(
    table: str, way: str, file: str, server: str, errors: str, form: str, more: tuple[str, ...], timeout: float
) -> Command:
    shape = (FORMATS[form], "-t", COLUMN_END, "-r", ROW_END)
    words = ("bcp", table, way, file, *shape, "-T", "-S", server, "-e", errors, *more)
    return Command(words, expected=frozenset({0, 1}), timeout=timeout)


def read(printed: str) -> Copied:
    totals = TOTAL.findall(printed)
    errors = tuple((state, int(native)) for state, native in ERROR.findall(printed))
    broken = bool(FAILED.search(printed)) or len(totals) != 1
    connected = False if any(CONNECTION.match(state) for state, _ in errors) else None
    return Copied(None if broken else int(totals[0]), errors, connected)
