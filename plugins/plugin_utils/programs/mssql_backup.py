# SPDX-License-Identifier: GPL-3.0-or-later
"""BACKUP DATABASE and RESTORE ... ONLY of SQL Server 2000 to 2008: exit code 0 and "100 percent" come before failures, too.

VERIFYONLY reads the set to its end and, without checksums, looks into no page. HEADERONLY prints no heading here: its first
33 columns stand alike since 2000. Messages are the session's language, which is set first. Source: Books Online, "BACKUP",
"RESTORE VERIFYONLY", "RESTORE HEADERONLY", "RESTORE FILELISTONLY", "backupset"; SQL Server 2000's words are `assumed`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from . import osql, sp_spaceused
from .osql import Answer

TRANSCRIPTS = ("mssql_backup",)

# Translated, the closing begins with the statement all the same; pages, seconds and the rate in brackets follow
DONE = re.compile(
    r"(?P<what>(?:BACKUP|RESTORE) (?:DATABASE|LOG))\b[^\d\n]*? successfully processed (?P<pages>\d+) pages"
    r"|^[ \t]*(?P<other_what>(?:BACKUP|RESTORE) (?:DATABASE|LOG))\b[^\d\n(]*?(?P<other_pages>\d+)(?![\d.,])"
    r"[^\d\n]+\d+[.,]\d+[^\d\n]*[(\uff08]\d+[.,]\d+ ?[^\d\n]*[)\uff09]",
    re.M | re.A,
)
VALID = re.compile(r"^The backup set(?: on file (\d+))? is valid\.", re.M | re.I)
PROCESSED = re.compile(r"^Processed \d+ pages for database '.*' on file (\d+)\.", re.M)
NOT_VALID = re.compile(r"\bVERIFY DATABASE\b")
AGENT_ERROR = re.compile(r"\(Error \d+\)|\[SQLSTATE [0-9A-Z]{5}\] \(Error")  # a job step's history has no Msg lines
ENDED_BADLY = re.compile(r"\b(?:BACKUP|RESTORE|VERIFY) [A-Z]+ is terminating abnormally")
SYSTEM_ERROR = re.compile(r"operating system error (\d+)\b", re.I)
QUOTED = re.compile(r"'(?:[^'\n]|'')*'|\"[^\"\n]*\"")
BEFORE_BRACKET = re.compile(r"(?<![\d.,])(\d{1,5}) ?[(\uff08]", re.A)  # translated: the number stands before its text
DEVICE_ERRORS = frozenset({3201, 3202, 3203, 3271, 3634, 18204, 18210})

MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)")
HEADER_2000 = 33  # columns; from 2005 on at least HEADER_2005
HEADER_2005 = 51
COMPRESSED_SIZE = 51  # column, from 2008 on
ON_DISK = frozenset({2, 102})  # device types of backupmediafamily: a file, by its path or by a logical device
BEFORE_2005 = 9
INCOMPLETE = "*** INCOMPLETE ***"  # stands as the name of a set that was never finished; its end and size are NULL
YEARS = {8: 2000, 9: 2005, 10: 2008}
DATES = "%Y-%m-%d %H:%M:%S"  # of every moment that is told here: the server's own clock


@dataclass(frozen=True)
class Printed:
    """What BACKUP and VERIFYONLY say. pages: of the closing, None without one. msgs: (number, level, state) in order.

    os_error: Win32 number beside a device's error. verified None: nothing was said about it that is understood. file: the
    set's position on its medium. ended: the words of an error stand there, with a Msg line or without.
    """

    pages: int | None
    msgs: tuple[tuple[int, int, int], ...]
    os_error: int | None
    verified: bool | None
    file: int | None
    ended: bool

    @property
    def failed(self) -> bool:
        return self.ended or any(level > osql.INFORMATION for _, level, _ in self.msgs)

    @property
    def success(self) -> bool:
        return self.pages is not None and not self.failed


def read(printed: str) -> Printed:
    """One or several statements' output, with other lines around it."""
    text = osql.PROMPTS.sub("", printed.replace("\r\n", "\n"))
    said = osql.read(text)
    closing = _closing(text)
    valid, on_file = VALID.search(text), PROCESSED.search(text)
    position = (valid and valid[1]) or (on_file and on_file[1])
    refused = bool(NOT_VALID.search(text))
    return Printed(
        pages=int(closing["pages"] or closing["other_pages"]) if closing else None,
        msgs=said.msgs,
        os_error=_os_error(text),
        verified=False if refused else True if valid else None,
        file=int(position) if position else None,
        ended=refused or bool(said.error) or bool(AGENT_ERROR.search(text) or ENDED_BADLY.search(text)),
    )


def _closing(text: str) -> re.Match[str] | None:
    """The first one of a database's backup, else the first of any statement."""
    found = list(DONE.finditer(text))
    of_database = (one for one in found if (one["what"] or one["other_what"]) == "BACKUP DATABASE")
    return next(of_database, found[0] if found else None)


def _os_error(text: str) -> int | None:
    """The first one that is told."""
    if found := SYSTEM_ERROR.search(text):
        return int(found[1])
    for match in osql.MSG.finditer(text):
        if int(match[1]) in DEVICE_ERRORS:
            message = text[match.end() :].partition("\n")[2].partition("\nMsg ")[0]
            if number := BEFORE_BRACKET.search(QUOTED.sub("", message)):
                return int(number[1])
    return None


# What is asked


def literal(text: str) -> str:
    return "N'" + text.replace("'", "''") + "'"


def named(database: str) -> str:
    return "[" + database.replace("]", "]]") + "]"


ENGLISH = {"language": "set language us_english"}


def questions(database: str) -> dict[str, str]:
    """Before a backup, in master: which server, which databases, how much of this one is used, its last full backup."""
    return {
        **ENGLISH,
        "server": "select @@servername, convert(varchar(30), serverproperty('productversion')),"
        " convert(varchar(19), getdate(), 120)",
        "databases": "select convert(varchar(30), databasepropertyex(name, 'Status')), name from master..sysdatabases"
        " order by name",
        "space": f"exec {named(database)}.dbo.sp_spaceused",
        "files": f"select count(*) from {named(database)}..sysfiles where groupid <> 0",
        "last": _history(f"b.database_name = {literal(database)} and b.type = 'D' and b.server_name = @@servername"),
    }


def _history(where: str) -> str:
    """The newest set of msdb's history for which `where` holds, a row for each file of its media set; name and path last."""
    moments = "convert(varchar(19), b.backup_start_date, 120), convert(varchar(19), b.backup_finish_date, 120)"
    return (
        f"select top 1 b.position, b.type, {moments}, convert(varchar(24), b.backup_size), f.device_type,"
        " m.media_family_count, b.database_name, f.physical_device_name, b.name"
        " from msdb..backupset b, msdb..backupmediafamily f, msdb..backupmediaset m"
        f" where f.media_set_id = b.media_set_id and m.media_set_id = b.media_set_id and {where}"
        " order by b.backup_finish_date desc, b.backup_set_id desc"
    )


def new_backup(database: str, path: str, name: str, version: int) -> dict[str, str]:
    """A whole backup to a file that is not there yet, and all that proves it, in one session. version: 8 is SQL Server
    2000, which knows neither checksums nor COPY_ONLY."""
    since_2005 = "" if version < BEFORE_2005 else ", checksum, copy_only"
    words = f"with noinit{since_2005}, name = {literal(name)}, stats = 10"
    return {
        **ENGLISH,
        "begun": "select convert(varchar(19), getdate(), 120)",
        "backup": f"backup database {named(database)} to disk = {literal(path)} {words}",
        **_proof(path, 1, "" if version < BEFORE_2005 else ", checksum"),
    }


def proof(path: str, position: int) -> dict[str, str]:
    """What proves a set that is there already. It has checksums or not: they are looked at where they are."""
    return {**ENGLISH, **_proof(path, position, "")}


def _proof(path: str, position: int, checksum: str) -> dict[str, str]:
    place = f"from disk = {literal(path)}"
    return {
        "verify": f"restore verifyonly {place} with file = {int(position)}{checksum}",
        "header": f"restore headeronly {place}",
        "filelist": f"restore filelistonly {place} with file = {int(position)}",
        "history": _history(f"f.physical_device_name = {literal(path)} and b.position = {int(position)}"),
        "ended": "select convert(varchar(19), getdate(), 120)",
    }


# What is answered


@dataclass(frozen=True)
class Server:
    """As far as the server answered. version: 8 is SQL Server 2000. databases: name -> state (``ONLINE``), None: unread.

    now: its clock. used_kb: kB of 1024 that the database has reserved, as sp_spaceused says it (it can be stale).
    files: how many data files it has. last: its newest full backup by msdb's history.
    """

    name: str
    version: int | None
    now: str | None
    databases: Mapping[str, str] | None
    used_kb: int | None
    files: int | None
    last: History | None
    why: str = ""

    @property
    def year(self) -> int | None:
        return YEARS.get(self.version or 0)


@dataclass(frozen=True)
class History:
    """One set as msdb remembers it. families: files that it is striped over. on_disk: written to a file."""

    position: int
    type: str
    started: str
    finished: str
    bytes: int
    on_disk: bool
    families: int
    database: str
    path: str
    name: str


@dataclass(frozen=True)
class Set:
    """One set as the file itself says it. type: 1 is the whole database, 5 a differential one, 2 a log. bytes: before
    compression; stored: after it, None where the version tells none. damaged: written with errors, None: not told."""

    name: str
    type: int
    position: int
    server: str
    database: str
    bytes: int
    stored: int | None
    started: str
    finished: str
    damaged: bool | None


@dataclass(frozen=True)
class Proof:
    """backup, verify: what stands between the marks of a session. sets None, files None: no whole answer, `why` says it.

    incomplete: positions of sets that were never finished. files: files in the set beside the log's; absent: those that it
    names and does not hold (2005 and later).
    """

    begun: str | None
    backup: Printed
    verify: Printed
    sets: tuple[Set, ...] | None
    files: int | None
    absent: int
    incomplete: tuple[int, ...]
    history: History | None
    ended: str | None
    why: str = ""


def read_server(answers: Mapping[str, Answer]) -> Server:
    rows = answers["server"].rows
    name, version, now = rows[0] if rows and len(rows) == 1 and len(rows[0]) == 3 else ("", "", "")
    major = re.match(r"(\d+)\.", version)
    space = sp_spaceused.read("\n".join("|".join(row) for row in answers["space"].rows or ()))
    files = answers["files"].number
    return Server(
        name=name,
        version=int(major[1]) if major else None,
        now=_moment(now),
        databases=_databases(answers["databases"]),
        used_kb=None if answers["space"].error or space is None else space.reserved_kb,
        files=files if files else None,
        last=_told(answers["last"]),
        why=", ".join(f"{asked}: {answer.why}" for asked, answer in answers.items() if answer.error),
    )


def _databases(answer: Answer) -> dict[str, str] | None:
    if answer.rows is None:
        return None
    return {osql.SEPARATOR.join(row[1:]): row[0] for row in answer.rows if len(row) > 1} or None


def read_proof(printed: str, nonce: str, asked: Mapping[str, str]) -> Proof:
    """What a session that asked `new_backup` or `proof` printed, on both ways together."""
    answers = osql.answers(printed, asked, nonce)
    files, absent = _files(answers["filelist"])
    rows = answers["header"].rows or ()
    return Proof(
        begun=_moment(answers["begun"].value or "") if "begun" in answers else None,
        backup=read(_section(printed, nonce, "backup")),
        verify=read(_section(printed, nonce, "verify")),
        sets=_sets(answers["header"]),
        files=files,
        absent=absent,
        incomplete=tuple(_whole(row[5]) or 0 for row in rows if len(row) > 5 and row[0] == INCOMPLETE),
        history=_told(answers["history"]),
        ended=_moment(answers["ended"].value or ""),
        why=", ".join(f"{name}: {answer.why}" for name, answer in answers.items() if answer.error),
    )


def _section(printed: str, nonce: str, name: str) -> str:
    """The output of one question, up to where it was cut."""
    text = osql.PROMPTS.sub("", printed.replace("\r\n", "\n"))
    return text.partition(f"{osql.MARK} {nonce} begin {name}\n")[2].partition(f"{osql.MARK} {nonce} end {name}")[0]


def _moment(text: str) -> str | None:
    found = MOMENT.match(text)
    return f"{found[1]} {found[2]}" if found else None


def _whole(cell: str) -> int | None:
    return int(cell) if re.fullmatch(r"\d{1,24}", cell, re.A) else None


def _told(answer: Answer) -> History | None:
    if answer.error or not answer.rows or len(answer.rows) != 1 or len(answer.rows[0]) < 10:
        return None
    position, kind, began, finished, size, device, families, database, path, *name = answer.rows[0]
    numbers = [_whole(cell) for cell in (position, size, device, families)]
    moments = [_moment(began), _moment(finished)]
    if None in numbers or None in moments:
        return None
    at, size_in_bytes, device_type, family_count = (int(number or 0) for number in numbers)
    told = osql.SEPARATOR.join(name)
    return History(
        at, kind, str(moments[0]), str(moments[1]), size_in_bytes, device_type in ON_DISK, family_count,
        database, path, "" if told == "NULL" else told,
    )  # fmt: skip


def _sets(answer: Answer) -> tuple[Set, ...] | None:
    if answer.rows is None:
        return None
    sets = [_set(row) for row in answer.rows if len(row) > 1 and row[0] != INCOMPLETE]
    return None if None in sets else tuple(one for one in sets if one)


def _set(row: tuple[str, ...]) -> Set | None:
    """A row by its places; None where its cells cannot be what they should be (a separator in a text moves them)."""
    if len(row) != HEADER_2000 and len(row) < HEADER_2005:
        return None
    kind, position, size = _whole(row[2]), _whole(row[5]), _whole(row[12])
    began, finished = _moment(row[17]), _moment(row[18])
    if kind is None or position is None or size is None or began is None or finished is None:
        return None
    stored = _whole(row[COMPRESSED_SIZE]) if len(row) > COMPRESSED_SIZE else None
    damaged = {"0": False, "1": True}.get(row[39]) if len(row) >= HEADER_2005 else None
    name = "" if row[0] == "NULL" else row[0]
    return Set(name, kind, position, row[8], row[9], size, stored, began, finished, damaged)


def _files(answer: Answer) -> tuple[int | None, int]:
    """(files in the set beside the log's, those that are named only). Columns: name, path, type (D, L, F), ..., from 2005 on
    19 is IsPresent."""
    if answer.rows is None:
        return None, 0
    rows = [row for row in answer.rows if len(row) >= 6]
    data = [row for row in rows if row[2] in ("D", "F", "S")]
    if not data or any(row[2] not in ("D", "L", "F", "S") for row in rows):
        return None, 0
    absent = sum(len(row) > 19 and row[19] == "0" for row in data)
    return len(data) - absent, absent
