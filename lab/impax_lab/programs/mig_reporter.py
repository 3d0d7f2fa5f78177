# SPDX-License-Identifier: GPL-3.0-or-later
"""mig_reporter of the Migration Toolbox: writes what a report has kept to a file, and prints the file's path.

Only the words stand in the vendor's text; the folder, the file's name and form and the line that is printed are `assumed`.
"""

from __future__ import annotations

import time

from impax_lab.program import Call
from impax_lab.programs import _mig
from impax_lab.programs.mig_study_archive_report import NAMES as REPORTS_OF
from impax_lab.programs.mig_study_archive_report import TABLE

NAMES = ("mig_reporter",)
SYSTEMS = ("unix", "windows")
SOURCES = "the vendor's upgrade guide for the words; everything else assumed"
SPECIAL = {
    "not_available": "the database is down (Oracle): no file, and it ends with 0",
    "no_server": "the database is down (SQL Server): no file, and it ends with 0",
    "no_path": "it writes the file and does not say where",
    "empty_file": "it writes a file without content (the disk was full)",
}
PLACES = _mig.PLACES
FAILURE = "Cannot connect to the database.\n"
TRANSLATED = {"Report written to": "Bericht geschrieben nach"}
USAGE = "usage: mig_reporter [-d database] -t report\n"


def main(call: Call) -> int:
    given = _mig.switches(call.words[1:], "dt")
    if given is None or given.get("t") not in REPORTS_OF or (call.windows and "d" not in given):
        call.err(USAGE)
        return 2
    try:
        source = _mig.connect(call, name=given.get("d", "mvf"))
    except _mig.Refused as refused:
        call.out(str(refused))
        return 0
    try:
        owner = f"{_mig.OWNER}." if source.oracle else ""
        rows = source.run(f"select label, studies from {owner}{TABLE}")
    except _mig.Refused as refused:
        call.out(str(refused))
        return 0
    finally:
        source.close()
    return _write(call, given["t"], [(str(label), int(count)) for label, count in rows])


def _write(call: Call, report: str, rows: list[tuple[str, int]]) -> int:
    folder = _mig.REPORTS[call.windows]
    file = f"{folder}{chr(92) if call.windows else '/'}{report}.{time.strftime('%Y%m%d%H%M%S')}.txt"
    text = "".join(f"{label}\t{count}\n" for label, count in rows)
    if not call.pretend:
        call.path(folder).mkdir(parents=True, exist_ok=True)
    call.write_file(file, b"" if call.behaviour == "empty_file" else call.encoded(f"{report}\n\n{text}"))
    call.out("Done.\n" if call.behaviour == "no_path" else f"Report written to {file}\n")
    return 0
