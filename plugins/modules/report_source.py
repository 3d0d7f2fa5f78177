#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documentation of the action report_source."""

from __future__ import annotations

DOCUMENTATION = r"""
module: report_source
short_description: Tell which services the Connectivity Manager's reports come from
version_added: 0.2.0
description:
  - Reads the distinct values of C(requesting_service) with the number of their rows (S25); rows without a value count as
    a value. One is noted, more are for an integrator, none is unknown.
  - It changes nothing on the station, with or without check mode.
options:
  database:
    description: Database of the Connectivity Manager.
    type: str
    default: mcf
  query_seconds:
    description: Longest time in seconds for the question; other people's locks are waited for no more than 5 s.
    type: int
    default: 300
extends_documentation_fragment:
  - impax.upgrade.station
  - impax.upgrade.database
  - impax.upgrade.database.sqlserver
seealso:
  - module: impax.upgrade.integrity
author:
  - impax.upgrade contributors (@impax-upgrade)
"""

EXAMPLES = r"""
- name: Where do the reports come from
  impax.upgrade.report_source:
    section: S25
"""

RETURN = r"""
verdict:
  description: V(ok) for one source, V(attention) for more, V(unknown) for none.
  returned: always
  type: str
  sample: ok
findings:
  description: What was judged; the evidence has each value with its rows.
  returned: always
  type: list
  elements: dict
msg:
  description: The summary.
  returned: always
  type: str
  sample: All reports on connectivity come from 'RADIOLOGY' (5120 rows).
"""
