# SPDX-License-Identifier: GPL-3.0-or-later
"""Does the firewall let the dictation interlock's port in: the rule as it stands against the rule as it is to be (S12).

What netsh says it did decides nothing; the rule that it lists afterwards does. A field that was not understood is neither
right nor wrong, and a rule that has one is never ok.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..findings import Finding, Verdict

MODERN, OLDER = "advfirewall", "firewall"
PROFILES = {MODERN: ("domain", "private", "public"), OLDER: ("domain", "standard")}
FIELDS = ("direction", "protocol", "localport", "action", "enabled", "profiles")
ANY = "any"


class Shown(Protocol):
    """A rule as it was listed; None: not said, or not understood."""

    @property
    def name(self) -> str: ...
    @property
    def direction(self) -> str | None: ...
    @property
    def protocol(self) -> str | None: ...
    @property
    def localport(self) -> str | None: ...
    @property
    def action(self) -> str | None: ...
    @property
    def enabled(self) -> bool | None: ...
    @property
    def profiles(self) -> tuple[str, ...] | None: ...
    @property
    def remoteip(self) -> str | None: ...
    @property
    def program(self) -> str | None: ...


@dataclass(frozen=True)
class Wanted:
    """The rule that is to be. protocol: TCP, UDP. profiles: sorted, in the words of the dialect."""

    name: str
    port: int
    protocol: str
    profiles: tuple[str, ...]
    dialect: str

    def terms(self) -> dict[str, Any]:
        """The rule in plain JSON, as `terms_of` gives a listed one."""
        return {
            "name": self.name,
            "direction": "In",
            "protocol": self.protocol,
            "localport": str(self.port),
            "action": "Allow",
            "enabled": True,
            "profiles": list(self.profiles),
        }


@dataclass(frozen=True)
class Standing:
    """state: right, missing, differs (one rule, and it can be repaired), several, unknown. rules: those it rests on.

    why: what differs or was not understood. shut: one of them is disabled, or blocks. narrow: what a right rule is limited to.
    """

    state: str
    rules: tuple[Mapping[str, Any], ...] = ()
    why: str = ""
    shut: bool = False
    narrow: tuple[str, ...] = ()


@dataclass(frozen=True)
class Where:
    section: str
    station: str
    wanted: Wanted

    def finding(self, what: str, verdict: Verdict, summary: str, **more: Any) -> Finding:
        return Finding(f"firewall_port.{what}", self.section, self.station, verdict, summary, **more)

    def evidence(self, standing: Standing) -> dict[str, Any]:
        return {
            "station": self.station,
            "dialect": self.wanted.dialect,
            "before": [dict(rule) for rule in standing.rules],
            "after": self.wanted.terms(),
        }

    def told(self) -> str:
        to = (
            "every profile" if self.wanted.profiles == PROFILES[self.wanted.dialect] else "/".join(self.wanted.profiles)
        )
        return f"{self.wanted.name!r} (incoming {self.wanted.protocol} {self.wanted.port}, {to})"


def wanted(name: str, port: int, protocol: str, profiles: Iterable[str], dialect: str) -> Wanted:
    """profiles: any, domain, private, public. Up to 2003 whatever is not the domain is the standard profile."""
    chosen = set(profiles) or {ANY}
    if dialect == OLDER:
        chosen = {profile if profile in (ANY, "domain") else "standard" for profile in chosen}
    every = PROFILES[dialect]
    kept = every if ANY in chosen else tuple(profile for profile in every if profile in chosen)
    return Wanted(name, port, protocol.upper(), kept, dialect)


# The rule as it stands


def terms_of(rule: Shown) -> dict[str, Any]:
    profiles = rule.profiles
    return {
        "name": rule.name,
        "direction": rule.direction,
        "protocol": rule.protocol,
        "localport": rule.localport,
        "action": rule.action,
        "enabled": rule.enabled,
        "profiles": None if profiles is None else list(profiles),
    }


def standing(want: Wanted, listed: Sequence[Shown]) -> Standing:
    """What the list says of the rule. In the older dialect a port has one opening, whatever its name."""
    rules = [rule for rule in listed if rule.name.lower() == want.name.lower()]
    if not rules and want.dialect == OLDER:
        rules = [rule for rule in listed if (rule.protocol, rule.localport) == (want.protocol, str(want.port))]
    merged = _merged([terms_of(rule) for rule in rules], want.dialect)
    if not merged:
        return Standing("missing")
    if vague := sorted({field for rule in merged for field in FIELDS if rule[field] is None}):
        return Standing("unknown", tuple(merged), f"not understood: {', '.join(vague)}")
    exact = [rule for rule in merged if not _differences(want, rule)]
    blocks = [rule for rule in merged if _blocks(rule)]
    if exact and not blocks:
        return Standing("right", tuple(exact), narrow=_narrow(rules))
    why = "; ".join(dict.fromkeys(text for rule in merged for text in _differences(want, rule)))
    places = {(rule["protocol"], rule["localport"]) for rule in merged}
    one = len(places) == 1 if want.dialect == OLDER else len(merged) == 1
    shut = bool(blocks) or not any(rule["enabled"] for rule in merged)
    return Standing("differs" if one else "several", tuple(merged), why, shut)


def _merged(rules: list[dict[str, Any]], dialect: str) -> list[dict[str, Any]]:
    """Entries of one opening become one rule with their profiles; `any` becomes every profile."""
    found: list[dict[str, Any]] = []
    every = list(PROFILES[dialect])
    for rule in rules:
        profiles = rule["profiles"]
        if profiles is not None:
            rule = {**rule, "profiles": every if ANY in profiles or "all" in profiles else sorted(profiles)}
        same = next((one for one in found if _alike(one, rule)), None) if dialect == OLDER else None
        if same is not None and rule["profiles"] is not None and same["profiles"] is not None:
            same["profiles"] = sorted({*same["profiles"], *rule["profiles"]})
        else:
            found.append(rule)
    return found


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[field] == other[field] for field in ("name", *FIELDS) if field != "profiles")


def _differences(want: Wanted, rule: Mapping[str, Any]) -> list[str]:
    terms = want.terms()
    found = [
        f"{field} {_plain(rule[field])} instead of {_plain(terms[field])}"
        for field in FIELDS
        if rule[field] != terms[field]
    ]
    if rule["name"].lower() != want.name.lower():
        found.append(f"name {rule['name']!r} instead of {want.name!r}")
    return found


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "/".join(value) if isinstance(value, list) else str(value)


def _blocks(rule: Mapping[str, Any]) -> bool:
    return rule["enabled"] is True and rule["action"] == "Block" and rule["direction"] == "In"


def _narrow(rules: Sequence[Shown]) -> tuple[str, ...]:
    return tuple(
        f"{what} {value}"
        for rule in rules
        for what, value in (("remote address", rule.remoteip), ("program", rule.program))
        if value and value.lower() != ANY
    )


def lines(rules: Iterable[Mapping[str, Any]]) -> str:
    """Rules as text, for a diff."""
    return "".join(
        f"name: {rule['name']}\n" + "".join(f"  {field}: {_plain(rule[field])}\n" for field in FIELDS) for rule in rules
    )
