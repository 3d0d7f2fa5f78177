# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding and Evidence: what was judged about a station, and by what. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Verdict(str, Enum):
    """From best to worst; a row of the report carries the worst of its findings."""

    NOT_APPLICABLE = "not_applicable"
    OK = "ok"
    CHANGED = "changed"
    WAIVED = "waived"
    ATTENTION = "attention"
    UNKNOWN = "unknown"
    BLOCKER = "blocker"

    @property
    def is_go(self) -> bool:
        return self in (Verdict.NOT_APPLICABLE, Verdict.OK, Verdict.CHANGED, Verdict.WAIVED)


_ORDER = list(Verdict)
_LONE = re.compile("[\ud800-\udfff]")
REMEDIES = ("automatic", "command", "guided", "vendor")


@dataclass(frozen=True)
class Remediation:
    """What to do next. how: one of REMEDIES; text: one instruction a person can follow as it stands."""

    how: str
    text: str

    def __post_init__(self) -> None:
        if self.how not in REMEDIES:
            raise ValueError(f"remediation {self.how!r} is none of {', '.join(REMEDIES)}")


@dataclass(frozen=True)
class Finding:
    """One judgement.

    key: stable, lower case, dotted: ``audit_table.map_event_audit.truncate``. section: S01..S36.
    station: inventory name, or ``site``. summary: one sentence with the numbers.
    evidence: what it rests on, plain JSON values, no patient data, no secret. would: a change foretold by check mode.
    """

    key: str
    section: str
    station: str
    verdict: Verdict
    summary: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    remediation: Remediation | None = None
    would: bool = False

    @property
    def evidence_hash(self) -> str:
        return evidence_hash(self.evidence)

    def as_dict(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "key": self.key,
            "section": self.section,
            "station": self.station,
            "verdict": self.verdict.value,
            "summary": self.summary,
            "evidence": dict(self.evidence),
            "evidence_hash": self.evidence_hash,
            "remediation": None
            if self.remediation is None
            else {"how": self.remediation.how, "text": self.remediation.text},
        }
        if self.would:
            shown["would"] = True
        return shown


def evidence_hash(evidence: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the canonical JSON of `evidence`: what an approval is bound to."""
    return hashlib.sha256(canonical(evidence)).hexdigest()


def canonical(value: Any) -> bytes:
    """One byte string for one JSON value: sorted keys, no blanks, UTF-8. Raises TypeError on anything else.

    A byte that was no character (``\\udcXX``) counts as those six characters, as the journal keeps it.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return _LONE.sub(lambda found: f"\\\\u{ord(found[0]):04x}", text).encode()


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst verdict; nothing at all is unknown."""
    return max(verdicts, key=_ORDER.index, default=Verdict.UNKNOWN)
