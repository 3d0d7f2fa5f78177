# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle's services on Windows by sc and net: RUNNING says that the service runs, not that the instance is open."""

from __future__ import annotations

from .net import start as start
from .net import why as why
from .sc import query as query
from .sc import state as state
