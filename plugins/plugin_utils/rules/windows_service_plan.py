# SPDX-License-Identifier: GPL-3.0-or-later
"""Which services would be stopped, who has to approve that, and what ran before, so that it can be brought back (S05)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..findings import Finding, Verdict
from . import approvals
from .windows_service import Service, Where, first_of_each, listed, shown

STOP = "stop"
BEFORE, PLAN, RESTORED = "windows_service_before", "windows_service_plan", "windows_service_restored"


# Approval, check mode


def plan_evidence(where: Where, names: Sequence[str]) -> dict[str, Any]:
    """What an approval of the stop is bound to."""
    needed = {name: list(others) for name, others in where.needed_by.items() if others}
    return {"station": where.station, "stop": list(names), "needed_by": needed}


def plans(entries: Iterable[Mapping[str, Any]], station: str) -> list[Mapping[str, Any]]:
    """Plans that were shown before."""
    return _facts(entries, station, PLAN)


def containing(plan: Mapping[str, Any], earlier: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Earlier plans whose approval covers this one: they stopped all of it, and more."""
    return [other for other in earlier if set(other["stop"]) >= set(plan["stop"])]


def awaited(where: Where, plan: Mapping[str, Any], reason: str) -> Finding:
    text = (
        f"{listed(plan['stop'])} on {where.station}, a station in production, would be stopped in this order"
        f"{_needing(plan['needed_by'])}; that awaits an approval: {reason}. Nothing was stopped."
    )
    return approvals.awaited(where.finding("", STOP, Verdict.ATTENTION, text, evidence=plan))


def granted(where: Where, plan: Mapping[str, Any], by: str) -> Finding:
    text = f"Stopping {listed(plan['stop'])} on {where.station} was approved by {by}."
    return where.finding("", STOP, Verdict.OK, text, evidence=plan)


def would(where: Where, service: Service) -> Finding:
    deed = "stopped" if where.wanted == "stopped" else "started"
    others = where.needed_by.get(service.name, ())
    text = f"{service.name} on {where.station} is {shown(service)} and would be {deed}"
    text += f", after {listed(others)}, which need it." if others else "."
    return where.finding(
        service.name,
        "state",
        Verdict.ATTENTION,
        text,
        evidence={**service.evidence(), "wanted": where.wanted, "needed_by": list(others)},
        would=True,
    )


def _needing(needed_by: Mapping[str, Sequence[str]]) -> str:
    return "".join(f"; {name} is needed by {listed(others)}" for name, others in needed_by.items())


# What was running before


def before_evidence(where: Where, plan: Sequence[Service]) -> dict[str, Any]:
    """What ran before it was stopped, in stopping order; `for`: the services that were asked for and need it gone."""
    stopped = [
        {
            **service.evidence(),
            "for": first_of_each(
                [service.name, *(name for name, others in where.needed_by.items() if service.name in others)]
            ),
        }
        for service in plan
    ]
    return {"station": where.station, "stopped": stopped}


def to_restore(entries: Iterable[Mapping[str, Any]], station: str, asked: Sequence[str]) -> list[str]:
    """Services that ran before they were stopped here and were not brought back since, in starting order."""
    wanted = {name.casefold() for name in asked}
    stopped: dict[str, set[str]] = {}
    for entry in entries:
        facts = entry.get("facts") or {}
        if facts.get("station") != station:
            continue
        if entry.get("what") == BEFORE:
            for one in facts["stopped"]:
                stopped.setdefault(one["name"], {name.casefold() for name in one["for"]})
        elif entry.get("what") == RESTORED:
            for name in facts["names"]:
                stopped.pop(name, None)
    return [name for name, causes in reversed(stopped.items()) if causes & wanted]


def nothing_to_restore(where: Where, asked: Sequence[str]) -> Finding:
    text = f"Of {listed(asked)} on {where.station} the journal has none that was stopped here and is not back."
    return where.finding("", "restore", Verdict.OK, text, evidence={"asked": list(asked)})


def _facts(entries: Iterable[Mapping[str, Any]], station: str, what: str) -> list[Mapping[str, Any]]:
    return [
        entry["facts"] for entry in entries if entry.get("what") == what and entry["facts"].get("station") == station
    ]
