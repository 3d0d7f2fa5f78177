# SPDX-License-Identifier: GPL-3.0-or-later
"""Wine as a station's machine: where it lies, the environment it gets, and one prefix from boot to stop.

Measured on Wine 8.0: the first process of a prefix starts daemons that keep its streams open, so a prefix is booted
with its streams on a log file; the current folder of the starting process must lie on a drive of the prefix; the
environment of the caller leaks into the station unless a clean one is given. wine64 is linked at 0x7d000000, and Linux
places its heap at random up to 1 GB behind it: once in some 2,000 starts over the page at 0x7ffe0000 that every Windows
process needs, and the program "is not recognized". So no address is left to chance.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import weakref
from dataclasses import dataclass
from pathlib import Path

from impax_lab.state import LabError

PACKAGE = "wine64"
STOP_SECONDS = 20
DISABLED = "mscoree,mshtml,winedbg.exe,winemenubuilder.exe="  # no .NET, no browser, no crash report on stdout
OWN_VARIABLES = ("WINEPREFIX", "WINEDEBUG", "WINEDLLOVERRIDES", "LC_ALL", "HOME")  # no business of a station

_started: weakref.WeakSet[subprocess.Popen[bytes]] = weakref.WeakSet()


def waited_for() -> set[int]:
    """The processes that some code of this process still waits for."""
    return {process.pid for process in list(_started) if process.returncode is None}


def tool(name: str) -> str:
    """The path of ``wine64`` or ``wineserver64``. Raises LabError with the package to install."""
    for place in (shutil.which(name), f"/usr/lib/wine/{name}"):
        if place and os.access(place, os.X_OK):
            return place
    raise LabError(f"{name} is missing: install the package {PACKAGE}")


def environment(prefix: Path, home: Path) -> dict[str, str]:
    """All that a Wine process is told; LC_ALL so that file names and words outside ASCII arrive whole."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "WINEPREFIX": str(prefix),
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": DISABLED,
    }


@functools.cache
def fixed_addresses() -> tuple[str, ...]:
    """The words before a command that start it without random addresses; none where the system forbids that."""
    words = ("setarch", "-R")
    try:
        allowed = subprocess.run([*words, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    except FileNotFoundError:
        allowed = False
    return words if allowed else ()


@dataclass(frozen=True)
class Prefix:
    """One Wine prefix. folder: registry and drives. c: the host's folder of drive C. home: a HOME. log: a file."""

    folder: Path
    c: Path
    home: Path
    log: Path

    def start(self, program: str, *words: str, **variables: str) -> subprocess.Popen[bytes]:
        """Start a Windows program. Its words are re-quoted by Wine: only for words without blanks or quotes."""
        return self._popen([tool("wine64"), program, *words], variables)

    def serve(self) -> subprocess.Popen[bytes]:
        """The prefix's server as a child of ours, in the foreground and staying while nothing runs. It ends with the
        thread that starts it, and all of the prefix with it, however that comes to die."""
        bound = ("setpriv", "--pdeathsig", "INT") if shutil.which("setpriv") else ()
        return self._popen([*bound, tool("wineserver64"), "-f", "-p"], {})

    def stop(self) -> None:
        """End every process of the prefix and wait until its server has written the registry."""
        self._popen([tool("wineserver64"), "-k"], {}).wait(STOP_SECONDS)
        self.settle(STOP_SECONDS)

    def settle(self, seconds: float) -> None:
        """Wait until the prefix's server has gone by itself and the registry is on disk."""
        self._popen([tool("wineserver64"), "-w"], {}).wait(seconds)

    def _popen(self, words: list[str], variables: dict[str, str]) -> subprocess.Popen[bytes]:
        self.home.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [*fixed_addresses(), *words],
                env={**environment(self.folder, self.home), **variables},
                cwd=self.c if self.c.is_dir() else self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _started.add(process)
        return process
