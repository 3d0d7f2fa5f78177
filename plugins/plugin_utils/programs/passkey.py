# SPDX-License-Identifier: GPL-3.0-or-later
"""passkey, the vendor's keeper of passwords: ``passkey -M QUERY -u ACCOUNT`` prints one.

The vendor's text gives the words; how the answer looks is not published and is `assumed`: the password is the last word
of the last line that is not blank, after a colon or an equals sign where there is one. What does not look like that is
no password. Its output is withheld from every log.
"""

from __future__ import annotations

import re

from ..command import Command, Secret

TRANSCRIPTS = ("passkey",)

ANSWER = re.compile(r"(?:^|[:=]\s*)([^\s:=]\S*)\s*$")
REFUSAL = re.compile(r"\b(?:error|usage|not found|unknown|invalid|denied|fail(?:ed|ure)?|no such)\b", re.I)  # assumed


def query(path: str, account: str) -> Command:
    return Command((path, "-M", "QUERY", "-u", account), withheld=True, timeout=60)


def read(printed: str, account: str) -> Secret | None:
    """The password, or None where the answer cannot be one."""
    lines = [line for line in printed.split("\n") if line.strip()]
    if not lines or REFUSAL.search(printed):
        return None
    match = ANSWER.search(lines[-1])
    password = re.sub(rf"(?i)\A(?:password|passwd|pwd|{re.escape(account)})[:=]", "", match[1]) if match else ""
    return Secret(password, f"password of {account}") if password else None
