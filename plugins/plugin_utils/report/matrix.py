# SPDX-License-Identifier: GPL-3.0-or-later
"""Sections x stations: where people look rather than read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .markup import Html, tag, text
from .parts import WORDS

SITE = "site"


def matrix(report: Mapping[str, Any]) -> Html:
    """One row a section, in the order of the stages; one column a station. A row of the site spans them all."""
    stations = _columns(report)
    head = tag("tr", tag("th", "Section", scope="col"), [_column(name, report["stations"]) for name in stations])
    bodies = [_stage(stage, report["sections"], stations) for stage in _stages(report)]
    table = tag("table", tag("thead", head), bodies, class_="matrix")
    return tag("div", table, class_="scroll", tabindex="0", role="region", aria_labelledby="matrix")


def _columns(report: Mapping[str, Any]) -> list[str]:
    """Declared stations, then those that only the journal knows; at least one column."""
    named = [row["station"] for section in report["sections"] for row in section["stations"] if row["station"] != SITE]
    return list(dict.fromkeys([*report["stations"], *named])) or [SITE]


def _column(name: str, types: Mapping[str, Sequence[str]]) -> Html:
    kinds = ", ".join(types.get(name, ()))
    return tag("th", name, tag("br"), tag("span", kinds, class_="where"), scope="col")


def _stages(report: Mapping[str, Any]) -> list[str]:
    used = {section["stage"] for section in report["sections"]}
    return [stage for stage in report["stages"] if stage in used] + sorted(used - set(report["stages"]))


def _stage(stage: str, sections: Sequence[Mapping[str, Any]], stations: Sequence[str]) -> Html:
    head = tag("tr", tag("th", stage, colspan=len(stations) + 1, scope="rowgroup"), class_="stage")
    return tag("tbody", head, [_row(section, stations) for section in sections if section["stage"] == stage])


def _row(section: Mapping[str, Any], stations: Sequence[str]) -> Html:
    rows = {row["station"]: row for row in section["stations"]}
    name = tag("th", tag("b", section["id"]), section["title"], scope="row")
    if SITE in rows and len(rows) == 1:
        return tag("tr", name, _whole(section, rows[SITE], len(stations)))
    cells = [_cell(rows.get(station)) for station in stations]
    return text(tag("tr", name, cells), _rest(rows, len(stations)))


def _whole(section: Mapping[str, Any], row: Mapping[str, Any], columns: int) -> Html:
    waits = row["verdict"] == "unknown" and not section["implemented"]
    kind = "waiting" if waits else f"whole {row['verdict']}"
    return tag("td", WORDS[row["verdict"]], ": ", _why(row), colspan=columns, class_=kind)


def _why(row: Mapping[str, Any]) -> str:
    """The row's summary; of an accepted one who accepted it and why."""
    waiver = next((finding["waiver"] for finding in row["findings"] if "waiver" in finding), None)
    return f"{waiver['reason']} ({waiver['by']})" if waiver and row["verdict"] == "waived" else str(row["summary"])


def _cell(row: Mapping[str, Any] | None) -> Html:
    if row is None:
        return tag(
            "td", tag("span", "·", aria_hidden="true"), tag("span", "does not apply", class_="ear"), class_="none"
        )
    return tag("td", WORDS[row["verdict"]], class_=row["verdict"], title=_why(row))


def _rest(rows: Mapping[str, Mapping[str, Any]], columns: int) -> Html | None:
    """What is open for the site beside its stations' cells: a server type that nobody declared."""
    row = rows.get(SITE)
    if row is None:
        return None
    return tag(
        "tr", tag("td"), tag("td", WORDS[row["verdict"]], ": ", row["summary"], colspan=columns, class_=row["verdict"])
    )
