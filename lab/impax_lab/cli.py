# SPDX-License-Identifier: GPL-3.0-or-later
"""impax-lab: bring a simulated site up and down, look at it with other eyes, and make it go wrong.

Exit codes: 0 done; 1 it did not work, the text says why; 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from impax_lab import calls, faults, lifecycle
from impax_lab.state import Lab, LabError
from impax_lab.station import inspect, instances, order

STATE: dict[str, Any] = {"metavar": "DIR", "help": "the lab's folder (build/lab)"}


def main(words: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(words)
    try:
        return asked.do(Lab(Path(asked.state).resolve()), asked) or 0
    except (LabError, ConnectionError) as error:
        print(f"impax-lab: {error}", file=sys.stderr)
        return 1


def _up(lab: Lab, asked: argparse.Namespace) -> None:
    site = lifecycle.up(lab, asked.site, asked.scenario, keep=asked.keep, only=asked.only)
    print(f"site {site.name} is up: {', '.join(site.stations)}; inventory {lab.inventory}")


def _down(lab: Lab, asked: argparse.Namespace) -> None:
    ended = lifecycle.down(lab)
    print(f"down: {', '.join(ended)}" if ended else "nothing was up")


def _status(lab: Lab, asked: argparse.Namespace) -> None:
    for row in lifecycle.status(lab):
        print(json.dumps(row) if asked.json else "  ".join(str(value) for value in row.values()))


def _sql(lab: Lab, asked: argparse.Namespace) -> None:
    station = lifecycle.site_of(lab).station(asked.station)
    if asked.instance and asked.instance.lower() not in instances(station):
        raise LabError(f"station {station.name} has no instance {asked.instance!r}")
    rows = inspect(lab.station(station.name), station, asked.statement, asked.database)
    print(json.dumps(rows, ensure_ascii=False, default=str))


def _calls(lab: Lab, asked: argparse.Namespace) -> None:
    station = lifecycle.site_of(lab).station(asked.station)
    for entry in calls.recorded(lab.station(station.name).calls):
        print(json.dumps(entry, ensure_ascii=False))


def _root(lab: Lab, asked: argparse.Namespace) -> None:
    print(lab.station(lifecycle.site_of(lab).station(asked.station).name).root)


def _inject(lab: Lab, asked: argparse.Namespace) -> None:
    station = lifecycle.site_of(lab).station(asked.station)
    fault: dict[str, Any] = {"station": station.name, "program": asked.program, "behaviour": asked.behaviour}
    if asked.nth is not None:
        fault["nth"] = asked.nth
    if asked.seconds is not None:
        fault["seconds"] = asked.seconds
    faults.add(lab.station(station.name).faults, [faults.check(fault)])
    when = f"call {asked.nth}" if asked.nth else "every call"
    print(f"{station.name}: {asked.program}: {asked.behaviour} at {when} from now on")


def _behaviours(lab: Lab, asked: argparse.Namespace) -> None:
    for name, meaning in sorted(faults.behaviours().items(), key=lambda item: (":" in item[0], item[0])):
        print(f"{name}: {meaning}")


def _power(lab: Lab, asked: argparse.Namespace) -> None:
    station = lifecycle.site_of(lab).station(asked.station)
    print(f"{station.name}: {order(lab.station(station.name), do='power', on=asked.switch == 'on')}")


def _arrive(lab: Lab, asked: argparse.Namespace) -> None:
    station = lifecycle.site_of(lab).station(asked.station)
    more = {"table": asked.table, "rows": asked.rows, "database": asked.database}
    print(f"{station.name}: {order(lab.station(station.name), do='arrive', **more)} in {asked.table}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="impax-lab", description="A simulated hospital site.")
    parser.add_argument("--state", **STATE, default="build/lab")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, do: Any, text: str, *arguments: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.add_argument("--state", **STATE, default=argparse.SUPPRESS)
        made.set_defaults(do=do)
        for argument in arguments:
            made.add_argument(argument, metavar=argument.upper())
        return made

    bring = command("up", _up, "bring a site up; returns when every station answers")
    bring.add_argument("site", metavar="SITE.yml", type=Path, help="a site file, or the name of one of the lab's own")
    bring.add_argument("--scenario", metavar="S.yml", type=Path, action="append", default=[])
    bring.add_argument("--only", metavar="STATION", action="append", default=[], help="bring up only this one (repeat)")
    bring.add_argument("--keep", action="store_true", help="go on from the state on disk instead of starting anew")
    command("down", _down, "end every station; its state stays on disk")
    command("status", _status, "which station is up, and where").add_argument("--json", action="store_true")
    ask = command("sql", _sql, "committed rows as JSON, from the engine itself", "station", "statement")
    ask.add_argument("--instance")
    ask.add_argument("--database")
    command("calls", _calls, "every program call, one JSON line each", "station")
    command("root", _root, "where the station's files lie on disk", "station")
    fault = command("inject", _inject, "make a program's call go wrong", "station", "program", "behaviour")
    fault.add_argument("--nth", type=int, metavar="N", help="only the Nth call from now on (from 1); else every call")
    fault.add_argument("--seconds", type=float, help="how long hang or slow last")
    command("behaviours", _behaviours, "every fault there is, and what real fault it stands for")
    late = command("arrive", _arrive, "let rows come into a table now, as users at work would", "station", "table")
    late.add_argument("--rows", type=int, default=1)
    late.add_argument("--database")
    switch = command("power", _power, "cut a station's power, or switch it on again", "station")
    switch.add_argument("switch", choices=("off", "on"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
