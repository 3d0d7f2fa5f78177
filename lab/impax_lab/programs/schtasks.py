# SPDX-License-Identifier: GPL-3.0-or-later
"""schtasks: create, run, query, end and delete tasks; what it starts outlives whoever asked.

2003 and 2008 differ: the form of /st, /f and /np, the leading backslash of names, and some texts.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from impax_lab import windows

if TYPE_CHECKING:
    from impax_lab.program import Call
    from impax_lab.windows.jobs import Jobs

NAMES = ("schtasks",)
SYSTEMS = ("windows",)
SOURCES = "schtasks' reference for Windows Server 2003 and 2008; texts of success and error assumed"
SPECIAL = {"never_starts": "/run prints success and nothing starts (the account may not log on as a batch job)"}
FAILURE = "ERROR: Access is denied.\n"

VERBS = {"/create", "/run", "/query", "/end", "/delete"}
WITH_VALUE = {"/tn", "/tr", "/sc", "/st", "/sd", "/ru", "/rp", "/fo", "/s", "/u", "/p", "/rl"}
LONGEST_RUN = 261
NOT_THERE_2003 = 'ERROR: The specified task name "{name}" does not exist in the system.\n'
NOT_THERE_2008 = "ERROR: The system cannot find the file specified.\n"


class WrongWords(Exception):
    """The text that the program prints about its words."""


@dataclass
class Asked:
    verb: str = ""
    values: dict[str, str] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The task; 2008 keeps tasks in folders, and a name without one lies in the root."""
        return self.values.get("/tn", "").removeprefix("\\")


def main(call: Call) -> int:
    old = call.station.spec.release.startswith("5.")
    try:
        asked = _parse(call.words[1:], old)
        return _VERBS[asked.verb](call, asked, windows.running(call.station.folder).jobs, old)
    except WrongWords as problem:
        call.err(f"ERROR: {problem}\n")
        return 1


def _parse(words: list[str], old: bool) -> Asked:
    asked, rest = Asked(), list(words)
    while rest:
        option = rest.pop(0).lower().replace("-", "/", 1)
        if option in VERBS and not asked.verb:
            asked.verb = option
        elif option in WITH_VALUE - ({"/rl"} if old else set()):
            if option == "/rp" and (not rest or rest[0].startswith("/")):
                asked.flags.add("/rp")  # asks for the password
                continue
            if not rest:
                raise _wrong(asked.verb, f"Invalid syntax. Value expected for '{option}'.")
            asked.values[option] = rest.pop(0)
        elif option in _flags(asked.verb, old):
            asked.flags.add(option)
        else:
            raise _wrong(asked.verb, f"Invalid argument/option - '{option}'.")
    asked.verb = asked.verb or "/query"
    if asked.verb != "/query" and not asked.name:
        raise _wrong(asked.verb, "Invalid syntax. Mandatory option 'tn' is missing.")
    return asked


def _wrong(verb: str, text: str) -> WrongWords:
    return WrongWords(f'{text}\nType "SCHTASKS {verb.upper()} /?" for usage.')


def _flags(verb: str, old: bool) -> set[str]:
    """assumed: in 2003 /f belongs to /delete alone and there is no /np."""
    if verb == "/create":
        return set() if old else {"/f", "/np", "/z", "/it"}
    return {"/query": {"/v", "/nh"}, "/delete": {"/f"}}.get(verb, set())


def _create(call: Call, asked: Asked, jobs: Jobs, old: bool) -> int:
    for option in ("/tr", "/sc"):
        if option not in asked.values:
            raise _wrong("/create", f"Invalid syntax. Mandatory option '{option[1:]}' is missing.")
    if asked.values["/sc"].lower() != "once":
        raise WrongWords(f'Invalid Schedule Type specified: the lab knows "once" only, not {asked.values["/sc"]!r}.')
    if len(asked.values["/tr"]) > LONGEST_RUN:
        raise WrongWords(f"Value for '/TR' option cannot be more than {LONGEST_RUN} character(s).")
    at = _time(asked.values.get("/st", ""), old)
    if asked.name.lower() in jobs.all() and "/f" not in asked.flags and not _may_replace(call, asked.name):
        return 1
    user = asked.values.get("/ru", call.user)
    warning = _logon(call, asked, user)
    if warning and not old:
        raise WrongWords("The user name or password is incorrect.")
    if at < datetime.now() and not old:
        call.out("WARNING: Task may not run because /ST is earlier than current time.\n")
    if not call.pretend:
        jobs.create(asked.name, asked.values["/tr"], _bare(user), at)
    call.out(warning.format(name=asked.name))
    call.out(f'SUCCESS: The scheduled task "{asked.values["/tn"]}" has successfully been created.\n')
    return 0


def _time(text: str, old: bool) -> datetime:
    """Today at /st. assumed: HH:MM:SS in 2003, HH:MM from 2008 on."""
    try:
        moment = datetime.strptime(text, "%H:%M:%S" if old else "%H:%M").time()
    except ValueError as error:
        raise _wrong("/create", "Invalid Starttime value.") from error
    return datetime.combine(datetime.now().date(), moment)


def _may_replace(call: Call, name: str) -> bool:
    call.out(f'WARNING: The task name "{name}" already exists. Do you want to replace it (Y/N)? ')
    return call.readline().strip().lower() in (b"y", b"yes")


def _bare(user: str) -> str:
    bare = user.rpartition("\\")[2]
    return "SYSTEM" if bare.lower() in ("system", "") else bare


def _logon(call: Call, asked: Asked, user: str) -> str:
    """A warning when the account cannot log on with the password given; SYSTEM and /np need none."""
    if _bare(user) == "SYSTEM" or "/np" in asked.flags:
        return ""
    password = asked.values.get("/rp")
    if password is None or password == "*":
        call.out(f"Please enter the run as password for {user}: ")
        password = call.readline().decode("latin-1").rstrip("\r\n")
        call.out("\n")
    passwords = windows.running(call.station.folder).passwords()
    if any(name.lower() == _bare(user).lower() and word == password for name, word in passwords.items()):
        return ""
    return (
        'WARNING: The Scheduled task "{name}" has been created, but may not run because the account information '
        "could not be set.\n"
    )


def _known(asked: Asked, jobs: Jobs, old: bool) -> dict[str, Any]:
    task = jobs.all().get(asked.name.lower())
    if task is None:
        raise WrongWords((NOT_THERE_2003 if old else NOT_THERE_2008).format(name=asked.name)[7:].rstrip())
    return task


def _run(call: Call, asked: Asked, jobs: Jobs, old: bool) -> int:
    task = _known(asked, jobs, old)
    if not call.pretend and call.behaviour != "never_starts":
        jobs.start(task["name"])
    call.out(f'SUCCESS: Attempted to run the scheduled task "{asked.values["/tn"]}".\n')
    return 0


def _end(call: Call, asked: Asked, jobs: Jobs, old: bool) -> int:
    jobs.end(_known(asked, jobs, old)["name"])
    call.out(f'SUCCESS: The scheduled task "{asked.values["/tn"]}" has been terminated successfully.\n')
    return 0


def _delete(call: Call, asked: Asked, jobs: Jobs, old: bool) -> int:
    task = _known(asked, jobs, old)
    if "/f" not in asked.flags:
        call.out(f'WARNING: Are you sure you want to remove the task "{task["name"]}" (Y/N)? ')
        if call.readline().strip().lower() not in (b"y", b"yes"):
            return 1
    if not call.pretend:
        jobs.delete(task["name"])
    call.out(f'SUCCESS: The scheduled task "{asked.values["/tn"]}" was successfully deleted.\n')
    return 0


def _query(call: Call, asked: Asked, jobs: Jobs, old: bool) -> int:
    tasks = [_known(asked, jobs, old)] if asked.name else list(jobs.all().values())
    if not tasks:
        call.err("INFO: There are no scheduled tasks present in the system.\n")
        return 0
    rows = [_row(call, task, jobs.runs(task["name"]), old, "/v" in asked.flags) for task in tasks]
    form = asked.values.get("/fo", "table").lower()
    if form not in _FORMS:
        raise _wrong("/query", "Invalid syntax. Value for '/fo' is not one of TABLE, LIST, CSV.")
    call.out(_FORMS[form](rows, "/nh" not in asked.flags))
    return 0


def _row(call: Call, task: dict[str, Any], runs: bool, old: bool, verbose: bool) -> dict[str, str]:
    name = task["name"] if old else f"\\{task['name']}"
    status = "Running" if runs else ("" if old else "Ready")
    head = {"HostName": call.station.spec.hostname.upper()} if verbose or not old else {}
    row = {**head, "TaskName": name, "Next Run Time": "Never" if old else "N/A", "Status": status}
    if verbose:
        row |= {
            "Logon Mode": "Interactive/Background",
            "Last Run Time": task.get("last_run", "Never" if old else "N/A"),
            "Last Result": str(task.get("last_result", 0 if old else 267011)),  # SCHED_S_TASK_HAS_NOT_RUN
            "Author" if not old else "Creator": call.user,
            "Task To Run": task["run"],
            "Run As User": task["user"],
        }
    return row


def _as_list(rows: list[dict[str, str]], heads: bool) -> str:
    width = max(len(name) for name in rows[0]) + 1
    return "".join("\n" + "".join(f"{f'{name}:':<{width}} {value}\n" for name, value in row.items()) for row in rows)


def _as_csv(rows: list[dict[str, str]], heads: bool) -> str:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([list(rows[0])] * heads + [list(row.values()) for row in rows])
    return text.getvalue()


def _as_table(rows: list[dict[str, str]], heads: bool) -> str:
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in rows[0]}
    lines = [{name: name for name in widths}, {name: "=" * width for name, width in widths.items()}] * heads + rows
    return "\n" + "".join(" ".join(line[name].ljust(width) for name, width in widths.items()) + "\n" for line in lines)


_FORMS = {"list": _as_list, "csv": _as_csv, "table": _as_table}
_VERBS = {"/create": _create, "/run": _run, "/end": _end, "/delete": _delete, "/query": _query}
