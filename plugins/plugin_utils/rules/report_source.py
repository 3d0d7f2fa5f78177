# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the reports come from (S25): one source is noted, several need the integrator, none says nothing at all."""

from __future__ import annotations

from collections.abc import Sequence

from ..findings import Finding, Remediation, Verdict

KEY = "report_source.requesting_service"
INTEGRATOR = Remediation(
    "vendor", "Consult a Connectivity Manager integrator: data and mappings may have to be updated before the upgrade."
)


def judge(section: str, station: str, sources: Sequence[tuple[str | None, int]] | None, why: str = "") -> Finding:
    """sources: (value, rows) each, value None for rows without one; None: could not be read, `why`."""
    if sources is None:
        return _unknown(section, station, f"could not be read: {why}")
    if not sources:
        return _unknown(section, station, "are not to be told: mcf_service_request has no rows")
    shown = ", ".join(f"{_name(value)} ({rows} rows)" for value, rows in sources)
    evidence = {"sources": [{"value": value, "rows": rows} for value, rows in sources]}
    if len(sources) == 1 and sources[0][0]:
        text = f"All reports on {station} come from {shown}."
        return Finding(KEY, section, station, Verdict.OK, text, evidence)
    text = f"requesting_service on {station} has {len(sources)} values: {shown}; expected one that names a service."
    return Finding(KEY, section, station, Verdict.ATTENTION, text, evidence, INTEGRATOR)


def _name(value: str | None) -> str:
    return "no value" if value is None else f"{value!r}"


def _unknown(section: str, station: str, why: str) -> Finding:
    remedy = Remediation("command", "Look at mcf_service_request there, then run this section again.")
    return Finding(
        KEY, section, station, Verdict.UNKNOWN, f"The sources of the reports on {station} {why}.", {}, remedy
    )
