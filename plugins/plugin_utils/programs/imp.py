# SPDX-License-Identifier: GPL-3.0-or-later
"""imp with SHOW=Y reads a dump from end to end and writes nothing. It finds a cut dump, not a bit turned in a value.

Without SHOW it loads: here one table, rows only, into another schema. A dump that a DBA made is loaded by a DBA only (IMP-00013).

Source: Oracle Database Utilities, "Original Import"; IMP-00009 is its word for a dump that ends too early.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..command import Command, Secret, Text
from .exp import parameters
from .sqlplus import language

TRANSCRIPTS = ("imp",)

CODE = re.compile(r"\b(?:IMP|ORA|PLS|LRM)-\d{4,5}\b")
CLOSING = re.compile(
    r"^(?:IMP-00000: )?Import terminated (successfully|unsuccessfully)(?: (with|without) warnings)?", re.M
)


@dataclass(frozen=True)
class Shown:
    """whole None: no closing in English was seen, so nothing is known. codes: in order of first appearance."""

    whole: bool | None
    codes: tuple[str, ...]


def show(
    file: str, account: str, password: Secret, *, charset: str, parfile: str = "imp.par", timeout: float = 86400
) -> Command:
    return _call(parameters(account, password, file=file, show="y", full="y"), charset, parfile, timeout)


def load(
    file: str,
    account: str,
    password: Secret,
    *,
    owner: str,
    table: str,
    charset: str,
    parfile: str = "imp.par",
    timeout: float = 86400,
) -> Command:
    """One table's rows into the schema of `account`; owner: whose table the dump holds. It commits as it goes, to spare undo."""
    rows_only = {"indexes": "n", "constraints": "n", "grants": "n", "statistics": "none", "commit": "y"}
    text = parameters(account, password, file=file, fromuser=owner, touser=account, tables=table, **rows_only)
    return _call(text, charset, parfile, timeout)


def _call(text: Text, charset: str, parfile: str, timeout: float) -> Command:
    return Command(
        ("imp", f"parfile={parfile}"),
        stdin=text,
        creates=parfile,
        environment=language(charset),
        expected=frozenset({0, 1, 2, 3}),
        timeout=timeout,
    )


def read(printed: str) -> Shown:
    codes = tuple(dict.fromkeys(CODE.findall(printed)))
    closing = CLOSING.search(printed)
    if codes:
        return Shown(False, codes)
    return Shown(None if closing is None else (closing[1], closing[2]) == ("successfully", "without"), codes)
