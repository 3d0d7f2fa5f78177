# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL Server by osql or sqlcmd on the station: as sa (vault or passkey), or by the Windows log-on where no account is named."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from ..action import Stop
from ..command import Command, Outcome
from ..executor import Station
from ..programs import osql, passkey, where
from ..rules import passwords


class SqlServerDatabase:
    """want.client None: sqlcmd where the station has it (SQL Server 2005 and later), else osql. want.os_user: the account
    that the Windows log-on has to be; as another one nothing is asked."""

    engine = "sqlserver"

    def __init__(self, action: Any, want: SimpleNamespace, station: Station) -> None:
        self.action, self.want, self.station = action, want, station
        self.os_user: str | None = getattr(want, "os_user", None)
        asked = self._first_questions()
        answers = dict(zip(asked, station.ask(list(asked.values())), strict=True))
        client = want.client or ("sqlcmd" if where.found(answers["client"]) else "osql")
        password = want.password or (self._kept(answers["password"]) if "password" in answers else None)
        self.log_on = osql.LogOn(want.server, want.database, want.account, password, client)

    def _first_questions(self) -> dict[str, Command]:
        asked = {} if self.want.client else {"client": where.is_there("sqlcmd")}
        if self.want.account is None or self.want.password is not None:
            return asked
        if not self.want.passkey:
            raise Stop(self._no_password())
        return {**asked, "password": passkey.query(self.want.passkey, self.want.account)}

    def _kept(self, outcome: Outcome) -> Any:
        password = passkey.read(self.action.answered(outcome, "a password").out, self.want.account)
        if password is None:
            raise Stop(self._no_password())
        self.station.learn(password)
        return password

    def _no_password(self) -> Any:
        return passwords.none_at_hand(self.action.section, self.action.name, self.action.KEY, self.want.account)

    def in_database(self, database: str) -> SqlServerDatabase:
        """The same log-on in another database of the instance."""
        other = object.__new__(SqlServerDatabase)
        other.__dict__ = {**self.__dict__, "log_on": replace(self.log_on, database=database)}
        return other

    def ask(
        self,
        questions: Mapping[str, str],
        others: Sequence[Command] = (),
        *,
        timeout: float = 3600,
        each: int | None = None,
    ) -> tuple[dict[str, osql.Answer], list[Outcome]]:
        nonce = secrets.token_hex(6)
        session = replace(osql.ask(questions, self.log_on, nonce=nonce, timeout=timeout, each=each), user=self.os_user)
        asked, *rest = self.station.ask([session, *others])
        self.action.answered(asked, "answers from the database")
        return osql.answers(asked.printed, questions, nonce), rest

    def batch(self, sql: str, *, timeout: float, query_timeout: int | None = None) -> tuple[osql.Answer, Outcome]:
        """One batch that ends at its first error; what became of it is for the caller to judge."""
        nonce = secrets.token_hex(6)
        command = osql.batch(sql, self.log_on, nonce=nonce, timeout=timeout, query_timeout=query_timeout)
        outcome = self.station.run(command)
        return osql.answers(outcome.printed, ["batch"], nonce)["batch"], outcome
