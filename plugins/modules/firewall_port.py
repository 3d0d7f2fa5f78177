#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documentation of the action firewall_port."""

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_port
short_description: The firewall's exception for the dictation interlock
version_added: 0.2.0
description:
  - Makes the exception of the Windows firewall by which the relay of the dictation interlock is reached from the other
    cluster, and reads it back. Section S12; it is needed on a machine of either cluster.
  - Windows 2008 and later are asked by C(netsh advfirewall firewall), Windows 2003 by C(netsh firewall).
  - The rule that is listed afterwards decides, not what C(netsh) says of it; name, direction, protocol, port, profiles, action
    and whether it is enabled are compared.
  - A rule that is there and differs is repaired with an approval of C(firewall_port.repair) only; the result carries the
    difference (C(--diff) shows it).
  - A firewall whose service does not run is told, and takes no rule. It is not started.
  - What C(netsh) says in another language than English is never taken for a right rule.
  - Check mode lists and changes nothing.
options:
  name:
    description: Name of the exception.
    type: str
    default: Study Status Relay
  port:
    description: Port on which the relay listens.
    type: int
    required: true
  protocol:
    description: Protocol of the port.
    type: str
    default: tcp
    choices: [tcp, udp]
  profile:
    description:
      - Profiles of the firewall in which the exception holds. Windows 2003 has C(domain) and one for everything else.
    type: list
    elements: str
    default: [any]
    choices: [any, domain, private, public]
  check_from:
    description:
      - Inventory names of the machines of the other cluster that have to reach the port. Give them once the relay listens.
      - Windows has no program by which they could try it unattended, so it is tried by a connection from the controller,
        and the finding says so.
    type: list
    elements: str
    default: []
  address:
    description: Host name or address at which the port is tried. Without it C(ansible_host), or the inventory name.
    type: str
  check_seconds:
    description: Longest time in seconds for the connection.
    type: int
    default: 10
extends_documentation_fragment:
  - impax.upgrade.station
author:
  - impax.upgrade contributors (@impax-upgrade)
"""

EXAMPLES = r"""
- name: The exception, before the relay runs
  impax.upgrade.firewall_port:
    section: S12
    port: 7070

- name: The same once the relay runs, tried for the machine of the other cluster
  impax.upgrade.firewall_port:
    section: S12
    port: 7070
    profile: [domain]
    check_from: [application_server_old]
"""

RETURN = r"""
verdict:
  description: The worst verdict of the findings.
  returned: always
  type: str
  sample: changed
findings:
  description: What was judged, each with key, station, verdict, summary, evidence and its hash.
  returned: always
  type: list
  elements: dict
  sample:
    - key: firewall_port.rule
      section: S12
      station: application_server
      verdict: changed
      summary: "The firewall of application_server has the exception 'Study Status Relay' (incoming TCP 7070, every profile), made now."
msg:
  description: The summaries of the findings that stand in the way, or of the last one.
  returned: always
  type: str
  sample: "The firewall of application_server has the exception 'Study Status Relay' (incoming TCP 7070, every profile)."
diff:
  description: The rule as it is and as it has to be.
  returned: when the rule is missing or differs
  type: dict
  sample:
    before: ""
    after: "name: Study Status Relay"
"""
