# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the command line, and the help that goes with them."""

from __future__ import annotations

import argparse

ABOUT = """\
Prepare a PACS site (Agfa IMPAX 6.2 or later) for its upgrade to IMPAX 6.5.1.

  impax-prepare init DIR        make a site folder, then fill in its site/hosts.yml and site/group_vars
  impax-prepare assess DIR      look at every station; nothing is changed anywhere
  impax-prepare run DIR         do it; safe to stop (Ctrl-C) and to start again
  impax-prepare status DIR      where it stands, what is missing, go or no-go

DIR is the site folder, or the folder site/ in it.
"""
CODES = """\
exit codes: 0 finished and go (or nothing wrong), 1 finished and no-go, 2 wrong usage or configuration,
3 the run broke off and can be resumed by the same command
"""


class Form(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=34, width=110)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser("impax-prepare", description=ABOUT, epilog=CODES, formatter_class=Form)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _init(commands)
    _runs(commands)
    _reads(commands)
    _deeds(commands)
    return top


Commands = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _command(commands: Commands, name: str, text: str, more: str = "") -> argparse.ArgumentParser:
    made = commands.add_parser(
        name, help=text, description=f"{text}. {more}".strip(), epilog=CODES, formatter_class=Form
    )
    if name != "journal":
        made.add_argument("dir", metavar="DIR", help="site folder")
        made.add_argument("--json", action="store_true", help="print JSON")
    return made


def _init(commands: Commands) -> None:
    made = _command(commands, "init", "make a site folder", "Files that are there already are left alone.")
    made.add_argument(
        "--lab", action="store_true", help="fill it from the running lab (IMPAX_LAB_STATE, else build/lab)"
    )


def _runs(commands: Commands) -> None:
    for name, text in (("run", "prepare the site"), ("assess", "look at the site; change nothing anywhere")):
        made = _command(commands, name, text, "Without options: every section at every station.")
        made.add_argument("--stage", action="append", default=[], help="only this stage (may be repeated)")
        made.add_argument("--section", action="append", default=[], metavar="S23", help="only this section")
        made.add_argument("--station", action="append", default=[], help="only this station")
        made.add_argument("--verbose", action="store_true", help="everything that Ansible prints")


def _reads(commands: Commands) -> None:
    _command(commands, "status", "say where the site stands, go or no-go")
    _command(commands, "plan", "list what is left to do, and how long it took before")
    made = _command(commands, "report", "write the report's files", "With --format that one is printed, too.")
    made.add_argument("--format", choices=("html", "json", "junit", "csv"), help="only this one, and print it")
    verify = _command(commands, "journal", "check the journal from end to end")
    deeds = verify.add_subparsers(dest="deed", required=True, metavar="verify")
    made = deeds.add_parser(
        "verify", help="every entry and the chain that binds them", epilog=CODES, formatter_class=Form
    )
    made.add_argument("dir", metavar="DIR", help="site folder")
    made.add_argument("--json", action="store_true", help="print JSON")


def _deeds(commands: Commands) -> None:
    more = "The approval holds for this station and this evidence only; a later run does the step."
    made = _command(commands, "approve", "approve one step that cannot be undone", more)
    made.add_argument("finding", metavar="FINDING", help="its key, as report and status show it")
    _person(made, "--evidence", "hash of the evidence that you looked at")
    made.add_argument("--until", metavar="WHEN", help="2026-12-01T18:00:00Z, 2026-12-01, 7d or 12h (default: 7d)")
    made.add_argument(
        "--allow", action="append", default=[], metavar="RISK", help="a risk that you accept (repeatable)"
    )
    made = _command(commands, "waive", "accept one finding as it is", "The report shows reason, name and end.")
    made.add_argument("finding", metavar="FINDING", help="its key, as report and status show it")
    _person(made, "--reason", "why it is acceptable")
    made.add_argument("--until", metavar="WHEN", required=True, help="2026-12-01T18:00:00Z, 2026-12-01, 7d or 12h")
    made = _command(commands, "attest", "note that you did or saw something yourself")
    made.add_argument("section", metavar="SECTION", help="S01 to S36")
    _person(made, "--note", "what you did or saw")


def _person(made: argparse.ArgumentParser, what: str, text: str) -> None:
    made.add_argument("--station", required=True, help="the station it is about, or site")
    made.add_argument("--by", required=True, metavar="NAME", help="your name")
    made.add_argument(what, required=True, help=text)
