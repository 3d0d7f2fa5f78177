# SPDX-License-Identifier: GPL-3.0-or-later
"""What the actions that ask a database have in common."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  account:
    description:
      - Account of the database that asks. Without it the log-on of the operating system is taken - C(/ as sysdba) on
        Oracle, the Windows log-on on SQL Server.
    type: str
  password:
    description:
      - Password of O(account). It travels by standard input (Oracle) or by the environment of the one call (SQL Server).
      - On SQL Server, without it O(passkey) is asked.
    type: str
  client:
    description:
      - Command line client. On Oracle C(sqlplus). On SQL Server C(sqlcmd) where the station has it, else C(osql).
    type: str
"""

    SQLSERVER = r"""
options:
  passkey:
    description: Path of the vendor's passkey on the station, for O(account) without O(password).
    type: str
  server:
    description: Instance of SQL Server as the station's own clients name it.
    type: str
    default: "."
  database:
    description: Database of SQL Server.
    type: str
    default: mvf
"""

    ORACLE = r"""
options:
  os_user:
    description:
      - Account of the operating system that runs the programs. Without it the account of the log-on. On Windows it can only be the
        log-on's own; any other is refused before anything runs.
    type: str
"""
