# SPDX-License-Identifier: GPL-3.0-or-later
"""The processes of a Unix station as the host sees them."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from impax_lab.station import StationProcess


@dataclass(frozen=True)
class Process:
    """pid, parent: the host's numbers; inside: the number within the station; uid: the station's; began: seconds since
    the epoch; words: as a process list shows them; program: the host's path of its executable."""

    pid: int
    parent: int
    inside: int
    uid: int
    began: float
    words: tuple[str, ...]
    program: str


def parent_of(pid: int) -> int:
    """0 when there is no such process."""
    return int(_status(pid).get("PPid", "0"))


def name_of(pid: int) -> str:
    return _status(pid).get("Name", "")


def below(top: int) -> list[int]:
    """Every process under `top`, nearest first."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            children.setdefault(parent_of(int(entry)), []).append(int(entry))
    found = [top]
    for pid in found:
        found += children.pop(pid, [])
    return found[1:]


def log_on_of(pid: int) -> int:
    """The sshd that serves the log-on under which a process runs; 0 when it is detached."""
    above = []
    while pid > 1:
        above.append(pid)
        pid = parent_of(pid)
    servers = [pid for pid in above if name_of(pid) == "sshd"]
    return servers[-2] if len(servers) > 1 else 0  # the last one is process 1 of the station, it serves nobody


def cut_log_on(station: StationProcess, pid: int, everything: bool) -> None:
    """Kill the sshd of a process's log-on; everything: all that runs under it first, so that nothing follows."""
    server = log_on_of(pid)
    if not server:
        return
    doomed = [server, *(below(server) if everything else [])]
    for each in doomed:
        try:
            os.kill(each, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _status(pid: int) -> dict[str, str]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    return {name: rest.strip() for name, _, rest in (line.partition(":") for line in lines)}
