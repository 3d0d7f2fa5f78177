# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle by sqlplus on the station: log-on by standard input, or by the operating system's account (``/ as sysdba``)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from ..action import Stop
from ..command import Command, Outcome
from ..executor import Station
from ..programs import sqlplus
from ..rules import passwords


class OracleDatabase:
    """want.account None: the operating system's log-on of ``want.os_user`` as SYSDBA; it reads, and no password travels."""

    engine = "oracle"

    def __init__(self, action: Any, want: SimpleNamespace, station: Station) -> None:
        self.action, self.station = action, station
        self.client: str = want.client or "sqlplus"
        self.os_user: str | None = getattr(want, "os_user", None)
        try:
            self.log_on = sqlplus.AS_SYSDBA if want.account is None else sqlplus.log_on(want.account, want.password)
        except sqlplus.Unfit as unfit:
            raise Stop(passwords.unfit(action.section, action.name, action.KEY, str(unfit))) from None

    def as_user(self, command: Command) -> Command:
        """The command as the account that Oracle's programs run under on this station."""
        return replace(command, user=self.os_user)

    def ask(
        self,
        questions: Mapping[str, str],
        others: Sequence[Command] = (),
        *,
        timeout: float = 900,
        each: int | None = None,
    ) -> tuple[dict[str, sqlplus.Answer], list[Outcome]]:
        nonce = secrets.token_hex(6)
        session = sqlplus.ask(questions, self.log_on, nonce=nonce, client=self.client, timeout=timeout)
        asked, *rest = self.station.ask([self.as_user(command) for command in (session, *others)])
        self.action.answered(asked, "answers from the database")
        return sqlplus.answers(asked.printed, questions, nonce), rest

    def block(self, plsql: str, *, timeout: float) -> tuple[sqlplus.Answer, Outcome]:
        """One PL/SQL block; what became of it is for the caller to judge."""
        nonce = secrets.token_hex(6)
        session = sqlplus.block(plsql, self.log_on, nonce=nonce, client=self.client, timeout=timeout)
        outcome = self.station.run(self.as_user(session))
        return sqlplus.answers(outcome.printed, ["block"], nonce)["block"], outcome
