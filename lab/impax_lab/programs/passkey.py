# SPDX-License-Identifier: GPL-3.0-or-later
"""passkey of IMPAX: gives out a password that it keeps. ``passkey -M QUERY -u sa`` stands in the vendor's text.

All else is `assumed`: that the password is the only line printed, that -M CHECKKEY says whether there is a key, the
wording and the exit codes of its failures.
"""

from __future__ import annotations

from impax_lab.program import Call

NAMES = ("passkey",)
SYSTEMS = ("unix", "windows")
SOURCES = "the vendor's upgrade guide for `-M QUERY -u sa`; everything else assumed"
SPECIAL = {
    "no_key": "the key file is lost: no password can be given",
    "empty_password": "it prints an empty line and ends with 0: the password was never stored",
    "old_password": "the password it keeps was changed in the database since",
    "banner": "it prints a banner before the password",
}
PLACES = {"unix": ["/usr/mvf/bin"], "windows": ["C:\\mvf\\bin"]}
FAILURE = "passkey: cannot open key file\n"
USAGE = "usage: passkey -M QUERY|CHECKKEY -u user\n"


def main(call: Call) -> int:
    options = dict(zip(call.words[1::2], call.words[2::2], strict=False))
    mode, user = options.get("-M", ""), options.get("-u", "")
    if len(call.words) % 2 == 0 or set(options) - {"-M", "-u"} or mode not in ("QUERY", "CHECKKEY") or not user:
        call.err(USAGE)
        return 2
    password = _kept(call).get(user.lower())
    if call.behaviour == "no_key" or password is None:
        call.err(f"passkey: no key for user {user}\n")
        return 1
    if mode == "CHECKKEY":
        return 0
    if call.behaviour == "banner":
        call.out("IMPAX passkey\n\n")
    call.out({"empty_password": "\n", "old_password": f"old-{password}\n"}.get(call.behaviour or "", f"{password}\n"))
    return 0


def _kept(call: Call) -> dict[str, str]:
    """Every account of the station's databases with its password, as the site has it."""
    spec = call.station.spec
    accounts = {**spec.oracle.get("users", {}), **spec.sqlserver.get("logins", {})}
    return {str(name).lower(): str(account["password"]) for name, account in accounts.items() if "password" in account}
