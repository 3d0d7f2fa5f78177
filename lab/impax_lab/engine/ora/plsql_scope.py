# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables and exceptions of a block and of those around it, and the ways out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from impax_lab.engine.model import Type


@dataclass
class Variable:
    type: Type
    value: Any = None
    constant: bool = False
    not_null: bool = False


@dataclass
class Scope:
    """The names of a block, and of those around it."""

    parent: Scope | None = None
    variables: dict[str, Variable] = field(default_factory=dict)
    exceptions: dict[str, int] = field(default_factory=dict)

    def find(self, name: str) -> Variable | None:
        return self.variables.get(name) or (self.parent.find(name) if self.parent else None)

    def exception(self, name: str) -> int | None:
        own = self.exceptions.get(name)
        return own if own is not None else self.parent.exception(name) if self.parent else None

    def all(self) -> dict[str, tuple[Type, Any]]:
        outer = self.parent.all() if self.parent else {}
        return {**outer, **{name: (variable.type, variable.value) for name, variable in self.variables.items()}}


class Leave(Exception):
    """EXIT and CONTINUE. label: of the loop, "" the innermost one."""

    def __init__(self, label: str, again: bool) -> None:
        super().__init__(label)
        self.label, self.again = label, again


class Return(Exception):
    pass
