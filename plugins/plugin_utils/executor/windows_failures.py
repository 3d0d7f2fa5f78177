# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong on the way to cmd.exe, by what is then known about the command."""

from __future__ import annotations

from ansible.errors import AnsibleConnectionFailure


class NothingSent(AnsibleConnectionFailure):
    """Certain: nothing ran on the station."""


class WrongCredentials(NothingSent):
    """The station refused the log-on. Trying again may lock the account."""


class Broken(AnsibleConnectionFailure):
    """The command was handed over, or may have been. It may have run and may be running still.

    stdout, stderr: what had arrived by then.
    """

    def __init__(self, message: str, stdout: bytes = b"", stderr: bytes = b"") -> None:
        super().__init__(message)
        self.stdout, self.stderr = stdout, stderr


class ShellGone(Broken):
    """The station no longer knows the shell in which the command ran: it restarted, or the shell was removed."""


class TimedOut(Broken):
    """The time for the command was over; it was told to end. `drained`: the station says that it has ended, and
    everything that it printed has arrived."""

    def __init__(self, message: str, stdout: bytes = b"", stderr: bytes = b"", drained: bool = False) -> None:
        super().__init__(message, stdout, stderr)
        self.drained = drained
