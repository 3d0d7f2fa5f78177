# SPDX-License-Identifier: GPL-3.0-or-later
"""The Windows machine every station is cloned from, and the two programs compiled at set-up.

Both are made once and kept in the cache: ``IMPAX_LAB_CACHE``, else ``build/lab-cache`` of the checkout, else the
user's cache. A clone shares the files that nothing writes to by hard links (50 ms, 2 MB); all others are copies, since
a write in place through a hard link would change every station.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from impax_lab.state import LabError
from impax_lab.windows.wine import Prefix, tool

HERE = Path(__file__).parent
COMPILER = "x86_64-w64-mingw32-gcc-win32"
COMPILER_PACKAGE = "gcc-mingw-w64-x86-64-win32"
REVISION = 1  # of what is done to a fresh prefix
BUILD_SECONDS = 300
SHARED = {".dll", ".exe", ".sys", ".drv", ".cpl", ".ocx", ".ax", ".acm", ".nls", ".ttf", ".fon", ".tlb", ".inf"}
NO_CRASH_DIALOG = (
    '\n[Software\\\\Microsoft\\\\Windows NT\\\\CurrentVersion\\\\AeDebug] 1700000000\n"Debugger"="false"\n'
)


def cache() -> Path:
    """The folder of the cache, made if need be. Files of another user cannot be hard-linked: one folder a user."""
    chosen = os.environ.get("IMPAX_LAB_CACHE")
    checkout = HERE.parents[2]
    places = (
        [Path(chosen)] if chosen else [checkout / "build" / "lab-cache"] if (checkout / "galaxy.yml").exists() else []
    )
    places += [] if chosen else [Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "impax-lab"]
    places.append(Path(tempfile.gettempdir()) / "impax-lab-cache")
    for place in places:
        mine = place / f"user-{os.getuid()}"
        try:
            mine.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(mine, os.W_OK):
            return mine
    raise LabError(f"none of {', '.join(map(str, places))} can be written: set IMPAX_LAB_CACHE")


def programs() -> Path:
    """The folder with ``relay.exe`` and ``winrshost.exe``, compiled if it is not there."""
    sources = [HERE / name for name in ("wire.h", "relay.c", "winrshost.c")]
    key = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]
    return _once(f"programs-{key}", _compile)


def template() -> Path:
    """The folder of the machine to clone: ``prefix/`` and in it ``drive_c/``."""
    version = subprocess.run([tool("wine64"), "--version"], capture_output=True, text=True, check=True).stdout
    key = hashlib.sha256(f"{version}{REVISION}".encode()).hexdigest()[:12]
    return _once(f"machine-{key}", _build)


def clone(machine: Path, prefix: Path, c: Path) -> None:
    """A machine of its own from the template: registry in `prefix`, drive C in the folder `c`."""
    source = machine / "prefix"
    _copy_tree(source / "drive_c", c)
    prefix.mkdir(parents=True)
    for file in source.iterdir():
        if file.is_file():
            shutil.copy2(file, prefix / file.name)
    drives = prefix / "dosdevices"
    drives.mkdir()
    (drives / "c:").symlink_to(os.path.relpath(c, drives))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _once(name: str, make) -> Path:
    """The folder `name` of the cache; `make(folder)` fills it, one process at a time, and it appears whole."""
    done = cache() / name
    with _locked(cache() / f"{name}.lock"):
        if not done.exists():
            fresh = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=cache()))
            try:
                make(fresh)
                fresh.rename(done)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    return done


def _compile(folder: Path) -> None:
    compiler = shutil.which(COMPILER)
    if compiler is None:
        raise LabError(f"{COMPILER} is missing: install the package {COMPILER_PACKAGE}")
    for name in ("relay", "winrshost"):
        words = [compiler, "-O2", "-s", "-Wall", "-Wextra", "-Werror", "-municode"]
        words += ["-o", str(folder / f"{name}.exe"), str(HERE / f"{name}.c"), "-lws2_32"]
        made = subprocess.run(words, capture_output=True, text=True)
        if made.returncode:
            raise LabError(f"{name}.c does not compile: {made.stderr}")


def _build(folder: Path) -> None:
    prefix = Prefix(folder / "prefix", folder / "prefix" / "drive_c", folder / "home", folder / "build.log")
    if prefix.start("wineboot", "-i").wait(BUILD_SECONDS):
        raise LabError(f"wineboot failed: {prefix.log.read_text(errors='replace')}")
    prefix.settle(BUILD_SECONDS)
    _isolate(prefix.folder)
    with (prefix.folder / "system.reg").open("a", encoding="utf-8") as registry:
        registry.write(NO_CRASH_DIALOG)
    shutil.rmtree(prefix.home, ignore_errors=True)


def _isolate(prefix: Path) -> None:
    """Take out drive Z (the host's /) and the links of the user's folders into HOME."""
    for drive in (prefix / "dosdevices").iterdir():
        if drive.name != "c:":
            drive.unlink()
    for path in (prefix / "drive_c").rglob("*"):
        if path.is_symlink():
            path.unlink()
            path.mkdir()


def _copy_tree(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for entry in os.scandir(source):
        place = target / entry.name
        if entry.is_dir(follow_symlinks=False):
            _copy_tree(Path(entry.path), place)
        else:
            share(Path(entry.path), place)


def share(source: Path, target: Path) -> None:
    """What nothing writes in place is shared, by a symbolic link where a hard one cannot be; all else is copied."""
    if source.suffix.lower() not in SHARED:
        shutil.copy2(source, target)
        return
    try:
        os.link(source, target)
    except OSError:  # another file system, or a file of another user
        target.symlink_to(source)
