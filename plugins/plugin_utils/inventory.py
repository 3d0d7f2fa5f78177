# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory as Ansible hands it to an action: where its state lies, and what `rules/inventory.py` has to judge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .journal import plain
from .place import default_state
from .rules import inventory as judging
from .rules import inventory_files, needed

PASSED_OVER = (".cfg", ".retry", ".orig", ".pyc", ".ini~", ".md", ".csv")  # mostly INVENTORY_IGNORE_EXTS of Ansible
SPECIFIED = ("type", "elements", "choices")


class AnsibleInventory:
    """variables: those of the task. variable: gives one of them rendered and plain, or a default."""

    def __init__(self, variables: Mapping[str, Any], variable: Callable[..., Any]) -> None:
        self.vars, self.variable = variables, variable

    @property
    def site(self) -> str:
        return str(self.variable("impax_site", "") or "")

    def seen(self) -> judging.Inventory:
        groups = {name: list(hosts) for name, hosts in plain(self.vars.get("groups", {})).items()}
        hosts = self.vars.get("hostvars", {})
        return judging.Inventory(
            groups=groups,
            absent=self.variable("impax_absent", {}),
            addresses={host: _address(host, hosts[host]) for host in groups.get("all", ())},
            helpers=self.variable("impax_helper_groups", []),
            approvals=self._approvals(hosts[host] for host in groups.get("all", ())),
        )

    def _approvals(self, hosts: Iterable[Mapping[str, Any]]) -> Any:
        """Those of every station, each once; or what stands there instead of a list."""
        found = []
        for written in (self.variable("impax_approvals", []), *(_get(host, "impax_approvals", []) for host in hosts)):
            if not isinstance(written, list):
                return written
            found += [approval for approval in written if approval not in found]
        return found

    def problems(self, roles: Path) -> list[str]:
        """Everything that keeps a run from starting, but for what the place of the state decides."""
        seen = self.seen()
        unnamed = [] if self.site else ["The variable impax_site, the site's name, is not set: see group_vars/all.yml."]
        return [*unnamed, *judging.problems(seen), *self._twice(), *self._unset(seen, roles)]

    # Where things lie

    def folder(self) -> str | None:
        """The inventory's folder; the implicit localhost has no variable inventory_dir."""
        if folder := self.variable("inventory_dir"):
            return str(folder)
        for source in self._sources():
            if source.exists():
                return str(source if source.is_dir() else source.parent)
        return None

    def state(self) -> str | None:
        return self._place(self.vars["hostvars"][self.vars["inventory_hostname"]])

    def places(self) -> Iterator[str]:
        """Every station has to write into the one journal of the site."""
        here = self.state()
        if here is None:
            yield "There is no place for the journal: set impax_state to a folder on the controller."
            return
        for station in self.seen().hosts():
            there = self._place(self.vars["hostvars"][station])
            if there != here:
                yield f"{station} would write its journal to {there}, the run to {here}: set impax_state for all."

    def _place(self, variables: Mapping[str, Any]) -> str | None:
        own = _get(variables, "impax_state", None)
        return str(own) if own else default_state(_get(variables, "inventory_dir", None) or self.folder())

    def _sources(self) -> list[Path]:
        return [Path(source) for source in plain(self.vars.get("ansible_inventory_sources") or [])]

    # What is wrong

    def _twice(self) -> Iterator[str]:
        for source in self._sources():
            for file in _files(source):
                yield from inventory_files.problems(file.name, file.read_text("utf-8", "replace"))

    def _unset(self, seen: judging.Inventory, roles: Path) -> list[str]:
        """Variables that the chosen stations need and have not got, or that cannot be rendered."""
        found: dict[str, None] = {}
        for station in self._chosen(seen.stations()):
            variables = self.vars["hostvars"][station]
            for role, entry in needed.entries(seen.types(station)):
                options = _options(roles / role, entry)
                wrong = [
                    *needed.missing(station, role, options, variables.__contains__),
                    *_wrong(station, options, variables),
                ]
                found |= dict.fromkeys(wrong)
        return list(found)

    def _chosen(self, stations: Iterable[str]) -> list[str]:
        if self.vars.get("ansible_limit") is None:
            return list(stations)
        limited = set(plain(self.vars.get("ansible_play_hosts_all", [])))
        return [station for station in stations if station in limited]


def _options(role: Path, entry: str) -> Mapping[str, Any]:
    text = (role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    options: Mapping[str, Any] = yaml.safe_load(text)["argument_specs"][entry]["options"]
    return options


def _wrong(station: str, options: Mapping[str, Any], variables: Mapping[str, Any]) -> Iterator[str]:
    """Values that cannot be rendered or are of a wrong type. Of a secret nothing but whether it can be rendered."""
    values = {}
    for name in options:
        if name in variables:
            try:
                values[name] = plain(variables[name])
            except (AnsibleError, TypeError) as error:
                yield f"The variable {name} of {station} cannot be used: {error}"
            # Up to ansible-core 2.18 a template that names something undefined is handed on as it is written.
            if "{{" in str(values.get(name, "")):
                written = values.pop(name) if not options[name].get("no_log") else "its template"
                yield f"The variable {name} of {station} cannot be used: {written} names what is not defined."
    shown = {name: value for name, value in values.items() if not options[name].get("no_log")}
    spec = {name: {key: options[name][key] for key in SPECIFIED if key in options[name]} for name in shown}
    for problem in ArgumentSpecValidator(spec).validate(shown).error_messages:
        yield f"A variable of {station} is wrong: {problem}."


def _files(source: Path) -> list[Path]:
    """What Ansible reads for hosts of an inventory source: itself, or the files directly in its folder."""
    if source.is_file():
        return [source]
    if not source.is_dir():
        return []
    files = (file for file in source.iterdir() if file.is_file() and not file.name.startswith("."))
    return sorted(file for file in files if file.suffix not in PASSED_OVER)


def _address(host: str, variables: Mapping[str, Any]) -> tuple[str, str]:
    return str(_get(variables, "ansible_host", host)), str(_get(variables, "ansible_port", ""))


def _get(variables: Mapping[str, Any], name: str, default: Any) -> Any:
    """A variable of a host, rendered; one that cannot be rendered is its default."""
    if name not in variables:
        return default
    try:
        value = plain(variables[name])
    except (AnsibleError, TypeError):
        return default
    return default if value is None else value
