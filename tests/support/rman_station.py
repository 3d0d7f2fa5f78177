# SPDX-License-Identifier: GPL-3.0-or-later
"""A station with an Oracle database and no process, and calls of its programs around backups."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from impax_lab import disks, faults
from impax_lab import site as sites
from impax_lab.engine.oracle import Instance
from impax_lab.program import HeldCall, discover
from impax_lab.rman import catalogue, pieces
from impax_lab.rman.catalogue import BackupSet
from impax_lab.state import StationFolder
from impax_lab.unix import relay
from impax_lab.windows import paths

ENGLISH = {"NLS_LANG": "AMERICAN_AMERICA.AL32UTF8", "NLS_DATE_FORMAT": "YYYY-MM-DD HH24:MI:SS"}
FULL = {"type": "full", "age_h": 20, "size_mb": 40, "key": 11, "piece_key": 21, "tag": "NIGHTLY"}
CONTROL = {"type": "controlfile", "age_h": 19.9, "size_mb": 1.03, "key": 12, "piece_key": 22, "tag": "NIGHTLY"}
LOGS = {"type": "archivelog", "age_h": 19.8, "size_mb": 3, "key": 13, "piece_key": 23, "tag": "LOGS"}
SPEC: dict[str, Any] = {
    "type": "as3000", "system": "unix", "release": "5.10",
    "users": {"oracle": {"group": "dba"}, "service": {"group": "mvf"}, "mvf": {"group": "mvf"}, "root": {}},
    "oracle": {"name": "MVF", "version": "11.2.0.4.0", "users": {"SYS": {"password": "sys-Lab-1"}},
               "recovery_area": {"path": "/flash", "limit_mb": 200, "other_mb": 20}},
    "backup_sets": [FULL, CONTROL, LOGS], "disks": {"/": 1000}, "options": {"runbackup_s": 0},
}  # fmt: skip
WINDOWS = {"system": "windows", "codec": "cp850", "release": "6.0.6002", "user": "AgfaService", "disks": {"C:": 1000}}

PROGRAMS = {system: discover(system) for system in ("unix", "windows")}


class Station(SimpleNamespace):
    """Its files, its disks, its memory, its database."""

    def host_path(self, cwd: str, name: str) -> Path:
        if self.spec.windows:
            return paths.host_path(self.folder.root, cwd, name)
        return relay.host_path(self.folder.root, cwd, name)

    def room(self, name: str, cwd: str = "") -> int:
        return self.disks.room(self.host_path(cwd, name))

    def sets(self) -> list[BackupSet]:
        return catalogue.now(self)

    def states(self) -> dict[int, str]:
        """The state of each set's piece."""
        return {each.key: pieces.state(self, each) for each in self.sets()}

    def new(self) -> list[BackupSet]:
        """The sets that the site did not give."""
        given = {each["key"] for each in self.spec.backup_sets}
        return [each for each in self.sets() if each.key not in given]


def station(folder: Path, **differs: Any) -> Station:
    base = {**SPEC, "disks": {}} if differs.get("system") == "windows" else SPEC
    spec = sites.from_dict({"stations": {"s": sites.merged(base, differs)}}).station("s")
    place = StationFolder(folder / "s")
    place.make()
    own = disks.Disks(place, spec)
    own.prepare()
    engine = Instance(place.engine / "oracle", spec.engine_spec("oracle"))
    made = Station(spec=spec, folder=place, disks=own, root=place.root, name="s", oracle=engine)
    catalogue.prepare(made)
    return made


def ran(
    on: Station,
    *words: str,
    stdin: str = "",
    behaviour: str | None = None,
    env: dict[str, str] | None = None,
    **more: Any,
) -> HeldCall:
    """The call after it has run; `code` is its exit code, `printed` its output, `complained` its error output."""
    flags = {name: more.pop(name) for name in ("pretend", "full", "dies") if name in more}
    windows = on.spec.windows
    place = {"user": "AgfaService" if windows else "oracle", "cwd": "C:\\mvf\\bin" if windows else "/", **more}
    call = HeldCall(on, list(words), stdin.encode(), env=ENGLISH if env is None else env, windows=windows, **place)
    call.behaviour = behaviour
    for name, value in flags.items():
        setattr(call, name, value)
    try:
        call.code = faults.guarded(call, PROGRAMS[on.spec.system][call.name].main)
    finally:
        call.printed = call.sent[1].decode(on.spec.codec).replace("\r\n", "\n")
        call.complained = call.sent[2].decode(on.spec.codec)
    return call


def rman(on: Station, commands: str, **more: Any) -> HeldCall:
    return ran(on, "rman", "target", "/", stdin=commands, **more)


def runbackup(on: Station, **more: Any) -> HeldCall:
    return ran(on, *(("bash", "runbackup") if on.spec.windows else ("/usr/mvf/bin/runbackup",)), **more)


def codes(text: str) -> list[str]:
    """Message numbers in order of first appearance, without those that frame a stack."""
    found = dict.fromkeys(re.findall(r"(?:RMAN|ORA)-\d{5}", text))
    return [code for code in found if code not in ("RMAN-00571", "RMAN-00569")]


def shape(line: str) -> str:
    """A line with its values taken out: numbers, names of files and tags, dates, blanks at the end."""
    line = re.sub(r"(?<=[:=] )(?:[A-Za-z]:)?[\\/]\S+|(?<==)(?:[A-Za-z]:)?[\\/]\S+|(?<=[ ])/\S+$", "PATH", line)
    line = re.sub(r"(?:YES|NO) +\S+$", "COMPRESSED TAG", re.sub(r"(?<=db_unique_name: )\S+", "NAME", line))
    line = re.sub(r"TAG\d+T\d+|(?<=Tag: )\S+", "TAG", line)
    line = re.sub(r"\d\d-[A-Z]{3}-\d\d|\d{2,4}[-.]\d\d[-.]\d{2,4}[ :]\d\d:\d\d:\d\d", "DATE", line)
    return re.sub(r" +", " ", re.sub(r"\d+(?:\.\d+)?[KMG]?\b", "N", line)).rstrip()
