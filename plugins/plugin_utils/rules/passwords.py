# SPDX-License-Identifier: GPL-3.0-or-later
"""Can the password that a section needs be had, and can the client carry it (every section that asks a database)."""

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


def none_at_hand(section: str, station: str, by: str, account: str) -> Finding:
    """by: the action, first part of the finding's key."""
    return Finding(
        f"{by}.password",
        section,
        station,
        Verdict.UNKNOWN,
        f"The password of {account} could not be had from passkey on {station}. Nothing was changed.",
        remediation=Remediation(
            "command", "Run the vendor's passkey there by hand, or give impax_sa_password from a vault."
        ),
    )


def unfit(section: str, station: str, by: str, why: str) -> Finding:
    """An account or password that the client's own syntax cannot carry; nothing was sent."""
    return Finding(
        f"{by}.password",
        section,
        station,
        Verdict.BLOCKER,
        f"No log-on to the database of {station} can be written: {why}. Nothing was sent.",
        remediation=Remediation("command", "Have the account's password changed to one without that sign."),
    )
