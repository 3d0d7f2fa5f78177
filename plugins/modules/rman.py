#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documentation of the action rman."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rman
short_description: Delete old RMAN backup sets, by the room in the recovery area, once that was approved
version_added: 0.2.0
description:
  - Reads the recovery area and RMAN's list, chooses what may go, and deletes it set by set when an approval is bound to that
    very list with its sizes. Section S29.
  - Where the next backup fits, nothing goes before it; run this again after the backup. Where it does not, expired and
    obsolete sets go first, then the oldest, only until it fits.
  - Never goes - the newest complete backups (O(keep)), which are read to their end by C(validate) before anything is
    deleted; the backup that was proved for this upgrade; archived logs that these need; what the site marked KEEP; sets
    younger than O(older_than_days); sets on tape or UNAVAILABLE, unless they are named in O(keys).
  - After the deletion the list is read again; a set that it still names is a blocker.
  - In check mode nothing is written - no crosscheck, no deletion.
options:
  keys:
    description:
      - BS Keys of the sets to delete, instead of what the policy would choose. A set that has to stay is refused, and then
        none is deleted; one that is not listed any more is done.
    type: list
    elements: int
    default: []
  keep:
    description: Complete backups that stay, at least 1.
    type: int
    default: 1
  older_than_days:
    description: Age in days from which on the policy may choose a set. Expired sets hold nothing and may go at any age.
    type: int
    default: 1
  expected_mb:
    description:
      - Size of the next backup in MB of 1024 KB. Without it the last complete backup's size is taken, or what the
        datafiles hold.
    type: int
  margin_percent:
    description: Room wanted on top of the expected size, in percent.
    type: int
    default: 10
  crosscheck:
    description: Let RMAN look for each piece before the list is read; it writes down which ones are not there.
    type: bool
    default: true
  max_age_hours:
    description: Hours for which a backup that was proved for this upgrade counts as just made.
    type: int
    default: 24
  runbackup:
    description:
      - Path of the vendor's backup script; only read for whether the station is a Windows one (a path with a drive letter).
    type: str
    default: /usr/mvf/bin/runbackup
  rman:
    description: RMAN as the station finds it.
    type: str
    default: rman
  os_user:
    description:
      - Account of the operating system that asks, in the dba group (Solaris). Without it the account of the log-on, which on
        Windows is the only one (ORA_DBA).
    type: str
  client:
    description: Command line client of the database.
    type: str
  job_limit:
    description: Seconds to wait for the validation of what stays.
    type: int
    default: 43200
extends_documentation_fragment:
  - impax.upgrade.station
seealso:
  - module: impax.upgrade.database_backup
author:
  - impax.upgrade contributors (@impax-upgrade)
"""

EXAMPLES = r"""
- name: Make room for the backup of an AS3000 database server
  impax.upgrade.rman:
    section: S29
    os_user: oracle

- name: Delete two sets by their keys on an AS300 database server with Oracle
  impax.upgrade.rman:
    section: S29
    runbackup: C:\mvf\bin\runbackup
    keys: [73753, 73754]
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
    - key: rman.cleanup
      section: S29
      station: as3000
      verdict: attention
      summary: On as3000 2 backup sets would be deleted. That awaits an approval, nobody has approved it.
msg:
  description: The summaries of the findings that stand in the way, or of the last one.
  returned: always
  type: str
  sample: On as3000 2 backup sets are deleted and gone from the list.
"""
