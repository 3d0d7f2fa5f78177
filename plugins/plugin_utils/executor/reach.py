# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a TCP port takes a connection, tried from the controller: nothing is sent, and it is closed at once."""

from __future__ import annotations

import socket

OPEN, REFUSED, SILENT = "open", "refused", "silent"


def reach(host: str, port: int, seconds: float) -> str:
    """OPEN, REFUSED (the host said no), SILENT (no answer in `seconds`), or a sentence on why it could not be tried.

    An address that answers for another machine (a proxy, a tunnel) is taken for the machine itself: assumed not to be.
    """
    try:
        with socket.create_connection((host, port), timeout=seconds):
            return OPEN
    except ConnectionRefusedError:
        return REFUSED
    except TimeoutError:
        return SILENT
    except OSError as error:
        return f"{host} could not be tried: {error.strerror or error}"
