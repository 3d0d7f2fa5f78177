# SPDX-License-Identifier: GPL-3.0-or-later
"""Unix stations (Solaris 10): a real sshd on loopback, log-ons confined to the station's own files."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from impax_lab.unix import relay, root
from impax_lab.unix.sshd import Door

if TYPE_CHECKING:
    from impax_lab.state import StationFolder
    from impax_lab.station import StationProcess

_doors: dict[str, tuple[Door, socket.socket]] = {}


def start(station: StationProcess, folder: StationFolder) -> dict[str, Any]:
    """Build the station's files, serve its relay, open its door."""
    root.build(station)
    door = Door(station)
    _doors[station.name] = (door, relay.serve(station))
    door.prepare()
    _switch_on(door, folder)
    return door.variables()


def stop(station: StationProcess, folder: StationFolder) -> None:
    if station.name not in _doors:
        return
    door, server = _doors.pop(station.name)
    door.close()
    server.close()


def power(station: StationProcess, folder: StationFolder, on: bool) -> None:
    """Off: everything that runs there ends at once, what was not committed is gone. On: again, on the same port."""
    door, _ = _doors[station.name]
    door.close()
    station.close_engines()
    if on:
        _switch_on(door, folder)


def _switch_on(door: Door, folder: StationFolder) -> None:
    with folder.remembering() as memory:
        memory["booted"] = time.time()
    door.open()


def first_process(station: StationProcess) -> int:
    """Process 1 of the station, as the host numbers it; 0 when the power is off."""
    door, _ = _doors[station.name]
    return door.first if door.is_open() else 0


def host_path(folder: StationFolder, cwd: str, name: str) -> Path:
    return relay.host_path(folder.root, cwd, name)
