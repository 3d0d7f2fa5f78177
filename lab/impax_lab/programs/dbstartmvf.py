# SPDX-License-Identifier: GPL-3.0-or-later
"""dbstartmvf of IMPAX on Solaris: starts the instance MVF. The vendor's text has name and account. `assumed`: that it calls
SQL*Plus with STARTUP and prints its words (SQL*Plus User's Guide 11.2), and that it ends with 0 whatever it says.
"""

from __future__ import annotations

from impax_lab import oracle_instance
from impax_lab.engine.ora import space
from impax_lab.engine.ora.space import DataFile
from impax_lab.program import Call
from impax_lab.programs import _monitor

NAMES = ("dbstartmvf",)
SYSTEMS = ("unix",)
SOURCES = "the vendor's upgrade guide for name and account; SQL*Plus User's Guide 11.2 for STARTUP; the rest assumed"
SPECIAL = {
    "datafile_missing": "ORA-01157: a data file cannot be identified; the database stays mounted, and it ends with 0",
    "no_memory": "ORA-27102: out of memory: nothing starts, and it ends with 0",
    "no_parameters": "LRM-00109: the parameter file is not there: nothing starts, and it ends with 0",
}
PLACES = {"unix": ["/usr/mvf/bin"]}
FAILURE = "ORA-27102: out of memory\nSVR4 Error: 12: Not enough space\n"
TRANSLATED = {
    "ORACLE instance started.": "ORACLE-Instance hochgefahren.",
    "Database mounted.": "Datenbank mit MOUNT angeschlossen.",
    "Database opened.": "Datenbank geöffnet.",
    "cannot identify/lock data file": "Datendatei kann nicht identifiziert/gesperrt werden",
}
STARTED = """ORACLE instance started.

Total System Global Area 1068937216 bytes
Fixed Size                  2166536 bytes
Variable Size             439354616 bytes
Database Buffers          620756992 bytes
Redo Buffers                6659072 bytes
"""
NOTHING = {
    "no_memory": "ORA-27102: out of memory\nSVR4 Error: 12: Not enough space\n",
    "no_parameters": "ORA-01078: failure in processing system parameters\nLRM-00109: could not open parameter file"
    " '/opt/oracle/product/11.2.0/dbs/initMVF.ora'\n",
}


def main(call: Call) -> int:
    if _monitor.refused(call):
        return 1
    station = call.station
    call.out(f"Starting database {oracle_instance.sid(station)} ...\n")
    if oracle_instance.status(station) != "down":
        call.out("ORA-01081: cannot start already-running ORACLE - shut it down first\n")
        return 0
    if call.behaviour in NOTHING:
        call.out(NOTHING[call.behaviour])
        return 0
    call.out(f"{STARTED}Database mounted.\n")
    lost = _lost(call)
    if lost:
        call.out(f"ORA-01157: cannot identify/lock data file {lost.number} - see DBWR trace file\n"
                 f"ORA-01110: data file {lost.number}: '{lost.path}'\n\n")  # fmt: skip
        _put(call, "mounted")
        return 0
    _put(call, "open")
    call.out("Database opened.\n")
    return 0


def _lost(call: Call) -> DataFile | None:
    """The first data file that is not there."""
    if call.behaviour == "datafile_missing":
        return space.data_files(call.station.oracle)[-1]
    return next(iter(space.missing(call.station.oracle)), None)


def _put(call: Call, state: str) -> None:
    if not call.pretend:
        oracle_instance.put(call.station, state)
