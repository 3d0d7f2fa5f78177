# SPDX-License-Identifier: GPL-3.0-or-later
"""bcp: export a SQL Server table to a file and prove the file on another instance."""

from __future__ import annotations

from typing import Any, ClassVar

from ..plugin_utils.tables.exporting import ExportAction


class ActionModule(ExportAction):
    KEY = "bcp"
    ENGINE = "sqlserver"
    ARGUMENT_SPEC: ClassVar[dict[str, Any]] = {
        **ExportAction.SHARED,
        "database": {"type": "str", "default": "mvf"},
        "server": {"type": "str", "default": "."},
        "account": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "passkey": {"type": "str"},
        "format": {"type": "str", "default": "character", "choices": ["character", "unicode"]},
        "client": {"type": "str", "default": "osql", "choices": ["osql", "sqlcmd"]},
        "verify_on_production": {"type": "bool", "default": False},
        "hash_rows_max": {"type": "int", "default": 100000},
        "verify_instance": {
            "type": "dict",
            "options": {
                "station": {"type": "str"},
                "server": {"type": "str", "default": "."},
                "folder": {"type": "str", "default": "C:\\impax-verify"},
            },
        },
    }
