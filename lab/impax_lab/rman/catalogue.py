# SPDX-License-Identifier: GPL-3.0-or-later
"""What the control file of a station's database knows of backups: ``engine/oracle/controlfile.json``.

It is made once from the site, when the station first comes up::

    backup_sets:
      - {key: 12, type: full | incremental | archivelog | controlfile, level: 0 | 1, files: all | [1, 2], controlfile: true,
         size_mb: 40, age_h: 20, elapsed_s: 7, status: AVAILABLE | EXPIRED | UNAVAILABLE, device: DISK | SBT_TAPE, tag: NIGHTLY,
         piece: /path, on_disk: true | false | truncated | corrupt | empty, compressed: false, piece_key: 13}
    oracle:
      recovery_area: {path: /flash, limit_mb: 4000, other_mb: 100}
      rman: {redundancy: 1, device: DISK}
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impax_lab.oracle_files import current
from impax_lab.rman import pieces
from impax_lab.state import changing, read_json

if TYPE_CHECKING:
    from impax_lab.station import StationProcess

FILE = "controlfile.json"
MIB = 1 << 20
AREA_MB = 20000
AREAS = {False: "/u01/flash_recovery_area", True: "C:\\oracle\\flash_recovery_area"}  # assumed
HOUR = 3600.0
FIRST_SCN = 3_000_000


@dataclass
class BackupSet:
    """One set with its one piece. bytes: of the piece; started, completed: seconds since 1970; scn: of its checkpoint."""

    key: int
    piece_key: int
    kind: str  # full, incremental, archivelog, controlfile
    level: int | None
    files: list[int]
    controlfile: bool
    bytes: int
    started: float
    completed: float
    status: str
    device: str
    tag: str
    piece: str
    compressed: bool = False
    scn: int = FIRST_SCN
    logs: list[int] = field(default_factory=list)

    @property
    def stamp(self) -> int:
        return stamp(self.completed)


def stamp(at: float) -> int:
    """A moment as RMAN numbers it: seconds in months of 31 days since 1988."""
    when = datetime.fromtimestamp(at)
    days = ((when.year - 1988) * 12 + when.month - 1) * 31 + when.day - 1
    return days * 86400 + when.hour * 3600 + when.minute * 60 + when.second


def path(station: StationProcess) -> Path:
    return station.folder.engine / "oracle" / FILE


def read(folder: Path) -> dict[str, Any]:
    """The catalogue of an engine's folder as it is stored; what was never made is empty."""
    return {"sets": [], "jobs": [], **read_json(folder / FILE, {})}


def sets(kept: Mapping[str, Any]) -> list[BackupSet]:
    """The sets in the order of their keys."""
    return sorted((BackupSet(**each) for each in kept["sets"]), key=lambda each: each.key)


def now(station: StationProcess) -> list[BackupSet]:
    prepare(station)
    return sets(read(path(station).parent))


@contextmanager
def change(station: StationProcess) -> Iterator[dict[str, Any]]:
    """The stored catalogue to change in place, under its lock."""
    prepare(station)
    with changing(path(station), {}) as kept:
        yield kept


def next_key(kept: dict[str, Any]) -> int:
    kept["next"] += 1
    return int(kept["next"])


def prepare(station: StationProcess) -> None:
    """Make the catalogue and the pieces of the site's sets. Again is no change."""
    place = path(station)
    if not station.spec.oracle or place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with changing(place, {}) as kept:
        if not kept:
            kept.update(_made(station))
            folder = station.host_path("", kept["area"]["path"])
            folder.mkdir(parents=True, exist_ok=True)
            if station.spec.windows:
                _script(station)


def _script(station: StationProcess) -> None:
    """The file that ``bash runbackup`` names; bash does not read it here."""
    place = station.host_path("", "C:\\mvf\\bin\\runbackup")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("#!/bin/bash\n# impax-lab: what this does is told in impax_lab.rman.run_backup\n")


def _made(station: StationProcess) -> dict[str, Any]:
    oracle = station.spec.oracle
    area = {
        "path": AREAS[station.spec.windows],
        "limit_mb": AREA_MB,
        "other_mb": 0,
        **(oracle.get("recovery_area") or {}),
    }
    rman = oracle.get("rman") or {}
    bytes_of = {"limit": int(area["limit_mb"] * MIB), "other": int(area["other_mb"] * MIB)}
    kept: dict[str, Any] = {
        "area": {"path": str(area["path"]), **bytes_of}, "redundancy": int(rman.get("redundancy", 1)), "next": 0,
        "sequence": 100, "scn": FIRST_SCN, "sets": [], "jobs": [],
    }  # fmt: skip
    came_up = time.time()
    described = sorted(station.spec.backup_sets, key=lambda each: -float(each.get("age_h", 0)))
    for at, given in enumerate(described, 1):
        made = _given(station, kept, given, at, came_up)
        pieces.write(station, made, str(given.get("on_disk", True)).lower())
        _lay_there(station, made)
        kept["sets"].append(asdict(made))
    kept["scn"] = FIRST_SCN + 1000 * (len(described) + 1)
    kept["next"] = max([each["piece_key"] for each in kept["sets"]] + [each["key"] for each in kept["sets"]] + [0])
    return kept


def _lay_there(station: StationProcess, backup: BackupSet) -> None:
    """What the site gives as free room is what is left beside the pieces that it gives, too."""
    place = pieces.place(station, backup)
    disk = station.disks.of(place) if place.is_file() else None
    if disk is not None:
        with station.folder.remembering() as memory:
            first = memory.setdefault("disks", {})
            first[disk.mount] = first.get(disk.mount, 0) + place.stat().st_size


def _given(
    station: StationProcess, kept: dict[str, Any], given: Mapping[str, Any], at: int, came_up: float
) -> BackupSet:
    kind = str(given.get("type", "full"))
    completed = came_up - float(given.get("age_h", 0)) * HOUR
    tag = str(given.get("tag") or tag_of(completed))
    key = int(given.get("key", at))
    named = given.get("piece")
    device = str(given.get("device", "DISK")).upper()
    return BackupSet(
        key=key,
        piece_key=int(given.get("piece_key", key)),
        kind=kind,
        level=int(given.get("level", 1)) if kind == "incremental" else None,
        files=_files(station, kind, given.get("files", "all")),
        controlfile=bool(given.get("controlfile", kind == "controlfile")),
        bytes=max(0, int(float(given.get("size_mb", 10)) * MIB)),
        started=completed - float(given.get("elapsed_s", 7)),
        completed=completed,
        status=str(given.get("status", "AVAILABLE")).upper(),
        device=device,
        tag=tag,
        piece=str(named) if named else piece_name(station.spec.windows, kept, kind, device, tag, completed, key),
        compressed=bool(given.get("compressed", False)),
        scn=FIRST_SCN + at * 1000,
        logs=[at] if kind == "archivelog" else [],
    )


def _files(station: StationProcess, kind: str, given: Any) -> list[int]:
    if kind in ("archivelog", "controlfile"):
        return []
    return [number for number, *_ in current(station.oracle)] if given == "all" else [int(each) for each in given]


def tag_of(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("TAG%Y%m%dT%H%M%S")


def piece_name(
    windows: bool, kept: Mapping[str, Any], kind: str, device: str, tag: str, at: float, key: int, sid: str = "MVF"
) -> str:
    """As Oracle names its own files in the recovery area; on tape the default format ``%U``."""
    if device != "DISK":
        return f"{_letters(stamp(at) % 10**9)}_{key}_1"
    content = {"full": "nnndf", "incremental": "nnnd1", "archivelog": "annnn", "controlfile": "ncsnf"}[kind]
    day = datetime.fromtimestamp(at).strftime("%Y_%m_%d")
    parts = (sid, "backupset", day, f"o1_mf_{content}_{tag}_{_letters(stamp(at) * 31 + key)}_.bkp")
    if windows:
        return "\\".join((kept["area"]["path"].rstrip("\\"), *(part.upper() for part in parts)))
    return "/".join((kept["area"]["path"].rstrip("/"), *parts))


def _letters(number: int) -> str:
    """Eight letters and digits as in Oracle's own file names."""
    digits, found = "0123456789bcdfghjklmnpqrstvwxyz", ""
    while number or len(found) < 6:
        number, at = divmod(number, len(digits))
        found = digits[at] + found
    return found[-8:]
