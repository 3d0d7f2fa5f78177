#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documentation of the action exp."""

from __future__ import annotations

DOCUMENTATION = r"""
module: exp
short_description: Export an Oracle table to a dump and prove the dump
version_added: 0.1.0
description:
  - Runs Oracle's C(exp) for one table as a detached job, at one system change number where the account may read it.
  - The dump counts as good when C(exp) says how many rows it exported, the same number is counted at the same system
    change number, and C(imp show=y) reads the dump to its end. The closing words of C(exp) are not believed.
  - While a proved dump of an unchanged table is there, nothing is done.
options:
  table:
    description: Table to export; it belongs to O(account).
    type: str
    required: true
  folder:
    description: Folder on the station for the dump. It must be there. An existing file is never overwritten.
    type: str
    required: true
  file:
    description: Name of the dump in O(folder). Without it a new name with the time in it is made.
    type: str
  account:
    description: Database account that owns the table.
    type: str
    required: true
  password:
    description: Its password. It never stands on a command line.
    type: str
    required: true
  verify_account:
    description:
      - An empty schema of its own that the dump is loaded into by C(imp), compared by rows and their hashes, and dropped
        (Oracle). Without it the content is not re-read, and the finding says so.
    type: str
  verify_password:
    description: Password of O(verify_account).
    type: str
  system:
    description:
      - System of the station that Oracle's programs run on. On V(windows) they run as the WinRM log-on, and O(folder) is
        written with backslashes.
    type: str
    default: solaris
    choices: [solaris, windows]
  os_user:
    description: Account of the operating system that the programs run as (Solaris).
    type: str
  client:
    description: Command line client for the counts.
    type: str
    default: sqlplus
  key:
    description: Numeric column that grows with each row. Without it the dictionary is asked.
    type: str
  margin_percent:
    description: Room wanted on the target disk on top of the table's own size, in percent.
    type: int
    default: 20
  job_limit:
    description: Seconds to wait for the export. After that it goes on by itself and is found again by the next run.
    type: int
    default: 21600
extends_documentation_fragment:
  - impax.upgrade.station
seealso:
  - module: impax.upgrade.audit_table
author:
  - impax.upgrade contributors (@impax-upgrade)
"""

EXAMPLES = r"""
- name: Export a table and prove the dump
  impax.upgrade.exp:
    table: map_event_audit
    folder: /export/backup/audit
    account: dbadmin
    password: "{{ impax_dbadmin_password }}"
    os_user: service
"""

RETURN = r"""
verdict:
  description: The worst verdict of the findings.
  returned: always
  type: str
  sample: changed
export:
  description: The proved dump - file, rows, bytes, SHA-1 and what the proof rests on.
  returned: when there is one
  type: dict
  sample: {file: /export/backup/audit/MAP_EVENT_AUDIT-20260101T010203Z.dmp, rows: 12000, bytes: 1187840}
findings:
  description: What was judged.
  returned: always
  type: list
  elements: dict
msg:
  description: The summaries of the findings that stand in the way, or of the last one.
  returned: always
  type: str
  sample: 12000 rows of map_event_audit are saved and proved.
"""
