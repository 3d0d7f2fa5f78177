# SPDX-License-Identifier: GPL-3.0-or-later
"""RAISERROR's text, and WAITFOR's time. Books Online: "RAISERROR", "WAITFOR"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from impax_lab.engine.model import Type
from impax_lab.engine.ms import types
from impax_lab.engine.ms.errors import error
from impax_lab.engine.ms.session import Session


def formatted(text: str, values: Sequence[tuple[Type, Any]]) -> str:
    """RAISERROR's %d %i %u %s %x %o, with width and the rest. Raises SqlError 2786, 2787."""
    left = list(values)
    number = 0

    def put(match: re.Match[str]) -> str:
        nonlocal number
        if match[0] == "%%":
            return "%"
        if not left:
            return "(null)"
        number += 1
        kind, value = left.pop(0)
        return _put(match[1], match[2], kind, value, number)

    return re.sub(r"%%|%([-+0 #]*(?:\d+|\*)?(?:\.(?:\d+|\*))?)[hlI64]*([diouxXs])", put, text)


def _put(flags: str, letter: str, kind: Type, value: Any, number: int) -> str:
    wants_text = letter == "s"
    if value is None:
        return "(null)"
    if wants_text != (kind.kind in types.STRINGS):
        raise error(2786, number)
    return f"%{flags}{'d' if letter in 'iu' else letter}" % (value,)


def wait(session: Session, delay: str) -> None:
    """WAITFOR DELAY 'hh:mm:ss'"""
    match = re.fullmatch(r"(\d+):(\d+)(?::(\d+)(?:\.(\d+))?)?", delay.strip())
    if not match:
        raise error(148, delay)
    seconds = int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0) + float(f"0.{match[4] or 0}")
    session.sleep(seconds)
