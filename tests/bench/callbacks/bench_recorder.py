# SPDX-License-Identifier: GPL-3.0-or-later
"""For the bench alone: writes down what the actions send (lab passwords included) and how long each task takes.

It is loaded by ansible-playbook before it forks, and puts itself before `Station.ask`.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import psutil
from ansible.plugins.callback import CallbackBase
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Secret, Text
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor import Station

DOCUMENTATION = """
name: bench_recorder
type: aggregate
short_description: What was sent and how long it took
description: For the bench alone.
"""

OUT = Path(os.environ.get("IMPAX_BENCH_RECORD", os.devnull))


def opened(word):
    """The text as the program receives it."""
    parts = word.parts if isinstance(word, Text) else (word,)
    return "".join(part.reveal() if isinstance(part, Secret) else part for part in parts)


def since_start():
    """Seconds since this process was started."""
    return time.time() - psutil.Process().create_time()


def note(**fields):
    with OUT.open("a", encoding="utf-8") as file:
        file.write(json.dumps(fields) + "\n")


def watched(ask):
    def asked(self, commands):
        began = time.monotonic()
        outcomes = ask(self, commands)
        programs = [command.program for command in commands]
        seconds = time.monotonic() - began
        at = time.time() - psutil.Process(os.getppid()).create_time()  # of ansible-playbook, which forked this worker
        note(kind="round", station=self.name, programs=programs, at=at, seconds=seconds)
        for command in commands:
            note(
                kind="command",
                station=self.name,
                words=[opened(word) for word in command.words],
                stdin=opened(command.stdin),
                environment={name: opened(value) for name, value in command.environment.items()},
                user=command.user,
                folder=command.folder,
                private=command.creates,
            )
        return outcomes

    return asked


Station.ask = watched(Station.ask)


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "bench_recorder"

    def __init__(self):
        super().__init__()
        self.began = {}

    def v2_playbook_on_play_start(self, play):
        note(kind="moment", what=f"play {play.get_name()}", at=since_start())

    def v2_playbook_on_stats(self, stats):
        note(kind="moment", what="the last play is over", at=since_start())

    def v2_runner_on_start(self, host, task):
        self.began[host.get_name(), task._uuid] = time.monotonic()

    def v2_runner_on_ok(self, result, **_):
        self._ended(result)

    def v2_runner_on_failed(self, result, **_):
        self._ended(result)

    def _ended(self, result):
        host, task = result._host.get_name(), result._task
        if (began := self.began.get((host, task._uuid))) is not None:
            seconds = time.monotonic() - began
            note(kind="task", host=host, action=task.action, at=since_start(), seconds=seconds)
