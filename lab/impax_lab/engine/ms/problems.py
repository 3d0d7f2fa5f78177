# SPDX-License-Identifier: GPL-3.0-or-later
"""What the compiler finds wrong, in SQL Server's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from impax_lab.engine.ms.errors import SqlError, error, not_understood
from impax_lab.engine.sql.scope import Problem

if TYPE_CHECKING:
    from impax_lab.engine.ms.session import Session


def of_problem(problem: Problem, session: Session) -> SqlError:
    old = session.version < 9
    name = problem.name
    simple = {
        "table": (208, (name,)), "column": (207, (name,)), "ambiguous": (209, (name,)), "grouped": (8118 if old and problem.detail else 8120, (name,)), "sorted": (104 if problem.detail else 145, ()),
        "aggregate": (147, ()), "columns": (116, ()), "position": (108, (name,)), "union": (205, ()), "duplicate": (1013, (name,)),
        "arguments": (174, (name.lower(), problem.detail or "1")), "condition": (4145, (_near(problem),)),
    }  # fmt: skip
    if problem.kind == "qualifier":
        return error(107 if old else 4104, (problem.detail or name) if old else name)
    if problem.kind == "value" and problem.detail == "variable":
        return error(137, name, old=old)
    if problem.kind in simple:
        number, values = simple[problem.kind]
        return error(number, *values, old=old)
    if problem.kind in ("syntax", "value"):
        return error(170 if old else 102, name or _near(problem), 1)
    return not_understood(170 if old else 102, f"{problem.kind} {name} {problem.detail}".strip(), _near(problem), 1)


def _near(problem: Problem) -> str:
    if problem.node is None:
        return problem.name
    words = problem.node.sql(dialect="tsql").split()
    return words[0] if words else problem.name
