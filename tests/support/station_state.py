# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a simulated station holds, file by file and table by table, to be compared before and after."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

RECORDS = (
    "calls.jsonl",
    "faults.json",
    "run/",
    "machine/",
)  # the lab's own: notes of calls, sockets, logs, Wine's registry
WHOLE = 8 << 20  # bytes up to which a file is read; a data file is larger and holds nothing

State = dict[str, tuple[int, str]]  # name -> (bytes or rows, SHA-1)


def station_state(folder: Path) -> State:
    """Files of its disks, its memory (services, instance, disks) and every table of its databases."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    named = ((str(path.relative_to(folder)), path) for path in files)
    seen = {name: _file(path) for name, path in named if not name.startswith(RECORDS) and ".sqlite" not in name}
    for path in sorted(folder.glob("engine/**/*.sqlite")):
        seen |= _tables(path)
    return seen


def differing(before: State, after: State) -> list[str]:
    return [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]


def _file(path: Path) -> tuple[int, str]:
    size = path.stat().st_size
    return size, hashlib.sha1(path.read_bytes() if size <= WHOLE else b"").hexdigest()


def _tables(path: Path) -> State:
    """What is committed, without a touch of the file."""
    database = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        names = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        rows = {name: sorted(map(repr, database.execute(f'select * from "{name}"'))) for name in names}
    finally:
        database.close()
    return {
        f"{path.parent.name}: {name}": (len(held), hashlib.sha1("\n".join(held).encode()).hexdigest())
        for name, held in rows.items()
    }
