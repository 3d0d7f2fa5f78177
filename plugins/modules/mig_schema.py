#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documentation of the action mig_schema."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mig_schema
short_description: Build the pre-migration schema, once, and prove that it is there
version_added: 0.2.0
description:
  - Lists the objects of the pre-migration schema in the database's dictionary. None are there - the Migration Toolbox's
    C(build-impax-mig-schema) is run once it was approved (S16, S17). They are there whole - nothing is done. It is half
    built - a blocker for the vendor's support; the script is never run over what is there.
  - The script may end with 0 after a statement failed, so its output is searched for the codes of both engines, and the
    objects are listed again; there must be new ones and none invalid.
  - What a whole schema holds is not published. It counts as whole when this journal saw its build from the beginning to the
    end, or when there are O(expected_objects) of them. Objects of which nothing is known are V(attention).
  - Before a build the script has to be there, a verified full backup of the database not older than
    O(backup_max_age_hours) has to be in the journal, and O(room_mb) have to be free.
  - On Oracle the script runs as a detached job and is found again after a cut. On SQL Server the password of C(sa) stands
    on the command line of the vendor's batch file, which can take it no other way. Whoever may list the processes of the
    station with their command lines can see it for as long as the script runs. It is in no log of the collection, and
    such a call is never a detached job, which would keep it in a file.
options:
  engine:
    description: Engine of the database.
    type: str
    required: true
    choices: [oracle, sqlserver]
  system:
    description: System of an Oracle station; SQL Server is always on Windows.
    type: str
    default: solaris
    choices: [solaris, windows]
  folder:
    description:
      - Folder of the Migration Toolbox's programs. Without it C(/usr/mvf-mig6/bin) or C(C:\\mvf-mig6\\bin).
    type: str
  pattern:
    description:
      - How the names of the schema's objects begin, with C(%) for the rest; an underscore is itself. The default is assumed.
    type: str
    default: MIG_%
  expected_objects:
    description: How many objects a whole schema has at least, as the vendor's support says it.
    type: int
  accepted_codes:
    description:
      - Codes in the script's output that are no failure by the vendor's word, such as C(ORA-00942) of a drop before a create.
        On SQL Server written as C(Msg 3701).
    type: list
    elements: str
    default: []
  room_mb:
    description:
      - Free room in MiB that each of O(tablespaces) has to have, or the database's data files on SQL Server; what the files
        may grow by counts as far as their disk has room. How much the script needs is not published; the default is assumed.
    type: int
    default: 500
  tablespaces:
    description: Tablespaces that have to have the room (Oracle). The default is assumed.
    type: list
    elements: str
    default: [MVF, MVFINDX]
  backup_max_age_hours:
    description: Greatest age in hours of the verified backup that has to stand behind a build.
    type: float
    default: 24.0
  build_seconds:
    description: Longest time in seconds that a build is waited for. For so long after a cut it may still run.
    type: int
    default: 3600
extends_documentation_fragment:
  - impax.upgrade.station
  - impax.upgrade.database
  - impax.upgrade.database.sqlserver
  - impax.upgrade.database.oracle
seealso:
  - module: impax.upgrade.study_archive_report
  - module: impax.upgrade.passkey
author:
  - impax.upgrade contributors (@impax-upgrade)
"""

EXAMPLES = r"""
- name: The pre-migration schema of an AS3000
  impax.upgrade.mig_schema:
    section: S17
    engine: oracle
    os_user: oracle

- name: The pre-migration schema of an AS300 with SQL Server
  impax.upgrade.mig_schema:
    section: S16
    engine: sqlserver
    account: sa
    passkey: C:\mvf\bin\passkey.exe
"""

RETURN = r"""
verdict:
  description: The worst verdict.
  returned: always
  type: str
  sample: changed
findings:
  description: >-
    V(mig_schema.schema) for what is there; before a build V(mig_schema.toolbox), V(mig_schema.backup), V(mig_schema.room)
    and V(mig_schema.build).
  returned: always
  type: list
  elements: dict
msg:
  description: The summaries of what is not good, else the last one.
  returned: always
  type: str
  sample: "The pre-migration schema of MVF on as3000 was built: 14 objects, none invalid."
"""
