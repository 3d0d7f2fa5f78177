# SPDX-License-Identifier: GPL-3.0-or-later
"""/bin/sh of Solaris 10. Every text it is given is read first; what the Bourne shell has not got fails loudly.

The text then runs in dash. A script on standard input is read as far as it has come before anything of it runs.
"""

from __future__ import annotations

from impax_lab.unix import shell

NAMES = ("sh",)
SYSTEMS = ("unix",)
SOURCES = "sh(1) of Solaris 10 as far as `impax_lab.unix.bourne` names it; dash for the rest (assumed)"
SPECIAL: dict[str, str] = {}
PLACES = {"unix": ["/usr/bin", "/sbin"]}
FAILURE = "sh: cannot fork: no swap space\n"
main = shell.bourne
