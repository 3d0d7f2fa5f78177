#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documentation of the action integrity."""

from __future__ import annotations

DOCUMENTATION = r"""
module: integrity
short_description: Count the rows that must not be there before a migration
version_added: 0.2.0
description:
  - Asks the twelve questions of the vendor's text in one session and one round trip (S23). Each count is a finding of
    its own; more than 0 is a blocker for the vendor's support. Nothing is ever mended.
  - A table that is not there makes its own question unknown and no other. Nothing is read past locks.
  - It changes nothing on the station, with or without check mode.
options:
  engine:
    description: Engine of the database.
    type: str
    required: true
    choices: [oracle, sqlserver]
  query_seconds:
    description:
      - Longest time in seconds for one question. On SQL Server a question also waits for other people's locks for no
        more than 5 s. Oracle has no such limit for one query; there the session ends after the time for all of them.
    type: int
    default: 900
  window:
    description:
      - Hours by the controller's clock in which the four questions that read the largest tables may start, for example
        V(22:00-05:00). They have to fit into it by the time that they took last. Without it they may start at any time.
    type: str
  support_bundle:
    description:
      - Write what the vendor's support may be given to C(support) in the folder of the journal when a count is not 0 -
        site, station, versions, the counts, the time, and hashes of primary keys that only the site can compare. No row, no
        name and no key as it is.
    type: bool
    default: false
extends_documentation_fragment:
  - impax.upgrade.station
  - impax.upgrade.database
  - impax.upgrade.database.sqlserver
  - impax.upgrade.database.oracle
seealso:
  - module: impax.upgrade.audit_table
author:
  - impax.upgrade contributors (@impax-upgrade)
"""

EXAMPLES = r"""
- name: Are the rows as the migration needs them
  impax.upgrade.integrity:
    section: S23
    engine: oracle
    account: dbadmin
    password: "{{ impax_dbadmin_password }}"
    os_user: oracle
    window: 22:00-05:00
"""

RETURN = r"""
verdict:
  description: The worst verdict of the twelve.
  returned: always
  type: str
  sample: ok
findings:
  description: One a question, keys like V(integrity.dosr_study.study_uid.null).
  returned: always
  type: list
  elements: dict
msg:
  description: The summaries of what is not good, else the last one.
  returned: always
  type: str
  sample: 3 rows of dosr_study without study_uid in MVF 4711 on as3000; expected none. Nothing was changed.
"""
