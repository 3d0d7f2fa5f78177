# SPDX-License-Identifier: GPL-3.0-or-later
"""What the monitor's programs of IMPAX have in common: who may run them, their log-on, the figures that they keep.

All of it is `assumed`: the vendor prints no example. The figures of the last monitor_update lie in the station's memory,
``oracle: {statistics: {figures, before}}``; before the first one they are those of the day on which the station came up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from impax_lab import oracle_instance
from impax_lab.engine.ora import dictionary_space, space
from impax_lab.engine.oracle import OracleError
from impax_lab.rman.session import is_dba
from impax_lab.sqlplus import database

if TYPE_CHECKING:
    from impax_lab.engine.ora.session import Session
    from impax_lab.program import Call

PLACES = {"unix": ["/usr/mvf/bin"], "windows": ["C:\\mvf\\bin"]}
ACCOUNTS = ("mvf", "oracle")
SHOWN = ("SYSTEM", "SYSAUX", "UNDO", "MVF", "MVFINDX", "MVFL", "MVFLINDX")
Figures = dict[str, list[float]]  # tablespace: MiB in all, free


def refused(call: Call) -> bool:
    """Whether the account may not run it; it has been told so."""
    allowed = is_dba(call) if call.windows else call.user in ACCOUNTS
    if not allowed:
        call.err(f"{call.name}: must be run as {'AgfaService' if call.windows else 'mvf'}\n")
    return not allowed


def session(call: Call) -> Session:
    """Raises OracleError where the database is not open."""
    station = call.station
    state = oracle_instance.status(station)
    if oracle_instance.service_stopped(station):
        raise database.error(12560, "TNS:protocol adapter error")
    if state == "down":
        raise database.error(1034, "ORACLE not available\nORA-27101: shared memory realm does not exist")
    if state == "mounted":
        raise database.error(1033, "ORACLE initialization or shutdown in progress")
    station.oracle.mode = state
    made: Session = station.oracle.internal()
    return made


def measured(call: Call) -> Figures:
    """What the database has now. Raises OracleError."""
    opened = session(call)
    try:
        files, free = space.data_files(opened.instance), space.free(opened.instance, dictionary_space.used(opened))
        found: Figures = {}
        for name in sorted({file.tablespace for file in files}):
            whole = sum(file.bytes for file in files if file.tablespace == name)
            left = sum(size for file, size in free if file.tablespace == name)
            found[name] = [whole / space.MIB, left / space.MIB]
        return found
    finally:
        opened.close()


def kept(call: Call) -> dict[str, Any]:
    """The figures of the last update and of the one before it; taken now where there are none."""
    found = call.station.folder.remembered().get("oracle", {}).get("statistics")
    return dict(found) if found else store(call, measured(call))


def store(call: Call, figures: Figures) -> dict[str, Any]:
    with call.station.folder.remembering() as memory:
        before = memory.setdefault("oracle", {}).get("statistics", {}).get("figures", figures)
        memory["oracle"]["statistics"] = {"figures": figures, "before": before}
        return dict(memory["oracle"]["statistics"])


def failed(call: Call, problem: OracleError) -> int:
    """The error is printed, and the program ends with 0 all the same."""
    call.out(f"ERROR:\n{problem.message}\n\n")
    return 0
