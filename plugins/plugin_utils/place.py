# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the controller keeps what it knows of a site. Pure."""

from __future__ import annotations

from pathlib import Path


def default_state(inventory_dir: str | None) -> str | None:
    """``state`` beside the inventory's folder, alike for ansible-playbook, impax-prepare and Molecule.

    inventory_dir: Ansible's variable of that name; None where the inventory is no folder (a host list, AWX).
    """
    return str(Path(inventory_dir).parent / "state") if inventory_dir else None
