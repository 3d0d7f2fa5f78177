# SPDX-License-Identifier: GPL-3.0-or-later
"""May services of a Windows station be stopped or started, and is their state what was wanted (S05, S15).

The vendor text: four services of SQL Server are stopped where they run (S05); the relay is started (S15). A service that does
not exist has not to be stopped. Start-up types are read and never changed.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..findings import Finding, Remediation, Verdict

KEY = "windows_service"
PENDING = ("starting", "stopping", "changing")
IDLE = ("stopped", "missing")
NUMBERS = {"stopped": 1, "starting": 2, "stopping": 3, "running": 4, "paused": 7}
TOLERATED = {"running": (0, 1056), "stopped": (0, 1062)}
ERRORS = {
    5: "access is denied to this account",
    1051: "services that need it still run",
    1052: "it takes no such control",
    1053: "it did not answer in time",
    1055: "the services' database is locked",
    1056: "it runs already",
    1058: "it is disabled",
    1060: "it does not exist",
    1061: "it takes no controls at the moment",
    1062: "it was not started",
    1066: "an error of the service's own",
    1067: "its process ended unexpectedly",
    1068: "a service that it needs did not start",
    1069: "its account could not log on",
    1072: "it is marked for deletion",
    1075: "a service that it needs does not exist",
    1077: "never started since the station came up",
}
_ALLOWED = frozenset(string.ascii_lowercase + string.digits + "_$#")


@dataclass(frozen=True)
class Service:
    """A service as it was found.

    state: stopped, starting, stopping, running, changing, paused, missing; None: not said. start_type: boot, system, auto,
    delayed, demand, disabled; None: not said. win32_exit, service_exit: how it ended last. pid: of its process.
    known_as: the name of the service whose display name was given instead. why: why something is not known.
    """

    name: str
    state: str | None
    start_type: str | None = None
    win32_exit: int | None = None
    service_exit: int | None = None
    pid: int | None = None
    known_as: str | None = ""
    why: str = ""

    def evidence(self) -> dict[str, Any]:
        return {"name": self.name, "state": self.state, "start_type": self.start_type}

    @property
    def ended_with(self) -> str:
        if self.win32_exit == 1066:
            return f"its own error {self.service_exit}"
        return _error(self.win32_exit) if self.win32_exit else ""


@dataclass(frozen=True)
class Deed:
    """What was done to one service. said: what its control was answered with (Win32 number; None: not known, or nothing
    was asked). reached: as it was when the wanted state was first seen. held_back: why nothing was asked of it."""

    said: int | None = None
    reached: Service | None = None
    held_back: str = ""


@dataclass(frozen=True)
class Where:
    """Which station, which state is wanted (running or stopped), and within how many seconds; settle: seconds it must last."""

    section: str
    station: str
    wanted: str
    wait: int = 0
    settle: int = 0
    needed_by: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def finding(self, name: str, what: str, verdict: Verdict, summary: str, **more: Any) -> Finding:
        key = f"{KEY}.{_part(name)}.{what}" if name else f"{KEY}.{what}"
        return Finding(key, self.section, self.station, verdict, summary, **more)


def _part(name: str) -> str:
    return "".join(letter if letter in _ALLOWED else "_" for letter in name.lower())


def _error(number: int | None) -> str:
    return f"error {number}" + (f" ({ERRORS[number]})" if number in ERRORS else "")


def shown(service: Service) -> str:
    number = NUMBERS.get(service.state or "")
    return (service.state or "unknown") + (f" (state {number})" if number else "")


def listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]


# Before anything is done


def unfit(where: Where, service: Service) -> Finding | None:
    """Why this service must not be touched, or need not; None: it can be brought to the wanted state, or is in it."""
    evidence = {**service.evidence(), "wanted": where.wanted}
    if service.state == "missing":
        return _missing(where, service, evidence)
    if service.state is None:
        return where.finding(
            service.name,
            "state",
            Verdict.UNKNOWN,
            f"sc on {where.station} did not tell the state of {service.name}: {service.why or 'no number was read'};"
            f" expected {where.wanted}. Nothing was asked of it.",
            evidence={**evidence, "why": service.why},
            remediation=Remediation(
                "command", f"See what sc query {service.name} says there; then run this section again."
            ),
        )
    if service.state in PENDING:
        return where.finding(
            service.name,
            "state",
            Verdict.BLOCKER,
            f"{service.name} on {where.station} is {shown(service)} and was not {where.wanted} within {where.wait} s."
            " Nothing was asked of it.",
            evidence=evidence,
            remediation=Remediation(
                "guided", f"See the event log and {service.name}'s own log; then run this section again."
            ),
        )
    return _not_startable(where, service, evidence) if where.wanted == "running" else None


def _missing(where: Where, service: Service, evidence: dict[str, Any]) -> Finding:
    if service.known_as:
        return where.finding(
            service.name,
            "state",
            Verdict.BLOCKER,
            f"{service.name} on {where.station} is what people see; the service's own name is {service.known_as}.",
            evidence={**evidence, "known_as": service.known_as},
            remediation=Remediation("command", f"Name it {service.known_as} in services, then run this section again."),
        )
    if service.known_as is None:
        return where.finding(
            service.name,
            "state",
            Verdict.UNKNOWN,
            f"There is no service {service.name} on {where.station}, and sc did not tell whether one is shown by that name.",
            evidence=evidence,
            remediation=Remediation(
                "command", f"See what sc getkeyname says there of {service.name}; then run this section again."
            ),
        )
    if where.wanted == "stopped":
        text = f"There is no service {service.name} on {where.station} (sc: 1060); nothing to stop."
        return where.finding(service.name, "state", Verdict.OK, text, evidence=evidence)
    return where.finding(
        service.name,
        "state",
        Verdict.BLOCKER,
        f"There is no service {service.name} on {where.station} (sc: 1060); expected running.",
        evidence=evidence,
        remediation=Remediation(
            "guided", f"Install what {service.name} belongs to, or correct its name; then run it again."
        ),
    )


def _not_startable(where: Where, service: Service, evidence: dict[str, Any]) -> Finding | None:
    if service.state == "paused":
        return where.finding(
            service.name,
            "state",
            Verdict.BLOCKER,
            f"{service.name} on {where.station} is {shown(service)}; expected running. Somebody paused it.",
            evidence=evidence,
            remediation=Remediation(
                "guided", f"Find out who paused {service.name}; resume it in Services, then run it again."
            ),
        )
    if service.start_type == "disabled":
        running = service.state == "running"
        seen = "runs, and would not after a restart" if running else f"is {shown(service)}"
        return where.finding(
            service.name,
            "state",
            Verdict.ATTENTION if running else Verdict.BLOCKER,
            f"{service.name} on {where.station} {seen}: it is disabled; expected running. Start-up types are never changed here.",
            evidence=evidence,
            remediation=Remediation(
                "guided",
                f"Find out who disabled {service.name}; set its start-up type in Services, then run this again.",
            ),
        )
    return None


def dependants_unknown(where: Where, name: str, why: str) -> Finding:
    return where.finding(
        name,
        "dependants",
        Verdict.UNKNOWN,
        f"sc on {where.station} did not list the services that need {name}: {why}. {name} was not stopped.",
        evidence={"name": name, "why": why},
        remediation=Remediation("command", f"See what sc enumdepend {name} says there; then run this section again."),
    )


def to_stop(asked: Sequence[Service], needed_by: Mapping[str, Sequence[str]]) -> list[str]:
    """What is to be stopped, in order: before each service those that need it."""
    running = [service.name for service in asked if service.state not in IDLE]
    order = [name for each in running for name in (*needed_by.get(each, ()), each)]
    return first_of_each(order)


def first_of_each(names: Iterable[str]) -> list[str]:
    """Names once each, whatever the case of their letters: Windows makes no difference."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.casefold(), name)
    return list(found.values())


def left(where: Where, service: Service, why: str) -> Finding:
    """A service that is not as wanted, because something else stands in the way."""
    return where.finding(
        service.name,
        "state",
        Verdict.BLOCKER,
        f"{service.name} on {where.station} is {shown(service)}; expected {where.wanted}: {why}.",
        evidence={**service.evidence(), "wanted": where.wanted},
        remediation=Remediation("command", "Mend what is named for the others, then run this section again."),
    )


# Afterwards


def refused(where: Where, said: int | None) -> bool:
    """Whether a control was turned down, so that waiting for its effect is in vain."""
    return said is not None and said not in TOLERATED[where.wanted]


def outcome(where: Where, before: Service, after: Service, deed: Deed) -> list[Finding]:
    """What became of one service that was to be changed, or that had to last: its state, and its start-up type."""
    return [_state(where, before, after, deed), *start_type(where, before, after)]


def _state(where: Where, before: Service, after: Service, deed: Deed) -> Finding:
    if after.state is None or (after.state == "missing" and where.wanted == "running"):
        return unfit(where, after) or left(where, after, "it is gone")
    if after.state in (where.wanted, "missing"):
        return _restarted(where, after, deed) or _as_wanted(where, before, after)
    if deed.held_back:
        return left(where, after, deed.held_back)
    return where.finding(
        after.name,
        "state",
        Verdict.BLOCKER,
        f"{after.name} on {where.station}: expected {where.wanted}, seen {shown(after)}: {_why_not(where, after, deed)}.",
        evidence=_evidence(where, before, after, deed),
        remediation=Remediation(
            "guided",
            f"See the event log and {after.name}'s own log for the reason; mend it, then run this section again.",
        ),
    )


def _as_wanted(where: Where, before: Service, after: Service) -> Finding:
    changed = before.state != after.state
    others = where.needed_by.get(after.name, ())
    text = f"{after.name} on {where.station} is {shown(after)}" + (f"; it was {before.state}" if changed else "")
    text += f"; {listed(others)}, needing it, stopped before it" if changed and others else ""
    evidence = {**after.evidence(), "wanted": where.wanted, "before": before.state, "needed_by": list(others)}
    verdict = Verdict.CHANGED if changed else Verdict.OK
    return where.finding(after.name, "state", verdict, f"{text}.", evidence=evidence)


def _restarted(where: Where, after: Service, deed: Deed) -> Finding | None:
    """A service that ended and was started again by something runs under another process number."""
    first = deed.reached.pid if deed.reached else None
    if where.wanted != "running" or not first or not after.pid or first == after.pid:
        return None
    return where.finding(
        after.name,
        "state",
        Verdict.BLOCKER,
        f"{after.name} on {where.station} did not last {where.settle} s: process {first} ended and {after.pid} was started.",
        evidence={**after.evidence(), "wanted": where.wanted, "pids": [first, after.pid]},
        remediation=Remediation(
            "guided", f"See {after.name}'s own log for why it ends; mend it, then run this section again."
        ),
    )


def _why_not(where: Where, after: Service, deed: Deed) -> str:
    if refused(where, deed.said):
        return f"sc said {_error(deed.said)}"
    if deed.reached is not None:
        again = "stopped again" if where.wanted == "running" else "was started again"
        return f"it was {where.wanted} and {again} within {where.settle} s" + _ended(after)
    if deed.said is None:
        return "what sc answered is not known" + _ended(after)
    if where.wanted == "running" and after.state == "stopped":
        return "it ended while it was starting" + _ended(after)
    return f"it did not get there within {where.wait} s"


def _ended(after: Service) -> str:
    return f", with {after.ended_with}" if after.state == "stopped" and after.ended_with else ""


def _evidence(where: Where, before: Service, after: Service, deed: Deed) -> dict[str, Any]:
    return {
        **after.evidence(),
        "wanted": where.wanted,
        "before": before.state,
        "said": deed.said,
        "win32_exit": after.win32_exit,
        "service_exit": after.service_exit,
    }


def start_type(where: Where, before: Service, after: Service) -> list[Finding]:
    """Start-up types stay as they were. Nothing to say where it does."""
    if "missing" in (before.state, after.state) or (before.start_type == after.start_type is not None):
        return []
    evidence = {"name": after.name, "before": before.start_type, "after": after.start_type}
    if before.start_type is None or after.start_type is None:
        return [
            where.finding(
                after.name,
                "start_type",
                Verdict.UNKNOWN,
                f"sc on {where.station} did not tell the start-up type of {after.name}; expected the same before and after.",
                evidence=evidence,
                remediation=Remediation(
                    "command", f"See what sc qc {after.name} says there; then run this section again."
                ),
            )
        ]
    return [
        where.finding(
            after.name,
            "start_type",
            Verdict.BLOCKER,
            f"The start-up type of {after.name} on {where.station} was {before.start_type} and is {after.start_type}; it was not"
            " changed here.",
            evidence=evidence,
            remediation=Remediation(
                "guided", f"Find out who changed the start-up type of {after.name} while this ran."
            ),
        )
    ]
