# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation of every action has in common."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  section:
    description:
      - Section of the vendor's text that the findings belong to, for example V(S34).
    type: str
  state_folder:
    description:
      - Folder on the controller that holds the journal. Without it the variable C(impax_state) is taken, else C(state)
        beside the inventory's folder.
    type: path
  lock_wait:
    description:
      - Longest time in seconds to wait for another worker that is at this station.
    type: int
    default: 3600
attributes:
  check_mode:
    description: Reads and judges as always, and stops before the first change, saying what it would do.
    support: full
  diff_mode:
    description: Says what differs before and after.
    support: full
  platform:
    description: Nothing of the collection runs on the station; commands travel over ssh or WinRM.
    platforms: Solaris 10, Windows 2003, Windows 2008
    support: full
notes:
  - A verdict never fails the task; wrong usage does. What could not be checked is V(unknown).
  - This is an action; it runs on the controller. Without its action plugin it does nothing and says so.
"""
