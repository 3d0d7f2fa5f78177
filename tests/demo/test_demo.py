# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration runs as it is told in the README, and says so when something is not as expected."""

import json
import subprocess
import sys

import pytest
from demo import run as demo
from support.approve import Failed, approve, awaiting
from support.repo import ROOT


@pytest.mark.lab
def test_the_demonstration(tmp_path):
    words = [sys.executable, ROOT / "tests/demo/run.py", tmp_path]
    ended = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.splitlines()[-1].startswith("demo: verdict: no_go ")
    left = {path.name for path in (tmp_path / "report").iterdir()}
    assert left == {"report.html", "report.json", "report.csv", "junit.xml"}
    report = json.loads((tmp_path / "report/report.json").read_text())
    assert {section["id"] for section in report["sections"]} == {f"S{number:02}" for number in range(1, 37)}


def finding(**other):
    text = "impax-prepare approve DIR a.b --station as3000 --evidence aa --by NAME --allow no_backup"
    remedy = {"how": "command", "text": text}
    return {"key": "a.b", "verdict": "attention", "evidence_hash": "aa", "remediation": remedy, **other}


def report(*findings):
    return {"sections": [{"id": "S34", "stations": [{"station": "as3000", "findings": list(findings)}]}]}


def test_only_what_awaits_an_approval_is_approved():
    others = [finding(verdict="ok"), finding(remediation=None), finding(remediation={"how": "guided", "text": "Wait."})]
    assert list(awaiting(report(*others, finding()))) == [finding()]


def test_an_approval_of_other_evidence_is_not_typed(tmp_path):
    with pytest.raises(Failed, match="another evidence"):
        approve(tmp_path, finding(evidence_hash="bb"))


def test_what_is_not_as_expected_is_said():
    with pytest.raises(Failed, match=r"rows left: expected 0, seen 3"):
        demo.expect("rows left", 0, 3)


def test_a_row_that_is_missing_is_said():
    only_the_site = {"sections": [{"id": "S34", "stations": [{"station": "site"}]}]}
    with pytest.raises(Failed, match="S34 has no row of a station"):
        demo.rows_of(only_the_site, "S34")
