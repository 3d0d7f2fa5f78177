# SPDX-License-Identifier: GPL-3.0-or-later
"""From a vendor's SQL to SQLite's: what is parsed by sqlglot is resolved against the catalogue, typed, and written anew.

Only what is known is written; any other node, or any part of a node that nobody looks at, is a `Problem`, never left out.
"""
