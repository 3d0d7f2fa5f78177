# SPDX-License-Identifier: GPL-3.0-or-later
"""rman: Recovery Manager on the station's database (`impax_lab.rman`). It ends with 1 after any error."""

from __future__ import annotations

from collections.abc import Callable

from impax_lab.program import Call
from impax_lab.rman import commands
from impax_lab.rman.forms import RmanError
from impax_lab.rman.session import Session
from impax_lab.site import Station

NAMES = ("rman",)
SYSTEMS = ("unix", "windows")
SOURCES = (
    "Oracle Database Backup and Recovery Reference 10g Release 2 and 11g Release 2; public console output for the forms of "
    "lists, prompts and error stacks; which codes a damaged piece gives, and the end of input as NO, are assumed"
)
SPECIAL = {
    "not_available": "ORA-01034: the database cannot be reached, nothing is connected",
    "delete_says_done_keeps": "DELETE prints that it deleted; sets and pieces are still there",
    "delete_keeps_file": "DELETE removes the set from the catalogue, the piece stays on disk and takes its room",
    "validate_says_ok": "VALIDATE reports every piece as complete, also one that cannot be read",
    "crosscheck_blind": "CROSSCHECK finds every piece AVAILABLE, also one that is gone",
}
PLACES = {"unix": ["/opt/oracle/product/11.2.0/bin"]}
FAILURE = (
    "RMAN-00571: ===========================================================\n"
    "RMAN-00569: =============== ERROR MESSAGE STACK FOLLOWS ===============\n"
    "RMAN-00571: ===========================================================\n"
    "RMAN-03002: failure of list command at 01/02/2026 03:04:05\n"
    "ORA-03113: end-of-file on communication channel\n"
)
TRANSLATED = {
    "Recovery Manager complete.": "Recovery Manager abgeschlossen.",
    "specification does not match any backup in the repository": "Spezifikation entspricht keinem Backup im Repository",
    "List of Backup Sets": "Liste mit Backup Sets",
    "List of Backup Pieces": "Liste von Backup Pieces",
    "deleted backup piece": "Backup Piece gelöscht",
    "ERROR MESSAGE STACK FOLLOWS": "FEHLERMELDUNGSSTAPEL FOLGT",
    "validation complete, elapsed time": "Validierung abgeschlossen, abgelaufene Zeit",
    "backup set not found": "Backup Set nicht gefunden",
}
USAGE = (
    "\nArgument     Value          Description\n-----------------------------------------------------------------------------\n"
    "target       quoted-string  connect-string for target database\ncmdfile      quoted-string  name of input command file\n"
    "log          quoted-string  name of output message log file\n"
    "-----------------------------------------------------------------------------\n"
    "Both single and double quotes (' or \") are accepted for a quoted-string.\n\n"
)


def places(station: Station, name: str) -> list[str]:
    """The folder on a Windows station (assumed); none where there is no Oracle."""
    return ["C:\\oracle\\product\\11.2.0\\db_1\\bin"] if station.oracle else []


def main(call: Call) -> int:
    try:
        target, command_file = _options(call.words[1:])
    except ValueError as wrong:
        call.note(f"rman: the word {wrong} is not understood")
        call.out(f"{USAGE}Argument {wrong} is not understood\nRMAN-00600: internal error, arguments to rman\n")
        return 1
    session = Session(call, echo=bool(command_file))
    session.banner()
    try:
        if target is not None:
            session.connect(target)
    except RmanError as error:
        session.fail(error)
        return 1
    call.out("\n")
    return session.run(_lines(call, command_file), commands.carry_out)


def _options(words: list[str]) -> tuple[str | None, str]:
    """What to connect to, the file of commands. Raises ValueError with the word that is not understood."""
    target, command_file, rest = None, "", list(words)
    while rest:
        word = rest.pop(0)
        name, _, value = word.partition("=")
        if name.lower() in ("target", "cmdfile"):
            if not value:
                value = rest.pop(0) if rest else ""
            value = rest.pop(0) if value == "=" and rest else value.removeprefix("=")
            target, command_file = (value, command_file) if name.lower() == "target" else (target, value)
        elif word.startswith("@"):
            command_file = word[1:]
        elif word.lower() not in ("nocatalog",):
            raise ValueError(word)
    return (None if target is None else target.strip("'\"")), command_file.strip("'\"")


def _lines(call: Call, command_file: str) -> Callable[[], str | None]:
    codec = call.station.spec.codec
    if command_file:
        kept = iter(call.path(command_file).read_bytes().decode(codec, "replace").splitlines())
        return lambda: next(kept, None)

    def line() -> str | None:
        data = call.readline()
        return data.decode(codec, "replace").rstrip("\r\n") if data else None

    return line
