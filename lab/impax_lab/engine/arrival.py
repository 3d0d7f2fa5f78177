# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows that keep arriving while the station works: a thread a table, at the pace that the site gives."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

LEAST = 0.02  # seconds between two arrivals; quicker ones come several at once


class Arrivals:
    """rates: rows a second by table. arrive(table, n): puts them there, and waits for locks as long as it takes."""

    def __init__(self, rates: Mapping[str, float], arrive: Callable[[str, int], int]) -> None:
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep_on, args=(name, rate, arrive), daemon=True, name=f"arrival {name}")
            for name, rate in rates.items()
            if rate > 0
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """No more of them; one that waits for a lock goes when the locks are closed."""
        self._over.set()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(5)

    def _keep_on(self, name: str, rate: float, arrive: Callable[[str, int], int]) -> None:
        began, came = time.monotonic(), 0
        while not self._over.wait(max(LEAST, 1 / rate)):
            due = int((time.monotonic() - began) * rate) - came
            if due > 0:
                arrive(name, due)
                came += due
