# SPDX-License-Identifier: GPL-3.0-or-later
"""What exp and imp of Oracle share: their parameters, their dump file, their talk with the database."""
