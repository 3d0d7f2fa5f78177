# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode of every database section against the run that follows it: it changes nothing, and foretells each change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from support.approve import approve
from support.audit_site import site_of
from support.lab_site import LabSite
from support.station_state import differing, station_state

STATIONS = ("as3000", "as300", "verify")
CALLS = (
    (("S23", "as3000"), ("S33", "as3000"), ("S23", "as300"), ("S31", "as300")),
    (("S29", "as3000"), ("S19", "as3000"), ("S17", "as3000"), ("S21", "as3000"), ("S34", "as3000"),
     ("S16", "as300"), ("S20", "as300"), ("S36", "as300")),
)  # fmt: skip
SECTIONS = [each for call in CALLS for each in call]
CHANGING = {
    "monitor_update", "monitor_add", "dbstartmvf", "runbackup", "exp", "imp", "bcp", "net", "build-impax-mig-schema",
    "mig-study-archive-report", "mig_reporter",
}  # fmt: skip
BACKUPS = [
    {"key": 11, "type": "full", "files": "all", "controlfile": True, "size_mb": 24, "age_h": 60, "tag": "NIGHTLY"},
    {"key": 12, "type": "full", "files": "all", "controlfile": True, "size_mb": 24, "age_h": 200, "tag": "OLD"},
    {"key": 13, "type": "archivelog", "size_mb": 3, "age_h": 300, "tag": "LOGS", "on_disk": False},
]  # the last one becomes EXPIRED as soon as anybody has them checked


@dataclass
class Round:
    """One assessment of the station by one section, and the run behind it.

    touched: what the assessment changed on any station. called: the programs that it called at this one. deeds: what the run
    changed at this station, by whichever section. foretold: what the report says that check mode said. done: every finding of
    the run, with those of a section that has two steps in one run. changed: what the run's steps said of themselves.
    """

    touched: list[str]
    called: list[str]
    foretold: list[dict[str, Any]]
    done: list[dict[str, Any]]
    changed: bool
    deeds: list[str]

    @property
    def would(self) -> list[dict[str, Any]]:
        return [finding for finding in self.foretold if finding.get("would")]

    @property
    def waiting(self) -> list[dict[str, Any]]:
        """What the run did not do because nobody has approved it."""
        texts = [(finding, (finding["remediation"] or {}).get("text", "")) for finding in self.done]
        return [finding for finding, text in texts if text.startswith("impax-prepare approve")]


class Played:
    """The site: assessed, run, what waits approved, assessed and run again, until nothing waits."""

    def __init__(self, lab: Any) -> None:
        self.lab = lab
        self.rounds: dict[tuple[str, str], list[Round]] = {each: [] for each in SECTIONS}
        for sections in CALLS:
            while self.round(sections):
                assert len(self.rounds[sections[0]]) < 4, self.rounds[sections[0]][-1].done

    def round(self, sections: tuple[tuple[str, str], ...]) -> bool:
        """Whether something was approved, so that there is another one."""
        before = {name: len(self.lab.calls(name)) for name in STATIONS}
        touched, _ = self.play("assess", sections)
        called = {name: [call["program"] for call in self.lab.calls(name)[before[name] :]] for name in STATIONS}
        foretold = {each: (self.site(each).row().get("foretold") or {}).get("findings", []) for each in sections}
        deeds, noted = self.play("run", sections)
        waiting = []
        for section, name in sections:
            steps = {note["step"] for note in noted if note["kind"] == "step_begun" and note["section"] == section}
            mine = [note for note in noted if note.get("step") in steps and note["station"] == name]
            new = Round(
                touched=touched,
                called=called[name],
                foretold=foretold[section, name],
                done=[note["finding"] for note in mine if note["kind"] == "finding"],
                changed=any(note.get("changed") for note in mine if note["kind"] == "step_ended"),
                deeds=[what for what in deeds if what.startswith(f"{name} ")],
            )
            self.rounds[section, name].append(new)
            waiting += {finding["key"] + finding["evidence_hash"]: finding for finding in new.waiting}.values()
        for finding in waiting:
            approve(self.lab.state / "site", finding)
        return bool(waiting)

    def play(self, mode: str, sections: tuple[tuple[str, str], ...]) -> tuple[list[str], list[dict[str, Any]]]:
        """What it changed on any station, and what it wrote into the journal. mode: assess or run."""
        words = [
            word for section in dict.fromkeys(section for section, _ in sections) for word in ("--section", section)
        ]
        site, before = self.site(sections[0]), self.state()
        known = len(site.journal()) if (site.folder / "state/journal.jsonl").exists() else 0
        ran = site.product(mode, *words)
        assert ran.returncode in (0, 1), ran.stdout + ran.stderr
        return differing(before, self.state()), site.journal()[known:]

    def site(self, each: tuple[str, str]) -> LabSite:
        return LabSite(self.lab, *each)

    def state(self) -> dict[str, tuple[int, str]]:
        each = {name: station_state(self.lab.state / "stations" / name) for name in STATIONS}
        return {f"{name} {what}": held for name, state in each.items() for what, held in state.items()}


@pytest.fixture(scope="module")
def played(lab_up, tmp_path_factory):
    site = site_of(*STATIONS, rows=20)
    site["stations"]["as3000"]["backup_sets"] = BACKUPS
    for name in ("as3000", "as300"):
        site["stations"][name].setdefault("options", {}).update({"runbackup_s": 0, "mig_schema_s": 0})
    lab = lab_up(tmp_path_factory.mktemp("foretold"), site)
    yield Played(lab).rounds
    lab("down")


@pytest.mark.parametrize(("section", "name"), SECTIONS)
def test_check_mode_changes_nothing_on_any_station(played, section, name):
    for each in played[section, name]:
        assert each.touched == []
        assert not CHANGING & set(each.called), each.called
        assert each.foretold, "the report does not show what check mode said"
        assert "changed" not in {finding["verdict"] for finding in each.foretold}


@pytest.mark.parametrize(("section", "name"), SECTIONS)
def test_each_change_was_foretold(played, section, name):
    for each in played[section, name]:
        if each.changed or "changed" in {finding["verdict"] for finding in each.done}:
            assert each.would, (each.deeds, each.done, each.foretold)
        for finding in each.would:
            assert finding["verdict"] == "attention" and name in finding["summary"], finding


@pytest.mark.parametrize(("section", "name"), SECTIONS)
def test_what_was_foretold_is_done_or_waits_for_a_person(played, section, name):
    for each in played[section, name]:
        assert bool(each.would) is (each.changed or bool(each.waiting)), (each.foretold, each.done)


@pytest.mark.parametrize(("section", "name"), SECTIONS)
def test_at_the_end_all_of_it_is_done(played, section, name):
    rounds = played[section, name]
    assert {finding["verdict"] for finding in rounds[-1].done} <= {"ok", "changed"}, rounds[-1].done
    assert any(each.changed for each in rounds) is (section != "S23")


WORK = {
    "S33": r"root/flash/MVF/|engine/oracle/controlfile\.json",
    "S29": r"root/flash/MVF/|engine/oracle/controlfile\.json",
    "S19": r"root/u02/oradata/MVF/mvfl02\.dbf|engine/oracle/space\.json|state\.json",
    "S17": r"oracle: (objects|t\d+|commits|counters)",
    "S21": r"root/usr/mvf-mig6/reports/|oracle: (objects|t\d+|commits|counters)",
    "S34": r"root/backup/audit/|oracle: (objects|t\d+|commits|counters)",
    "S31": r"root/d/backup/|sqlserver: (notes|counters)|state\.json",
    "S16": r"sqlserver: (objects|t\d+|counters)",
    "S20": r"root/c/mvf-mig6/reports/|sqlserver: (objects|t\d+|counters)",
    "S36": r"root/d/audit/|sqlserver: (objects|t\d+|counters)",
}  # section -> what it may change on its station


@pytest.mark.parametrize("name", ["as3000", "as300"])
def test_what_differs_on_a_station_is_the_work_of_a_section_that_foretold_it(played, name):
    for sections in CALLS:
        mine = [section for section, of in sections if of == name]
        for at, some in enumerate(played[mine[0], name]):
            owners = [WORK[section] for section in mine if played[section, name][at].would]
            nobodys = [deed for deed in some.deeds if not any(re.match(f"{name} (?:{own})", deed) for own in owners)]
            assert some.deeds and not nobodys
            done = [section for section in mine if played[section, name][at].changed]
            idle = [
                section for section in done if not any(re.match(f"{name} (?:{WORK[section]})", d) for d in some.deeds)
            ]
            assert not idle, "it says that it changed something"
