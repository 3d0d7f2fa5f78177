# SPDX-License-Identifier: GPL-3.0-or-later
"""Detached jobs on a station with cmd.exe: a scheduled task that runs one batch file in the job's own folder.

What is asked of schtasks, icacls and cacls follows their references for 2003 and 2008 and is `assumed`; nothing they
print is read. Whether a job began, runs or has ended is read from its folder (shells/cmd_jobs).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..command import Command, Outcome, Secret, State
from ..shells import Refused, cmd_jobs
from ..shells.cmd import standard_input
from . import JobState, TransferFailed
from .windows_failures import Broken, NothingSent
from .windows_files import Files

if TYPE_CHECKING:
    from .windows import WindowsTransport

STARTED_BEFORE = 73  # exit code of `start` when the job's folder is already there
BEGINS_WITHIN = 25.0  # seconds that the scheduler may take until a task begins
PAUSE = 1.0
ADMINISTRATORS, SYSTEM = "*S-1-5-32-544", "*S-1-5-18"  # names are translated, SIDs are not


class Failed(Exception):
    """A step before the scheduler was asked failed: the job's program has not run. `certain` False: it may have."""

    def __init__(self, why: str, certain: bool = True) -> None:
        super().__init__(why)
        self.why, self.certain = why, certain


class Jobs:
    """root: the folder of all jobs. Only administrators, the system and the log-on's account may enter it."""

    def __init__(self, transport: WindowsTransport, root: str) -> None:
        self._transport, self._root = transport, root
        self._private = False
        self._windows: tuple[int, int] | None = None

    def start(self, job: str, command: Command) -> Outcome:
        """Exit code 0: it has begun. STARTED_BEFORE: its folder was there already, nothing was done."""
        began = time.monotonic()
        try:
            code = self._start(job, command)
            return Outcome(command, State.ENDED, code, seconds=time.monotonic() - began, codec=self._transport.codec)
        except Refused as refused:
            return Outcome(command, State.NOT_BEGUN, why=f"cannot be sent safely: {refused}")
        except Failed as failure:
            state = State.NOT_BEGUN if failure.certain else State.UNKNOWN
            return Outcome(command, state, seconds=time.monotonic() - began, why=failure.why)

    def _start(self, job: str, command: Command) -> int:
        if command.user != "SYSTEM" and (why := self._transport.wrong_account(command)):
            raise Failed(why)
        here = cmd_jobs.place(self._root, job)
        files = cmd_jobs.files(self._root, job, command, self._transport.codec)
        self.make_private()
        if self._ask(Command(("mkdir", here), builtin=True), any_code=True).exit_code:
            if self._look(job).folder:
                return STARTED_BEFORE
            raise Failed(f"{here} could not be made")
        try:
            self._write(here, files)
            self._schedule(job, here, command)
        except Failed as failure:
            if failure.certain:
                self.forget(job)
            raise
        return 0

    def make_private(self) -> None:
        """The rights of the jobs' folder, before anything is in it. Raises Failed."""
        if self._private:
            return
        root = cmd_jobs.folder(self._root)
        version = self._version()
        self._ask(Command(("mkdir", root), builtin=True), any_code=True)  # it may be there
        if version < (6, 0):
            words = ("cacls", root, "/g", f"{self._account()}:f", "SYSTEM:f", "Administrators:f")
            self._ask(Command(words, stdin="y\n"))  # asks whether one is sure (the letter is translated: assumed)
        else:
            rights = [f"{who}:(OI)(CI)F" for who in (ADMINISTRATORS, SYSTEM, self._account())]
            self._ask(Command(("icacls", root, "/inheritance:r", "/grant:r", *rights)))
        self._private = True

    def _version(self) -> tuple[int, int]:
        """(5, 2) is Windows Server 2003, (6, 0) is 2008."""
        if self._windows is None:
            printed = self._ask(Command(("ver",), builtin=True)).out
            found = re.search(r"(\d+)\.(\d+)\.\d+", printed)
            if not found:
                raise Failed(f"the station's Windows version could not be read from {printed.strip()!r}")
            self._windows = int(found[1]), int(found[2])
        return self._windows

    def _account(self) -> str:
        if self._transport.user is None:
            self._transport.user = self._transport.who()
        return self._transport.user

    def _write(self, here: str, files: dict[str, bytes]) -> None:
        """The job's files, each seen to be whole: half a batch file would be run as far as it goes."""
        carrier = Files(self._transport)
        try:
            for name, text in files.items():
                carrier.write(f"{here}\\{name}", text)
                if (size := carrier.size(f"{here}\\{name}")) != len(text):
                    raise Failed(f"{here}\\{name} has {size} bytes, expected {len(text)}")
        except TransferFailed as failure:
            raise Failed(str(failure)) from None

    def _schedule(self, job: str, here: str, command: Command) -> None:
        """Makes the task, runs it, and waits until it has begun."""
        self._ask(self._creation(job, here, command))
        run = self._transport.run([Command(("schtasks", "/run", "/tn", cmd_jobs.task(job)))])[0]
        if run.state is State.NOT_BEGUN:
            raise Failed(f"the scheduler was not asked: {run.why}")
        if run.state is State.UNKNOWN:
            raise Failed(run.why, certain=False)
        if self._begins(job):
            return
        if self._prevent(job):
            said = " ".join(run.printed.split())
            raise Failed(f"the scheduler did not begin it within {BEGINS_WITHIN:.0f} s and said: {said}")

    def _creation(self, job: str, here: str, command: Command) -> Command:
        """assumed: 2003 has no /np and no /f, takes /st with seconds, and needs the account's password."""
        words = ["schtasks", "/create", "/tn", cmd_jobs.task(job), "/tr", f"{here}\\run.bat", "/sc", "once", "/st"]
        secret: tuple[str | Secret, ...] = ()
        old = self._version() < (6, 0)
        account = ("/ru", "SYSTEM" if command.user == "SYSTEM" else self._account())
        if command.user != "SYSTEM":
            secret = ("/rp", self._password()) if old else ("/np",)
        return Command((*words, "00:00:00" if old else "00:00", *account, *secret, *(() if old else ("/f",))))

    def _password(self) -> Secret:
        """Shown for a moment by the station's process list: schtasks of 2003 takes it in no other way from a batch."""
        return Secret(str(self._transport.connection.get_option("remote_password") or ""), "log-on password")

    def _begins(self, job: str) -> bool:
        until, pause = time.monotonic() + BEGINS_WITHIN, PAUSE / 4
        while not self._look(job).begun:
            if time.monotonic() > until:
                return False
            time.sleep(pause)
            pause = min(2 * pause, 2 * PAUSE)
        return True

    def _prevent(self, job: str) -> bool:
        """Makes the folder that a job makes as its first deed: True means that it never began and never can."""
        command = Command(("mkdir", f"{cmd_jobs.place(self._root, job)}\\started"), builtin=True)
        if self._ask(command, certain=False, any_code=True).exit_code == 0:
            return True
        if self._look(job).begun:
            return False
        raise Failed("whether it began cannot be found out", certain=False)

    # A private file for the length of a call

    def with_private_file(self, command: Command, call: Callable[[Command], Outcome]) -> Outcome:
        """Writes the command's input to the file that it names, in the jobs' folder, and removes it in all cases."""
        try:
            path = cmd_jobs.private_path(self._root, str(command.creates))
            self.make_private()
            text = standard_input(command, self._transport.codec)
            try:
                Files(self._transport).write(path, text)
                return call(replace(command, stdin="", creates=None))
            finally:
                self._transport.run([Command(("del", "/f", "/q", path), builtin=True)])
        except Refused as refused:
            return Outcome(command, State.NOT_BEGUN, why=f"cannot be sent safely: {refused}")
        except (Failed, TransferFailed) as failure:
            return Outcome(command, State.NOT_BEGUN, why=str(failure))

    # How it stands

    def look(self, job: str) -> JobState:
        """Also after a start whose outcome is unknown: what has not begun by then is kept from ever beginning."""
        try:
            return self._state(job)
        except Refused as refused:
            return JobState("unknown", why=str(refused))
        except Failed as failure:
            return JobState("unknown", why=failure.why)

    def _state(self, job: str) -> JobState:
        look = self._look(job)
        if not look.folder and not look.begun:
            return JobState("none")
        if not look.begun:
            if not self._begins(job) and self._prevent(job):
                return JobState("lost", why="it was never begun, and cannot begin any more")
            look = self._look(job)
        if not look.opened:  # between its first deed and its second, or killed there
            time.sleep(2 * PAUSE)
            look = self._look(job)
        out, err = self._output(job) if look.opened else (b"", b"")
        if look.ended:
            state, why = ("unknown", "its exit code cannot be read") if look.exit_code is None else ("done", "")
            return JobState(state, look.exit_code, out, err, look.started, why)
        state, why = ("running", "") if look.held else ("lost", "it was killed, or the station was restarted")
        return JobState(state, None, out, err, look.started, why)

    def _look(self, job: str) -> cmd_jobs.Look:
        try:
            _code, out, _err = self._transport.connection.run(cmd_jobs.look(self._root, job))
        except (NothingSent, Broken) as failure:
            raise Failed(str(failure), certain=False) from None
        return cmd_jobs.read_look(out.decode(self._transport.codec, "replace"))

    def _output(self, job: str) -> tuple[bytes, bytes]:
        here = cmd_jobs.place(self._root, job)
        words = [("type", f"{here}\\{name}") for name in ("out", "err")]
        found = self._transport.run([Command(each, builtin=True, timeout=600, withheld=True) for each in words])
        for outcome in found:
            if not outcome.ended:
                raise Failed(f"its output could not be read: {outcome.why}", certain=False)
        return found[0].stdout, found[1].stdout

    def forget(self, job: str) -> Outcome:
        """Removes the job's task, if there is one, and its folder with whatever a crash may have left in it."""
        asked = Command(("forget job", job))
        try:
            task = Command(("schtasks", "/delete", "/tn", cmd_jobs.task(job), "/f"))
            here = Command(("rd", "/s", "/q", cmd_jobs.place(self._root, job)), builtin=True)
            removed = self._transport.run([task, here])[1]
            left = self._look(job).folder
        except Refused as refused:
            return Outcome(asked, State.NOT_BEGUN, why=str(refused))
        except Failed as failure:
            return Outcome(asked, State.UNKNOWN, why=failure.why)
        return Outcome(asked, State.ENDED, int(left), removed.stdout, removed.stderr, codec=self._transport.codec)

    def _ask(self, command: Command, certain: bool = True, any_code: bool = False) -> Outcome:
        """The outcome of a step, which must be as expected. Raises Failed."""
        outcome = self._transport.run([command])[0]
        if not (outcome.ended if any_code else outcome.as_expected):
            said = outcome.why or " ".join(f"exit code {outcome.exit_code} {outcome.printed}".split())
            raise Failed(f"{command.program} failed: {said}", certain)
        return outcome
