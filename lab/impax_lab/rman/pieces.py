# SPDX-License-Identifier: GPL-3.0-or-later
"""Backup pieces: real files of their full length, of which only the first block holds anything.

The first block says whose piece it is and a checksum over the rest of the block; the remainder is a hole. A piece of
nothing is an empty file. What lies on tape lies in ``stations/NAME/tape`` and not among the station's own files.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impax_lab.program import Call, Killed

if TYPE_CHECKING:
    from impax_lab.rman.catalogue import BackupSet
    from impax_lab.station import StationProcess

BLOCK = 8192
HEADER = 512
GOOD, MISSING, EMPTY, TRUNCATED, CORRUPT = "good", "missing", "empty", "truncated", "corrupt"
ON_DISK = {"true": GOOD, "false": MISSING, "empty": EMPTY, "truncated": TRUNCATED, "corrupt": CORRUPT}


def place(station: StationProcess, backup: BackupSet) -> Path:
    """Where the piece lies on the host."""
    if backup.device == "DISK":
        return station.host_path("", backup.piece)
    return station.folder.path / "tape" / backup.piece.replace("/", "_").replace("\\", "_")


def write(station: StationProcess, backup: BackupSet, on_disk: str = "true", call: Call | None = None) -> None:
    """Write the piece, in the state that `on_disk` names. Raises OSError: ENOSPC when its disk has no room for it."""
    state = ON_DISK[on_disk]
    if state == MISSING:
        return
    target = place(station, backup)
    target.parent.mkdir(parents=True, exist_ok=True)
    room = station.room(backup.piece) if backup.device == "DISK" else backup.bytes
    if call is not None and (call.full or room < backup.bytes):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), backup.piece)
    target.write_bytes(b"" if state == EMPTY else _block(backup, state))
    length = {EMPTY: 0, TRUNCATED: backup.bytes // 2}.get(state, backup.bytes)
    os.truncate(target, length // 2 if call is not None and call.dies else length)
    if call is not None and call.dies:
        raise Killed


def state(station: StationProcess, backup: BackupSet) -> str:
    """good, missing, empty, truncated or corrupt."""
    target = place(station, backup)
    if not target.is_file():
        return MISSING
    length = target.stat().st_size
    if not length:
        return EMPTY
    if length < backup.bytes:
        return TRUNCATED
    with target.open("rb") as file:
        return GOOD if _readable(file.read(BLOCK), backup) else CORRUPT


def remove(station: StationProcess, backup: BackupSet) -> None:
    place(station, backup).unlink(missing_ok=True)


def spoil(station: StationProcess, backup: BackupSet, as_what: str) -> None:
    """Make an existing piece missing, empty, truncated or corrupt."""
    target = place(station, backup)
    if as_what == MISSING:
        target.unlink()
    elif as_what in (EMPTY, TRUNCATED):
        os.truncate(target, 0 if as_what == EMPTY else backup.bytes // 2)
    else:
        with target.open("r+b") as file:
            file.seek(HEADER + 100)
            file.write(b"\xff" * 16)


def _block(backup: BackupSet, state: str) -> bytes:
    body = hashlib.sha1(f"{backup.key} {backup.piece}".encode()).hexdigest().encode() * 40
    whole = (_header(backup, body) + body)[: max(HEADER, backup.bytes)]
    return whole[: HEADER + 100] + b"\xff" * 16 + whole[HEADER + 116 :] if state == CORRUPT else whole


def _header(backup: BackupSet, body: bytes) -> bytes:
    told: dict[str, Any] = {"set": backup.key, "length": len(body), "sha1": hashlib.sha1(body).hexdigest()}
    return b"impax-lab backup piece " + json.dumps(told).encode().ljust(HEADER - 23)[: HEADER - 23]


def _readable(block: bytes, backup: BackupSet) -> bool:
    """Whether the first block is that of this set and as it was written. Pieces under a block long are judged by their header."""
    try:
        told = json.loads(block[23:HEADER])
    except ValueError:
        return False
    body = block[HEADER : HEADER + told["length"]]
    return told["set"] == backup.key and hashlib.sha1(body).hexdigest() == told["sha1"]
