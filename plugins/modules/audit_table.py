#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documentation of the action audit_table."""

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_table
short_description: Save an audit table, prove the copy, and empty the table once that was approved
version_added: 0.1.0
description:
  - Measures the table, exports it to a new file, proves the copy, and truncates the table when an approval is bound to
    that very copy. Sections S34, S35 and S36.
  - On Oracle the rows that C(exp) says it exported are compared with the rows counted at the same system change number,
    and the dump is read end to end by C(imp show=y). Bits turned inside a value are not found by that.
  - On SQL Server the file is loaded into a scratch database on another instance and compared by count, checksums, nulls,
    lengths and key range; the scratch database is removed in all cases.
  - Before the truncate the table is locked and counted again in the same session. On SQL Server rows that came since the
    export are put back in the same transaction. On Oracle the engine releases the lock before it truncates; the remaining
    window has to be accepted by the approval.
options:
  engine:
    description: Engine of the database.
    type: str
    required: true
    choices: [oracle, sqlserver]
  table:
    description: Table to save; it belongs to O(account) (Oracle) or to dbo (SQL Server).
    type: str
    default: map_event_audit
  folder:
    description: Folder on the station for the export. It must be there. An existing file is never overwritten.
    type: str
    required: true
  file:
    description: Name of the export's file in O(folder). Without it a new name with the time in it is made.
    type: str
  database:
    description: Database that holds the table (SQL Server).
    type: str
    default: mvf
  account:
    description: Database account. On Oracle the owner of the table.
    type: str
  password:
    description:
      - Its password. It travels on standard input, in the environment of one call, or in a parameter file that only the
        account may read and that is removed in all cases; never on a command line.
      - On SQL Server, without it, O(passkey) is asked on the station.
    type: str
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
      - System of the station that Oracle's programs run on; SQL Server is always on Windows.
      - On V(windows) they run as the WinRM log-on, and O(folder) is written with backslashes.
    type: str
    default: solaris
    choices: [solaris, windows]
  os_user:
    description: Account of the operating system that the programs run as (Solaris).
    type: str
  client:
    description: Command line client, C(osql) or C(sqlcmd) on SQL Server, C(sqlplus) on Oracle.
    type: str
  server:
    description: Instance as the station's own clients name it (SQL Server).
    type: str
    default: "."
  passkey:
    description: Path of the vendor's passkey on the station (SQL Server).
    type: str
  margin_percent:
    description: Room wanted on the target disk on top of the table's own size, in percent.
    type: int
    default: 20
  late_rows:
    description: Rows that may have come since the export; they are put back after the truncate (SQL Server).
    type: int
    default: 1000
  lock_seconds:
    description: Longest time in seconds that the table may be locked.
    type: int
    default: 10
  backup_max_age_hours:
    description:
      - Hours that a verified backup of the database counts. Without such a backup in the journal the approval has to accept
        C(no_backup).
    type: int
    default: 24
  best_before_hours:
    description: Hours after which an emptied table is due again.
    type: int
    default: 336
  rows_since_limit:
    description: Rows since the truncate above which the table is due again.
    type: int
    default: 100000
  key:
    description: Numeric column that grows with each row. Without it the dictionary is asked.
    type: str
  format:
    description:
      - Form of the file (SQL Server). V(character) is the vendor text's own (C(-c)); it holds what the station's code page
        holds, and a loss is a blocker. V(unicode) (C(-w)) loses nothing and is twice the size.
    type: str
    default: character
    choices: [character, unicode]
  verify_on_production:
    description:
      - Whether the copy may be loaded into a scratch database on the production instance itself, where O(verify_instance) names no
        station (SQL Server). It awaits an approval that accepts C(production_instance), and needs twice the table's room on the
        disk of C(folder) of O(verify_instance), which has to hold no file of a database.
    type: bool
    default: false
  hash_rows_max:
    description:
      - Rows up to which the SHA-1 of each row is compared as well (SQL Server 2005 and later, on both instances). V(0) never.
      - Columns of C(text), C(ntext), C(image), C(xml) and of C(max) lengths are not part of it; these are compared by their nulls
        and lengths.
    type: int
    default: 100000
  verify_instance:
    description: Where the copy is loaded and compared (SQL Server).
    type: dict
    suboptions:
      station:
        description: Inventory name of the station. Without it the copy cannot be proved and nothing is exported.
        type: str
      server:
        description: Instance there.
        type: str
        default: "."
      folder:
        description: Folder there for the scratch database and the copied file.
        type: str
        default: C:\impax-verify
  job_limit:
    description: Seconds to wait for an export. After that it goes on by itself and is found again by the next run.
    type: int
    default: 21600
extends_documentation_fragment:
  - impax.upgrade.station
seealso:
  - module: impax.upgrade.exp
  - module: impax.upgrade.bcp
  - module: impax.upgrade.passkey
author:
  - impax.upgrade contributors (@impax-upgrade)
"""

EXAMPLES = r"""
- name: Save and empty the audit table of an AS3000 database server
  impax.upgrade.audit_table:
    section: S34
    engine: oracle
    folder: /export/backup/audit
    account: dbadmin
    password: "{{ impax_dbadmin_password }}"
    os_user: service

- name: Save and empty the audit table of an AS300 database server with Oracle
  impax.upgrade.audit_table:
    section: S35
    engine: oracle
    system: windows
    folder: D:\backup\audit
    account: dbadmin
    password: "{{ impax_dbadmin_password }}"

- name: Save and empty the audit table of an AS300 database server with SQL Server
  impax.upgrade.audit_table:
    section: S36
    engine: sqlserver
    folder: D:\backup\audit
    account: sa
    passkey: C:\mvf\bin\passkey.exe
    verify_instance:
      station: verify
      folder: D:\impax-verify
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
    - key: audit_table.map_event_audit.truncate
      section: S34
      station: as3000
      verdict: attention
      summary: 12000 rows of map_event_audit on as3000 are saved and verified. Truncating awaits an approval.
msg:
  description: The summaries of the findings that stand in the way, or of the last one.
  returned: always
  type: str
  sample: map_event_audit on as3000 was truncated.
"""
