# SPDX-License-Identifier: GPL-3.0-or-later
"""wmic: ``logicaldisk get`` and ``os get``, as a list or a table. Into a pipe it ends its lines with CR CR LF."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from impax_lab import windows

if TYPE_CHECKING:
    from impax_lab.program import Call

NAMES = ("wmic",)
SYSTEMS = ("windows",)
SOURCES = "wmic /? of Windows Server 2003 and 2008; CR CR LF and the padding are as often reported; assumed"
SPECIAL: dict[str, str] = {}
FAILURE = "ERROR:\nDescription = Access denied.\n"
COMMAND = re.compile(r"(logicaldisk|os)(?:\s+where\s+(.+?))?\s+get\s+(\S.*?)((?:\s*/\S+)*)$", re.IGNORECASE)
CONDITION = re.compile(r"""[("\s]*(\w+)\s*=\s*['"\s]*([^'")]*?)['")\s]*$""")


def main(call: Call) -> int:
    asked = COMMAND.match(" ".join(call.words[1:]))
    if not asked:
        call.err("Invalid Verb.\n")
        return 44124
    things = _disks(call) if asked[1].lower() == "logicaldisk" else [_system(call)]
    columns = [_spelt(things, name.strip()) for name in asked[3].split(",")]
    if None in columns:
        call.err("Node - " + call.station.spec.hostname.upper() + "\nERROR:\nDescription = Invalid query\n")
        return 0x80041017 - (1 << 32)
    kept = [thing for thing in things if _fits(thing, asked[2])]
    if not kept:
        call.err("No Instance(s) Available.\n")
        return 0
    as_list = any(option.lower() in ("/value", "/format:list") for option in asked[4].split())
    text = _list(kept, columns) if as_list else _table(kept, columns)
    call.out(text.replace("\n", "\r\r\n").encode(call.station.spec.codec, "replace"))
    return 0


def _disks(call: Call) -> list[dict[str, str]]:
    return [
        {
            "Caption": disk.mount[:2].upper(),
            "DeviceID": disk.mount[:2].upper(),
            "DriveType": "3",
            "FileSystem": "NTFS",
            "FreeSpace": str(disk.free),
            "Size": str(disk.size),
            "VolumeDirty": "FALSE",
        }
        for disk in call.station.disks.all()
    ]


def _system(call: Call) -> dict[str, str]:
    booted = windows.running(call.station.folder).booted
    return {
        "Caption": "Microsoft Windows Server",
        "CSName": call.station.spec.hostname.upper(),
        "LastBootUpTime": booted.strftime("%Y%m%d%H%M%S.000000+000"),
        "LocalDateTime": datetime.now().strftime("%Y%m%d%H%M%S.%f+000"),
        "Version": call.station.spec.release,
    }


def _spelt(things: list[dict[str, str]], name: str) -> str | None:
    return next((known for known in things[0] if known.lower() == name.lower()), None)


def _fits(thing: dict[str, str], condition: str | None) -> bool:
    if not condition:
        return True
    parts = CONDITION.match(condition)
    known = _spelt([thing], parts[1]) if parts else None
    return bool(parts and known and thing[known].lower() == parts[2].lower())


def _list(things: list[dict[str, str]], columns: list[str | None]) -> str:
    ordered = sorted(filter(None, columns))
    return (
        "\n\n" + "\n\n\n".join("\n".join(f"{name}={thing[name]}" for name in ordered) for thing in things) + "\n\n\n\n"
    )


def _table(things: list[dict[str, str]], columns: list[str | None]) -> str:
    ordered = sorted(filter(None, columns))
    widths = [max(len(name), *(len(thing[name]) for thing in things)) + 2 for name in ordered]
    rows = [ordered, *([thing[name] for name in ordered] for thing in things)]
    lines = ["".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(lines) + "\n\n"
