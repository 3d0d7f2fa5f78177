# SPDX-License-Identifier: GPL-3.0-or-later
"""Recovery Manager of Oracle and the pieces that it writes.

- `catalogue`: what the control file knows of backups; it outlives a process and the station's views read it too;
- `pieces`: the pieces on disk and tape, and whether they can still be read;
- `retention`: what is obsolete, what the recovery area holds;
- `forms`: dates, sizes, languages, error stacks; `listing`, `checking`, `removing`, `backing`: the commands;
- `session`: connecting and reading commands.

Sources: Oracle Database Backup and Recovery Reference 10g Release 2 and 11g Release 2, public console output for the forms.
"""
