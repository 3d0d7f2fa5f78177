# SPDX-License-Identifier: GPL-3.0-or-later
"""Every task of roles, playbooks and Molecule scenarios, and what is wrong with it.

Ansible's linter checks neither the options of modules that are actions only nor the tasks that a role includes; here
each task names one documented module and documented options, and includes lead to files that are there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ansible.playbook.handler import Handler

from support.documented import BUILTIN, OURS, Undocumented, documentation, options
from support.repo import found

FILES = (
    "roles/*/tasks/**/*.yml",
    "roles/*/handlers/*.yml",
    "playbooks/**/*.yml",
    "molecule/**/*.yml",
)
KEYWORDS = frozenset(Handler.fattributes)
BLOCKS = ("block", "rescue", "always")
SECTIONS = ("tasks", "pre_tasks", "post_tasks", "handlers")
FREE_FORM = {"import_playbook", "import_tasks", "include_tasks", "meta", "raw"}

# Roles and playbooks say when and where. What needs a command, or a text to be read, is an action's work.
PARSES = re.compile(
    r"\|\s*(regex_\w+|split|from_json|from_yaml|selectattr|rejectattr|map)\b|\bis (match|search|regex)\b"
)
NO_COMMANDS = {f"{BUILTIN}{name}" for name in "command shell raw script win_command expect".split()}
ON_THE_CONTROLLER = "molecule/"  # scenarios may run programs on the controller: the lab's own


@dataclass(frozen=True)
class Task:
    """One task. words: the task as written; at: file and name for a message."""

    file: str
    at: str
    words: Mapping[str, Any]


class _Loader(yaml.SafeLoader):
    """Ansible's own tags, read as plain values."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: loader.construct_scalar(node))


def violations(root: Path) -> list[str]:
    return [f"{task.at}: {what}" for task in tasks(root) for what in wrong_with(task, root)]


def tasks(root: Path) -> Iterator[Task]:
    for file in found(root, *FILES):
        read = yaml.load((root / file).read_text(encoding="utf-8"), _Loader)
        for entry in read if isinstance(read, list) else []:
            yield from _of(file, entry)


def _of(file: str, entry: Mapping[str, Any]) -> Iterator[Task]:
    nested = [key for key in (*BLOCKS, *SECTIONS) if key in entry]
    if not nested and "hosts" not in entry:
        yield Task(file, f"{file}: {entry.get('name', 'a task without a name')}", entry)
    for key in nested:
        for one in entry[key] or []:
            yield from _of(file, one)


def module_of(task: Task) -> tuple[str, Any]:
    """The module's name and what it was given. Raises Undocumented when there is not exactly one."""
    names = [key for key in task.words if key not in KEYWORDS and not key.startswith("with_")]
    if len(names) != 1:
        raise Undocumented(f"names {len(names)} modules: {', '.join(names) or 'none'}")
    return names[0], task.words[names[0]]


def wrong_with(task: Task, root: Path) -> Iterator[str]:
    try:
        module, given = module_of(task)
        documented = {} if module == f"{BUILTIN}import_playbook" else documentation(module, root)
    except Undocumented as problem:
        yield str(problem)
        return
    yield from _command(task, module)
    yield from _parses(task)
    if isinstance(given, str):
        yield from _free_form(module)
    elif documented:
        yield from _options(module, given or {}, documented, task)
    yield from _leads_nowhere(task, module, given, root)


def _free_form(module: str) -> Iterator[str]:
    if module.removeprefix(BUILTIN) not in FREE_FORM:
        yield f"{module}: options as one string"


def _options(module: str, given: Mapping[str, Any], documented: Mapping[str, Any], task: Task) -> Iterator[str]:
    known = options(documented)
    open_ended = module in (f"{BUILTIN}set_fact", f"{BUILTIN}add_host")
    for name, value in given.items():
        if name not in known and not open_ended:
            yield f"{module} has no option {name}"
        elif name in known:
            yield from _value(module, name, value, known[name])
    for name, of in (documented.get("options") or {}).items():
        if of.get("required") and name != "free_form" and not {name, *(of.get("aliases") or [])} & set(given):
            yield f"{module} needs {name}"


def _value(module: str, name: str, value: Any, of: Mapping[str, Any]) -> Iterator[str]:
    """A value that is written out: among the choices, and its own keys documented."""
    choices = of.get("choices")
    if choices and isinstance(value, (str, int)) and "{{" not in str(value) and value not in choices:
        yield f"{module}: {name} is {value!r}, not one of {', '.join(str(choice) for choice in choices)}"
    sub = of.get("suboptions")
    for entry in value if isinstance(value, list) else [value]:
        if sub and isinstance(entry, Mapping):
            yield from (f"{module}: {name} has no option {key}" for key in entry if key not in sub)


def _command(task: Task, module: str) -> Iterator[str]:
    if module in NO_COMMANDS and not task.file.startswith(ON_THE_CONTROLLER):
        yield f"{module}: a command word outside of a program file"


def _parses(task: Task) -> Iterator[str]:
    for text in _texts(task.words):
        if (found_ := PARSES.search(text)) is not None:
            yield f"parses in Jinja: {found_[0]}"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _leads_nowhere(task: Task, module: str, given: Any, root: Path) -> Iterator[str]:
    """Includes of roles, task files and playbooks that are not there."""
    name = module.removeprefix(BUILTIN)
    if name in ("include_role", "import_role"):
        yield from _role(given, root)
    elif name in ("include_tasks", "import_tasks", "import_playbook"):
        target = given if isinstance(given, str) else (given or {}).get("file", "")
        if "{{" not in target and not _target(task, target, root).is_file():
            yield f"{module} leads nowhere: {target}"


def _role(given: Mapping[str, Any], root: Path) -> Iterator[str]:
    role, entry = str(given.get("name", "")), str(given.get("tasks_from", "main"))
    if "{{" in role + entry:
        return
    if not role.startswith(OURS):
        yield f"the role {role} is not named in full"
        return
    file = root / "roles" / role.removeprefix(OURS) / "tasks" / f"{entry.removesuffix('.yml')}.yml"
    if not file.is_file():
        yield f"the role {role} has no tasks/{file.name}"


def _target(task: Task, target: str, root: Path) -> Path:
    if target.startswith(OURS):
        return root / "playbooks" / f"{target.removeprefix(OURS).replace('.', '/')}.yml"
    return root / Path(task.file).parent / target
