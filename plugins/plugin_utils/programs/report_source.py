# SPDX-License-Identifier: GPL-3.0-or-later
"""Which services the Connectivity Manager's requests come from (S25): the distinct values of mcf_service_request.

The text selects the distinct values; here each comes with its count, and a null can be told from the word NULL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ._answers import Answer

DATABASE = "mcf"
QUESTIONS = {
    "sources": "select case when requesting_service is null then 1 else 0 end, count(*), requesting_service"
    " from mcf_service_request group by requesting_service"
}


@dataclass(frozen=True)
class Source:
    """value None: rows that name no service."""

    value: str | None
    rows: int


@dataclass(frozen=True)
class Sources:
    """sources None: they could not be read, `why` says so."""

    sources: tuple[Source, ...] | None
    why: str = ""


def read(answers: Mapping[str, Answer]) -> Sources:
    answer = answers["sources"]
    if answer.rows is None:
        return Sources(None, answer.why)
    read_ = [_source(row) for row in answer.rows]
    found = [source for source in read_ if source is not None]
    if len(found) != len(read_):
        return Sources(None, "a row of the answer was not understood")
    return Sources(tuple(sorted(found, key=lambda source: (-source.rows, source.value or ""))))


def _source(row: tuple[str, ...]) -> Source | None:
    if len(row) < 3 or row[0] not in ("0", "1") or not row[1].isdecimal():
        return None
    return Source(None if row[0] == "1" else "|".join(row[2:]), int(row[1]))  # the value may hold the separator
