# SPDX-License-Identifier: GPL-3.0-or-later
"""May a run start from this inventory: every station is known for what it is, and known only once. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from ..sections import HELPER_GROUPS, SERVER_TYPES, SITE
from . import approvals as approving

VERIFY = "verify"
CONTROLLER = "localhost"


@dataclass(frozen=True)
class Inventory:
    """What Ansible made of the inventory.

    groups: group -> hosts. absent: server type -> reason. addresses: host -> (address, port), as connected to.
    helpers: further groups that the site uses for its own order. approvals: as they stand in the inventory.
    """

    groups: Mapping[str, Sequence[str]]
    absent: Any = field(default_factory=dict)
    addresses: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    helpers: Sequence[str] = ()
    approvals: Any = ()

    def hosts(self) -> list[str]:
        return [host for host in self.groups.get("all", ()) if host != CONTROLLER]

    def types(self, host: str) -> list[str]:
        return [name for name in SERVER_TYPES if host in self.groups.get(name, ())]

    def stations(self) -> dict[str, list[str]]:
        """Name -> server types, of every host that has one."""
        return {host: types for host in self.hosts() if (types := self.types(host))}


def problems(inventory: Inventory) -> list[str]:
    """Sentences that name the thing and say what to do; none when a run may start."""
    return [
        *_groups(inventory),
        *_typeless(inventory),
        *_two_systems(inventory),
        *_same_name(inventory),
        *_same_address(inventory),
        *_absent(inventory),
        *_approvals(inventory),
    ]


def _groups(inventory: Inventory) -> Iterator[str]:
    known = {*SERVER_TYPES, *HELPER_GROUPS, *inventory.helpers}
    for group in inventory.groups:
        if group not in known:
            yield f"The group {group!r} is no server type{_meant(group)}. {_HELPERS}"


_HELPERS = "A group of your own, for order only, is named in impax_helper_groups."


def _meant(group: str) -> str:
    near = get_close_matches(group, SERVER_TYPES, n=1)
    return f" (did you mean {near[0]}?)" if near else f" ({', '.join(SERVER_TYPES)})"


def _typeless(inventory: Inventory) -> Iterator[str]:
    for host in inventory.hosts():
        if not inventory.types(host) and host not in inventory.groups.get(VERIFY, ()):
            yield f"The station {host} is in no group of a server type: put it into the group of what it is."


def _two_systems(inventory: Inventory) -> Iterator[str]:
    """An AS3000 is a Solaris machine, and a database server has one engine."""
    for host, types in inventory.stations().items():
        engines = [name for name in types if name.startswith("as3")]
        if len(engines) > 1 or ("as3000" in types and len(types) > 1):
            yield (
                f"The station {host} cannot be {' and '.join(types)} at once: two stations of one name, or a wrong"
                " group. Give each its own name and group."
            )


def _same_name(inventory: Inventory) -> Iterator[str]:
    """Windows does not tell AS300 from as300, and the report needs the name ``site``."""
    spelled = defaultdict(list)
    for host in inventory.hosts():
        spelled[host.lower()].append(host)
    for names in spelled.values():
        if len(names) > 1:
            yield f"The stations {' and '.join(names)} have one name but for capitals: give each a name of its own."
    if SITE in spelled:
        yield f"A station cannot be called {spelled[SITE][0]!r}: rows of the whole site carry that name. Rename it."


def _same_address(inventory: Inventory) -> Iterator[str]:
    reached = defaultdict(list)
    for host, (address, port) in inventory.addresses.items():
        if host != CONTROLLER:
            reached[address.lower(), port].append(host)
    for (address, port), names in reached.items():
        if len(names) > 1:
            where = f"{address} port {port}" if port else address
            yield f"The stations {' and '.join(names)} have one address, {where}: correct ansible_host of one of them."


def _absent(inventory: Inventory) -> Iterator[str]:
    if not isinstance(inventory.absent, Mapping):
        yield "impax_absent has to be a mapping of server type to reason."
        return
    for name, reason in inventory.absent.items():
        if name not in SERVER_TYPES:
            yield f"impax_absent names {name!r}, which is no server type{_meant(name)}."
        elif inventory.groups.get(name):
            declared = ", ".join(inventory.groups[name])
            yield f"{name} stands in impax_absent, yet {declared} is declared: remove one of them."
        if not isinstance(reason, str) or not reason.strip():
            yield f"impax_absent gives no reason for {name}: write why the site has none."


def _approvals(inventory: Inventory) -> Iterator[str]:
    if not isinstance(inventory.approvals, (list, tuple)):
        yield "impax_approvals has to be a list."
        return
    for number, approval in enumerate(inventory.approvals, 1):
        for problem in approving.problems(approval):
            yield f"impax_approvals, entry {number}: {problem}."
