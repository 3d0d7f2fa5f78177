# SPDX-License-Identifier: GPL-3.0-or-later
"""What `up` leaves for Ansible: ``DIR/inventory`` (hosts, groups, variables) and ``DIR/site``, a folder around it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from impax_lab.site import Site
from impax_lab.state import Lab

NOTE = "# Written by impax-lab up; it is written anew each time. The passwords are those of a simulated site.\n"
CONFIG = """\
[defaults]
inventory = site
host_key_checking = true
"""
PLAYBOOK = """\
- name: Prepare the site for its upgrade
  ansible.builtin.import_playbook: impax.upgrade.prepare
"""


def write(lab: Lab, site: Site, connections: dict[str, dict[str, Any]]) -> None:
    """connections: the inventory variables by which each station is reached."""
    _fresh(lab.inventory)
    _fresh(lab.site_folder)
    for folder in (lab.inventory, lab.site_folder / "site"):
        _inventory(folder, site, connections)
    (lab.site_folder / "ansible.cfg").write_text(NOTE + CONFIG, encoding="utf-8")
    (lab.site_folder / "prepare.yml").write_text("---\n" + NOTE + PLAYBOOK, encoding="utf-8")


def _fresh(folder: Path) -> None:
    """An empty folder; the journal that a site keeps in ``state/`` stays."""
    folder.mkdir(parents=True, exist_ok=True)
    for item in folder.iterdir():
        if item.name == "state":
            continue
        shutil.rmtree(item) if item.is_dir() else item.unlink()


def _inventory(folder: Path, site: Site, connections: dict[str, dict[str, Any]]) -> None:
    groups: dict[str, Any] = {}
    for station in site.stations.values():
        groups.setdefault(station.type, {"hosts": {}})["hosts"][station.name] = {}
    _yaml(folder / "hosts.yml", {"all": {"children": groups}})
    _yaml(folder / "group_vars" / "all.yml", {"impax_site": site.name, **site.variables})
    for station in site.stations.values():
        own = {"impax_codec": station.codec, **connections.get(station.name, {}), **station.variables}
        _yaml(folder / "host_vars" / f"{station.name}.yml", own)


def _yaml(path: Path, value: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True)
    path.write_text("---\n" + NOTE + text, encoding="utf-8")
    path.chmod(0o600)
