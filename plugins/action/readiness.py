# SPDX-License-Identifier: GPL-3.0-or-later
"""readiness: opens and closes a run: inventory, journal, lock, gate, report. It works on the controller only."""

from __future__ import annotations

import getpass
import os
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible.release import __version__ as ansible_version
from ansible.utils.display import Display

from ..plugin_utils import said, stages
from ..plugin_utils.findings import Finding, Remediation, Verdict
from ..plugin_utils.inventory import AnsibleInventory
from ..plugin_utils.journal import Journal, JournalError, plain
from ..plugin_utils.locks import Held, RunLock
from ..plugin_utils.report.build import build
from ..plugin_utils.report.write import write
from ..plugin_utils.rules.inventory import Inventory

COLLECTION = Path(__file__).resolve().parents[2]
RUN = "IMPAX_RUN"  # set by impax-prepare, which wants to know its run again

ARGUMENT_SPEC: dict[str, Any] = {
    "state": {"type": "str", "required": True, "choices": ["opened", "due", "failed", "reported"]},
    "stage": {"type": "str"},
    "sections": {"type": "list", "elements": "str", "default": []},
    "section": {"type": "str"},
    "error": {"type": "str"},
    "state_folder": {"type": "path"},
    "report_folder": {"type": "path"},
}
REQUIRED_IF = [("state", "due", ("stage", "sections")), ("state", "failed", ("section", "error"))]


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        self.vars = task_vars or {}
        self.inventory = AnsibleInventory(self.vars, self._variable)
        want = self._arguments()
        does: Mapping[str, Callable[[SimpleNamespace], dict[str, Any]]] = {
            "opened": self._opened,
            "due": self._due,
            "failed": self._failed,
            "reported": self._reported,
        }
        try:
            return {**result, "changed": False, **does[want.state](want)}
        except (JournalError, Held, OSError) as error:
            raise AnsibleActionFail(f"{want.state}: {error}") from error

    def _arguments(self) -> SimpleNamespace:
        checked = ArgumentSpecValidator(ARGUMENT_SPEC, required_if=REQUIRED_IF).validate(plain(self._task.args))
        if checked.error_messages:
            raise AnsibleActionFail(f"readiness: {'; '.join(checked.error_messages)}")
        return SimpleNamespace(**checked.validated_parameters)

    # The four states

    def _opened(self, want: SimpleNamespace) -> dict[str, Any]:
        """Looks at the inventory, opens the journal, takes the lock, notes the run."""
        wrong = self.inventory.problems(COLLECTION / "roles") + (
            [] if want.state_folder else list(self.inventory.places())
        )
        if wrong:
            raise AnsibleActionFail(said.wrong_inventory(wrong))
        state = self._state(want)
        journal = Journal.open(state, self.inventory.site, create=True)
        run = os.environ.get(RUN) or uuid.uuid4().hex[:12]
        RunLock(state).take(run, os.getppid())
        seen = self.inventory.seen()
        self._note_start(journal, run, seen)
        return {"run": run, "msg": said.opened(run, self.inventory.site, seen.stations())}

    def _due(self, want: SimpleNamespace) -> dict[str, Any]:
        """Notes that the run has come to a stage; opens the run when a stage is played on its own."""
        state = self._state(want)
        holder = RunLock(state).holder()
        if not holder or holder["pid"] != os.getppid():
            self._opened(want)
            holder = RunLock(state).holder() or {}
        chosen = [section for section in want.sections if self._chosen(section)]
        journal = Journal.open(state, self.inventory.site)
        journal.append("stage_due", run=holder.get("run"), stage=want.stage, sections=chosen)
        Display().display(f"stage {want.stage}: {', '.join(chosen)}")
        return {"msg": f"stage {want.stage}: {', '.join(chosen)}", "sections": chosen}

    def _failed(self, want: SimpleNamespace) -> dict[str, Any]:
        """A section's task failed: its row is unknown, and says why."""
        station = str(self.vars["inventory_hostname"])
        finding = Finding(
            f"section.{want.section.lower()}.failed",
            want.section,
            station,
            Verdict.UNKNOWN,
            f"{want.section} could not be done on {station}: {' '.join(want.error.split())}",
            {},
            Remediation("command", "Correct what is named, then run this section again."),
        )
        self._note_step(Journal.open(self._state(want), self.inventory.site), finding)
        return {"msg": finding.summary, "verdict": finding.verdict.value}

    def _reported(self, want: SimpleNamespace) -> dict[str, Any]:
        """Writes the report, ends the run; fails when the verdict is no-go."""
        state = self._state(want)
        journal = Journal.open(state, self.inventory.site)
        now = datetime.now(timezone.utc)
        order = stages.order((COLLECTION / "playbooks" / "prepare.yml").read_text(encoding="utf-8"))
        report = build(
            journal.entries(),
            now=now,
            stages=order,
            folder=said.shown_path(self.inventory.folder()),
            finished=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        files = write(report, self._report_folder(want, state))
        journal.append("run_ended", run=report["run"], verdict=report["verdict"], counts=report["counts"])
        RunLock(state).release(report["run"])
        paragraph = said.ended(report, files)
        Display().display(paragraph)
        failed = report["verdict"] != "go"
        short = said.verdict(report)
        return {"verdict": report["verdict"], "failed": failed, "msg": short, "report": [str(file) for file in files]}

    def _variable(self, name: str, default: Any = None) -> Any:
        value = self.vars.get(name)
        return default if value is None else plain(self._templar.template(value))

    def _state(self, want: SimpleNamespace) -> Path:
        place = want.state_folder or self.inventory.state()
        if not place:
            raise AnsibleActionFail("There is no place for the journal: set impax_state to a folder on the controller.")
        return Path(place)

    def _report_folder(self, want: SimpleNamespace, state: Path) -> Path:
        return Path(want.report_folder or self._variable("impax_report") or state.parent / "report")

    # What is noted

    def _chosen(self, section: str) -> bool:
        run = set(self._tags("ansible_run_tags"))
        return bool(run & {"all", section}) and section not in self._tags("ansible_skip_tags")

    def _tags(self, name: str) -> list[str]:
        return [str(tag) for tag in plain(list(self.vars.get(name, [])))]

    def _note_start(self, journal: Journal, run: str, seen: Inventory) -> None:
        journal.append(
            "run_started",
            run=run,
            by=getpass.getuser(),
            check=bool(self._task.check_mode),
            tags=self._tags("ansible_run_tags"),
            skip_tags=self._tags("ansible_skip_tags"),
            limit=self._variable("ansible_limit"),
            stations=seen.stations(),
            absent=dict(seen.absent),
            approvals=list(seen.approvals),
            ansible=ansible_version,
        )

    def _note_step(self, journal: Journal, finding: Finding) -> None:
        step = uuid.uuid4().hex[:12]
        started = journal.last("run_started") or {}
        where = {"step": step, "station": finding.station}
        check = bool(self._task.check_mode)
        journal.append("step_begun", run=started.get("run", ""), section=finding.section, check=check, **where)
        journal.append("finding", finding=finding.as_dict(), **where)
        journal.append("step_ended", section=finding.section, changed=False, **where)
