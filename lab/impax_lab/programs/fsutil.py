# SPDX-License-Identifier: GPL-3.0-or-later
"""fsutil: the free room of a volume, which volumes there are, a file of a given size."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from impax_lab.program import Call

NAMES = ("fsutil",)
SYSTEMS = ("windows",)
SOURCES = "fsutil's reference for Windows Server 2003 and 2008; the padding of the names is assumed"
SPECIAL: dict[str, str] = {}
FAILURE = "Error:  Access is denied.\n"
NO_DRIVE = "Error:  The system cannot find the path specified.\n"


def main(call: Call) -> int:
    words = [word.lower() for word in call.words[1:]]
    if words[:2] == ["volume", "diskfree"] and len(words) == 3:
        return _free(call, call.words[3])
    if words == ["fsinfo", "drives"]:
        call.out("\nDrives: " + "".join(f"{disk.mount[0].upper()}:\\ " for disk in call.station.disks.all()) + "\n")
        return 0
    if words[:2] == ["file", "createnew"] and len(words) == 4 and words[3].isdigit():
        return _create(call, call.words[3], int(words[3]))
    call.out(f"{' '.join(call.words[1:3]) or call.name} is an invalid parameter.\n")
    return 1


def _free(call: Call, volume: str) -> int:
    letter = volume[:1].upper()
    disk = next((disk for disk in call.station.disks.all() if disk.mount[:1].upper() == letter), None)
    if disk is None or volume[1:2] != ":":
        call.out(NO_DRIVE)
        return 1
    call.out(
        f"Total # of free bytes        : {disk.free}\n"
        f"Total # of bytes             : {disk.size}\n"
        f"Total # of avail free bytes  : {disk.free}\n"
    )
    return 0


def _create(call: Call, name: str, size: int) -> int:
    if call.path(name).exists():
        call.out("Error:  The file exists.\n")
        return 1
    try:
        call.write_file(name, bytes(size))
    except OSError:
        call.out("Error:  There is not enough space on the disk.\n")
        return 1
    call.out(f"File {name} is created\n")
    return 0
