# SPDX-License-Identifier: GPL-3.0-or-later
"""The services of a station: what the site says of them, and what has become of them since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from impax_lab import oracle_instance

if TYPE_CHECKING:
    from impax_lab.program import Call

STATES = {"stopped": 1, "start_pending": 2, "stop_pending": 3, "running": 4, "paused": 7}
DISPLAY = {  # names as people see them; assumed for services that are not listed here
    "mssqlserver": "SQL Server (MSSQLSERVER)",
    "sqlserveragent": "SQL Server Agent (MSSQLSERVER)",
}


def all_services(call: Call) -> dict[str, str]:
    """State by name, in the site's order."""
    return {**call.station.spec.services, **call.station.folder.remembered().get("services", {})}


def find(call: Call, name: str) -> str | None:
    """The service of that name or display name, letters as the site writes them."""
    wanted = name.lower()
    return next((each for each in all_services(call) if wanted in (each.lower(), display(each).lower())), None)


def display(name: str) -> str:
    return DISPLAY.get(name.lower(), name)


def put(call: Call, name: str, state: str) -> None:
    if call.pretend:
        return
    with call.station.folder.remembering() as memory:
        memory.setdefault("services", {})[name] = state
    oracle_instance.service_changed(call.station, name, state)
