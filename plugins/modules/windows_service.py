#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Documentation of the action windows_service."""

from __future__ import annotations

DOCUMENTATION = r"""
module: windows_service
short_description: Stop services of a Windows station with those that need them, start them, or bring them back
version_added: 0.3.0
description:
  - Stops services (S05), starts one and sees that it lasts (S15), or brings back what ran before it was stopped here.
    States are read by their numbers, in any language of Windows.
  - Before a service, the running services that need it are stopped, in the order in which Windows lists them, and named.
  - A service that is on its way up or down is waited for. One that ends again, or is started again by something, within
    O(settle_seconds) is found out, with the error that it ended with.
  - Start-up types are never changed; they are read before and after. A service that is disabled is not started, and one that
    does not exist has not to be stopped.
  - What cannot be told of one service keeps all of them from being touched.
options:
  services:
    description:
      - The services' own names, not the names that people see, for example V(SQLBrowser). They are stopped in this order.
    type: list
    elements: str
    required: true
  state:
    description:
      - What is wanted of each of them. V(restored) starts those that this action stopped for one of O(services) since they
        were last brought back, other services that needed them among them, in the opposite order.
    type: str
    required: true
    choices: [started, stopped, restored]
  production:
    description:
      - The station is in production. Stopping a service then needs an approval of the finding V(windows_service.stop), bound
        to the station, the services and their order.
    type: bool
    default: true
  wait_seconds:
    description:
      - Longest time in seconds for each service to get where it is on its way to, before and after it is asked.
    type: int
    default: 120
  settle_seconds:
    description:
      - Time in seconds that a state has to last, once for all services. Services that are wanted running are watched for so
        long even where nothing was started.
    type: int
    default: 10
extends_documentation_fragment:
  - impax.upgrade.station
author:
  - impax.upgrade contributors (@impax-upgrade)
"""

EXAMPLES = r"""
- name: The four services of SQL Server 2008 do not run while its service pack is installed
  impax.upgrade.windows_service:
    section: S05
    services: [msftesql, MSSQLFDLauncher, SQLBrowser, MsDtsServer100]
    state: stopped
    production: false

- name: What of them ran before runs again
  impax.upgrade.windows_service:
    section: S05
    services: [msftesql, MSSQLFDLauncher, SQLBrowser, MsDtsServer100]
    state: restored

- name: The relay of the dictation interlock runs
  impax.upgrade.windows_service:
    section: S15
    services: [StudyStatusRelayService]
    state: started
"""

RETURN = r"""
verdict:
  description: The worst verdict of the services.
  returned: always
  type: str
  sample: changed
findings:
  description: One a service, keys like V(windows_service.sqlbrowser.state), and V(windows_service.stop) for the approval.
  returned: always
  type: list
  elements: dict
msg:
  description: The summaries of what is not good, else the last one.
  returned: always
  type: str
  sample: SQLBrowser on as300 is stopped (state 1); it was running.
"""
