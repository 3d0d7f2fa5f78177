# SPDX-License-Identifier: GPL-3.0-or-later
"""A script for osql, isql or sqlcmd, line by line: batches that `go` ends, and the client's own commands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

GO = re.compile(r"\s*go(?:\s+(\d+))?\s*;?\s*$", re.IGNORECASE)
LEAVE = re.compile(r"\s*:?(quit|exit)(?:\s*\((.*)\))?\s*$", re.IGNORECASE)
ON_ERROR = re.compile(r"\s*:on\s+error\s+(exit|ignore)\s*$", re.IGNORECASE)
SETVAR = re.compile(r'\s*:setvar\s+(\w+)\s+"?(.*?)"?\s*$', re.IGNORECASE)
RESET = re.compile(r"\s*:?reset\s*$", re.IGNORECASE)
OTHERS = re.compile(r"\s*(!!|:\w+|ed\s*$)", re.IGNORECASE)
VARIABLE = re.compile(r"\$\((\w+)\)")


@dataclass(frozen=True)
class Step:
    """What the client does next. kind: batch, leave, on_error, unknown. text: the batch, the query of `exit(query)`."""

    kind: str
    text: str = ""
    times: int = 1


@dataclass
class Script:
    """lines() gives the next line without its end, None at the end of the input. ends: whether what stands after the
    last `go` is run too. commands: whether the client knows sqlcmd's colon commands and variables. end: -c."""

    lines: Callable[[], str | None]
    ends: bool
    commands: bool
    variables: dict[str, str]
    prompt: Callable[[str], None]
    end: str = "go"

    def steps(self) -> Iterator[Step]:
        batch: list[str] = []
        while True:
            self.prompt(f"{len(batch) + 1}> ")
            line = self.lines()
            if line is None:
                if batch and self.ends:
                    yield Step("batch", "\n".join(batch))
                return
            step = self._step(line, batch)
            if step is None:
                continue
            yield step
            if step.kind == "leave":
                return

    def _step(self, line: str, batch: list[str]) -> Step | None:
        """None: the line only went into the batch, or the batch was emptied."""
        if times := self._is_end(line):
            text = "\n".join(batch)
            batch.clear()
            return Step("batch", text, times) if text.strip() else None
        if found := LEAVE.match(line):
            return Step("leave", found[2] or "")
        if RESET.match(line):
            return batch.clear()
        if self.commands and (found := ON_ERROR.match(line)):
            return Step("on_error", found[1].lower())
        if self.commands and (found := SETVAR.match(line)):
            self.variables[found[1].lower()] = found[2]
            return None
        if OTHERS.match(line) and (self.commands or not line.lstrip().startswith(":")):
            return Step("unknown", line.strip())
        batch.append(self._filled(line))
        return None

    def _is_end(self, line: str) -> int:
        """How often the batch is to run; 0: the line is not its end."""
        if self.end.lower() != "go":
            return int(line.strip().lower() == self.end.lower())
        found = GO.match(line)
        return int(found[1] or 1) if found else 0

    def _filled(self, line: str) -> str:
        """sqlcmd puts its variables in; one that is not set stays as it stands (the client says so and ends)."""
        if not self.commands:
            return line
        return VARIABLE.sub(lambda found: self.variables.get(found[1].lower(), found[0]), line)
