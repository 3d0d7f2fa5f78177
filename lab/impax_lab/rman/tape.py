# SPDX-License-Identifier: GPL-3.0-or-later
"""The tape drive of a station: whether a tape is in it, and at which file it stands. RMAN and mt share it.

The site says ``options: {tape: {drive: /dev/rmt/0, loaded: true, file: 0}}``; from then on the station's memory holds it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from impax_lab.rman.forms import RmanError, moment

if TYPE_CHECKING:
    from impax_lab.rman.catalogue import BackupSet
    from impax_lab.rman.session import Session
    from impax_lab.station import StationProcess

DRIVE = "/dev/rmt/0"


def state(station: StationProcess) -> dict[str, Any]:
    """``{drive, loaded, file}`` now."""
    given = station.spec.options.get("tape") or {}
    return {"drive": DRIVE, "loaded": True, "file": 0, **given, **station.folder.remembered().get("tape", {})}


def change(station: StationProcess, **differs: Any) -> None:
    with station.folder.remembering() as memory:
        memory.setdefault("tape", {}).update(differs)


def write(station: StationProcess, session: Session, channel: str, backup: BackupSet) -> None:
    """Move on by a file. Raises RmanError when no tape is loaded."""
    now = state(station)
    if not now["loaded"] or session.call.behaviour == "no_tape":
        raise RmanError(
            f"RMAN-03009: failure of backup command on {channel} channel at {moment(time.time())}",
            f'ORA-19506: failed to create sequential file, name="{backup.piece}", parms=""',
            "ORA-27028: skgfqcre: sbtbackup returned error", "ORA-19511: Error received from media manager layer, error text:",
            "   no tape loaded or drive offline",
        )  # fmt: skip
    change(station, file=int(now["file"]) + 1)
