#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documentation of the action monitor_add."""

from __future__ import annotations

DOCUMENTATION = r"""
module: monitor_add
short_description: Give the tablespaces that the migration fills their room
version_added: 0.2.0
description:
  - Reads from Oracle's dictionary how much room each tablespace has. Where one is short it proposes data files, and adds
    them by the vendor's C(monitor_add) once that was approved. Sections S18 (Windows) and S19 (Solaris).
  - Free room is free extents, expired extents of UNDO, and what the files may grow by themselves as far as the disk has it.
  - Before and after, the figures of the vendor's C(monitor_stats) have to agree with the dictionary.
  - An instance or a listener that is down is a blocker, and is started with an approval only.
  - Check mode and O(read_only) read the dictionary and nothing else; C(monitor_update) may write.
options:
  system:
    description: Operating system of the database server.
    type: str
    required: true
    choices: [solaris, windows]
  database:
    description: Name that the database has to have.
    type: str
    default: MVF
  tablespaces:
    description: Tablespaces that need room.
    type: list
    elements: str
    default: [MVFL, MVFLINDX, MVF, MVFINDX, UNDO]
  free_mb:
    description: Free room in MB that each of O(tablespaces) needs.
    type: int
    default: 1990
  file_mb:
    description: Size in MB of a data file that is added.
    type: int
    default: 2000
  disk_margin_mb:
    description: Room in MB that stays free on the disk on top of the data files and of the growth that is counted on.
    type: int
    default: 1024
  folders:
    description:
      - Folder for new data files by the name of the tablespace. Without it they go beside the tablespace's last file.
    type: dict
  backup_max_age_hours:
    description: Age in hours that the verified backup behind an adding may have.
    type: float
    default: 24.0
  stats_pattern:
    description:
      - Regular expression for one tablespace in what C(monitor_stats) prints, for a site whose table is not understood. Its
        groups C(name) and C(free) are needed, C(total) and C(unit) are not. Without C(unit) figures are MB.
    type: str
  bin_folder:
    description:
      - Folder of the vendor's programs. Without it C(/usr/mvf/bin) on Solaris, C(C:\mvf\bin) on Windows.
    type: str
  os_user:
    description:
      - Account of the operating system that asks the database. Without it C(oracle) on Solaris, the log-on on Windows. It is
        in the group that may log on as SYSDBA.
    type: str
  monitor_user:
    description:
      - Account that runs the vendor's programs. Without it C(mvf) on Solaris, the log-on on Windows.
    type: str
  client:
    description: Command line client of Oracle. Without it C(sqlplus).
    type: str
  lsnrctl:
    description: Control program of the listener.
    type: str
    default: lsnrctl
  dbstart:
    description: Program that starts the instance (Solaris).
    type: str
    default: dbstartmvf
  services:
    description: Services of the instance, in the order in which they are started (Windows). One that is not installed is left out.
    type: list
    elements: str
    default: [OracleServerMVF, OracleServiceMVF]
  query_seconds:
    description: Longest time in seconds for the questions to the dictionary.
    type: int
    default: 300
  add_seconds:
    description: Longest time in seconds for adding one file.
    type: int
    default: 3600
  start_seconds:
    description: Longest time in seconds for an instance that was started to be open.
    type: int
    default: 300
  read_only:
    description: Only read and judge, as the assessment does; start and add nothing, and run none of the vendor's programs.
    type: bool
    default: false
extends_documentation_fragment:
  - impax.upgrade.station
seealso:
  - module: impax.upgrade.integrity
author:
  - impax.upgrade contributors (@impax-upgrade)
"""

EXAMPLES = r"""
- name: Room in the tablespaces of an AS3000 database server
  impax.upgrade.monitor_add:
    section: S19
    system: solaris

- name: Room in the tablespaces of an AS300 database server with Oracle, files on another disk for one of them
  impax.upgrade.monitor_add:
    section: S18
    system: windows
    os_user: AgfaService
    monitor_user: AgfaService
    folders:
      MVFL: E:\oradata\MVF
"""

RETURN = r"""
verdict:
  description: The worst verdict of the findings.
  returned: always
  type: str
  sample: attention
findings:
  description: What was judged, each with key, station, verdict, summary, evidence and its hash.
  returned: always
  type: list
  elements: dict
  sample:
    - key: monitor_add.add
      section: S19
      station: as3000
      verdict: attention
      summary: Adding /data/MVF/mvfl03.dbf (2000 MB) to MVFL on as3000 awaits an approval.
msg:
  description: The summaries of the findings that stand in the way, or of the last one.
  returned: always
  type: str
  sample: MVFL on as3000 has 2801 MB free (2801 in extents); 1990 MB are wanted.
"""
