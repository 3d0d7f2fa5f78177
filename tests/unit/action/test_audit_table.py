# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the steps: nothing is truncated without a verified export of that very table and an approval of it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from ansible_collections.impax.upgrade.plugins.action import audit_table
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import evidence_hash
from ansible_collections.impax.upgrade.plugins.plugin_utils.journal import Journal
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import audit_history, audit_truncate
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.audit import Exported, Measured
from ansible_collections.impax.upgrade.plugins.plugin_utils.tables import Late, NotTruncated, Stop

KEY = "audit_table.map_event_audit.truncate"


class Table:
    """A table in memory. truncates: what each truncate does: "done", "late", "busy", "unseen", "unseen but done"."""

    risks = offers = ("no_backup",)
    puts_late_rows_back = False

    def __init__(self, rows=100):
        self.rows, self.least, self.exports, self.truncates, self.did = rows, 1, 0, [], []
        self.whole = True
        self.unread: dict[str, str] = {}
        self.nulls = 0

    def measure(self):
        greatest = self.least + self.rows - 1 if self.rows else None
        return Measured(
            "DB 1", self.rows, 10, 1000, self.nulls, "id", self.least if self.rows else None, greatest, (), self.unread
        )

    def database_known_as(self, seen):
        return "DB", "1"

    def export(self, seen, job):
        self.exports += 1
        self.did.append("export")
        made = Exported(
            "lab",
            "st",
            "DB 1",
            "map_event_audit",
            f"/x/{self.exports}",
            seen.rows,
            50,
            f"sha{self.exports}",
            "how",
            "id",
            seen.least,
            seen.greatest,
        )
        self.action.evidence(audit_history.EXPORT, made.evidence())
        return made

    def file_now(self, path):
        return (50, f"sha{path.rsplit('/', 1)[-1]}") if self.whole else (49, "other")

    def refused_by_writers(self, seen, export, allow):
        return None

    def truncate(self, export):
        self.did.append("truncate")
        way = self.truncates.pop(0) if self.truncates else "done"
        if way == "late":
            self.rows += 1
            raise Late("one came")
        if way == "busy":
            raise NotTruncated(audit_truncate.table_busy(self.action.where, export, "ORA-00054", 5))
        if way != "unseen":
            self.rows, self.least = 0, 1
        if way != "done":
            raise Stop(audit_truncate.truncate_unseen(self.action.where, export, "cut"))
        return 0


@pytest.fixture
def run(tmp_path, monkeypatch):
    state = tmp_path / "state"

    def act(table, check=False, **more):
        def opened(action, want, station):
            table.action = action
            return table

        monkeypatch.setattr(audit_table, "open_table", opened)
        monkeypatch.setattr(audit_table.ActionModule, "station", lambda self: None)
        args = {"section": "S34", "engine": "oracle", "folder": "/x", **more.pop("args", {})}
        task = SimpleNamespace(args=args, check_mode=check, action="impax.upgrade.audit_table", async_val=0, diff=False)
        connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=""), _load_name="ssh")
        variables = {"inventory_hostname": "st", "impax_site": "lab", "impax_state": str(state), **more}
        templar = SimpleNamespace(template=lambda value: value)
        action = audit_table.ActionModule(task, connection, None, None, templar, None)
        result = action.run(task_vars=variables)
        return SimpleNamespace(**result, last=result["findings"][-1])

    act.state = state
    return act


def approve(run, awaited, **more):
    fields = {
        "finding": KEY,
        "station": "st",
        "evidence": awaited["evidence_hash"],
        "by": "Somebody",
        "allow": ["no_backup"],
    }
    until = (datetime.now(timezone.utc) + timedelta(days=1)).isoformat()
    Journal.open(run.state, "lab").append("approval", **{**fields, "until": until, **more})


def evidence(run, what):
    return list(Journal.open(run.state, "lab").entries("evidence", what=what))


def test_export_then_approval_then_truncate_then_nothing(run):
    table = Table()
    first = run(table)
    assert (first.verdict, first.changed, table.did) == ("attention", True, ["export"])
    again = run(table)
    assert (again.verdict, again.changed, table.did) == ("attention", False, ["export"])
    approve(run, first.last)
    done = run(table)
    assert (done.verdict, done.changed, table.did) == ("changed", True, ["export", "truncate"])
    after = run(table)
    assert (after.verdict, after.changed, table.did) == ("ok", False, ["export", "truncate"])


def test_an_empty_table_is_ok(run):
    assert run(Table(0)).verdict == "ok"


@pytest.mark.parametrize("wrong", [{"unread": {"rows": "ORA-01034"}}, {"nulls": 3}])
def test_what_was_not_read_or_stands_in_the_way_stops_before_the_export(run, wrong):
    table = Table()
    vars(table).update(wrong)
    assert run(table).verdict in ("unknown", "blocker") and table.did == []


def test_no_approval_of_this_very_export_no_truncate(run):
    table = Table()
    finding = run(table).last
    for change in (
        {"station": "other"},
        {"evidence": "0" * 64},
        {"allow": []},
        {"until": "2020-01-01T00:00:00Z"},
        {"finding": KEY + "x"},
    ):
        approve(run, finding, **change)
        assert run(table).verdict == "attention"
    assert "truncate" not in table.did


def test_an_approval_covers_the_one_later_export_that_contains_the_approved_one(run):
    table = Table()
    approve(run, run(table).last)
    table.truncates = ["late"]
    assert run(table).verdict == "changed"
    assert table.did == ["export", "truncate", "export", "truncate"]


def test_it_does_not_cover_the_one_after_that(run):
    table = Table()
    approve(run, run(table).last)
    table.truncates = ["late", "late"]
    result = run(table)
    assert result.verdict == "attention" and table.did == ["export", "truncate"] * 2 + ["export"] and table.rows == 102


def test_a_copy_that_is_not_whole_any_more_is_never_trusted(run):
    table = Table()
    approve(run, run(table).last)
    table.whole = False
    result = run(table)
    assert table.did.count("truncate") == 0 and table.did.count("export") == 2
    assert result.verdict == "blocker"


def test_a_busy_table_is_attention_and_next_time_it_goes_on(run):
    table = Table()
    approve(run, run(table).last)
    table.truncates = ["busy"]
    assert run(table).verdict == "attention" and table.rows == 100
    assert len(evidence(run, audit_history.NOT_DONE)) == 1
    assert run(table).verdict == "changed" and table.exports == 1


@pytest.mark.parametrize("way", ["unseen", "unseen but done"])
def test_an_unseen_truncate_is_unknown_and_the_next_run_finds_out(run, way):
    table = Table()
    approve(run, run(table).last)
    table.truncates = [way]
    assert run(table).verdict == "unknown"
    result = run(table)
    assert (result.verdict, table.rows, table.exports) == ("changed", 0, 1)
    assert table.did.count("truncate") == (2 if way == "unseen" else 1)
    assert run(table).verdict == "ok"


def test_an_unseen_truncate_that_cannot_be_told_stops_everything(run):
    table = Table()
    approve(run, run(table).last)
    table.truncates = ["unseen"]
    run(table)
    table.rows, table.least = 50, 51  # somebody else removed the oldest rows
    assert run(table).verdict == "unknown"
    assert table.did == ["export", "truncate"]


def test_check_mode_changes_nothing_at_any_step(run):
    table = Table()
    foretold = run(table, check=True)
    assert foretold.changed and foretold.last["would"] and table.did == []
    approve(run, run(table).last)
    assert run(table, check=True).last["would"] and table.did == ["export"]
    table.truncates = ["unseen but done"]
    run(table)
    before = len(evidence(run, audit_history.EMPTIED))
    assert run(table, check=True).last["would"] and len(evidence(run, audit_history.EMPTIED)) == before


def test_an_emptied_table_that_filled_again_is_due_again_and_needs_a_new_approval(run):
    table = Table()
    approve(run, run(table).last)
    run(table)
    table.rows, table.least = 30, 1
    assert run(table).verdict == "ok"
    again = run(table, args={"rows_since_limit": 10})
    assert again.verdict == "attention" and again.last["evidence"]["rows"] == 30 and table.rows == 30


def test_a_crash_of_ours_is_unknown(run):
    table = Table()
    table.measure = lambda: 1 / 0
    result = run(table)
    assert result.verdict == "unknown" and "ZeroDivisionError" in result.msg


def test_the_evidence_that_is_approved_is_the_export_not_the_live_count(run):
    table = Table()
    finding = run(table).last
    (entry,) = evidence(run, audit_history.EXPORT)
    assert finding["evidence"] == entry["facts"] and finding["evidence_hash"] == evidence_hash(entry["facts"])
    assert "rows_now" not in finding["evidence"]


def test_wrong_usage_fails_with_the_options_name(run):
    with pytest.raises(Exception, match="lock_secnds"):
        run(Table(), args={"lock_secnds": 5})
    with pytest.raises(Exception, match="impax_site"):
        run(Table(), impax_site=None)


def test_a_station_that_another_worker_holds_is_unknown_and_noted(run):
    from ansible_collections.impax.upgrade.plugins.plugin_utils.locks import StationLock

    table = Table()
    run(table)
    with StationLock(run.state, "st"):
        result = run(table, args={"lock_wait": 0})
    assert result.verdict == "unknown" and "another worker" in result.msg
    last = list(Journal.open(run.state, "lab").entries("finding"))[-1]
    assert last["finding"]["verdict"] == "unknown"
