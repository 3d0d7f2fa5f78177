#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documentation of the action study_archive_report."""

from __future__ import annotations

DOCUMENTATION = r"""
module: study_archive_report
short_description: Count the studies that are not archived, and keep the vendor's report
version_added: 0.2.0
description:
  - Runs C(mig-study-archive-report) and C(mig_reporter) of the Migration Toolbox (S20, S21), reads the counts, compares
    them with those of earlier runs, and carries the report's file to C(reports/STATION) in the folder of the journal.
  - The file may name studies or patients - its content is not published. It is readable for its owner alone, noted by its
    size and SHA-1, and belongs into nothing that is handed on. The counts hold no patient data.
  - Good figures that are younger than O(max_age_hours) are not asked for again. Figures that are not good always are.
  - The programs fill a table of their own and write a file. Check mode runs neither.
  - On Windows the password of the IMPAX database user stands on the command line of C(mig-study-archive-report.exe), which
    takes it no other way. Whoever may list the processes of the station with their command lines can see it for as long
    as the report runs. It is in no log of the collection.
options:
  system:
    description: System of the station.
    type: str
    default: solaris
    choices: [solaris, windows]
  folder:
    description:
      - Folder of the Migration Toolbox's programs. Without it C(/usr/mvf-mig6/bin) or C(C:\\mvf-mig6\\bin).
    type: str
  database:
    description: Name of the database for the programs (Windows).
    type: str
    default: mvf
  account:
    description: The IMPAX database user (Windows).
    type: str
  password:
    description: Its password (Windows).
    type: str
  os_user:
    description:
      - Account of a Solaris station that runs the programs; C(-o) logs on to the database by it (assumed). Without it the
        account of the log-on.
    type: str
  labels:
    description:
      - Which line of the report is which figure, as regular expressions that are looked for without regard to case. The
        report's texts are not published; the defaults are assumed.
    type: dict
    suboptions:
      unarchived:
        description: Studies that are not archived. When no line says it, it is O(labels.total) less O(labels.archived).
        type: str
        default: \b(?:un|non-?)archived|\bnot\s+(?:yet\s+)?archived|\bwithout\s+archive
      total:
        description: All studies.
        type: str
        default: \btotal\b|\ball\s+studies\b|^studies$
      archived:
        description: Studies that are archived.
        type: str
        default: ^(?!.*\b(?:un|non-?|not\b|partial|without\b)).*\barchived
  file:
    description: Path of the report's file on the station, where C(mig_reporter) does not print it.
    type: str
  unarchived_studies_max:
    description: How many studies may be without an archived copy.
    type: int
    default: 0
  max_age_hours:
    description: For how long in hours good figures stand.
    type: float
    default: 24.0
  report_seconds:
    description: Longest time in seconds for one of the two programs.
    type: int
    default: 1800
extends_documentation_fragment:
  - impax.upgrade.station
seealso:
  - module: impax.upgrade.mig_schema
author:
  - impax.upgrade contributors (@impax-upgrade)
"""

EXAMPLES = r"""
- name: Are all studies archived
  impax.upgrade.study_archive_report:
    section: S21
    os_user: oracle

- name: Are all studies archived, on Windows
  impax.upgrade.study_archive_report:
    section: S20
    system: windows
    account: mvf
    password: "{{ impax_mvf_password }}"
"""

RETURN = r"""
verdict:
  description: The worst verdict.
  returned: always
  type: str
  sample: ok
findings:
  description: V(study_archive_report.unarchived) with the counts and V(study_archive_report.file).
  returned: always
  type: list
  elements: dict
msg:
  description: The summaries of what is not good, else the last one.
  returned: always
  type: str
  sample: 12 of 400 studies on as3000 are not archived, 3 fewer than at 2026-11-24T08:00:00Z; at most 0 are let pass.
"""
