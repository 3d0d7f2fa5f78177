# SPDX-License-Identifier: GPL-3.0-or-later
"""id of Solaris 10 (/usr/bin/id): ``uid=0(root) gid=0(root)``; it has -a and -p and nothing else."""

from __future__ import annotations

from impax_lab.unix import root
from impax_lab.unix.relay import UnixCall

NAMES = ("id",)
SYSTEMS = ("unix",)
SOURCES = "id(1M) of Solaris 10, /usr/bin/id (not /usr/xpg4/bin/id); the wording of the refusals is assumed"
SPECIAL: dict[str, str] = {}
USAGE = "Usage: id [-ap] [user]\n"


def main(call: UnixCall) -> int:
    options = "".join(word[1:] for word in call.words[1:] if word.startswith("-"))
    names = [word for word in call.words[1:] if not word.startswith("-")]
    for option in options:
        if option not in "ap":
            call.err(f"id: illegal option -- {option}\n{USAGE}")
            return 1
    name = names[0] if names else call.user
    account = root.users(call.station).get(name)
    if account is None:
        call.err(f'id: invalid user name: "{name}"\n')
        return 1
    group = f"{account['gid']}({account['group']})"
    call.out(f"uid={account['uid']}({name}) gid={group}{f' groups={group}' if 'a' in options else ''}\n")
    return 0
