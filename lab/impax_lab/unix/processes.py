# SPDX-License-Identifier: GPL-3.0-or-later
"""The processes of a Unix station as the host sees them."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from impax_lab.station import StationProcess


REAL = ("dash", "busybox", "su")  # what the relay lets run; a relay that waits for one of them is not shown
HIDDEN = ("bwrap", "log_on")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """pid, parent: the host's numbers; inside, inside_parent: those within the station; uid: the station's account;
    began: seconds since the epoch; used: seconds of processor; words: as a process list shows them; wrapper: a relay
    that waits for the real program (its words are that program's)."""

    pid: int
    parent: int
    inside: int
    inside_parent: int
    uid: int
    began: float
    used: float
    words: tuple[str, ...]
    wrapper: bool


def running(station: StationProcess) -> list[Process]:
    """Every process of the station, oldest number first."""
    from impax_lab import unix

    first = unix.first_process(station)
    pids = [first, *below(first)] if first else []
    found = {pid: status for pid in pids if (status := _status(pid))}
    children: dict[int, list[int]] = {}
    for pid, status in found.items():
        children.setdefault(int(status["PPid"]), []).append(pid)
    made = [_process(pid, status, found, children) for pid, status in found.items() if status["Name"] not in HIDDEN]
    return sorted((each for each in made if each), key=lambda each: each.inside)


def _process(pid: int, status: dict[str, str], found: dict, children: dict) -> Process | None:
    stat = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if not stat or stat[0] == "Z":
        return None
    leaf = _leaf(pid, found, children)
    parent = int(status["PPid"])
    while parent in found and (found[parent]["Name"] in HIDDEN or _leaf(parent, found, children) != parent):
        parent = int(found[parent]["PPid"])
    words = _words(leaf)
    return Process(
        pid=pid, parent=parent, inside=_inside(status), inside_parent=_inside(found[parent]) if parent in found else 0,
        uid=int((_read(f"/proc/{pid}/uid_map").split() or ["0"])[0]) if status["Name"] != "sshd" else 0,
        began=_boot() + int(stat[19]) / TICKS, used=(int(stat[11]) + int(stat[12])) / TICKS,
        words=("/usr/lib/ssh/sshd",) if status["Name"] == "sshd" else words, wrapper=leaf != pid,
    )  # fmt: skip


def _leaf(pid: int, found: dict, children: dict) -> int:
    """The real program behind a relay, through relays of relays; the process itself when it is none."""
    while found[pid]["Name"] not in (*REAL, "sshd", *HIDDEN) and len(children.get(pid, [])) == 1:
        pid = children[pid][0]
    return pid


def _inside(status: dict[str, str]) -> int:
    return int(status["NSpid"].split()[-1])


def _words(pid: int) -> tuple[str, ...]:
    text = _read(f"/proc/{pid}/cmdline")
    return tuple(text.rstrip("\0").split("\0")) if text else ()


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


def _boot() -> float:
    line = next(line for line in _read("/proc/stat").splitlines() if line.startswith("btime"))
    return float(line.split()[1])


def parent_of(pid: int) -> int:
    """0 when there is no such process."""
    return int(_status(pid).get("PPid", "0"))


def name_of(pid: int) -> str:
    return _status(pid).get("Name", "")


def below(top: int) -> list[int]:
    """Every process under `top`, nearest first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            children.setdefault(parent_of(int(entry.name)), []).append(int(entry.name))
    found = [top]
    for pid in found:
        found += children.pop(pid, [])
    return found[1:]


def log_on_of(pid: int) -> list[int]:
    """The sshd processes that serve the log-on under which a process runs; none when it is detached."""
    above = []
    while pid > 1:
        above.append(pid)
        pid = parent_of(pid)
    servers = [pid for pid in above if name_of(pid) == "sshd"]
    return servers[:-1]  # the last one is process 1 of the station, it serves nobody


def cut_log_on(pid: int, everything: bool) -> None:
    """Kill the sshd of a process's log-on; everything: all that runs under it too, so that nothing follows."""
    servers = log_on_of(pid)
    if not servers:
        return
    for each in [*servers, *(below(servers[-1]) if everything else [])]:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def _status(pid: int) -> dict[str, str]:
    lines = _read(f"/proc/{pid}/status").splitlines()
    return {name: rest.strip() for name, _, rest in (line.partition(":") for line in lines)}
