# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of an Oracle dump is the table's only where both told their figures and these are equal."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Verdict
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import audit_content as content
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.audit import Where

WHERE = Where("S35", "ora1", "st-example", "map_event_audit")
GOOD = ("12", "123456", "3", "999")


def agrees(exported=12, source=GOOD, copy=GOOD):
    return content.content_agrees(WHERE, "impax_verify", "D:\\x.dmp", exported, source, copy)


def test_equal_figures_of_as_many_rows_as_were_exported():
    assert agrees() is None


@pytest.mark.parametrize(
    "facts, verdict, said",
    [
        ({"copy": ("12", "123457", "3", "999")}, Verdict.BLOCKER, "differ"),
        ({"copy": ("12", "123456", "3", "998")}, Verdict.BLOCKER, "differ"),
        ({"copy": ("11", "123456", "3", "999")}, Verdict.BLOCKER, "12 rows there, 11 loaded"),
        ({"exported": 13}, Verdict.BLOCKER, "13 exported"),
        ({"source": None}, Verdict.UNKNOWN, "The table did not tell"),
        ({"copy": None}, Verdict.UNKNOWN, "copy in impax_verify did not tell"),
        ({"source": None, "copy": None}, Verdict.UNKNOWN, "did not tell"),
    ],
)
def test_what_differs_and_what_was_not_told(facts, verdict, said):
    finding = agrees(**facts)
    assert (finding.verdict, said in finding.summary, "ora1" in finding.summary) == (verdict, True, True)
    assert finding.remediation.text and finding.key == "audit_table.map_event_audit.content"


@pytest.mark.parametrize(
    "schema, tables, verdict",
    [
        ("impax_verify", (), None),
        ("impax_verify", ("MAP_EVENT_AUDIT",), Verdict.BLOCKER),
        ("impax_verify", ("MAP_EVENT_AUDIT", "STUDY"), Verdict.BLOCKER),
        ("DbAdmin", (), Verdict.BLOCKER),
        ("DbAdmin", None, Verdict.BLOCKER),
        ("impax_verify", None, Verdict.UNKNOWN),
    ],
)
def test_only_an_empty_schema_of_its_own_is_loaded_into(schema, tables, verdict):
    finding = content.schema_fits(WHERE, schema, "dbadmin", tables)
    assert (finding and finding.verdict) == verdict
    if finding:
        assert "ora1" in finding.summary and "Nothing was exported" in finding.summary and finding.remediation.text


def noted(what, **change):
    return {"what": what, "facts": {"station": "ora1", "schema": "Impax_Verify", "table": "map_event_audit", **change}}


@pytest.mark.parametrize(
    ("entries", "ours"),
    [
        ([], False),
        ([noted(content.BEGUN)], True),
        ([noted(content.BEGUN), noted(content.GONE)], False),
        ([noted(content.BEGUN), noted(content.GONE), noted(content.BEGUN)], True),
        ([noted(content.BEGUN, station="ora2"), noted(content.BEGUN, schema="x")], False),
    ],
)
def test_a_table_in_the_schema_goes_only_where_this_journal_loaded_it(entries, ours):
    assert content.is_ours(entries, "ora1", "impax_verify", "MAP_EVENT_AUDIT") is ours
    finding = content.schema_fits(WHERE, "impax_verify", "dbadmin", ("MAP_EVENT_AUDIT",), ours)
    assert (finding is None) is ours


def test_what_else_is_said_is_never_ok():
    said = [
        content.not_loaded(WHERE, "v", "/x", ("IMP-00013",)),
        content.scratch_left(WHERE, "v", "ORA-00054"),
        content.no_password(WHERE, "v"),
    ]
    assert {finding.verdict for finding in said} == {Verdict.UNKNOWN}
    assert "IMP-00013" in said[0].summary and "ORA-00054" in said[1].summary


def test_the_proof_names_what_it_does_not_cover():
    assert content.how((), ()) == "content compared: hashes of all rows equal"
    assert content.how(("C",), ("L", "X")).endswith("(C: lengths only; L, X: not)")
