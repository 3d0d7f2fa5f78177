# SPDX-License-Identifier: GPL-3.0-or-later
"""build-impax-mig-schema of the Migration Toolbox: it prints what it does and ends with 0 even after a statement failed.

The vendor's text gives the words: ``build-impax-mig-schema.bat sa PASSWORD mvf`` for SQL Server, no words for Oracle on
Windows, ``./build-impax-mig-schema`` on Solaris. A batch file takes no input and no variable for the password: it stands
on its command line, where the station's administrators can see it while it runs.

`assumed`: it passes on what its SQL client prints (ORA-, SP2- and Msg lines), and the names of the schema's objects begin
with MIG_. So what the database lists afterwards is asked too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..command import Command, Secret
from . import mig_tools, osql
from ._answers import Answer

TRANSCRIPTS = ("build_impax_mig_schema",)

NAME = "build-impax-mig-schema"
DEFAULT_PATTERN = "MIG_%"  # assumed
CODE = re.compile(r"\b(?:ORA|SP2|PLS|TNS|IMP|EXP|CPY|LRM)-\d{4,5}\b")
NOTES = frozenset({"ORA-28002", "ORA-28011"})  # the password will expire: logged on all the same
PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_$#]*%?\Z")
UNFIT_FOR_A_BATCH_FILE = "%!^\"&|<>()=,; \t'`"
UNTOLD = "-"
MIB = 1 << 20
PAGES_IN_A_MIB = 128
ESCAPE = "!"


class Unfit(Exception):
    """The password cannot be written on the line of a batch file; says why."""


@dataclass(frozen=True)
class Entry:
    """One object of the schema. status: VALID or INVALID, "" where the engine does not know such a thing."""

    owner: str
    name: str
    kind: str
    status: str = ""


@dataclass(frozen=True)
class Room:
    """Room for new rows. inside: MiB free within the files (Oracle: by tablespace, SQL Server: under ``data``).
    grow: MiB that the files may grow by themselves, None where there is no limit but the disk.
    files: paths of the files that may grow, by the same names: their disks have to have that room."""

    inside: Mapping[str, float]
    grow: Mapping[str, float | None]
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    """What the database says. database "": it did not say which it is. identity: what tells it from another of its name
    (Oracle: DBID, SQL Server: the instance). entries, room None: not told, `why` says why."""

    database: str
    entries: tuple[Entry, ...] | None
    room: Room | None
    why: str = ""
    room_why: str = ""
    identity: str = ""


@dataclass(frozen=True)
class Printed:
    """What the script printed. codes: errors in the order in which they came first. silent: nothing was printed."""

    codes: tuple[str, ...]
    silent: bool


# The script


def file_name(system: str) -> str:
    return f"{NAME}.bat" if system == mig_tools.WINDOWS else NAME


def build(
    system: str,
    folder: str,
    *,
    sa: tuple[str, Secret, str] | None = None,
    user: str | None = None,
    timeout: float = 3600,
) -> Command:
    """The script, run in its own folder. sa: account, password and database, on SQL Server only. Raises Unfit.

    Every exit code is an end that is read; the others are judged elsewhere.
    """
    word = (
        mig_tools.path(system, folder, file_name(system)) if system == mig_tools.WINDOWS else f"./{file_name(system)}"
    )
    if sa is not None and (unfit := [sign for sign in UNFIT_FOR_A_BATCH_FILE if sa[1].holds_any(sign)]):
        raise Unfit(f"a batch file cannot be given a password with the sign {' '.join(map(repr, unfit))}")
    return Command((word, *(sa or ())), folder=folder, user=user, timeout=timeout)


def read(printed: str) -> Printed:
    """Errors by their codes, which no language translates. A message of SQL Server of level 10 or less is none."""
    codes = [code for code in CODE.findall(printed) if code not in NOTES]
    console = osql.read(printed)
    msgs = [f"Msg {number}" for number, level, _ in console.msgs if level > osql.INFORMATION]
    if console.connected is False and not msgs:
        msgs = ["no connection"]
    return Printed(tuple(dict.fromkeys([*codes, *msgs])), not printed.strip())


# The database


def fits(pattern: str) -> bool:
    """Whether the pattern is a name or the beginning of one, with ``%`` for the rest."""
    return bool(PATTERN.match(pattern))


def questions(engine: str, pattern: str) -> dict[str, str]:
    """Name -> SQL, for one session. pattern: as `fits` has it; an underscore stands for itself."""
    like = pattern.upper().replace("_", f"{ESCAPE}_")
    return _oracle(like) if engine == "oracle" else _sqlserver(like)


def _oracle(like: str) -> dict[str, str]:
    return {
        "who": "select name from v$database",
        "identity": "select dbid from v$database",
        "objects": "select owner, object_name, object_type, status from dba_objects"
        f" where upper(object_name) like '{like}' escape '{ESCAPE}' order by object_name, object_type",
        "inside": "select tablespace_name, sum(bytes) from dba_free_space group by tablespace_name",
        "grow": "select tablespace_name, case when autoextensible = 'YES' and maxbytes > bytes then maxbytes - bytes else 0"
        " end, file_name from dba_data_files",
    }


def _sqlserver(like: str) -> dict[str, str]:
    """sysobjects and sysfiles are there from 2000 to 2008. Kinds: tables, views, procedures, functions, triggers."""
    return {
        "who": "select db_name()",
        "identity": "select @@servername",
        "objects": f"select user_name(uid), name, xtype, '{UNTOLD}' from sysobjects where upper(name) like '{like}' escape"
        f" '{ESCAPE}' and xtype in ('U', 'V', 'P', 'FN', 'IF', 'TF', 'TR') order by name",
        "inside": "select sum(convert(bigint, reserved)) from sysindexes where indid in (0, 1, 255)",
        "grow": "select size, maxsize, growth, filename from sysfiles where groupid <> 0",
    }


def listing(engine: str, answers: Mapping[str, Answer]) -> Listing:
    """What the answers of `questions` say."""
    entries, why = _entries(answers["objects"])
    room = _oracle_room(answers) if engine == "oracle" else _sqlserver_room(answers)
    room_why = "" if room else answers["inside"].why or answers["grow"].why or "an answer was not understood"
    name, identity = answers["who"].value, answers["identity"].value
    return Listing((identity and name) or "", entries, room, why, room_why, identity or "")


def _entries(answer: Answer) -> tuple[tuple[Entry, ...] | None, str]:
    if answer.rows is None:
        return None, answer.why or "no whole answer"
    if any(len(row) != 4 or not row[1] for row in answer.rows):
        return None, "a row of the answer was not understood"
    return tuple(Entry(owner, name, kind, _status(status)) for owner, name, kind, status in answer.rows), ""


def _status(said: str) -> str:
    return "" if said == UNTOLD else said.upper()


def _oracle_room(answers: Mapping[str, Answer]) -> Room | None:
    """Bytes. A tablespace that is full to the last extent has no row among the free ones."""
    free, files = answers["inside"].rows, answers["grow"].rows
    if free is None or not files or not _sizes(free, 2) or not _sizes(files, 3):
        return None
    inside = {name.upper(): 0.0 for name, *_ in files} | {name.upper(): int(size) / MIB for name, size in free}
    grow: dict[str, float | None] = {}
    growing: dict[str, tuple[str, ...]] = {}
    for name, size, path in ((name.upper(), int(size), path) for name, size, path in files):
        grow[name] = (grow.get(name) or 0.0) + size / MIB
        growing[name] = (*growing.get(name, ()), *((path,) if size else ()))
    return Room(inside, grow, growing)


def _sizes(rows: tuple[tuple[str, ...], ...], fields: int) -> bool:
    return all(len(row) == fields and row[1].isdecimal() for row in rows)


def _sqlserver_room(answers: Mapping[str, Answer]) -> Room | None:
    """Sizes are pages of 8 KiB; maxsize -1 (2000: also 0 with growth) is no limit but the disk."""
    used, files = answers["inside"].number, answers["grow"].rows
    if used is None or not files or any(len(row) != 4 or not _whole(row[:3]) for row in files):
        return None
    sizes = [(int(size), int(most), int(growth), path) for size, most, growth, path in files]
    growing = [(size, most, path) for size, most, growth, path in sizes if growth and (most <= 0 or most > size)]
    endless = any(most <= 0 for _, most, _ in growing)
    grow = None if endless else sum(most - size for size, most, _ in growing) / PAGES_IN_A_MIB
    inside = max(0, sum(size for size, *_ in sizes) - used) / PAGES_IN_A_MIB
    return Room({"data": inside}, {"data": grow}, {"data": tuple(dict.fromkeys(path for *_, path in growing))})


def _whole(fields: tuple[str, ...]) -> bool:
    return all(field.lstrip("-").isdecimal() for field in fields)
