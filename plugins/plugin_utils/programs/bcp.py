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

TOTAL = re.compile(r"^(\d+) rows? copied\b", re.M | re.A)
# Translated, it is the line that stands right above "Network packet size (bytes): 4096" and the clock's, with one number in
# it; without these two, the one whole line that has a number and no sign of anything else. Progress lines have two numbers,
# and only one where the output was cut. re.A: bytes of another code page can look like digits of another script.
CLOSING = re.compile(
    r"^([^\n]*)\n(?: *\n)?[^\d\n]*[(\uff08][^\d\n]*[:\uff1a] *\d+ *\n[^\d\n]*[(\uff08][^\d\n]*\d+", re.M | re.A
)
ENGLISH = re.compile(r"^\d+ rows ", re.M | re.A)
OTHER_TOTAL = re.compile(r"^[^\d\n(:=\[<>\uff08\uff1a]*(\d+)[^\d\n(:=\[<>\uff08\uff1a]*\n", re.M | re.A)
ERROR = re.compile(r"\bSQLState = (\w+), NativeError = (-?\d+)(?:\s*\n\s*(Warning) =)?")
# "BCP copy out failed", in any language: "BCP" in a line that is no message of the driver
FAILED = re.compile(r"^(?![^\n]*[=\]])[^\n]*(?<![A-Za-z])BCP(?![A-Za-z])", re.M)
CONNECTION = re.compile(r"08\w{3}|28000|S1T00|HYT00")
LOG_ON = frozenset({18456, 18452, 18470, 4060})
COLUMN_END, ROW_END = "[~c~]", "[~r~]\\n"
FORMATS = {"character": "-c", "unicode": "-w"}


@dataclass(frozen=True)
class Copied:
    """rows None: no total was printed, which is never good; nor is one without `success`. errors: (SQLState, native error)
    in order, warnings included. failed: it said so, or it told an error that is more than a warning.

    connected False: the log-on or the network failed, else None."""

    rows: int | None
    errors: tuple[tuple[str, int], ...]
    connected: bool | None
    failed: bool = False

    @property
    def success(self) -> bool:
        return self.rows is not None and not self.failed


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
    told = ERROR.findall(printed)
    errors = tuple((state, int(native)) for state, native, _ in told)
    failed = bool(FAILED.search(printed)) or not all(warning for _, _, warning in told)
    refused = any(CONNECTION.match(state) or native in LOG_ON for state, native in errors)
    return Copied(_total(printed), errors, False if refused else None, failed)


def _total(printed: str) -> int | None:
    """The rows of the one total; several totals are of several copies, so none is this one's."""
    totals = TOTAL.findall(printed) if ENGLISH.search(printed) else _translated(printed)
    return int(totals[0]) if len(totals) == 1 else None


def _translated(printed: str) -> list[str]:
    above = [re.findall(r"[0-9]+", line) for line in CLOSING.findall(printed)]
    return [numbers[0] for numbers in above if len(numbers) == 1] or OTHER_TOTAL.findall(printed)
