# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults: which call goes wrong, and the behaviours that every program can be given.

A fault is ``{station, program, nth, behaviour, seconds?}``: `nth` counts the calls of that program on that station
from 1, from the moment the lab came up (scenario) or the fault was injected; without it every call is hit. An entry of
a scenario and an injected one are the same thing; the first that fits a call wins.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from impax_lab.program import GENERIC_FAILURE, Call, Killed, modules, program_name, special
from impax_lab.state import LabError, changing, read_json

GENERIC: dict[str, str] = {
    "exit_nonzero": "the work is done and printed, but the program ends with 1 (a clean-up step failed)",
    "lying_zero": "the program fails, prints its failure and ends with 0 all the same",
    "empty_output": "the program works and ends as always but prints nothing (output lost, log rotated away)",
    "truncated_output": "the second half of the output never arrives (buffer lost, log cut)",
    "translated": "messages come in the language of the station's locale; codes and numbers stay",
    "hang": "the program never comes back (it waits on a dialog, a lock, a dead mount); bounded by `seconds`",
    "slow": "the program takes some seconds longer (busy disks)",
    "disconnect_before": "the connection is cut before the program begins: nothing ran",
    "disconnect_after": "the connection is cut after the program has done its work: nobody hears of it",
    "killed": "the program is killed half way (out of memory, an operator): half a file stays",
    "disk_full": "the disk has no room for what the program writes",
    "says_done_does_nothing": "the program prints success and ends with 0 but has changed nothing",
    "permission_denied": "the account may not run the program",
}
HANG_SECONDS = 120.0
SLOW_SECONDS = 3.0


@dataclass(frozen=True)
class Fault:
    """One fault that applies to the call at hand."""

    behaviour: str
    seconds: float | None = None


def check(fault: dict[str, Any]) -> dict[str, Any]:
    """A fault as stored. Raises LabError when it lacks something or names a behaviour that its program has not got."""
    unknown = sorted(set(fault) - {"station", "program", "nth", "behaviour", "seconds"})
    if unknown:
        raise LabError(f"a fault has no field {', '.join(unknown)}")
    for field in ("station", "program", "behaviour"):
        if not isinstance(fault.get(field), str):
            raise LabError(f"a fault needs a {field}: {fault}")
    known = behaviours(fault["program"])
    if not known:
        raise LabError(f"no station has a program {fault['program']!r}")
    if fault["behaviour"] not in known:
        raise LabError(f"behaviour {fault['behaviour']!r} of {fault['program']}: known are {', '.join(sorted(known))}")
    nth = fault.get("nth")
    if nth is not None and (not isinstance(nth, int) or isinstance(nth, bool) or nth < 1):
        raise LabError(f"nth is {nth!r}: a whole number from 1 on, or left out for every call")
    return {**fault, "program": program_name(fault["program"]), "seen": 0}


def add(path: Path, faults: list[dict[str, Any]]) -> None:
    """Add checked faults to a station's file; later ones go first, so that an injected fault beats a scenario's."""
    with changing(path, []) as stored:
        stored[:0] = faults


def take(path: Path, program: str) -> Fault | None:
    """Count this call of `program` and say which fault hits it."""
    if not any(fault["program"] == program for fault in read_json(path, [])):
        return None
    with changing(path, []) as stored:
        mine = [fault for fault in stored if fault["program"] == program]
        for fault in mine:
            fault["seen"] += 1
        hit = next((fault for fault in mine if fault.get("nth") in (None, fault["seen"])), None)
    return Fault(hit["behaviour"], hit.get("seconds")) if hit else None


def behaviours(program: str | None = None) -> dict[str, str]:
    """Every behaviour with the real fault it stands for: of one program, else of all (``program:behaviour``)."""
    found = {} if program else dict(GENERIC)
    for module in modules():
        name = module.NAMES[0]
        if program is None:
            found |= {f"{name}:{behaviour}": text for behaviour, text in special(module).items()}
        elif program_name(program) in module.NAMES:
            found |= {**GENERIC, **special(module)}
    return found


# What the generic behaviours do ------------------------------------------------------------------------------------

Main = Callable[[Call], int]


def perform(call: Call, module: ModuleType, fault: Fault | None) -> int:
    """The exit code of the program `module` for this call, with the fault at work. Raises Killed or HungUp."""
    if fault is None:
        return guarded(call, module.main)
    if fault.behaviour not in GENERIC:
        call.behaviour = fault.behaviour
        return guarded(call, module.main)
    return _PERFORM[fault.behaviour](call, module, fault)


def guarded(call: Call, main: Main) -> int:
    """Run it; a file that cannot be written is the program's error text and exit code 1, as a rule of thumb."""
    try:
        return main(call)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EACCES, errno.ENOENT, errno.EISDIR, errno.ENOTDIR):
            raise
        call.err(f"{call.name}: {error.filename}: {error.strerror}\n")
        return 1


def _exit_nonzero(call: Call, module: ModuleType, fault: Fault) -> int:
    return guarded(call, module.main) or 1


def _lying_zero(call: Call, module: ModuleType, fault: Fault) -> int:
    call.err(getattr(module, "FAILURE", f"{call.name}: {GENERIC_FAILURE}\n"))
    return 0


def _empty_output(call: Call, module: ModuleType, fault: Fault) -> int:
    call.held = []
    return guarded(call, module.main)


def _truncated_output(call: Call, module: ModuleType, fault: Fault) -> int:
    return _with_output(call, module.main, halved)


def _translated(call: Call, module: ModuleType, fault: Fault) -> int:
    table = {**COMMON_TRANSLATIONS, **getattr(module, "TRANSLATED", {})}
    return _with_output(
        call, module.main, lambda parts: [(n, call.encoded(said(_text(call, p), table))) for n, p in parts]
    )


def _hang(call: Call, module: ModuleType, fault: Fault) -> int:
    _wait(call, HANG_SECONDS if fault.seconds is None else fault.seconds)
    return 1


def _slow(call: Call, module: ModuleType, fault: Fault) -> int:
    _wait(call, SLOW_SECONDS if fault.seconds is None else fault.seconds)
    return guarded(call, module.main)


def _disconnect_before(call: Call, module: ModuleType, fault: Fault) -> int:
    call.cut(everything=True)
    raise Killed


def _disconnect_after(call: Call, module: ModuleType, fault: Fault) -> int:
    call.held = []
    code = guarded(call, module.main)
    call.cut(everything=False)
    return code


def _killed(call: Call, module: ModuleType, fault: Fault) -> int:
    call.dies = True
    _with_output(call, module.main, halved)
    raise Killed


def _disk_full(call: Call, module: ModuleType, fault: Fault) -> int:
    call.full = True
    return guarded(call, module.main)


def _says_done_does_nothing(call: Call, module: ModuleType, fault: Fault) -> int:
    call.pretend = True
    guarded(call, module.main)
    return 0


def _permission_denied(call: Call, module: ModuleType, fault: Fault) -> int:
    call.err("Access is denied.\n" if call.windows else f"{call.words[0]}: Permission denied\n")
    return 5 if call.windows else 126


_PERFORM: dict[str, Callable[[Call, ModuleType, Fault], int]] = {
    "exit_nonzero": _exit_nonzero,
    "lying_zero": _lying_zero,
    "empty_output": _empty_output,
    "truncated_output": _truncated_output,
    "translated": _translated,
    "hang": _hang,
    "slow": _slow,
    "disconnect_before": _disconnect_before,
    "disconnect_after": _disconnect_after,
    "killed": _killed,
    "disk_full": _disk_full,
    "says_done_does_nothing": _says_done_does_nothing,
    "permission_denied": _permission_denied,
}

Parts = list[tuple[int, bytes]]


def halved(parts: Parts) -> Parts:
    """The first half of all bytes, in the order they were printed."""
    left = sum(len(data) for _, data in parts) // 2
    kept: Parts = []
    for stream, data in parts:
        kept.append((stream, data[:left]))
        left -= len(kept[-1][1])
    return kept


# assumed: the wording of a German locale; codes, numbers and names are never touched.
COMMON_TRANSLATIONS = {
    "No such file or directory": "Datei oder Verzeichnis nicht gefunden",
    "Permission denied": "Keine Berechtigung",
    "No space left on device": "Auf dem Gerät ist kein Platz mehr verfügbar",
    "Access is denied.": "Zugriff verweigert",
    "The system cannot find the file specified.": "Das System kann die angegebene Datei nicht finden.",
}


def said(text: str, table: Mapping[str, str]) -> str:
    """`text` with every phrase of `table` in the other language, longest first."""
    for phrase in sorted(table, key=len, reverse=True):
        text = text.replace(phrase, table[phrase])
    return text


def _with_output(call: Call, main: Main, change: Callable[[Parts], Parts]) -> int:
    """Run it with its output kept back, then print what `change` makes of it, however it ended."""
    call.held = []
    try:
        return guarded(call, main)
    finally:
        parts, call.held = call.held, None
        for stream, data in change(parts):
            call.send(stream, data)


def _text(call: Call, data: bytes) -> str:
    text = data.decode(call.station.spec.codec, "surrogateescape")
    return text.replace("\r\n", "\n") if call.windows else text


def _wait(call: Call, seconds: float) -> None:
    """Do nothing for so long, unless a signal ends it. Raises Killed."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if signal := call.signalled(min(left, 1.0)):
            raise Killed(signal)
