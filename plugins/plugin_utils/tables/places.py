# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an export lies, by the station's system: how its path is written, the room there, the file as it is, its end.

What a system's own programs answer is read by their files in programs/; Windows is asked by the executor, which compares
files by size and SHA-1 anyway.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Protocol

from ..action import Stop
from ..command import Command, Outcome
from ..executor import Station, TransferFailed
from ..programs import df, digest, erase, fsutil, ls, rm

BACKSLASH = "\\"


class Place(Protocol):
    def join(self, folder: str, name: str) -> str:
        """The full path of a file in a folder."""
        ...

    def free(self, folder: str) -> Command:
        """What asks for the room on the disk that holds `folder`."""
        ...

    def free_kb(self, outcome: Outcome) -> int | None:
        """kB of 1024 that are free, by the answer to `free`; None: not told."""
        ...

    def file_now(self, path: str) -> tuple[int | None, str | None]:
        """Size in bytes and SHA-1 of a file as they are now; None: not to be had."""
        ...

    def taken(self, path: str) -> bool:
        """Whether there is something of that name. Raises Stop where the station did not say."""
        ...

    def removed(self, path: str) -> bool:
        """Removes a file; whether it is certainly gone."""
        ...


class UnixPlace:
    """Solaris: ``df``, ``ls``, ``digest`` and ``rm``, as the account that the export runs as."""

    def __init__(self, action: Any, station: Station, os_user: str | None) -> None:
        self.action, self.station, self.os_user = action, station, os_user

    def _as(self, command: Command) -> Command:
        return replace(command, user=self.os_user)

    def join(self, folder: str, name: str) -> str:
        return f"{folder.rstrip('/')}/{name}"

    def free(self, folder: str) -> Command:
        return df.free(folder)

    def free_kb(self, outcome: Outcome) -> int | None:
        return df.available_kb(outcome.out) if outcome.as_expected else None

    def file_now(self, path: str) -> tuple[int | None, str | None]:
        listed, digested = self.station.ask([self._as(ls.entry(path)), self._as(digest.sha1(path))])
        entry = ls.read(listed.out) if listed.as_expected else None
        return entry.size if entry else None, digest.read(digested.out) if digested.as_expected else None

    def taken(self, path: str) -> bool:
        (listed,) = self.station.ask([self._as(ls.entry(path))])
        there = ls.there(listed)
        if there is None:
            raise Stop(self.action.unanswered(listed, "the file's listing, or that there is no such file"))
        return there

    def removed(self, path: str) -> bool:
        return self.station.run(self._as(rm.file(path))).as_expected


class WindowsPlace:
    """Windows: ``fsutil`` and ``del``, as the WinRM log-on; the file itself is measured by the executor."""

    def __init__(self, action: Any, station: Station) -> None:
        self.action, self.station = action, station

    def join(self, folder: str, name: str) -> str:
        return f"{folder.rstrip(BACKSLASH)}{BACKSLASH}{name}"

    def free(self, folder: str) -> Command:
        return fsutil.free(folder)

    def free_kb(self, outcome: Outcome) -> int | None:
        return fsutil.available_kb(outcome.out) if outcome.as_expected else None

    def file_now(self, path: str) -> tuple[int | None, str | None]:
        try:
            return self.station.measure(path)
        except TransferFailed:
            return None, None

    def taken(self, path: str) -> bool:
        try:
            return self.station.measure(path)[0] is not None
        except TransferFailed as failure:
            name = self.action.name
            raise Stop(
                self.action.unknown(
                    "file",
                    f"{name} was asked whether {path} is there: expected its size or none, seen {failure.why}."
                    " Nothing was exported.",
                    f"See why files on {name} cannot be looked at; then run this section again.",
                    file=path,
                )
            ) from None

    def removed(self, path: str) -> bool:
        """``del`` ends with 0 whether the file is gone or not: it is looked for afterwards."""
        if not self.station.run(erase.file(path)).as_expected:
            return False
        try:
            return self.station.measure(path)[0] is None
        except TransferFailed:
            return False


def place_of(action: Any, want: SimpleNamespace, station: Station) -> Place:
    """The place that ``want.system`` names."""
    if want.system == "windows":
        return WindowsPlace(action, station)
    return UnixPlace(action, station, want.os_user)
