# SPDX-License-Identifier: GPL-3.0-or-later
"""What of Wine's registry makes a clone the station it stands for. Written while no server of the prefix runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

# Of Wine's programs these do as the real ones do, or are needed to run at all (Wine 8.0, each one tried). All others
# print nothing and end with 0, or are not there on a real station: the relay stands in their place, and where the lab
# has no program of the name it says so loudly.
WINES_OWN = {
    "attrib", "cmd", "conhost", "dllhost", "expand", "explorer", "ntoskrnl", "ping", "plugplay", "reg", "rpcss",
    "rundll32", "services", "spoolsv", "start", "svchost", "taskkill", "wineboot", "winedevice", "winemenubuilder",
    "xcopy",
}  # fmt: skip
# Windows has these, Wine has not, and the lab may not have them either: their calls are to be seen.
MISSING = {
    "at", "bcdedit", "bootcfg", "chkdsk", "choice", "chkntfs", "comp", "compact", "convert", "defrag", "diskpart",
    "driverquery", "eventcreate", "eventquery", "forfiles", "getmac", "gpresult", "label", "logman", "mode",
    "mountvol", "msg", "nbtstat", "nltest", "nslookup", "openfiles", "pathping", "powershell", "query", "quser",
    "qwinsta", "replace", "route", "runas", "servermanagercmd", "sfc", "sort", "takeown", "timeout", "tracert", "tree",
    "tzutil", "typeperf", "vssadmin", "w32tm", "wbadmin", "winrm", "winrs", "wmic",
}  # fmt: skip

VERSIONS = {"5.2": "win2003", "6.0": "win2008", "6.1": "win2008r2"}  # names of Wine's setting


def adapt(prefix: Path, release: str, native: Iterable[str]) -> None:
    """release: ``6.0.6002`` and the like. native: programs (bare names) that the prefix has its own file of."""
    overrides = "".join(f'"{name}.exe"="native"\n' for name in sorted(native))
    version = VERSIONS.get(".".join(release.split(".")[:2]), "win2008")
    with (prefix / "user.reg").open("a", encoding="utf-8") as user:
        user.write(f"\n[Software\\\\Wine\\\\DllOverrides] 1700000000\n{overrides}")
        user.write(f'\n[Software\\\\Wine] 1700000000\n"Version"="{version}"\n')
