# SPDX-License-Identifier: GPL-3.0-or-later
"""dir of cmd.exe: one file's size, the names in a folder, all files below one. It ends with 1 for nothing found, missing or not.

Date, time and words are the system's own language; /-c leaves sizes bare. A file that is not there is told on stderr, exit
code 1. Line of a file: date, time, size, name; a folder's heading ends with its path; a foot has the count and the bytes of
the files above it, and at the end of a tree of all (`assumed` for languages not seen).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..command import Command, Outcome

ROW = re.compile(r"^\d\S* +\S.*? (\d+) (\S.*?)\s*$")
FOLDER_ROW = re.compile(r"^\d\S* +\S.*?<[^<>]+> +(\S.*?)\s*$")
FOOT = re.compile(r"^ {2,}(\d+) \D*?(\d+) \D+$")
PATH = re.compile(r"^ \S.*?([A-Za-z]:\\.*?)\s*$")


def entry(path: str) -> Command:
    """The one file; folders are left out."""
    return Command(("dir", "/-c", "/a-d", path), builtin=True, expected=frozenset({0, 1}))


def size(printed: str, path: str) -> int | None:
    """Bytes of the file; None: it is not there, or its line was not understood."""
    name = re.escape(path.rpartition("\\")[2])
    found = re.findall(rf"^\d\S* +\S.* (\d+) {name}\s*$", printed, re.M | re.I)
    return int(found[0]) if len(found) == 1 else None


def everything(folder: str) -> Command:
    """The bare names of all that is in a folder."""
    return Command(("dir", "/b", "/a", folder), builtin=True, expected=frozenset({0, 1}))


def folders(folder: str) -> Command:
    """The folders in a folder. With /b nothing tells an empty folder from an answer that was lost."""
    return Command(("dir", "/-c", "/ad", folder), builtin=True, expected=frozenset({0, 1}))


def folder_names(outcome: Outcome) -> tuple[str, ...] | None:
    """Of `folders`. (): none in it, or no such folder; None: not told, or cut off. Each folder lists ``.`` and ``..`` as well,
    and its foot counts them."""
    if not outcome.as_expected:
        return None
    lines = outcome.out.split("\n")
    rows = [row[1] for line in lines if (row := FOLDER_ROW.match(line))]
    if outcome.exit_code == 1:
        return () if not rows else None
    feet = [int(foot[1]) for line in lines if (foot := FOOT.match(line))]
    if not {".", ".."} <= set(rows) or not feet or feet[-1] not in (len(rows), len(rows) - 2):
        return None
    return tuple(name for name in rows if name not in (".", ".."))


def names(outcome: Outcome) -> tuple[str, ...] | None:
    """Of `everything`. (): nothing there, or no such folder; None: not told."""
    if not outcome.as_expected:
        return None
    found = tuple(line.strip() for line in outcome.out.split("\n") if line.strip())
    if outcome.exit_code == 1:
        return () if not found else None
    return found or None


def tree(folder: str) -> Command:
    """All files in a folder and below it, each with its size."""
    return Command(("dir", "/s", "/-c", "/a-d", folder), builtin=True, expected=frozenset({0, 1}), timeout=300)


def files(outcome: Outcome) -> Mapping[str, int] | None:
    """Of `tree`: bytes of each file, by its path below that folder. {}: none at all, or no such folder; None: not told, cut
    off (a foot that does not fit the files above it), or a name that lies outside."""
    if not outcome.as_expected:
        return None
    top = str(outcome.command.words[-1]).rstrip("\\").lower()
    if outcome.exit_code == 1:
        return {} if not any(ROW.match(line) for line in outcome.out.split("\n")) else None
    found: dict[str, int] = {}
    feet: list[tuple[int, int]] = []
    below: str | None = None
    for line in outcome.out.split("\n"):
        if heading := PATH.match(line):
            below = _below(heading[1], top)
        elif foot := FOOT.match(line):
            feet.append((int(foot[1]), int(foot[2])))
        elif row := ROW.match(line):
            if below is None or _unfit(row[2]):
                return None
            found[f"{below}{row[2]}"] = int(row[1])
    whole = (len(found), sum(found.values()))
    return found if found and len(feet) > 1 and whole in feet[-2:] else None


def _below(path: str, top: str) -> str | None:
    """``sub\\`` of the heading of a folder below `top`, "" of itself; None: it is another folder's."""
    path = path.rstrip("\\")
    if path.lower() == top:
        return ""
    rest = path[len(top) + 1 :]
    inside = path.lower().startswith(f"{top}\\") and not any(_unfit(part) for part in rest.split("\\"))
    return f"{rest}\\" if inside else None


def _unfit(name: str) -> bool:
    """No name of a file on Windows."""
    return name in ("", ".", "..") or any(sign in name for sign in '\\/:*?"<>|')
