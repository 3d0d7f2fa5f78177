# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL Server, in parts: errors, types, functions, its dialect, batches, statements, the catalogue, databases."""
