# SPDX-License-Identifier: GPL-3.0-or-later
"""bcp: rows of a table or query into a file and back. Its exit code and its total are not always to be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from impax_lab.windows.sql import bulk, charfile, connection, formatfile, tools
from impax_lab.windows.sql.bulk import ACP
from impax_lab.windows.sql.copying import Failed, Run, table_columns
from impax_lab.windows.sql.loading import load
from impax_lab.windows.sql.switches import Wrong
from impax_lab.windows.sql.unloading import unload

if TYPE_CHECKING:
    from impax_lab.program import Call

NAMES = ("bcp",)
SYSTEMS = ("windows",)
SOURCES = (
    "bcp Utility, Books Online of SQL Server 2000, 2005 and 2008 (formats, terminators, code pages, default lengths); "
    "public console output of 2000, 2005 and later clients, github:Altinity/altinityknowledgebase@6854cfe677bf; "
    "exit codes after errors in single rows, and which messages follow an I/O error: assumed"
)
SPECIAL = {
    "failed_but_zero": "the copy fails in the middle, says so, and bcp ends with 0",
    "no_total": "half of the rows are copied and no total is printed; bcp ends with 0",
    "total_differs": "the total is one more than the rows that were copied",
    "truncated_file": "the file ends within its last row; the total is that of the table (in: the end is found out)",
    "io_error": "the disk fails while the file is written or read",
    "wrong_password": "the server refuses the log-on (18456)",
    "locked_account": "the server refuses the log-on: the account is locked out (18486)",
    "no_server": "nothing answers: the service is stopped, or the name is wrong",
}
FAILURE = (
    "SQLState = 37000, NativeError = 1105\n"
    "Error = [Microsoft][SQL Native Client][SQL Server]Could not allocate space for object in database 'tempdb'.\n"
    "\nBCP copy out failed\n"
)
TRANSLATED = {  # German
    " rows copied.": " Zeilen kopiert.", "Starting copy...": "Kopiervorgang wird gestartet...",
    "Network packet size (bytes)": "Netzwerkpaketgröße (Bytes)", "Clock Time (ms.) Total": "Gesamtzeit (ms.) insgesamt",
    "rows per sec.": "Zeilen pro Sek.", "Average": "Durchschnitt",
    "rows successfully bulk-copied to host-file. Total received":
        "Zeilen wurden erfolgreich per Massenkopieren in die Hostdatei übertragen. Insgesamt empfangen",
    "rows sent to SQL Server. Total sent": "Zeilen wurden an SQL Server gesendet. Insgesamt gesendet",
    "Login failed for user": "Fehler bei der Anmeldung für den Benutzer", "Error = ": "Fehler = ",
}  # fmt: skip
places = tools.places

USAGE = (
    "usage: bcp {dbtable | query} {in | out | queryout | format} datafile\n"
    "  [-m maxerrors]            [-f formatfile]          [-e errfile]\n"
    "  [-F firstrow]             [-L lastrow]             [-b batchsize]\n"
    "  [-n native type]          [-c character type]      [-w wide character type]\n"
    "  [-N keep non-text native] [-V file format version] [-q quoted identifier]\n"
    "  [-C code page specifier]  [-t field terminator]    [-r row terminator]\n"
    "  [-i inputfile]            [-o outfile]             [-a packetsize]\n"
    "  [-S server name]          [-U username]            [-P password]\n"
    "  [-T trusted connection]   [-v version]             [-R regional enable]\n"
    "  [-k keep null values]     [-E keep identity values]\n"
    '  [-h "load hints"]         [-x generate xml format file]\n'
)


def main(call: Call) -> int:
    if call.words[1:] == ["-v"]:
        return _version(call)
    try:
        run = Run(call, bulk.asked(call.words[1:]))
        limits = [run.asked.switches.number(letter, default) for letter, default in (("m", 10), ("F", 1), ("L", 0))]
    except Wrong:
        call.out(USAGE)
        return 1
    try:
        run.session = _connect(run)
        return _finish(run, _work(run, *limits))
    except Failed as problem:
        run.say("".join(problem.lines))
        return _finish(run, 0 if call.behaviour == "failed_but_zero" else 1)
    finally:
        if run.session is not None:
            run.session.close()


def _version(call: Call) -> int:
    call.out(
        "BCP - Bulk Copy Program for Microsoft SQL Server.\nCopyright (c) Microsoft Corporation. All rights reserved.\n"
        f"Version: {call.station.spec.sqlserver.get('version', '9.00.1399.06')}\n"
    )
    return 0


def _finish(run: Run, code: int) -> int:
    if "o" in run.asked.switches.values:
        text = "".join(run.written).replace("\n", "\r\n")
        run.call.write_file(run.asked.switches.get("o"), text.encode(run.call.station.spec.codec, "replace"))
    return code


def _connect(run: Run) -> Any:
    """Raises Failed."""
    switches = run.asked.switches
    if "T" not in switches.flags and "P" not in switches.values:
        run.call.out("Password: \n")  # no keyboard answers
    try:
        return connection.connect(run.call, run.asked.logon)
    except connection.LogonFailed as problem:
        raise Failed(*map(run.said, problem.messages)) from problem
    except connection.NoServer as problem:
        remote = (
            "An error has occurred while establishing a connection to the server. When connecting to SQL Server 2005, "
            "this failure may be caused by the fact that under the default settings SQL Server does not allow remote "
            "connections."
        )
        pipes = f"Named Pipes Provider: Could not open a connection to SQL Server [{problem.code}]. "
        raise Failed(
            run.error("08001", problem.code, pipes),
            run.error("08001", problem.code, remote),
            run.error("S1T00", 0, "Login timeout expired"),
        ) from problem


def _work(run: Run, most_errors: int, first: int, last: int) -> int:
    if run.asked.direction == "format":
        return _write_format(run)
    if run.asked.direction == "in":
        return load(run, most_errors, first, last)
    return unload(run, first, last)


def _write_format(run: Run) -> int:
    if "f" not in run.asked.switches.values or "x" in run.asked.switches.flags or not run.asked.mode:
        run.call.out(USAGE)
        return 1
    columns = table_columns(run)
    ends = [run.asked.switches.get("t", "\\t"), run.asked.switches.get("r", "\\n")]
    field_end, row_end = (charfile.terminator(end, "", "latin-1").decode("latin-1") for end in ends)
    shown = ["" if run.asked.mode in "nN" else field_end] * (len(columns) - 1)
    shown.append("" if run.asked.mode in "nN" else row_end)
    collation = str(run.call.station.spec.sqlserver.get("collation", "Latin1_General_CI_AS"))
    text = formatfile.write(columns, connection.version(run.call), collation, run.asked.mode, shown)
    try:
        run.call.write_file(run.asked.switches.get("f"), text.replace("\n", "\r\n").encode(ACP, "replace"))
    except OSError as error:
        raise Failed(run.error("S1000", 0, "Unable to open BCP format file")) from error
    return 0
