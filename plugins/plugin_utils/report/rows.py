# SPDX-License-Identifier: GPL-3.0-or-later
"""A section's rows: which stations it applies to, and what the journal knows of each. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..findings import Finding, Remediation, Verdict
from ..sections import EVERY, SITE, Section
from .steps import Latest, Step


@dataclass(frozen=True)
class Site:
    """What the last run's inventory said. stations: name -> server types. absent: server type -> reason."""

    name: str
    stations: Mapping[str, Sequence[str]]
    absent: Mapping[str, str]

    def of(self, server_type: str) -> list[str]:
        return [name for name, types in self.stations.items() if server_type in types]


@dataclass(frozen=True)
class Found:
    """What is known of one row before waivers. foretold: what check mode said since."""

    station: str
    findings: Sequence[Mapping[str, Any]]
    step: Step | None = None
    foretold: Step | None = None


def rows(section: Section, site: Site, latest: Mapping[tuple[str, str], Latest]) -> list[Found]:
    """One row a station, or one of the station ``site``; never none."""
    if (reason := _not_there(section, site)) is not None:
        return [_said(section, SITE, "absent", Verdict.NOT_APPLICABLE, reason)]
    if section.action is None:
        return [_said(section, SITE, "not_implemented", Verdict.UNKNOWN, "not implemented yet", _BY_HAND)]
    here = _stations(section, site)
    found = [_row(section, station, latest.get((section.id, station), Latest())) for station in here]
    found += [_gone(section, station) for station in _former(section, latest) if station not in here]
    undeclared = _undeclared(section, site)
    return found + ([undeclared] if undeclared else [])


_BY_HAND = Remediation("guided", "Do this section by the vendor's text and waive this finding with a reason.")


def _not_there(section: Section, site: Site) -> str | None:
    """Why the section does not apply: none of its server types is here, and a person said of each that it is absent."""
    if section.server_types in ((SITE,), (EVERY,)):
        return None
    if not all(name in site.absent and not site.of(name) for name in section.server_types):
        return None
    return "; ".join(f"no {name}: {site.absent[name]}" for name in section.server_types)


def _stations(section: Section, site: Site) -> list[str]:
    if section.server_types == (SITE,):
        return [SITE]
    if section.server_types == (EVERY,):
        return list(site.stations)
    return [name for name, types in site.stations.items() if set(types) & set(section.server_types)]


def _undeclared(section: Section, site: Site) -> Found | None:
    """A server type that is neither here nor said to be absent is unknown."""
    if section.server_types == (SITE,):
        return None
    if section.server_types == (EVERY,):
        return (
            None
            if site.stations
            else _said(section, SITE, "no_station", Verdict.UNKNOWN, "No station is declared.", _DECLARE)
        )
    open_types = [name for name in section.server_types if not site.of(name) and name not in site.absent]
    if not open_types:
        return None
    names = ", ".join(open_types)
    summary = f"No station of server type {names} is declared, and nobody said that there is none."
    remedy = Remediation(
        "command", f"Add the station to the group {names} of the inventory, or its reason to impax_absent."
    )
    return _said(section, SITE, "undeclared", Verdict.UNKNOWN, summary, remedy)


_DECLARE = Remediation("command", "Declare the site's stations in the inventory.")


def _former(section: Section, latest: Mapping[tuple[str, str], Latest]) -> list[str]:
    return [station for (of, station), steps in latest.items() if of == section.id and steps.done]


def _gone(section: Section, station: str) -> Found:
    summary = f"{station} was worked on in this section and is no longer a station of it in the inventory."
    remedy = Remediation("command", "Put it back into the inventory, or waive this finding with the reason.")
    return _said(section, station, "gone", Verdict.UNKNOWN, summary, remedy)


def _row(section: Section, station: str, steps: Latest) -> Found:
    done = steps.done
    if done is None:
        missing = _said(section, station, "not_run", Verdict.UNKNOWN, "not run yet", _run(section, station))
        return Found(station, missing.findings, None, steps.foretold)
    if done.ended is None:
        summary = f"interrupted: begun at {done.begun}, and nobody saw its end; it may still be at work"
        broken = _said(section, station, "interrupted", Verdict.UNKNOWN, summary, _run(section, station))
        return Found(station, [*done.findings, *broken.findings], done, steps.foretold)
    if not done.findings:
        mute = _said(
            section, station, "no_finding", Verdict.UNKNOWN, "the step left no finding", _run(section, station)
        )
        return Found(station, mute.findings, done, steps.foretold)
    return Found(station, done.findings, done, steps.foretold)


def _run(section: Section, station: str) -> Remediation:
    limit = "" if station == SITE else f" --station {station}"
    return Remediation("command", f"impax-prepare run DIR --section {section.id}{limit}")


def _said(
    section: Section, station: str, what: str, verdict: Verdict, summary: str, remedy: Remediation | None = None
) -> Found:
    """A row that no step has left, with one finding of our own."""
    finding = Finding(f"section.{section.id.lower()}.{what}", section.id, station, verdict, summary, {}, remedy)
    return Found(station, [finding.as_dict()])
