# SPDX-License-Identifier: GPL-3.0-or-later
"""Backup devices: files of the station's disk, how they are opened, and what Windows has against it."""

from __future__ import annotations

import ntpath
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impax_lab.engine.ms import backup_errors, backup_media, types
from impax_lab.engine.ms.errors import SqlError, error, not_understood

if TYPE_CHECKING:
    from impax_lab.engine.ms.interpreter import Run
    from impax_lab.engine.mssql import Server


@dataclass
class Target:
    """A file that a set goes to. path: as the statement says; place: on the host. medium: its header, None where it begins
    anew. parts: the sets that are in it and stay. end: where the next one begins. size: bytes it has now."""

    path: str
    place: Path
    medium: dict[str, Any] | None
    parts: list[backup_media.Part]
    end: int = 0
    size: int = 0
    existed: bool = False


def no_database(name: str, version: int) -> SqlError:
    """assumed: state 11, in the words of 2008 from there on."""
    if version >= 10:
        return SqlError(911, 16, 11, f"Database '{name}' does not exist. Make sure that the name is entered correctly.")
    return error(911, name, old=version < 9, state=11)


def paths(run: Run, devices: list[tuple[str, str]]) -> list[str]:
    """The files. A bare name lies in the server's own folder. Raises SqlError 3044, 3206."""
    server, found = run.session.server, []
    for kind, text in devices:
        name = str(run.value(text)[1] or "")
        if not kind:
            raise error(3206, name, old=run.session.version < 9)
        if kind != "DISK":
            raise not_understood(3206, f"a backup device of kind {kind}", name)
        if not name:
            raise error(3044)
        found.append(name if ntpath.splitdrive(name)[0] else ntpath.join(server.backup_folder, name))
    return found


def refused(server: Server, path: str, reading: bool) -> int:
    """The Windows error of opening it; 0: none."""
    if path.startswith("\\\\"):
        return 53
    if not re.fullmatch(r"[A-Za-z]:\\[^<>\"|?*]+", path):
        return 123
    lower = path.lower()
    if any(lower.startswith(str(folder).lower().rstrip("\\") + "\\") for folder in server.spec.get("no_access") or []):
        return 5
    if any(each["path"].lower() == lower for found in server.databases().values() for each in found["files"]):
        return 32
    place = server.place(path)
    if not place.parent.is_dir():
        return 3
    if place.is_dir():
        return 5
    return 2 if reading and not place.exists() else 0


def cannot_open(path: str, number: int, version: int, reading: bool) -> SqlError:
    return error(3201, path, backup_errors.system_error(number), old=version < 9, state=2 if reading else 1)


def open_for_writing(server: Server, names: list[str], given: dict[str, Any], version: int) -> list[Target]:
    """Raises SqlError 3201, 3231, 3242, 3241, 3266, 4030."""
    targets = []
    for name in names:
        number = refused(server, name, False)
        if number:
            raise cannot_open(name, number, version, False)
        place = server.place(name)
        medium = backup_media.read(place) if place.exists() else backup_media.Medium("empty")
        if "FORMAT" not in given:
            _usable(name, medium, len(names), given)
        anew = medium.state == "empty" or "FORMAT" in given
        target = Target(name, place, None if anew else medium.told, [], existed=place.exists())
        target.size = place.stat().st_size if place.exists() else 0
        if not anew and "INIT" not in given:
            target.parts, target.end = medium.parts, medium.end
        elif "INIT" in given:
            target.medium = None
        targets.append(target)
    return targets


def _usable(name: str, medium: backup_media.Medium, families: int, given: dict[str, Any]) -> None:
    if medium.state == "empty":
        return
    if medium.state in ("foreign", "malformed"):
        raise error(3242 if medium.state == "foreign" else 3241, name)
    if medium.told.get("families", 1) != families:
        raise error(3231, name, medium.told.get("families", 1), families)
    if "INIT" not in given:
        if medium.state == "broken" or any(part.cut or part.total is None for part in medium.parts):
            raise error(3266, name)
        return
    expires = [part.told.get("expires") for part in medium.parts]
    latest = max((each for each in expires if each), default=None)
    if latest and "SKIP" not in given and types.moment(latest) > datetime.now():
        raise error(4030, name, types.moment(latest).strftime("%b %d %Y %I:%M%p"))
