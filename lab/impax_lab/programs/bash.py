# SPDX-License-Identifier: GPL-3.0-or-later
"""bash as IMPAX brings it to Windows: it is there for ``bash runbackup`` in C:\\mvf\\bin and runs nothing else here."""

from __future__ import annotations

from impax_lab.program import Call
from impax_lab.rman import run_backup
from impax_lab.site import Station

NAMES = ("bash",)
SYSTEMS = ("windows",)
SOURCES = "the vendor's upgrade guide for `bash runbackup` in C:\\mvf\\bin; where bash lies, and its texts, are assumed"
SPECIAL = run_backup.SPECIAL
FAILURE = run_backup.FAILURE
FOLDER = "c:/mvf/bin"


def places(station: Station, name: str) -> list[str]:
    """Beside its script; none where there is no Oracle."""
    return ["C:\\mvf\\bin"] if station.oracle else []


def main(call: Call) -> int:
    if len(call.words) != 2:
        call.note(f"bash runs runbackup only, not {call.words[1:]}")
        call.err("bash: impax-lab runs nothing but runbackup\n")
        return 126
    asked = call.words[1].replace("\\", "/").lower().removeprefix("./")
    here = call.cwd.replace("\\", "/").rstrip("/").lower()
    whole = asked if ":" in asked or asked.startswith("/") else f"{here}/{asked}"
    if whole != f"{FOLDER}/runbackup":
        call.note(f"bash: {call.words[1]} in {call.cwd}")
        call.err(f"bash: {call.words[1]}: No such file or directory\n")
        return 127
    return run_backup.main(call)
