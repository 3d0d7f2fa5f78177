# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as JUnit XML, for whatever watches builds: all that is not good is a failure. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as Xml

from .markup import visible

PASSES = ("ok", "changed", "waived")


def render(report: Mapping[str, Any]) -> str:
    """One suite a stage, one case a row. Approved and not yet done, and not applicable: skipped."""
    root = Xml.Element("testsuites", name=visible(f"impax {report['site']}"))
    for stage in dict.fromkeys(section["stage"] for section in report["sections"]):
        suite = Xml.SubElement(root, "testsuite", name=stage, timestamp=str(report["generated"]).rstrip("Z"))
        for section in report["sections"]:
            if section["stage"] == stage:
                for row in section["stations"]:
                    _case(suite, section, row)
        _count(suite)
    _count(root)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _case(suite: Xml.Element, section: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    name = f"{section['id']} {section['title']} [{row['station']}]"
    case = Xml.SubElement(
        suite, "testcase", classname=f"{section['stage']}.{section['id']}", name=visible(name), time="0"
    )
    verdict, summary = row["verdict"], visible(row["summary"])
    if verdict in PASSES:
        Xml.SubElement(case, "system-out").text = f"{verdict}: {summary}"
    elif verdict == "not_applicable" or (verdict == "attention" and _approved(row)):
        Xml.SubElement(case, "skipped", message=summary)
    else:
        Xml.SubElement(case, "failure", message=summary, type=verdict).text = _told(row)


def _approved(row: Mapping[str, Any]) -> bool:
    open_ones = [
        finding for finding in row["findings"] if finding["verdict"] == "attention" and "waiver" not in finding
    ]
    return all("approval" in finding and not finding["approval"]["expired"] for finding in open_ones)


def _told(row: Mapping[str, Any]) -> str:
    lines = []
    for finding in row["findings"]:
        remedy = finding["remediation"]
        lines.append(f"{finding['verdict']}: {finding['summary']}" + (f"\n  next: {remedy['text']}" if remedy else ""))
    return visible("\n".join(lines))


def _count(element: Xml.Element) -> None:
    cases = list(element.iter("testcase"))
    counts = {"tests": len(cases), "errors": 0, "time": 0}
    for kind, child in (("failures", "failure"), ("skipped", "skipped")):
        counts[kind] = sum(case.find(child) is not None for case in cases)
    for name, number in counts.items():
        element.set(name, str(number))
