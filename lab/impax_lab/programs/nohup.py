# SPDX-License-Identifier: GPL-3.0-or-later
"""nohup: runs its words with SIGHUP ignored."""

from __future__ import annotations

from impax_lab.unix.relay import UnixCall

NAMES = ("nohup",)
SYSTEMS = ("unix",)
SOURCES = "nohup(1) of Solaris 10; output that is a terminal is not looked at (assumed: it is always redirected)"
SPECIAL: dict[str, str] = {}


def main(call: UnixCall) -> int:
    words = call.words[1:]
    if not words:
        call.err("usage: nohup command [argument ...]\n       nohup -p [-Fa] pid [pid ...]\n")
        return 1
    return call.real(words[0], words, nohup=True)
