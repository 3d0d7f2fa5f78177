# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection by the operating system to an instance that is not started: it is there, and nothing works on it."""

from __future__ import annotations

from impax_lab.engine.oracle import OracleError, Result

NOT_STARTED = "ORA-01034: ORACLE not available\nProcess ID: 0\nSession ID: 0 Serial number: 0"


class Idle:
    """As `impax_lab.engine.ora.session.Session`, as far as SQL*Plus uses it."""

    user = "SYS"

    def execute(self, sql: str) -> Result:
        raise OracleError(1034, NOT_STARTED, 1, 1)

    def commit(self) -> None:
        """There is nothing to commit."""

    rollback = close = commit
