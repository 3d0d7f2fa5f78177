# SPDX-License-Identifier: GPL-3.0-or-later
"""How much slower the product is than its own vendor commands typed bare.

    run.py FOLDER       the lab in FOLDER/lab, the figures in FOLDER/bench.json

Measured on a simulated site: the audit stage in check mode (what it reads to judge, on both stations side by side)
against the very same commands in one ssh session and one WinRM session, side by side too; the twelve integrity counts of
one station against the same twelve typed in one session; and the database part of assess over all database stations in
parallel against the slowest of them alone. From the product's time the start of ansible-playbook itself is taken off: a
playbook of the same inventory with nothing in it.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench import bare
from support.approve import BIN, Failed, call

SITE = Path(__file__).resolve().parents[2] / "lab/impax_lab/sites/demo.yml"
TIMES = 5
OVER = "the last play is over"
AIM, AIM_PARALLEL = 1.3, 1.5
STATIONS = ("as3000", "as300_oracle", "as300", "as300_sql2000", "verify")
AUDIT = ["impax.upgrade.stages.audit", "--check", "--limit", "as3000,as300"]
INTEGRITY = ["impax.upgrade.stages.assess", "--check", "--tags", "S23", "--limit"]
NOTHING = "- name: Nothing\n  hosts: all\n  gather_facts: false\n  tasks: []\n"


def main(folder: Path) -> int:
    bench = Bench(folder.resolve())
    try:
        bench.bring_up()
        try:
            figures = bench.figures()
        finally:
            call("impax-lab", "--state", bench.lab, "down")
    except Failed as problem:
        print(f"bench: failed: {problem}", file=sys.stderr)
        return 1
    (folder / "bench.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    for name, figure in figures.items():
        print(f"{name}: {figure['value']} (aim {figure['aim']}: {'reached' if figure['reached'] else 'NOT reached'})")
        print(figure["how"])
    return 0


class Bench:
    """One measurement, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.lab, self.site = folder, folder / "lab", folder / "lab/site"
        self.record = folder / "record.jsonl"

    def bring_up(self) -> None:
        call("impax-lab", "--state", self.lab, "down")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        print(f"bench: bringing the simulated site up in {self.lab}", flush=True)
        only = [word for station in STATIONS for word in ("--only", station)]
        call("impax-lab", "--state", self.lab, "up", SITE, *only)
        (self.site / "nothing.yml").write_text(NOTHING, encoding="utf-8")

    def figures(self) -> dict[str, Any]:
        return {
            "audit_over_bare_commands": self.over_bare("audit stage", AUDIT),
            "integrity_over_one_session": self.over_bare("integrity of as3000", [*INTEGRITY, "as3000"]),
            "assess_databases_over_slowest_station": self.parallel(),
        }

    def over_bare(self, what: str, words: list[str]) -> dict[str, Any]:
        """The product against the commands that it gave, typed bare."""
        commands, parts = self.recorded(words)
        self.same_calls(words, commands)
        given = sum(map(len, commands.values()))
        print(f"bench: {what}: {given} commands on {len(commands)} stations, {TIMES} times", flush=True)
        start, product, typed = [], [], []
        for _ in range(TIMES):
            start.append(seconds(lambda: self.play(["nothing.yml", *_limit(words)])))
            product.append(seconds(lambda: self.play(words)))
            typed.append(seconds(lambda: self.type_bare(commands)))
        return figure(what, start, product, typed, [*parts, *self.bare_rounds(commands)])

    def parallel(self) -> dict[str, Any]:
        """The database part of assess over all stations at once, and over each alone."""
        stations = [station for station in STATIONS if station != "verify"]
        print(f"bench: the database part of assess, {len(stations)} stations, {TIMES} times", flush=True)
        together = statistics.median(seconds(lambda: self.play([*INTEGRITY, ",".join(stations)])) for _ in range(TIMES))
        alone = {
            station: statistics.median(seconds(lambda: self.play([*INTEGRITY, station])) for _ in range(TIMES))  # noqa: B023
            for station in stations
        }
        slowest = max(alone, key=lambda station: alone[station])
        ratio = round(together / alone[slowest], 2)
        each = ", ".join(f"{station} {time_:.2f} s" for station, time_ in alone.items())
        how = f"median of {TIMES}: {len(stations)} stations in parallel {together:.2f} s / {slowest} alone {alone[slowest]:.2f} s ({each})"
        return {"value": ratio, "aim": f"<= {AIM_PARALLEL}", "reached": ratio <= AIM_PARALLEL, "how": how}

    def bare_rounds(self, commands: dict[str, list[bare.Command]]) -> Iterator[dict[str, Any]]:
        """How long each station's commands take by themselves."""
        for station, given in commands.items():
            times = [seconds(lambda: self.type_on(station, given)) for _ in range(TIMES)]  # noqa: B023
            yield {"kind": "bare", "station": station, "at": 0.0, "seconds": statistics.median(times)}

    def play(self, words: list[str], **variables: str) -> None:
        environment = {**os.environ, **variables}
        asked = [str(BIN / "ansible-playbook"), "-i", "site", *words]
        ended = subprocess.run(asked, cwd=self.site, env=environment, capture_output=True, text=True)
        if ended.returncode != 0:
            raise Failed(f"ansible-playbook {' '.join(words)} ended with {ended.returncode}:\n{ended.stdout[-3000:]}")

    def recorded(self, words: list[str]) -> tuple[dict[str, list[bare.Command]], list[dict[str, Any]]]:
        """The commands of each station, and how long tasks and round trips took, from one run that is not measured."""
        self.record.unlink(missing_ok=True)
        self.play(
            words,
            ANSIBLE_CALLBACK_PLUGINS=str(Path(__file__).parent / "callbacks"),
            ANSIBLE_CALLBACKS_ENABLED="bench_recorder",
            IMPAX_BENCH_RECORD=str(self.record),
        )
        entries = [json.loads(line) for line in self.record.read_text(encoding="utf-8").splitlines()]
        commands: dict[str, list[bare.Command]] = {}
        for entry in entries:
            if entry["kind"] == "command":
                commands.setdefault(entry["station"], []).append(entry)
        return commands, [entry for entry in entries if entry["kind"] != "command"]

    def same_calls(self, words: list[str], commands: dict[str, list[bare.Command]]) -> None:
        """The lab saw the same vendor programs called, by the product and bare: else the comparison is none."""
        by_product = self.called(commands, lambda: self.play(words))
        by_hand = self.called(commands, lambda: self.type_bare(commands))
        if by_product != by_hand:
            raise Failed(f"the product called {by_product}, bare {by_hand}")

    def called(self, stations: Iterable[str], work: Callable[[], None]) -> dict[str, list[str]]:
        """The vendor programs that `work` called on each station."""
        before = {station: len(self.programs(station)) for station in stations}
        work()
        return {station: sorted(self.programs(station)[number:]) for station, number in before.items()}

    def programs(self, station: str) -> list[str]:
        """Vendor programs called so far; a shell and what carries others is not one."""
        printed = call("impax-lab", "--state", self.lab, "calls", station)
        calls = [json.loads(line)["program"] for line in printed.splitlines()]
        return [
            program
            for program in calls
            if program in ("sqlplus", "osql", "sqlcmd", "isql", "bcp", "exp", "passkey", "df")
        ]

    def type_bare(self, commands: dict[str, list[bare.Command]]) -> None:
        with ThreadPoolExecutor(len(commands)) as pool:
            for done in [pool.submit(self.type_on, station, given) for station, given in commands.items()]:
                done.result()

    def type_on(self, station: str, commands: list[bare.Command]) -> None:
        at = yaml.safe_load((self.site / "site/host_vars" / f"{station}.yml").read_text(encoding="utf-8"))
        typed = bare.over_winrm if "winrm" in str(at["ansible_connection"]) else bare.over_ssh
        typed(at, commands)


def seconds(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _limit(words: list[str]) -> list[str]:
    """The part of a play's words that says which stations it is about."""
    return words[words.index("--limit") :] if "--limit" in words else []


def figure(
    what: str, start: list[float], product: list[float], typed: list[float], parts: list[dict[str, Any]]
) -> dict[str, Any]:
    own, whole, bare_time = (statistics.median(times) for times in (start, product, typed))
    ratio = round((whole - own) / bare_time, 2)
    how = [
        f"median of {TIMES}: ({what} {whole:.2f} s - start of Ansible {own:.2f} s) / bare {bare_time:.2f} s",
        *where_it_goes(parts, own),
        *course(parts),
    ]
    return {"value": ratio, "aim": f"<= {AIM}", "reached": ratio <= AIM, "how": "\n".join(how)}


def where_it_goes(parts: list[dict[str, Any]], own: float) -> Iterator[str]:
    """What the recorded run took beyond the bare commands of the station that was ready last."""
    rounds = [part for part in parts if part["kind"] == "round"]
    last = max(rounds, key=lambda part: part["at"])
    asked = sum(part["seconds"] for part in rounds if part["station"] == last["station"])
    typed = next(part["seconds"] for part in parts if part["kind"] == "bare" and part["station"] == last["station"])
    first = min(part["at"] - part["seconds"] for part in rounds)
    over = next(part["at"] for part in parts if part.get("what") == OVER)
    between = over - first - asked
    yield f"where the rest goes, in one recorded run, by {last['station']}, which was ready last:"
    yield f"  {first - own:.2f} s before the first question: plays, forks, the run's journal, libraries"
    yield f"  {asked - typed:.2f} s in its questions ({asked:.2f} s) beyond the same words typed bare ({typed:.2f} s): shells"
    yield f"  {between:.2f} s between and after its questions: reading, judging, journal, report"


def course(parts: list[dict[str, Any]]) -> Iterator[str]:
    yield "its course: seconds since its start, seconds it took, what"
    for part in sorted(parts, key=lambda part: part["at"]):
        if part["kind"] == "moment":
            yield f"  {part['at']:.2f}       {part['what']}"
        elif part["kind"] == "task":
            yield f"  {part['at']:.2f}  {part['seconds']:.2f} {part['host']}: {part['action']}, the whole task"
        elif part["kind"] == "round":
            yield f"  {part['at']:.2f}  {part['seconds']:.2f} {part['station']}, one round trip: {', '.join(part['programs'])}"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
