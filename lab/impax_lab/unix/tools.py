# SPDX-License-Identifier: GPL-3.0-or-later
"""The two C programs of a Unix station, compiled at set-up, and the host's own programs that a station borrows."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from impax_lab.state import LabError, locked

SOURCES = Path(__file__).parent / "src"
BORROWED = {"busybox": "busybox-static", "dash": "dash", "bwrap": "bubblewrap", "ssh-keygen": "openssh-client"}
COMPILER = "musl-gcc"


def compiled(tools: Path, name: str) -> Path:
    """The static program of ``src/NAME.c`` in the folder `tools`; compiled anew when its source differs."""
    source = SOURCES / f"{name}.c"
    mark = hashlib.sha256(source.read_bytes()).hexdigest()[:12]
    tools.mkdir(parents=True, exist_ok=True)
    made = tools / f"{name}-{mark}"
    with locked(made):
        if not made.exists():
            _compile(source, made)
    return made


def _compile(source: Path, made: Path) -> None:
    fresh = made.with_suffix(".new")
    words = [which(COMPILER, "musl-tools"), "-static", "-Os", "-s", "-Wall", "-o", str(fresh), str(source)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"{' '.join(words)} failed:\n{done.stderr}")
    fresh.replace(made)


def which(program: str, package: str | None = None) -> str:
    """The host's program. Raises LabError naming the package that has it."""
    found = shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin") or shutil.which(program)
    if not found:
        raise LabError(f"{program} is not installed: apt-get install {package or BORROWED.get(program, program)}")
    return found


def libraries(program: str) -> list[Path]:
    """The shared libraries of a host's program, as its loader names them; none for a static one."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    words = [word for line in listed.splitlines() for word in line.split() if word.startswith("/")]
    return [Path(word) for word in words]
