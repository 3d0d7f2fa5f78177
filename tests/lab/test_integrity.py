# SPDX-License-Identifier: GPL-3.0-or-later
"""S23 and S25 on the simulated site: each count by itself, on both engines, and what cannot be counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.audit_site import site_of
from support.lab_site import LabSite

QUESTIONS = {
    "dosr_object_document.object_ref.duplicate": ("duplicates", 3),
    "dosr_his_study.study_uid.null": ("nulls", 1),
    "dosr_study.study_uid.null": ("nulls", 2),
    "dosr_object.sop_instance_uid.null": ("nulls", 4),
    "dosr_object.series_ref.null": ("nulls", 5),
    "map_job.originating_user_id.null": ("nulls", 6),
    "map_event.user_id.null": ("nulls", 7),
    "map_event_audit.user_id.null": ("nulls", 8),
    "mitra_folder.folder_name.null": ("nulls", 9),
    "mitra_folder_item.item_name.null": ("nulls", 10),
    "mitra_print_params.user_id.null": ("nulls", 2),
    "agfahc_report_access_config.ae_title.null": ("nulls", 1),
}


def faulty_tables() -> dict:
    tables: dict = {}
    for name, (kind, count) in QUESTIONS.items():
        table, column, _ = name.split(".")
        tables.setdefault(table, {}).setdefault(kind, {})[column] = count
    return tables


@pytest.fixture(scope="module")
def clean(lab_up, tmp_path_factory):
    return lab_up(tmp_path_factory.mktemp("clean"), site_of("as3000", "as300", rows=30))


@pytest.fixture(scope="module")
def faulty(lab_up, tmp_path_factory):
    stations = {name: {"tables": faulty_tables()} for name in ("as3000", "as300")}
    return lab_up(tmp_path_factory.mktemp("faulty"), site_of("as3000", "as300", rows=30), {"stations": stations})


@pytest.mark.parametrize(("station", "program"), [("as3000", "sqlplus"), ("as300", "osql")])
def test_clean_rows_are_ok_in_one_session_and_nothing_is_changed(clean, station, program):
    site = LabSite(clean, "S23", station)
    before = site.called(program)
    site.run("--station", station)
    row = site.row()
    assert row["verdict"] == "ok", row
    assert set(site.findings()) == {f"integrity.{name}" for name in QUESTIONS}
    assert site.called(program) - before == 1


@pytest.mark.parametrize("station", ["as3000", "as300"])
def test_each_count_is_a_finding_of_its_own(faulty, station):
    site = LabSite(faulty, "S23", station)
    site.run("--station", station)
    found = site.findings()
    told = {name: found[f"integrity.{name}"]["evidence"].get("count") for name in QUESTIONS}
    assert told == {name: count for name, (_, count) in QUESTIONS.items()}
    assert {finding["verdict"] for finding in found.values()} == {"blocker"}
    assert all(
        station in finding["summary"] and finding["remediation"]["how"] == "vendor" for finding in found.values()
    )


@pytest.mark.parametrize("station", ["as3000", "as300"])
def test_a_table_that_is_missing_makes_its_own_question_unknown(lab_up, tmp_path, station):
    lab = lab_up(tmp_path, site_of(station, rows=20), {"stations": {station: {"tables": {"map_job": None}}}})
    site = LabSite(lab, "S23", station)
    site.run("--station", station)
    verdicts = {key: finding["verdict"] for key, finding in site.findings().items()}
    assert verdicts.pop("integrity.map_job.originating_user_id.null") == "unknown"
    assert set(verdicts.values()) == {"ok"}
    lab("down")


@pytest.mark.parametrize(
    ("station", "program", "behaviour"),
    [
        ("as3000", "sqlplus", "account_locked"),
        ("as3000", "sqlplus", "not_available"),
        ("as3000", "sqlplus", "truncated_output"),
        ("as3000", "sqlplus", "empty_output"),
        ("as3000", "sqlplus", "disconnect_before"),
        ("as3000", "sqlplus", "disconnect_after"),
        ("as300", "osql", "empty_output"),
        ("as300", "osql", "lying_zero"),
        ("as300", "osql", "truncated_output"),
        ("as300", "osql", "disconnect_after"),
        ("as300", "passkey", "no_key"),
    ],
)
def test_what_was_not_answered_is_unknown(clean, station, program, behaviour):
    site = LabSite(clean, "S23", station)
    clean.inject(station, program, behaviour, 1)
    site.run("--station", station)
    row = site.row()
    assert row["verdict"] == "unknown", (behaviour, row)
    bad = [finding for finding in row["findings"] if finding["verdict"] == "unknown"]
    assert all(station in finding["summary"] and finding["remediation"]["text"] for finding in bad)


@pytest.mark.parametrize(("station", "program"), [("as3000", "sqlplus"), ("as300", "osql")])
def test_translated_output_is_counted_all_the_same(clean, station, program):
    site = LabSite(clean, "S23", station)
    clean.inject(station, program, "translated", 1)
    site.run("--station", station)
    assert site.row()["verdict"] == "ok"


@pytest.mark.parametrize("station", ["as3000", "as300"])
def test_a_support_bundle_holds_counts_and_hashed_keys_and_no_value_of_a_row(faulty, station):
    site = LabSite(faulty, "S23", station)
    variables = faulty.state / "site/site/host_vars" / f"{station}.yml"
    before = variables.read_text()
    variables.write_text(f"{before}impax_support_bundle: true\n")
    site.run("--station", station)
    variables.write_text(before)
    path = Path(site.findings()["integrity.support_bundle"]["evidence"]["path"])
    bundle = json.loads(path.read_text())
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert bundle["counts"]["dosr_study.study_uid.null"] == 2
    assert {name: len(keys) for name, keys in bundle["keys"].items()} == bundle["counts"]
    rows = faulty.sql(station, "select * from dosr_study where study_uid is not null")
    assert not [
        row for row in rows if any(str(value) in path.read_text() for value in row.values() if len(str(value)) > 4)
    ]
