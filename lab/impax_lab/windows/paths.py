# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a Windows path lies on the host: drive letters are folders of the station's root, names have no case."""

from __future__ import annotations

import ntpath
from pathlib import Path


def host_path(root: Path, cwd: str, name: str) -> Path:
    """The host's path of `name`, absolute or relative to `cwd`. Raises FileNotFoundError for what is on no drive.

    A leading ``\\\\?\\`` is taken off; ``..`` ends at the drive's root. A part that is there in another case is found.
    """
    whole = ntpath.join(cwd or "C:\\", name.replace("/", "\\").removeprefix("\\\\?\\"))
    drive, rest = ntpath.splitdrive(whole)
    if name.upper().startswith("\\\\?\\UNC\\") or len(drive) != 2 or not drive[0].isalpha():
        raise FileNotFoundError(2, "No such file or directory", name)
    parts = [part for part in ntpath.normpath("\\" + rest.lstrip("\\")).split("\\") if part not in ("", ".", "..")]
    place = root / drive[0].lower()
    for part in parts:
        place = place / _spelt(place, part)
    return place


def _spelt(folder: Path, part: str) -> str:
    """How `part` is spelt in `folder`; as asked when there is nothing of that name. Dots and blanks at the end go."""
    part = part.rstrip(". ") or part
    if (folder / part).exists():
        return part
    try:
        return next((file.name for file in folder.iterdir() if file.name.lower() == part.lower()), part)
    except OSError:
        return part
