# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are kept on the controller beside the journal: what a person may hand on, and what a program wrote."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any


def site_secret(state: Path) -> bytes:
    """32 bytes that only this site has, made once in ``state/support/secret``, readable for its owner alone. Raises OSError."""
    path = state / "support" / "secret"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(number, "wb") as file:
        made = secrets.token_bytes(32)
        file.write(made)
        file.flush()
        os.fsync(file.fileno())
    return made


def keep(state: Path, kind: str, station: str, name: str, content: Mapping[str, Any]) -> str:
    """Writes `content` as JSON to ``state/KIND/STATION/NAME-MOMENT.json``, readable for its owner alone; the path.

    Raises OSError. A file that is there already is never overwritten.
    """
    folder = state / kind / station
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}-{datetime.now(timezone.utc):%Y%m%dT%H%M%S%fZ}.json"
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2, sort_keys=True, ensure_ascii=False)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    return str(path)
