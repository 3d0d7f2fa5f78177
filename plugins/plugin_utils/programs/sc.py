# SPDX-License-Identifier: GPL-3.0-or-later
"""sc: services by their names. A change that it answers with exit code 0 was only asked for; the state tells what became of it.

States are read by their numbers, which are the same in every language; the exit code is the Win32 error, and stands in
the text, too. Its buffers are small unless told otherwise: a long answer is then cut (122, 234).
Source: Microsoft, sc query, sc qc, sc enumdepend; SERVICE_STATUS; EnumDependentServices (64,000 bytes, stopping order);
QueryServiceConfig (8,192 bytes); winerror.h. The labels of other languages are `assumed` to stand in the same order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..command import Command, Outcome

TRANSCRIPTS = ("sc",)
STATES = {
    1: "STOPPED",
    2: "START_PENDING",
    3: "STOP_PENDING",
    4: "RUNNING",
    5: "CONTINUE_PENDING",
    6: "PAUSE_PENDING",
    7: "PAUSED",
}
PLAIN = {
    "STOPPED": "stopped",
    "START_PENDING": "starting",
    "STOP_PENDING": "stopping",
    "RUNNING": "running",
    "CONTINUE_PENDING": "changing",
    "PAUSE_PENDING": "changing",
    "PAUSED": "paused",
}
START_TYPES = {0: "boot", 1: "system", 2: "auto", 3: "demand", 4: "disabled"}
DELAYED = "(DELAYED)"
MISSING = 1060
FIELDS = ("TYPE", "STATE", "WIN32_EXIT_CODE", "SERVICE_EXIT_CODE", "CHECKPOINT", "WAIT_HINT", "PID", "FLAGS")
CONFIG = ("TYPE", "START_TYPE")
FIELD = re.compile(r"(?P<in>[ \t]*)(?P<label>[^\s:\[(][^:\n]*?)[ \t]*:[ \t]*(?P<value>.*?)[ \t]*")
NUMBER = re.compile(r"(0x[0-9a-fA-F]+|\d+)(?: .*)?")
STATE = re.compile(r"([1-7])[ \t]+\w.*")
HEAD = re.compile(r"(?P<label>[^\s:\[(][^:\n]*): ?(?P<value>\S.*?)[ \t]*")
ERROR = re.compile(r"^\[SC\][^\n]*?(\d+) ?:[ \t]*$", re.M)
KEY_NAME = re.compile(r"^[^\n=]*\b[^\n=]*= ?(\S[^\n]*?)[ \t]*$", re.M)
COUNT = re.compile(r"^\[SC\][^\n]*= ?(\d+)[ \t]*$", re.M)


@dataclass(frozen=True)
class Entry:
    """One service of an answer. state: a word of STATES; None: not said. exit codes: of its last end (1066: see `service_exit`)."""

    name: str
    display: str = ""
    state: str | None = None
    win32_exit: int | None = None
    service_exit: int | None = None
    pid: int | None = None


@dataclass(frozen=True)
class Printed:
    """services: state word by name, only where a number said it. win32_exit_code: of the one service; None where several
    answered. error: the Win32 error that the call ended with. installed: False where it is 1060, True where the service
    answered; None: not said. announced: how many services enumdepend says there are."""

    services: dict[str, str]
    entries: tuple[Entry, ...]
    win32_exit_code: int | None
    error: int | None
    installed: bool | None
    announced: int | None


# Words


def query(service: str) -> Command:
    """Its state. Exit code 1060: there is no such service."""
    return Command(("sc", "query", service), expected=frozenset({0, MISSING}))


def queryex(service: str) -> Command:
    """Its state and its process."""
    return Command(("sc", "queryex", service), expected=frozenset({0, MISSING}))


def config(service: str) -> Command:
    """How it is configured, its start-up type among it."""
    return Command(("sc", "qc", service, "8192"), expected=frozenset({0, MISSING}))


def dependants(service: str) -> Command:
    """Every service that needs it, running or not, in the order in which they are to be stopped."""
    return Command(("sc", "enumdepend", service, "64000"), expected=frozenset({0, MISSING}))


def key_name(display: str) -> Command:
    """The name of the service that people see as `display`. Exit code 1060: there is none."""
    return Command(("sc", "getkeyname", display), expected=frozenset({0, MISSING}))


def start(service: str) -> Command:
    """It does not wait. What the service itself needs is started with it. Any exit code is one that `error` reads."""
    return Command(("sc", "start", service), timeout=120)


def stop(service: str) -> Command:
    """It does not wait, and is refused (1051) while a service that needs it runs."""
    return Command(("sc", "stop", service), timeout=120)


# Reading


def read(printed: str) -> Printed:
    """An answer of query, queryex, enumdepend, start or stop, for one service or several."""
    entries = tuple(_entry(head, fields) for head, fields in _blocks(printed, FIELDS))
    found, count = ERROR.findall(printed), COUNT.search(printed)
    error = int(found[-1]) if found else None
    installed = False if error == MISSING else True if entries and error is None else None
    return Printed(
        services={entry.name: entry.state for entry in entries if entry.name and entry.state},
        entries=entries,
        win32_exit_code=entries[0].win32_exit if len(entries) == 1 else None,
        error=error,
        installed=installed,
        announced=int(count[1]) if count else None,
    )


def start_type(printed: str) -> str | None:
    """The start-up type of a `config` answer: a word of START_TYPES, or ``delayed``; None: not said."""
    blocks = _blocks(printed, CONFIG)
    value = blocks[0][1].get("START_TYPE", "") if len(blocks) == 1 else ""
    number = _number(value)
    word = None if number is None else START_TYPES.get(number)
    return "delayed" if word == "auto" and value.endswith(DELAYED) else word


def entry_of(outcome: Outcome) -> Entry | None:
    """The one service of a query; None where it did not answer."""
    entries = read(outcome.out).entries if outcome.as_expected else ()
    return entries[0] if len(entries) == 1 else None


def state(outcome: Outcome) -> str | None:
    """stopped, starting, stopping, running, changing, paused, or missing (no such service); None: not said."""
    if missing(outcome):
        return "missing"
    entry = entry_of(outcome)
    return PLAIN[entry.state] if entry and entry.state else None


def key_of(outcome: Outcome) -> str | None:
    """What a `key_name` call found; "" where no service is called so; None: not said."""
    if missing(outcome):
        return ""
    found = KEY_NAME.search(outcome.out) if outcome.as_expected else None
    return found[1] if found else None


def missing(outcome: Outcome) -> bool:
    """There is no such service: by the exit code, or by the number in the text."""
    return outcome.ended and (outcome.exit_code == MISSING or read(outcome.printed).error == MISSING)


def dependants_of(outcome: Outcome) -> tuple[Entry, ...] | None:
    """What a `dependants` answer lists, in stopping order; None where it is not whole, or a state is not said."""
    if not outcome.as_expected or missing(outcome):
        return None
    told = read(outcome.out)
    whole = told.error is None and told.announced == len(told.entries)
    return told.entries if whole and all(entry.state for entry in told.entries) else None


def error(outcome: Outcome) -> int | None:
    """The Win32 error that a start or stop ended with; 0: it was asked for; None: its end is not known."""
    if not outcome.ended:
        return None
    return read(outcome.printed).error or outcome.exit_code


def _blocks(printed: str, order: tuple[str, ...]) -> list[tuple[tuple[str, str], dict[str, str]]]:
    """Of each service its two names and its fields, by the labels in English, else by the order in which they stand."""
    found: list[tuple[tuple[str, str], dict[str, str]]] = []
    for line in printed.replace("\r", "").split("\n"):
        field = FIELD.fullmatch(line)
        if field and (field["in"] or field["label"] in FIELDS):
            if not found and field["label"] in order:
                found.append((("", ""), {}))
            if found:
                _take(found[-1][1], field["label"], field["value"], order)
        elif head := HEAD.fullmatch(line):
            if found and not found[-1][1] and not found[-1][0][1]:
                found[-1] = ((found[-1][0][0], head["value"]), {})
            else:
                found.append(((head["value"], ""), {}))
    return [block for block in found if block[1]]


def _take(fields: dict[str, str], label: str, value: str, order: tuple[str, ...]) -> None:
    place = len(fields)
    name = label if label in order else order[place] if place < len(order) else label
    fields.setdefault(name, value)


def _entry(names: tuple[str, str], fields: dict[str, str]) -> Entry:
    state = STATE.fullmatch(fields.get("STATE", ""))
    return Entry(
        name=names[0],
        display=names[1],
        state=STATES[int(state[1])] if state else None,
        win32_exit=_number(fields.get("WIN32_EXIT_CODE", "")),
        service_exit=_number(fields.get("SERVICE_EXIT_CODE", "")),
        pid=_number(fields.get("PID", "")),
    )


def _number(value: str) -> int | None:
    found = NUMBER.fullmatch(value)
    return int(found[1], 0 if found[1].startswith("0x") else 10) if found else None
