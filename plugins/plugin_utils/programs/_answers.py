# SPDX-License-Identifier: GPL-3.0-or-later
"""What one question to a database was answered, on either engine: what sqlplus and osql read, and what is asked by them."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import ClassVar

WHOLE = re.compile(r"-?\d+\Z", re.A)


class Answer(ABC):
    """rows None: the answer did not come whole, or was refused; `why` then says it by the engine's own codes."""

    NULL: ClassVar[str]
    rows: tuple[tuple[str, ...], ...] | None

    @property
    @abstractmethod
    def errors(self) -> tuple[str, ...]:
        """The engine's own codes of what went wrong, as they are shown."""

    @property
    def error(self) -> bool:
        return bool(self.errors) or self.rows is None

    @property
    def value(self) -> str | None:
        """The single value of a one-row one-column answer, else None; null is None as well."""
        if self.error or self.rows is None or len(self.rows) != 1 or len(self.rows[0]) != 1:
            return None
        return None if self.rows[0][0] == self.NULL else self.rows[0][0]

    @property
    def number(self) -> int | None:
        """The single value as a whole number, else None."""
        value = self.value
        return int(value) if value is not None and WHOLE.match(value) else None

    @property
    def why(self) -> str:
        """Why there is no answer; "" where there is one."""
        return ", ".join(self.errors) or "no whole answer" if self.error else ""
