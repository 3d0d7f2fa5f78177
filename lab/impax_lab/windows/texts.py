# SPDX-License-Identifier: GPL-3.0-or-later
"""What Wine's cmd.exe words in its own way, as an English Windows prints it (assumed, from general knowledge).

Only output on its way to the client passes here; what a command redirects into a file keeps Wine's words.
"""

from __future__ import annotations

import re
from collections.abc import Callable

NOT_RECOGNIZED = 9009  # ERRORLEVEL; `cmd /c` itself ends with 1

UNKNOWN = re.compile(rb"Can't recognize '(.*?)' as an internal or external command, or batch script\.\r\n")
FILE_ERROR = re.compile(rb"File not found\.\r\n\r\n(?:Failed to open '.*?'\r\n)?")
UNFINISHED = re.compile(rb"(?:File not found|Path not found|File already exists)\.\r\n(?:\r\n)?\Z")  # more may follow
BUILTIN = r'(?:^|[&|("\s]){}(?:$|[\s/.\\"])'
NO_FILE = b"The system cannot find the file specified.\r\n"
FILE_ERRORS = {  # of the first of these words that stands on the line
    "dir": b"File Not Found\r\n",
    "cd|chdir|pushd": b"The system cannot find the path specified.\r\n",
}
OTHERS = {b"Path not found.\r\n\r\n": b"The system cannot find the path specified.\r\n"}
DEL_NOT_FOUND = re.compile(rb"^(.*): File Not Found\r\n", re.M)
EXISTS = re.compile(rb"File already exists\.\r\n\r\n")

WHEN = rb"(\d\d/\d\d/\d{4}) +(\d{1,2}:\d\d [AP]M)"  # Wine writes hours of one digit so
VOLUME = re.compile(rb"(Volume (?:in drive|Serial Number) .*)")
PLACE = re.compile(rb"Directory of (.*)")
FOLDER_ROW = re.compile(WHEN + rb"  <DIR>         (.*)")
FILE_ROW = re.compile(WHEN + rb" +([\d,]+)  (.*)")
FILES = re.compile(rb" +(\d+) files? +([\d,]+) bytes")
ALL_FILES = re.compile(rb"Total files listed:")
FOLDERS = re.compile(rb" +(\d+) director(?:y|ies) +([\d,]+) bytes free")


def not_recognized(name: str) -> str:
    return f"'{name}' is not recognized as an internal or external command,\noperable program or batch file.\n"


class Errors:
    """Error output of a command line. unknown(name): hears of each program that is not there."""

    def __init__(self, line: str, unknown: Callable[[str], None]) -> None:
        words = (text for word, text in FILE_ERRORS.items() if _has(line, f"(?:{word})"))
        self._no_file = next(words, NO_FILE)
        self._unknown = unknown
        self._rest = b""

    def __call__(self, printed: bytes, end: bool) -> bytes:
        printed, self._rest = self._rest + printed, b""
        if not end and (found := UNFINISHED.search(printed)):
            printed, self._rest = printed[: found.start()], printed[found.start() :]
        printed = UNKNOWN.sub(self._not_recognized, FILE_ERROR.sub(self._no_file, printed))
        printed = EXISTS.sub(b"A subdirectory or file already exists.\r\n", printed)
        printed = DEL_NOT_FOUND.sub(rb"Could Not Find \1\r\n", printed)
        for own, real in OTHERS.items():
            printed = printed.replace(own, real)
        return printed

    def _not_recognized(self, found: re.Match[bytes]) -> bytes:
        """Wine names the whole command, Windows the program."""
        name = found[1].decode("cp850", "replace").strip()
        name = name[1:].partition('"')[0] if name.startswith('"') else name.split(" ")[0]
        self._unknown(name)
        return not_recognized(name).replace("\n", "\r\n").encode("cp850", "replace")


class Listing:
    """The output of a line with ``dir`` in it. free(drive letter): bytes free on that drive of the station."""

    def __init__(self, free: Callable[[str], int | None]) -> None:
        self._free = free
        self._rest = b""
        self._drive = "C"

    def __call__(self, printed: bytes, end: bool) -> bytes:
        *lines, self._rest = (self._rest + printed).split(b"\r\n")
        done = b"".join(self._row(line) + b"\r\n" for line in lines)
        if end:
            done, self._rest = done + self._rest, b""
        return done

    def _row(self, line: bytes) -> bytes:
        if VOLUME.fullmatch(line):
            return b" " + line
        if found := PLACE.fullmatch(line):
            self._drive = chr(found[1][0])
            return b" Directory of " + found[1] + (b"\\" if found[1].endswith(b":") else b"")
        if found := FOLDER_ROW.fullmatch(line):
            return _when(found) + b"    <DIR>          " + found[3]
        if found := FILE_ROW.fullmatch(line):
            return _when(found) + found[3].rjust(18) + b" " + found[4]
        if found := FILES.fullmatch(line):
            return found[1].rjust(16) + b" File(s) " + found[2].rjust(14) + b" bytes"
        if found := FOLDERS.fullmatch(line):
            return found[1].rjust(16) + b" Dir(s) " + self._room(found[2]).rjust(15) + b" bytes free"
        return b"     Total Files Listed:" if ALL_FILES.fullmatch(line) else line

    def _room(self, hosts: bytes) -> bytes:
        """Wine tells the free room of the host's disk."""
        free = self._free(self._drive)
        if free is None:
            return hosts
        return (f"{free:,}" if b"," in hosts else str(free)).encode()


def _when(row: re.Match[bytes]) -> bytes:
    return row[1] + b"  " + row[2].rjust(8, b"0")


def lists_folders(line: str) -> bool:
    return _has(line, "dir")


def _has(line: str, word: str) -> bool:
    return bool(re.search(BUILTIN.format(word), line, re.IGNORECASE))
