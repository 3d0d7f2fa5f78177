# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of the stations, one file each, found by `impax_lab.program.discover`."""
