# SPDX-License-Identifier: GPL-3.0-or-later
"""firewall_port: the Windows firewall's exception for the dictation interlock, made, read back and tried (S12)."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

from ..plugin_utils.action import StationAction, Stop
from ..plugin_utils.command import Command
from ..plugin_utils.executor import Station
from ..plugin_utils.executor.reach import reach
from ..plugin_utils.findings import Finding
from ..plugin_utils.programs import netsh, sc
from ..plugin_utils.rules import firewall_port
from ..plugin_utils.rules import firewall_port_said as told
from ..plugin_utils.rules.firewall_port import MODERN, Standing, Where

EVIDENCE = "firewall_port"
PROFILES = ["any", "domain", "private", "public"]


class ActionModule(StationAction):
    KEY = "firewall_port"
    ARGUMENT_SPEC: ClassVar[dict[str, Any]] = {
        "name": {"type": "str", "default": "Study Status Relay"},
        "port": {"type": "int", "required": True},
        "protocol": {"type": "str", "default": "tcp", "choices": ["tcp", "udp"]},
        "profile": {"type": "list", "elements": "str", "default": ["any"], "choices": PROFILES},
        "check_from": {"type": "list", "elements": "str", "default": []},
        "address": {"type": "str"},
        "check_seconds": {"type": "int", "default": 10},
    }
    deprecated = False

    def steps(self, want: SimpleNamespace, station: Station) -> list[Finding]:
        self.want, self.asked = want, station
        if (wrong := told.refusal(self.section, self.name, want.name, want.port)) is not None:
            return [wrong]
        version = netsh.windows(self.answered(station.run(netsh.version()), "the version of Windows").out)
        if version is None or version < told.FIRST:
            return [told.no_verb(self.section, self.name, version)]
        dialect = netsh.dialect(version)
        wanted = firewall_port.wanted(want.name, want.port, want.protocol, want.profile, dialect)
        self.where = Where(self.section, self.name, wanted)
        service = netsh.SERVICES[dialect]
        off = told.service(self.where, service, sc.state(station.run(sc.query(service))))
        if off is not None:
            return [off]
        found = self._as_wanted(self._look())
        return [told.verb(self.where, version, self.deprecated), *found, *self._reached(found)]

    def returned(self) -> dict[str, Any]:
        diff = getattr(self, "diff", None)
        return {"diff": diff} if diff else {}

    # The rule

    def _as_wanted(self, before: Standing) -> list[Finding]:
        if before.state == "right":
            return told.right(self.where, before)
        if before.state == "unknown":
            return [told.vague(self.where, before)]
        if before.state == "several":
            return [told.several(self.where, before)]
        self.diff = {
            "before_header": f"{self.name}: the rule as it is",
            "after_header": f"{self.name}: the rule as it has to be",
            "before": firewall_port.lines(before.rules),
            "after": firewall_port.lines([self.where.wanted.terms()]),
        }
        if before.state == "missing":
            return [told.would_add(self.where)] if self.check_mode else self._told(before, [self._adding()])
        if self.check_mode:
            return [told.would_repair(self.where, before)]
        return self._repaired(before)

    def _repaired(self, before: Standing) -> list[Finding]:
        ruling = self.ruling(told.REPAIR, told.repair_hash(self.where, before))
        if not ruling.granted:
            return [told.repair_awaited(self.where, before, ruling.reason)]
        return self._told(before, self._repairing(before), ruling.by)

    def _told(self, before: Standing, commands: Sequence[Command], by: str = "") -> list[Finding]:
        """netsh does it; whether it is done, the list says."""
        self.evidence(f"{EVIDENCE}_begun", self.where.evidence(before))
        self.made_change = True
        said = self._said(commands)
        after = self._look()
        self.made_change = after.rules != before.rules
        if after.state == "unknown":
            return [told.vague(self.where, after)]
        if after.state != "right":
            return [told.not_there(self.where, before, after, said)]
        self.evidence(EVIDENCE, {"station": self.name, "rule": self.where.wanted.terms(), "approved_by": by})
        return told.right(self.where, after, f", repaired now, approved by {by}" if by else ", made now")

    # netsh

    def _look(self) -> Standing:
        modern = self.where.wanted.dialect == MODERN
        command = netsh.show(self.want.name) if modern else netsh.show_openings()
        printed, said = self._listed(command)
        if printed.none:
            return Standing("missing")
        if printed.ok:
            return firewall_port.standing(self.where.wanted, printed.rules)
        if modern and printed.ok is None and not printed.rules:
            every, _ = self._listed(netsh.show_all())
            if every.ok and every.rules and not netsh.named(every, self.want.name):
                return Standing("missing")
        raise Stop(told.unlisted(self.where, f"netsh said {said!r}" if said else "netsh printed nothing"))

    def _listed(self, command: Command) -> tuple[netsh.Printed, str]:
        outcome = self.answered(self.asked.run(command), "the firewall's rules")
        printed = netsh.read(outcome.printed)
        self.deprecated = self.deprecated or printed.deprecated
        return printed, outcome.printed.strip()[-200:]

    def _said(self, commands: Sequence[Command]) -> str:
        """What it said last; a command that did not end as meant is the last one."""
        said = ""
        for command in commands:
            outcome = self.asked.run(command)
            said = outcome.why or outcome.printed.strip()[-200:] or f"exit code {outcome.exit_code}"
            if not outcome.as_expected:
                break
            self.deprecated = self.deprecated or netsh.read(outcome.printed).deprecated
        return said

    def _adding(self) -> Command:
        wanted = self.where.wanted
        add = netsh.add if wanted.dialect == MODERN else netsh.add_opening
        return add(wanted.name, wanted.protocol, wanted.port, wanted.profiles)

    def _repairing(self, before: Standing) -> list[Command]:
        wanted = self.where.wanted
        if wanted.dialect == MODERN:
            return [netsh.change(wanted.name, wanted.protocol, wanted.port, wanted.profiles)]
        gone = [netsh.delete_opening(rule["protocol"], rule["localport"], rule["profiles"]) for rule in before.rules]
        return [*gone, self._adding()]

    # From the other cluster

    def _reached(self, found: Sequence[Finding]) -> list[Finding]:
        """Tried from the controller: Windows 2003 and 2008 have no program for it that ends by itself."""
        machines = self.want.check_from
        if not machines or not found[0].verdict.is_go:
            return []
        if strangers := [name for name in machines if name not in self.vars.get("hostvars", {})]:
            return [told.strangers(self.where, strangers)]
        address = self.want.address or str(self.variable("ansible_host", self.name))
        if self.where.wanted.protocol != "TCP":
            state = "UDP makes no connection that could be tried"
        else:
            state = reach(address, self.want.port, self.want.check_seconds)
        return [told.reached(self.where, address, machines, state)]
