# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows stations for the tests of the executor, and a transport to one of them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from ansible.playbook.play_context import PlayContext
from ansible.plugins import loader
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor.choose import connect
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor.windows import WindowsTransport

COMPILER = "x86_64-w64-mingw32-gcc-win32"
WORDS_C = r"""
#include <windows.h>
#include <stdio.h>
#include <wchar.h>
int _dowildcard = 0;
int wmain(int argc, wchar_t **argv)     /* each word as the hexadecimal of its UTF-8, each ended by a dot */
{
    static unsigned char utf8[100000];
    for (int i = 1; i < argc; i++, putchar('.')) {
        int n = WideCharToMultiByte(CP_UTF8, 0, argv[i], -1, (char *)utf8, sizeof utf8, NULL, NULL);
        for (int k = 0; k < n - 1; k++) printf("%02x", utf8[k]);
    }
    return argc - 1;
}
"""


def station(**differs: Any) -> dict[str, Any]:
    """A Windows 2008 station of a site description."""
    return {
        "type": "as300_sqlserver", "system": "windows", "release": "6.0.6002", "codec": "cp850", "user": "impax",
        "password": "Secret-1", "disks": {"C:": 20000, "D:": 8000},
    } | differs  # fmt: skip


def carrier(variables: dict[str, Any], **differs: Any) -> WindowsTransport:
    """A transport of its own to the station with these inventory variables."""
    known = {**variables, **differs}
    connection = connect(loader, PlayContext(), known, lambda value: value)
    return WindowsTransport(connection, user=known["ansible_user"], codec=known.get("impax_codec", "cp850"))


def place_words_program(root: Path, folder: Path) -> None:
    """``words.exe`` on the station whose files are under `root`: it prints the words that it was given."""
    (folder / "words.c").write_text(WORDS_C)
    target = root / "c" / "windows" / "words.exe"
    subprocess.run([COMPILER, "-O2", "-s", "-municode", "-o", target, folder / "words.c"], check=True, timeout=60)


def words_printed(stdout: bytes) -> list[str]:
    return [bytes.fromhex(word).decode() for word in stdout.decode().split(".")[:-1]]
