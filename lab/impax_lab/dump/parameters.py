# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of exp and imp: ``KEYWORD=value`` and ``KEYWORD=(a, b)`` on the command line and in a parameter file.

Oracle Database Utilities 11.2, "Original Export", "Original Import": keywords, parameter files, messages LRM-nnnnn.
"""

from __future__ import annotations

import re
from collections.abc import Callable

words_of = str.split
BOTH = words_of(
    "userid buffer file grants indexes rows log full tables recordlength inctype parfile constraints feedback filesize "
    "statistics resumable resumable_name resumable_timeout volsize help"
)
EXPORT = {
    *BOTH,
    *words_of("compress direct consistent owner record triggers object_consistent flashback_scn flashback_time query"),
    *words_of("tts_full_check tablespaces transport_tablespace"),
}
IMPORT = {
    *BOTH,
    *words_of("show ignore fromuser touser commit destroy indexfile skip_unusable_indexes toid_novalidate compile"),
    *words_of("streams_configuration streams_instantiation"),
}


class Wrong(Exception):
    """A parameter is not as it must be; the text is the LRM message."""


def read(words: list[str], known: set[str], open_file: Callable[[str], str]) -> dict[str, str]:
    """The parameters of a call. The first word may be the user id without its keyword. Raises Wrong, OSError."""
    given: dict[str, str] = {}
    text = " ".join(words)
    if words and "=" not in words[0].split("(")[0]:
        given["userid"], text = words[0], " ".join(words[1:])
    given |= _pairs(text, known)
    if "parfile" in given:
        given = {**_pairs(open_file(given.pop("parfile")), known), **given}
    return given


def listed(value: str) -> list[str]:
    """``(a, b)`` or ``a``."""
    inner = value.strip()
    if inner.startswith("(") and inner.endswith(")"):
        inner = inner[1:-1]
    return [part.strip() for part in inner.split(",") if part.strip()]


def is_yes(value: str | None) -> bool:
    return (value or "").strip().lower() in ("y", "yes")


def _pairs(text: str, known: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    text = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    pattern = re.compile(
        r"""\s*([A-Za-z_]+)\s*=\s*(\([^)]*\)|"[^"]*"|'[^']*'|/\s+as\s+sysdba|[^\s,"]*"[^"]*"[^\s,]*|[^\s,]+(?:\s+as\s+sysdba)?)\s*,?"""
    )
    at = 0
    while text[at:].strip():
        match = pattern.match(text, at)
        if not match:
            raise Wrong(f"LRM-00108: invalid positional parameter value '{text[at:].split()[0]}'")
        name = match[1].lower()
        if name not in known:
            raise Wrong(f"LRM-00101: unknown parameter name '{match[1]}'")
        found[name] = _unquoted(match[2])
        at = match.end()
    return found


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0] else value
