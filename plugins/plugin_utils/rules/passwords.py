# SPDX-License-Identifier: GPL-3.0-or-later
"""Can the password that a section needs be had (S16)."""

from __future__ import annotations

from ..findings import Finding, Remediation, Verdict


def can_be_had(section: str, station: str, account: str, had: bool) -> Finding:
    """had: an answer came that can be a password. An answer that cannot be one is unknown, not a missing key."""
    key = f"passkey.{account.lower()}"
    if had:
        return Finding(key, section, station, Verdict.OK, f"passkey on {station} gives a password of {account}.")
    return Finding(
        key,
        section,
        station,
        Verdict.UNKNOWN,
        f"passkey on {station} ended well, but what it printed cannot be the password of {account}.",
        remediation=Remediation(
            "command", "Run passkey there by hand; if it prints a password, say how the answer looks."
        ),
    )
