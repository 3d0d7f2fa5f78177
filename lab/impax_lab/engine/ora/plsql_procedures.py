# SPDX-License-Identifier: GPL-3.0-or-later
"""Procedures that a block may call, and the binding of EXECUTE IMMEDIATE."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from impax_lab.engine.model import Type
from impax_lab.engine.ora import types
from impax_lab.engine.ora.errors import OracleError, error
from impax_lab.engine.sql.scope import literal
from impax_lab.engine.sql.tokens import ORACLE, tokens

if TYPE_CHECKING:
    from impax_lab.engine.ora.session import Session


def _application_error(session: Session, arguments: list[Any]) -> None:
    code, text, *_ = arguments if len(arguments) > 1 else [None, ""]
    if code is None or not -20999 <= int(code) <= -20000:
        raise error(21000, code)
    raise OracleError(-int(code), f"ORA{int(code)}: {text if text is not None else ''}")


def _put_line(session: Session, arguments: list[Any]) -> None:
    session.put_line(types.shown_number(arguments[0]) if isinstance(arguments[0], (int, float)) else arguments[0])


def _sleep(session: Session, arguments: list[Any]) -> None:
    session.instance.sleep(float(arguments[0]))


PROCEDURES: dict[str, Callable[[Session, list[Any]], None]] = {
    "RAISE_APPLICATION_ERROR": _application_error, "DBMS_OUTPUT.PUT_LINE": _put_line, "DBMS_LOCK.SLEEP": _sleep,
    "DBMS_OUTPUT.ENABLE": lambda session, arguments: None, "DBMS_OUTPUT.DISABLE": lambda session, arguments: None,
}  # fmt: skip


def with_binds(text: str, bound: list[tuple[Type, Any]]) -> str:
    """:name replaced by the values of USING, in their order; assumed: a value reads the same as a literal."""
    if not bound:
        return text
    found, made, at, values = tokens(text, ORACLE), "", 0, list(bound)
    for place, token in enumerate(found[:-1]):
        if token.text == ":" and found[place + 1].kind in ("word", "number"):
            if not values:
                raise OracleError(1008, "ORA-01008: not all variables bound")
            kind, value = values.pop(0)
            shown = literal(value)
            if types.class_of(kind) == "date" and value is not None:
                shown = f"to_date({shown}, 'YYYY-MM-DD HH24:MI:SS')"
            made += text[at : token.start] + shown
            at = found[place + 1].end
    return made + text[at:]
