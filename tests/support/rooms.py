# SPDX-License-Identifier: GPL-3.0-or-later
"""Rooms and doors: which part of the collection may import what, and what it must not contain.

`ROOMS` is the table; `violations(root)` reads every Python file under `root` as text (nothing is imported) and gives
one sentence for each thing that stands where it must not.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support import forbidden
from support.forbidden import Rule
from support.repo import found

# Tools of text, numbers and shapes: nothing that reaches a file, a clock, a process or a network.
TEXT_TOOLS = frozenset(
    "__future__ abc base64 binascii bisect collections csv dataclasses datetime decimal enum fractions functools "
    "hashlib heapq hmac html itertools json math operator re statistics string struct textwrap types typing "
    "unicodedata xml".split()
)
STANDARD = frozenset(sys.stdlib_module_names)
COLLECTION = "ansible_collections.impax.upgrade"


@dataclass(frozen=True)
class Room:
    """One row of the table.

    files: glob patterns from the root. doors: parts of plugins/plugin_utils (and "action" plugins) it may import.
    libraries: top-level names of everything else it may import. refuses: what its code must not contain.
    narrow: a door of which only these names may be taken. but: files of the patterns that stand in another room.
    """

    name: str
    files: tuple[str, ...]
    doors: frozenset[str]
    libraries: frozenset[str]
    refuses: tuple[Rule, ...] = ()
    narrow: tuple[tuple[str, frozenset[str]], ...] = ()
    but: tuple[str, ...] = ()

    def within(self, root: Path) -> list[str]:
        return [path for path in found(root, *self.files) if path not in self.but]


def _utils(*names: str) -> tuple[str, ...]:
    return tuple(f"plugins/plugin_utils/{name}" for name in names)


def _doors(names: str) -> frozenset[str]:
    return frozenset(names.split())


READINESS = "plugins/action/readiness.py"

ROOMS = (
    Room("words", _utils("__init__.py", "command.py", "findings.py"), _doors(""), TEXT_TOOLS, forbidden.PURE),
    Room("programs", _utils("programs/**/*.py"), _doors("command programs"), TEXT_TOOLS, forbidden.PROGRAM),
    Room(
        "rules",
        _utils("rules/**/*.py"),
        _doors("findings rules sections"),
        TEXT_TOOLS | {"difflib", "shlex", "yaml"},  # to read an inventory's text
        forbidden.RULE,
    ),
    Room("shells", _utils("shells/**/*.py"), _doors("command shells"), TEXT_TOOLS, forbidden.SHELL),
    Room(
        "executor",
        _utils("executor/**/*.py"),
        _doors("command shells executor"),
        STANDARD | {"ansible", "winrm", "requests", "urllib3", "xmltodict", "spnego"},
        forbidden.EXECUTOR,
    ),
    Room(
        "sequences",
        (
            "plugins/action/*.py",
            *_utils("copies.py", "backups/**/*.py", "tables/**/*.py", "databases/**/*.py", "spaces/**/*.py"),
        ),
        _doors("action backups command copies databases executor findings programs rules sections spaces tables"),
        TEXT_TOOLS | {"pathlib", "secrets", "time", "uuid"},
        forbidden.SEQUENCE,
        narrow=(
            ("command", frozenset({"Command", "Outcome", "Secret", "State"})),
            ("executor", frozenset({"JobState", "Station", "TransferFailed", "reach", "room_for", "sha1"})),
        ),
        but=(READINESS,),
    ),
    Room(
        "gate",
        (READINESS, *_utils("inventory.py")),
        _doors("findings inventory journal locks place report rules said sections stages"),
        STANDARD | {"ansible", "yaml"},
        (forbidden.uses_regular_expressions, forbidden.opens_a_secret, forbidden.builds_a_command),
    ),
    Room(
        "base",
        _utils("action.py"),
        _doors("command evidence executor findings journal locks place rules sections"),
        STANDARD | {"ansible"},
        forbidden.BASE,
        narrow=(("rules", frozenset({"approvals", "waivers", "awaits", "moment", "Ruling", "judge"})),),
    ),
    Room(
        "journal",
        _utils("journal.py", "evidence.py", "locks.py", "place.py"),
        _doors("evidence findings journal locks place"),
        STANDARD,
        (forbidden.opens_a_secret,),
    ),
    Room(
        "report",
        _utils("report/**/*.py"),
        _doors("findings plan report rules sections"),
        TEXT_TOOLS | {"io", "os", "pathlib"},
        (forbidden.opens_a_secret, forbidden.knows_a_program, forbidden.builds_a_command),
    ),
    Room(
        "plans",
        _utils("plan.py", "said.py", "sections.py", "stages.py"),
        _doors("findings journal plan report rules sections"),
        TEXT_TOOLS | {"pathlib", "yaml"},
        forbidden.PURE,
        narrow=(("journal", frozenset({"Verification"})),),
    ),
    Room(
        "plugins",
        ("plugins/connection/*.py", "plugins/callback/*.py"),
        _doors("executor findings journal locks place report sections"),
        STANDARD | {"ansible", "winrm", "requests", "urllib3"},
        (forbidden.opens_a_secret, forbidden.knows_a_program, forbidden.builds_a_command),
    ),
    Room(
        "documentation",
        ("plugins/modules/*.py", "plugins/doc_fragments/*.py"),
        _doors(""),
        frozenset({"__future__"}),
        (forbidden.has_code,),
    ),
    Room(
        "runner",
        ("python_runner/**/*.py",),
        _doors("evidence findings journal locks place plan report rules said sections stages"),
        STANDARD | {"ansible_runner", "impax_prepare", "psutil", "yaml"},
        (forbidden.opens_a_secret, forbidden.builds_a_command, forbidden.knows_a_program),
        narrow=(("rules", frozenset({"approvals", "waivers", "awaits", "moment", "Ruling", "judge"})),),
    ),
)
LAB_FILES = ("lab/**/*.py",)
LAB_REFUSES = frozenset({"ansible_collections", "ansible", "ansible_runner", "impax_prepare", "plugins"})
OUTSIDE = "an outside library"


@dataclass(frozen=True)
class Import:
    """One imported name. part: the part of plugin_utils it comes from, or OUTSIDE; top: its top-level module."""

    line: int
    part: str
    top: str
    name: str


def violations(root: Path) -> list[str]:
    """Everything that stands in the wrong room, as "path:line: sentence"."""
    said: list[str] = []
    for room in ROOMS:
        for path in room.within(root):
            tree = ast.parse((root / path).read_text(encoding="utf-8"), path)
            said += [f"{path}:{line}: {room.name}: {what}" for line, what in _in_room(room, path, tree)]
    for path in found(root, *LAB_FILES):
        tree = ast.parse((root / path).read_text(encoding="utf-8"), path)
        said += [f"{path}:{use.line}: lab: imports {use.top}" for use in imports(path, tree) if use.top in LAB_REFUSES]
    return [*said, *_misplaced_writers(root), *_without_a_room(root)]


def _in_room(room: Room, path: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    narrow = dict(room.narrow)
    for use in imports(path, tree):
        if use.part == OUTSIDE and use.top not in room.libraries:
            yield use.line, f"imports {use.top}"
        elif use.part != OUTSIDE and use.part not in room.doors:
            yield use.line, f"imports {use.part}"
        elif use.part in narrow and use.name not in narrow[use.part]:
            yield use.line, f"takes {use.name} from {use.part}"
    for node in ast.walk(tree):
        for rule in room.refuses:
            if (what := rule(node)) is not None:
                yield getattr(node, "lineno", 1), what


def imports(path: str, tree: ast.AST) -> Iterator[Import]:
    """Every import of a file, wherever it stands in it."""
    package = path.removeprefix("python_runner/").removeprefix("lab/").split("/")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield _import(node.lineno, name.name, "")
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(node, package)
            for name in node.names:
                yield _import(node.lineno, module, name.name)


def _absolute(node: ast.ImportFrom, package: list[str]) -> str:
    if not node.level:
        return node.module or ""
    base = package[: len(package) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


def _import(line: int, module: str, name: str) -> Import:
    top = module.split(".")[0]
    within = module.removeprefix(f"{COLLECTION}.").split(".")
    if within[0] != "plugins":
        return Import(line, OUTSIDE, top, name)
    parts = [*within[1:], name]
    return Import(line, parts[1] if parts[0] == "plugin_utils" else f"plugins.{parts[0]}", top, name)


def _misplaced_writers(root: Path) -> Iterator[str]:
    """Writing on the controller: the journal, the evidence, the report, and the few files named with their reason."""
    allowed = set(found(root, *WRITERS))
    for path in found(root, "plugins/**/*.py"):
        if path in allowed:
            continue
        for node in ast.walk(ast.parse((root / path).read_text(encoding="utf-8"), path)):
            if (what := forbidden.writes_a_file(node)) is not None:
                yield f"{path}:{getattr(node, 'lineno', 1)}: only journal and report write on the controller: {what}"


WRITERS = {
    "plugins/plugin_utils/journal.py": "the journal itself",
    "plugins/plugin_utils/evidence.py": "evidence beside the journal",
    "plugins/plugin_utils/locks.py": "lock files beside the journal",
    "plugins/plugin_utils/report/write.py": "where it is told",
    "plugins/plugin_utils/executor/*.py": "a file that is fetched arrives",
    "plugins/connection/winrm_cmd.py": "a ticket cache of its own for Kerberos, as in the stock connection",
}


def _without_a_room(root: Path) -> Iterator[str]:
    housed = {path for room in ROOMS for path in room.within(root)}
    for path in found(root, "plugins/**/*.py", "python_runner/**/*.py"):
        if path not in housed:
            yield f"{path}:1: stands in no room of tests/support/rooms.py"
