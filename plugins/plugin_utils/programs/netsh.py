# SPDX-License-Identifier: GPL-3.0-or-later
"""netsh, the firewall's rules: it prints Ok. for a rule that is not there afterwards, and exit code 1 for whatever goes wrong.

Two dialects: `netsh firewall` up to Windows 5.x (2003), `netsh advfirewall firewall` from 6.0 (2008) on, where the older
one still answers and calls itself deprecated. Labels and words are translated; protocol, port and name are not, nor is the
number of the article on the deprecation. Sources: Microsoft, Netsh Commands for Windows Firewall (with Advanced Security);
exit codes and translations `assumed`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..command import Command

TRANSCRIPTS = ("netsh",)
MODERN = (6, 0)  # the first Windows whose firewall is asked by advfirewall
SERVICES = {"advfirewall": "MpsSvc", "firewall": "SharedAccess"}
CODES = frozenset({0, 1})
ACCESS_DENIED = 5

VERSION = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.\d{3,5}\b")
RULER = re.compile(r"-{10,}\s*")
FIELD = re.compile(r"\s*(\S[^:\uff1a]*?)\s*[:\uff1a](?:\s+(.*?))?\s*")
ROW = re.compile(r"\s*(\d{1,5}(?:-\d{1,5})?)\s+(TCP|UDP)\s+(\S+)\s+(\S.*?)\s*", re.I)
PROTOCOL = re.compile(r"TCP|UDP|ICMPv[46]|\d{1,3}", re.I)
PORTS = re.compile(r"\d{1,5}(?:-\d{1,5})?(?:\s*,\s*\d{1,5}(?:-\d{1,5})?)*")
DEPRECATED = re.compile(r"is deprecated|\b947709\b|linkid=121488", re.I)
# "Ok." as netsh ends with it; the second is Cyrillic, then Spanish, Chinese and Korean (assumed)
DONE = re.compile(r"\s*(?:ok|\u043e\u043a|aceptar|\u786e\u5b9a|\ud655\uc778(?:\ub428)?)[.\u3002!]?\s*", re.I)
NONE = re.compile(r"^no rules? match", re.I)
EXECUTED = re.compile(r"command executed successfully", re.I)
FAILED = re.compile(
    r"no rules? match|requires elevation|is not valid|was not found|cannot find|not (?:been )?started|is not running"
    r"|an error occurred|access is denied|syntax (?:supplied|is)|must be|unable to|failed|already exists"
    r"|\b0x8\d{7}\b",
    re.I,
)
SWITCH = {"yes": True, "enable": True, "enabled": True, "no": False, "disable": False, "disabled": False}
WAYS = {"in": "In", "inbound": "In", "out": "Out", "outbound": "Out"}
ACTIONS = {"allow": "Allow", "block": "Block", "bypass": "Bypass"}


@dataclass(frozen=True)
class Rule:
    """One rule, or one profile's entry of one in the older dialect. None: not said, or said in another language.

    direction: In, Out. protocol: TCP, UDP, a number. localport: as printed (104, 100-110, Any). action: Allow, Block, Bypass.
    profiles: domain, private, public; standard and domain in the older dialect. remoteip, program: None also where the
    dialect has no such thing.
    """

    name: str
    direction: str | None = None
    protocol: str | None = None
    localport: str | None = None
    action: str | None = None
    enabled: bool | None = None
    profiles: tuple[str, ...] | None = None
    remoteip: str | None = None
    program: str | None = None


@dataclass(frozen=True)
class Printed:
    """ok: it said that it did what it was told (no proof); None: neither that nor a known error. deprecated: said so.

    none: it said that there is no such rule.
    """

    ok: bool | None
    rules: tuple[Rule, ...]
    deprecated: bool
    none: bool = False


# Words


def version() -> Command:
    """`ver` of cmd.exe: the version of Windows."""
    return Command(("ver",), builtin=True)


def windows(printed: str) -> tuple[int, int] | None:
    """(5, 2) is Windows Server 2003, (6, 0) is 2008; the words around the number are translated."""
    found = VERSION.findall(printed)
    return (int(found[0][0]), int(found[0][1])) if len(found) == 1 else None


def dialect(version: tuple[int, int]) -> str:
    return "advfirewall" if version >= MODERN else "firewall"


def show(name: str) -> Command:
    """The rules of that name. None there: a sentence and exit code 1 (assumed)."""
    return _modern("show", name, "verbose")


def show_all() -> Command:
    """Every rule: whether one is missing is then seen in any language."""
    return _modern("show", "all")


def add(name: str, protocol: str, port: int, profiles: Iterable[str]) -> Command:
    """protocol: tcp, udp. profiles: domain, private, public; all three are `any`."""
    return _modern("add", name, *_terms(protocol, port, profiles))


def change(name: str, protocol: str, port: int, profiles: Iterable[str]) -> Command:
    """Every rule of that name gets these terms."""
    return _modern("set", name, "new", *_terms(protocol, port, profiles))


def _modern(verb: str, name: str, *words: str) -> Command:
    return Command(
        ("netsh", "advfirewall", "firewall", verb, "rule", f"name={name}", *words), expected=CODES, timeout=120
    )


def _terms(protocol: str, port: int, profiles: Iterable[str]) -> tuple[str, ...]:
    chosen = sorted(profiles)
    profile = "any" if len(chosen) == 3 else ",".join(chosen)
    return (
        "dir=in",
        "action=allow",
        f"protocol={protocol.upper()}",
        f"localport={port}",
        f"profile={profile}",
        "enable=yes",
    )


def show_openings() -> Command:
    """Every open port of both profiles (Windows 2003)."""
    return Command(("netsh", "firewall", "show", "portopening"), expected=CODES, timeout=120)


def add_opening(name: str, protocol: str, port: int, profiles: Iterable[str]) -> Command:
    """profiles: domain, standard. A port has one name: that of an opening there already is replaced (assumed)."""
    words = (f"protocol={protocol.upper()}", f"port={port}", f"name={name}", "mode=ENABLE", _profile(profiles))
    return Command(("netsh", "firewall", "add", "portopening", *words), expected=CODES, timeout=120)


def delete_opening(protocol: str, port: str, profiles: Iterable[str]) -> Command:
    words = (f"protocol={protocol.upper()}", f"port={port}", _profile(profiles))
    return Command(("netsh", "firewall", "delete", "portopening", *words), expected=CODES, timeout=120)


def _profile(profiles: Iterable[str]) -> str:
    chosen = sorted(profiles)
    return f"profile={'ALL' if len(chosen) > 1 else chosen[0].upper()}"


# Reading


def read(printed: str) -> Printed:
    lines = printed.splitlines()
    rules, left, listed = [], [], False
    for above, ruler, below in _parts(lines):
        if not ruler:
            left += below
            continue
        taken = _table(above, below) if _is_table(above, below) else _block(above, below)
        if taken is None:
            left += below
            continue
        found, rest = taken
        rules += found
        left += rest
        listed = listed or _is_table(above, below)
    none = any(NONE.search(line) for line in left)
    return Printed(_ok(left, listed), tuple(rules), DEPRECATED.search(printed) is not None, none)


def _parts(lines: list[str]) -> Iterator[tuple[list[str], bool, list[str]]]:
    """(lines above a ruler, whether there is one, lines below it as far as the next one's heading)."""
    rulers = [number for number, line in enumerate(lines) if RULER.fullmatch(line)]
    first = rulers[0] - 1 if rulers else len(lines)
    yield [], False, lines[: max(0, first)]
    for place, number in enumerate(rulers):
        end = rulers[place + 1] - 1 if place + 1 < len(rulers) else len(lines)
        yield lines[max(0, number - 2) : number], True, lines[number + 1 : end]


def _is_table(above: list[str], below: list[str]) -> bool:
    """A heading of columns, with rows of ports or with none; a rule has its name above its ruler."""
    heading = above[-1] if above else ""
    return bool(heading.strip()) and FIELD.fullmatch(heading) is None and "=" not in "".join(below[:1])


def _table(above: list[str], below: list[str]) -> tuple[list[Rule], list[str]]:
    directed = len(re.split(r"\s{2,}", above[-1].strip())) > 4
    profile = _table_profile(above)
    rows = [(line, ROW.fullmatch(line)) for line in below]
    return (
        [_opening(row, directed, profile) for _, row in rows if row],
        [line for line, row in rows if row is None],
    )


def _table_profile(above: list[str]) -> tuple[str, ...] | None:
    title = above[-2].lower() if len(above) > 1 else ""
    return next(((name,) for name in ("domain", "standard") if f"{name} profile" in title), None)


def _opening(row: re.Match[str], directed: bool, profile: tuple[str, ...] | None) -> Rule:
    port, protocol, mode, rest = row.groups()
    way, _, name = rest.partition("  ") if directed else ("in", "", rest)
    return Rule(
        name=name.strip() or rest,
        direction=WAYS.get(way.strip().lower()),
        protocol=protocol.upper(),
        localport=port,
        action="Allow",
        enabled=SWITCH.get(mode.lower()),
        profiles=profile,
    )


def _block(above: list[str], below: list[str]) -> tuple[list[Rule], list[str]] | None:
    """A rule by its labels; where those are another language's, by what has no language."""
    title = FIELD.fullmatch(above[-1]) if above else None
    if title is None or not title[2]:
        return None
    pairs = [(field[1].lower(), field[2] or "") if (field := FIELD.fullmatch(line)) else None for line in below]
    end = next((n for n, line in enumerate(below) if not line.strip() or DONE.fullmatch(line)), len(below))
    fields = [pair for pair in pairs[:end] if pair]
    return [_rule(title[2], fields)], below[end:]


def _rule(name: str, fields: list[tuple[str, str]]) -> Rule:
    said = dict(reversed(fields))
    protocol, port = said.get("protocol"), said.get("localport")
    if protocol is None:
        protocol, port = _unlabelled(fields)
    profiles = said.get("profiles")
    return Rule(
        name=name,
        direction=WAYS.get(said.get("direction", "").lower()),
        protocol=protocol or None,
        localport=port or None,
        action=ACTIONS.get(said.get("action", "").lower()),
        enabled=SWITCH.get(said.get("enabled", "").lower()),
        profiles=tuple(part.strip().lower() for part in profiles.split(",")) if profiles else None,
        remoteip=said.get("remoteip"),
        program=said.get("program"),
    )


def _unlabelled(fields: list[tuple[str, str]]) -> tuple[str | None, str | None]:
    """The protocol's name has no language, and the local port follows it."""
    places = [number for number, (_, value) in enumerate(fields) if PROTOCOL.fullmatch(value)]
    if not places:
        return None, None
    after = fields[places[0] + 1][1] if places[0] + 1 < len(fields) else ""
    return fields[places[0]][1], after if PORTS.fullmatch(after) else None


def _ok(left: list[str], listed: bool) -> bool | None:
    """Ok. is netsh's last word; a list of openings has none. A known error counts more than either."""
    text = [line for line in left if line.strip() and not line.rstrip().endswith(":")]
    if any(FAILED.search(line) for line in text):
        return False
    if any(DONE.fullmatch(line) for line in text) or any(EXECUTED.search(line) for line in text):
        return True
    return True if listed and not text else None


def named(printed: Printed, name: str) -> bool:
    """Whether a rule of that name is listed; netsh knows no difference of capital letters (assumed)."""
    return any(rule.name.lower() == name.lower() for rule in printed.rules)
