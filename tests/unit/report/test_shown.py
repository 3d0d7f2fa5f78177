# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as HTML, JUnit and CSV: complete, escaped, and good for those who read it by machine."""

import csv
import io
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils import said
from ansible_collections.impax.upgrade.plugins.plugin_utils.report import html, junit, table
from ansible_collections.impax.upgrade.plugins.plugin_utils.report.build import build
from ansible_collections.impax.upgrade.plugins.plugin_utils.report.markup import tag, text
from ansible_collections.impax.upgrade.plugins.plugin_utils.report.parts import size
from ansible_collections.impax.upgrade.plugins.plugin_utils.report.write import write
from support.story import STAGES, Story, command, finding

EVIL = "<script>alert('x')</script> & \"quoted\" \x1b[31m \udce4 ü"


def made(story):
    return build(story.entries, now=story.now, stages=STAGES)


@pytest.fixture
def report():
    story = Story(site=f"demo {EVIL}")
    story.run("r1", stations={"as3000": ["as3000"], "as300": ["as300_sqlserver"], "b<b>": ["as3000"]})
    evidence = {"file": "/backup/audit.dmp", "rows": 2500, "bytes": 800_000, "sha1": "ab" * 20, "note": EVIL}
    awaited = finding(
        "attention",
        summary=EVIL,
        evidence=evidence,
        remediation=command("impax-prepare approve DIR audit_table.map_event_audit.truncate --station as3000"),
    )
    room = finding("ok", what="room", evidence={"needed_kb": 1000, "free_kb": 4000, "folder": "/backup"})
    story.done("S34", "as3000", room, awaited)
    story.done("S34", "b<b>", finding("blocker", station="b<b>", what="copy"))
    story.add("waiver", finding="section.s01.not_implemented", station="site", reason=EVIL, by=EVIL, until="2027-01-01")
    story.end("r1")
    return made(story)


# HTML


class Reader(HTMLParser):
    VOID = ("meta", "br")

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.attributes, self.data, self.wrong = [], [], [], [], []
        self.feed(page)

    def handle_starttag(self, name, attributes):
        self.tags.append(name)
        self.attributes += [(name, *attribute) for attribute in attributes]
        if name not in self.VOID:
            self.open.append(name)

    def handle_endtag(self, name):
        if not self.open or self.open.pop() != name:
            self.wrong.append(name)

    def handle_data(self, data):
        self.data.append(data)


@pytest.fixture
def page(report):
    return html.render(report)


def test_the_page_is_whole_and_nothing_runs_in_it(page):
    read = Reader(page)
    assert (read.open, read.wrong) == ([], [])
    assert {"script", "link", "img", "iframe", "object", "form"} & set(read.tags) == set()
    assert [name for _tag, name, _value in read.attributes if name.startswith("on")] == []


def test_the_page_names_no_outside_address(page):
    assert re.findall(r"https?:|//|@import|url\(", page) == []
    assert [value for _tag, name, value in Reader(page).attributes if name in ("src", "href")] == ["#verdict"]
    assert "default-src 'none'" in page.replace("&#x27;", "'")


def test_the_page_can_be_written_as_utf_8(page):
    page.encode("utf-8")
    assert "\x1b" not in page
    assert "\\x1b[31m" in page


def test_the_page_can_be_read_by_ear(page):
    read = Reader(page)
    assert ("html", "lang", "en") in read.attributes
    assert read.tags.count("h1") == 1
    labels = [value for name, attribute, value in read.attributes if attribute == "aria-labelledby"]
    ids = [value for _name, attribute, value in read.attributes if attribute == "id"]
    assert set(labels) <= set(ids)
    assert len(ids) == len(set(ids))
    assert read.tags.count("th") == len([found for found in read.attributes if found[:2] == ("th", "scope")])


def test_the_page_shows_what_has_to_be_seen(page):
    shown = "\n".join(Reader(page).data)
    for wanted in (
        "NO-GO",
        "impax-prepare approve DIR audit_table.map_event_audit.truncate --station as3000",
        "checks are unknown, and unknown is no-go",
        "/backup/audit.dmp",
        "25 % of the free space is needed",
        "Head of the journal",
        "Run r1 ended: no-go",
        *(f"S{number:02}" for number in range(1, 37)),
    ):
        assert wanted in shown, wanted
    assert shown.index("What forbids the upgrade") < shown.index("What awaits a decision") < shown.index("Sections and")


def test_blocks_without_content_are_left_out():
    shown = html.render(build([], now=Story().now, stages=STAGES))
    for title in ("What forbids", "What awaits", "Room for", "Saved copies", "What happened"):
        assert title not in shown


def test_what_check_mode_foretells_is_shown_apart():
    story = Story()
    story.run("r1", check=True)
    told = [
        finding("ok", what="room", summary="there is room"),
        finding("attention", would=True, summary="would be emptied"),
    ]
    story.done("S34", "as3000", *told, check=True)
    shown = html.render(made(story))
    assert "What a run would do" in shown
    assert "would be emptied" in shown
    assert "there is room" not in shown
    for sentence in (said.status(made(story)), said.ended(made(story), [])):
        assert "S34 on as3000, in check mode: would be emptied" in sentence


def test_go_is_said_in_green():
    assert 'class="stamp go">GO<' in html.render({**made(Story()), "verdict": "go"})


def test_markup_is_made_only_here():
    assert tag("td", "a < b", None, [tag("br"), "&"], class_="x", hidden=False, colspan=2) == (
        '<td class="x" colspan="2">a &lt; b<br>&amp;</td>'
    )
    assert text("<", tag("i", title='"')) == '&lt;<i title="&quot;"></i>'


@pytest.mark.parametrize(
    ("kilobytes", "shown"),
    [
        (0, "0 kB"),
        (1023, "1023 kB"),
        (1024, "1.0 MB"),
        (204_800, "200 MB"),
        (4_096_000, "3.9 GB"),
        (2**40, "1024.0 TB"),
    ],
)
def test_sizes(kilobytes, shown):
    assert size(kilobytes) == shown


# JUnit


def cases(report):
    root = ElementTree.fromstring(junit.render(report).encode())
    return root, {case.get("name"): case for case in root.iter("testcase")}


def test_junit_has_a_case_for_every_row(report):
    root, found = cases(report)
    assert len(found) == sum(len(section["stations"]) for section in report["sections"])
    assert int(root.get("tests")) == len(found)
    open_rows = sum(report["counts"][verdict] for verdict in ("attention", "blocker", "unknown"))
    assert int(root.get("failures")) == len(root.findall(".//failure")) == open_rows
    assert {suite.get("name") for suite in root} == set(STAGES) - {"report"}
    for suite in root:
        assert int(suite.get("tests")) == len(suite.findall("testcase"))


def test_junit_fails_for_all_that_is_not_good(report):
    _root, found = cases(report)
    wanted = {
        "S34 Audit table saved, AS3000 with Oracle [as3000]": "attention",
        "S34 Audit table saved, AS3000 with Oracle [b<b>]": "blocker",
        "S36 Audit table saved, AS300 with SQL Server [as300]": "unknown",
    }
    assert {name: found[name].find("failure").get("type") for name in wanted} == wanted
    assert found["S01 Software that has to be upgraded first [site]"].find("failure") is None
    assert found["S35 Audit table saved, AS300 with Oracle [site]"].find("skipped") is not None


def test_junit_does_not_fail_for_what_is_approved_already():
    story = Story()
    awaited = finding("attention")
    story.run("r1")
    story.done("S34", "as3000", awaited)
    given = {"finding": awaited.key, "station": "as3000", "evidence": awaited.evidence_hash, "by": "B", "allow": []}
    name = "S34 Audit table saved, AS3000 with Oracle [as3000]"
    story.add("approval", until="2026-11-01", **given)
    assert cases(made(story))[1][name].find("failure") is not None
    story.add("approval", until="2027-11-01", **given)
    assert cases(made(story))[1][name].find("skipped") is not None


# CSV


def test_csv_has_a_line_for_every_finding(report):
    lines = list(csv.DictReader(io.StringIO(table.render(report))))
    assert len(lines) == sum(len(row["findings"]) for section in report["sections"] for row in section["stations"])
    first = next(line for line in lines if line["section"] == "S34" and line["verdict"] == "attention")
    assert (first["station"], first["row_verdict"]) == ("as3000", "attention")
    assert "alert('x')" in first["summary"]
    assert next(line for line in lines if line["section"] == "S01")["waived_by"].startswith("<script>")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_csv_hands_no_formula_to_a_spreadsheet(start):
    story = Story()
    story.run("r1")
    story.done("S34", "as3000", finding("ok", summary=f"{start}1+1"))
    assert f"'{start}1+1" in table.render(made(story))


# Files


def test_all_files_are_written_and_nothing_else(tmp_path, report):
    for _again in range(2):
        files = write(report, tmp_path / "report")
    assert sorted(file.name for file in files) == ["junit.xml", "report.csv", "report.html", "report.json"]
    assert sorted(file.name for file in (tmp_path / "report").iterdir()) == sorted(file.name for file in files)


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, report, monkeypatch):
    write(report, tmp_path)
    before = (tmp_path / "report.json").read_text()
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write({**report, "site": "x"}, tmp_path)
    assert (tmp_path / "report.json").read_text() == before
    assert len(list(tmp_path.iterdir())) == 4
