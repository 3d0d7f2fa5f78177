# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows stations: a WinRM service in front of Wine's real cmd.exe, every vendor program a relay to the station."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from impax_lab.windows import paths, texts

if TYPE_CHECKING:
    from impax_lab.program import Call
    from impax_lab.state import StationFolder
    from impax_lab.station import StationProcess
    from impax_lab.windows.machine import Machine

_machines: dict[Path, Machine] = {}


def start(station: StationProcess, folder: StationFolder) -> dict[str, Any]:
    """Boot the station and open its WinRM service; the result are its inventory variables."""
    from impax_lab.windows.machine import Machine  # Unix stations need none of its libraries

    _machines[folder.path] = Machine(station, folder)
    return _machines[folder.path].up()


def stop(station: StationProcess, folder: StationFolder) -> None:
    if machine := _machines.pop(folder.path, None):
        machine.down()


def power(station: StationProcess, folder: StationFolder, on: bool) -> None:
    machine = _machines[folder.path]
    if on:
        machine.up()
    else:
        machine.down()


def running(folder: StationFolder) -> Machine:
    """The running machine of a station: programs start scheduled jobs in it."""
    return _machines[folder.path]


def not_found(call: Call) -> int:
    """A program that the lab has not got: what cmd.exe says of one that is not there."""
    call.err(texts.not_recognized(call.words[0]))
    return texts.NOT_RECOGNIZED


def host_path(folder: StationFolder, cwd: str, name: str) -> Path:
    return paths.host_path(folder.root, cwd, name)
