# SPDX-License-Identifier: GPL-3.0-or-later
"""ps of Solaris 10 (/usr/bin/ps): what really runs in the station."""

from __future__ import annotations

import time
from collections.abc import Callable

from impax_lab.unix import processes
from impax_lab.unix.processes import Process
from impax_lab.unix.relay import UnixCall, account_name

NAMES = ("ps",)
SYSTEMS = ("unix",)
SOURCES = "ps(1) of Solaris 10; a line of arguments is cut at 80 bytes as there"
SPECIAL: dict[str, str] = {}
ARGUMENTS = 80  # bytes of arguments that the kernel keeps (PRARGSZ, sys/procfs.h)


def main(call: UnixCall) -> int:
    try:
        asked = _Asked(call.words[1:])
    except ValueError as error:
        call.err(f"ps: {error}\nusage: ps [ -aAdeflcjLPyZ ] [ -o format ] [ -t termlist ]\n")
        return 1
    running = processes.running(call.station)
    shown = [p for p in running if asked.wants(p, account_name(call.station, p.uid))]
    columns = asked.columns or (FULL if asked.full else SHORT)
    lines = [_heading(columns)] if any(heading for _, heading in columns) else []
    lines += [" ".join(_cell(call, name, p) for name, _ in columns).rstrip() for p in shown]
    call.out("".join(f"{line}\n" for line in lines))
    return 0 if shown else 1


class _Asked:
    """The options. Raises ValueError for one that is not there."""

    def __init__(self, words: list[str]) -> None:
        self.every = self.full = False
        self.pids: list[int] = []
        self.users: list[str] = []
        self.columns: list[tuple[str, str]] = []
        while words:
            word = words.pop(0)
            for place, letter in enumerate(word[1:] if word.startswith("-") else "?"):
                if letter in "opuUgG":
                    self._value(letter, word[place + 2 :] or (words.pop(0) if words else ""))
                    break
                self.every = self.every or letter in "eA"
                self.full = self.full or letter in "fl"
                if letter not in "eAfldaj":
                    raise ValueError(f"illegal option -- {letter}")

    def _value(self, letter: str, value: str) -> None:
        if letter == "p":
            self.pids += [int(part) for part in value.replace(",", " ").split() if part.isdigit()]
        elif letter in "uU":
            self.users += value.replace(",", " ").split()
        elif letter == "o":
            self._format(value)

    def _format(self, value: str) -> None:
        while value.strip():
            name, _, rest = value.strip().partition(",")
            if "=" in name:  # a heading of one's own takes the rest of the word
                name, _, heading = value.strip().partition("=")
                rest = ""
            else:
                heading = HEADINGS.get(name, "")
            if name not in CELLS:
                raise ValueError(f"unknown output format: -o {name}")
            self.columns.append((name, heading))
            value = rest

    def wants(self, process: Process, user: str) -> bool:
        if self.pids or self.users:
            return process.inside in self.pids or user in self.users or str(process.uid) in self.users
        return not process.wrapper


def _heading(columns: list[tuple[str, str]]) -> str:
    return " ".join(_aligned(name, heading) for name, heading in columns).rstrip()


def _cell(call: UnixCall, name: str, process: Process) -> str:
    return _aligned(name, CELLS[name](call, process))


def _aligned(name: str, text: str) -> str:
    width = WIDTHS.get(name, 8)
    return text if name in ("args", "comm") else f"{text:<{width}}" if name in ("tty", "s") else f"{text:>{width}}"


def _elapsed(call: UnixCall, process: Process) -> str:
    seconds = max(0, int(time.time() - process.began))
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    clock = f"{minutes:02}:{seconds % 60:02}"
    return f"{days}-{hours:02}:{clock}" if days else f"{hours:02}:{clock}" if hours else clock


def _used(call: UnixCall, process: Process) -> str:
    return f"{int(process.used) // 60}:{int(process.used) % 60:02}"


CELLS: dict[str, Callable[[UnixCall, Process], str]] = {
    "user": lambda call, p: account_name(call.station, p.uid),
    "ruser": lambda call, p: account_name(call.station, p.uid),
    "uid": lambda call, p: str(p.uid),
    "pid": lambda call, p: str(p.inside),
    "ppid": lambda call, p: str(p.inside_parent),
    "tty": lambda call, p: "?",
    "s": lambda call, p: "S",
    "stime": lambda call, p: time.strftime("%H:%M:%S", time.localtime(p.began)),
    "etime": _elapsed,
    "time": _used,
    "args": lambda call, p: " ".join(p.words)[:ARGUMENTS],
    "comm": lambda call, p: p.words[0] if p.words else "",
}
HEADINGS = {"user": "USER", "ruser": "RUSER", "uid": "UID", "pid": "PID", "ppid": "PPID", "tty": "TT", "s": "S",
            "stime": "STIME", "etime": "ELAPSED", "time": "TIME", "args": "COMMAND", "comm": "COMMAND"}  # fmt: skip
WIDTHS = {"pid": 5, "ppid": 5, "tty": 7, "time": 5, "s": 1, "etime": 11, "uid": 5}
SHORT = [("pid", "PID"), ("tty", "TTY"), ("time", "TIME"), ("args", "CMD")]
FULL = [("user", "UID"), ("pid", "PID"), ("ppid", "PPID"), ("stime", "STIME"), ("tty", "TTY"), ("time", "TIME"),
        ("args", "CMD")]  # fmt: skip
