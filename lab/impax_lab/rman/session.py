# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of RMAN: connecting to the target, reading commands, printing. It ends with 1 after any error.

An instance that is not started is no error of connecting: ``connected to target database (not started)``, and every
command fails then. Input that is no terminal is prompted for but not shown (public console output).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from impax_lab import faults
from impax_lab.engine.oracle import OracleError
from impax_lab.oracle_files import current
from impax_lab.program import Call
from impax_lab.rman import catalogue, forms
from impax_lab.rman.catalogue import BackupSet
from impax_lab.rman.forms import RmanError
from impax_lab.rman.listing import Style
from impax_lab.state import LabError

DBA_OF_WINDOWS = ("agfaservice",)
NOT_STARTED = (
    "ORA-01034: ORACLE not available", "ORA-27101: shared memory realm does not exist",
)  # fmt: skip
SYSTEM_ERROR = {
    False: "SVR4 Error: 2: No such file or directory",
    True: "O/S-Error: (OS 2) The system cannot find the file specified.",
}
STATEMENT = re.compile(r"((?:'[^']*'|\"[^\"]*\"|[^;'\"])*);(.*)", re.S)
Command = Callable[["Session", str], None]


class Session:
    """call: RMAN's own. echo: commands come from a file, are shown, and the first error ends it."""

    def __init__(self, call: Call, echo: bool = False) -> None:
        self.call, self.echo = call, echo
        self.station = call.station
        self.spoken: Mapping[str, str] = forms.language(call.env)
        self.failed = self.connected = self.told_control_file = False
        self.channels: set[str] = set()
        self.read: dict[int, list[str]] = {}  # sets that the command at hand has read, with what was wrong

    # What it prints ---------------------------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        text = forms.old(text) if self.style.release < 11 else text
        self.call.out(faults.said(text, self.spoken))

    @property
    def version(self) -> str:
        return str(self.station.spec.oracle.get("version", "11.2.0.4.0"))

    @property
    def name(self) -> str:
        return str(self.station.spec.oracle.get("name", "MVF")).upper()

    @property
    def dbid(self) -> int:
        return int(self.station.oracle.dbid)

    @property
    def style(self) -> Style:
        release = int(self.version.split(".")[0])
        return Style(forms.date_model(self.call.env), self.files, release, self.name)

    @property
    def files(self) -> list[Any]:
        """As `oracle_files.current`; none where there is no database."""
        try:
            return current(self.station.oracle)
        except LabError:
            return []

    @staticmethod
    def clock() -> float:
        return time.time()

    def date(self, at: float | None = None) -> str:
        return self.style.date(time.time() if at is None else at)

    def known(self) -> list[BackupSet]:
        return catalogue.now(self.station)

    def banner(self) -> None:
        at = time.strftime("%a %b %e %H:%M:%S %Y").replace("  ", " ")
        year = "2005" if self.style.release < 11 else "2011"
        self.say(f"\nRecovery Manager: Release {self.version} - Production on {at}\n\n"
                 f"Copyright (c) 1982, {year}, Oracle and/or its affiliates.  All rights reserved.\n\n")  # fmt: skip

    def channel(self, device: str) -> str:
        """``ORA_DISK_1``; it says that it was allocated, or that it is used again."""
        name = self.channel_name(device)
        if name in self.channels:
            self.say(f"using channel {name}\n")
        else:
            self.channels.add(name)
            self.say(f"allocated channel: {name}\nchannel {name}: SID=150 device type={device}\n")
            if device != "DISK":
                self.say(f"channel {name}: MMS Version 5.0.0.0\n")
        return name

    @staticmethod
    def channel_name(device: str) -> str:
        return "ORA_DISK_1" if device == "DISK" else "ORA_SBT_TAPE_1"

    def fail(self, error: RmanError, command: str = "") -> None:
        """Print an error's stack."""
        self.failed = True
        own = [] if not command else [f"RMAN-03002: failure of {command} command at {forms.moment(time.time())}"]
        self.say(forms.stack([*own, *error.lines]))

    # Connecting -------------------------------------------------------------------------------------------------------

    def connect(self, logon: str) -> None:
        """Connect to the target, and say so. Raises RmanError."""
        if self.call.behaviour == "not_available":
            raise self._refused(*NOT_STARTED, SYSTEM_ERROR[self.call.windows])
        try:
            instance = self.station.oracle
        except LabError:
            raise self._refused(
                "ORA-12560: TNS:protocol adapter error" if self.call.windows else "ORA-12162: TNS:net service name is "
                "incorrectly specified") from None  # fmt: skip
        self._log_on(instance, logon)
        self.connected = True
        self.say(f"connected to target database{self._shown(status(self.station))}\n")

    def password(self, user: str) -> str:
        users = self.station.spec.oracle.get("users") or {}
        return str(next((kept.get("password", "") for name, kept in users.items() if str(name).upper() == user), ""))

    def _shown(self, state: str) -> str:
        if state == "down":
            return " (not started)"
        if state == "mounted":
            return f": {self.name} (DBID={self.dbid}, not open)"
        return f": {self.name} (DBID={self.dbid})"

    def _log_on(self, instance: Any, logon: str) -> None:
        user, _, password = logon.partition("@")[0].partition("/")
        if not user:
            if not is_dba(self.call):
                raise self._refused("ORA-01031: insufficient privileges")
            return
        if not password or self.password(user.upper()) != password:
            raise self._refused("ORA-01017: invalid username/password; logon denied")
        if user.upper() != "SYS":
            raise self._refused("ORA-01031: insufficient privileges")

    @staticmethod
    def _refused(*reasons: str) -> RmanError:
        return RmanError(
            "RMAN-00554: initialization of internal recovery manager package failed",
            "RMAN-04005: error from target database: ", *reasons,
        )  # fmt: skip

    def must_be_open(self) -> None:
        """Raises RmanError when no command can work."""
        if not self.connected:
            raise RmanError("RMAN-06171: not connected to target database")
        if status(self.station) == "down":
            raise RmanError("RMAN-06403: could not obtain a fully authorized session", *NOT_STARTED)

    # Reading ----------------------------------------------------------------------------------------------------------

    def run(self, line: Callable[[], str | None], commands: Command) -> int:
        """Read and carry out until exit or the end of input."""
        waiting = ""
        self.call.out("RMAN> ")
        number = 1
        while (came := line()) is not None:
            if self.echo:
                self.call.out(f"{came}\n")
            waiting += re.sub(r"(?m)(^|\s)#.*$", "", came) + "\n"
            if re.fullmatch(r"\s*(exit|quit)\s*;?\s*", waiting, re.I):
                break
            if re.match(r"\s*connect\b[^;]*$", waiting, re.I):  # the one command that needs no semicolon, beside exit
                waiting = waiting.rstrip() + ";"
            if ";" not in waiting and waiting.strip() and not waiting.lstrip().startswith("@"):
                number += 1
                self.call.out(f"{number}> ")
                continue
            while match := STATEMENT.match(waiting):
                waiting = match[2]
                self.one(match[1].strip(), commands)
                if self.failed and self.echo:
                    return self.end()
            waiting, number = "", 1
            self.call.out("\nRMAN> ")
        return self.end()

    def one(self, text: str, commands: Command) -> None:
        if not text:
            return
        verb = text.split()[0].lower()
        self.call.out("\n")
        self.read.clear()
        try:
            commands(self, text)
        except RmanError as error:
            syntax = error.lines[0].startswith("RMAN-00558") or error.lines[0].startswith("RMAN-00554")
            channelled = error.lines[0].startswith("RMAN-03009")
            self.fail(error, "" if syntax or channelled else verb)
        except OracleError as error:
            self.fail(RmanError(error.message), verb)

    def end(self) -> int:
        self.say("\n\nRecovery Manager complete.\n")
        return int(self.failed)

    def control_file(self) -> None:
        """What the first command says that reads the control file."""
        self.must_be_open()
        if not self.told_control_file:
            self.told_control_file = True
            self.say("using target database control file instead of recovery catalog\n")


def is_dba(call: Call) -> bool:
    """Whether the account may connect as SYSDBA by the operating system (group dba, ORA_DBA)."""
    described = call.station.spec.users.get(call.user, {}) or {}
    groups = {str(described.get("group", "")).lower(), *(str(each).lower() for each in described.get("groups", []))}
    if call.windows:
        return call.user.lower() in DBA_OF_WINDOWS or "ora_dba" in groups
    return "dba" in groups


def status(station: Any) -> str:
    """open, mounted or down: what the station remembers, else what the site says."""
    try:
        engine = station.oracle
        if getattr(engine, "down", False) or getattr(engine, "mode", "open") != "open":
            return "down" if engine.down else str(engine.mode)
    except LabError:
        return "down"
    given = (station.spec.oracle.get("instance") or {}).get("status", "open")
    return str(station.folder.remembered().get("oracle", {}).get("status", given))
