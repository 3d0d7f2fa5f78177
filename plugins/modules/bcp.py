#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documentation of the action bcp."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bcp
short_description: Export a SQL Server table to a file and prove the file
version_added: 0.1.0
description:
  - Runs SQL Server's C(bcp) for one table as a detached job with the Windows log-on, never with a password in a word.
  - The file counts as good when C(bcp) printed its total and no error, and the file, loaded into a scratch database on
    another instance, equals the table by count, checksums, nulls, lengths and key range. The exit code is not believed.
  - While a proved file of an unchanged table is there, nothing is done.
options:
  table:
    description: Table to export; it belongs to dbo.
    type: str
    required: true
  folder:
    description: Folder on the station for the file. It must be there. An existing file is never overwritten.
    type: str
    required: true
  file:
    description: Name of the file in O(folder). Without it a new name with the time in it is made.
    type: str
  database:
    description: Database that holds the table.
    type: str
    default: mvf
  server:
    description: Instance as the station's own clients name it.
    type: str
    default: "."
  account:
    description: Database account for the counts; without it the Windows log-on is used.
    type: str
  password:
    description: Its password; without it O(passkey) is asked on the station. It never stands on a command line.
    type: str
  passkey:
    description: Path of the vendor's passkey on the station.
    type: str
  client:
    description: Command line client for the counts.
    type: str
    default: osql
    choices: [osql, sqlcmd]
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
    description: Where the copy is loaded and compared.
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
- name: Export a table and prove the file
  impax.upgrade.bcp:
    table: map_event_audit
    folder: D:\backup\audit
    account: sa
    passkey: C:\mvf\bin\passkey.exe
    verify_instance:
      station: verify
"""

RETURN = r"""
verdict:
  description: The worst verdict of the findings.
  returned: always
  type: str
  sample: changed
export:
  description: The proved file - file, rows, bytes, SHA-1 and what the proof rests on.
  returned: when there is one
  type: dict
  sample: {file: 'D:\backup\audit\MAP_EVENT_AUDIT-20260101T010203Z.txt', rows: 12000, bytes: 1187840}
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
