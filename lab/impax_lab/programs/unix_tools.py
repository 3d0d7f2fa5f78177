# SPDX-License-Identifier: GPL-3.0-or-later
"""The small tools of a Unix station that need no emulation: busybox does their work, calls are recorded.

Only what Solaris 10 has in /usr/bin under that name; GNU options are refused by the reading of the shell's text.
"""

from __future__ import annotations

from impax_lab.unix import root, shell
from impax_lab.unix.relay import UnixCall

words_of = str.split
CHANGING = frozenset(
    words_of("chmod chown chgrp cp dd gzip gunzip compress uncompress ln mkdir mkfifo mv rm rmdir split tar tee touch")
)
READING = frozenset(
    words_of(
        "awk nawk basename cat cmp cut date diff dirname du egrep env expr fgrep find fold getopt grep head hostname "
        "kill ls nl od paste printf pwd sed sleep sort strings sync tail test tr true false tty uniq wc xargs"
    )
)
WRITING = {"cp", "dd", "gzip", "tar", "tee", "split"}  # these need room on the disk
APPLETS = {"nawk": "awk"}
NAMES = tuple(sorted(CHANGING | READING))
SYSTEMS = ("unix",)
SOURCES = "man pages section 1 of Solaris 10 for the names; behaviour is busybox's (assumed alike for what both have)"
SPECIAL: dict[str, str] = {}


def main(call: UnixCall) -> int:
    if call.pretend and call.name in CHANGING:
        return 0
    if call.full and call.name in WRITING:
        call.err(f"{call.name}: write error: No space left on device\n")
        return 2
    words = [APPLETS.get(call.name, call.name), *call.words[1:]]
    return shell.run_real(call, root.BUSYBOX, words)
