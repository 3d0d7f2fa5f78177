# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: built from the journal by `build`, shown by `html`, `junit` and `table`, put in its folder by `write`."""
