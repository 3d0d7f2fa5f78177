# SPDX-License-Identifier: GPL-3.0-or-later
"""One bcp at work: what it says, how it fails, and the form of the file that it works on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from impax_lab.windows.sql import bulk, charfile, connection, formatfile, native
from impax_lab.windows.sql.bulk import ACP, Asked, Form
from impax_lab.windows.sql.connection import Rows, Said
from impax_lab.windows.sql.values import Column

if TYPE_CHECKING:
    from impax_lab.program import Call

PROGRESS = 1000  # rows between two lines of progress
STATES = {  # SQLState of ODBC 2, as bcp prints it, by the server's number
    207: "S0022", 208: "S0002", 229: "42000", 515: "23000", 547: "23000", 2601: "23000", 2627: "23000", 8152: "22001",
    18456: "28000", 18486: "28000", 1222: "HYT00", 911: "37000", 4060: "37000",
}  # fmt: skip


class Failed(Exception):
    """The copy ends here; `lines` are what bcp prints of it."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines


@dataclass
class Run:
    """One bcp at work. written: what -o keeps back. copied: rows so far. began: monotonic seconds."""

    call: Call
    asked: Asked
    session: Any = None
    copied: int = 0
    errors: int = 0
    began: float = field(default_factory=time.monotonic)
    written: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        if "o" in self.asked.switches.values:
            self.written.append(text)
        else:
            self.call.out(text)

    def error(self, state: str, number: int, text: str, server: bool = False) -> str:
        origin = f"[Microsoft][{connection.driver(self.call)}]" + "[SQL Server]" * server
        return f"SQLState = {state}, NativeError = {number}\nError = {origin}{text}\n"

    def said(self, message: Said) -> str:
        return self.error(STATES.get(message.number, "37000"), message.number, message.text, server=True)


def result(run: Run) -> Rows:
    """What is to be copied out. Raises Failed with the server's messages."""
    try:
        with connection.Watch(run.call, run.session):
            return connection.exported(run.session, run.asked.what)
    except connection.Refused as problem:
        raise Failed(*map(run.said, problem.messages), *_not_prepared(run, problem.messages)) from problem


def table_columns(run: Run) -> tuple[Column, ...]:
    """All columns of the table. Raises Failed."""
    try:
        return connection.columns(run.session, run.asked.what)
    except connection.Refused as problem:
        raise Failed(*map(run.said, problem.messages)) from problem


def _not_prepared(run: Run, messages: Sequence[Said]) -> list[str]:
    if run.asked.direction == "queryout" and messages[0].number in (102, 105, 156, 170, 207, 208):
        return [run.error("37000", 8180, "Statement(s) could not be prepared.", server=True)]
    return []


def report(run: Run, rows: int) -> None:
    for total in range(PROGRESS, rows + 1, PROGRESS):
        if run.asked.direction == "in":
            run.say(f"{PROGRESS} rows sent to SQL Server. Total sent: {total}\n")
        else:
            run.say(f"{PROGRESS} rows successfully bulk-copied to host-file. Total received: {total}\n")


def end_of_copy(run: Run) -> int:
    if run.call.behaviour == "no_total":
        return 0
    run.say(f"\n{run.copied} rows copied.\n{_times(run)}")
    return 0


def _times(run: Run) -> str:
    spent = max(1, round((time.monotonic() - run.began) * 1000))
    packet = f"Network packet size (bytes): {run.asked.switches.get('a', '4096')}\n"
    if connection.version(run.call) == 8:
        return f"{packet}Clock Time (ms.): total {spent:>8}\n"
    average = f" Average : ({run.copied * 1000 / spent:.2f} rows per sec.)" if run.copied else ""
    return f"{packet}Clock Time (ms.) Total     : {spent:<6}{average}\n"


# The form of the file -----------------------------------------------------------------------------------------------


def form(run: Run, columns: Sequence[Column]) -> Form:
    """Raises Failed."""
    if "f" in run.asked.switches.values:
        try:
            return bulk.described(run.call, run.asked, columns)
        except (formatfile.Broken, OSError) as error:
            verb = "Unable to open" if isinstance(error, OSError) else "I/O error while reading"
            raise Failed(run.error("S1000", 0, f"{verb} BCP format file")) from error
    if run.asked.mode:
        return bulk.form(run.call, run.asked, columns)
    return _asked_for(run, columns)


def _asked_for(run: Run, columns: Sequence[Column]) -> Form:
    """Without -c, -n, -w, -N and -f bcp asks for the form of each field. The lab knows the proposed answers only: it
    fails loudly on others, as it does at the end of the input."""
    for column in columns:
        _propose(run, f"Enter the file storage type of field {column.name} [{column.kind}]: ", column.kind)
        length = native.prefix(column)
        _propose(run, f"Enter prefix-length of field {column.name} [{length}]: ", str(length))
        if column.kind not in native.SIZES:
            _propose(run, f"Enter length of field {column.name} [{column.size}]: ", str(column.size))
        _propose(run, "Enter field terminator [none]: ", "none")
        run.call.out("\n")
    _propose(run, "Do you want to save this format information in a file? [Y/n] ", "n")
    return Form("n", ACP, tuple(charfile.Field(column, b"") for column in columns))


def _propose(run: Run, question: str, proposed: str) -> None:
    run.call.out(question)
    line = run.call.readline()
    if not line or line.strip().lower() not in (b"", proposed.encode().lower()):
        raise Failed("\nimpax-lab: bcp was asked for the form of a field and got no answer that the lab knows\n")
