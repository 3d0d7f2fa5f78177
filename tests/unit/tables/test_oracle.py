# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit table on Oracle: what is wrong with a log-on is said before anything is sent."""

from types import SimpleNamespace

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Secret
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Verdict
from ansible_collections.impax.upgrade.plugins.plugin_utils.tables import Stop
from ansible_collections.impax.upgrade.plugins.plugin_utils.tables.oracle import OracleTable

ACTION = SimpleNamespace(section="S34", name="as3000", site="lab", KEY="audit_table")


def table(password: str, account: str = "dbadmin") -> OracleTable:
    want = SimpleNamespace(
        table="map_event_audit", account=account, password=Secret(password, "pw"), os_user="service", client=None,
        system="solaris",
    )  # fmt: skip
    return OracleTable(ACTION, want, station=None)


def test_a_password_that_sqlplus_cannot_take_is_a_blocker_with_its_remedy():
    with pytest.raises(Stop) as stopped:
        table('with"quote')
    finding = stopped.value.finding
    assert finding.verdict is Verdict.BLOCKER and "as3000" in finding.summary and 'with"quote' not in finding.summary
    assert "password changed" in finding.remediation.text


def test_any_other_password_is_taken():
    assert "<secret: pw>" in str(table("p@s s/w'd").sql.log_on)
