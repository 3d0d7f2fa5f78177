# SPDX-License-Identifier: GPL-3.0-or-later
"""Approving as a person would: read the report, type the command that it names.

approve.py SITE     approves whatever awaits an approval now; says what; exit code 1 when nothing does
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent
APPROVER = "Test Approver"
DONE, NO_GO = 0, 1  # exit codes of impax-prepare after a run that finished


class Failed(Exception):
    """A program of ours ended otherwise than expected; the text says which, how, and what it printed."""


def call(program: str, *words: Any, allowed: tuple[int, ...] = (0,)) -> str:
    """What one of our programs prints. Raises Failed when it ends with a code that is not allowed."""
    asked = [str(word) for word in words]
    ended = subprocess.run([str(BIN / program), *asked], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if ended.returncode not in allowed:
        tail = "\n".join((ended.stdout + ended.stderr).splitlines()[-25:])
        raise Failed(f"{shlex.join([program, *asked])} ended with {ended.returncode}:\n{tail}")
    return ended.stdout


def report(site: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(call("impax-prepare", "report", site, "--format", "json", allowed=(DONE, NO_GO)))
    return read


def awaiting(read: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Findings whose remedy is an approval."""
    for section in read["sections"]:
        for row in section["stations"]:
            for finding in row["findings"]:
                remedy = finding.get("remediation") or {}
                bad = finding["verdict"] in ("attention", "blocker")
                if bad and remedy.get("text", "").startswith("impax-prepare approve "):
                    yield finding


def approve(site: Path, finding: dict[str, Any]) -> str:
    """Types what the finding's remedy says, with the site's folder and a name in it. Returns what was typed."""
    words = shlex.split(finding["remediation"]["text"])
    if words[words.index("--evidence") + 1] != finding["evidence_hash"]:
        raise Failed(f"{finding['key']}: its remedy names another evidence than its own")
    words[2] = str(site)
    words[words.index("--by") + 1] = APPROVER
    call(*words)
    return shlex.join(words)


def main(site: Path) -> int:
    read = report(site)
    waiting = list(awaiting(read))
    for finding in waiting:
        print(approve(site, finding))
    if not waiting:
        print("nothing awaits an approval:", *told(read), sep="\n  ")
    return 0 if waiting else 1


def told(read: dict[str, Any]) -> Iterator[str]:
    """What the rows of stations say, one sentence a finding."""
    for section in read["sections"]:
        for row in section["stations"]:
            if row["station"] != "site":
                yield from (f"{section['id']} {row['station']}: {one['summary']}" for one in row["findings"])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
