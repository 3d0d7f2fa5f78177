# SPDX-License-Identifier: GPL-3.0-or-later
"""exp: export an Oracle table to a dump and prove the dump."""

from __future__ import annotations

from typing import Any, ClassVar

from ..plugin_utils.tables.exporting import ExportAction


class ActionModule(ExportAction):
    KEY = "exp"
    ENGINE = "oracle"
    ARGUMENT_SPEC: ClassVar[dict[str, Any]] = {
        **ExportAction.SHARED,
        "account": {"type": "str", "required": True},
        "password": {"type": "str", "required": True, "no_log": True},
        "verify_account": {"type": "str"},
        "verify_password": {"type": "str", "no_log": True},
        "system": {"type": "str", "default": "solaris", "choices": ["solaris", "windows"]},
        "os_user": {"type": "str"},
        "client": {"type": "str", "default": "sqlplus"},
    }
