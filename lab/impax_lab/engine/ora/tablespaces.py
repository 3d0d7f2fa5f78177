# SPDX-License-Identifier: GPL-3.0-or-later
"""ALTER TABLESPACE name ADD DATAFILE: a file on the station's disk and its room in the tablespace.

Oracle Database SQL Language Reference 11.2; Error Messages 11.2 for the stacks. The file is made by a foreground process,
so its errors come with the statement. Oracle on Windows writes file names in capitals (public console output).
`assumed`: a disk without room for a first MiB fails at the header (ORA-27044), any other in the middle (ORA-19502).
"""

from __future__ import annotations

import ntpath
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from impax_lab.engine.ora import space
from impax_lab.engine.ora.definitions import BLOCK
from impax_lab.engine.ora.errors import OracleError, error, not_understood

if TYPE_CHECKING:
    from impax_lab.engine.ora.session import Session

UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
HOMES = {False: "/opt/oracle/product/11.2.0/dbs", True: "C:\\ORACLE\\PRODUCT\\11.2.0\\DB_1\\DATABASE"}  # assumed
MOST_BLOCKS = 4194303
SIZE = r"(\d+)\s*([kmgt]?)\b"
STATEMENT = re.compile(r"\s*alter\s+tablespace\s+(.*)", re.I | re.S)
NAME = re.compile(r'("[^"]+"|[a-z][\w$#]*)\s*(.*)', re.I | re.S)
ADD = re.compile(r"add\s+datafile\b\s*(.*)", re.I | re.S)
ONE = re.compile(
    rf"'([^']*)'(?:\s*size\s+{SIZE})?(\s*reuse\b)?"
    rf"(?:\s*autoextend\s+(?:off|(on)(?:\s+next\s+{SIZE})?(?:\s+maxsize\s+(?:unlimited|{SIZE}))?))?\s*(,|\Z)\s*",
    re.I,
)


def alter(session: Session, sql: str) -> None:
    """Raises OracleError."""
    files = session.instance.files
    rest = _group(STATEMENT, sql)
    if files is None:
        raise not_understood(900, "ALTER TABLESPACE where the database has no station")
    if not session.dba:
        raise error(1031)
    named = NAME.match(rest)
    if named is None:
        raise error(2216)
    name = named[1].strip('"') if named[1].startswith('"') else named[1].upper()
    given = ADD.match(named[2])
    if given is None:
        raise not_understood(2142, f"ALTER TABLESPACE {named[2][:30]}")
    if name == "TEMP":
        raise error(3217)
    if name not in space.described(session.instance):
        raise error(959, name)
    for each in _listed(given[1]):
        _add(session, name, each)


def _group(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.match(text)
    return found[1] if found else ""


def _listed(text: str) -> list[re.Match[str]]:
    found, at = [], 0
    while at < len(text) or not found:
        match = ONE.match(text, at)
        if match is None:
            raise error(2236 if not text[at:].lstrip().startswith("'") else 2142)
        found.append(match)
        at = match.end()
    return found


def _add(session: Session, name: str, asked: re.Match[str]) -> None:
    instance, files = session.instance, session.instance.files
    path = _whole(asked[1], files.windows)
    try:
        place = files.place(path)
    except OSError:
        raise _no_folder(path, files.windows) from None
    if place in _places(session):
        raise error(1537, path)
    reuse = bool(asked[4]) and place.is_file()
    if asked[2] is None and not reuse:
        raise error(2236)  # Oracle-managed files are not there
    size = int(asked[2]) * UNITS[asked[3].upper()] if asked[2] else place.stat().st_size
    size = -(-size // BLOCK) * BLOCK
    if size < 2 * space.HEADER:
        raise error(3214)
    if size // BLOCK > MOST_BLOCKS:
        raise error(1144, size // BLOCK, MOST_BLOCKS)
    _make(session, path, place, size, reuse)
    most = 0 if not asked[5] else int(asked[8]) * UNITS[asked[9].upper()] if asked[8] else MOST_BLOCKS * BLOCK
    space.add(instance, name, path, size, max(most, size) if most else 0)


def _whole(name: str, windows: bool) -> str:
    if windows:
        return ntpath.normpath(ntpath.join(HOMES[True], name.replace("/", "\\"))).upper()
    return posixpath.join(HOMES[False], name)


def _places(session: Session) -> set[Path]:
    found = set()
    for file in space.data_files(session.instance):
        try:
            found.add(session.instance.files.place(file.path))
        except OSError:
            continue
    return found


def _make(session: Session, path: str, place: Path, size: int, reuse: bool) -> None:
    files = session.instance.files
    if place.exists() and not reuse:
        raise _failed(path, "ORA-27038: created file already exists",
                      "OSD-04010: <create> option specified, file already exists" if files.windows else
                      "Additional information: 1")  # fmt: skip
    if not place.parent.is_dir():
        raise _no_folder(path, files.windows)
    room = 0 if session.no_room else files.free(path) + (place.stat().st_size if reuse else 0)
    if room < size:
        raise _no_room(path, files.windows, room)
    files.create(path, size)


def _no_folder(path: str, windows: bool) -> OracleError:
    if windows:
        return _failed(path, "ORA-27040: file create error, unable to create file", "OSD-04002: unable to open file",
                       "O/S-Error: (OS 3) The system cannot find the path specified.")  # fmt: skip
    return _failed(
        path, "ORA-27040: file create error, unable to create file", "SVR4 Error: 2: No such file or directory"
    )


def _no_room(path: str, windows: bool, room: int) -> OracleError:
    system = (
        "O/S-Error: (OS 112) There is not enough space on the disk."
        if windows
        else "SVR4 Error: 28: No space left on device"
    )
    if room < space.MIB:
        return _failed(path, "ORA-27044: unable to write the header block of file", system, "Additional information: 3")
    lines = [f'ORA-19502: write error on file "{path}", block number {room // BLOCK} (block size={BLOCK})',
             "ORA-27072: File I/O error", system, "Additional information: 4"]  # fmt: skip
    return OracleError(19502, "\n".join(lines), 1, 1)


def _failed(path: str, *why: str) -> OracleError:
    made = error(1119, path, at=(1, 1))
    return OracleError(1119, "\n".join((made.message, *why)), 1, 1)
