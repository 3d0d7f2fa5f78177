# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML out of values: everything is escaped unless it was made here. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


class Html(str):
    """Text that is markup already. Only the functions of this file make it."""

    __slots__ = ()


Part = str | Html | None | Iterable["Part"]
VOID = frozenset({"meta", "br", "hr", "link"})


def tag(name: str, /, *parts: Part, **attributes: str | int | bool | None) -> Html:
    """``tag("td", "a < b", class_="x")``; an attribute of None or False is left out, ``_`` becomes ``-``."""
    said = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(visible(str(value)))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{name}{said}>" if name in VOID else f"<{name}{said}>{text(*parts)}</{name}>")


def text(*parts: Part) -> Html:
    """The parts one after the other, strings escaped."""
    return Html("".join(_one(part) for part in parts))


def _one(part: Part) -> str:
    if part is None:
        return ""
    if isinstance(part, Html):
        return part
    if isinstance(part, str):
        return escape(visible(part))
    return "".join(_one(inner) for inner in part)


def visible(value: str) -> str:
    """Control characters and lone surrogates as their numbers: they are no characters of a document."""
    return "".join(char if _allowed(char) else f"\\x{ord(char):02x}" for char in value)


def _allowed(char: str) -> bool:
    return char in "\t\n" or (" " <= char < "\x7f") or (char > "\x9f" and not "\ud800" <= char <= "\udfff")
