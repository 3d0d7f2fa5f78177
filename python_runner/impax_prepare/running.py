# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the playbook through ansible-runner: what it prints, how it is stopped, how it ended."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import ansible_runner
import psutil
from ansible_collections.impax.upgrade.plugins.plugin_utils.journal import Journal, JournalMissing

from .folder import SiteFolder, Usage

GO, NO_GO, WRONG, BROKEN_OFF = 0, 1, 2, 3
KEPT_RUNS = 20
GRACE = 60.0  # seconds that the workers have to end their command after the run was asked to stop

# ansible-runner writes the whole environment that it is given to a file; nothing goes in that is not of use.
PASSED = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|TERM|TZ|TMPDIR|LANG|LC_\w+|SSH_AUTH_SOCK|SSH_AGENT_PID|KRB5\w+|VIRTUAL_ENV|PYTHON\w+"
    r"|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|COVERAGE_\w+|ANSIBLE_\w+|IMPAX_\w+"
)


def environment(caller: Mapping[str, str], run: str) -> dict[str, str]:
    """What the playbook's process gets of the caller's environment."""
    kept = {name: value for name, value in caller.items() if PASSED.fullmatch(name)}
    beside = str(Path(sys.executable).parent)
    return {**kept, "PATH": f"{beside}:{kept.get('PATH', os.defpath)}", "IMPAX_RUN": run, "ANSIBLE_NOCOLOR": "1"}


def words(check: bool, tags: Sequence[str], stations: Sequence[str], verbose: bool) -> str:
    """Further words of the ansible-playbook command."""
    said = ["--check"] if check else []
    said += ["--tags", ",".join(tags)] if tags else []
    said += ["--limit", ",".join(stations)] if stations else []
    return " ".join(said + (["-v"] if verbose else []))


class Run:
    """say: gets every line that is worth showing. Ctrl-C and SIGTERM stop it in an orderly way."""

    def __init__(self, site: SiteFolder, say: Callable[[str], None], everything: bool = False) -> None:
        self.site, self.say, self.everything = site, say, everything
        self.id = uuid.uuid4().hex[:12]
        self.stopped = False

    def play(self, command_line: str) -> int:
        """Runs the playbook; returns the exit code of impax-prepare."""
        playbook = shutil.which("ansible-playbook", path=environment(os.environ, self.id)["PATH"])
        if not playbook:
            raise Usage("ansible-playbook is not installed beside impax-prepare and not on the PATH")
        private = self.site.state / "runs"
        private.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _only(environment(os.environ, self.id)):
            runner = ansible_runner.interface.init_runner(
                private_data_dir=str(private),
                project_dir=str(self.site.root),
                playbook=self.site.playbook,
                inventory=str(self.site.inventory),
                cmdline=command_line,
                ident=self.id,
                rotate_artifacts=KEPT_RUNS,
                quiet=True,
                suppress_env_files=True,
                event_handler=self._event,
                status_handler=self._status,
                cancel_callback=_never,
            )
        self._wait(threading.Thread(target=runner.run))
        return self._ended(runner.rc)

    # While it runs

    def _wait(self, thread: threading.Thread) -> None:
        with _as_interrupt(signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            thread.start()
            while thread.is_alive():
                try:
                    thread.join(GRACE if not self.stopped else 1.0)
                except KeyboardInterrupt:
                    self._stop()

    def _stop(self) -> None:
        """SIGTERM to ansible-playbook and to its workers, which it ends itself only from ansible-core 2.19 on."""
        if not self.stopped:
            self.say("stopping; a command that a station is at may go on there, and the next run looks at what it did")
        self.stopped = True
        for child in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                child.send_signal(signal.SIGTERM)

    def _status(self, status: Mapping[str, Any], runner_config: Any) -> None:
        """The file with the environment is written before the playbook starts and is of no use afterwards."""
        if status["status"] == "running":
            (Path(runner_config.artifact_dir) / "command").unlink(missing_ok=True)

    def _event(self, event: Mapping[str, Any]) -> bool:
        for line in shown(event, self.everything):
            self.say(line)
        return False

    # How it ended

    def _ended(self, code: int | None) -> int:
        """By the journal, which knows whether the run began and whether it came to its verdict."""
        try:
            journal = Journal.open(self.site.state)
        except JournalMissing:
            return BROKEN_OFF if self.stopped else WRONG
        ended = journal.last("run_ended", run=self.id)
        if ended:
            return GO if ended["verdict"] == "go" else NO_GO
        if self.stopped or journal.last("run_started", run=self.id):
            self.say("The run broke off. What was begun and not ended is unknown; the same command goes on from there.")
            return BROKEN_OFF
        self.say(f"Nothing was begun (ansible-playbook ended with {code}).")
        return WRONG


def shown(event: Mapping[str, Any], everything: bool) -> Iterator[str]:
    """The lines of an event that an operator wants to see: what actions say, and why a task failed."""
    text = str(event.get("stdout") or "").strip("\r\n")
    data = event.get("event_data") or {}
    result = data.get("res") or {}
    if everything or (event.get("event") == "verbose" and not text.startswith(("[ERROR]: Task failed", "<<<"))):
        yield from text.splitlines()
    elif event.get("event") in ("runner_on_failed", "runner_on_unreachable") and "verdict" not in result:
        yield f"{data.get('host')}: {data.get('task')}: {result.get('msg', 'failed')}"


def _never() -> bool:
    """ansible-runner's own way to stop is SIGKILL, upon SIGINT and SIGTERM, too: it would leave workers at work."""
    return False


@contextlib.contextmanager
def _only(wanted: Mapping[str, str]) -> Iterator[None]:
    """ansible-runner copies its own process's environment: while it does, there is nothing else in it."""
    before = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(wanted)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _as_interrupt(*signals: signal.Signals) -> Iterator[None]:
    """These signals raise KeyboardInterrupt, as Ctrl-C does unless a caller of ours was told to ignore it."""
    before = {each: signal.signal(each, signal.default_int_handler) for each in signals}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
