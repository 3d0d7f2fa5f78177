# SPDX-License-Identifier: GPL-3.0-or-later
"""S34 with a scratch schema: the dump is loaded, compared with the table, and dropped; a turned bit is found by that."""

from __future__ import annotations

import pytest
from support.audit_site import AuditSite, nothing_lost, site_of

ROWS = 60
SCHEMA = {"schema": "impax_verify", "password": "verify-Lab-3318"}


@pytest.fixture
def up(lab_up, tmp_path):
    """A function: faults -> a site whose Oracle has an empty scratch schema that is named to the product."""
    running = []

    def bring(*faults: dict, schema: dict | None = None) -> AuditSite:
        site = site_of("as3000", rows=ROWS)
        station = site["stations"]["as3000"]
        station["oracle"]["users"]["IMPAX_VERIFY"] = {"password": SCHEMA["password"]}
        station["variables"]["impax_verify_oracle"] = schema or SCHEMA
        scenario = {"faults": [{"station": "as3000", **fault} for fault in faults]}
        running.append(lab_up(tmp_path, site, scenario))
        return AuditSite(running[-1], "S34", "as3000")

    yield bring
    for lab in running:
        lab("down")


def left(site: AuditSite) -> list:
    return site.lab.sql("as3000", "select table_name from all_tables where owner = 'IMPAX_VERIFY'")


def test_the_content_is_compared_and_nothing_stays_in_the_schema(up):
    site = up()
    site.run()
    awaited = site.finding("truncate")
    assert awaited["evidence"]["how"].endswith("content compared: hashes of all rows equal"), awaited
    assert (awaited["verdict"], site.rows(), left(site), site.called("imp")) == ("attention", ROWS, [], 2)
    assert SCHEMA["password"] not in (site.folder / "state/journal.jsonl").read_text()


def test_a_bit_that_turned_on_the_way_to_the_disk_is_found(up):
    site = up({"program": "exp", "behaviour": "turned_bit"})
    site.run()
    bad = nothing_lost(site, ROWS, verdicts=("blocker",))
    assert bad["key"].endswith(".content") and left(site) == []


def test_the_tables_own_schema_is_refused(up):
    site = up(schema={"schema": "DBADMIN", "password": "dbadmin-Lab-7391"})
    site.run()
    bad = nothing_lost(site, ROWS, verdicts=("blocker",))
    assert "owns the table itself" in bad["summary"] and site.called("exp") == 0


def test_a_schema_that_nobody_can_log_on_to_is_unknown(up):
    site = up(schema={**SCHEMA, "password": "another"})
    site.run()
    bad = nothing_lost(site, ROWS, verdicts=("unknown",))
    assert bad["key"].endswith(".content") and site.called("exp") == 0
