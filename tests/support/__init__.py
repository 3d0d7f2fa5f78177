# SPDX-License-Identifier: GPL-3.0-or-later
"""What several tests share: reading this repository's own files. Imports nothing of the collection."""
