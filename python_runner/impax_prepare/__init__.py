# SPDX-License-Identifier: GPL-3.0-or-later
"""impax-prepare: a small wrapper over ansible-runner, and the journal's other readers and writers.

It knows folders, playbooks and the journal. It knows nothing of any server.
"""
