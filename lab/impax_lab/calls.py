# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of every program call of a station: one JSON line each, as an onlooker at its process list would see it.

``{"at", "seconds", "program", "words", "user", "folder", "exit_code", "fault"?, "known"?, "note"?}``: `at` is UTC,
`exit_code` null when the program died of a signal or its caller went away, `known` false for what the lab has not got.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def record(path: Path, entry: dict[str, Any]) -> None:
    """Append one call. A line is written by one system call, so lines of parallel calls never mix."""
    line = json.dumps(entry, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)


def recorded(path: Path) -> Iterator[dict[str, Any]]:
    """Every call so far, oldest first; a torn last line is left out."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                yield json.loads(line)
