# SPDX-License-Identifier: GPL-3.0-or-later
"""monitor_stats, the vendor's table of room per tablespace. How it looks is not published; all of its form is `assumed`.

Hence: a figure is taken by its heading and its unit, never by its place, and must add up with its neighbours. What has no
heading, no unit, another number of cells, or two meanings is None. A site whose table is not understood gives a pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..command import Command

TRANSCRIPTS = ("monitor_stats",)

NAME = "monitor_stats"
TABLESPACES = ("MVFL", "MVFLINDX", "MVF", "MVFINDX", "UNDO")
IN_MB = {"b": 1 / 1048576, "k": 1 / 1024, "m": 1.0, "g": 1024.0, "t": 1048576.0}
UNIT = re.compile(r"(?<![A-Za-z])(bytes?|[KMGT](?:i?B(?:ytes?)?)?|(?:kilo|mega|giga)bytes?)(?![A-Za-z])", re.I)
NUMBER = re.compile(r"(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*(%|[KMGT](?:i?B)?\b|bytes?\b)?", re.I)
CELL = re.compile(rf"{NUMBER.pattern}(?=\s|[|;,]|$)", re.I)
BETWEEN = re.compile(r"[\s|;:*]*")
KINDS = (
    ("percent", re.compile(r"%|\bpct|percent|prct", re.I)),
    ("free", re.compile(r"free|avail", re.I)),
    ("used", re.compile(r"used|occupied|\buse\b", re.I)),
    ("total", re.compile(r"total|size|alloc", re.I)),
)
LABEL = re.compile(r"^[\s|*.-]*([A-Za-z%][A-Za-z%() _/]*?)[\s.]*[:=]\s*(.+?)[\s|]*$")
SEPARATED = re.compile(r"\s{2,}|\t|\s*[|;]\s*")
HEAD_WORD = re.compile(
    r"(?:pct|percent(?:age)?|%)[ _.]*(?:used|free|full)?|(?:used|free|full)[ _.]*(?:pct|percent|%)"
    r"|(?:total|used|free|avail(?:able)?|alloc(?:ated)?|size)(?:[ _]+(?:space|size))?[ _]*[(\[]?(?:(?:in )?(?:[KMGT]B?|bytes)\b)?[)\]]?"
    r"|(?:[KMGT]B)[ _]+(?:total|used|free|alloc(?:ated)?)|(?:data ?)?files|table ?space(?:[ _]+name)?|name|status",
    re.I,
)
SLACK_MB = 2.0  # rounding of three figures
LONGEST = 300  # characters of a line that is looked at
BACK = 60  # lines above a row that its heading may stand


@dataclass(frozen=True)
class Figures:
    """MB of 1048576 bytes. None: that column is not printed."""

    free_mb: float
    total_mb: float | None = None
    used_mb: float | None = None


@dataclass(frozen=True)
class Stats:
    """tablespaces: by the name as it was asked for; None: not found, or not understood."""

    tablespaces: Mapping[str, Figures | None] = field(default_factory=dict)


def stats(folder: str, separator: str) -> Command:
    """folder: where the vendor's programs are. It runs alone there, see monitor_update."""
    return Command((f"{folder}{separator}{NAME}",), folder=folder, timeout=900)


def read(printed: str, names: Iterable[str] = TABLESPACES, pattern: str | None = None) -> Stats:
    """pattern: a site's own, for one tablespace, with the groups ``name`` and ``free``, and ``total`` and ``unit`` if it likes
    (MB without it). Raises ValueError for one that cannot be used."""
    wanted = tuple(names)
    if pattern is not None:
        return Stats(_by_pattern(printed, wanted, pattern))
    lines = [line.expandtabs().rstrip() if len(line) <= LONGEST else "" for line in printed.split("\n")]
    return Stats({name: _agreed(_found(lines, name)) for name in wanted})


def _agreed(found: Sequence[Figures | None]) -> Figures | None:
    """What every row of that name says; None without one, or where two differ."""
    return found[0] if found and all(figures == found[0] for figures in found) else None


def _by_pattern(printed: str, names: Sequence[str], pattern: str) -> dict[str, Figures | None]:
    try:
        compiled = re.compile(pattern, re.M | re.I)
    except re.error as error:
        raise ValueError(f"the pattern for {NAME} is no regular expression: {error}") from None
    if not {"name", "free"} <= set(compiled.groupindex):
        raise ValueError(
            f"the pattern for {NAME} has to have the groups name and free, as in (?P<name>...)(?P<free>...)"
        )
    found: dict[str, list[Figures | None]] = {name: [] for name in names}
    for match in compiled.finditer(printed):
        groups = match.groupdict()
        for name in names:
            if (groups["name"] or "").strip().casefold() == name.casefold():
                found[name].append(_from_groups(groups))
    return {name: _agreed(figures) for name, figures in found.items()}


def _from_groups(groups: Mapping[str, str | None]) -> Figures | None:
    unit = groups.get("unit") or "MB"
    free, total = _mb(groups["free"] or "", unit), _mb(groups.get("total") or "", unit)
    return None if free is None else Figures(free, total)


def _mb(text: str, unit: str) -> float | None:
    match = NUMBER.fullmatch(text.strip())
    if not match or match[2] == "%" or not (UNIT.fullmatch(match[2] or unit)):
        return None
    return float(match[1].replace(",", "")) * IN_MB[(match[2] or unit)[0].lower()]


# By headings


def _found(lines: Sequence[str], name: str) -> list[Figures | None]:
    """One entry for each place that tells figures of `name`."""
    row = re.compile(rf"(?<![\w.$/\\-]){re.escape(name)}(?![\w.$/\\-])", re.I)
    found: list[Figures | None] = []
    for place, line in enumerate(lines):
        match = row.search(line)
        if match and (cells := _cells(line, match.end())):
            found.append(_from_row(lines, place, match.start(), cells))
        elif match and (labelled := list(_labelled(lines, place, match.end()))):
            found.append(_from_labels(lines, place, labelled))
    return found


def _cells(line: str, start: int) -> list[tuple[str, str, int]]:
    """(number, unit or "", the column where it ends) of each cell behind the name; [] for fewer than two, or other text."""
    cells, place = [], start
    while place < len(line):
        match = CELL.match(line, BETWEEN.match(line, place).end())  # type: ignore[union-attr]
        if not match:
            break
        cells.append((match[1], match[2] or "", match.end()))
        place = match.end()
    rest = line[place:].strip(" |;*#=-")
    return cells if len(cells) > 1 and not re.search(r"\d", rest) else []


def _from_row(lines: Sequence[str], place: int, start: int, cells: list[tuple[str, str, int]]) -> Figures | None:
    heading = _heading(lines, place, len(cells))
    if heading is None:
        return None
    labels, general = heading
    return _figures(
        [(label, number, unit or _unit_of(label)) for label, (number, unit, _) in zip(labels, cells, strict=True)],
        general,
    )


def _heading(lines: Sequence[str], place: int, count: int) -> tuple[list[str], str] | None:
    """The labels above `count` cells, and the unit that the lines around them state for all."""
    for at in range(place - 1, max(-1, place - BACK), -1):
        if not any(kind == "free" for kind in _kinds_in(lines[at])):
            continue
        for labels in _labels(lines, at, place):
            if len(labels) == count and [_kind(label) for label in labels].count("free") == 1:
                return labels, _general(lines, at, place)
        return None
    return None


def _kinds_in(line: str) -> Iterator[str]:
    if re.search(r"\d", line):
        return
    yield from (kind for kind, words in KINDS if words.search(line))


def _labels(lines: Sequence[str], at: int, place: int) -> Iterator[list[str]]:
    """Ways to cut a heading into labels, the name's own left out: by separators, by the words that headings have."""
    below = lines[at + 1] if at + 1 < place else ""
    units = re.fullmatch(r"[\s(]*(?:\(?(?:[KMGT]B?|bytes|%|name|used)\)?[\s|]*)+", below, re.I)
    for cut in ([part for part in SEPARATED.split(lines[at].strip(" |;")) if part], HEAD_WORD.findall(lines[at])):
        labels = [label.strip() for label in cut if label.strip()]
        labels = labels[1:] if labels and _kind(labels[0]) == "" else labels
        yield labels
        if units:
            under = [word for word in re.split(r"[\s|]+", below.strip(" |")) if word]
            under = under[1:] if len(under) == len(labels) + 1 else under
            if len(under) == len(labels):
                yield [f"{label} {unit}" for label, unit in zip(labels, under, strict=True)]


def _general(lines: Sequence[str], at: int, place: int) -> str:
    """A unit said for the whole table, between the heading and the row or just above: "all sizes in MB"."""
    said = {
        match[1][0].lower()
        for line in [*lines[max(0, at - 4) : at], *lines[at + 1 : min(at + 3, place)]]
        if not re.search(r"\d", line)
        for match in UNIT.finditer(line)
        if len(match[1]) > 1
    }
    return said.pop() if len(said) == 1 else ""


def _kind(label: str) -> str:
    return next((kind for kind, words in KINDS if words.search(label)), "")


def _unit_of(label: str) -> str:
    found = UNIT.search(label.replace("_", " "))
    return found[1] if found else ""


# By labels: "Free: 120 MB", in one line or below the name


def _labelled(lines: Sequence[str], place: int, start: int) -> Iterator[tuple[str, str]]:
    """(label, text) behind the name, and on the lines below it up to a blank one or one without a label."""
    for part in re.split(r"[,;|]\s+|\s{2,}", lines[place][start:].strip(" :,;|-")):
        if match := LABEL.match(part):
            yield match[1], match[2]
    for line in lines[place + 1 :]:
        match = LABEL.match(line)
        if not match or not _kind(match[1]):
            return
        yield match[1], match[2]


def _from_labels(lines: Sequence[str], place: int, labelled: list[tuple[str, str]]) -> Figures | None:
    cells = []
    for label, text in labelled:
        match = NUMBER.match(text)
        if (
            match
            and _kind(label)
            and re.fullmatch(r"[\s(]*(?:[KMGT]?i?B(?:ytes)?|%)?[\s).]*", text[match.end() :], re.I)
        ):
            cells.append((label, match[1], match[2] or _unit_of(text[match.end() :]) or _unit_of(label)))
    return _figures(cells, _general(lines, place, place))


def _figures(cells: list[tuple[str, str, str]], general: str) -> Figures | None:
    """From (label, number, unit); None where the free room has no unit, is there twice, or does not add up."""
    seen: dict[str, float] = {}
    for label, number, unit in cells:
        kind = "percent" if unit == "%" else _kind(label)
        if kind in ("", "percent"):
            continue
        size = _mb(number, unit or general)
        if kind in seen or size is None or size < 0:
            return None
        seen[kind] = size
    if "free" not in seen:
        return None
    figures = Figures(seen["free"], seen.get("total"), seen.get("used"))
    return figures if _adds_up(figures) else None


def _adds_up(figures: Figures) -> bool:
    if figures.total_mb is None:
        return True
    if figures.used_mb is None:
        return figures.free_mb <= figures.total_mb + SLACK_MB
    return abs(figures.total_mb - figures.used_mb - figures.free_mb) <= max(SLACK_MB, figures.total_mb / 100)
