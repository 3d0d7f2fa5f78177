# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps out of the journal: one execution of one section at one station, with what it found. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Step:
    """begun, ended: UTC ISO; ended None: nobody saw its end. findings: as `Finding.as_dict`, in their order."""

    number: int
    section: str
    station: str
    run: str
    check: bool
    begun: str
    ended: str | None = None
    findings: list[Mapping[str, Any]] = field(default_factory=list)


def steps(entries: Iterable[Mapping[str, Any]]) -> list[Step]:
    """Every step, in the order they began."""
    found: dict[str, Step] = {}
    for entry in entries:
        if entry["kind"] == "step_begun":
            found[entry["step"]] = _begun(entry)
        elif (step := found.get(str(entry.get("step")))) is not None:
            if entry["kind"] == "finding":
                step.findings.append(entry["finding"])
            elif entry["kind"] == "step_ended":
                step.ended = entry["at"]
    return list(found.values())


def _begun(entry: Mapping[str, Any]) -> Step:
    return Step(
        number=entry["n"],
        section=str(entry.get("section", "")),
        station=str(entry.get("station", "")),
        run=str(entry.get("run", "")),
        check=bool(entry.get("check")),
        begun=entry["at"],
    )


@dataclass(frozen=True)
class Latest:
    """The latest steps of one section at one station. foretold: of check mode, only when newer than the done one."""

    done: Step | None = None
    foretold: Step | None = None


def latest(found: Iterable[Step]) -> dict[tuple[str, str], Latest]:
    """(section, station) -> its latest steps. An interrupted step counts: it may have changed something."""
    newest: dict[tuple[str, str], Latest] = {}
    for step in found:
        place = (step.section, step.station)
        before = newest.get(place, Latest())
        newest[place] = Latest(before.done, step) if step.check else Latest(step)
    return newest
