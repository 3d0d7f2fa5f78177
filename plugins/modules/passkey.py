#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documentation of the action passkey."""

from __future__ import annotations

DOCUMENTATION = r"""
module: passkey
short_description: Ask whether the vendor's passkey gives an account's password
version_added: 0.1.0
description:
  - Runs C(passkey -M QUERY -u ACCOUNT) on the station and says whether an answer came that can be a password (S16).
  - The value never comes back to Ansible - not as a result, not as a variable, not in a log. Actions that need it ask
    for themselves.
  - The form of C(passkey)'s answer is not published and is assumed.
options:
  account:
    description: Account whose password is asked for.
    type: str
    default: sa
  path:
    description: Path of passkey on the station.
    type: str
    default: C:\mvf\bin\passkey.exe
extends_documentation_fragment:
  - impax.upgrade.station
seealso:
  - module: impax.upgrade.audit_table
author:
  - impax.upgrade contributors (@impax-upgrade)
"""

EXAMPLES = r"""
- name: Can the password of sa be had
  impax.upgrade.passkey:
    section: S16
    account: sa
"""

RETURN = r"""
verdict:
  description: V(ok) when a password can be had, else V(unknown) or V(blocker).
  returned: always
  type: str
  sample: ok
findings:
  description: What was judged.
  returned: always
  type: list
  elements: dict
msg:
  description: The summary.
  returned: always
  type: str
  sample: passkey gives the password of sa.
"""
