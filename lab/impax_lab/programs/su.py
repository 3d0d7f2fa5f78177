# SPDX-License-Identifier: GPL-3.0-or-later
"""su: the account's shell under the account's number (``unix/src/su.c`` does it)."""

from __future__ import annotations

from impax_lab.unix import root
from impax_lab.unix.relay import UnixCall

NAMES = ("su",)
SYSTEMS = ("unix",)
SOURCES = "su(1M) of Solaris 10; nobody but root can (assumed: no password is ever typed)"
SPECIAL: dict[str, str] = {}
FAILURE = "su: Sorry\n"


def main(call: UnixCall) -> int:
    return call.real(root.SU, call.words)
