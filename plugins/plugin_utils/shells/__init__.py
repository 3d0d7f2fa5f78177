# SPDX-License-Identifier: GPL-3.0-or-later
"""How words are written for a shell, so that they arrive as they were meant. One module a shell; pure.

These modules are, with the scrubber, the only place where a Secret is opened.
"""

from __future__ import annotations


class Refused(ValueError):
    """The command cannot be carried safely by this shell. Nothing was sent; nothing was mangled."""
