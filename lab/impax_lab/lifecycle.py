# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing a lab up and down: one process a station, started side by side, and nothing left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from impax_lab import faults, inventory
from impax_lab.site import DEFAULT_ZONE, Site, from_dict, load
from impax_lab.state import Lab, LabError, StationFolder, read_json, write_json
from impax_lab.station import order

UP_SECONDS = 90.0
DOWN_SECONDS = 20.0


def up(lab: Lab, site_file: Path, scenarios: Iterable[Path] = (), keep: bool = False, only: Iterable[str] = ()) -> Site:
    """Bring the site up from its files; returns when each station answers.

    keep: go on from the state on disk. only: these stations and no others; all when empty.
    """
    site = load(site_file, scenarios).only(list(only))
    waiting = _checked(site)
    busy = [name for name in _known(lab) if alive(lab.station(name))]
    if busy:
        raise LabError(f"the lab in {lab.path} is up already ({', '.join(busy)}): impax-lab --state {lab.path} down")
    if not keep:
        _clear(lab)
    lab.path.mkdir(parents=True, exist_ok=True)
    write_json(lab.site, site.as_dict())
    for name in site.stations:
        lab.station(name).make()
        lab.station(name).ready.unlink(missing_ok=True)
        write_json(lab.station(name).faults, waiting[name])
    try:
        inventory.write(lab, site, _start(lab, list(site.stations)))
    except BaseException:
        down(lab)
        raise
    return site


def down(lab: Lab) -> list[str]:
    """End every station; the state stays on disk. The result names those that were up."""
    running = {name: process_of(lab.station(name)) for name in _known(lab)}
    running = {name: pid for name, pid in running.items() if pid}
    for pid in running.values():
        _signal(pid, signal.SIGTERM)
    until = time.monotonic() + DOWN_SECONDS
    for name, pid in running.items():
        while _alive(pid) and time.monotonic() < until:
            time.sleep(0.02)
        if _alive(pid):
            _signal(pid, signal.SIGKILL)
        _pid_file(lab.station(name)).unlink(missing_ok=True)
        lab.station(name).ready.unlink(missing_ok=True)
    return list(running)


def site_of(lab: Lab) -> Site:
    """The site as it was brought up last. Raises LabError when there is none."""
    stored = read_json(lab.site, None)
    if stored is None:
        raise LabError(f"there is no lab in {lab.path}: impax-lab --state {lab.path} up SITE.yml")
    return from_dict(stored)


def alive(folder: StationFolder) -> bool:
    pid = process_of(folder)
    return bool(pid) and _alive(pid)


def process_of(folder: StationFolder) -> int | None:
    """The process of a station, as long as it is that one and not a later process of the same number."""
    noted = read_json(_pid_file(folder), None)
    return noted["pid"] if noted and _started(noted["pid"]) == noted["started"] else None


def status(lab: Lab) -> list[dict[str, Any]]:
    """One row a station: name, type, system, whether it is up, where it answers."""
    rows = []
    for station in site_of(lab).stations.values():
        folder = lab.station(station.name)
        ready = read_json(folder.ready, {}) if alive(folder) else {}
        host = {
            key: value for key, value in ready.get("variables", {}).items() if key in ("ansible_host", "ansible_port")
        }
        state = "up" if ready else "starting" if alive(folder) else "down"
        rows.append({"station": station.name, "type": station.type, "system": station.system, "state": state, **host})
    return rows


def _checked(site: Site) -> dict[str, list[dict[str, Any]]]:
    """The site's faults by station, each checked against what its program can do."""
    by_station: dict[str, list[dict[str, Any]]] = {name: [] for name in site.stations}
    for fault in site.faults:
        by_station[fault["station"]].append(faults.check(fault))
    return by_station


def _known(lab: Lab) -> list[str]:
    return sorted(read_json(lab.site, {}).get("stations", {}))


def _clear(lab: Lab) -> None:
    """Forget the last lab of this folder; the compiled tools stay."""
    for name in ("stations", "inventory", "site", "keys"):
        shutil.rmtree(lab.path / name, ignore_errors=True)
    lab.site.unlink(missing_ok=True)


def _start(lab: Lab, names: list[str]) -> dict[str, dict[str, Any]]:
    """Start every station's process and wait for all; the result are their inventory variables."""
    site = site_of(lab)
    zones = {name: str(site.station(name).options.get("zone", DEFAULT_ZONE)) for name in names}
    processes = {name: _spawn(lab, name, zones[name]) for name in names}
    return {name: _wait(lab.station(name), process) for name, process in processes.items()}


def _spawn(lab: Lab, name: str, zone: str) -> subprocess.Popen[bytes]:
    folder = lab.station(name)
    here = str(Path(__file__).resolve().parents[1])
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH", "")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1", "TZ": zone}
    with folder.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "impax_lab.station", str(lab.path.resolve()), name],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=environment,
        )  # fmt: skip
    write_json(_pid_file(folder), {"pid": process.pid, "started": _started(process.pid)})
    return process


def _wait(folder: StationFolder, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    until = time.monotonic() + UP_SECONDS
    while time.monotonic() < until:
        ready = read_json(folder.ready, None)
        if ready and order(folder, do="ping"):
            return ready["variables"]
        if process.poll() is not None:
            break
        time.sleep(0.02)
    tail = "\n".join(folder.log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])
    raise LabError(f"station {folder.name} did not come up ({folder.log}):\n{tail}")


def _pid_file(folder: StationFolder) -> Path:
    return folder.run / "process.json"


def _started(pid: int) -> str | None:
    """When a process began (clock ticks since boot), which tells it from a later one of its number."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if stat[0] == "Z" else stat[19]


def _alive(pid: int) -> bool:
    return _started(pid) is not None


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
