#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documentation of the action configuration_backup."""

from __future__ import annotations

DOCUMENTATION = r"""
module: configuration_backup
short_description: Save an Application Server's configuration, prove it and carry it off
version_added: 0.2.0
description:
  - Runs C(backupconfiguration) from the folder C(appserver) of the Business Services medium (S28), finds the new folder
    by comparing the folders before and after, and proves it by its files - at least one, none of them empty, each with
    its size and SHA-1, none missing that the last backup had.
  - The files are copied to C(copies/STATION/configuration) in the folder of the journal, readable for their owner alone.
    They may hold passwords and names, are never read, and belong into nothing that is handed on.
  - A backup that is younger than O(max_age_hours) and whose files still have the same sizes and SHA-1 is not made again.
    A folder of other hands, or of a run whose end was not seen, never counts.
  - The program gets no input. One that waits for a key or a dialog all the same is given up after O(backup_seconds).
options:
  medium:
    description:
      - Where the Business Services medium lies on the station, like V(E:\\), or the folder that it was copied to.
    type: str
  folder:
    description: The folder in which the program makes a new folder for each backup.
    type: str
    default: C:\Impax\ConfigurationsBackups
  max_age_hours:
    description: For how long in hours a backup stands.
    type: float
    default: 24.0
  room_mb:
    description: How many MiB have to be free on the drive of O(folder); twice the size of the last backup, too.
    type: int
    default: 100
  carry_off:
    description: Whether the files are copied to the controller. Without it a person has to.
    type: bool
    default: true
  os_user:
    description: Account that has to run the program; on Windows only the log-on's own can be had.
    type: str
  backup_seconds:
    description: Longest time in seconds for the program.
    type: int
    default: 1800
extends_documentation_fragment:
  - impax.upgrade.station
seealso:
  - module: impax.upgrade.database_backup
author:
  - impax.upgrade contributors (@impax-upgrade)
"""

EXAMPLES = r"""
- name: Save the Application Server's configuration
  impax.upgrade.configuration_backup:
    section: S28
    medium: E:\
"""

RETURN = r"""
verdict:
  description: The worst verdict.
  returned: always
  type: str
  sample: changed
findings:
  description: V(configuration_backup.folder) with the folder, its files counted, and V(configuration_backup.copy).
  returned: always
  type: list
  elements: dict
msg:
  description: The summaries of what is not good, else the last one.
  returned: always
  type: str
  sample: >-
    The configuration of appserver is saved to C:\Impax\ConfigurationsBackups\20261124080000: 6 files with 52341 bytes,
    none empty, each with its SHA-1.
"""
