# SPDX-License-Identifier: GPL-3.0-or-later
"""backupconfiguration on the Business Services medium: copies the configuration of an Application Server to a new folder.

The vendor's text names the program, the folder ``appserver`` of the medium from which it is called, and
C:\\Impax\\ConfigurationsBackups\\DateTimeStamp. All else is `assumed`: that it is a batch file, its output, the form of the
stamp, which files it copies, that they lie below one another, and that it ends with 1 after an error of its own. Options of a
station: ``appserver_medium`` (``'E:\\'``: the medium lies there; without it the station has none), ``configuration_files``
(``{path below the folder: bytes}``), ``configuration_s`` (seconds that a file takes).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from impax_lab.program import Call, Killed

NAMES = ("backupconfiguration",)
SYSTEMS = ("windows",)
SOURCES = "the vendor's upgrade guide for name, medium and target; everything else assumed"
SPECIAL = {
    "empty_file": "a file of the configuration was locked: its copy is empty, and it ends with 0",
    "no_files": "the folder is made and nothing is copied into it, and it ends with 0",
    "half_way": "it stops half way without a word, and ends with 0",
    "no_room": "the disk becomes full half way: an error is printed, and it ends with 0",
    "press_any_key": "it asks for a key at its end (pause)",
    "wants_a_key": "it asks for a key and takes it from the keyboard alone: it waits for ever",
    "clock_back": "the station's clock is years behind, and so is the folder's name",
    "second_folder": "another folder is made meanwhile by somebody else",
}
BATCH = True
FAILURE = "The system cannot find the path specified.\n        0 file(s) copied.\n"
TRANSLATED = {
    "Backing up the configuration": "Die Konfiguration wird gesichert",
    "file(s) copied.": "Datei(en) kopiert.",
    "The configuration was backed up to": "Die Konfiguration wurde gesichert nach",
}
MEDIUM_FOLDER = "appserver"
TARGET = "C:\\Impax\\ConfigurationsBackups"
FILES = {
    "web.config": 4211,
    "machine.config": 23_907,
    "appserver.properties": 1804,
    "adam\\schema.ldf": 15_322,
    "adam\\roles.ldf": 6120,
    "services\\relay.config": 977,
}
FOREVER = 3600.0  # seconds


def places(spec: Any, name: str) -> list[str]:
    medium = str(spec.options.get("appserver_medium", ""))
    return [f"{medium.rstrip(chr(92))}\\{MEDIUM_FOLDER}"] if medium else []


def main(call: Call) -> int:
    if not call.cwd.rstrip("\\").lower().endswith(f"\\{MEDIUM_FOLDER}"):
        call.err(FAILURE)  # it finds its own files by where it is called
        return 1
    call.out("Backing up the configuration\n")
    if call.behaviour == "wants_a_key":
        call.out("Press any key to continue . . . ")
        if signal := call.signalled(FOREVER):
            raise Killed(signal)
        return 1
    folder = f"{TARGET}\\{_stamp(call)}"
    copied = _copy(call, folder)
    call.out(f"{copied:>9} file(s) copied.\nThe configuration was backed up to {folder}\n")
    if call.behaviour == "press_any_key":
        call.out("Press any key to continue . . . ")
        call.receive(1)
    return 0


def _stamp(call: Call) -> str:
    at = time.localtime(1_041_379_200 if call.behaviour == "clock_back" else None)
    return time.strftime("%Y%m%d%H%M%S", at)


def _copy(call: Call, folder: str) -> int:
    """How many files it says that it copied."""
    files = dict(call.station.spec.options.get("configuration_files") or FILES)
    if call.behaviour == "second_folder":
        call.path(f"{TARGET}\\by hand").mkdir(parents=True)
    if not call.pretend:
        call.path(folder).mkdir(parents=True)
    if call.behaviour == "no_files":
        return 0
    copied = 0
    for number, (name, data) in enumerate(_contents(call, files)):
        call.signalled(float(call.station.spec.options.get("configuration_s", 0)))
        if number >= len(files) // 2 and call.behaviour in ("half_way", "no_room"):
            if call.behaviour == "no_room":
                call.err("There is not enough space on the disk.\n")
            return copied
        if not call.pretend:
            call.path(f"{folder}\\{name}").parent.mkdir(parents=True, exist_ok=True)
        empty = call.behaviour == "empty_file" and number == len(files) - 1
        call.write_file(f"{folder}\\{name}", b"" if empty else data)
        copied += 1
    return copied


def _contents(call: Call, files: dict[str, int]) -> Iterator[tuple[str, bytes]]:
    """The same bytes at each call, others on each station."""
    for name, size in files.items():
        line = f"<!-- {call.station.name} {name} -->\r\n".encode()
        yield name, (line * (int(size) // len(line) + 1))[: int(size)]
