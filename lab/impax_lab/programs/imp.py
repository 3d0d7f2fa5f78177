# SPDX-License-Identifier: GPL-3.0-or-later
"""imp of Oracle 11.2: reads a dump file end to end; with ``show=y`` it prints the statements and changes nothing.

Exit codes: 0, also with warnings; 1 unsuccessful.
"""

from __future__ import annotations

from typing import Any

from impax_lab import oracle_instance
from impax_lab.dump import dumpfile, loading, parameters
from impax_lab.dump.talk import Stop, Talk
from impax_lab.program import Call
from impax_lab.sqlplus import database

NAMES = ("imp",)
SYSTEMS = ("unix", "windows")
SOURCES = "Oracle Database Utilities 11.2, Original Import; messages IMP-nnnnn; the layout of SHOW is assumed"
SPECIAL = {
    "abnormal_end": "the file ends too early (IMP-00009)",
    "no_dump": "the file is no dump (IMP-00010)",
    "connect_failure": "the connect identifier is not known (ORA-12154)",
    "account_locked": "the account is locked (ORA-28000)",
    "wrong_password": "the password was changed (ORA-01017)",
    "not_available": "the database is down (ORA-01034)",
}
PLACES = {"unix": ["/opt/oracle/product/11.2.0/bin"]}
places = oracle_instance.places
FAILURE = "IMP-00058: ORACLE error 3113 encountered\nORA-03113: end-of-file on communication channel\n" \
          "IMP-00000: Import terminated unsuccessfully\n"  # fmt: skip
TRANSLATED = {
    "Connected to:": "Verbunden mit:",
    "Export file created by": "Export-Datei wurde erstellt von",
    "via conventional path": "über konventionellen Pfad",
    "import done in": "Import-Vorgang ausgeführt im Zeichensatz",
    "skipping table": "Überspringen der Tabelle",
    "Import terminated successfully without warnings.": "Import-Vorgang erfolgreich ohne Warnungen beendet.",
    "Import terminated successfully with warnings.": "Import-Vorgang erfolgreich mit Warnungen beendet.",
    "Import terminated unsuccessfully": "Import-Vorgang nicht erfolgreich beendet",
    "abnormal end of export file": "Nicht normales Ende der Export-Datei",
}
WIDTH = 75  # characters of a statement that SHOW prints on a line, between its quotes


def main(call: Call) -> int:
    talk = Talk(call, "IMP", "Import")
    talk.banner()
    session = None
    try:
        given = talk.parameters(parameters.IMPORT)
        session, user = _log_on(talk, given)
        return _import(talk, session, user, given)
    except Stop:
        return 1
    finally:
        if session is not None:
            session.close()


def _log_on(talk: Talk, given: dict[str, str]) -> tuple[Any, str]:
    if talk.call.behaviour == "connect_failure":
        raise talk.fail(talk.message(58, "ORACLE error 12154 encountered"),
                        "ORA-12154: TNS:could not resolve the connect identifier specified\n")  # fmt: skip
    return talk.log_on(given.get("userid", ""))


def _import(talk: Talk, session: Any, user: str, given: dict[str, str]) -> int:
    data = _opened(talk, given.get("file", "expdat.dmp"))
    if not data.startswith(dumpfile.MAGIC) or talk.call.behaviour == "no_dump":
        raise talk.fail(talk.message(10, "not a valid export file, header failed verification"))
    version = data[len(dumpfile.MAGIC) - 1 :].split(b"\n")[0].decode("ascii", "replace")
    talk.say(f"\nExport file created by EXPORT:{version} via conventional path\n")
    talk.say_charset("import")
    if not (parameters.is_yes(given.get("full")) or given.get("fromuser") or given.get("tables")):
        raise talk.fail(talk.message(31, "Must specify FULL=Y or provide FROMUSER/TOUSER or TABLES arguments"))
    if talk.call.behaviour == "abnormal_end":
        data = data[: data.rindex(b"EXIT") // 2]
    made = _read(talk, data)
    if made and parameters.is_yes(given.get("show")):
        _show(talk, made, user)
    elif made:
        loading.load(talk, session, user, made, given)
    talk.say("\n")
    return talk.close()


def _opened(talk: Talk, name: str) -> bytes:
    name = database.with_ending(name, ".dmp")
    try:
        return talk.call.path(name).read_bytes()
    except OSError:
        talk.say(talk.message(2, f"failed to open {name} for read"))
        talk.ask("Import file: expdat.dmp > ")
        raise talk.fail() from None


def _read(talk: Talk, data: bytes) -> dumpfile.Dump | None:
    """The dump, read to its end; None when it could not be: a warning, as the real imp has it."""
    try:
        return dumpfile.read(data)
    except dumpfile.AbnormalEnd:
        talk.warn(9, "abnormal end of export file")
    except dumpfile.Unrecognized as found:
        talk.warn(8, f"unrecognized statement in the export file: \n  {found}")
    except dumpfile.NoDump:
        raise talk.fail(talk.message(10, "not a valid export file, header failed verification")) from None
    return None


def _show(talk: Talk, made: dumpfile.Dump, user: str) -> None:
    talk.say(f". importing {made.user}'s objects into {user}\n")
    for table in made.tables:
        talk.say(_quoted(table.create))
        talk.say(f'. . skipping table "{table.name}"{" " * max(1, 34 - len(table.name))}\n\n')


def _quoted(statement: str) -> str:
    lines = [statement[at : at + WIDTH] for at in range(0, len(statement), WIDTH)]
    return "".join(f' "{line}"\n' for line in lines)
