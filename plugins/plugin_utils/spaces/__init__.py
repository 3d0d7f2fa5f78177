# SPDX-License-Identifier: GPL-3.0-or-later
"""The tablespaces of a database station: what is asked of it, started on it and added to it, on Solaris and on Windows.

The order of the steps, the approvals and the journal are the action's (`action/monitor_add.py`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from ..action import Stop
from ..command import Command, Outcome
from ..databases.oracle import OracleDatabase
from ..executor import Station
from ..programs import (
    dbstartmvf,
    df,
    fsutil,
    ls,
    lsnrctl,
    monitor_add,
    monitor_stats,
    monitor_update,
    net,
    sc,
    tablespaces,
)
from ..programs import dir as dir_of_cmd
from ..rules.oracle_instance import Seen
from ..rules.tablespace_files import Add
from ..rules.tablespaces import Disk, not_refreshed, pattern_unfit

PAUSE = 5.0  # seconds between two looks at an instance that is starting
FOLDERS = {"solaris": "/usr/mvf/bin", "windows": "C:\\mvf\\bin"}
ACCOUNTS = {"solaris": ("oracle", "mvf"), "windows": (None, None)}  # of SQL, of the vendor's programs


class Spaces:
    """want: the action's arguments. Questions go as SYSDBA by the operating system's log-on; no password travels."""

    def __init__(self, action: Any, want: SimpleNamespace, station: Station) -> None:
        self.action, self.want, self.station = action, want, station
        self.windows = want.system == "windows"
        sql_user, monitor_user = ACCOUNTS[want.system]
        self.os_user, self.monitor_user = want.os_user or sql_user, want.monitor_user or monitor_user
        self.folder = (want.bin_folder or FOLDERS[want.system]).rstrip("/\\")
        self.separator = "\\" if self.windows else "/"
        self._check_pattern()
        log_on = SimpleNamespace(account=None, password=None, client=want.client, os_user=self.os_user)
        self.sql = OracleDatabase(action, log_on, station)

    def _check_pattern(self) -> None:
        try:
            monitor_stats.read("", (), self.want.stats_pattern)
        except ValueError as unfit:
            raise Stop(pattern_unfit(self.action.where, str(unfit))) from None

    # Asking

    def look(self) -> Seen:
        """Instance, listener, services and dictionary, in one round trip. It changes nothing."""
        services = list(self.want.services) if self.windows else []
        others = [*(sc.query(name) for name in services), lsnrctl.status(self.want.lsnrctl)]
        answers, outcomes = self.sql.ask(tablespaces.QUESTIONS, others, timeout=self.want.query_seconds)
        facts = tablespaces.read(answers)
        states = [sc.state(outcome) for outcome in outcomes[:-1]]
        return Seen(
            instance=facts.instance,
            database=facts.database,
            number=facts.number,
            spaces=facts.spaces,
            unread=facts.unread,
            listener=lsnrctl.running(outcomes[-1]),
            services=dict(zip(services, states, strict=True)),
            windows=self.windows,
        )

    def disks(self, folders: Iterable[str]) -> tuple[dict[str, Disk | None], dict[str, tuple[str, ...] | None]]:
        """Of each folder, its disk and the names in it, all in one round trip; None for what was not told."""
        wanted = list(dict.fromkeys(folder for folder in folders if folder))
        free, program = (fsutil.free, dir_of_cmd) if self.windows else (df.free, ls)
        asked = [self.sql.as_user(make(folder)) for make in (free, program.everything) for folder in wanted]
        outcomes = self.station.ask(asked)
        disks = [self._disk(folder, said) for folder, said in zip(wanted, outcomes, strict=False)]
        # a folder that holds data files is never empty: nothing at all is not told either
        listed = [program.names(said) or None for said in outcomes[len(wanted) :]]
        return dict(zip(wanted, disks, strict=True)), dict(zip(wanted, listed, strict=True))

    def _disk(self, folder: str, said: Outcome) -> Disk | None:
        if not said.as_expected:
            return None
        if self.windows:
            kb = fsutil.available_kb(said.out)
            return None if kb is None else Disk(folder[:2].upper(), kb // 1024)
        systems = df.read(said.out)
        return Disk(systems[0].mounted, systems[0].available // 1024) if len(systems) == 1 else None

    # The vendor's programs

    def monitor(self) -> Mapping[str, monitor_stats.Figures | None]:
        """The monitor's figures after it was told to refresh them. Raises Stop where it could not."""
        update, stats = self.station.ask(
            [
                self._by_mvf(monitor_update.update(self.folder, self.separator)),
                self._by_mvf(monitor_stats.stats(self.folder, self.separator)),
            ]
        )
        self.action.answered(update, "the monitor's figures to be refreshed")
        self.action.answered(stats, "a table of tablespaces")
        if codes := monitor_update.codes(update.printed):
            raise Stop(not_refreshed(self.action.where, codes))
        return monitor_stats.read(stats.printed, self.want.tablespaces, self.want.stats_pattern).tablespaces

    def add(self, add: Add) -> tuple[bool, str]:
        """(whether the program's end was seen, what it said: codes, or why not). Whether the file is there, `look` says."""
        command = monitor_add.add(
            self.folder, self.separator, add.tablespace, add.path, add.mb, timeout=self.want.add_seconds
        )
        outcome = self.station.run(self._by_mvf(command))
        codes = ", ".join(monitor_add.codes(outcome.printed))
        return outcome.ended, codes or outcome.why or (
            "" if outcome.exit_code == 0 else f"exit code {outcome.exit_code}"
        )

    def _by_mvf(self, command: Command) -> Command:
        return replace(command, user=self.monitor_user)

    # Starting

    def start(self, what: Sequence[str]) -> tuple[Seen, str]:
        """Starts what is named, in that order, and waits until the instance says that it is open; what was said on the way."""
        said = [self._started(one) for one in what]
        began = time.monotonic()
        seen = self.look()
        while self._on_its_way(seen) and time.monotonic() - began < self.want.start_seconds:
            self.action.say(f"the instance is {seen.instance or 'not yet to be asked'}")
            time.sleep(PAUSE)
            seen = self.look()
        return seen, "; ".join(text for text in said if text)

    def _on_its_way(self, seen: Seen) -> bool:
        """Whether waiting may help: a service of Windows opens its instance later than it says that it runs."""
        return seen.instance in ("changing", "started", "mounted", None) or (self.windows and seen.instance == "down")

    def _started(self, what: str) -> str:
        self.action.say(f"starting {what}")
        if what == "listener":
            outcome = self.station.run(self._by_mvf(lsnrctl.start(self.want.lsnrctl)))
            return ", ".join(lsnrctl.read(outcome.printed).codes) or outcome.why
        if self.windows:
            return net.why(self.station.run(self._by_mvf(net.start(what))))
        outcome = self.station.run(self._by_mvf(dbstartmvf.start(self.want.dbstart)))
        return ", ".join(dbstartmvf.codes(outcome.printed)) or outcome.why
