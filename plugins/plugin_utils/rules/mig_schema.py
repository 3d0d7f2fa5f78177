# SPDX-License-Identifier: GPL-3.0-or-later
"""The pre-migration schema (S16, S17): whether it is there whole, may be built now, and was built.

Nothing says what a whole schema holds: the vendor's text does not, and the names are `assumed`. What counts is the number of
objects that a person expects, or a build that this journal saw from its beginning to its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from ..findings import Finding, Remediation, Verdict
from .backup import moment, same_name

BEGUN = "mig_schema_begun"  # evidence: the script is about to be started
ENDED = "mig_schema_ended"  # evidence: what became of it, `outcome` one of the four below
WHOLE, FAILED, UNSURE, NOT_BEGUN = "whole", "failed", "unsure", "not begun"
KEY = "mig_schema"
VENDOR = (
    "Have the vendor's support look at the output of build-impax-mig-schema (journal of this run) and at the objects that"
    " are there; do not start the script again and drop nothing by hand."
)
SHOWN = 5


class Entry(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def status(self) -> str: ...


@dataclass(frozen=True)
class Where:
    section: str
    station: str
    database: str

    def finding(self, what: str, verdict: Verdict, summary: str, **more: Any) -> Finding:
        return Finding(f"{KEY}.{what}", self.section, self.station, verdict, summary, **more)


@dataclass(frozen=True)
class Past:
    """What the journal knows of builds of one database. built: facts of the last whole one. open: of one that was begun and
    whose end nobody saw, `open_at` when. outcome: of the last one that ended, with its facts `last`."""

    built: Mapping[str, Any] | None = None
    open: Mapping[str, Any] | None = None
    open_at: str = ""
    outcome: str = ""
    last: Mapping[str, Any] | None = None


def past(entries: Iterable[Mapping[str, Any]], station: str, database: str) -> Past:
    """entries: the journal's evidence entries, oldest first."""
    built = begun = last = None
    begun_at = outcome = ""
    for entry in entries:
        facts = entry.get("facts") or {}
        if facts.get("station") != station or not same_name(facts.get("database"), database):
            continue
        if entry.get("what") == BEGUN:
            begun, begun_at = facts, str(entry.get("at", ""))
        elif entry.get("what") == ENDED:
            begun, begun_at = None, ""
            outcome, last = (str(facts.get("outcome")), facts) if facts.get("outcome") != NOT_BEGUN else (outcome, last)
            built = facts if facts.get("outcome") == WHOLE else built
    return Past(built, begun, begun_at, outcome, last)


@dataclass(frozen=True)
class State:
    """finding: what is said of the schema as it stands; None: there is none, and it is to be built."""

    finding: Finding | None


def judge(where: Where, entries: Sequence[Entry] | None, why: str, known: Past, expected: int | None) -> State:
    """Before anything is begun. entries None: the database did not list them, `why` says why."""
    if not where.database:
        return State(_unread(where, "the database did not say which it is"))
    if entries is None:
        return State(_unread(where, why))
    if not entries:
        return State(None)
    invalid = _invalid(entries)
    if invalid:
        return State(_broken(where, entries, f"{len(invalid)} of them invalid ({_named(invalid)})"))
    if expected is not None:
        if len(entries) < expected:
            return State(_broken(where, entries, f"{expected} are expected"))
        return State(_whole(where, entries, f"at least {expected} were expected"))
    return State(_by_the_journal(where, entries, known))


def _by_the_journal(where: Where, entries: Sequence[Entry], known: Past) -> Finding:
    if known.open is not None:
        return _not_seen(where, entries)
    if known.outcome == FAILED:
        return _broken(where, entries, f"the build ended badly: {(known.last or {}).get('why', 'no reason noted')}")
    if known.outcome == UNSURE:
        return _not_seen(where, entries)
    if known.built is None:
        return _not_ours(where, entries)
    missing = _missing(known.built, entries)
    if missing:
        return _broken(where, entries, f"{len(missing)} objects of the build are gone ({_named(missing)})")
    return _whole(where, entries, f"all {known.built.get('count')} of the build are there")


def _missing(built: Mapping[str, Any], entries: Sequence[Entry]) -> list[str]:
    """Names of the build that are not listed; where it noted no names, as many as are too few."""
    names = {str(name).upper() for name in built.get("objects") or ()}
    if names:
        return sorted(names - {entry.name.upper() for entry in entries})
    return ["?"] * max(0, int(built.get("count") or 0) - len(entries))


def may_still_run(known: Past, now: datetime, longest_s: float) -> bool:
    """A build whose end nobody saw may run on for as long as it was given; one that is a job until its job was looked at."""
    began = moment(known.open_at)
    if known.open is None:
        return False
    return bool(known.open.get("job")) or began is None or now - began < timedelta(seconds=longest_s)


# After a build


@dataclass(frozen=True)
class Built:
    """A build's end. exit_code None: not seen, `why` says why. codes: errors in its output but for those that were accepted."""

    exit_code: int | None
    codes: tuple[str, ...]
    accepted: tuple[str, ...] = ()
    silent: bool = False
    why: str = ""


def after(
    where: Where, before: int, entries: Sequence[Entry] | None, why: str, built: Built, expected: int | None
) -> tuple[str, Finding]:
    """(outcome for the journal, what is said). before: objects before the build. An error's code, an exit code, an invalid
    object or no new one is a failure, whatever else the script said."""
    if entries is None:
        return UNSURE, _unread(where, f"after the build: {why}")
    bad = _bad(before, entries, built, expected)
    if bad and entries:
        return FAILED, _broken(where, entries, f"the build ended badly: {'; '.join(bad)}", reason="; ".join(bad))
    if bad:
        return FAILED, _nothing(where, "; ".join(bad))
    if built.exit_code is None or built.silent:
        return UNSURE, _not_seen(where, entries)
    text = (
        f"The pre-migration schema of {where.database} on {where.station} was built: {_counted(entries)}, none invalid."
    )
    return WHOLE, where.finding("schema", Verdict.CHANGED, text, evidence=_facts(where, entries))


def _bad(before: int, entries: Sequence[Entry], built: Built, expected: int | None) -> list[str]:
    invalid = _invalid(entries)
    return [
        *([f"{', '.join(built.codes)} in its output"] if built.codes else []),
        *([f"exit code {built.exit_code}"] if built.exit_code else []),
        *([f"{len(invalid)} objects are invalid ({_named(invalid)})"] if invalid else []),
        *([f"{len(entries)} objects after it, {before} before"] if len(entries) <= before else []),
        *([f"{expected} objects are expected"] if expected is not None and before < len(entries) < expected else []),
    ]


# Sentences


def _whole(where: Where, entries: Sequence[Entry], how: str) -> Finding:
    text = f"The pre-migration schema of {where.database} on {where.station} is there: {_counted(entries)}; {how}."
    return where.finding("schema", Verdict.OK, text, evidence=_facts(where, entries))


def _broken(where: Where, entries: Sequence[Entry], why: str, **more: Any) -> Finding:
    text = f"The pre-migration schema of {where.database} on {where.station} is half built: {_counted(entries)}; {why}."
    evidence = {**_facts(where, entries), "why": why, **more}
    return where.finding("schema", Verdict.BLOCKER, text, evidence=evidence, remediation=Remediation("vendor", VENDOR))


def _nothing(where: Where, why: str) -> Finding:
    return where.finding(
        "schema",
        Verdict.BLOCKER,
        f"The build of the schema in {where.database} on {where.station} ended and nothing of it is there: {why}.",
        evidence={"database": where.database, "count": 0, "why": why},
        remediation=Remediation(
            "vendor", "Mend what the codes say, then run this section again; else ask the vendor's support."
        ),
    )


def _not_seen(where: Where, entries: Sequence[Entry]) -> Finding:
    text = (
        f"The end of the build in {where.database} on {where.station} was not seen: {_counted(entries)}, none invalid;"
        " whether that is all is not known."
    )
    return where.finding("schema", Verdict.UNKNOWN, text, evidence=_facts(where, entries), remediation=_say_how_many())


def _not_ours(where: Where, entries: Sequence[Entry]) -> Finding:
    text = (
        f"{where.database} on {where.station} has {_counted(entries)} of the pre-migration schema, none invalid, and this"
        " journal knows no build of it: whether it is whole is not known."
    )
    return where.finding(
        "schema", Verdict.ATTENTION, text, evidence=_facts(where, entries), remediation=_say_how_many()
    )


def _say_how_many() -> Remediation:
    return Remediation(
        "vendor", "Ask the vendor's support how many objects there are to be, and set impax_mig_schema_objects to that."
    )


def _unread(where: Where, why: str) -> Finding:
    return where.finding(
        "schema",
        Verdict.UNKNOWN,
        f"The objects of the pre-migration schema on {where.station} could not be listed: {why}.",
        evidence={"why": why},
        remediation=Remediation(
            "command", "Give an account that may read the whole dictionary, then run this section again."
        ),
    )


def _invalid(entries: Sequence[Entry]) -> list[str]:
    return [entry.name for entry in entries if entry.status not in ("", "VALID")]


def _counted(entries: Sequence[Entry]) -> str:
    return f"{len(entries)} object{'' if len(entries) == 1 else 's'}"


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _facts(where: Where, entries: Sequence[Entry]) -> dict[str, Any]:
    kinds: dict[str, int] = {}
    for entry in entries:
        kinds[entry.kind] = kinds.get(entry.kind, 0) + 1
    return {"database": where.database, "count": len(entries), "kinds": kinds, "invalid": _invalid(entries)}
