# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle, in parts: errors, types, dates, functions, its dialect, statements, PL/SQL, the dictionary."""
