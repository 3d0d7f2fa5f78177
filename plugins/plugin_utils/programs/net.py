# SPDX-License-Identifier: GPL-3.0-or-later
"""net start, net stop: exit code 2 stands for every failure, and for "already"; the message's number says which it was.

It asks Y/N when other services are concerned, and takes an empty input for no. Success is an English sentence only: in
another language it is not known here, and the service's state has to be asked for.
Source: Microsoft, net start, net stop, net helpmsg (lmerr.h, winerror.h).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..command import Command, Outcome

TRANSCRIPTS = ("net",)
ALREADY_RUNS, NOT_STARTED, INVALID_NAME, NOT_INSTALLED = 2182, 3521, 2185, 1060
ALREADY = {ALREADY_RUNS: "already running", NOT_STARTED: "already stopped"}
SAID = re.compile(
    r"^.*NET HELPMSG (?P<help>\d+)"
    r"|^The (?P<done>.+?) service was (?P<what>started|stopped) successfully\."
    r"|^The (?P<failed>.+?) service could not be (?P<not>started|stopped)\."
    r"|^The (?P<about>.+?) service is (?:not started|starting|stopping)\b"
    r"|^A service specific error occurred: (?P<specific>-?\d+)\."
    r"|^System error (?P<system>\d+) has occurred\.",
    re.M,
)
PROMPT = re.compile(r"^.*\(Y/N\) \[[YN]\]: ?", re.M)
DEPENDENT = re.compile(
    r"^The following services are dependent on the .+? service\.\n.*?\n\n?((?:[ \t]+\S[^\n]*\n)+)", re.M | re.S
)


@dataclass(frozen=True)
class Printed:
    """helpmsg: number of the last message; None: none was given. started, stopped: None where it does not say.

    results: one for each service that it tells of, in order, with what is known of service, started, stopped, helpmsg,
    service_specific, system_error, state. prompt: a question that it asked. dependants: names as people see them.
    """

    helpmsg: int | None
    service_specific: int | None
    system_error: int | None
    started: bool | None
    stopped: bool | None
    installed: bool | None
    state: str | None
    results: tuple[dict[str, Any], ...]
    prompt: str | None
    dependants: tuple[str, ...]


def start(service: str) -> Command:
    """It waits for the service. Exit code 2 stands for every failure, and for a service that runs already."""
    return Command(("net", "start", service), expected=frozenset({0, 2}), timeout=600)


def stop(service: str, with_dependants: bool = False) -> Command:
    """It waits for the service. with_dependants: those that need it are stopped first; without it, it asks and stops nothing."""
    words = ("net", "stop", service)
    return Command((*words, "/y") if with_dependants else words, expected=frozenset({0, 2}), timeout=600)


def read(printed: str) -> Printed:
    """The answer of one call or of several in a row; single facts are the last one's."""
    printed = printed.replace("\r", "")
    results = tuple(_results(printed))
    last = results[-1] if results else {}
    messages = [result["helpmsg"] for result in results if "helpmsg" in result]
    prompt, listed = PROMPT.search(printed), DEPENDENT.search(printed)
    absent = last.get("helpmsg") == INVALID_NAME or last.get("system_error") == NOT_INSTALLED
    return Printed(
        helpmsg=messages[-1] if messages else None,
        service_specific=last.get("service_specific"),
        system_error=last.get("system_error"),
        started=last.get("started"),
        stopped=last.get("stopped"),
        installed=False if absent else None,
        state=last.get("state"),
        results=results,
        prompt=prompt[0] if prompt else None,
        dependants=tuple(line.strip() for line in listed[1].splitlines()) if listed else (),
    )


def _results(printed: str) -> Iterator[dict[str, Any]]:
    """A result ends with a success, a message's number or a system error; what stands before them belongs to it."""
    told: dict[str, Any] = {}
    for found in SAID.finditer(printed):
        told |= _told(found)
        if found["done"] or found["help"] or found["system"]:
            yield told
            told = {}
    if {"started", "stopped"} & set(told):
        yield told


def _told(found: re.Match[str]) -> dict[str, Any]:
    """What one line says."""
    told: dict[str, Any] = {"service": name} if (name := found["done"] or found["failed"] or found["about"]) else {}
    if found["done"] or found["failed"]:
        told[found["what"] or found["not"]] = bool(found["done"])
    for group, key in (("specific", "service_specific"), ("help", "helpmsg"), ("system", "system_error")):
        if found[group]:
            told[key] = int(found[group])
    if told.get("helpmsg") in ALREADY:
        told["state"] = ALREADY[told["helpmsg"]]
    return told


def why(outcome: Outcome, already: int = ALREADY_RUNS) -> str:
    """Why a start failed, by its number; "" where it worked or found the service running. already: 3521 for a stop."""
    if outcome.ended and outcome.exit_code == 0:
        return ""
    told = read(outcome.printed)
    if any(result.get("helpmsg") == already for result in told.results):
        return ""
    if told.helpmsg is not None:
        return f"NET HELPMSG {told.helpmsg}"
    if told.system_error is not None:
        return f"system error {told.system_error}"
    return outcome.why or f"exit code {outcome.exit_code}"
