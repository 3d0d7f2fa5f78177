# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as CSV, one line a finding, for whoever works with a spreadsheet. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

COLUMNS = (
    *("section", "title", "stage", "station", "row_verdict", "finding", "verdict", "summary"),
    *("next", "waived_by", "approved_by", "evidence_hash"),
)


def render(report: Mapping[str, Any]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(value) for value in line] for line in _lines(report))
    return out.getvalue()


def _lines(report: Mapping[str, Any]) -> Iterator[list[str]]:
    for section in report["sections"]:
        for row in section["stations"]:
            for finding in row["findings"]:
                yield [
                    *(section["id"], section["title"], section["stage"], row["station"], row["verdict"]),
                    *(
                        finding["key"],
                        finding["verdict"],
                        finding["summary"],
                        (finding["remediation"] or {}).get("text", ""),
                    ),
                    *(finding.get(name, {}).get("by", "") for name in ("waiver", "approval")),
                    finding["evidence_hash"],
                ]


def _harmless(value: Any) -> str:
    """A spreadsheet would take ``=...`` for a formula: a quotation mark in front keeps it text."""
    shown = "" if value is None else str(value).encode("utf-8", "backslashreplace").decode()
    return f"'{shown}" if shown[:1] in ("=", "+", "-", "@", "\t", "\r") else shown
