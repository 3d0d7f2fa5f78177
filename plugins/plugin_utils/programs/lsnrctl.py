# SPDX-License-Identifier: GPL-3.0-or-later
"""lsnrctl, the control program of Oracle's listener. "The command completed successfully" also ends a stop, and an error
for one address stands above the good answer of the next.

Hence: what a running listener tells of itself (its version, uptime, services) stands above every code, and codes stand
above sentences, which are translated. `stop` prints nothing but that it succeeded (so does `reload`, which we never call).
Source: Oracle Database Net Services Reference, "Listener Control Utility"; Error Messages, TNS-.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..command import Command, Outcome
from .sqlplus import language

TRANSCRIPTS = ("lsnrctl",)

CODE = re.compile(r"TNS-\d{5}")  # no word boundary: without its message file, lsnrctl prints "facility=TNSTNS-12541"
ALREADY = "TNS-01106"
ANSWERED = frozenset({ALREADY, "TNS-01169", "TNS-01189", "TNS-01190"})  # refused, by the listener itself
ABSENT = frozenset({"TNS-12541", "TNS-00511"})
NOT_STARTED = frozenset({"TNS-12542", "TNS-00512", "TNS-01151", "TNS-12546", "TNS-00516", "TNS-01201"})
ITSELF = re.compile(
    r"^\S.*[ \t]TNSLSNR for |^STATUS of the LISTENER|^Uptime +\d|^Services Summary\.\.\.|^The listener supports no services",
    re.M,
)
FAILED = re.compile(r"^Listener failed to start", re.M)
DONE = re.compile(r"^The command completed successfully", re.M)


@dataclass(frozen=True)
class Listener:
    """running None: not said. already: a start found it running. codes: distinct, in order."""

    running: bool | None
    already: bool
    codes: tuple[str, ...]


def status(client: str = "lsnrctl") -> Command:
    return Command((client, "status"), environment=language(), expected=frozenset({0, 1}), timeout=60)


def start(client: str = "lsnrctl") -> Command:
    """Exit code 1 where it runs already."""
    return Command((client, "start"), environment=language(), expected=frozenset({0, 1}), timeout=180)


def read(printed: str) -> Listener:
    codes = tuple(dict.fromkeys(CODE.findall(printed)))
    return Listener(_running(printed, set(codes)), ALREADY in codes, codes)


def _running(printed: str, codes: set[str]) -> bool | None:
    if FAILED.search(printed):
        return False
    if ITSELF.search(printed) or codes & ANSWERED:
        return True
    if codes & (ABSENT | NOT_STARTED):
        return False
    return False if DONE.search(printed) and not codes else None


def running(outcome: Outcome) -> bool | None:
    """Of an answer that came; None for one that did not, or did not say."""
    return read(outcome.printed).running if outcome.ended else None
