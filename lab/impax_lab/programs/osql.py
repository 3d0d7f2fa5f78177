# SPDX-License-Identifier: GPL-3.0-or-later
"""osql, isql and sqlcmd: batches to the station's SQL Server, answers as each of them prints them.

They return 0 whatever the server said, unless -b is given. osql prints its prompts even where nobody types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from impax_lab import windows
from impax_lab.windows.sql import connection, grid, tools
from impax_lab.windows.sql.connection import Logon, Said
from impax_lab.windows.sql.script import Script, Step
from impax_lab.windows.sql.switches import Switches, Wrong

if TYPE_CHECKING:
    from impax_lab.program import Call

NAMES = ("osql", "sqlcmd", "isql")
SYSTEMS = ("windows",)
SOURCES = (
    "osql Utility and sqlcmd Utility, Books Online of SQL Server 2000, 2005 and 2008; public console output "
    "(github:smallAreaHealthStatisticsUnit/rapidInquiryFacility, github:Altinity/altinityknowledgebase); "
    "wrapping of long lines, osql's prompts into a pipe and its texts of a failed connection: assumed"
)
SPECIAL = {
    "wrong_password": "the server refuses the log-on: wrong password (18456)",
    "locked_account": "the server refuses the log-on: the account is locked out (18486)",
    "no_server": "nothing answers: the service is stopped, or the name is wrong",
    "link_failure": "the first batch is done, then the connection breaks: its answer never comes",
    "backup_empty_file": "BACKUP says success and leaves a file of 0 bytes (a filter driver, a virus scanner)",
    "backup_nothing_written": "BACKUP says success and writes nothing (a device that discards what it gets)",
    "backup_truncated": "BACKUP says success, then the file loses its second half",
    "backup_corrupt_page": "BACKUP says success, then a page in the file has other bytes (a bad sector)",
    "backup_other_database": "BACKUP says success for the database that was asked; the file holds another one",
    "backup_differential": "BACKUP says success; the set in the file is a differential one",
    "backup_zero_verified": "BACKUP leaves 0 bytes, and VERIFYONLY says that the set is valid all the same",
    "backup_half_way": "an I/O error ends BACKUP half way; an incomplete file stays (3271)",
    "backup_wrong_file": "BACKUP says success and writes into the server's own backup folder instead",
    "backup_old_header": "BACKUP says success; the set's header has times of a month ago",
    "backup_no_history": "BACKUP writes a good file, and msdb does not know it (its history was purged)",
    "verify_lies": "VERIFYONLY says valid, whatever is there",
    "verify_damaged": "VERIFYONLY finds damage in a set (3189; before 2005: 3241)",
}
FAILURE = (
    "Msg 1105, Level 17, State 2, Server AS300, Line 1\nCould not allocate space for object in database 'tempdb'.\n"
)
TRANSLATED = {  # German
    "Msg ": "Meldung ", ", Level ": ", Ebene ", ", State ": ", Status ", ", Line ": ", Zeile ",
    " rows affected)": " Zeilen betroffen)", " row affected)": " Zeile betroffen)",
    "Login failed for user": "Fehler bei der Anmeldung für den Benutzer",
    "Invalid object name": "Ungültiger Objektname",
    "Login timeout expired": "Anmeldungstimeout abgelaufen",
    "Processed ": "Verarbeitete Seiten: ", " pages for database ": " für Datenbank ",
    " successfully processed ": " hat erfolgreich verarbeitet: ", " percent processed.": " Prozent verarbeitet.",
    "The backup set on file ": "Der Sicherungssatz in Datei ", "The backup set is valid.": "Der Sicherungssatz ist gültig.",
    " is valid.": " ist gültig.", "is terminating abnormally.": "wird fehlerbedingt beendet.",
    "Cannot open backup device": "Sicherungsmedium kann nicht geöffnet werden:", "Operating system error": "Betriebssystemfehler",
}  # fmt: skip
places = tools.places

VALUED = {"osql": "UPSHdlthswacqQimDox", "isql": "UPSHdlthswacqQimoD", "sqlcmd": "UPSHdlthswacqQimovyYfVzZ"}
FLAGS = {"osql": "EenpbuROIL", "isql": "EenpbOL", "sqlcmd": "EebuRIWxXkpNAj"}
PASSWORDS = {"osql": "OSQLPASSWORD", "isql": "ISQLPASSWORD", "sqlcmd": "SQLCMDPASSWORD"}
DEFAULTS = {"U": "SQLCMDUSER", "S": "SQLCMDSERVER", "d": "SQLCMDDBNAME"}
WIDEST = 65535


@dataclass
class Client:
    """One run of a client: what it was asked, its session, and the exit code as it stands."""

    call: Call
    asked: Switches
    session: Any = None
    code: int = 0
    stop_on_error: bool = False
    written: list[str] = field(default_factory=list)  # for -o

    @property
    def sqlcmd(self) -> bool:
        return self.call.name == "sqlcmd"

    def say(self, text: str, error: bool = False) -> None:
        if error:
            self.call.err(text)
        elif "o" in self.asked.values:
            self.written.append(text)
        else:
            self.call.out(text)

    def line(self, text: str = "", error: bool = False) -> None:
        self.say(f"{text}\n", error)


def main(call: Call) -> int:
    if not tools.places(call.station.spec, call.name):
        return windows.not_found(call)
    try:
        client = Client(call, _switches(call))
        layout = _layout(client)
    except Wrong as wrong:
        return _usage(call, str(wrong))
    client.stop_on_error = "b" in client.asked.flags
    try:
        client.session = connection.connect(call, _logon(client))
    except connection.NoServer as problem:
        return _finish(client, _no_server(client, problem.code))
    except connection.LogonFailed as problem:
        return _finish(client, _refused(client, problem.messages))
    client.session.backup_fault = _backup_fault(call)
    try:
        _work(client, layout)
    finally:
        client.session.close()
    return _finish(client, client.code)


def _backup_fault(call: Call) -> str:
    """What goes wrong with a backup that this call asks for; "" for nothing."""
    behaviour = call.behaviour or ""
    if behaviour.startswith(("backup_", "verify_")):
        return behaviour
    return "backup_nothing_written" if call.pretend else "disk_full" if call.full else "killed" if call.dies else ""


def _switches(call: Call) -> Switches:
    attached = "hr" if call.name == "sqlcmd" else "r"
    asked = _trailing_password(call.words[1:])
    switches = Switches(asked, valued=VALUED[call.name], flags=FLAGS[call.name] + "n", attached=attached)
    if switches.words or (call.name == "sqlcmd" and "n" in switches.flags):
        raise Wrong(switches.words[0] if switches.words else "-n")
    if "E" in switches.flags and "U" in switches.values:
        raise Wrong("-E")
    return switches


def _trailing_password(words: list[str]) -> list[str]:
    """-P as the last word means an empty password."""
    return [*words, ""] if words[-1:] in (["-P"], ["/P"]) else words


def _usage(call: Call, word: str) -> int:
    if call.name == "sqlcmd":
        call.err(f"Sqlcmd: '{word}': Unknown Option. Enter '-?' for help.\n")
    else:
        call.err(f"Unknown command line switch '{word}'\nusage: {call.name} [-U login id] [-P password] ...\n")
    return 1


def _layout(client: Client) -> grid.Layout:
    asked = client.asked
    width = asked.number("w", 80)
    if not 8 < width <= WIDEST:
        raise Wrong(f"-w{width}")
    return grid.Layout(
        osql=not client.sqlcmd,
        separator=asked.get("s", " "),
        width=width,
        headings=asked.number("h", 0),
        trim="W" in asked.flags,
    )


def _logon(client: Client) -> Logon:
    asked, env = client.asked, client.call.env
    told = {letter: env.get(name, "") for letter, name in DEFAULTS.items()} if client.sqlcmd else {}
    server = asked.get("S", told.get("S", ""))
    database = asked.get("d", told.get("d", ""))
    user = asked.get("U", told.get("U", ""))
    if "E" in asked.flags or not user:
        return Logon(server, None, "", database)
    return Logon(server, user, _password(client), database)


def _password(client: Client) -> str:
    """-P, else the variable of the program's own name, else a prompt, which no keyboard answers here."""
    if "P" in client.asked.values:
        return client.asked.get("P")
    if PASSWORDS[client.call.name] in client.call.env:
        return client.call.env[PASSWORDS[client.call.name]]
    client.call.out("Password: \n")
    return ""


# Failed connections -------------------------------------------------------------------------------------------------


def _no_server(client: Client, code: int) -> int:
    """assumed: the wording of each version."""
    remote = (
        "An error has occurred while establishing a connection to the server. When connecting to SQL Server 2005, "
        "this failure may be caused by the fact that under the default settings SQL Server does not allow remote "
        "connections."
    )
    pipes = f"Named Pipes Provider: Could not open a connection to SQL Server [{code}]. "
    driver = connection.driver(client.call)
    if client.sqlcmd:
        client.say(f"HResult 0x{code:X}, Level 16, State 1\n{pipes}\n", error=True)
        client.say(f"Sqlcmd: Error: Microsoft {driver} : {remote}.\n", error=True)
        client.say(f"Sqlcmd: Error: Microsoft {driver} : Login timeout expired.\n", error=True)
    elif connection.version(client.call) == 8:
        client.line("[Shared Memory]SQL Server does not exist or access denied.")
        client.line("[Shared Memory]ConnectionOpen (Connect()).")
    else:
        client.say(f"[{driver}]{pipes}\n[{driver}]Login timeout expired\n[{driver}]{remote}\n")
    return 1


def _refused(client: Client, messages: Iterable[Said]) -> int:
    """osql prints the text alone; sqlcmd up to 2008 a message, later the driver's text (assumed: on which stream)."""
    for message in messages:
        if not client.sqlcmd:
            client.line(message.text)
        elif connection.version(client.call) <= 10:
            client.say(_message(client, message), error=False)
        else:
            client.line(f"Sqlcmd: Error: Microsoft {connection.driver(client.call)} : {message.text}.", error=True)
    return 1


# Work ---------------------------------------------------------------------------------------------------------------


def _work(client: Client, layout: grid.Layout) -> None:
    asked = client.asked
    for letter in ("Q", "q"):
        if letter in asked.values and not _run(client, Step("batch", asked.get(letter)), layout):
            return
    if "Q" in asked.values:
        return
    quiet = client.sqlcmd or "n" in asked.flags
    script = Script(
        lines=_reader(client),
        ends=client.sqlcmd,
        commands=client.sqlcmd,
        variables={name.lower(): value for name, _, value in [asked.get("v").partition("=")] if name},
        prompt=(lambda text: None) if quiet else client.say,
        end=asked.get("c", "go"),
    )
    for step in script.steps():
        if not _step(client, step, layout):
            return


def _reader(client: Client) -> Callable[[], str | None]:
    """The lines of -i, or of standard input as they come. assumed: in the OEM code page, or UTF-16 by its mark."""
    codec = client.call.station.spec.codec
    if "i" in client.asked.values:
        data = client.call.path(client.asked.get("i")).read_bytes()
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else codec, "replace")
        lines = iter(text.split("\n") if not text.endswith("\n") else text.split("\n")[:-1])
        return lambda: next((_echoed(client, line.rstrip("\r")) for line in lines), None)

    def from_stdin() -> str | None:
        line = client.call.readline()
        return _echoed(client, line.decode(codec, "replace").rstrip("\r\n")) if line else None

    return from_stdin


def _echoed(client: Client, line: str) -> str:
    if "e" in client.asked.flags:
        client.line(line)
    return line


def _step(client: Client, step: Step, layout: grid.Layout) -> bool:
    """False when the client is to end."""
    if step.kind == "leave":
        if step.text:
            client.code = _exit_value(client, step.text, layout)
        return False
    if step.kind == "on_error":
        client.stop_on_error = step.text == "exit"
        return True
    if step.kind == "unknown":
        client.line(f"impax-lab: the lab's {client.call.name} has no command {step.text!r}", error=True)
        client.code = 1
        return False
    return all(_run(client, step, layout) for _ in range(step.times))


def _exit_value(client: Client, query: str, layout: grid.Layout) -> int:
    """exit(query): the first value of the query; -101 where there is none."""
    value: Any = None
    for answer in connection.answers(client.session, query):
        _print(client, answer, layout)
        if isinstance(answer, connection.Rows) and answer.rows and value is None:
            value = answer.rows[0][0]
    return int(value) if isinstance(value, (int, float)) else -101


def _run(client: Client, step: Step, layout: grid.Layout) -> bool:
    worst = 0
    with connection.Watch(client.call, client.session, client.asked.number("t", 0)) as watch:
        for answer in connection.answers(client.session, step.text):
            if client.call.behaviour == "link_failure":
                continue
            _print(client, answer, layout)
            if isinstance(answer, Said):
                worst = max(worst, answer.level)
                if answer.level > 10 and answer.state == 127:
                    client.code = answer.number  # RAISERROR with state 127 ends the client (osql Utility)
                    return False
    if watch.timed_out:
        return _timed_out(client)
    if client.call.behaviour == "link_failure":
        return _link_failed(client)
    return _go_on(client, worst)


def _timed_out(client: Client) -> bool:
    """-t: the driver gives the statement up; an open transaction stays open. assumed: the text, and that -b takes it
    for an error."""
    driver = connection.driver(client.call)
    text = f"Sqlcmd: Error: Microsoft {driver} : Query timeout expired." if client.sqlcmd else "Timeout expired"
    client.line(text, error=client.sqlcmd)
    return _go_on(client, 16)


def _go_on(client: Client, worst: int) -> bool:
    """-b: 1 for a message above level 10. sqlcmd -V: the level itself, from that one on."""
    least = client.asked.number("V", 0)
    if client.sqlcmd and least and worst >= least:
        client.code = worst
    elif worst > 10 and client.stop_on_error:
        client.code = 1
    return not (worst > 10 and client.stop_on_error)


def _link_failed(client: Client) -> bool:
    client.line(f"[{connection.driver(client.call)}]Communication link failure", error=client.sqlcmd)
    client.code = 1
    return False


# Answers ------------------------------------------------------------------------------------------------------------


def _print(client: Client, answer: Any, layout: grid.Layout) -> None:
    if isinstance(answer, Said):
        text = _message(client, answer)
        client.say(text, error=_redirected(client, answer))
    elif isinstance(answer, connection.Rows):
        for line in grid.lines(answer.columns, answer.rows, layout):
            client.line(line)
    else:
        rows = "rows" if client.sqlcmd or answer.count != 1 else "row"
        client.line(f"\n({answer.count} {rows} affected)")


def _message(client: Client, said: Said) -> str:
    """Level 0 (PRINT) is the text alone; -m hides what is below its level, -m-1 shows every head."""
    shown_from = client.asked.number("m", 1)
    if 0 < said.level < shown_from:
        return ""
    if said.level == 0 and shown_from >= 0:
        return f"{said.text}\n"
    procedure = f"Procedure {said.procedure}, " if said.procedure else ""
    place = f"Server {connection.server_name(client.call)}, {procedure}Line {said.line}"
    return f"Msg {said.number}, Level {said.level}, State {said.state}, {place}\n{said.text}\n"


def _redirected(client: Client, said: Said) -> bool:
    """-r0: errors go to the error output, from level 17 on (osql), from 11 on (sqlcmd); -r1: every message."""
    if "r" not in client.asked.values:
        return False
    if client.asked.get("r") == "1":
        return True
    return said.level >= (11 if client.sqlcmd else 17)


def _finish(client: Client, code: int) -> int:
    """Write what -o keeps back; -u writes it as UTF-16."""
    if "o" in client.asked.values:
        text = "".join(client.written).replace("\n", "\r\n")
        codec = "utf-16" if "u" in client.asked.flags else client.call.station.spec.codec
        client.call.write_file(client.asked.get("o"), text.encode(codec, "replace"))
    return code
