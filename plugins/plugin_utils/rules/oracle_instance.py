# SPDX-License-Identifier: GPL-3.0-or-later
"""Is the Oracle instance open, is it the one that is meant, does its listener run; and may they be started (S18, S19).

A database that is down may be a cold backup or an incident: it is started with an approval only, and never touched when it
is half way up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..findings import Finding, Remediation, Verdict
from . import approvals
from .tablespace_files import Space

DBA = Remediation(
    "guided", "Ask the database's administrator what is being done there; run this section again afterwards."
)


@dataclass(frozen=True)
class Where:
    """Which database of which station a finding is about. database: the name it has to have."""

    section: str
    station: str
    database: str
    by: str = "monitor_add"

    def finding(self, what: str, verdict: Verdict, summary: str, **more: Any) -> Finding:
        return Finding(f"{self.by}.{what}", self.section, self.station, verdict, summary, **more)


@dataclass(frozen=True)
class Seen:
    """A database station as it was found.

    instance: open, mounted, started, migrating, changing, down, or None: not said. database, number: as the database
    calls itself. spaces None: the dictionary did not tell, `unread` says why. listener None: not said.
    services: Windows only, state of each service by its name (missing, running, stopped, ...; None: not said), in the
    order in which they are started.
    """

    instance: str | None
    database: str | None
    number: str
    spaces: Mapping[str, Space] | None
    unread: Mapping[str, str]
    listener: bool | None
    services: Mapping[str, str | None] = field(default_factory=dict)
    windows: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.database} {self.number}".strip()

    def space(self, name: str) -> Space | None:
        return next((space for key, space in (self.spaces or {}).items() if key.casefold() == name.casefold()), None)

    @property
    def files(self) -> list[Any]:
        return [file for space in (self.spaces or {}).values() for file in space.files]


def to_start(seen: Seen) -> tuple[str, ...]:
    """What would have to be started, in order: services on Windows, ``instance`` on Solaris, and ``listener``."""
    first: tuple[str, ...] = ()
    if seen.instance == "down":
        stopped = tuple(name for name, state in seen.services.items() if state == "stopped")
        first = stopped if seen.windows else ("instance",)
    return (*first, *(("listener",) if seen.listener is False else ()))


def state(where: Where, seen: Seen) -> list[Finding]:
    """Whether the database can be asked, and is the one that is meant. Nothing to say where it is down and can be started."""
    return [_instance(where, seen), *_listener(where, seen)] if seen.instance != "down" else _down(where, seen)


def _instance(where: Where, seen: Seen) -> Finding:
    evidence = {
        "instance": seen.instance,
        "database": seen.database,
        "number": seen.number,
        "unread": dict(seen.unread),
    }
    if seen.instance is None or seen.instance == "changing":
        why = "is on its way up or down" if seen.instance else f"did not say its state ({_reasons(seen.unread)})"
        return where.finding(
            "instance",
            Verdict.UNKNOWN,
            f"The instance {where.database} on {where.station} {why}; expected open. Nothing was changed.",
            evidence=evidence,
            remediation=Remediation(
                "command", "Look whether the account may log on as SYSDBA and ORACLE_SID is set; then run it again."
            ),
        )
    if seen.instance != "open":
        text = f"The instance {where.database} on {where.station} is {seen.instance}; expected open. It is not touched."
        return where.finding("instance", Verdict.BLOCKER, text, evidence=evidence, remediation=DBA)
    if seen.database is None or seen.spaces is None:
        return where.finding(
            "instance",
            Verdict.UNKNOWN,
            f"The dictionary of {where.database} on {where.station} did not answer whole: {_reasons(seen.unread)}.",
            evidence=evidence,
            remediation=Remediation("command", "Mend what is named, then run this section again."),
        )
    if seen.database.casefold() != where.database.casefold():
        return where.finding(
            "instance",
            Verdict.BLOCKER,
            f"The database that answers on {where.station} is {seen.full_name}; expected {where.database}.",
            evidence=evidence,
            remediation=Remediation(
                "command", "Set ORACLE_SID of that account to the right instance, or correct the inventory."
            ),
        )
    text = f"{seen.full_name} on {where.station} is open."
    return where.finding("instance", Verdict.OK, text, evidence=evidence)


def _listener(where: Where, seen: Seen) -> list[Finding]:
    if seen.listener is not None:
        return []
    return [
        where.finding(
            "listener",
            Verdict.UNKNOWN,
            f"lsnrctl on {where.station} did not say whether the listener runs.",
            evidence={"listener": None},
            remediation=Remediation(
                "command", "Call lsnrctl status there and see what it says; then run this section again."
            ),
        )
    ]


def _down(where: Where, seen: Seen) -> list[Finding]:
    found = _listener(where, seen)
    unsaid = [name for name, now in seen.services.items() if now not in ("missing", "stopped", "running")]
    startable = not seen.windows or any(now == "stopped" for now in seen.services.values())
    if unsaid or not startable:
        shown = ", ".join(f"{name}: {now or 'unknown'}" for name, now in seen.services.items()) or "no service is known"
        verdict = Verdict.UNKNOWN if unsaid else Verdict.BLOCKER
        found.append(
            where.finding(
                "instance",
                verdict,
                f"The instance {where.database} on {where.station} is down and its services do not explain it ({shown});"
                " expected one that is stopped. Nothing was started.",
                evidence={"instance": "down", "services": dict(seen.services)},
                remediation=DBA,
            )
        )
    return found


def start_evidence(where: Where, what: Sequence[str]) -> dict[str, Any]:
    """What an approval of the start is bound to."""
    return {"station": where.station, "database": where.database, "start": list(what)}


def start_awaited(where: Where, what: Sequence[str], reason: str) -> Finding:
    text = (
        f"{_listed(what)} of {where.database} on {where.station} is down, which may be a cold backup or an incident: find out"
        f" why. Starting it awaits an approval: {reason}."
    )
    return approvals.awaited(where.finding("start", Verdict.BLOCKER, text, evidence=start_evidence(where, what)))


def would_start(where: Where, what: Sequence[str]) -> Finding:
    text = (
        f"{_listed(what)} of {where.database} on {where.station} would be started, as approved; the rest is seen then."
    )
    return where.finding("start", Verdict.ATTENTION, text, evidence=start_evidence(where, what), would=True)


def started(where: Where, what: Sequence[str], by: str, seen: Seen, said: str) -> Finding:
    """What became of a start, by the instance and the listener themselves."""
    evidence = {**start_evidence(where, what), "approved_by": by, "instance": seen.instance, "listener": seen.listener}
    if seen.instance == "open" and seen.listener:
        text = f"{_listed(what)} of {where.database} on {where.station} was started (approved by {by})."
        return where.finding("start", Verdict.CHANGED, text, evidence=evidence)
    known = seen.instance is not None and seen.listener is not None
    told = f" It said {said}." if said else ""
    return where.finding(
        "start",
        Verdict.BLOCKER if known else Verdict.UNKNOWN,
        f"{_listed(what)} of {where.database} on {where.station} was to be started; expected open with a running"
        f" listener, seen the instance {seen.instance or 'unknown'}, the listener {_runs(seen.listener)}.{told}",
        evidence=evidence,
        remediation=Remediation(
            "guided", "See the instance's alert log and the listener's log; then run this section again."
        ),
    )


def _runs(listener: bool | None) -> str:
    return "unknown" if listener is None else "running" if listener else "stopped"


def _listed(what: Sequence[str]) -> str:
    return " and ".join(what)


def _reasons(unread: Mapping[str, str]) -> str:
    return "; ".join(f"{question}: {why}" for question, why in unread.items()) or "no answer"
