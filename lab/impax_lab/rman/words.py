# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a command, and which sets it means."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from impax_lab.engine.ora import dates
from impax_lab.engine.oracle import OracleError
from impax_lab.oracle_files import DataFile
from impax_lab.rman.catalogue import BackupSet
from impax_lab.rman.forms import RmanError

TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|[A-Za-z0-9_$#]+|\S")
VERBS = (
    "advise, allocate, alter, backup, @, catalog, change, configure, connect, convert, copy, create, crosscheck, delete, "
    "drop, duplicate, exit, flashback, grant, host, import, list, mount, open, print, quit, recover, register, release, "
    "repair, replace, report, reset, restore, resync, revoke, run, send, set, show, shutdown, spool, sql, startup, switch, "
    "transport, unregister, upgrade, validate"
)


class SyntaxWrong(RmanError):
    """RMAN-00558. what: was found; expecting: what could have stood there."""

    def __init__(self, what: str, expecting: str) -> None:
        bad = [f"RMAN-01008: the bad identifier was: {what}"] if re.fullmatch(r"\w+", what) else []
        found = "identifier" if bad else what
        super().__init__(
            "RMAN-00558: error encountered while parsing input commands",
            f'RMAN-01009: syntax error: found "{found}": expecting one of: "{expecting}"', *bad,
            "RMAN-01007: at line 1 column 1 file: standard input",
        )  # fmt: skip


class Words:
    """The words of one command, read from the front."""

    def __init__(self, text: str) -> None:
        self.all = TOKEN.findall(text)
        self.at = 0

    def peek(self) -> str:
        return self.all[self.at].lower() if self.at < len(self.all) else ""

    def take(self, *expected: str) -> bool:
        """Whether these words come next; then they are read."""
        following = [word.lower() for word in self.all[self.at : self.at + len(expected)]]
        if following != list(expected):
            return False
        self.at += len(expected)
        return True

    def one_of(self, *expected: str) -> str:
        """The next word, which must be one of these."""
        for word in expected:
            if self.take(*word.split()):
                return word
        raise self.wrong(*expected)

    def text(self) -> str:
        """A name or a quoted text, as it is written."""
        if self.at >= len(self.all):
            raise self.wrong("identifier", "quoted string")
        self.at += 1
        return self.all[self.at - 1].strip("'\"")

    def number(self) -> int:
        if not self.peek().isdigit():
            raise self.wrong("integer")
        return int(self.text())

    def numbers(self) -> list[int]:
        found = [self.number()]
        while self.take(","):
            found.append(self.number())
        return found

    def end(self) -> None:
        if self.at < len(self.all):
            raise self.wrong(";")

    def wrong(self, *expected: str) -> SyntaxWrong:
        return SyntaxWrong(self.peek() or ";", ", ".join(expected))


@dataclass
class Chosen:
    """Which sets a command means. of: database, controlfile, archivelog, datafile or empty for all."""

    keys: list[int] = field(default_factory=list)
    of: str = ""
    files: list[int] = field(default_factory=list)
    tag: str = ""
    device: str = ""
    after: float | None = None
    before: float | None = None
    summary: bool = False


def chosen(words: Words, files: Sequence[DataFile], expired: bool = False) -> Chosen:
    """``backup ...`` or ``backupset ...`` with its keys and conditions."""
    found = Chosen()
    if words.one_of("backupset", "backup") == "backupset" and words.peek().isdigit() and not expired:
        found.keys = words.numbers()
    while words.at < len(words.all):
        _condition(words, found, files)
    return found


def _condition(words: Words, found: Chosen, files: Sequence[DataFile]) -> None:
    if words.take("summary"):
        found.summary = True
    elif words.take("of"):
        _of(words, found, files)
    elif words.take("tag"):
        words.take("=")
        found.tag = words.text()
    elif words.take("device", "type"):
        found.device = {"disk": "DISK", "sbt": "SBT_TAPE", "sbt_tape": "SBT_TAPE"}[
            words.one_of("disk", "sbt_tape", "sbt")
        ]
    elif words.take("completed"):
        _completed(words, found)
    else:
        raise words.wrong("completed", "device", "of", "summary", "tag", ";")


def _of(words: Words, found: Chosen, files: Sequence[DataFile]) -> None:
    found.of = words.one_of("database", "controlfile", "archivelog all", "datafile", "tablespace", "spfile")
    if found.of == "datafile":
        found.files = words.numbers()
    elif found.of == "tablespace":
        name = words.text().upper()
        found.files = [number for number, space, *_ in files if space == name]
        if not found.files:
            raise RmanError(f'RMAN-20202: Tablespace not found in the recovery catalog\nRMAN-06019: could not translate '
                            f'tablespace name "{name}"')  # fmt: skip


def _completed(words: Words, found: Chosen) -> None:
    which = words.one_of("after", "before", "between")
    at = _moment(words)
    found.after, found.before = (at, None) if which != "before" else (None, at)
    if which == "between":
        words.one_of("and")
        found.before = _moment(words)


def _moment(words: Words) -> float:
    """``'sysdate - 1'``, ``"to_date('2026-01-02','YYYY-MM-DD')"``."""
    text = words.text() if words.peek()[:1] in "'\"" else " ".join(iter(words.text, ""))
    if match := re.fullmatch(r"\s*sysdate\s*(?:-\s*(\d+(?:\.\d+)?)\s*(?:/\s*(\d+))?)?\s*", text, re.I):
        return time.time() - float(match[1] or 0) / float(match[2] or 1) * 86400
    match = re.fullmatch(r"\s*to_date\s*\(\s*'([^']*)'\s*,\s*'([^']*)'\s*\)\s*", text, re.I)
    try:
        stored = dates.to_date(match[1], match[2]) if match else dates.to_date(text, "DD-MON-RR")
    except OracleError as failed:
        raise RmanError("RMAN-06003: ORACLE error from target database: ", failed.message) from failed
    return datetime.fromisoformat(stored).timestamp()


def selected(known: Sequence[BackupSet], wanted: Chosen) -> list[BackupSet]:
    """The sets that are meant. Raises RmanError for a key that there is not."""
    for key in wanted.keys:
        if key not in [each.key for each in known]:
            raise RmanError("RMAN-20215: backup set not found", "RMAN-06159: error while looking up backup set")
    return [each for each in known if _fits(each, wanted)]


def _fits(backup: BackupSet, wanted: Chosen) -> bool:
    of = {
        "": True, "database": bool(backup.files), "controlfile": backup.controlfile, "spfile": backup.controlfile,
        "archivelog all": backup.kind == "archivelog",
    }.get(wanted.of, bool(set(wanted.files) & set(backup.files)))  # fmt: skip
    return (
        of
        and (not wanted.keys or backup.key in wanted.keys)
        and (not wanted.tag or backup.tag.upper() == wanted.tag.upper())
        and (not wanted.device or backup.device == wanted.device)
        and (wanted.after is None or backup.completed >= wanted.after)
        and (wanted.before is None or backup.completed <= wanted.before)
    )
