# SPDX-License-Identifier: GPL-3.0-or-later
"""BACKUP and RESTORE as they are written, and which options each version knows (Books Online of 2000, 2005, 2008).

An option of a later version is Msg 155, as is one that there never was; what the lab has not got is refused and noted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from impax_lab.engine.ms.errors import error
from impax_lab.engine.ms.pieces import Statement
from impax_lab.engine.sql.tokens import Stop, Token

if TYPE_CHECKING:
    from impax_lab.engine.ms.syntax import Batch

MEDIA = "BLOCKSIZE MEDIANAME MEDIADESCRIPTION MEDIAPASSWORD PASSWORD REWIND NOREWIND UNLOAD NOUNLOAD STATS RESTART"
CHECKING = "CHECKSUM NO_CHECKSUM STOP_ON_ERROR CONTINUE_AFTER_ERROR BUFFERCOUNT MAXTRANSFERSIZE"
BACKUP = {
    8: f"{MEDIA} DESCRIPTION DIFFERENTIAL EXPIREDATE RETAINDAYS FORMAT NOFORMAT INIT NOINIT NAME SKIP NOSKIP NO_LOG TRUNCATE_ONLY"
       " NO_TRUNCATE NORECOVERY STANDBY",
    9: f"{CHECKING} COPY_ONLY",
    10: "COMPRESSION NO_COMPRESSION",
}  # fmt: skip
RESTORE = {8: f"{MEDIA} FILE LOADHISTORY", 9: CHECKING, 10: ""}
VALUED = set(
    "BLOCKSIZE MEDIANAME MEDIADESCRIPTION MEDIAPASSWORD PASSWORD STATS DESCRIPTION EXPIREDATE RETAINDAYS NAME BUFFERCOUNT"
    " MAXTRANSFERSIZE FILE".split()
)
NOT_HERE = set(
    "MEDIAPASSWORD PASSWORD NO_LOG TRUNCATE_ONLY NO_TRUNCATE NORECOVERY STANDBY CONTINUE_AFTER_ERROR".split()
)
LOOKS = ("VERIFYONLY", "HEADERONLY", "FILELISTONLY", "LABELONLY")


def known(table: dict[int, str], version: int) -> set[str]:
    return {word for since, words in table.items() if version >= since for word in words.split()}


def backup(batch: Batch, line: int) -> Statement:
    """BACKUP DATABASE | LOG name TO device, ... [WITH option, ...]"""
    words = batch.words
    words.expect("BACKUP")
    what = words.one_of("DATABASE", "LOG")
    if not what:
        raise batch.unknown(words.next(), f"BACKUP {words.peek(-1)}")
    name = _name(batch)
    if words.is_next("FILE") or words.is_next("FILEGROUP") or words.is_next("READ_WRITE_FILEGROUPS"):
        raise batch.unknown(words.next(), "a backup of files or filegroups")
    words.expect("TO")
    devices = _devices(batch)
    if words.is_next("MIRROR"):
        raise batch.unknown(words.next(), "a mirrored backup")
    options = _options(batch, "BACKUP", known(BACKUP, batch.version))
    return Statement("backup", line, parts={"what": what, "name": name, "devices": devices, "options": options})


def restore(batch: Batch, line: int) -> Statement:
    """RESTORE VERIFYONLY | HEADERONLY | FILELISTONLY | LABELONLY FROM device, ... [WITH option, ...]. Anything else would bring
    a database back, which the lab cannot."""
    words = batch.words
    words.expect("RESTORE")
    what = words.one_of(*LOOKS)
    if not what:
        raise batch.unknown(words.next(), f"RESTORE {words.peek(-1)}: the lab brings no database back")
    words.expect("FROM")
    devices = _devices(batch)
    options = _options(batch, "RESTORE", known(RESTORE, batch.version))
    return Statement("restore", line, parts={"what": what, "devices": devices, "options": options})


def _name(batch: Batch) -> str:
    """An expression whose value is the name."""
    token = batch.words.name_token()
    if token.text[0] == "@":
        return token.text
    return "N'" + token.name.replace("'", "''") + "'"


def _devices(batch: Batch) -> list[tuple[str, str]]:
    """(DISK | TAPE | "" for a logical device, an expression)"""
    words, found = batch.words, []
    while True:
        token = words.name_token()
        if token.upper in ("DISK", "TAPE", "VIRTUAL_DEVICE") and words.take("="):
            found.append((token.upper, _value(batch)))
        else:
            words.at -= 1
            found.append(("", _name(batch)))
        if not words.take(","):
            return found


def _value(batch: Batch) -> str:
    """A string, a number or a variable; its text."""
    token: Token = batch.words.next()
    if token.kind in ("string", "number") or token.text[0] == "@":
        return token.text
    raise Stop(token)


def _options(batch: Batch, statement: str, allowed: set[str]) -> dict[str, str]:
    """{OPTION: an expression, or "" for one that stands alone}"""
    words, found = batch.words, {}
    if not words.take("WITH"):
        return {}
    while True:
        token = words.next()
        name = token.upper
        if token.kind != "word":
            raise Stop(token)
        if name not in allowed:
            raise error(155, token.text, statement, line=token.line)
        if name in NOT_HERE:
            raise batch.unknown(token, f"{statement} WITH {name}")
        value = _value(batch) if name in VALUED and words.take("=") else ""
        if name in VALUED and not value and name != "STATS":
            raise Stop(words.now)
        found[name] = value
        if not words.take(","):
            return found
