# SPDX-License-Identifier: GPL-3.0-or-later
"""monitor_add of IMPAX: asks for a tablespace, a file and its size in MB and adds the file. The vendor's text has the
questions and C to continue. `assumed`: the wording, that Q quits, that another answer is asked for again, that the end of
input ends it with 1, and that it ends with 0 whatever the database said.
"""

from __future__ import annotations

from impax_lab.engine.oracle import OracleError
from impax_lab.program import Call, Killed
from impax_lab.programs import _monitor
from impax_lab.sqlplus import database

NAMES = ("monitor_add",)
SYSTEMS = ("unix", "windows")
SOURCES = "the vendor's upgrade guide for name, folder, questions and answers; everything else assumed"
SPECIAL = {
    "wrong_size": "the file that is added has a tenth of the size that was asked for",
    "other_order": "another release: it asks for the path first and then for the tablespace",
    "other_tablespace": "the file goes to USERS, or to the first tablespace that is not the one asked for",
    "file_exists": "a file of that name came to be there meanwhile (ORA-01119, ORA-27038)",
    "asks_again": "another release: it asks before the statement whether to go on, and again for another file",
    "not_available": "the database is down: ORA-01034 is printed, and it ends with 0",
}
PLACES = _monitor.PLACES
BATCH = True
FAILURE = "ERROR:\nORA-03113: end-of-file on communication channel\n"
TRANSLATED = {
    "This program adds a data file to a tablespace.": "Dieses Programm fügt einem Tablespace eine Datei hinzu.",
    "Tablespace altered.": "Tablespace geändert.",
    "ERROR at line": "FEHLER in Zeile",
    "type C to continue, Q to quit": "C für weiter, Q für Ende",
}
BANNER = "\nThis program adds a data file to a tablespace.\nMake sure that the disk has room for it.\n\n"
CONTINUE = "type C to continue, Q to quit: "
TABLESPACE, PATH, SIZE = "Tablespace name: ", "Path name of the data file: ", "Size of the file in megabytes: "


class _End(Exception):
    """There is no more input, or somebody quits."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def main(call: Call) -> int:
    if _monitor.refused(call):
        return 1
    call.out(BANNER)
    try:
        _continue(call)
        order = (PATH, TABLESPACE, SIZE) if call.behaviour == "other_order" else (TABLESPACE, PATH, SIZE)
        told = {question: _asked(call, question) for question in order}
        if call.behaviour == "asks_again":
            _continue(call)
        _add(call, told[TABLESPACE], told[PATH], told[SIZE])
        if call.behaviour == "asks_again" and _asked(call, "Add another file (y/n)? ").lower() == "y":
            call.note("monitor_add: a second file in one call is not simulated")
    except _End as end:
        return end.code
    except OracleError as problem:
        return _monitor.failed(call, problem)
    return 0


def _continue(call: Call) -> None:
    while (answer := _asked(call, CONTINUE).upper()) != "C":
        if answer == "Q":
            raise _End(0)


def _asked(call: Call, question: str) -> str:
    call.out(question)
    line = call.readline()
    if not line:
        call.out("\n")
        raise _End(1)
    return line.decode(call.station.spec.codec, "replace").strip()


def _add(call: Call, tablespace: str, path: str, size: str) -> None:
    """Raises OracleError where there is no database."""
    if call.behaviour == "not_available":
        raise OracleError(1034, "ORA-01034: ORACLE not available")
    session = _monitor.session(call)
    session.no_room = call.full
    _monitor.kept(call)
    if call.behaviour == "wrong_size" and size.isdigit():
        size = str(max(1, int(size) // 10))
    if call.behaviour == "other_tablespace":
        names = [name for _, name, _, _ in call.station.oracle.data_files() if name != tablespace.upper()]
        tablespace = "USERS" if "USERS" in names else names[0]
    statement = f"ALTER TABLESPACE {tablespace} ADD DATAFILE '{path}' SIZE {size}M"
    call.out(f"\n{statement};\n\n")
    try:
        _meanwhile(call, path)
        if not call.pretend:
            session.execute(statement)
        call.out("Tablespace altered.\n\n")
    except OracleError as problem:
        call.out(database.shown(problem, statement))
    finally:
        session.close()


def _meanwhile(call: Call, path: str) -> None:
    """What happens to the file beside the statement."""
    if call.behaviour == "file_exists":
        call.path(path).write_bytes(b"x" * 8192)
    if call.dies:
        call.path(path).write_bytes(b"\0" * 8192)
        raise Killed
