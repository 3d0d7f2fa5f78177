# SPDX-License-Identifier: GPL-3.0-or-later
"""A site folder: where inventory, playbook, journal and report lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

INVENTORIES = ("hosts.yml", "hosts.yaml", "hosts.ini", "hosts", "group_vars")


class Usage(Exception):
    """Wrong usage or configuration: the command ends with 2 and this sentence."""


class _Loader(yaml.SafeLoader):
    """Reads a file of variables without caring for Ansible's own tags, such as !vault."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: None)


@dataclass(frozen=True)
class SiteFolder:
    """root: holds prepare.yml and ansible.cfg. inventory: the folder ``site`` in it."""

    root: Path
    inventory: Path

    @classmethod
    def at(cls, path: str) -> SiteFolder:
        """`path` is the site folder, or the inventory in it."""
        given = Path(path).absolute()
        if _is_inventory(given / "site"):
            return cls(given, given / "site")
        if _is_inventory(given):
            return cls(given.parent, given)
        raise Usage(f"{path} is no site folder (there is no site/hosts.yml in it). Make one: impax-prepare init {path}")

    @property
    def playbook(self) -> str:
        """The site's own prepare.yml, else the collection's."""
        own = self.root / "prepare.yml"
        return str(own) if own.exists() else "impax.upgrade.prepare"

    @property
    def state(self) -> Path:
        return self._placed("impax_state", self.inventory.parent / "state")

    @property
    def report(self) -> Path:
        return self._placed("impax_report", self.state.parent / "report")

    def variable(self, name: str) -> Any:
        """A variable that all stations share, as it is written in group_vars/all; None where it is not."""
        value = None
        for file in self._shared():
            read = yaml.load(file.read_text(encoding="utf-8"), _Loader)
            value = read.get(name, value) if isinstance(read, dict) else value
        return value

    def _shared(self) -> list[Path]:
        group_vars = self.inventory / "group_vars"
        single = [group_vars / name for name in ("all", "all.yml", "all.yaml")]
        inside = sorted((group_vars / "all").glob("*.y*ml")) if (group_vars / "all").is_dir() else []
        return [file for file in (*single, *inside) if file.is_file()]

    def _placed(self, name: str, default: Path) -> Path:
        written = self.variable(name)
        if written is None:
            return default
        if "{{" in str(written):
            raise Usage(
                f"{name} in {self.inventory} is a template, which only Ansible can read: write the folder itself."
            )
        return (self.root / str(written)).absolute()


def _is_inventory(folder: Path) -> bool:
    return folder.is_dir() and any((folder / name).exists() for name in INVENTORIES)
