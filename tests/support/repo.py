# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of this repository."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked(*patterns: str) -> list[str]:
    """Paths that git keeps or would keep (not ignored), from the root; all of them without patterns."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns]
    printed = subprocess.run(words, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return sorted({path for path in printed.split("\0") if path and (ROOT / path).is_file()})


def found(root: Path, *patterns: str) -> Iterator[str]:
    """Files under `root` that match any of the glob patterns, as paths from `root`."""
    yield from sorted(
        {path.relative_to(root).as_posix() for glob in patterns for path in root.glob(glob) if path.is_file()}
    )
