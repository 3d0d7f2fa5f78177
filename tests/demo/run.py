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
BUILT = "S16 S17 S18 S19 S20 S21 S23 S25 S28 S29 S30 S31 S32 S33 S34 S35 S36".split()
EMPTIED = ("as3000", "as300_oracle", "as300", "as300_sql2000", "as300_sql2005")
CHANGE = ("exp", "bcp", "runbackup", "bash", "monitor_add", "build-impax-mig-schema")  # programs that change something
EXPOSED = (
    "build-impax-mig-schema",
    "mig-study-archive-report",
    "schtasks",
)  # by the vendor or by Windows 2003, and documented
KEPT = ("audit", ".bak", ".dbf")  # files that must be the same after a run that changes nothing
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
        after = self.state()
        for what, seen in before.items():
            for station, was in seen.items():
                expect(f"{what} on {station} after the last run", was, after[what][station])
        expect("rows left", dict.fromkeys(EMPTIED, 0), self.counts())
        expect("sections in the report", SECTIONS, len(read["sections"]))
        for section in BUILT:
            for row in rows_of(read, section):
                if row["verdict"] not in ("ok", "not_applicable"):
                    raise Failed(f"{section} on {row['station']}: expected ok, seen {row['verdict']}: {row['summary']}")
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
        return {station: next(iter(self.sql(station)[0].values())) for station in EMPTIED}

    def sql(self, station: str) -> list[dict[str, Any]]:
        read: list[dict[str, Any]] = json.loads(self.in_lab("sql", station, COUNT))
        return read

    def calls(self, station: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.in_lab("calls", station).splitlines()]

    def state(self) -> dict[str, Any]:
        """What a run that changes nothing leaves as it is."""
        calls = {name: [one["words"] for one in self.calls(name) if one["program"] in CHANGE] for name in EMPTIED}
        return {"rows": self.counts(), "calls": calls, "files": {name: dict(self.files(name)) for name in EMPTIED}}

    def files(self, station: str) -> Iterator[tuple[str, int]]:
        root = Path(self.in_lab("root", station).strip())
        for file in sorted(root.rglob("*")):
            if file.is_file() and any(part in file.name.lower() for part in KEPT):
                yield str(file.relative_to(root)), file.stat().st_size

    def exposed(self) -> Iterator[str]:
        """Calls whose words, as a process list would show them, hold one of the lab's passwords."""
        secrets = [word for word in SITE.read_text(encoding="utf-8").split() if "-Lab-" in word]
        for station in EMPTIED:
            for one in self.calls(station):
                if one["program"] not in EXPOSED and any(
                    secret.strip("{},") in str(one["words"]) for secret in secrets
                ):
                    yield f"{station}: {one['program']}"


def rows_of(read: dict[str, Any], section: str) -> list[dict[str, Any]]:
    """The rows of a section that have a station of their own."""
    rows = next(one["stations"] for one in read["sections"] if one["id"] == section)
    found = [row for row in rows if row["station"] != "site"]
    if not found:
        raise Failed(f"{section} has no row of a station")
    return found


def expect(what: str, expected: Any, seen: Any) -> None:
    if expected != seen:
        raise Failed(f"{what}: expected {expected}, seen {seen}")


def say(text: str) -> None:
    print(f"demo: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
