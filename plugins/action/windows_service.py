# SPDX-License-Identifier: GPL-3.0-or-later
"""windows_service: services stopped with those that need them, started, or brought back as they were (S05, S15)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, ClassVar

from ..plugin_utils.action import StationAction, Stop
from ..plugin_utils.command import Outcome
from ..plugin_utils.executor import Station
from ..plugin_utils.findings import Finding, Verdict, evidence_hash
from ..plugin_utils.programs import sc
from ..plugin_utils.rules import windows_service, windows_service_plan
from ..plugin_utils.rules.windows_service import PENDING, Deed, Service, Where
from ..plugin_utils.rules.windows_service_plan import BEFORE, PLAN, RESTORED, STOP

Seen = dict[str, Service]
PAUSE, LONGEST_PAUSE = 0.5, 5.0


class ActionModule(StationAction):
    KEY = windows_service.KEY
    ARGUMENT_SPEC: ClassVar[dict[str, Any]] = {
        "services": {"type": "list", "elements": "str", "required": True},
        "state": {"type": "str", "required": True, "choices": ["started", "stopped", "restored"]},
        "production": {"type": "bool", "default": True},
        "wait_seconds": {"type": "int", "default": 120},
        "settle_seconds": {"type": "int", "default": 10},
    }

    def steps(self, want: SimpleNamespace, station: Station) -> list[Finding]:
        self.want, self.at = want, station
        self.unlisted: list[Finding] = []
        names = windows_service.first_of_each(want.services)
        wanted = "stopped" if want.state == "stopped" else "running"
        self.where = Where(self.section, self.name, wanted, want.wait_seconds, want.settle_seconds)
        if not names:
            raise Stop(self.unknown("services", f"No service of {self.name} is named.", "Name one in services."))
        if want.state == "restored":
            asked, names = names, windows_service_plan.to_restore(self.journal.entries("evidence"), self.name, names)
            if not names:
                return [windows_service_plan.nothing_to_restore(self.where, asked)]
        found = self._brought(names)
        if want.state == "restored" and not self.check_mode:
            back = [one.evidence["name"] for one in found if one.key.endswith(".state") and one.verdict.is_go]
            self.evidence(RESTORED, {"station": self.name, "names": back})
        return found

    def _brought(self, names: Sequence[str]) -> list[Finding]:
        asked = self._quiet(names)
        needing = self._needing(asked) if self.where.wanted == "stopped" else []
        before = {**self._quiet([name for name in needing if name not in asked]), **asked}
        found = [
            *self.unlisted,
            *(unfit for one in before.values() if (unfit := windows_service.unfit(self.where, one))),
        ]
        told = {finding.evidence["name"] for finding in found}
        order = self._order(asked, before)
        if any(finding.verdict in (Verdict.UNKNOWN, Verdict.BLOCKER) for finding in found):
            held = [windows_service.left(self.where, before[name], "nothing was begun") for name in order]
            return [*found, *(finding for finding in held if finding.evidence["name"] not in told)]
        standing = {name: one for name, one in before.items() if name not in told and name not in order}
        ruled = self._ruled(order)
        if not order or self.check_mode or (ruled and not ruled[0].verdict.is_go):
            return [*found, *ruled, *self._foretold(standing, before, order, ruled)]
        return [*found, *ruled, *self._done(standing, before, order)]

    def _order(self, asked: Seen, before: Seen) -> list[str]:
        if self.where.wanted == "stopped":
            return self._stopping(asked, before)
        return [name for name, one in before.items() if one.state == "stopped"]

    def _stopping(self, asked: Seen, before: Seen) -> list[str]:
        order = windows_service.to_stop(list(asked.values()), self.where.needed_by)
        return [name for name in order if before[name].state not in windows_service.IDLE]

    # Looking

    def _look(self, names: Sequence[str]) -> Seen:
        """Each service with its start-up type, in one round trip; another one where a name may be a display name."""
        outcomes = self.at.ask([make(name) for name in names for make in (sc.queryex, sc.config)]) if names else []
        seen = {
            name: self._service(name, *outcomes[2 * place : 2 * place + 2])
            for place, name in enumerate(names)
            if len(outcomes) >= 2 * place + 2
        }
        seen = {name: seen.get(name, Service(name, None, why="no answer")) for name in names}
        missing = [name for name, one in seen.items() if one.state == "missing"]
        known = self.at.ask([sc.key_name(name) for name in missing]) if missing else []
        behind = dict(zip(missing, map(sc.key_of, known), strict=False))
        seen |= {name: replace(seen[name], known_as=behind.get(name)) for name in missing}
        return seen

    def _service(self, name: str, state: Outcome, config: Outcome | None = None) -> Service:
        entry = sc.entry_of(state)
        why = state.why or ("" if state.as_expected else f"exit code {state.exit_code}")
        told = SimpleNamespace(win32_exit=None, service_exit=None, pid=None) if entry is None else entry
        start = sc.start_type(config.out) if config and config.as_expected else None
        return Service(name, sc.state(state), start, told.win32_exit, told.service_exit, told.pid, why=why)

    def _quiet(self, names: Sequence[str]) -> Seen:
        """Services as they are once none is on its way up or down any more, or the time for it has passed."""
        seen, until, pause = self._look(names), time.monotonic() + self.want.wait_seconds, PAUSE
        while (moving := [n for n, one in seen.items() if one.state in PENDING]) and time.monotonic() < until:
            self.say(f"waiting: {', '.join(f'{name} is {seen[name].state}' for name in moving)}")
            pause = self._pause(pause)
            seen |= self._look(moving)
        return seen

    def _pause(self, seconds: float) -> float:
        time.sleep(seconds)
        return min(LONGEST_PAUSE, seconds * 1.5)

    def _needing(self, asked: Seen) -> list[str]:
        """Running services that need those that are to be stopped; `where` says which needs which."""
        running = [name for name, one in asked.items() if one.state not in (None, *windows_service.IDLE)]
        outcomes = self.at.ask([sc.dependants(name) for name in running]) if running else []
        spelt = {name.casefold(): name for name in asked}
        needed_by: dict[str, list[str]] = {}
        for name, outcome in zip(running, outcomes, strict=True):
            listed = sc.dependants_of(outcome)
            if listed is None:
                why = outcome.why or f"exit code {outcome.exit_code}, and no whole list"
                self.unlisted.append(windows_service.dependants_unknown(self.where, name, why))
            needed_by[name] = [spelt.get(e.name.casefold(), e.name) for e in listed or () if e.state != "STOPPED"]
        self.where = replace(self.where, needed_by=needed_by)
        return windows_service.first_of_each(name for others in needed_by.values() for name in others)

    # Whether it may be done

    def _ruled(self, order: Sequence[str]) -> list[Finding]:
        """What the approval says, where one is needed."""
        if not order or self.where.wanted != "stopped" or not self.want.production:
            return []
        plan = windows_service_plan.plan_evidence(self.where, order)
        earlier = windows_service_plan.plans(self.journal.entries("evidence"), self.name)
        covers = [evidence_hash(other) for other in windows_service_plan.containing(plan, earlier)]
        ruling = self.ruling(STOP, evidence_hash(plan), covers=covers)
        if plan not in earlier:
            self.evidence(PLAN, plan)
        if ruling.granted:
            return [windows_service_plan.granted(self.where, plan, ruling.by)]
        return [windows_service_plan.awaited(self.where, plan, ruling.reason)]

    def _foretold(self, standing: Seen, before: Seen, order: Sequence[str], ruled: Sequence[Finding]) -> list[Finding]:
        awaiting = any(not finding.verdict.is_go for finding in ruled)
        foretold = [] if awaiting else [windows_service_plan.would(self.where, before[name]) for name in order]
        return [*self._lasting(standing, standing, {}), *foretold]

    # Doing

    def _done(self, standing: Seen, before: Seen, order: Sequence[str]) -> list[Finding]:
        plan = [before[name] for name in order]
        if self.where.wanted == "stopped":
            self.evidence(BEFORE, windows_service_plan.before_evidence(self.where, plan))
        deeds: dict[str, Deed] = {}
        failed = ""
        for one in plan:
            deeds[one.name] = Deed(held_back=f"{failed} came first and failed") if failed else self._one(one)
            failed = failed or ("" if deeds[one.name].reached else one.name)
        return self._lasting(standing, {name: before[name] for name in order}, deeds)

    def _one(self, service: Service) -> Deed:
        """Asks for the change and waits for the state; `reached` when it was seen."""
        stopping = self.where.wanted == "stopped"
        self.say(f"{'stopping' if stopping else 'starting'} {service.name}")
        said = sc.error(self.at.run((sc.stop if stopping else sc.start)(service.name)))
        until, pause = time.monotonic() + self.want.wait_seconds, PAUSE
        while not windows_service.refused(self.where, said):
            now = self._service(service.name, self.at.run(sc.queryex(service.name)))
            self.made_change = self.made_change or now.state != service.state
            if now.state == self.where.wanted:
                return Deed(said, now)
            if time.monotonic() >= until or (not stopping and now.state == "stopped"):
                break
            pause = self._pause(pause)
        return Deed(said)

    def _lasting(self, standing: Seen, changed: Seen, deeds: Mapping[str, Deed]) -> list[Finding]:
        """What became of all of them, once what runs has had its time to end again and what ended to come back."""
        before = {**standing, **changed}
        if not before:
            return []
        if any(deed.reached for deed in deeds.values()) or (self.where.wanted == "running" and not deeds):
            time.sleep(self.want.settle_seconds)
        after = self._look(list(before))
        found = []
        for name, one in before.items():
            deed = deeds.get(name) or Deed(reached=one)
            found += windows_service.outcome(self.where, one, after[name], deed)
            self.made_change = self.made_change or (name in deeds and after[name].state != one.state)
        return found
