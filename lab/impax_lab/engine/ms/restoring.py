# SPDX-License-Identifier: GPL-3.0-or-later
"""RESTORE VERIFYONLY, HEADERONLY, FILELISTONLY, LABELONLY: what a file of backups says of itself, and whether it can be read.

VERIFYONLY reads the file from end to end. It sees pages with other bytes only where the set holds checksums, which SQL Server
2000 has not got: a file that was written wrong is valid then (Books Online: it does not verify the structure of the data).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impax_lab.engine.ms import backing, backup_errors, backup_faults, backup_media, backup_sets, devices, types
from impax_lab.engine.ms.errors import SqlError, error
from impax_lab.engine.ms.pieces import Statement
from impax_lab.engine.ms.session import Column, Rows

if TYPE_CHECKING:
    from impax_lab.engine.model import Type
    from impax_lab.engine.ms.interpreter import Run

TITLES = {"VERIFYONLY": "VERIFY DATABASE", "HEADERONLY": "RESTORE HEADERONLY", "FILELISTONLY": "RESTORE FILELIST",
          "LABELONLY": "RESTORE LABELONLY"}  # fmt: skip
Medium = backup_media.Medium
Opened = list[tuple[str, Path, Medium]]


def restore(run: Run, statement: Statement) -> None:
    """Raises SqlError 3013, behind the one that says why."""
    what = statement.parts["what"]
    try:
        _LOOKS[what](run, statement, _opened(run, statement))
    except SqlError as failed:
        if what == "VERIFYONLY" and "verify_lies" in _faults(run, statement):
            _valid(run, statement, 1)
            return
        backing.ended(run, statement, failed, TITLES[what])


def _opened(run: Run, statement: Statement) -> Opened:
    """The files, each with its header. Raises SqlError 3021, 262, 3201, 3254, 3242, 3241, 3208."""
    session = run.session
    server, version = session.server, session.version
    if session.trancount:
        raise error(3021)
    if version >= 10 and not server.logins.is_administrator(session.login):
        raise SqlError(262, 14, 1, "CREATE DATABASE permission denied in database 'master'.")
    found = []
    for name in devices.paths(run, statement.parts["devices"]):
        number = devices.refused(server, name, True)
        if number:
            raise devices.cannot_open(name, number, version, True)
        place = server.place(name)
        medium = backup_media.read(place)
        _readable(name, medium, version)
        found.append((name, place, medium))
    return found


def _readable(name: str, medium: Medium, version: int) -> None:
    if medium.state == "empty":
        raise error(3254, name)
    if medium.state == "foreign":
        raise error(3242, name)
    if medium.state == "malformed" or int(medium.told.get("major", version)) > version:
        raise error(3241, name)
    if not medium.parts:
        raise error(3208)


def _faults(run: Run, statement: Statement) -> set[str]:
    """Those of the call, and of every database that has one."""
    server, session = run.session.server, run.session
    told = {backup_faults.of_database(server, name) for name in server.spec.get("databases") or {}}
    found = {session.backup_fault, *told} - {""}
    return (
        found | {"verify_lies"}
        if "backup_zero_verified" in found and statement.parts["what"] == "VERIFYONLY"
        else found
    )


def _chosen(run: Run, statement: Statement, opened: Opened) -> list[tuple[str, Path, backup_media.Part]]:
    """The set that FILE names, else the first, of each file of the media set. Raises SqlError 3132, 3258, 4038."""
    number = int(backing.options(run, statement).get("FILE") or 1)
    first = opened[0][2].told
    if any(medium.told["uuid"] != first["uuid"] for _, _, medium in opened):
        raise error(3258, opened[1][0])
    if len({medium.told["family_id"] for _, _, medium in opened}) < first["families"]:
        raise error(3132, first["families"], len(opened), old=run.session.version < 9)
    if not 1 <= number <= len(opened[0][2].parts):
        raise error(4038, number, opened[0][0])
    return [(name, place, medium.parts[number - 1]) for name, place, medium in opened]


# VERIFYONLY ---------------------------------------------------------------------------------------------------------


def _verify(run: Run, statement: Statement, opened: Opened) -> None:
    faults, version, given = _faults(run, statement), run.session.version, backing.options(run, statement)
    chosen = _chosen(run, statement, opened)
    if "verify_lies" not in faults:
        for name, place, part in chosen:
            _verify_one(name, place, part, given, version)
        if "verify_damaged" in faults:
            raise _damaged(chosen[0][0], version)
    if "STATS" in given:
        step = int(given["STATS"] or 10) or 10
        for percent in [*range(step, 100, step), 100]:
            run.say(backup_errors.PERCENT, 0, 1, statement.line, f"{percent} percent processed.")
    _valid(run, statement, int(given.get("FILE") or 1))


def _verify_one(name: str, place: Path, part: backup_media.Part, given: dict[str, Any], version: int) -> None:
    """Raises SqlError 3256, 3203, 3187, 3189."""
    if part.told["finished"] is None:
        raise error(3256, name)
    if part.cut or part.total is None:
        raise error(3203, name, backup_errors.system_error(38), 38, old=version < 9)
    if "CHECKSUM" in given and not part.told["checksums"]:
        raise error(3187)
    if version >= 9 and part.told["checksums"] and "NO_CHECKSUM" not in given and not backup_media.sound(place, part):
        raise _damaged(name, version)


def _damaged(name: str, version: int) -> SqlError:
    """assumed: SQL Server 2000 says of a damage that it sees that the media family is incorrectly formed."""
    return error(3189) if version >= 9 else error(3241, name)


def _valid(run: Run, statement: Statement, number: int) -> None:
    """assumed: SQL Server 2000 does not name the file."""
    text = "The backup set is valid." if run.session.version < 9 else f"The backup set on file {number} is valid."
    run.say(backup_errors.VALID, 0, 1, statement.line, text)


# Rows ---------------------------------------------------------------------------------------------------------------


def _header(run: Run, statement: Statement, opened: Opened) -> None:
    number = backing.options(run, statement).get("FILE")
    parts = opened[0][2].parts
    if number is not None and not 1 <= int(number) <= len(parts):
        raise error(4038, number, opened[0][0])
    chosen = parts if number is None else [parts[int(number) - 1]]
    version = run.session.version
    told = [{**part.told, "position": at} for at, part in enumerate(parts, 1) if part in chosen]
    _rows(run, statement, backup_sets.HEADER, [backup_sets.header(each, version) for each in told])


def _files(run: Run, statement: Statement, opened: Opened) -> None:
    number = int(backing.options(run, statement).get("FILE") or 1)
    parts = opened[0][2].parts
    if not 1 <= number <= len(parts):
        raise error(4038, number, opened[0][0])
    _rows(run, statement, backup_sets.FILES, backup_sets.files(parts[number - 1].told))


def _label(run: Run, statement: Statement, opened: Opened) -> None:
    _rows(run, statement, backup_sets.LABEL, [backup_sets.label(opened[0][2].told)])


def _rows(run: Run, statement: Statement, table: dict[int, str], rows: Sequence[dict[str, Any]]) -> None:
    kinds = backup_sets.columns(table, run.session.version)
    makers = [types.for_client(kind) for _, kind in kinds]
    shown = [tuple(make(row[name]) for make, (name, _) in zip(makers, kinds, strict=True)) for row in rows]
    run.rows(Rows(tuple(_column(*pair) for pair in kinds), shown), statement.line)


def _column(name: str, kind: Type) -> Column:
    return Column(name, kind.kind, kind.size or 0, kind.scale or 0, True, types.display(kind), False, "")


_LOOKS = {"VERIFYONLY": _verify, "HEADERONLY": _header, "FILELISTONLY": _files, "LABELONLY": _label}
