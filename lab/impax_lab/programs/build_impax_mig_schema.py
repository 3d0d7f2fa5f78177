# SPDX-License-Identifier: GPL-3.0-or-later
"""build-impax-mig-schema of the Migration Toolbox: makes tables MIG_... in the IMPAX database, and ends with 0 in any case.

Only the words stand in the vendor's text. `assumed`: the tables' names and columns, that each statement is answered as its
client does and an error ends nothing, that on Oracle they belong to MVF. The engine has no views and no procedures, so there
are none here, and nothing can be invalid. ``options: {mig_schema_s: seconds}`` of the station is what a table takes.
"""

from __future__ import annotations

from impax_lab.program import Call, Killed
from impax_lab.programs import _mig

NAMES = ("build-impax-mig-schema",)
SYSTEMS = ("unix", "windows")
SOURCES = "the vendor's upgrade guide for the words; everything else assumed"
SPECIAL = {
    "half_way": "the database has no more room half way: some tables fail, the others are made, and it ends with 0",
    "wrong_password": "the password was changed: nothing is made, and it ends with 0",
    "not_available": "the database is down: nothing is made, and it ends with 0",
    "no_server": "SQL Server's service is stopped: nothing is made, and it ends with 0",
    "lost_half_way": "it stops half way without a word (a killed client), and ends with 0",
}
PLACES = _mig.PLACES
BATCH = True  # on Windows it is a batch file
FAILURE = "The system cannot find the path specified.\n"
TRANSLATED = {
    "Table created.": "Tabelle wurde erstellt.",
    "ERROR at line": "FEHLER in Zeile",
    "ERROR:": "FEHLER:",
    "Creating the pre-migration schema": "Das Schema wird angelegt",
    "Finished.": "Fertig.",
    "Msg ": "Meldung ", ", Level ": ", Ebene ", ", State ": ", Status ", ", Line ": ", Zeile ",
}  # fmt: skip
USAGE = "usage: build-impax-mig-schema.bat user password database\n"
TABLES = ("PARAMETER", "STUDY", "STUDY_MAP", "SERIES_MAP", "OBJECT_MAP", "LOG")
COLUMNS = {True: "id number(12) not null, status varchar2(16), note varchar2(255)",
           False: "id int not null, status varchar(16), note varchar(255)"}  # fmt: skip
NO_ROOM = {
    True: "ERROR at line 1:\nORA-01658: unable to create INITIAL extent for segment in tablespace MVF\n\n\n",
    False: "Msg 1105, Level 17, State 2, Line 1\nCould not allocate space for object in database 'mvf' because the"
    " 'PRIMARY' filegroup is full.\n",
}


def main(call: Call) -> int:
    oracle, words = _mig.has_oracle(call), call.words[1:]
    if len(words) != (0 if oracle else 3):
        call.out(USAGE)
        return 1
    call.out("Creating the pre-migration schema\n")
    if call.behaviour == "wrong_password" and oracle:
        call.note("by the operating system there is no password to be wrong")
    try:
        target = _mig.connect(call) if oracle else _mig.connect(call, words[0], words[1], words[2])
    except _mig.Refused as refused:
        call.out(f"{refused}Finished.\n")
        return 0
    try:
        for at, name in enumerate(TABLES):
            if not _table(call, target, name, half=at >= len(TABLES) // 2):
                return 0
    finally:
        target.close()
    call.out("Finished.\n")
    return 0


def _table(call: Call, target: _mig.Database, name: str, half: bool) -> bool:
    """Whether the script goes on."""
    call.signalled(float(call.station.spec.options.get("mig_schema_s", 0)))
    if half and call.dies:
        raise Killed
    if half and call.behaviour == "lost_half_way":
        return False
    if half and (call.behaviour == "half_way" or call.full) and name != TABLES[-1]:
        call.out(NO_ROOM[target.oracle])
        return True
    owner = f"{_mig.OWNER}." if target.oracle else ""
    try:
        if not call.pretend:
            target.run(f"create table {owner}MIG_{name} ({COLUMNS[target.oracle]})")
    except _mig.Refused as refused:
        call.out(str(refused))
        return True
    call.out("\nTable created.\n\n" if target.oracle else f"MIG_{name}\n")
    return True
