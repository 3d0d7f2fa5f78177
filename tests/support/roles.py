# SPDX-License-Identifier: GPL-3.0-or-later
"""What every role and every action must have beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from support.documented import strings_of

VARIABLE = re.compile(r"\bimpax_\w+")
SET_BY_ANSIBLE = frozenset({"impax_site"})


def role_violations(root: Path) -> list[str]:
    return [f"roles/{role.name}: {what}" for role in sorted((root / "roles").iterdir()) for what in _role(role)]


def _role(role: Path) -> Iterator[str]:
    if not (role / "README.md").is_file() or role.name not in (role / "README.md").read_text(encoding="utf-8"):
        yield "has no README.md that names it"
    entries = _yaml(role / "meta" / "argument_specs.yml").get("argument_specs", {})
    files = {file.stem: file for file in (role / "tasks").glob("*.yml")}
    yield from (
        f"tasks/{name}.yml has no entry point in meta/argument_specs.yml" for name in sorted({*files} - {*entries})
    )
    yield from (f"the entry point {name} has no tasks/{name}.yml" for name in sorted({*entries} - {*files}))
    for name in sorted({*files} & {*entries}):
        yield from _variables(name, files[name], entries[name])


def _variables(name: str, file: Path, entry: dict[str, Any]) -> Iterator[str]:
    """Each variable that a task file reads is described at its entry point."""
    used = set(VARIABLE.findall(file.read_text(encoding="utf-8")))
    for variable in sorted(used - set(entry.get("options") or {})):
        yield f"tasks/{name}.yml reads {variable}, which its entry point does not describe"
    for option, of in (entry.get("options") or {}).items():
        if not of.get("description"):
            yield f"the option {option} of {name} has no description"


def _yaml(file: Path) -> dict[str, Any]:
    return (yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else None) or {}


def twin_violations(root: Path) -> list[str]:
    """Actions without a documentation module, and the other way round; documentation without its three parts."""
    actions, modules = (_stems(root / "plugins" / kind) for kind in ("action", "modules"))
    said = [f"plugins/action/{name}.py has no plugins/modules/{name}.py" for name in sorted(actions - modules)]
    said += [f"plugins/modules/{name}.py has no plugins/action/{name}.py" for name in sorted(modules - actions)]
    for name in sorted(modules):
        strings = strings_of(root / "plugins" / "modules" / f"{name}.py")
        said += [
            f"plugins/modules/{name}.py has no {part}"
            for part in ("DOCUMENTATION", "EXAMPLES", "RETURN")
            if part not in strings
        ]
    return said


def _stems(folder: Path) -> set[str]:
    return {file.stem for file in folder.glob("*.py")} - {"__init__"}
