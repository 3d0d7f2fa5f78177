# SPDX-License-Identifier: GPL-3.0-or-later
"""digest of Solaris 10: the checksum of a file, as bare hex. Source: digest(1). Here always SHA-1."""

from __future__ import annotations

import re

from ..command import Command

TRANSCRIPTS = ("digest",)


def sha1(path: str, timeout: float = 3600) -> Command:
    return Command(("digest", "-a", "sha1", path), timeout=timeout)


def read(printed: str) -> str | None:
    """40 hex digits; None where the output is anything else."""
    text = printed.strip().lower()
    return text if re.fullmatch(r"[0-9a-f]{40}", text) else None
