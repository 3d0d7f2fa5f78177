# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue's views, made from what the engine holds at the moment that they are asked: those of SQL Server 2000, those
of INFORMATION_SCHEMA, and from 2005 on those of sys. Of each the columns that people ask for; another one is Msg 207."""

from __future__ import annotations

from impax_lab.engine.ms import views_msdb
from impax_lab.engine.ms.views import Catalogue
from impax_lab.engine.ms.views_2000 import OLD
from impax_lab.engine.ms.views_2005 import SYS
from impax_lab.engine.ms.views_info import INFORMATION_SCHEMA


def find(version: int, database: str, owner: str, name: str) -> Catalogue | None:
    """A view by its name: dbo.sysobjects, information_schema.tables, sys.tables."""
    owner, name = owner.lower(), name.lower()
    if owner == "information_schema":
        return INFORMATION_SCHEMA.get(name)
    if owner == "sys":
        return None if version < 9 else SYS.get(name) or OLD.get(name)
    if owner in ("", "dbo"):
        if database.lower() == "msdb" and name in views_msdb.TABLES:
            return views_msdb.find(version, name)
        found = OLD.get(name)
        if found is not None and found.master_only and database.lower() != "master" and version < 9:
            return None
        return found
    return None
