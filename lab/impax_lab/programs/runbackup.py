# SPDX-License-Identifier: GPL-3.0-or-later
"""runbackup of IMPAX: backs up the database by RMAN, to disk or to tape, and prints RMAN's own log.

The vendor's text names the program, its folder, the accounts and the tape that is rewound. All else is `assumed`: that it
makes a full backup of the database with control file and archived logs, that its exit code is 0 whatever RMAN says, that the
account ``service`` may run it too. Options of a station: ``runbackup_s`` (seconds, 0.5), ``runbackup_mb`` (size of the set of
the database), ``runbackup_hang_s`` (120), ``runbackup_mode`` (``hot`` or ``cold``). The device is ``oracle: {rman: {device}}``.
"""

from __future__ import annotations

from impax_lab.program import Call
from impax_lab.rman import run_backup

NAMES = ("runbackup",)
SYSTEMS = ("unix",)
SOURCES = (
    "the vendor's upgrade guide for name, folder, accounts and tape; RMAN's log from public output; the rest assumed"
)
SPECIAL = run_backup.SPECIAL
PLACES = {"unix": ["/usr/mvf/bin"]}
FAILURE = run_backup.FAILURE


def main(call: Call) -> int:
    return run_backup.main(call)
