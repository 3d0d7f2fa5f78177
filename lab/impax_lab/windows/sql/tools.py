# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the clients of each SQL Server lie: 2000 has osql, isql and bcp, 2005 brought sqlcmd and left isql out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from impax_lab.site import Station

FOLDER = r"C:\Program Files\Microsoft SQL Server\{number}\Tools\Binn"
NUMBERS = {8: 80, 9: 90, 10: 100, 11: 110, 12: 120}
SINCE, UNTIL = {"sqlcmd": 9}, {"isql": 8}  # major versions


def major(station: Station) -> int:
    """Of the station's server; tools without a server are those of 2005."""
    return int(str(station.sqlserver.get("version", "9")).partition(".")[0])


def folder(station: Station) -> str:
    return FOLDER.format(number=NUMBERS.get(major(station), 90))


def places(station: Station, name: str) -> list[str]:
    """The folders that have the client `name`; none where its version has not got it."""
    version = major(station)
    return [folder(station)] if SINCE.get(name, 0) <= version <= UNTIL.get(name, version) else []
