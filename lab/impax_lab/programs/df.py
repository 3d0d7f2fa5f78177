# SPDX-License-Identifier: GPL-3.0-or-later
"""df of Solaris 10: ``-k`` and ``-h`` in columns, without an option in blocks and files.

Its numbers are those of the station's disks (`impax_lab.disks`). A device longer than its column pushes the rest right.
"""

from __future__ import annotations

from impax_lab.disks import Disk
from impax_lab.unix.relay import UnixCall

NAMES = ("df",)
SYSTEMS = ("unix",)
SOURCES = "df(1M) of Solaris 10; columns as in the docbooks of illumos (SYSADV2, spmonitor); devices are invented"
SPECIAL = {
    "long_device": "a volume manager's device name is longer than its column and pushes the numbers right",
    "broken_line": "an older df breaks the line behind a long device name",
    "no_such_resource": "the path is not mounted: df says so and ends with 1",
}
USAGE = "Usage: df [-F FSType] [-abegklntVvZ] [-o FSType-specific_options] [directory | block_device | resource]\n"
PSEUDO = (("/devices", "/devices"), ("ctfs", "/system/contract"), ("proc", "/proc"), ("mnttab", "/etc/mnttab"),
          ("objfs", "/system/object"), ("fd", "/dev/fd"))  # fmt: skip
UNITS = "KMGT"


def main(call: UnixCall) -> int:
    options = "".join(word[1:] for word in call.words[1:] if word.startswith("-"))
    for option in options:
        if option not in "kh":
            call.err(f"df: illegal option -- {option}\n{USAGE}")
            return 1
    paths = [word for word in call.words[1:] if not word.startswith("-")]
    code, rows = 0, []
    for path in paths:
        row = None if call.behaviour == "no_such_resource" else _holding(call, path)
        if row is None:
            call.err(f"df: ({path:<10}) not a block device, directory or mounted resource\n")
            code = 1
        else:
            rows.append(row)
    if not paths:
        rows = [*_disks(call), *[(name, 0, 0, 0, mount) for name, mount in PSEUDO]]
    if rows:
        call.out(_blocks(rows) if not options else _columns(call, rows, "h" in options))
    return code


Row = tuple[str, int, int, int, str]  # device, size, used, free in KiB, mount point


def _disks(call: UnixCall) -> list[Row]:
    return [_row(call, number, disk) for number, disk in enumerate(call.station.disks.all())]


def _row(call: UnixCall, number: int, disk: Disk) -> Row:
    device = f"/dev/dsk/c0t{number // 8}d0s{number % 8}"
    if call.behaviour in ("long_device", "broken_line"):
        device = f"/dev/vx/dsk/bootdg/volume{number:02}"
    used = disk.size if call.full else disk.used
    return (device, disk.size >> 10, used >> 10, 0 if call.full else disk.free >> 10, disk.mount)


def _holding(call: UnixCall, path: str) -> Row | None:
    place = call.path(path)
    if not place.exists():
        return None
    disk = call.station.disks.of(place)
    return next((row for row in _disks(call) if disk and row[4] == disk.mount), None)


def _columns(call: UnixCall, rows: list[Row], human: bool) -> str:
    lines = [
        f"Filesystem            {'size   used  avail' if human else 'kbytes    used   avail'} capacity  Mounted on"
    ]
    width = 6 if human else 7
    for device, size, used, free, mount in rows:
        numbers = [_human(number) if human else str(number) for number in (size, used, free)]
        capacity = -(-used * 100 // (used + free)) if used + free else 0
        rest = " ".join(f"{number:>{width}}" for number in numbers) + f" {capacity:>5}%    {mount}"
        broken = call.behaviour == "broken_line" and len(device) > 20
        lines.append(f"{device}\n{'':<20} {rest}" if broken else f"{device:<20} {rest}")
    return "\n".join(lines) + "\n"


def _human(kib: int) -> str:
    if not kib:
        return "0K"
    number, unit = float(kib), 0
    while number >= 1024 and unit < len(UNITS) - 1:
        number, unit = number / 1024, unit + 1
    return f"{number:.1f}{UNITS[unit]}" if number < 10 else f"{number:.0f}{UNITS[unit]}"


def _blocks(rows: list[Row]) -> str:
    return "".join(f"{m:<19}({d:<18}):{free * 2:>9} blocks {free // 8:>8} files\n" for d, _, _, free, m in rows)
