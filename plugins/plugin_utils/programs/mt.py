# SPDX-License-Identifier: GPL-3.0-or-later
"""mt of Solaris: where the tape stands. To be asked by the device that does not rewind (``/dev/rmt/0n``): closing the other
one rewinds the tape. A drive without a tape is told on stderr, exit code 1 or 2. Source: mt(1), mtio(7I), Solaris 10.
"""

from __future__ import annotations

import re

from ..command import Command

PLACE = re.compile(r"file no= *(\d+)\s+block no= *(\d+)")


def status(device: str) -> Command:
    return Command(("mt", "-f", device, "status"), expected=frozenset({0, 1, 2}), environment={"LC_ALL": "C"})


def rewound(printed: str) -> bool | None:
    """Whether the tape stands at its very beginning; None: no tape, or not said."""
    match = PLACE.search(printed)
    return None if match is None else match.groups() == ("0", "0")


def loaded(printed: str, exit_code: int | None) -> bool | None:
    """Whether a tape is in the drive; None: not said."""
    if PLACE.search(printed):
        return True
    return False if exit_code in (1, 2) else None
