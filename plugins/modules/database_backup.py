#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documentation of the action database_backup."""

from __future__ import annotations

DOCUMENTATION = r"""
module: database_backup
short_description: Back up a database in full, and prove the backup
version_added: 0.2.0
description:
  - Makes a full backup unless the journal knows one of this database that was proved, is young enough and is still there and
    whole. Sections S30, S31 (SQL Server), S32 (Oracle on Windows) and S33 (Oracle on Solaris).
  - On Oracle the vendor's C(runbackup) runs as a detached job that outlives connection and controller. Its exit code is not
    believed. RMAN's list since the start must name every datafile whole and the control file, all pieces AVAILABLE and on the
    disk in full size, and C(validate) must have read each of them to its end.
  - On SQL Server the database is backed up to a new file, which is verified and whose header is read back.
  - Each way in which a backup can be none is a finding of its own. What was not seen is unknown, never ok.
  - In check mode nothing is started or written.
options:
  engine:
    description: Engine of the database.
    type: str
    required: true
    choices: [oracle, sqlserver]
  max_age_hours:
    description: Hours for which a proved backup counts; then a new one is due.
    type: int
    default: 24
  accept_own:
    description:
      - Let a full backup count that the site made itself, when it is at most O(max_age_hours) old and can be proved now.
        Without it only a backup of this action counts.
    type: bool
    default: true
  used_percent:
    description:
      - How much of the database's used space, in percent, a full backup has at least; a smaller one is a blocker
        (SQL Server). The default is assumed.
    type: int
    default: 30
  folder:
    description: Folder on the station for the backup's new file (SQL Server).
    type: str
  versions:
    description:
      - Versions of SQL Server that this section is about; on another one it is not applicable. Empty means any (SQL Server).
    type: list
    elements: int
    choices: [2000, 2005, 2008]
    default: []
  carry_off:
    description:
      - Carry the backup's files (Oracle - the pieces on disk) to C(copies) in the folder of the journal and compare them
        there. The controller keeps 1 GiB to spare; without room nothing is carried, and the finding says so.
    type: bool
    default: true
  runbackup:
    description:
      - Path of the vendor's script (Oracle). A path with a drive letter makes the station a Windows one, where it is started
        as C(bash runbackup) in its folder, for example V(C:\mvf\bin\runbackup).
    type: str
    default: /usr/mvf/bin/runbackup
  bash:
    description: The bash that the script is started with on Windows (Oracle).
    type: str
    default: bash
  mode:
    description:
      - Whether the site's C(runbackup) is hot or cold. V(cold) and V(unknown) need an approval that accepts
        C(stops_database); a hot one needs ARCHIVELOG (Oracle).
    type: str
    default: unknown
    choices: [hot, cold, unknown]
  destination:
    description:
      - Where C(runbackup) writes to (Oracle). For V(tape) a person has to attest, since the last backup, which tape is in the
        drive; room on disk is not looked at.
    type: str
    default: disk
    choices: [disk, tape]
  media_label:
    description: What the label of the tape says; the attestation's note must hold it (Oracle).
    type: str
  tape_device:
    description: Device of the tape drive that does not rewind by itself when it is closed (Solaris).
    type: str
    default: /dev/rmt/0n
  tape_wait:
    description: Seconds to wait for the tape to be rewound after the backup (Solaris).
    type: int
    default: 600
  rman:
    description: RMAN as the station finds it (Oracle).
    type: str
    default: rman
  expected_mb:
    description:
      - Size of the next backup in MB of 1024 KB, for the room that is wanted. Without it the last complete backup's size is
        taken, or what the datafiles hold.
    type: int
  margin_percent:
    description: Room wanted on top of the expected size, in percent.
    type: int
    default: 10
  window:
    description:
      - Hours by the controller's clock in which a backup may start, for example V(22:00-05:00); by the time that the last one
        took it has to fit. One that runs is never ended. Without it a backup may start at any time.
    type: str
  job_limit:
    description: Seconds to wait for a job. After that it goes on by itself and is found again by the next run.
    type: int
    default: 43200
extends_documentation_fragment:
  - impax.upgrade.station
  - impax.upgrade.database
  - impax.upgrade.database.sqlserver
  - impax.upgrade.database.oracle
seealso:
  - module: impax.upgrade.rman
  - module: impax.upgrade.audit_table
author:
  - impax.upgrade contributors (@impax-upgrade)
"""

EXAMPLES = r"""
- name: Back up an AS3000 database server
  impax.upgrade.database_backup:
    section: S33
    engine: oracle
    os_user: oracle
    mode: hot

- name: Back up an AS300 database server with Oracle
  impax.upgrade.database_backup:
    section: S32
    engine: oracle
    runbackup: C:\mvf\bin\runbackup
    mode: cold
    window: 22:00-05:00

- name: Back up an AS300 database server with SQL Server
  impax.upgrade.database_backup:
    section: S31
    engine: sqlserver
    folder: D:\backup
"""

RETURN = r"""
verdict:
  description: The worst verdict of the findings.
  returned: always
  type: str
  sample: changed
findings:
  description: What was judged, each with key, station, verdict, summary, evidence and its hash.
  returned: always
  type: list
  elements: dict
  sample:
    - key: database_backup.verified
      section: S33
      station: as3000
      verdict: changed
      summary: A full backup of MVF on as3000 is done and verified.
backup:
  description: The backup that was made, as it was journalled.
  returned: when one was made
  type: dict
  sample: {database: MVF, where: ['31', '32'], bytes: 3435973837}
msg:
  description: The summaries of the findings that stand in the way, or of the last one.
  returned: always
  type: str
  sample: A full backup of MVF on as3000 is done and verified.
"""
