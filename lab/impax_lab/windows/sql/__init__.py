# SPDX-License-Identifier: GPL-3.0-or-later
"""What SQL Server's command-line clients have in common: switches, log-on, how values and result sets are printed."""
