# SPDX-License-Identifier: GPL-3.0-or-later
"""mt of Solaris 10: status, rewind, offline of the station's tape drive."""

from __future__ import annotations

from impax_lab.program import Call
from impax_lab.rman import tape

NAMES = ("mt",)
SYSTEMS = ("unix",)
SOURCES = "mt(1) of Solaris 10; the form of the status from public output, the drive's name assumed"
SPECIAL = {"rewind_does_nothing": "rewind ends with 0, the tape stands where it stood"}
FAILURE = "/dev/rmt/0: I/O error\n"
USAGE = "usage: mt [ -f device ] command [ count ]\n"


def main(call: Call) -> int:
    words = call.words[1:]
    device = call.env.get("TAPE", tape.DRIVE + "n")
    if words[:1] == ["-f"] and len(words) > 1:
        device, words = words[1], words[2:]
    if not words:
        call.err(USAGE)
        return 1
    now = tape.state(call.station)
    if not device.startswith(now["drive"]):
        call.err(f"{device}: No such file or directory\n")
        return 1
    if not now["loaded"]:
        call.err(f"{device}: no tape loaded or drive offline\n")
        return 1
    return _do(call, words[0], now, device)


def _do(call: Call, what: str, now: dict[str, object], device: str) -> int:
    if what == "status":
        call.out("HP DAT-72 tape drive:\n   sense key(0x0)= No Additional Sense   residual= 0   retries= 0\n"
                 f"   file no= {now['file']}   block no= 0\n")  # fmt: skip
    elif what in ("rewind", "rew"):
        if call.behaviour != "rewind_does_nothing" and not call.pretend:
            tape.change(call.station, file=0)
    elif what in ("offline", "rewoffl"):
        if not call.pretend:
            tape.change(call.station, file=0, loaded=False)
    else:
        call.note(f"mt: {what}")
        call.err(f"mt: unknown command: {what}\n{USAGE}")
        return 1
    return 0
