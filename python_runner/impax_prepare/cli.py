# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of impax-prepare."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import ansible_collections.impax.upgrade.plugins.plugin_utils.journal as journals
from ansible_collections.impax.upgrade.plugins.plugin_utils import plan, said, stages
from ansible_collections.impax.upgrade.plugins.plugin_utils.journal import Journal, JournalError, JournalMissing
from ansible_collections.impax.upgrade.plugins.plugin_utils.report.build import build
from ansible_collections.impax.upgrade.plugins.plugin_utils.report.write import FORMATS, write
from ansible_collections.impax.upgrade.plugins.plugin_utils.sections import BY_ID, SECTIONS

from . import deeds, folder, starting
from .folder import SiteFolder, Usage
from .parser import parser
from .running import GO, NO_GO, WRONG, Run, words

COLLECTION = Path(journals.__file__).resolve().parents[2]
Report = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 finished and go, 1 finished and no-go, 2 wrong usage or configuration, 3 broken off."""
    asked = parser().parse_args(arguments)
    try:
        return COMMANDS[asked.command](asked)
    except (Usage, JournalError) as error:
        print(f"impax-prepare {asked.command}: {error}", file=sys.stderr)
        return WRONG
    except BrokenPipeError:
        sys.stderr.close()
        return WRONG


def _init(asked: argparse.Namespace) -> int:
    made = starting.make(Path(asked.dir), lab=asked.lab)
    _print(
        asked, {"folder": asked.dir, "written": [str(path) for path in made]}, starting.next_steps(asked.dir, asked.lab)
    )
    return GO


def _run(asked: argparse.Namespace) -> int:
    site = SiteFolder.at(asked.dir)
    check = asked.command == "assess"
    tags = _tags(asked)
    run = Run(site, _teller(asked), asked.verbose)
    code = run.play(words(check, tags, asked.station, asked.verbose))
    if asked.json and code in (GO, NO_GO):
        print(json.dumps(_report(site), indent=2))
    return code


def _teller(asked: argparse.Namespace) -> Callable[[str], None]:
    stream = sys.stderr if asked.json else sys.stdout
    return lambda line: print(line, file=stream, flush=True)


def _tags(asked: argparse.Namespace) -> list[str]:
    """The sections that were named, and those of the stages that were named."""
    wrong = [name for name in asked.section if name not in BY_ID]
    wrong += [name for name in asked.stage if name not in _stages()]
    if wrong:
        raise Usage(f"{', '.join(wrong)}: sections are S01 to S36, stages are {', '.join(_stages())}")
    return [*asked.section, *(section.id for section in SECTIONS if section.stage in asked.stage)]


def _stages() -> tuple[str, ...]:
    return stages.order((COLLECTION / "playbooks" / "prepare.yml").read_text(encoding="utf-8"))


def _report(site: SiteFolder) -> Report:
    entries = Journal.open(site.state).entries()
    shown = said.shown_path(str(site.inventory))
    return build(entries, now=datetime.now(timezone.utc), stages=_stages(), folder=shown)


def _status(asked: argparse.Namespace) -> int:
    site = SiteFolder.at(asked.dir)
    try:
        report = _report(site)
    except JournalMissing:
        nothing = "nothing was run here yet"
        _print(
            asked,
            {"verdict": "no_go", "reasons": [nothing]},
            f"no-go: {nothing}. Begin: impax-prepare assess {asked.dir}",
        )
        return NO_GO
    _print(asked, report, said.status(report))
    return GO if report["verdict"] == "go" else NO_GO


def _plan(asked: argparse.Namespace) -> int:
    site = SiteFolder.at(asked.dir)
    left = plan.left(_report(site), Journal.open(site.state).entries())
    _print(asked, [row.as_dict() for row in left], said.left(left))
    return GO


def _write_report(asked: argparse.Namespace) -> int:
    site = SiteFolder.at(asked.dir)
    report = _report(site)
    try:
        files = write(report, site.report, (asked.format,) if asked.format else tuple(FORMATS))
    except OSError as error:
        raise Usage(f"the report cannot be written to {site.report}: {error.strerror}") from error
    if asked.format:
        sys.stdout.write(FORMATS[asked.format][1](report))
    else:
        _print(
            asked, {"written": [str(file) for file in files]}, "\n".join(said.shown_path(str(file)) for file in files)
        )
    return GO


def _approve(asked: argparse.Namespace) -> int:
    site = SiteFolder.at(asked.dir)
    end = deeds.until(asked.until, datetime.now(timezone.utc))
    journal, report = Journal.open(site.state), _report(site)
    entry = deeds.approve(journal, report, asked.finding, asked.station, asked.evidence, asked.by, end, asked.allow)
    text = f"approved by {entry['by']} until {entry['until']}: {entry['finding']} on {entry['station']}. Run again."
    _print(asked, entry, text)
    return GO


def _waive(asked: argparse.Namespace) -> int:
    site = SiteFolder.at(asked.dir)
    end = deeds.until(asked.until, datetime.now(timezone.utc))
    journal, report = Journal.open(site.state), _report(site)
    entry = deeds.waive(journal, report, asked.finding, asked.station, asked.reason, asked.by, end)
    _print(asked, entry, f"waived by {entry['by']} until {entry['until']}: {entry['finding']} on {entry['station']}")
    return GO


def _attest(asked: argparse.Namespace) -> int:
    site = SiteFolder.at(asked.dir)
    journal, report = Journal.open(site.state), _report(site)
    entry = deeds.attest(journal, report, asked.section, asked.station, asked.by, asked.note)
    _print(asked, entry, f"attested by {entry['by']}: {entry['section']} on {entry['station']}")
    return GO


def _journal(asked: argparse.Namespace) -> int:
    """The one check that has to tell a broken journal from a wrong folder."""
    site = SiteFolder.at(asked.dir)
    found = journals.verification(site.state)
    if not found.count and found.broken_at is None:
        raise Usage(f"there is no journal in {site.state}: nothing was run there yet")
    _print(asked, vars(found), said.verified(found))
    return GO if found.broken_at is None else NO_GO


def _print(asked: argparse.Namespace, value: Any, text: str) -> None:
    print(json.dumps(value, indent=2) if asked.json else text)


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "init": _init,
    "run": _run,
    "assess": _run,
    "status": _status,
    "plan": _plan,
    "report": _write_report,
    "approve": _approve,
    "waive": _waive,
    "attest": _attest,
    "journal": _journal,
}

__all__ = ["folder", "main"]

if __name__ == "__main__":
    sys.exit(main())
