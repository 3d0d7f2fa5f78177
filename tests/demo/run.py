# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration: a simulated site comes up, is prepared with approvals, is looked at with other eyes, goes down.

    run.py FOLDER       the lab in FOLDER/lab, the report in FOLDER/report

It uses impax-lab and impax-prepare as a person would, and nothing else. Exit code 0: the run finished as expected.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support.approve import DONE, NO_GO, Failed, approve, awaiting, call, report

SITE = Path(__file__).resolve().parents[2] / "lab/impax_lab/sites/demo.yml"
ROUNDS = 8
FORMATS = {"html": "report.html", "json": "report.json", "csv": "report.csv", "junit": "junit.xml"}
BUILT = {"S34": "as3000", "S36": "as300"}  # the sections that are built, and the station of each
SECTIONS = 36
COUNT = "select count(*) as n from map_event_audit"


def main(folder: Path) -> int:
    demo = Demo(folder)
    try:
        demo.bring_up()
        try:
            demo.prepare()
            demo.prove()
        finally:
            demo.take_down()
        demo.tell()
    except Failed as problem:
        print(f"demo: failed: {problem}", file=sys.stderr)
        return 1
    return 0


class Demo:
    """One demonstration in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.lab, self.reports = folder / "lab", folder / "report"
        self.site = self.lab / "site"
        self.rows: dict[str, int] = {}
        self.read: dict[str, Any] = {}

    def bring_up(self) -> None:
        say(f"bringing the simulated site up in {self.lab}")
        self.in_lab("down")
        for folder in (self.lab, self.reports):
            shutil.rmtree(folder, ignore_errors=True)
        self.in_lab("up", SITE)
        self.rows = self.counts()
        say("rows in map_event_audit: " + ", ".join(f"{name} {rows}" for name, rows in self.rows.items()))
        if not all(self.rows.values()):
            raise Failed(f"there is nothing to save: {self.rows}")

    def take_down(self) -> None:
        say("taking the simulated site down")
        self.in_lab("down")

    def prepare(self) -> None:
        """Run, approve what awaits an approval, and run again, until nothing awaits one."""
        for number in range(1, ROUNDS + 1):
            self.run(f"run {number}")
            waiting = list(awaiting(report(self.site)))
            if not waiting:
                return
            for finding in waiting:
                say(f"approving: {finding['summary']}")
                approve(self.site, finding)
        raise Failed(f"after {ROUNDS} runs something still awaits an approval")

    def run(self, what: str) -> None:
        say(what)
        call("impax-prepare", "run", self.site, allowed=(DONE, NO_GO))

    def prove(self) -> None:
        """One last run changes nothing; the tables are empty and the copies are there, seen without the product."""
        before = self.state()
        self.run("one last run, which must change nothing")
        read = report(self.site)
        expect("rows, copies and calls that export, after the last run", before, self.state())
        expect("rows left", dict.fromkeys(BUILT.values(), 0), self.counts())
        expect("sections in the report", SECTIONS, len(read["sections"]))
        for section, station in BUILT.items():
            expect(f"{section} on {station}", "ok", row_of(read, section, station)["verdict"])
        expect("passwords on command lines", [], list(self.exposed()))
        self.write_reports(read)

    def write_reports(self, read: dict[str, Any]) -> None:
        self.reports.mkdir(parents=True)
        for kind, name in FORMATS.items():
            text = call("impax-prepare", "report", self.site, "--format", kind, allowed=(DONE, NO_GO))
            (self.reports / name).write_text(text, encoding="utf-8")
        self.read = read

    def tell(self) -> None:
        say("saved and emptied: " + ", ".join(f"{rows} rows on {name}" for name, rows in self.rows.items()))
        say(f"report: {self.reports / 'report.html'}")
        say(f"verdict: {self.read['verdict']} {json.dumps(self.read['counts'])}")

    # The lab's own eyes

    def in_lab(self, *words: Any) -> str:
        return call("impax-lab", "--state", self.lab, *words)

    def counts(self) -> dict[str, int]:
        return {station: next(iter(self.sql(station)[0].values())) for station in BUILT.values()}

    def sql(self, station: str) -> list[dict[str, Any]]:
        read: list[dict[str, Any]] = json.loads(self.in_lab("sql", station, COUNT))
        return read

    def calls(self, station: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.in_lab("calls", station).splitlines()]

    def state(self) -> dict[str, Any]:
        """What a run that changes nothing leaves as it is."""
        stations = BUILT.values()
        exports = {
            name: [one["words"] for one in self.calls(name) if one["program"] in ("exp", "bcp")] for name in stations
        }
        return {"rows": self.counts(), "exports": exports, "files": {name: dict(self.files(name)) for name in stations}}

    def files(self, station: str) -> Iterator[tuple[str, int]]:
        root = Path(self.in_lab("root", station).strip())
        for file in sorted(root.rglob("*audit*")):
            if file.is_file():
                yield str(file.relative_to(root)), file.stat().st_size

    def exposed(self) -> Iterator[str]:
        """Calls whose words, as a process list would show them, hold one of the lab's passwords."""
        secrets = [word for word in SITE.read_text(encoding="utf-8").split() if "-Lab-" in word]
        for station in BUILT.values():
            for one in self.calls(station):
                if any(secret.strip("{},") in str(one["words"]) for secret in secrets):
                    yield f"{station}: {one['program']}"


def row_of(read: dict[str, Any], section: str, station: str) -> dict[str, Any]:
    rows = next(one["stations"] for one in read["sections"] if one["id"] == section)
    found = [row for row in rows if row["station"] == station]
    if not found:
        raise Failed(f"{section} has no row for {station}")
    return found[0]


def expect(what: str, expected: Any, seen: Any) -> None:
    if expected != seen:
        raise Failed(f"{what}: expected {expected}, seen {seen}")


def say(text: str) -> None:
    print(f"demo: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
