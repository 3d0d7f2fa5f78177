# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a station's Oracle instance is open and its listener answers.

The site says ``oracle: {instance: {status: open | mounted | down, autostart: true}, listener: running | stopped}``; what has
become of it stands in the station's memory under ``oracle``. On Windows the services decide, where the site names them:
OracleService<SID> is the instance's process, a service with ``Listener`` in its name the listener. `assumed`: starting IMPAX'
OracleServer<SID> starts OracleService<SID> and opens the instance; stopping it stops both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from impax_lab.site import Station
    from impax_lab.station import StationProcess

HOME = "C:\\oracle\\product\\11.2.0\\db_1\\bin"  # assumed
STATES = ("open", "mounted", "down")


def places(station: Station, name: str) -> list[str]:
    """The folder of Oracle's programs on a Windows station; none where there is no Oracle."""
    return [HOME] if station.oracle else []


def sid(station: StationProcess) -> str:
    return str(station.spec.oracle.get("name", "MVF")).upper()


def prepare(station: StationProcess) -> None:
    """An instance whose service is stopped when the station comes up is down. Again is no change."""
    if not station.spec.oracle:
        return
    if not _process_runs(station) and "status" not in _memory(station):
        put(station, "down")
    station.oracle.mode = status(station)


def status(station: StationProcess) -> str:
    """open, mounted or down."""
    if station.oracle.down or not _process_runs(station):
        return "down"
    given = (station.spec.oracle.get("instance") or {}).get("status", "open")
    return str(_memory(station).get("status", given))


def put(station: StationProcess, state: str) -> None:
    station.oracle.mode = state
    with station.folder.remembering() as memory:
        memory.setdefault("oracle", {})["status"] = state


def service_stopped(station: StationProcess) -> bool:
    """On Windows: there is no process to log on to, not even for / as sysdba."""
    return not _process_runs(station)


def listens(station: StationProcess) -> bool:
    service = _listener_service(station)
    if service:
        return _services(station)[service] == "running"
    return str(_memory(station).get("listener", station.spec.oracle.get("listener", "running"))) == "running"


def listen(station: StationProcess, on: bool) -> None:
    service, state = _listener_service(station), "running" if on else "stopped"
    with station.folder.remembering() as memory:
        if service:
            memory.setdefault("services", {})[service] = state
        else:
            memory.setdefault("oracle", {})["listener"] = state


def service_changed(station: StationProcess, name: str, state: str) -> None:
    """What a service that was started or stopped does to the instance."""
    server, process = f"oracleserver{sid(station).lower()}", f"oracleservice{sid(station).lower()}"
    if not station.spec.oracle or name.lower() not in (server, process) or state not in ("running", "stopped"):
        return
    if name.lower() == server and (service := _named(station, process)):
        with station.folder.remembering() as memory:
            memory.setdefault("services", {})[service] = state
    opens = (station.spec.oracle.get("instance") or {}).get("autostart", True)
    put(station, "open" if state == "running" and opens else "down")


def _memory(station: StationProcess) -> dict[str, Any]:
    return dict(station.folder.remembered().get("oracle", {}))


def _services(station: StationProcess) -> dict[str, str]:
    if not station.spec.windows:
        return {}
    return {**station.spec.services, **station.folder.remembered().get("services", {})}


def _named(station: StationProcess, name: str) -> str:
    return next((each for each in _services(station) if each.lower() == name), "")


def _listener_service(station: StationProcess) -> str:
    return next((each for each in _services(station) if "listener" in each.lower()), "")


def _process_runs(station: StationProcess) -> bool:
    service = _named(station, f"oracleservice{sid(station).lower()}")
    return not service or _services(station)[service] == "running"
