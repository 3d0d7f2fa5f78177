# SPDX-License-Identifier: GPL-3.0-or-later
"""What a line or a batch file of our own must not hold, because cmd.exe takes it otherwise than it reads.

From cmd /?, for /?, set /? and if /?. What stands between quotes or behind a caret is a program's business and is left
alone, but for the per cent sign and the line end, which cmd.exe takes before it looks at quotes.
"""

from __future__ import annotations

import re

from .cmd import LIMIT

START = r"(?:^|[&|(]\s*|\belse\s+|\bdo\s+)@?"
ANYWHERE = {
    "call loses exit codes: cmd /c x.bat": START + r"call\b",
    "start gives no exit code, and its program dies with the WinRM command": START + r"start\b",
    "it asks at a keyboard that is not there": START + r"(?:pause|choice)\b|\bset\s+/p\b(?!.*<)",
    "PowerShell may be missing": r"\bpowershell\b",
    "a digit before > is a handle": r"[^\s&>]\d>(?!&)",
    "&& and || after a built-in command are not to be relied on": r"&&|\|\|",
    "an if takes the rest of the line as its own: put it in parentheses": START.replace("(]", "]") + r"if\b[^()]*&",
}
ON_A_LINE = {
    "%errorlevel% is read before anything ran: use !errorlevel! under /v:on": r"%errorlevel%",
    "a % is expanded before anything else": r"%",
    "goto and labels need a batch file": START + r"(?:goto\b|:\w)",
    "a line cannot hold a line end": r"[\r\n]",
}
IN_A_FILE = {
    "%errorlevel% is read when its line is: put it on a line of its own": r"&.*%errorlevel%",
    "a % that is not doubled is expanded": r"(?<!errorlevel)(?<!DATE)(?<!TIME)%(?!errorlevel%|DATE%|TIME%)",
}
INNER = re.compile(r'/c \^"(.*)\^"\Z', re.DOTALL)


def complaints(text: str) -> list[str]:
    """What is wrong with a line for ``cmd /c``, and with the line that it gives to a second cmd.exe."""
    found = _found({**ON_A_LINE, **ANYWHERE}, _bare(_without_loop_variables(text)))
    if inner := INNER.search(text):
        found += complaints(re.sub(r"\^(.)", r"\1", inner[1]))
    return found + (["over 8,000 characters"] if len(text) > LIMIT else [])


def file_complaints(text: str) -> list[str]:
    """What is wrong with a batch file: ``line 3: ...``."""
    rules = {**IN_A_FILE, **ANYWHERE}
    numbered = enumerate(text.splitlines(), 1)
    return [f"line {n}: {why}" for n, line in numbered for why in _found(rules, _bare(line.replace("%%", "__")))]


def _found(rules: dict[str, str], text: str) -> list[str]:
    return [why for why, pattern in rules.items() if re.search(pattern, text, re.IGNORECASE)]


def _without_loop_variables(text: str) -> str:
    """The variable of a ``for`` is one letter with a % before it, and stays what it is."""
    loop = re.search(r"\bfor %([a-z]) in ", text)
    return re.sub(rf"%(?:~[a-z]*(?:\$PATH:)?)?{loop[1]}\b", "_", text) if loop else text


def _bare(text: str) -> str:
    """The text with everything blanked out that cmd.exe takes as it is."""
    kept, quoted, position = [], False, 0
    while position < len(text):
        sign = text[position]
        if sign == "^" and not quoted:
            kept.append("__"[: len(text) - position])
            position += 2
            continue
        quoted ^= sign == '"'
        kept.append(sign if not quoted or sign in '%\r\n"' else "_")
        position += 1
    return "".join(kept)
