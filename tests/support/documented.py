# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation of a module says: of our own from their text, of ansible.builtin from Ansible's own files."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ansible
import yaml

OURS = "impax.upgrade."
BUILTIN = "ansible.builtin."
ANSIBLE = Path(ansible.__file__).parent


class Undocumented(Exception):
    """There is no such module, or it has no documentation."""


def strings_of(file: Path) -> dict[str, str]:
    """The string constants that a file's module level and classes assign: DOCUMENTATION, EXAMPLES, RETURN."""
    tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
    return {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def documentation(module: str, root: Path) -> dict[str, Any]:
    """The documentation of `module` with its fragments merged. Raises Undocumented."""
    if module.startswith(OURS):
        return _read(root / "plugins" / "modules" / f"{module.removeprefix(OURS)}.py", root)
    if module.startswith(BUILTIN):
        return _read(ANSIBLE / "modules" / f"{module.removeprefix(BUILTIN)}.py", root)
    raise Undocumented(f"{module} is neither of this collection nor of ansible.builtin")


def _read(file: Path, root: Path) -> dict[str, Any]:
    read = _load(file, "DOCUMENTATION")
    options = dict(read.get("options") or {})
    for name in _listed(read.get("extends_documentation_fragment")):
        options = {**_fragment(name, root), **options}
    return {**read, "options": options}


def _fragment(name: str, root: Path) -> dict[str, Any]:
    ours = name.startswith(OURS)
    folder = root / "plugins" if ours else ANSIBLE / "plugins"
    file, _, part = name.removeprefix(OURS).removeprefix(BUILTIN).partition(".")
    read = _load(folder / "doc_fragments" / f"{file}.py", part.upper() or "DOCUMENTATION")
    return read.get("options") or {}


def _load(file: Path, name: str) -> dict[str, Any]:
    if not file.is_file():
        raise Undocumented(f"there is no documentation in {file.parent.name}/{file.name}: no such file")
    read = yaml.safe_load(strings_of(file).get(name, ""))
    if not isinstance(read, dict):
        raise Undocumented(f"{file.name} has no {name}")
    return read


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def options(documented: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Every name that an option may be given by, aliases included."""
    named: dict[str, Mapping[str, Any]] = {}
    for name, of in (documented.get("options") or {}).items():
        named.update(dict.fromkeys((name, *(of.get("aliases") or [])), of))
    return named
