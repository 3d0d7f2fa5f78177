# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of every action: arguments, check mode, the station's lock, the journal; errors become findings.

An action fails its task on wrong usage only. Whatever else goes wrong (a station that cannot be reached, a crash of
ours) becomes a finding of verdict unknown, with a sentence, so that the report has a row and the gate stays shut.
"""

from __future__ import annotations

import time
import traceback
import uuid
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from . import evidence as kept
from .command import Command, Outcome, Secret
from .executor import JobState, Station
from .executor.choose import NoTransport, connect, transport
from .findings import Finding, Remediation, Verdict, evidence_hash, worst
from .journal import Journal, JournalError, plain
from .locks import HeavySlot, Held, StationLock
from .place import default_state
from .rules.approvals import Ruling, judge, moment

SHARED_SPEC: dict[str, Any] = {
    "section": {"type": "str"},
    "state_folder": {"type": "path"},
    "lock_wait": {"type": "int", "default": 3600},
}

HEARTBEAT = 5.0  # seconds between two progress lines of a long job, and at most between two looks at it
HEAVY_WAIT = 12 * 3600.0  # seconds that a heavy job waits for those before it
CUTS = 5  # times in a row that a job may be asked for in vain


class Stop(Exception):
    """Ends the steps with a finding: there is nothing sensible left to do on this station."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.summary)
        self.finding = finding


class StationAction(ActionBase):
    """Subclasses give ARGUMENT_SPEC (Ansible's form, `section` and the place of the journal are added) and `steps`.

    steps(want, station) -> findings. It sets `self.made_change` when something on the station is different now.
    """

    ARGUMENT_SPEC: Mapping[str, Any] = {}
    KEY = ""  # the finding's key when the action itself breaks
    TRANSFERS_FILES = False
    _requires_connection = True
    _supports_check_mode = True

    @abstractmethod
    def steps(self, want: SimpleNamespace, station: Station) -> list[Finding]: ...

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        self.vars = task_vars or {}
        self.made_change = False
        want = self._arguments()
        self.check_mode = bool(self._task.check_mode)
        self.name = str(self.vars.get("inventory_hostname", "localhost"))
        self.section = want.section or ""
        self.journal = self._journal(want)
        self.site = self.journal.site
        self.step = uuid.uuid4().hex[:12]
        findings = self._in_a_step(want)
        verdict = worst(finding.verdict for finding in findings)
        return {
            **result,
            "changed": self.made_change or any(finding.would for finding in findings),
            "verdict": verdict.value,
            "msg": " ".join(finding.summary for finding in findings if not finding.verdict.is_go)
            or findings[-1].summary,
            "findings": [finding.as_dict() for finding in findings],
            **self.returned(),
        }

    def returned(self) -> dict[str, Any]:
        """Further keys of the result; never a secret."""
        return {}

    # Arguments and variables

    def _arguments(self) -> SimpleNamespace:
        spec = {**SHARED_SPEC, **self.ARGUMENT_SPEC}
        checked = ArgumentSpecValidator(spec).validate(plain(self._task.args))
        if checked.error_messages:
            raise AnsibleActionFail(f"{self._task.action}: {'; '.join(checked.error_messages)}")
        values = checked.validated_parameters
        secret = {name for name, of in spec.items() if of.get("no_log")}
        return SimpleNamespace(
            **{name: Secret(value, name) if name in secret and value else value for name, value in values.items()}
        )

    def variable(self, name: str, default: Any = None, variables: Mapping[str, Any] | None = None) -> Any:
        """A variable of this station (or of another one), rendered and plain."""
        value = (self.vars if variables is None else variables).get(name)
        return default if value is None else plain(self._templar.template(value))

    def _journal(self, want: SimpleNamespace) -> Journal:
        state = want.state_folder or self.variable("impax_state") or default_state(self.variable("inventory_dir"))
        if state is None:
            raise AnsibleActionFail("there is no place for the journal: set impax_state to a folder on the controller")
        site = self.variable("impax_site")
        if not site:
            raise AnsibleActionFail(
                f"{self.vars.get('inventory_hostname')}: the variable impax_site (the site's name) is not set"
            )
        self.state = Path(state)
        try:
            return Journal.open(self.state, site, create=True)
        except JournalError as error:
            raise AnsibleActionFail(f"no journal, no action: {error}") from error

    # One step: lock, begin, act, judge, end

    def _in_a_step(self, want: SimpleNamespace) -> list[Finding]:
        """The steps under the station's lock. Who holds it longer than one would wait is a finding, too."""
        try:
            with StationLock(self.state, self.name, wait=want.lock_wait, waiting=self._waiting):
                return self._noted(lambda: self._findings(want))
        except Held as held:
            summary = f"another worker is at {self.name}: {held}"
            return self._noted(lambda: [self.unknown("lock", summary, "Wait for it, then run again.")])
        except JournalError as error:
            raise AnsibleActionFail(
                f"{self.name}: the journal could not be written, so nothing more was done: {error}"
            ) from error

    def _noted(self, judge: Callable[[], list[Finding]]) -> list[Finding]:
        """Begins a step in the journal, judges, and ends it; without its end the step counts as interrupted."""
        begun = {"run": self._run(), "section": self.section, "check": self.check_mode, "action": self._task.action}
        self._note("step_begun", **begun)
        findings = judge()
        for finding in findings:
            self._note("finding", finding=finding.as_dict())
        self._note("step_ended", section=self.section, changed=self.made_change)
        return findings

    def _findings(self, want: SimpleNamespace) -> list[Finding]:
        try:
            return self.steps(want, self.station())
        except Stop as stop:
            return [*getattr(self, "so_far", []), stop.finding]
        except JournalError:
            raise
        except NoTransport as error:
            raise AnsibleActionFail(f"{self.name}: {error}") from error
        except AnsibleActionFail:
            raise
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__} in {Path(where.filename).name}:{where.lineno}"
            self._note("crash", error=what, text=self.scrubbed(str(error)))
            return [
                self.unknown(
                    "crash",
                    f"{self._task.action} broke off on {self.name}: {what}: {self.scrubbed(str(error))}",
                    "Run it again; if it stays, report it.",
                )
            ]

    def _waiting(self, text: str) -> None:
        self.say(f"waiting: {text}")

    def _run(self) -> str:
        started = self.journal.last("run_started")
        return str(started["run"]) if started else ""

    def _note(self, kind: str, **fields: Any) -> dict[str, Any]:
        return self.journal.append(kind, step=self.step, station=self.name, **fields)

    def scrubbed(self, text: str) -> str:
        return self._stations[self.name].scrub(text) if self.name in self._known() else text

    def _known(self) -> dict[str, Station]:
        if not hasattr(self, "_stations"):
            self._stations: dict[str, Station] = {}
        return self._stations

    # Stations

    def station(self) -> Station:
        """This task's own station."""
        carrier = transport(self._connection, lambda name, default: self.variable(name, default))
        self._known()[self.name] = Station(self.name, carrier, self._noting(self.name))
        return self._stations[self.name]

    def other_station(self, name: str) -> Station:
        """Another station of the inventory, over a connection of its own."""
        hosts = self.vars.get("hostvars", {})
        if name not in hosts:
            raise AnsibleActionFail(f"{self.name}: the station {name!r} is not in the inventory")
        variables = hosts[name]
        connection = connect(
            self._shared_loader_obj, self._play_context, variables, lambda value: plain(self._templar.template(value))
        )
        carrier = transport(connection, lambda wanted, default: self.variable(wanted, default, variables))
        self._known()[name] = Station(name, carrier, self._noting(name))
        return self._stations[name]

    def other_lock(self, name: str) -> StationLock:
        return StationLock(self.state, name, wait=3600, waiting=self._waiting)

    def _noting(self, station: str) -> Callable[[Outcome, Callable[[str], str]], None]:
        def note(outcome: Outcome, scrub: Callable[[str], str]) -> None:
            command = outcome.command
            said = "" if outcome.as_expected or command.withheld else scrub(outcome.printed)[-400:]
            self.journal.append(
                "command",
                step=self.step,
                station=station,
                program=command.program,
                words=[scrub(word) for word in command.shown()],
                user=command.user,
                state=outcome.state.value,
                exit_code=outcome.exit_code,
                seconds=round(outcome.seconds, 3),
                why=scrub(outcome.why),
                said=said,
            )

        return note

    # What actions say

    def say(self, text: str) -> None:
        """A progress line: console and runner show it at once."""
        Display().display(f"{self.name}: {self.scrubbed(text)}")

    def unknown(self, what: str, summary: str, remedy: str, **evidence: Any) -> Finding:
        key = f"{self.KEY or self._task.action.rsplit('.', 1)[-1]}.{what}"
        return Finding(key, self.section, self.name, Verdict.UNKNOWN, summary, evidence, Remediation("command", remedy))

    def answered(self, outcome: Outcome, expected: str) -> Outcome:
        """The outcome when the program ended as meant; else the steps stop as unknown."""
        if outcome.as_expected:
            return outcome
        raise Stop(self.unanswered(outcome, expected))

    def unanswered(self, outcome: Outcome, expected: str) -> Finding:
        command: Command = outcome.command
        seen = outcome.why or f"exit code {outcome.exit_code}" + (
            "" if command.withheld else f", {self.scrubbed(outcome.printed.strip())[-200:]!r}"
        )
        return self.unknown(
            command.program,
            f"{command.program} on {self.name}: expected {expected}, seen {seen}.",
            f"See why {command.program} does not answer on {self.name}; then run this section again.",
            program=command.program,
            exit_code=outcome.exit_code,
            state=outcome.state.value,
        )

    # Evidence

    def evidence(self, what: str, facts: Mapping[str, Any]) -> str:
        """Journals a piece of evidence; returns its hash."""
        digest = evidence_hash(facts)
        self._note("evidence", what=what, facts=dict(facts), evidence_hash=digest)
        return digest

    def keep(self, kind: str, name: str, content: Mapping[str, Any]) -> str:
        """A file beside the journal that a person may hand on; its path. Nothing of a patient, nothing secret."""
        return kept.keep(self.state, kind, self.name, name, content)

    def site_secret(self) -> bytes:
        """What keys are hashed with before they leave the site."""
        return kept.site_secret(self.state)

    def approvals(self) -> Iterable[Mapping[str, Any]]:
        """Every approval that was given: on the command line (journal), in the inventory, by AWX."""
        given = self.variable("impax_approvals", [])
        return [*self.journal.entries("approval"), *(given if isinstance(given, list) else [])]

    def ruling(self, what: str, hash_: str, *, covers: Iterable[str] = (), risks: Iterable[str] = ()) -> Ruling:
        """Whether the approvals grant a step here and now. what: the finding's key behind the action's own. hash_: of the
        evidence that the step rests on. covers, risks: as `approvals.judge` has them."""
        return judge(
            self.approvals(),
            site=self.site,
            station=self.name,
            finding=f"{self.KEY}.{what}",
            evidence_hash=hash_,
            covers=covers,
            risks=risks,
            now=datetime.now(timezone.utc),
        )

    def waived(self, finding: str) -> bool:
        """Whether a waiver that has not expired covers this finding of this station."""
        key, now = f"{self.KEY}.{finding}", datetime.now(timezone.utc)
        return any(
            (until := moment(waiver.get("until"))) is not None and until > now
            for waiver in self.journal.entries("waiver", finding=key, station=self.name)
        )

    # Long jobs

    @contextmanager
    def heavy(self, what: str, begun: bool = False) -> Iterator[None]:
        """While this lasts, `what` is one of the heavy jobs that the site allows at once (impax_heavy_at_once).

        begun: it is at work already, and nobody's turn is waited for.
        """
        if begun:
            yield
            return
        slots = int(self.variable("impax_heavy_at_once", 1))
        slot = HeavySlot(self.state, slots, wait=HEAVY_WAIT, waiting=self._waiting)
        try:
            slot.__enter__()
        except Held as held:
            raise Stop(
                self.unknown(
                    "heavy", f"{what} on {self.name} was not begun: {held}.", "Run it again when they are done."
                )
            ) from None
        try:
            yield
        finally:
            slot.__exit__(None, None, None)

    def finished(
        self, station: Station, job: str, what: str, *, user: str | None = None, limit: int = 21600
    ) -> JobState:
        """Waits for a detached job; a progress line now and then. Asking again is harmless, so a cut is asked again.

        limit: seconds after which the waiting is given up; the job goes on and is found again by the next run.
        """
        began, said, cuts, pause = time.monotonic(), 0.0, 0, 0.2
        while True:
            state = station.job(job, user)
            waited = time.monotonic() - began
            cuts = cuts + 1 if state.state == "unknown" else 0
            if state.state in ("done", "lost", "none") or cuts > CUTS or waited > limit:
                return state
            if waited - said >= HEARTBEAT:
                said = waited
                self.say(f"{what}: running for {waited:.0f} s")
            time.sleep(pause)
            pause = min(HEARTBEAT, pause * 1.5)

    def job_open(self, program: str, job: str, state: JobState) -> Finding:
        """A job whose end is not known: it is neither repeated nor forgotten."""
        seen = {"running": "it still runs", "none": "its station knows no such job"}.get(
            state.state, state.why or "no answer"
        )
        return self.unknown(
            program,
            f"{program} on {self.name} runs as the detached job {job}, and its end was not seen: {seen}.",
            "Run this section again: it finds the job and goes on from there.",
            job=job,
            state=state.state,
        )
