# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m impax_prepare``."""

import sys

from .cli import main

sys.exit(main())
