# SPDX-License-Identifier: GPL-3.0-or-later
"""Which data files a short tablespace needs: how many, where, under which name; and what the journal knows of them (S18, S19).

A name is never one that exists: not in the dictionary, not on the disk, whatever its letters' case.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

PLAN, BEGUN, ADDED, NOT_ADDED = (
    "tablespace_plan",
    "tablespace_file_begun",
    "tablespace_file_added",
    "tablespace_file_not_added",
)
OVERHEAD_MB = 10  # of a new file that is never free: its header, its map, the rounding to whole extents (`assumed`)
PATH = re.compile(r"(?:/(?!dev/)|[A-Za-z]:\\)[A-Za-z0-9_$#.~ /\\+-]+\Z")  # what the vendor's tool can be given
ENDING = re.compile(r"(.*?)(\d{0,6})(\.[^.]*)?\Z", re.S)


class File(Protocol):
    """A data file as the dictionary has it; MB of 1048576 bytes."""

    @property
    def path(self) -> str: ...

    @property
    def tablespace(self) -> str: ...

    @property
    def mb(self) -> int: ...

    @property
    def extend_mb(self) -> int: ...

    @property
    def status(self) -> str: ...


class Space(Protocol):
    """A tablespace as the dictionary has it; MB of 1048576 bytes."""

    @property
    def name(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def contents(self) -> str: ...

    @property
    def free_mb(self) -> int: ...

    @property
    def expired_mb(self) -> int: ...

    @property
    def extend_mb(self) -> int: ...

    @property
    def files(self) -> Sequence[File]: ...


@dataclass(frozen=True)
class Add:
    """One data file to add. mb: its size."""

    tablespace: str
    path: str
    mb: int

    def evidence(self) -> dict[str, Any]:
        return {"tablespace": self.tablespace, "path": self.path, "mb": self.mb}


@dataclass(frozen=True)
class Plan:
    """adds: in order. growth: MB by which existing files have to be able to grow, by folder: room that is counted on.
    stuck: tablespace -> why no file can be proposed for it."""

    adds: tuple[Add, ...] = ()
    growth: Mapping[str, int] | None = None
    stuck: Mapping[str, str] | None = None

    def demands(self) -> dict[str, int]:
        """MB that each folder's disk must have."""
        wanted = dict(self.growth or {})
        for add in self.adds:
            wanted[folder_of(add.path)] = wanted.get(folder_of(add.path), 0) + add.mb
        return wanted


def room_mb(space: Space) -> int:
    """Free extents, expired undo, and what the files may grow by themselves."""
    return space.free_mb + space.expired_mb + space.extend_mb


def files_needed(room: int, limit_mb: int, file_mb: int) -> int:
    """How many files of `file_mb` bring `room` MB to the limit; 0 where it is there."""
    missing = limit_mb - room
    gained = max(1, file_mb - OVERHEAD_MB)
    return 0 if missing <= 0 else -(-missing // gained)


def growth(space: Space, limit_mb: int, added_mb: int = 0) -> dict[str, int]:
    """By folder, the MB of growth that the limit counts on once `added_mb` were added."""
    missing = limit_mb - space.free_mb - space.expired_mb - added_mb
    counted: dict[str, int] = {}
    for file in space.files:
        part = max(0, min(missing, file.extend_mb))
        if part:
            counted[folder_of(file.path)] = counted.get(folder_of(file.path), 0) + part
            missing -= part
    return counted


def folder_of(path: str) -> str:
    """``/x/y.dbf`` -> ``/x``, ``D:\\y.dbf`` -> ``D:\\``; "" for what is no path of a file."""
    mark = "\\" if "\\" in path else "/"
    folder, found, _ = path.rpartition(mark)
    return folder + mark if found and (not folder or folder.endswith(":")) else folder


def name_of(path: str) -> str:
    return path.rpartition("\\" if "\\" in path else "/")[2]


def target_folder(space: Space, folders: Mapping[str, str]) -> str:
    """Where the tablespace's next file goes: as the site says, else beside the last one."""
    for name, folder in folders.items():
        if name.casefold() == space.name.casefold():
            return folder.rstrip("/\\") + ("\\" if folder.rstrip("\\").endswith(":") else "")
    return folder_of(_last(space).path) if space.files else ""


def folders_asked(spaces: Iterable[Space], limit_mb: int, folders: Mapping[str, str]) -> list[str]:
    """The folders whose disks and names have to be known: of files to add, and of growth that is counted on."""
    asked: list[str] = []
    for space in spaces:
        if room_mb(space) < limit_mb:
            asked.append(target_folder(space, folders))
        asked += growth(space, limit_mb)
    return list(dict.fromkeys(folder for folder in asked if folder))


def plan(
    spaces: Iterable[Space],
    limit_mb: int,
    file_mb: int,
    folders: Mapping[str, str],
    listings: Mapping[str, Collection[str] | None],
    known: Iterable[str] = (),
) -> Plan:
    """Files for each tablespace that is short. listings: folder -> the names in it, None: not told.
    known: paths of all data files of the database."""
    taken = {path.casefold() for path in known}
    adds: list[Add] = []
    counted: dict[str, int] = {}
    stuck: dict[str, str] = {}
    for space in spaces:
        count = files_needed(room_mb(space), limit_mb, file_mb)
        folder = target_folder(space, folders)
        why = _no_path(space, folder, listings) if count else ""
        if why:
            stuck[space.name] = why
            continue
        for _ in range(count):
            path = _free_path(space, folder, listings.get(folder) or (), taken)
            taken.add(path.casefold())
            adds.append(Add(space.name, path, file_mb))
        for place, mb in growth(space, limit_mb, count * max(1, file_mb - OVERHEAD_MB)).items():
            counted[place] = counted.get(place, 0) + mb
    return Plan(tuple(adds), counted, stuck)


def _no_path(space: Space, folder: str, listings: Mapping[str, Collection[str] | None]) -> str:
    if not space.files:
        return "the dictionary names no data file of it, so no path can be proposed"
    if not PATH.match(_joined(folder, name_of(_last(space).path))):
        return f"{_last(space).path} is no file in a folder, so no path can be proposed beside it"
    return f"what is in {folder} was not told" if not listings.get(folder) else ""


def _last(space: Space) -> File:
    """The file with the highest number at the end of its name."""
    return max(space.files, key=lambda file: (int(_parts(name_of(file.path))[1] or 1), file.path))


def _parts(name: str) -> tuple[str, str, str]:
    match = ENDING.match(name)
    assert match is not None
    return match[1], match[2], match[3] or ""


def _free_path(space: Space, folder: str, names: Collection[str], taken: Collection[str]) -> str:
    """``mvfl01.dbf`` -> ``mvfl02.dbf``, ``mvfl.dbf`` -> ``mvfl02.dbf``, or the next number that nothing has."""
    stem, digits, ending = _parts(name_of(_last(space).path))
    there = {name.casefold() for name in names}
    number, width = int(digits or 1), len(digits or "01")
    while True:
        number += 1
        name = f"{stem}{number:0{width}d}{ending}"
        path = _joined(folder, name)
        if name.casefold() not in there and path.casefold() not in taken:
            return path


def _joined(folder: str, name: str) -> str:
    mark = "\\" if "\\" in folder or folder.endswith(":") else "/"
    return f"{folder}{'' if folder.endswith(mark) else mark}{name}"


# What is approved, and what the journal knows


def approved_of(station: str, database: str, adds: Iterable[Add]) -> dict[str, Any]:
    """What an approval of adding is bound to. database: its name and number."""
    return {"station": station, "database": database, "files": [add.evidence() for add in adds]}


def contained_in(
    now: Mapping[str, Any], earlier: Iterable[Mapping[str, Any]], there: Iterable[str]
) -> list[Mapping[str, Any]]:
    """The earlier plans of which `now` is what is left: all else of them is in the database already.

    there: paths of the database's data files.
    """
    present = {path.casefold() for path in there}
    left = list(now["files"])
    found = []
    for plan_ in earlier:
        files = [file for file in plan_.get("files", ()) if isinstance(file, Mapping)]
        same = all(plan_.get(name) == now[name] for name in ("station", "database"))
        done = [file for file in files if file not in left]
        if same and all(file in files for file in left) and all(str(f.get("path")).casefold() in present for f in done):
            found.append(plan_)
    return found


def plans(entries: Iterable[Mapping[str, Any]], station: str) -> list[Mapping[str, Any]]:
    """Facts of the plans that were shown for approval, oldest first."""
    facts = [entry.get("facts") or {} for entry in entries if entry.get("what") == PLAN]
    return [fact for fact in facts if fact.get("station") == station]


def open_adds(entries: Iterable[Mapping[str, Any]], station: str) -> tuple[Add, ...]:
    """Files whose adding was begun and whose end nobody has seen."""
    begun: dict[str, Add] = {}
    for entry in entries:
        facts, what = entry.get("facts") or {}, entry.get("what")
        if facts.get("station") != station or "path" not in facts:
            continue
        if what == BEGUN:
            begun[str(facts["path"])] = Add(str(facts.get("tablespace")), str(facts["path"]), int(facts.get("mb") or 0))
        elif what in (ADDED, NOT_ADDED):
            begun.pop(str(facts["path"]), None)
    return tuple(begun.values())


def on_disk(add: Add, listings: Mapping[str, Collection[str] | None]) -> bool | None:
    """Whether the file's folder holds its name; None: not told."""
    names = listings.get(folder_of(add.path))
    return None if names is None else name_of(add.path).casefold() in {name.casefold() for name in names}


def size_of(add: Add, files: Iterable[File]) -> int | None:
    """MB of the file as the dictionary has it; None: it has no such file."""
    return next((file.mb for file in files if file.path.casefold() == add.path.casefold()), None)


def is_there(add: Add, files: Iterable[File]) -> bool | None:
    """Whether the dictionary has the file in its tablespace; None: it has that path in another one."""
    for file in files:
        if file.path.casefold() == add.path.casefold():
            return True if file.tablespace.casefold() == add.tablespace.casefold() else None
    return False
