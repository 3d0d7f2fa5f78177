# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of the dictation interlock's firewall exception, and what to do next (S12)."""

from __future__ import annotations

from collections.abc import Sequence

from ..findings import Finding, Remediation, Verdict, evidence_hash
from . import approvals
from .firewall_port import MODERN, Standing, Where

NAMELESS = "all"  # a name that means every rule
FORBIDDEN = '"%=,|'
FIRST = (5, 1)  # the first Windows that has this firewall
REPAIR = "repair"


def refusal(section: str, station: str, name: str, port: int) -> Finding | None:
    """What netsh could not be told, or would take for something else."""
    wrong = ""
    if name != name.strip() or not name or name.lower() == NAMELESS or any(sign in name for sign in FORBIDDEN):
        wrong = f"the name {name!r} cannot be given to a rule"
    elif not 0 < port < 65536:
        wrong = f"{port} is no port"
    if not wrong:
        return None
    return Finding(
        "firewall_port.usage",
        section,
        station,
        Verdict.BLOCKER,
        f"The firewall of {station} was not asked: {wrong}.",
        {"name": name, "port": port},
        Remediation("guided", "Give a port from 1 to 65535, and a name that is not 'all' and has none of \" % = , |"),
    )


def no_verb(section: str, station: str, version: tuple[int, int] | None) -> Finding:
    seen = "its version was not understood" if version is None else f"it is Windows {version[0]}.{version[1]}"
    return Finding(
        "firewall_port.windows",
        section,
        station,
        Verdict.UNKNOWN,
        f"Which verb the firewall of {station} takes is not known: {seen}.",
        {"version": list(version) if version else None},
        Remediation(
            "guided",
            f"See by ver which Windows {station} runs; make the exception by hand if it is neither 2003 nor 2008.",
        ),
    )


def verb(where: Where, version: tuple[int, int], deprecated: bool) -> Finding:
    context = "netsh advfirewall firewall" if where.wanted.dialect == MODERN else "netsh firewall"
    told = "; it calls what it was asked by deprecated" if deprecated else ""
    return where.finding(
        "verb",
        Verdict.OK,
        f"{where.station} is Windows {version[0]}.{version[1]}, whose firewall is asked by {context}{told}.",
        evidence={"version": list(version), "dialect": where.wanted.dialect, "deprecated": deprecated},
    )


def strangers(where: Where, machines: Sequence[str]) -> Finding:
    return where.finding(
        "reached",
        Verdict.UNKNOWN,
        f"The port of {where.station} was not tried: the inventory has no {', '.join(machines)}.",
        evidence={"machines": list(machines)},
        remediation=Remediation(
            "guided", "Name machines of the other cluster as the inventory does; then run this section again."
        ),
    )


def service(where: Where, name: str, state: str | None) -> Finding | None:
    """Nothing where the firewall's service runs. One that does not runs shuts nothing, and takes no rule either."""
    if state == "running":
        return None
    if state is None:
        return where.finding(
            "service",
            Verdict.UNKNOWN,
            f"Whether the firewall of {where.station} runs is not known: the state of {name} was not said.",
            evidence={"service": name, "state": None},
            remediation=Remediation("command", f"Run sc query {name} on {where.station}; then run this section again."),
        )
    seen = "is not installed" if state == "missing" else f"is {state}"
    return where.finding(
        "service",
        Verdict.ATTENTION,
        f"The firewall of {where.station} is off (the service {name} {seen}): it shuts no port, and the exception"
        f" {where.told()} was neither found nor made.",
        evidence={"service": name, "state": state},
        remediation=Remediation(
            "guided",
            f"If the site keeps it off, waive this; else start {name} on {where.station} and run this section again.",
        ),
    )


def unlisted(where: Where, why: str) -> Finding:
    return where.finding(
        "rule",
        Verdict.UNKNOWN,
        f"What rules the firewall of {where.station} has is not known: {why}.",
        evidence={"why": why},
        remediation=Remediation(
            "command",
            f"Log on to {where.station} as an administrator, see what netsh answers, and run this section again.",
        ),
    )


# What is said of the rule


def right(where: Where, standing: Standing, said: str = "") -> list[Finding]:
    """said: how it came to be; "" where it was so."""
    verdict = Verdict.CHANGED if said else Verdict.OK
    found = [
        where.finding(
            "rule",
            verdict,
            f"The firewall of {where.station} has the exception {where.told()}{said}.",
            evidence=where.evidence(standing),
        )
    ]
    return [*found, *([_narrowed(where, standing)] if standing.narrow else [])]


def _narrowed(where: Where, standing: Standing) -> Finding:
    limits = ", ".join(standing.narrow)
    return where.finding(
        "scope",
        Verdict.ATTENTION,
        f"The exception {where.told()} on {where.station} is limited to {limits}.",
        evidence={**where.evidence(standing), "limits": list(standing.narrow)},
        remediation=Remediation(
            "guided", "See that the machine of the other cluster and the relay are among these; then waive this."
        ),
    )


def vague(where: Where, standing: Standing) -> Finding:
    return where.finding(
        "rule",
        Verdict.UNKNOWN,
        f"The firewall of {where.station} has a rule {where.wanted.name!r}, and what it does was not understood"
        f" ({standing.why}): netsh answers in another language.",
        evidence=where.evidence(standing),
        remediation=Remediation(
            "guided",
            f"See in the firewall's window on {where.station} that it allows {where.told()}; then waive this.",
        ),
    )


def several(where: Where, standing: Standing) -> Finding:
    return where.finding(
        "several",
        Verdict.BLOCKER,
        f"The firewall of {where.station} has {len(standing.rules)} rules that stand for {where.wanted.name!r}, "
        f"{'one of them disabled or blocking' if standing.shut else 'and none is right'}: {standing.why}.",
        evidence=where.evidence(standing),
        remediation=Remediation("guided", "Take out by hand those that are wrong; then run this section again."),
    )


def would_add(where: Where) -> Finding:
    return where.finding(
        "rule",
        Verdict.ATTENTION,
        f"On {where.station} the exception {where.told()} would be made.",
        evidence=where.evidence(Standing("missing")),
        would=True,
    )


def would_repair(where: Where, standing: Standing) -> Finding:
    return where.finding(
        REPAIR,
        Verdict.ATTENTION,
        f"{_wrong(where, standing)} It would be repaired if that is approved.",
        evidence=where.evidence(standing),
        would=True,
    )


def repair_hash(where: Where, standing: Standing) -> str:
    return evidence_hash(where.evidence(standing))


def repair_awaited(where: Where, standing: Standing, reason: str) -> Finding:
    """A rule that is disabled or blocks was perhaps meant so, and keeps the other cluster out: a blocker."""
    finding = where.finding(
        REPAIR,
        Verdict.BLOCKER if standing.shut else Verdict.ATTENTION,
        f"{_wrong(where, standing)} Repairing it awaits an approval: {reason}.",
        evidence=where.evidence(standing),
    )
    return approvals.awaited(finding)


def _wrong(where: Where, standing: Standing) -> str:
    what = "is disabled or blocks" if standing.shut else "is not as it has to be"
    name = standing.rules[0]["name"]
    return f"The rule {name!r} of the firewall of {where.station} {what}: {standing.why}; {where.told()} is expected."


def not_there(where: Where, before: Standing, after: Standing, said: str) -> Finding:
    """netsh was told, and the list shows something else."""
    seen = "it lists no such rule" if after.state == "missing" else f"it lists {_seen(after)}"
    return where.finding(
        "not_there",
        Verdict.BLOCKER,
        f"netsh on {where.station} was told to make the exception {where.told()} and said {said!r}, but {seen}.",
        evidence={**where.evidence(before), "listed": [dict(rule) for rule in after.rules], "said": said},
        remediation=Remediation(
            "guided",
            f"See whether a group policy governs the firewall of {where.station}, and whether the account is an"
            " administrator; then run this section again.",
        ),
    )


def _seen(after: Standing) -> str:
    return f"a rule with {after.why}" if len(after.rules) == 1 else f"{len(after.rules)} rules: {after.why}"


# From the other cluster


def reached(where: Where, address: str, machines: Sequence[str], state: str) -> Finding:
    """state: open, refused, silent, or why it could not be tried. It is tried from the controller, which is said."""
    by = f"tried from the controller, as Windows has no tool for it on {', '.join(machines)}"
    facts = {
        "address": address,
        "port": where.wanted.port,
        "machines": list(machines),
        "state": state,
        "from": "controller",
    }
    port = f"{where.wanted.protocol} {where.wanted.port} of {where.station} ({address})"
    if state == "open":
        return where.finding("reached", Verdict.OK, f"{port} takes a connection, {by}.", evidence=facts)
    if state not in ("refused", "silent"):
        return where.finding(
            "reached",
            Verdict.UNKNOWN,
            f"Whether {port} takes a connection is not known, {by}: {state}.",
            evidence=facts,
            remediation=Remediation("guided", "Try it by hand from the machine of the other cluster."),
        )
    seen = (
        "is refused: nothing listens there" if state == "refused" else "does not answer: it is shut, or nothing listens"
    )
    return where.finding(
        "reached",
        Verdict.BLOCKER,
        f"{port} {seen}, {by}.",
        evidence=facts,
        remediation=Remediation(
            "guided",
            f"See that the relay runs on {where.station} and that no firewall stands in between; then run this section again.",
        ),
    )
