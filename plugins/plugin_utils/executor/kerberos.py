# SPDX-License-Identifier: GPL-3.0-or-later
"""A Kerberos ticket for one connection, fetched by kinit. `assumed`: no Kerberos realm was at hand."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from typing import IO, Any

from .windows_failures import WrongCredentials


def ticket(user: str, password: str, kinit: str, arguments: Sequence[str], passed_on: Sequence[str]) -> IO[Any]:
    """The file of a ticket cache of its own, gone when it is closed. passed_on: names of variables that kinit gets.

    KRB5CCNAME of this process then names it: that is where the Kerberos library looks.
    """
    cache: IO[Any] = tempfile.NamedTemporaryFile(prefix="impax-krb5-")  # noqa: SIM115 - the connection closes it
    os.environ["KRB5CCNAME"] = f"FILE:{cache.name}"
    kept = {name: os.environ[name] for name in ("PATH", *passed_on) if name in os.environ}
    ran = subprocess.run(
        [kinit, *arguments, user],
        input=f"{password}\n".encode(),
        capture_output=True,
        start_new_session=True,
        env={**kept, "KRB5CCNAME": os.environ["KRB5CCNAME"]},
        check=False,
    )
    if ran.returncode:
        cache.close()
        raise WrongCredentials(f"no Kerberos ticket for {user}: {kinit} ended with {ran.returncode}")
    return cache
