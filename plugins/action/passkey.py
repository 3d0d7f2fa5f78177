# SPDX-License-Identifier: GPL-3.0-or-later
"""passkey: can an account's password be had from the vendor's passkey; the value never comes back (S16)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

from ..plugin_utils.action import StationAction
from ..plugin_utils.executor import Station
from ..plugin_utils.findings import Finding
from ..plugin_utils.programs import passkey
from ..plugin_utils.rules import passwords


class ActionModule(StationAction):
    KEY = "passkey"
    ARGUMENT_SPEC: ClassVar[dict[str, Any]] = {
        "account": {"type": "str", "default": "sa"},
        "path": {"type": "str", "default": "C:\\mvf\\bin\\passkey.exe"},
    }

    def steps(self, want: SimpleNamespace, station: Station) -> list[Finding]:
        outcome = self.answered(station.run(passkey.query(want.path, want.account)), "a password")
        secret = passkey.read(outcome.out, want.account)
        return [passwords.can_be_had(self.section, self.name, want.account, secret is not None)]
