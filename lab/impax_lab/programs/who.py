# SPDX-License-Identifier: GPL-3.0-or-later
"""who of Solaris 10: ``who -b`` is what tells a reboot."""

from __future__ import annotations

import time

from impax_lab.unix.relay import UnixCall

NAMES = ("who",)
SYSTEMS = ("unix",)
SOURCES = "who(1) of Solaris 10: name, state, line, time; minutes are all it tells of a time"
SPECIAL: dict[str, str] = {}


def main(call: UnixCall) -> int:
    options = "".join(word[1:] for word in call.words[1:] if word.startswith("-"))
    for option in options:
        if option not in "br":
            call.err(f"who: illegal option -- {option}\nUsage:\twho [-abdHlmnpqrstTu] [utmp_like_file]\n")
            return 1
    booted = time.strftime("%b %e %H:%M", time.localtime(call.station.folder.remembered().get("booted", 0)))
    if "b" in options:
        call.out(f"   .       system boot  {booted}\n")
    if "r" in options:
        call.out(f"   .       run-level 3  {booted}     3      0  S\n")
    return 0
