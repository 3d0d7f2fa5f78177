# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a lab lies on disk. Everything that outlives a process is here; nothing is kept anywhere else.

::

    DIR/site.json                  the site as it was brought up, scenarios merged in
    DIR/inventory/  DIR/site/      what `up` writes for Ansible
    DIR/keys/                      the key that logs in
    DIR/tools/                     programs compiled at set-up
    DIR/stations/NAME/root/        the station's own files (Windows: one folder a drive, ``root/c``)
    DIR/stations/NAME/engine/      the database engine's files
    DIR/stations/NAME/run/         sockets, pids, logs of the running station
    DIR/stations/NAME/state.json   what the programs remember (services, disks, counters of calls)
    DIR/stations/NAME/faults.json  faults that wait for their call
    DIR/stations/NAME/calls.jsonl  every program call
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class LabError(Exception):
    """Something the person at the keyboard can put right; the text says what."""


@dataclass(frozen=True)
class StationFolder:
    """One station's folder on the host."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def root(self) -> Path:
        return self.path / "root"

    @property
    def engine(self) -> Path:
        return self.path / "engine"

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def calls(self) -> Path:
        return self.path / "calls.jsonl"

    @property
    def faults(self) -> Path:
        return self.path / "faults.json"

    @property
    def state(self) -> Path:
        return self.path / "state.json"

    @property
    def ready(self) -> Path:
        """Written when the station answers: the inventory variables of its host, as JSON."""
        return self.run / "ready.json"

    @property
    def control(self) -> Path:
        """The unix socket on which the station's process takes orders."""
        return self.run / "control"

    @property
    def log(self) -> Path:
        return self.run / "station.log"

    def make(self) -> None:
        for folder in (self.root, self.engine, self.run):
            folder.mkdir(parents=True, exist_ok=True)

    def remembered(self) -> dict[str, Any]:
        """What the station remembers now."""
        return read_json(self.state, {})

    @contextmanager
    def remembering(self) -> Iterator[dict[str, Any]]:
        """The station's memory to change; it is written when the block ends without an error."""
        with changing(self.state, {}) as memory:
            yield memory


@dataclass(frozen=True)
class Lab:
    """The folder of one lab."""

    path: Path

    @property
    def site(self) -> Path:
        return self.path / "site.json"

    @property
    def tools(self) -> Path:
        return self.path / "tools"

    @property
    def keys(self) -> Path:
        return self.path / "keys"

    @property
    def inventory(self) -> Path:
        return self.path / "inventory"

    @property
    def site_folder(self) -> Path:
        return self.path / "site"

    def station(self, name: str) -> StationFolder:
        return StationFolder(self.path / "stations" / name)


def read_json(path: Path, default: Any) -> Any:
    """The JSON value of a file; `default` when there is no such file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default


def write_json(path: Path, value: Any) -> None:
    """Replace a file by `value` in one step, so that a reader sees the old or the new and never half."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.write_text(json.dumps(value, indent=1, ensure_ascii=False), encoding="utf-8")
    fresh.replace(path)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock beside `path`; the system drops it with the process."""
    with path.with_name(path.name + ".lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def changing(path: Path, default: Any) -> Iterator[Any]:
    """The JSON value of a file to change in place, under its lock."""
    with locked(path):
        value = read_json(path, default)
        yield value
        write_json(path, value)
