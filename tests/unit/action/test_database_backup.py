# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the steps: a backup that counts is not made again, and none is made without what has to be agreed to."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from ansible_collections.impax.upgrade.plugins.action import database_backup
from ansible_collections.impax.upgrade.plugins.plugin_utils.action import Stop
from ansible_collections.impax.upgrade.plugins.plugin_utils.backups import Consent, NeverBegun
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Verdict
from ansible_collections.impax.upgrade.plugins.plugin_utils.journal import Journal
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import backup
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.backup import Backup, Where

WHERE = Where("S33", "st", "MVF")


class Engine:
    """A database in memory."""

    how, database = "runbackup", "MVF"

    def __init__(self):
        self.made, self.jobs = 0, []
        self.before: list = []
        self.wrong = self.needs = self.site_own = self.down = self.elsewhere = None
        self.copied = 0

    def measure(self):
        if self.down:
            raise Stop(self.down)
        return self.before

    def still_there(self, one):
        return self.wrong

    def own(self, max_age_h):
        return self.site_own

    def consent(self):
        return self.needs

    def make(self, job):
        self.made += 1
        self.jobs.append(job)
        at = datetime.now(timezone.utc).isoformat()
        return Backup("st", "MVF", "oracle", at, at, "how", (str(self.made),), 10)

    def copy_off(self, one):
        self.copied += 1
        return []


@pytest.fixture
def run(tmp_path, monkeypatch):
    def act(engine, check=False, given=(), **args):
        monkeypatch.setattr(database_backup, "open_backup", lambda action, want, station: engine)
        monkeypatch.setattr(database_backup.ActionModule, "station", lambda self: None)
        args = {"section": "S33", "engine": "oracle", **args}
        task = SimpleNamespace(
            args=args, check_mode=check, action="impax.upgrade.database_backup", async_val=0, diff=False
        )
        connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=""), _load_name="ssh")
        variables = {
            "inventory_hostname": "st",
            "impax_site": "lab",
            "impax_state": str(tmp_path),
            "impax_approvals": list(given),
        }
        templar = SimpleNamespace(template=lambda value: value)
        result = database_backup.ActionModule(task, connection, None, None, templar, None).run(task_vars=variables)
        return SimpleNamespace(**result, last=result["findings"][-1])

    act.state = tmp_path
    return act


def bad(verdict, what="room"):
    return WHERE.finding(what, verdict, "x")


def test_made_once_and_then_it_counts(run):
    engine = Engine()
    assert run(engine).last["verdict"] == "changed"
    again = run(engine)
    assert (again.verdict, again.changed, engine.made) == ("ok", False, 1)


def test_check_mode_foretells_and_writes_nothing(run):
    engine = Engine()
    foretold = run(engine, check=True)
    assert foretold.changed and foretold.last["would"] and engine.made == 0
    assert not list(Journal.open(run.state, "lab").entries("evidence"))


@pytest.mark.parametrize("verdict", [Verdict.BLOCKER, Verdict.UNKNOWN, Verdict.ATTENTION])
def test_what_stands_in_the_way_stops_it(run, verdict):
    engine = Engine()
    engine.before = [bad(verdict)]
    assert run(engine).verdict == verdict.value and engine.made == 0


def test_one_that_is_no_longer_whole_is_withdrawn_and_made_again(run):
    engine = Engine()
    run(engine)
    engine.wrong = bad(Verdict.BLOCKER, "gone")
    assert run(engine, check=True).changed and engine.made == 1
    assert run(engine).verdict == "changed" and engine.made == 2
    assert len(list(Journal.open(run.state, "lab").entries("evidence", what=backup.WITHDRAWN))) == 1


def test_one_that_cannot_be_looked_at_is_unknown_and_not_made_again(run):
    engine = Engine()
    run(engine)
    engine.wrong = bad(Verdict.UNKNOWN, "unseen")
    assert run(engine).verdict == "unknown" and engine.made == 1


def test_what_has_to_be_agreed_to_awaits_an_approval_with_its_risk(run):
    engine = Engine()
    engine.needs = Consent("mode", "It may stop.", {"mode": "unknown"}, ("stops_database",))
    asked = run(engine)
    assert (asked.verdict, engine.made, asked.last["key"]) == ("attention", 0, "database_backup.mode")
    until = (datetime.now(timezone.utc) + timedelta(days=1)).isoformat()
    approval = {
        "finding": "database_backup.mode",
        "station": "st",
        "evidence": asked.last["evidence_hash"],
        "by": "A",
        "until": until,
    }
    assert run(engine, given=[approval]).verdict == "attention" and engine.made == 0
    assert run(engine, given=[{**approval, "allow": ["stops_database"]}]).verdict == "changed"


def test_a_job_of_an_earlier_run_is_gone_on_with_even_where_the_database_is_down(run):
    job = {"station": "st", "database": "MVF", "engine": "oracle", "job": "j"}
    Journal.open(run.state, "lab", create=True).append("evidence", what=backup.JOB, facts=job)
    engine = Engine()
    engine.down = bad(Verdict.BLOCKER, "instance")
    assert run(engine, check=True).last["would"] and engine.made == 0
    assert run(engine).verdict == "changed" and engine.jobs[0]["job"] == "j"


def test_a_copy_that_did_not_come_off_the_station_is_tried_again_but_not_by_check_mode(run):
    engine = Engine()
    run(engine)
    run(engine)
    assert (engine.made, engine.copied) == (1, 2)
    run(engine, check=True)
    assert engine.copied == 2


def test_a_job_of_a_section_that_is_not_for_this_server_is_not_foretold(run):
    engine = Engine()
    facts = {"station": "st", "database": "MVF", "engine": "oracle", "job": "j"}
    Journal.open(run.state, "lab", create=True).append("evidence", what=backup.JOB, facts=facts)
    engine.elsewhere = bad(Verdict.NOT_APPLICABLE)
    assert run(engine, check=True).verdict == "not_applicable"


def test_the_sites_own_counts_unless_it_was_forbidden(run):
    at = datetime.now(timezone.utc).isoformat()
    engine = Engine()
    engine.site_own = Backup("st", "MVF", "oracle", at, at, "how", ("9",), 10)
    assert run(engine).verdict == "ok" and (engine.made, engine.copied) == (0, 1)
    other = Engine()
    other.wrong, other.site_own = bad(Verdict.BLOCKER), engine.site_own
    run(other, accept_own=False)
    assert other.made == 1


def test_outside_of_its_window_it_is_put_off(run):
    engine = Engine()
    assert run(engine, window="nonsense").last["key"] == "database_backup.window" and engine.made == 0


def test_a_job_that_never_began_is_begun_only_as_a_new_one_would_be(run):
    engine = Engine()
    facts = {"station": "st", "database": "MVF", "engine": "oracle", "job": "j"}
    Journal.open(run.state, "lab", create=True).append("evidence", what=backup.JOB, facts=facts)

    def make(job):
        Journal.open(run.state, "lab").append("evidence", what=backup.JOB_ENDED, facts=facts)
        if job:
            raise NeverBegun
        return Engine.make(engine, job)

    engine.make = make
    engine.needs = Consent("mode", "It may stop.", {"mode": "cold"}, ("stops_database",))
    assert run(engine).verdict == "attention" and engine.made == 0
    engine.needs = None
    assert run(engine, window="nonsense").last["key"] == "database_backup.window" and engine.made == 0
    engine.down = bad(Verdict.BLOCKER, "instance")
    assert run(engine).last["key"] == "database_backup.instance" and engine.made == 0
    engine.down, engine.before = None, [bad(Verdict.BLOCKER)]
    assert run(engine).last["key"] == "database_backup.room" and engine.made == 0
    engine.before = []
    assert run(engine).verdict == "changed"


def test_a_window_that_closed_while_others_had_their_turn_puts_it_off(run, monkeypatch):
    engine, told = Engine(), iter(["", "it is noon"])
    monkeypatch.setattr(database_backup.windows, "refusal", lambda *_: next(told))
    assert run(engine, window="22:00-05:00").last["key"] == "database_backup.window" and engine.made == 0
