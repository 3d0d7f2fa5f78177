# SPDX-License-Identifier: GPL-3.0-or-later
"""monitor_update of IMPAX: measures the tablespaces for monitor_stats. Name and folder stand in the vendor's text, all else
is `assumed`.
"""

from __future__ import annotations

from impax_lab.engine.oracle import OracleError
from impax_lab.program import Call
from impax_lab.programs import _monitor

NAMES = ("monitor_update",)
SYSTEMS = ("unix", "windows")
SOURCES = "the vendor's upgrade guide for name and folder; everything else assumed"
SPECIAL = {"not_available": "the database is down: ORA-01034 is printed, nothing is measured, and it ends with 0"}
PLACES = _monitor.PLACES
BATCH = True
FAILURE = "ERROR:\nORA-03113: end-of-file on communication channel\n"
TRANSLATED = {
    "Updating tablespace statistics": "Statistik der Tablespaces wird aktualisiert",
    "Statistics updated.": "Statistik aktualisiert.",
}


def main(call: Call) -> int:
    if _monitor.refused(call):
        return 1
    call.out("Updating tablespace statistics ...\n")
    try:
        if call.behaviour == "not_available":
            raise OracleError(1034, "ORA-01034: ORACLE not available")
        _monitor.kept(call)
        figures = _monitor.measured(call)
    except OracleError as problem:
        return _monitor.failed(call, problem)
    if not call.pretend:
        _monitor.store(call, figures)
    call.out("Statistics updated.\n")
    return 0
