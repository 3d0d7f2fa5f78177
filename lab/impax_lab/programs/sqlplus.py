# SPDX-License-Identifier: GPL-3.0-or-later
"""sqlplus of Oracle 11.2, on the station's database engine (`impax_lab.sqlplus`)."""

from __future__ import annotations

import time
from collections.abc import Callable

from impax_lab import oracle_instance
from impax_lab.program import Call
from impax_lab.sqlplus import database
from impax_lab.sqlplus.script import Script

NAMES = ("sqlplus",)
SYSTEMS = ("unix", "windows")
SOURCES = "SQL*Plus User's Guide and Reference 11.2; transcripts of real sessions for the forms of errors and prompts"
SPECIAL = {
    "account_locked": "ORA-28000: the account was locked after failed log-ons",
    "wrong_password": "ORA-01017: the password was changed",
    "password_expired": "ORA-28001: the password has expired",
    "not_available": "ORA-01034: the database is down",
    "no_listener": "ORA-12541: the listener is down",
    "resource_busy": "ORA-00054: another session holds the table",
    "snapshot_too_old": "ORA-01555: undo for that SCN is gone",
    "no_flashback_right": "ORA-01031: the account may not read the SCN or the past",
    "lost_contact_before": "ORA-03113: the connection to the server breaks before a statement that changes anything",
    "lost_contact_after": "ORA-03113: the connection to the server breaks after the statement was done",
    "row_before_block": "a row is committed by another session just before the table is locked",
    "row_before_truncate": "a row is committed after TRUNCATE has released the lock and before it empties the table",
    "connect_failure_goes_on": "a failed CONNECT does not count for WHENEVER SQLERROR: the script runs on unconnected",
    "noisy_glogin": "the site's glogin.sql prints text and changes settings",
}
PLACES = {"unix": ["/opt/oracle/product/11.2.0/bin"]}
places = oracle_instance.places
FAILURE = "ERROR:\nORA-03113: end-of-file on communication channel\n"
TRANSLATED = {
    "ERROR at line": "FEHLER in Zeile",
    "ERROR:": "FEHLER:",
    "Connected.": "Connect durchgeführt.",
    "no rows selected": "Es wurden keine Zeilen ausgewählt",
    "rows selected.": "Zeilen ausgewählt.",
    "Table truncated.": "Tabelle mit TRUNCATE geleert.",
    "PL/SQL procedure successfully completed.": "PL/SQL-Prozedur erfolgreich abgeschlossen.",
    "Commit complete.": "Transaktion mit COMMIT abgeschlossen.",
    "table or view does not exist": "Tabelle oder View nicht vorhanden",
    "invalid username/password; logon denied": "Benutzername/Kennwort ungültig; Anmeldung abgelehnt",
    "the account is locked": "Account ist gesperrt",
    "ORACLE not available": "ORACLE nicht verfügbar",
    "resource busy and acquire with NOWAIT specified or timeout expired":
        "Ressource belegt und Anforderung mit NOWAIT angegeben oder Timeout abgelaufen",
    "insufficient privileges": "Nicht ausreichende Berechtigungen",
    "invalid identifier": "ungültiger Bezeichner",
    "end-of-file on communication channel": "Dateiende auf Kommunikationskanal",
}  # fmt: skip
NOISE = "\nWelcome to the production database. Changes need a ticket.\n\n"
ATTEMPTS = 3


def main(call: Call) -> int:
    silent, once, logon, script_file = _options(call.words[1:])
    script = Script(call, _lines(call), silent)
    script.prompt(_title(call))
    try:
        if logon.lower() != "/nolog" and not _log_on(script, logon, once):
            return 1
        if call.behaviour == "noisy_glogin":
            script.say(NOISE)
        if script_file:
            script.command(f"@{script_file}")
        return script.run()
    finally:
        if script.session is not None:
            script.session.close()  # what was not committed is rolled back


def _options(words: list[str]) -> tuple[bool, bool, str, str]:
    silent, once, logon, script = False, False, "", ""
    words = list(words)
    while words:
        word = words.pop(0)
        if word.lower() in ("-s", "-silent"):
            silent = True
        elif word.lower() in ("-l", "-logon"):
            once = True
        elif word.startswith("@"):
            script = word[1:]
        elif word.lower() == "as" and words:
            logon += f" as {words.pop(0)}"
        else:
            logon = f"{logon} {word}".strip()
    return silent, once, logon, script


def _lines(call: Call) -> Callable[[], str | None]:
    def line() -> str | None:
        data = call.readline()
        return data.decode(call.station.spec.codec, "surrogateescape").rstrip("\r\n") if data else None

    return line


def _title(call: Call) -> str:
    version = call.station.spec.oracle.get("version", "11.2.0.4.0")
    title = f"SQL*Plus: Release {version} Production on {time.strftime('%a %b %e %H:%M:%S %Y')}"
    return f"\n{title}\n\nCopyright (c) 1982, 2013, Oracle.  All rights reserved.\n\n"


def _log_on(script: Script, logon: str, once: bool) -> bool:
    """Up to three attempts, each reading a name and a password from the input when none was given."""
    for attempt in range(1 if once else ATTEMPTS):
        if attempt or not logon:
            script.prompt("Enter user-name: ")
            logon = script.next_line() or ""
        if "/" not in logon:
            script.prompt("Enter password: ")
            logon = f"{logon}/{script.next_line() or ''}"
        if script.connect(logon):
            connected = "an idle instance." if script.idle else f"\n{database.banner(script.call)}"
            script.prompt(f"\nConnected to{' ' if script.idle else ':'}{connected}\n\n")
            return True
    script.say("SP2-0751: Unable to connect to Oracle.  Exiting SQL*Plus\n" if once else
               "SP2-0157: unable to CONNECT to ORACLE after 3 attempts, exiting SQL*Plus\n")  # fmt: skip
    return False
