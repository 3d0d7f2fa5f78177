# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL*Plus, in parts: its settings, its layout of rows, its commands, its script."""
