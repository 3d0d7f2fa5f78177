#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documentation of the action readiness."""

from __future__ import annotations

DOCUMENTATION = r"""
module: readiness
short_description: Open a run, close it with a report, and say go or no-go
version_added: 0.1.0
description:
  - Opens the journal of the site and the lock of the run, notes what the run takes up, and at the end writes the report
    and gives the verdict. It works on the controller only and connects to no station.
  - Before anything begins it looks at the inventory. An unknown group, a station without a server type, two stations of
    one name or address, a variable that a role needs, an approval that cannot be judged - each is an error that names
    the thing and says what to do.
options:
  state:
    description:
      - V(opened) looks at the inventory, opens the journal, takes the lock and notes that the run has started.
      - V(due) notes that the run has come to a stage. It opens the run when a stage is played on its own.
      - V(failed) notes that the task of a section failed, so that its row is unknown.
      - V(reported) writes the report, notes that the run has ended and fails when the verdict is no-go.
    type: str
    required: true
    choices: [opened, due, failed, reported]
  stage:
    description: Stage that is due, for example V(audit).
    type: str
  sections:
    description: Sections of that stage, for example V(S34).
    type: list
    elements: str
    default: []
  section:
    description: Section whose task failed.
    type: str
  error:
    description: Why it failed, in the words of the failed task.
    type: str
  state_folder:
    description:
      - Folder on the controller that holds the journal. Without it the variable C(impax_state) is taken, else C(state)
        beside the inventory's folder.
    type: path
  report_folder:
    description:
      - Folder on the controller that the report is written to. Without it the variable C(impax_report) is taken, else
        C(report) beside the folder of the journal.
    type: path
attributes:
  check_mode:
    description: Works as always; it writes journal and report, and nothing on any station.
    support: full
  diff_mode:
    description: There is nothing to differ.
    support: none
  platform:
    description: Works on the controller.
    platforms: posix
    support: full
seealso:
  - module: impax.upgrade.audit_table
author:
  - impax.upgrade contributors (@impax-upgrade)
"""

EXAMPLES = r"""
- name: Open the run
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Look at the inventory, open the journal, take the lock
      impax.upgrade.readiness:
        state: opened
      tags: [always]

- name: Close the run
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Write the report and give the verdict
      impax.upgrade.readiness:
        state: reported
      tags: [always]
"""

RETURN = r"""
verdict:
  description: V(go) or V(no_go); V(unknown) of a section that failed.
  returned: when O(state) is V(reported) or V(failed)
  type: str
  sample: no_go
run:
  description: The run's id, as the journal has it.
  returned: when O(state) is V(opened)
  type: str
  sample: 5f0c2a9d11be
sections:
  description: Sections of the stage that the run's tags leave.
  returned: when O(state) is V(due)
  type: list
  elements: str
report:
  description: Files that were written.
  returned: when O(state) is V(reported)
  type: list
  elements: str
msg:
  description: One sentence.
  returned: always
  type: str
  sample: "no-go: 1 attention, 34 unknown, 1 ok"
"""
