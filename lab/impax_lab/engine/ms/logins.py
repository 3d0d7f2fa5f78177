# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may log on to a server, and how it refuses the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from impax_lab.engine.ms.errors import error
from impax_lab.engine.ms.session import Message


class LogonFailed(Exception):
    """The server refused the log-on, in these messages."""

    def __init__(self, *messages: Message) -> None:
        super().__init__(messages[0].text)
        self.messages = messages


class Logins:
    """The logins of one server. spec: logins, windows_logins, accounts as the site has them."""

    def __init__(self, spec: Mapping[str, Any], host: str, version: int) -> None:
        self._spec, self._host, self._version = spec, host, version

    def names(self) -> list[str]:
        windows = [f"{self._host}\\{name}" for name in self._spec.get("windows_logins") or []]
        return [*map(str, self._spec.get("logins") or {}), "BUILTIN\\Administrators", *windows]

    def is_administrator(self, login: str) -> bool:
        made = {str(name).lower(): each for name, each in (self._spec.get("logins") or {}).items()}.get(login.lower())
        return bool((made or {}).get("sysadmin", True))

    def with_password(self, user: str, password: str) -> str:
        logins = {
            str(name).lower(): (str(name), dict(made or {})) for name, made in (self._spec.get("logins") or {}).items()
        }
        name, made = logins.get(user.lower(), ("", {}))
        state = self._account(user)
        if state == "locked":
            raise LogonFailed(Message(18486, 14, 1, 1, error(18486, user).text))
        expected = made.get("password")
        fits = expected is not None and (
            str(expected) == password or (self._version < 9 and str(expected).lower() == password.lower())
        )
        if not name or not fits or state == "wrong_password":
            raise LogonFailed(Message(18456, 14, 1, 1, error(18456, user).text))
        return name

    def of_windows(self, account: str) -> str:
        bare = account.rpartition("\\")[2].lower()
        allowed = [str(name).rpartition("\\")[2].lower() for name in self._spec.get("windows_logins") or []]
        if bare not in allowed or self._account(bare) in ("locked", "wrong_password"):
            raise LogonFailed(Message(18456, 14, 1, 1, error(18456, account).text))
        return account

    def _account(self, user: str) -> str:
        bare = user.rpartition("\\")[2].lower()
        states = {str(name).lower(): str(state) for name, state in (self._spec.get("accounts") or {}).items()}
        return states.get(bare, "")
