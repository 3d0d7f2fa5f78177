# SPDX-License-Identifier: GPL-3.0-or-later
"""Three weeks at an invented hospital, as its journal would tell them: the report's picture and the browser tests."""

from __future__ import annotations

from typing import Any

from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Finding, Remediation, Verdict
from ansible_collections.impax.upgrade.plugins.plugin_utils.report.build import build

from .story import STAGES, Story

SITE = "st-example-hospital"
STATIONS = {
    "as3000": ["as3000"],
    "as300": ["as300_sqlserver"],
    "app1": ["application_server", "installation_server"],
    "gw1": ["network_gateway"],
}
ABSENT = {
    "as300_oracle": "the databases run on Solaris and on SQL Server",
    "traveling_server": "both clusters stand in one building",
}
BY_HAND = {
    "S01": "PACS Broker and TalkStation are up to date, letter of 2026-10-30",
    "S28": "configuration saved by hand, two copies off the station",
    "S30": "the site has no SQL Server 2000",
}
TABLE = "audit_table.map_event_audit"


def _found(
    section: str, station: str, what: str, verdict: str, summary: str, evidence: Any, remedy: Any = None
) -> Finding:
    return Finding(f"{TABLE}.{what}", section, station, Verdict(verdict), summary, evidence, remedy)


def _room(section: str, station: str, folder: str, needed: int, free: int) -> Finding:
    evidence = {"needed_kb": needed, "free_kb": free, "folder": folder, "margin_percent": 20}
    if needed <= free:
        return _found(section, station, "room", "ok", f"{folder} has {free} kB free, {needed} kB are needed.", evidence)
    summary = (
        f"{folder} on {station} has {free} kB free, {needed} kB are needed for the copy (its size and 20 %). Nothing"
    )
    remedy = Remediation("command", "Free room there or set impax_audit_folder to another disk.")
    return _found(section, station, "room", "blocker", f"{summary} was exported.", evidence, remedy)


def _copy(station: str, file: str, rows: int, size: int, sha1: str, **more: Any) -> dict[str, Any]:
    """The evidence of an export as its action notes it."""
    of = {"site": SITE, "station": station, "table": "map_event_audit"}
    return {**of, "file": file, "rows": rows, "bytes": size, "sha1": sha1, **more}


SOLARIS = _copy(
    "as3000", "/backup/audit/map_event_audit-20261112.dmp", 4_218_344, 1_402_880_512, "3f09a1c2" * 5, scn=88_120_331
)
WINDOWS = _copy(
    "as300",
    r"D:\audit\map_event_audit-20261123.dat",
    1_930_212,
    688_400_211,
    "c4d81b07" * 5,
    least=1,
    greatest=1_930_212,
)


def _emptied(section: str, station: str, copy: dict[str, Any]) -> Finding:
    text = f"map_event_audit on {station} was truncated: {copy['rows']} rows saved in {copy['file']}, 12 rows since."
    return _found(
        section, station, "truncate", "changed", f"{text} Approved by site engineer.", {**copy, "rows_since": 12}
    )


def _awaited(section: str, station: str, copy: dict[str, Any]) -> Finding:
    text = (
        f"{copy['rows']} rows of map_event_audit on {station} are saved in {copy['file']} ({copy['bytes']} bytes) and"
        " verified (count, both checksums, nulls, lengths and keys are equal on verify). Truncating awaits an approval:"
        " nobody has approved it."
    )
    first = _found(section, station, "truncate", "attention", text, copy)
    command = f"impax-prepare approve DIR {first.key} --station {station} --evidence {first.evidence_hash} --by NAME"
    return Finding(**{**first.__dict__, "remediation": Remediation("command", f"{command} --allow no_backup")})


def _nulls(station: str) -> Finding:
    remedy = Remediation("vendor", "ask the vendor's support what these rows mean; then waive this finding.")
    text = f"17 rows of map_event_audit on {station} have no user_id; truncating would erase the evidence of that."
    return _found("S34", station, "null_user_id", "blocker", text, {"null_user_id": 17}, remedy)


def story() -> Story:
    """Assessed, done by hand what is not built, one table emptied, the other one's disk too small, then saved."""
    made = Story(SITE, "2026-11-02T07:30:00+00:00")
    run = {"stations": STATIONS, "absent": ABSENT, "by": "m.muster"}
    made.run("a51c0e77b2d4", check=True, **run)
    made.end("a51c0e77b2d4")
    made.clock = made.clock.replace(day=5, hour=9)
    for section, reason in BY_HAND.items():
        station, until = "site", "2026-12-20T00:00:00Z"
        (
            made.add(
                "waiver", 0.2, finding=f"section.{section.lower()}.not_implemented", station=station, reason=reason
            )
            | {}
        )
        made.entries[-1].update(by="site engineer", until=until)
    made.clock = made.clock.replace(day=9, hour=20)
    made.run("0be4f1d09a63", **run)
    made.done(
        "S34", "as3000", _room("S34", "as3000", "/backup", 1_644_000, 9_880_000), _nulls("as3000"), run="0be4f1d09a63"
    )
    made.done("S36", "as300", _room("S36", "as300", "C:\\audit", 806_700, 412_000), run="0be4f1d09a63")
    made.end("0be4f1d09a63")
    made.clock = made.clock.replace(day=11, hour=10)
    made.add(
        "waiver", finding=f"{TABLE}.null_user_id", station="as3000", reason="vendor case 4711: rows of a test client"
    )
    made.entries[-1].update(by="site engineer", until="2026-12-20T00:00:00Z")
    made.clock = made.clock.replace(day=12, hour=20)
    made.run("77ab01f3c9e8", limit="as3000", **run)
    made.add("approval", 1, finding=f"{TABLE}.truncate", station="as3000", evidence="0" * 64, by="site engineer")
    made.entries[-1].update(until="2026-11-19T20:00:00Z", allow=["no_backup", "accept_window"])
    room = _room("S34", "as3000", "/backup", 1_644_000, 9_880_000)
    made.done("S34", "as3000", room, _nulls("as3000"), _emptied("S34", "as3000", SOLARIS), run="77ab01f3c9e8")
    made.end("77ab01f3c9e8")
    made.clock = made.clock.replace(day=23, hour=20)
    made.run("f0929c4de5b1", **run)
    room = _room("S36", "as300", "D:\\audit", 806_700, 3_120_000)
    made.done("S36", "as300", room, _awaited("S36", "as300", WINDOWS), run="f0929c4de5b1")
    made.end("f0929c4de5b1")
    return made


def report() -> dict[str, Any]:
    made = story()
    return build(made.entries, now=made.now, stages=STAGES, folder="site")
