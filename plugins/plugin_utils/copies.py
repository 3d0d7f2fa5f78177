# SPDX-License-Identifier: GPL-3.0-or-later
"""A station's file carried to the controller, once, and compared. Such copies hold patient data: nobody else may read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .executor import Station, TransferFailed
from .executor.local_files import room_for
from .executor.local_files import sha1 as local_sha1


def carried_off(action: Any, station: Station, path: str, sha1: str, size: int = 0, of: str = "") -> Path:
    """The copy below ``copies/STATION`` of the state folder. sha1: of the station's file; a copy with it is taken as it is,
    and where it is "" the one of that name, since none is there that was not compared. of: a folder of its own for what no
    other file may be taken for (names of backups come again). size: bytes that must have room here.
    What arrives is compared by size and SHA-1. Raises TransferFailed; no other file is replaced."""
    name = path.replace("\\", "/").rsplit("/", 1)[-1]
    local: Path = action.state / "copies" / action.name / of / name
    if local.exists() and (not sha1 or local_sha1(local) == sha1):
        return local
    if lacking := room_for(local.parent, size):
        raise TransferFailed(path, lacking)
    action.say(f"carrying {path} to {local}")
    station.fetch(path, local)
    return local
