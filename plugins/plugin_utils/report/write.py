# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the report's files where it is told, each whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import html, junit, table

Render = Callable[[Mapping[str, Any]], str]


def as_json(report: Mapping[str, Any]) -> str:
    return json.dumps(report, indent=2, ensure_ascii=True) + "\n"


FORMATS: dict[str, tuple[str, Render]] = {
    "json": ("report.json", as_json),
    "html": ("report.html", html.render),
    "csv": ("report.csv", table.render),
    "junit": ("junit.xml", junit.render),
}


def write(report: Mapping[str, Any], folder: Path, formats: tuple[str, ...] = tuple(FORMATS)) -> list[Path]:
    """The files that were written. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in formats:
        file, render = FORMATS[name]
        written.append(_whole(folder / file, render(report)))
    return written


def _whole(path: Path, text: str) -> Path:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8", newline="")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path
