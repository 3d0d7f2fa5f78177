# SPDX-License-Identifier: GPL-3.0-or-later
"""What of Wine's registry makes a clone the station it stands for. Written while no server of the prefix runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

# Wine's own versions of these print nothing, or nothing true, and end with 0 (Wine 8.0, each one tried); some it
# has not got at all. Where the lab has no program of the name, the relay says so loudly.
SILENT = {
    "arp", "cacls", "certutil", "fc", "findstr", "icacls", "net", "netsh", "powershell", "schtasks", "setx", "shutdown",
    "subst", "systeminfo", "tasklist", "wevtutil", "where", "reg", "regedit", "ipconfig", "netstat", "dism", "sc",
    "fsutil", "robocopy", "wmic", "find", "hostname", "whoami", "taskkill", "ping", "attrib", "expand", "xcopy", "more",
    "choice", "cscript", "wscript", "mshta", "msiexec", "at", "chcp", "eject", "print", "pnputil", "wusa",
    "presentationfontcache",
}  # fmt: skip
MISSING = {
    "sort", "timeout", "diskpart", "bcdedit", "driverquery", "comp", "tree", "chkdsk", "defrag", "vssadmin", "gpresult",
    "eventcreate", "openfiles", "forfiles", "w32tm", "nslookup", "route", "typeperf", "bootcfg",
}  # fmt: skip
WINES_OWN = {"reg", "regedit", "ping", "attrib", "expand", "xcopy", "more", "chcp", "taskkill", "cscript", "wscript"}
NOT_WINES_OWN = (SILENT | MISSING) - WINES_OWN

VERSIONS = {"5.2": "win2003", "6.0": "win2008", "6.1": "win2008r2"}  # names of Wine's setting


def adapt(prefix: Path, release: str, native: Iterable[str]) -> None:
    """release: ``6.0.6002`` and the like. native: programs (bare names) that the prefix has its own file of."""
    overrides = "".join(f'"{name}.exe"="native"\n' for name in sorted(native))
    version = VERSIONS.get(".".join(release.split(".")[:2]), "win2008")
    with (prefix / "user.reg").open("a", encoding="utf-8") as user:
        user.write(f"\n[Software\\\\Wine\\\\DllOverrides] 1700000000\n{overrides}")
        user.write(f'\n[Software\\\\Wine] 1700000000\n"Version"="{version}"\n')
