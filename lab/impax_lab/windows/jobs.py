# SPDX-License-Identifier: GPL-3.0-or-later
"""Scheduled tasks at work: each in a session of its own, a child of the station, so that it outlives every shell."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any

from impax_lab.windows.hosts import Command, Host, NotStarted

if TYPE_CHECKING:
    from impax_lab.windows.machine import Machine

FOLDER = "C:\\windows\\system32"  # where a task starts
STARTED = "%Y-%m-%d %H:%M:%S"


class Jobs:
    """The tasks of one station. They are kept in its memory under ``tasks``; those that run also here."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._running: dict[str, Command] = {}
        self._clocks: dict[str, threading.Timer] = {}
        self._lock = threading.Lock()

    def all(self) -> dict[str, dict[str, Any]]:
        """By name in small letters: ``{"name", "run", "user", "last_run"?, "last_result"?}``."""
        return self.machine.folder.remembered().get("tasks", {})

    def create(self, name: str, run: str, user: str, at: datetime) -> None:
        """A task to be started once at `at`, if that is still to come."""
        self.delete(name)
        with self.machine.folder.remembering() as memory:
            memory.setdefault("tasks", {})[name.lower()] = {"name": name, "run": run, "user": user}
        delay = (at - datetime.now()).total_seconds()
        if delay > 0:
            clock = self._clocks[name.lower()] = threading.Timer(delay, self.start, [name])
            clock.daemon = True
            clock.start()

    def delete(self, name: str) -> bool:
        """What runs goes on; only the task is gone."""
        if clock := self._clocks.pop(name.lower(), None):
            clock.cancel()
        with self.machine.folder.remembering() as memory:
            return memory.get("tasks", {}).pop(name.lower(), None) is not None

    def start(self, name: str) -> bool:
        """False when it cannot be started; a task that still runs is not started a second time."""
        task = self.all().get(name.lower())
        if task is None:
            return False
        with self._lock:
            if self.runs(name):
                return True
            host = self.machine.open_host(task["user"])
            try:
                command = self._running[name.lower()] = host.run(_line(task["run"]), FOLDER)
            except NotStarted as problem:
                self._note(name, last_result=problem.code)
                self.machine.hosts.close(host)
                return True
        self._note(name, last_run=datetime.now().strftime(STARTED), last_result=267009)  # SCHED_S_TASK_RUNNING
        threading.Thread(target=self._attend, args=(name, command, host), daemon=True).start()
        return True

    def end(self, name: str) -> None:
        if command := self._running.get(name.lower()):
            command.terminate()

    def runs(self, name: str) -> bool:
        command = self._running.get(name.lower())
        return bool(command and command.running)

    def stop(self) -> None:
        for clock in self._clocks.values():
            clock.cancel()

    def _attend(self, name: str, command: Command, host: Host) -> None:
        code = command.wait()
        self.machine.hosts.close(host)
        self._note(name, last_result=code)

    def _note(self, name: str, **facts: Any) -> None:
        with self.machine.folder.remembering() as memory:
            if name.lower() in memory.get("tasks", {}):
                memory["tasks"][name.lower()].update(facts)


def _line(run: str) -> str:
    """A batch file is started by cmd.exe, a program as it is."""
    words = run.split('"')
    first = words[1] if run.startswith('"') else run.split(" ")[0]
    if first.lower().endswith((".bat", ".cmd")):
        return f'C:\\windows\\system32\\cmd.exe /s /c "{run}"'
    return run
