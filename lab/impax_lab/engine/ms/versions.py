# SPDX-License-Identifier: GPL-3.0-or-later
"""What each version of SQL Server says of itself."""

from __future__ import annotations

FULL_VERSIONS = {"2000": "8.00.2039", "2005": "9.00.4035.00", "2008": "10.0.2531.0"}
NAMES = {8: "Microsoft SQL Server  2000", 9: "Microsoft SQL Server 2005", 10: "Microsoft SQL Server 2008"}
LEVELS = {"8.00.2039": "SP4", "9.00.4035": "SP3", "9.00.5000": "SP4", "10.0.2531": "SP1", "10.0.4000": "SP2"}
FILE_VERSIONS = {8: 539, 9: 611, 10: 655}
ABOUT = {  # @@VERSION: words behind the name, of the build, of the system it runs on; assumed where no public output has that build
    "8": ("", "May  3 2005 23:18:38", "Copyright (c) 1988-2003 Microsoft Corporation", "Windows NT 5.2 (Build 3790: Service Pack 2)"),
    "9": ("", "May 26 2009 14:24:20", "Copyright (c) 1988-2005 Microsoft Corporation", "Windows NT 6.0 (Build 6002: Service Pack 2)"),
    "10.0": (" ({level})", "Mar 29 2009 10:27:29", "Copyright (c) 1988-2008 Microsoft Corporation",
             "Windows NT 6.0 <X86> (Build 6002: Service Pack 2)"),
    "10.5": (" R2 ({level})", "Apr  2 2010 15:53:02", "Copyright (c) Microsoft Corporation",
             "Windows NT 6.0 <X86> (Build 6002: Service Pack 2)"),
}  # fmt: skip
FOLDERS = {8: "MSSQL", 9: r"MSSQL.1\MSSQL", 10: r"MSSQL10.{name}\MSSQL"}


def banner(full: str, level: str, edition: str) -> str:
    """@@VERSION. full: 9.00.4035.00"""
    known = next((about for start, about in ABOUT.items() if full.startswith(start)), ABOUT["9"])
    more, built, rights, system = known
    name = NAMES.get(int(full.split(".")[0]), "Microsoft SQL Server") + more.format(level=level)
    return f"{name} - {full} (Intel X86) \n\t{built} \n\t{rights}\n\t{edition} on {system}\n"
