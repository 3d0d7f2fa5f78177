# SPDX-License-Identifier: GPL-3.0-or-later
"""Detached jobs for a Bourne /bin/sh: scripts that start one, look at it, and take its folder away.

A job is a folder of its account's home: ``$HOME/.impax-jobs/<job>``, mode 700. mkdir is atomic, so a job id starts at
most once. In it: ``cmd`` (words only), ``in`` or the command's private file (the only places of a secret; mode 600,
removed as soon as the program has ended), ``out``, ``err``, ``pid``, ``boot`` (who -b at the start) and ``rc``, which
appears by rename and so is there complete or not at all.
"""

from __future__ import annotations

import re

from ..command import Command, secrets_in
from . import Refused
from .bourne import _input, call, quote

JOB = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,80}\Z")
FOLDERS = "$HOME/.impax-jobs"
FRAME = "@impax-job"
STARTED_BEFORE = 73  # exit code of `start` when the job's folder is already there


def name(job: str) -> str:
    if not JOB.match(job):
        raise Refused(f"{job!r} is no name of a job")
    return job


def start(job: str, command: Command) -> str:
    """The script that starts `command` in its job's folder. Its words may hold no secret: they stay in a file."""
    if any(secret for word in (*command.words, *command.environment.values()) for secret in secrets_in(word)):
        raise Refused("the words and variables of a detached job are kept in a file and may hold no secret")
    private = "in" if command.creates is None else command.creates
    if "/" in private:
        raise Refused("a detached job keeps its private file in its own folder: give a bare name")
    if "impax-job-" in call(command):
        raise Refused("a word of a detached job holds the text that ends its here-document")
    source = "</dev/null" if command.creates is not None or not command.stdin else "<in"
    enter = "" if command.folder is None else f"cd {quote(command.folder)} || exit 125\n"
    return f"""U=`umask`; export U
umask 077
J="{FOLDERS}/{name(job)}"
test -d "{FOLDERS}" || mkdir "{FOLDERS}" || exit 74
mkdir "$J" || exit {STARTED_BEFORE}
cd "$J" || exit 74
who -b > boot
cat > {quote(private)} {_input(command.stdin, "impax-job-in")}
cat > cmd <<'impax-job-cmd'
{enter}{"" if command.private else "umask $U"}
{call(command)}
impax-job-cmd
cat > run <<'impax-job-run'
echo $$ > pid.new; mv pid.new pid
trap '' 1
/bin/sh ./cmd > out 2> err {source}
R=$?
rm -f {quote(private)}
echo $R > rc.new
mv rc.new rc
impax-job-run
nohup /bin/sh ./run > /dev/null 2>&1 < /dev/null &
echo started
exit 0
"""


def look(job: str) -> str:
    """The script that says how a job stands: state, exit code, start, then its output and error output."""
    return f"""J="{FOLDERS}/{name(job)}"
test -d "$J" || {{ echo none; exit 0; }}
cd "$J" || exit 74
alive() {{ test -f pid && kill -0 `cat pid` 2>/dev/null && test "`who -b`" = "`cat boot`"; }}
S=lost
if test -f rc; then S="done `cat rc`"
elif alive; then S=running
else sleep 1
if test -f rc; then S="done `cat rc`"
elif alive; then S=running
elif test -f pid; then :
else sleep 2; if test -f pid; then S=running; fi
fi
fi
echo "$S"
cat boot
echo "{FRAME} out"
test -f out && cat out
echo ""
echo "{FRAME} err"
test -f err && cat err
echo ""
echo "{FRAME} end"
"""


def read_look(printed: bytes) -> tuple[str, int | None, str, bytes, bytes]:
    """(state, exit code, start as the station prints it, output, error output); state "unknown" when cut or strange."""
    head, _, rest = printed.partition(f"{FRAME} out\n".encode())
    out, _, rest = rest.partition(f"\n{FRAME} err\n".encode())
    err, ended, _ = rest.partition(f"\n{FRAME} end\n".encode())
    first, _, boot = head.decode("ascii", "replace").partition("\n")
    word, _, code = first.partition(" ")
    if word == "none":
        return "none", None, "", b"", b""
    if not ended or word not in ("running", "done", "lost") or (word == "done" and not code.strip().isdigit()):
        return "unknown", None, "", out, err
    return word, int(code) if word == "done" else None, " ".join(boot.split()), out, err


def forget(job: str) -> str:
    """The script that removes a job's folder, with whatever a crash may have left in it."""
    return f'rm -rf "{FOLDERS}/{name(job)}"\n'


def framed(script: str) -> str:
    """A script of ours in a subshell, its output between marks, its exit code on the last line."""
    return f'echo "{FRAME} begin"\n(\n{script})\nR=$?; echo ""; echo "{FRAME} rc $R"\n'


def read_frame(printed: bytes) -> tuple[int | None, bytes]:
    """(exit code or None, what the script printed)."""
    _, _, rest = printed.partition(f"{FRAME} begin\n".encode())
    body, ended, tail = rest.rpartition(f"\n{FRAME} rc ".encode())
    code = tail.partition(b"\n")
    return (int(code[0]) if ended and code[1] and code[0].isdigit() else None), body
