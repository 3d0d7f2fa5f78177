# SPDX-License-Identifier: GPL-3.0-or-later
"""uname of Solaris 10."""

from __future__ import annotations

from impax_lab.unix.relay import UnixCall

NAMES = ("uname",)
SYSTEMS = ("unix",)
SOURCES = "uname(1) of Solaris 10; patch level and platform are invented"
SPECIAL: dict[str, str] = {}
ORDER = "snrvmpi"


def main(call: UnixCall) -> int:
    options = "".join(word[1:] for word in call.words[1:] if word.startswith("-")) or "s"
    spec = call.station.spec
    known = {"s": "SunOS", "n": spec.hostname, "r": spec.release or "5.10", "v": "Generic_147147-26", "m": "sun4v",
             "p": "sparc", "i": "SUNW,SPARC-Enterprise-T5220"}  # fmt: skip
    for option in options:
        if option not in f"{ORDER}a":
            call.err(f"uname: illegal option -- {option}\nusage:\tuname [-snrvmapiX]\n\tuname [-S system_name]\n")
            return 1
    wanted = ORDER if "a" in options else options
    call.out(" ".join(known[option] for option in ORDER if option in wanted) + "\n")
    return 0
