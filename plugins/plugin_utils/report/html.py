# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one HTML file: nothing is fetched, nothing runs in it, everything in it is escaped. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from .markup import Html, tag
from .matrix import matrix
from .parts import item, moment, pill, size
from .style import STYLE

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
WORST_FIRST = ("blocker", "unknown", "attention", "waived", "changed", "ok", "not_applicable")
Report = Mapping[str, Any]
Cell = tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]  # section, row, finding


def render(report: Report) -> str:
    """The whole page for a value that `build` made."""
    title = f"{report['site']}: {_verdict(report)} for IMPAX 6.5.1"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("title", title),
        tag("style", Html(STYLE)),
    )
    body = tag(
        "body",
        tag("a", "To the findings", href="#verdict", class_="skip"),
        _top(report),
        tag("main", _glance(report), *_sections(report), id="verdict"),
        _footer(report),
    )
    return "<!DOCTYPE html>\n" + tag("html", head, body, lang="en") + "\n"


def _verdict(report: Report) -> str:
    return "GO" if report["verdict"] == "go" else "NO-GO"


def _top(report: Report) -> Html:
    facts = {
        "Run": report["run"] or "none yet",
        "Begun": moment(report["started"]),
        "Ended": moment(report["finished"]) if report["finished"] else "not seen",
        "Stations": str(len(report["stations"])),
        "Written": moment(report["generated"]),
    }
    listed = [tag("div", tag("dt", name), tag("dd", value)) for name, value in facts.items()]
    names = tag(
        "div",
        tag("p", "Preparation for the upgrade to IMPAX 6.5.1", class_="eyebrow"),
        tag("h1", report["site"]),
        tag("dl", listed, class_="facts"),
    )
    return tag("header", names, tag("p", _verdict(report), class_=f"stamp {report['verdict']}"), class_="top")


def _glance(report: Report) -> Html:
    counts = {verdict: report["counts"][verdict] for verdict in WORST_FIRST if report["counts"][verdict]}
    share = [tag("i", class_=verdict, style=f"flex-grow:{count}") for verdict, count in counts.items()]
    legend = [tag("li", pill(verdict), tag("strong", str(count))) for verdict, count in counts.items()]
    return _block(
        "glance",
        "Why " + ("go" if report["verdict"] == "go" else "no-go"),
        tag("ul", [tag("li", reason) for reason in report["reasons"]], class_="reasons"),
        tag("div", share, class_="share", aria_hidden="true"),
        tag("ul", legend, class_="legend"),
    )


def _block(name: str, title: str, *parts: Any) -> Html:
    return tag("section", tag("h2", title, id=name), *parts, aria_labelledby=name)


def _sections(report: Report) -> Iterator[Html]:
    """The blocks below the verdict, in the order in which a board reads them; an empty one is left out."""
    yield from _listed(report, "blockers", "What forbids the upgrade", "blocker")
    yield from _listed(report, "attention", "What awaits a decision", "attention")
    yield from _foretold(report)
    yield from _unknown(report)
    yield _block("matrix", "Sections and stations", matrix(report))
    yield from _room(report)
    yield from _copies(report)
    yield from _good(report)
    yield from _timeline(report)


def _cells(report: Report) -> Iterator[Cell]:
    for section in report["sections"]:
        for row in section["stations"]:
            for finding in row["findings"]:
                yield section, row, finding


def _listed(report: Report, name: str, title: str, verdict: str) -> Iterator[Html]:
    found = [cell for cell in _cells(report) if cell[2]["verdict"] == verdict and "waiver" not in cell[2]]
    if found:
        yield _block(name, title, [item(*cell) for cell in found])


def _foretold(report: Report) -> Iterator[Html]:
    """What check mode said since the last deed; it does not decide anything."""
    found = [
        item(section, row, finding)
        for section in report["sections"]
        for row in section["stations"]
        for finding in row.get("foretold", {}).get("findings", ())
        if finding.get("would") or finding["verdict"] not in ("ok", "not_applicable")
    ]
    if found:
        note = tag("p", "Foretold by check mode; it is not part of the verdict.", class_="next")
        yield _block("foretold", "What a run would do", note, found)


def _unknown(report: Report) -> Iterator[Html]:
    found = [cell for cell in _cells(report) if cell[2]["verdict"] == "unknown" and "waiver" not in cell[2]]
    if not found:
        return
    shown = [item(*cell) for cell in found if cell[0]["implemented"]]
    unbuilt = [section["id"] for section, _row, _finding in found if not section["implemented"]]
    note = None
    if unbuilt:
        several = f"{len(unbuilt)} sections are not implemented yet: {', '.join(unbuilt)}."
        how = "Each is done by the vendor's text and waived with a reason and a name, or waits for a later version."
        note = tag("div", tag("p", pill("unknown"), f" {several}"), tag("p", how, class_="next"), class_="item unknown")
    yield _block("unknown", "What nobody knows yet", shown, note)


def _good(report: Report) -> Iterator[Html]:
    """What is done and what it rests on; also what was accepted."""
    good = ("changed", "ok", "waived")
    found = [cell for cell in _cells(report) if cell[2]["verdict"] in good or "waiver" in cell[2]]
    if found:
        yield _block("good", "What was checked, done or accepted", [item(*cell) for cell in found])


def _room(report: Report) -> Iterator[Html]:
    """Free space against what is needed, wherever the evidence tells both (kilobytes of 1024)."""
    seen = {}
    for _section, row, finding in _cells(report):
        facts = finding.get("evidence") or {}
        if isinstance(facts.get("needed_kb"), int) and isinstance(facts.get("free_kb"), int):
            seen[row["station"], str(facts.get("folder", ""))] = (facts["needed_kb"], facts["free_kb"])
    if not seen:
        return
    head = tag(
        "tr", [tag("th", name, scope="col") for name in ("Station", "Folder", "Needed", "Free", "Share that is needed")]
    )
    rows = [_room_row(station, folder, *numbers) for (station, folder), numbers in seen.items()]
    table = tag("table", tag("caption", "As measured by the latest step"), tag("thead", head), tag("tbody", rows))
    yield _block("room", "Room for the copies", tag("div", table, class_="scroll"))


def _room_row(station: str, folder: str, needed: int, free: int) -> Html:
    share = min(100.0, 100.0 * needed / free) if free else 100.0
    label = f"{share:.0f} % of the free space is needed" if needed <= free else "not enough room"
    bar = tag(
        "div",
        tag("b", style=f"width:{max(share, 0.5):.1f}%"),
        class_="bar" if needed <= free else "bar short",
        role="img",
        aria_label=label,
    )
    cells = [
        tag("td", tag("code", folder)),
        tag("td", size(needed), class_="number"),
        tag("td", size(free), class_="number"),
    ]
    return tag("tr", tag("th", station, scope="row"), cells, tag("td", bar, tag("span", label, class_="where")))


def _copies(report: Report) -> Iterator[Html]:
    """Every verified copy that the findings name: file, rows, bytes, checksum."""
    seen = {}
    for _section, row, finding in _cells(report):
        facts = finding.get("evidence") or {}
        if all(facts.get(name) is not None for name in ("file", "rows", "bytes", "sha1")):
            seen[row["station"], facts["file"]] = facts
    if not seen:
        return
    head = tag("tr", [tag("th", name, scope="col") for name in ("Station", "File", "Rows", "Size", "SHA-1")])
    rows = [
        tag(
            "tr",
            tag("th", station, scope="row"),
            tag("td", tag("code", file)),
            tag("td", f"{facts['rows']:,}" if isinstance(facts["rows"], int) else str(facts["rows"]), class_="number"),
            tag("td", size(facts["bytes"] / 1024), class_="number"),
            tag("td", tag("code", str(facts["sha1"]))),
        )
        for (station, file), facts in seen.items()
    ]
    table = tag(
        "table", tag("caption", "Each was verified before anything was removed"), tag("thead", head), tag("tbody", rows)
    )
    yield _block("copies", "Saved copies", tag("div", table, class_="scroll"))


def _timeline(report: Report) -> Iterator[Html]:
    if not report["timeline"]:
        return
    newest_first = list(reversed(report["timeline"]))
    days = [
        tag("li", tag("h3", day), tag("ol", [_event(event) for event in events]))
        for day, events in groupby(newest_first, key=lambda event: event["at"][:10])
    ]
    yield _block("timeline", "What happened", tag("ol", days, class_="days"))


def _event(event: Mapping[str, Any]) -> Html:
    what = pill(event["verdict"]) if "verdict" in event else tag("span", event["what"], class_="where")
    station = f"{event['station']}: " if event.get("station") and event["station"] not in event["text"] else ""
    return tag(
        "li",
        tag("time", event["at"][11:16], datetime=event["at"]),
        tag("span", what),
        tag("span", station, event["text"]),
    )


def _footer(report: Report) -> Html:
    journal = report["journal"]
    return tag(
        "footer",
        tag(
            "p", f"Built from {journal['entries']} journal entries. Head of the journal: ", tag("code", journal["head"])
        ),
        tag(
            "p",
            "This hash proves that the journal is the one this report was built from: ",
            tag("code", "impax-prepare journal verify DIR"),
        ),
    )
