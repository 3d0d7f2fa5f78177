# SPDX-License-Identifier: GPL-3.0-or-later
"""What code must not contain, one function each: given a node of a syntax tree, a sentence or None."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

Rule = Callable[[ast.AST], "str | None"]

VENDOR_PROGRAMS = frozenset(
    "bcp exp imp sqlplus osql sqlcmd isql passkey rman runbackup monitor_add monitor_update".split()
)
FLAG = re.compile(r"-{1,2}[A-Za-z?][\w-]*|/[A-Za-z?]")
WRITING_METHODS = frozenset(
    "write_text write_bytes mkdir makedirs unlink rmdir touch symlink_to hardlink_to rename chmod".split()
)
WRITING_OS = frozenset("open write remove unlink rename replace mkdir makedirs rmdir symlink link truncate".split())
CLOCKS = frozenset({"now", "utcnow", "today"})


def opens_a_secret(node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute) and node.attr == "reveal":
        return "opens a secret"
    return None


def uses_regular_expressions(node: ast.AST) -> str | None:
    if isinstance(node, ast.Import) and any(name.name == "re" for name in node.names):
        return "imports re: reading text is a program file's work"
    if isinstance(node, ast.ImportFrom) and node.module == "re":
        return "imports re: reading text is a program file's work"
    return None


def builds_a_command(node: ast.AST) -> str | None:
    if _called(node) == "Command":
        return "builds a Command: the words stand in a program file"
    return None


def judges(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name) and node.id in ("Finding", "Verdict", "Remediation"):
        return f"judges ({node.id}): that is a rule's work"
    return None


def quotes(node: ast.AST) -> str | None:
    """A quote character in a command's words. SQL travels by standard input, so words have no need of any."""
    for text in _words_of(node):
        if isinstance(text.value, str) and any(mark in text.value for mark in "'\"`"):
            return f"a quote character in a command's words: {text.value!r}"
    return None


def _words_of(node: ast.AST) -> Iterator[ast.Constant]:
    if _called(node) != "Command" or not isinstance(node, ast.Call):
        return
    given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "words")]
    yield from (part for words in given for part in ast.walk(words) if isinstance(part, ast.Constant))


def has_a_flag(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and FLAG.fullmatch(node.value):
        return f"a program's flag: {node.value!r}"
    return None


def knows_a_program(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lower() in VENDOR_PROGRAMS:
        return f"knows a program: {node.value!r}"
    return None


def reads_or_writes(node: ast.AST) -> str | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("open", "print", "input"):
        return f"calls {node.func.id}()"
    return None


def asks_the_clock(node: ast.AST) -> str | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
        return f"asks the clock: {ast.unparse(node.func)}()"
    return None


def writes_a_file(node: ast.AST) -> str | None:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        names = [node.module] if isinstance(node, ast.ImportFrom) else [name.name for name in node.names]
        return next((f"imports {name}" for name in names if name in ("shutil", "tempfile")), None)
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Attribute):
        return _writing_method(node, node.func)
    return (
        f"opens a file for writing ({_mode(node, 1)})" if _called(node) == "open" and _writing(_mode(node, 1)) else None
    )


def _writing_method(node: ast.Call, called: ast.Attribute) -> str | None:
    owner = called.value.id if isinstance(called.value, ast.Name) else ""
    if owner == "os" and called.attr in WRITING_OS:
        return f"calls os.{called.attr}()"
    if called.attr in WRITING_METHODS:
        return f"calls .{called.attr}()"
    if called.attr == "open" and owner != "os" and _writing(_mode(node, 0)):
        return f"opens a file for writing ({_mode(node, 0)})"
    return None


def _mode(node: ast.Call, place: int) -> str:
    given = [keyword.value for keyword in node.keywords if keyword.arg == "mode"] or node.args[place : place + 1]
    return given[0].value if given and isinstance(given[0], ast.Constant) and isinstance(given[0].value, str) else "r"


def _writing(mode: str) -> bool:
    return any(letter in mode for letter in "wax+")


def has_code(node: ast.AST) -> str | None:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Call)):
        return "code in a documentation module: the action acts"
    return None


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return (
        node.func.id
        if isinstance(node.func, ast.Name)
        else node.func.attr
        if isinstance(node.func, ast.Attribute)
        else ""
    )


PURE: tuple[Rule, ...] = (reads_or_writes, asks_the_clock, writes_a_file)
PROGRAM: tuple[Rule, ...] = (*PURE, judges, quotes, opens_a_secret)
RULE: tuple[Rule, ...] = (*PURE, has_a_flag, builds_a_command, opens_a_secret)
SHELL: tuple[Rule, ...] = (*PURE, knows_a_program)
EXECUTOR: tuple[Rule, ...] = (knows_a_program, judges, opens_a_secret)
SEQUENCE: tuple[Rule, ...] = (uses_regular_expressions, builds_a_command, opens_a_secret, has_a_flag)
BASE: tuple[Rule, ...] = (uses_regular_expressions, builds_a_command, opens_a_secret, knows_a_program)
