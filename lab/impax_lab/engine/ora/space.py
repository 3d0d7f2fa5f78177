# SPDX-License-Identifier: GPL-3.0-or-later
"""The room of an Oracle database: the data files that the site gives and those that were added since.

The site says ``tablespaces: {NAME: {files: [{path, mb, autoextend, max_mb}], free_mb, status}}`` or, shorter,
``{NAME: [{name, mb, used_mb, autoextensible, max_mb}]}``. UNDO takes ``expired_mb``, ``unexpired_mb`` and ``active_mb``, too.
With ``free_mb`` the site's own files have just that much free, whatever its tables take; without it what the rows of the
tables and ``used_mb`` leave. What was added lies in ``space.json`` beside the engine's rows.

`assumed`: 64 KiB of each file are its header and bitmap; used undo that the site does not tell apart is UNEXPIRED.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impax_lab.oracle_files import DEFAULT_MB, datafiles
from impax_lab.state import changing, read_json

if TYPE_CHECKING:
    from impax_lab.engine.oracle import Instance

FILE = "space.json"
MIB = 1 << 20
HEADER = 1 << 16
DEFAULT_FILE_MB = 2000.0
EXTENT = 64 * MIB
UNDO_STATES = ("ACTIVE", "UNEXPIRED", "EXPIRED")


@dataclass(frozen=True)
class DataFile:
    """bytes: its size; most: up to which it may grow by itself, 0 where it may not; added: not of the site."""

    number: int
    tablespace: str
    path: str
    bytes: int
    most: int = 0
    added: bool = False


def default() -> dict[str, list[dict[str, Any]]]:
    """A site that says nothing has one file for each tablespace that an IMPAX database is known by."""
    return {each: [{"mb": DEFAULT_FILE_MB}] for each in DEFAULT_MB}


def described(instance: Instance) -> dict[str, dict[str, Any]]:
    """What the site says of each tablespace, in the longer form."""
    given = instance.spec.get("tablespaces") or default()
    return {
        str(name).upper(): dict(kept) if isinstance(kept, Mapping) else {"files": list(kept or [])}
        for name, kept in given.items()
    }


def data_files(instance: Instance) -> list[DataFile]:
    """Every data file by its number; those added come behind the site's."""
    spec = {**instance.spec, "tablespaces": instance.spec.get("tablespaces") or default()}
    options = [file for kept in described(instance).values() for file in (kept.get("files") or [{}])]
    own = [
        DataFile(number, space, path, int(mb * MIB), _most(said, mb))
        for (number, space, path, mb), said in zip(datafiles(spec), options, strict=True)
    ]
    return [*own, *(DataFile(**each, added=True) for each in _kept(instance).get("added", []))]


def _most(said: Mapping[str, Any], mb: float) -> int:
    extends = said.get("autoextend", said.get("autoextensible", False))
    return int(float(said.get("max_mb", mb)) * MIB) if extends else 0


def _kept(instance: Instance) -> dict[str, Any]:
    return dict(read_json(instance.folder / FILE, {}))


def add(instance: Instance, tablespace: str, path: str, size: int, most: int) -> None:
    with changing(instance.folder / FILE, {}) as kept:
        number = max((file.number for file in data_files(instance)), default=0) + 1
        kept.setdefault("added", []).append(
            {"number": number, "tablespace": tablespace, "path": path, "bytes": size, "most": most}
        )


def free(instance: Instance, used: Mapping[str, int]) -> list[tuple[DataFile, int]]:
    """(file, its free bytes) where there are any. used: bytes of the segments in each tablespace."""
    files = data_files(instance)
    found: dict[int, int] = {file.number: file.bytes - HEADER for file in files if file.added}
    for name, kept in described(instance).items():
        own = [file for file in files if file.tablespace == name and not file.added]
        found |= _own_free(own, _left(own, kept, used.get(name, 0)))
    return [(file, found[file.number]) for file in files if found.get(file.number, 0) >= HEADER]


def _left(own: list[DataFile], kept: Mapping[str, Any], used: int) -> int:
    """Free bytes of the site's files of one tablespace together."""
    if "free_mb" in kept:
        return int(float(kept["free_mb"]) * MIB)
    said = sum(float(file.get("used_mb", 0)) for file in kept.get("files") or [])
    return sum(file.bytes - HEADER for file in own) - int(said * MIB) - used


def _own_free(own: list[DataFile], left: int) -> dict[int, int]:
    """The last file has what is free, then the one before it."""
    found = {}
    for file in reversed(own):
        found[file.number] = max(0, min(left, file.bytes - HEADER))
        left -= found[file.number]
    return found


def undo(instance: Instance, used: Mapping[str, int]) -> list[tuple[DataFile, str, int]]:
    """(file, state, bytes) of each extent of undo."""
    unused = {file.number: size for file, size in free(instance, used)}
    found = []
    for name, kept in described(instance).items():
        files = [file for file in data_files(instance) if file.tablespace == name]
        if not files or not is_undo(name):
            continue
        taken = sum(file.bytes - HEADER - unused.get(file.number, 0) for file in files if not file.added)
        said = {state: int(float(kept.get(f"{state.lower()}_mb", 0)) * MIB) for state in UNDO_STATES}
        if "unexpired_mb" not in kept:
            said["UNEXPIRED"] = taken - said["ACTIVE"] - said["EXPIRED"]
        for state in UNDO_STATES:
            found += [(files[0], state, size) for size in _extents(said[state])]
    return found


def _extents(size: int) -> list[int]:
    whole, rest = divmod(max(0, size), EXTENT)
    return [EXTENT] * whole + ([rest] if rest else [])


def is_undo(name: str) -> bool:
    return name.startswith("UNDO")


def write_files(instance: Instance) -> None:
    """The site's data files on the station's disk, once: they hold nothing and have their size."""
    with changing(instance.folder / FILE, {}) as kept:
        if kept.get("written") or instance.files is None:
            return
        kept["written"] = True
        for file in data_files(instance):
            with suppress(FileNotFoundError):  # a drive that the station has not got
                place: Path = instance.files.place(file.path)
                place.parent.mkdir(parents=True, exist_ok=True)
                instance.files.create(file.path, file.bytes)


def missing(instance: Instance) -> list[DataFile]:
    """Data files that are gone from the disk."""
    if instance.files is None or not _kept(instance).get("written"):
        return []
    return [file for file in data_files(instance) if not instance.files.exists(file.path)]
