# SPDX-License-Identifier: GPL-3.0-or-later
"""/bin/csh as an account's shell: it reads .cshrc first, and takes one plain command. Anything more is refused.

A real csh understands much more; whoever sends it more than plain words relies on a shell that differs from account to
account, so the lab says no. `assumed`: the wording.
"""

from __future__ import annotations

from impax_lab.unix import shell

NAMES = ("csh",)
SYSTEMS = ("unix",)
SOURCES = "csh(1): .cshrc is read by every csh; the refusals are the lab's own"
SPECIAL: dict[str, str] = {}
main = shell.csh
