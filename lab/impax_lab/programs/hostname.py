# SPDX-License-Identifier: GPL-3.0-or-later
"""hostname: the station's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from impax_lab.program import Call

NAMES = ("hostname",)
SYSTEMS = ("windows",)
SOURCES = "assumed: general knowledge of Windows"
SPECIAL: dict[str, str] = {}


def main(call: Call) -> int:
    """A name to set is refused, as Windows does (assumed: the text)."""
    if len(call.words) > 1:
        call.err("sethostname: Use the Network Control Panel Applet to set hostname.\nhostname -s is not supported.\n")
        return 1
    call.out(f"{call.station.spec.hostname}\n")
    return 0
