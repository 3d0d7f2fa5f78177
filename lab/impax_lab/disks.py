# SPDX-License-Identifier: GPL-3.0-or-later
"""The disks of a station: free room that shrinks and grows with the files that lie on them.

A disk is a mount point (``/backup``) or a drive (``D:``) with the free MiB that the site gives it. What lay there when
the station came up first counts as used already; every byte since is taken from the free room, by whoever wrote it.
Only programs that write by `Call.write_file` are stopped by a full disk: the host's own disk stands behind.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from impax_lab.site import Station
    from impax_lab.state import StationFolder

MIB = 1 << 20
ENDLESS = 1 << 40  # bytes free where the site says nothing of a disk


@dataclass(frozen=True)
class Disk:
    """mount: as the site names it; place: its folder on the host; size, used, free: bytes now."""

    mount: str
    place: Path
    size: int
    used: int
    free: int


class Disks:
    """All disks of one station."""

    def __init__(self, folder: StationFolder, spec: Station) -> None:
        self._folder = folder
        self._places = {mount: _place(folder, spec, mount) for mount in spec.disks}
        self._given = {mount: int(free * MIB) for mount, free in spec.disks.items()}

    def prepare(self) -> None:
        """Make the mount points and note what lies there already. Again is no change."""
        for place in self._places.values():
            place.mkdir(parents=True, exist_ok=True)
        with self._folder.remembering() as memory:
            first = memory.setdefault("disks", {})
            for mount in self._places:
                first.setdefault(mount, self._on(mount))

    def all(self) -> list[Disk]:
        first = self._folder.remembered().get("disks", {})
        return [self._disk(mount, first.get(mount, 0)) for mount in sorted(self._places)]

    def of(self, path: Path) -> Disk | None:
        """The disk that holds a file of the host inside the station; None where the site names none."""
        holding = [disk for disk in self.all() if path == disk.place or disk.place in path.parents]
        return max(holding, key=lambda disk: len(disk.place.parts), default=None)

    def room(self, path: Path) -> int:
        disk = self.of(path)
        return ENDLESS if disk is None else disk.free

    def _disk(self, mount: str, first: int) -> Disk:
        grown = self._on(mount) - first
        free = max(0, self._given[mount] - grown)
        # assumed: a disk is some 60 % full when the site tells only its free room
        size = self._given[mount] * 5 // 2
        return Disk(mount, self._places[mount], size, size - free, free)

    def _on(self, mount: str) -> int:
        others = {place for name, place in self._places.items() if name != mount}
        return _bytes_below(self._places[mount], others)


def _place(folder: StationFolder, spec: Station, mount: str) -> Path:
    if spec.windows:
        return folder.root / mount.rstrip("\\").rstrip(":").lower()
    return folder.root / mount.strip("/") if mount.strip("/") else folder.root


def _bytes_below(top: Path, without: set[Path]) -> int:
    total = 0
    for here, folders, files in os.walk(top):
        folders[:] = [name for name in folders if Path(here, name) not in without]
        for name in files:
            try:
                total += Path(here, name).lstat().st_size
            except FileNotFoundError:
                continue
    return total


class EngineFiles:
    """The disks as the database engine sees them: files by the path that the system writes, sizes in bytes.

    A database file takes its room at once and holds nothing: the rows lie with the engine.
    """

    def __init__(self, disks: Disks, folder: StationFolder, system: Any) -> None:
        self._disks, self._folder, self._system = disks, folder, system

    @property
    def windows(self) -> bool:
        return bool(self._system.__name__.endswith("windows"))

    def place(self, path: str) -> Path:
        """The file on the host."""
        return self._system.host_path(self._folder, "", path)

    def exists(self, path: str) -> bool:
        return self.place(path).exists()

    def free(self, path: str) -> int:
        return self._disks.room(self.place(path))

    def create(self, path: str, size: int) -> None:
        """A file of `size` bytes. Raises OSError when its folder is missing."""
        with self.place(path).open("wb") as file:
            file.truncate(size)

    def delete(self, path: str) -> None:
        self.place(path).unlink(missing_ok=True)
