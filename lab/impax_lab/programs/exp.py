# SPDX-License-Identifier: GPL-3.0-or-later
"""exp of Oracle 11.2: tables into a dump file (`impax_lab.dump`). Exit codes: 0, also with warnings; 1 unsuccessful."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from impax_lab import oracle_instance
from impax_lab.dump import dumpfile, parameters, values
from impax_lab.dump.talk import Stop, Talk
from impax_lab.engine.oracle import OracleError
from impax_lab.program import Call
from impax_lab.sqlplus import database

NAMES = ("exp",)
SYSTEMS = ("unix", "windows")
SOURCES = "Oracle Database Utilities 11.2, Original Export; transcripts of real runs; the dump's inner form is assumed"
SPECIAL = {
    "table_missing": "the table is not there for this account, yet exp ends successfully with warnings (EXP-00056)",
    "questionable_statistics": "only statistics are questionable (EXP-00091): the data is complete",
    "connect_failure": "the connect identifier is not known (ORA-12154)",
    "no_listener": "the listener is down (ORA-12541)",
    "account_locked": "the account is locked (ORA-28000)",
    "wrong_password": "the password was changed (ORA-01017)",
    "not_available": "the database is down (ORA-01034)",
    "snapshot_too_old": "undo is gone half way (ORA-01555): the table's count is never printed",
    "fewer_rows": "a row is missing in the file and in the count that exp prints",
    "fewer_rows_than_said": "the count is that of the table, but rows are missing in the file",
    "row_arrives": "a row is committed by another session while exp runs, after its snapshot",
    "cut_file": "exp says all is well; the end of the file never reached the disk",
    "turned_bit": "exp says all is well; one bit of one value turned on the way to the disk",
    "no_closing": "the closing line never comes (killed terminal, full log)",
}
PLACES = {"unix": ["/opt/oracle/product/11.2.0/bin"]}
places = oracle_instance.places
FAILURE = "EXP-00056: ORACLE error 3113 encountered\nORA-03113: end-of-file on communication channel\n" \
          "EXP-00000: Export terminated unsuccessfully\n"  # fmt: skip
TRANSLATED = {
    "Connected to:": "Verbunden mit:",
    "Export done in": "Export-Vorgang ausgeführt im Zeichensatz",
    "character set": "Zeichensatz",
    "About to export specified tables via Conventional Path": "Export angegebener Tabellen über konventionellen Pfad",
    "exporting table": "Exportieren der Tabelle",
    "rows exported": "Zeilen exportiert",
    "Export terminated successfully without warnings.": "Export-Vorgang erfolgreich ohne Warnungen beendet.",
    "Export terminated successfully with warnings.": "Export-Vorgang erfolgreich mit Warnungen beendet.",
    "Export terminated unsuccessfully": "Export-Vorgang nicht erfolgreich beendet",
    "ORACLE error": "ORACLE-Fehler",
    "encountered": "aufgetreten",
    "table or view does not exist": "Tabelle oder View nicht vorhanden",
    "does not exist": "ist nicht vorhanden",
}
NOT_HERE = ("full", "owner", "query", "tablespaces", "transport_tablespace", "flashback_time", "filesize", "direct")
TIME_FORM = "%a %b %e %H:%M:%S %Y"


def main(call: Call) -> int:
    talk = Talk(call, "EXP", "Export")
    talk.banner()
    session = None
    try:
        given = talk.parameters(parameters.EXPORT)
        _check(talk, given)
        session, user = _log_on(talk, given)
        return _export(talk, session, user, given)
    except Stop:
        return 1
    finally:
        if session is not None:
            session.close()


def _check(talk: Talk, given: dict[str, str]) -> None:
    for name in NOT_HERE:
        if name in given and given[name].lower() not in ("n", "no"):
            talk.call.note(f"not simulated: {name}")
            raise talk.fail(f"impax-lab: exp: {name} is not simulated\n")
    if "tables" not in given:
        talk.ask("Enter array fetch buffer size: 4096 > ")
        talk.call.note("not simulated: the interactive mode")
        raise talk.fail("impax-lab: exp: the interactive mode is not simulated\n")


def _log_on(talk: Talk, given: dict[str, str]) -> tuple[Any, str]:
    if talk.call.behaviour == "connect_failure":
        raise talk.fail(talk.message(56, "ORACLE error 12154 encountered"),
                        "ORA-12154: TNS:could not resolve the connect identifier specified\n")  # fmt: skip
    return talk.log_on(given.get("userid", ""))


@dataclass
class _Job:
    """scn: the moment whose rows are taken; None: each table's own."""

    session: Any
    user: str
    charset: str
    scn: int | None


def _moment(talk: Talk, session: Any, given: dict[str, str]) -> int | None:
    """FLASHBACK_SCN, or with CONSISTENT=Y one moment for all tables."""
    asked = given.get("flashback_scn")
    if asked is None:
        return session.scn() if parameters.is_yes(given.get("consistent")) else None
    if not asked.isdigit():
        raise talk.fail(f"LRM-00112: multiple or bad value '{asked}' for parameter 'flashback_scn'\n\n")
    return int(asked)


def _export(talk: Talk, session: Any, user: str, given: dict[str, str]) -> int:
    charset = talk.say_charset("Export")
    target = database.with_ending(given.get("file", "expdat.dmp"), ".dmp")
    _open(talk, target)
    talk.say("\nAbout to export specified tables via Conventional Path ...\n")
    job = _Job(session, user, charset, _moment(talk, session, given))
    made = [_table(talk, job, name) for name in parameters.listed(given["tables"])]
    if _statistics_questionable(talk, given):
        for _ in made:
            talk.warn(91, "Exporting questionable statistics.")
    _write(talk, target, dumpfile.Dump(talk.version, user, charset, [each for each in made if each is not None]))
    return 0 if talk.call.behaviour == "no_closing" else talk.close()


def _open(talk: Talk, target: str) -> None:
    """An existing file is overwritten without a word, as the real exp does."""
    try:
        talk.call.write_file(target, b"")
    except OSError:
        talk.say(talk.message(28, f"failed to open {target} for write"))
        talk.ask("Export file: expdat.dmp > ")
        raise talk.fail() from None


def _statistics_questionable(talk: Talk, given: dict[str, str]) -> bool:
    """EXP-00091: statistics are asked for and the client's character set differs from the server's."""
    if talk.call.behaviour == "questionable_statistics":
        return True
    client, server = talk.charset()
    return given.get("statistics", "estimate").lower() != "none" and client != server


def _table(talk: Talk, job: _Job, name: str) -> dumpfile.Table | None:
    if talk.call.behaviour == "table_missing":
        talk.warn(56, "ORACLE error 942 encountered")
        talk.say("ORA-00942: table or view does not exist\n")
        return None
    name = name.strip('"').upper()
    try:
        found = job.session.table(name)
    except OracleError:
        talk.warn(11, f"{name if '.' in name else f'{job.user}.{name}'} does not exist")
        return None
    if found.owner != job.user:
        talk.say(f"Current user changed to {found.owner}\n")
    talk.say(f". . exporting table {found.name:>30}")
    columns = [dumpfile.Column(each.name, each.type, each.nullable) for each in found.columns]
    made = dumpfile.Table(found.owner, found.name, columns)
    return made if _filled(talk, job, made) else None


def _filled(talk: Talk, job: _Job, made: dumpfile.Table) -> bool:
    """The table's rows and their count; False when the database breaks off: the count is never printed."""
    try:
        if talk.call.behaviour == "snapshot_too_old":
            raise database.error(1555, 'snapshot too old: rollback segment number 9 with name "" too small')
        made.rows.extend(_stored(row, made.columns, job.charset) for row in _rows(job, made))
    except OracleError as error:
        talk.say("\n")
        talk.warn(56, f"ORACLE error {error.code} encountered")
        talk.say(f"{error.message}\n")
        return False
    if talk.call.behaviour == "row_arrives":
        talk.call.station.oracle.arrive(made.name, owner=made.owner)
    if talk.call.behaviour == "fewer_rows":
        del made.rows[-1:]
    talk.say(f" {len(made.rows):>10} rows exported\n")
    if talk.call.behaviour == "fewer_rows_than_said":
        del made.rows[-1:]
    return True


def _rows(job: _Job, made: dumpfile.Table) -> Iterable[Any]:
    return job.session.rows_as_of(f"{made.owner}.{made.name}", job.scn)


def _stored(row: Any, columns: list[dumpfile.Column], charset: str) -> list[bytes | None]:
    return [_value(value, charset) for value, _ in zip(row, columns, strict=True)]


def _value(value: Any, charset: str) -> bytes | None:
    """A value as Oracle stores it, by its kind."""
    if value is None or value == "":
        return None
    if isinstance(value, bytes):
        return value
    if isinstance(value, datetime):
        return values.date(value)
    return values.text(value, charset) if isinstance(value, str) else values.number(value)


def _write(talk: Talk, target: str, made: dumpfile.Dump) -> None:
    data = dumpfile.whole(made, time.strftime(TIME_FORM), target)
    try:
        talk.call.write_file(target, _spoilt(talk.call, data))
    except OSError:
        raise talk.fail("\n", talk.message(2, "error in writing to export file"),
                        talk.message(222, f"\nSystem error message {112 if talk.call.windows else 28}")) from None  # fmt: skip


def _spoilt(call: Call, data: bytes) -> bytes:
    """The file as it reaches the disk when a fault is at work on it."""
    if call.behaviour == "cut_file":
        return data[: data.rindex(b"EXIT\nEXIT\n") * 2 // 3]
    if call.behaviour == "turned_bit":
        place = data.rindex(dumpfile.END_OF_ROW + b"\xff\xff") - 1
        return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
    return data
