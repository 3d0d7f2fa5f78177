# SPDX-License-Identifier: GPL-3.0-or-later
"""Which variables a station needs, by the specifications of the roles that will work on it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..sections import SECTIONS

Specification = Mapping[str, Any]  # option -> {type, required, ...}


def entries(types: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(role, entry point) of everything that will be done at a station of these server types, each once."""
    done = ((name, section.action) for section in SECTIONS if section.action for name in section.server_types)
    yield from dict.fromkeys((name, action) for name, action in done if name in types)


def missing(station: str, role: str, specification: Specification, defined: Callable[[str], bool]) -> Iterator[str]:
    """Sentences about variables that have to be set for this station and are not."""
    for name, option in specification.items():
        if option.get("required") and not defined(name):
            what = _first(option.get("description"))
            yield (
                f"The variable {name} is not set for {station} ({what}). Set it in group_vars/{role}.yml or in"
                f" host_vars/{station}.yml of the inventory."
            )


def _first(description: Any) -> str:
    text = description[0] if isinstance(description, list) and description else description
    return str(text or "see the role's documentation").rstrip(".")
