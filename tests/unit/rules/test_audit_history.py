# SPDX-License-Identifier: GPL-3.0-or-later
"""What the journal's evidence says about a table, and whether a begun truncate happened."""

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.audit import Exported, Measured
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.audit_history import (
    BEGUN,
    EMPTIED,
    EXPORT,
    JOB,
    JOB_ENDED,
    past,
    still_covers,
    truncate_took_place,
)  # fmt: skip

KEYED = Exported("s", "a", "DB 1", "t", "/x", 100, 5, "ab", "how", key="id", least=1, greatest=100)
PLAIN = Exported("s", "a", "DB 1", "t", "/x", 100, 5, "ab", "how")


def entry(what, facts=None, at="2026-01-01T00:00:00Z"):
    return {"what": what, "facts": {"station": "a", "table": "t", **(facts or {})}, "at": at}


def seen(rows, least=None, greatest=None, key="id", database="DB 1"):
    return Measured(database, rows, 10, 10, 0, key, least, greatest, ())


def test_an_empty_journal_knows_nothing():
    assert past([], "a", "t") == past([entry(EXPORT, KEYED.evidence() | {"station": "b"})], "a", "t")


def test_exports_belong_to_the_epoch_since_the_last_truncate():
    entries = [entry(EXPORT, KEYED.evidence()), entry(BEGUN, KEYED.evidence()), entry(EMPTIED, KEYED.evidence(), "T1")]
    assert past(entries[:2], "a", "t").begun["file"] == "/x"
    assert past(entries[:2], "a", "t").latest == KEYED
    after = past(entries, "a", "t")
    assert (after.exports, after.begun, after.emptied_at) == ((), None, "T1")


def test_a_job_is_open_until_its_end_was_seen():
    assert past([entry(JOB, {"job": "j"})], "a", "t").job["job"] == "j"
    assert past([entry(JOB, {"job": "j"}), entry(JOB_ENDED, {"job": "j"})], "a", "t").job is None


@pytest.mark.parametrize(
    "now, happened",
    [
        (seen(0), True),
        (seen(3, 101, 103), True),  # rows that came since, keys go on (Oracle's sequences, rows put back)
        (seen(3, 1, 3), True),  # identities anew
        (seen(100, 1, 100), False),
        (seen(120, 1, 120), False),
        (seen(50, 51, 100), None),  # a purge by somebody else
        (seen(99, 1, 100), None),  # a row gone from the middle
        (seen(None), None),
        (seen(0, database="OTHER 2"), None),
    ],
)
def test_whether_a_begun_truncate_happened(now, happened):
    assert truncate_took_place(KEYED, now) is happened


@pytest.mark.parametrize("rows, happened", [(0, True), (100, False), (3, None), (101, None)])
def test_without_a_key_only_the_extremes_tell(rows, happened):
    assert truncate_took_place(PLAIN, seen(rows, key="")) is happened


@pytest.mark.parametrize(
    "now, late, covers",
    [
        (seen(100, 1, 100), 0, True),
        (seen(105, 1, 105), 0, False),
        (seen(105, 1, 105), 5, True),
        (seen(106, 1, 106), 5, False),
        (seen(99, 1, 100), 5, False),
        (seen(100, 1, 101), 5, False),
        (seen(100, 1, 100, database="OTHER"), 5, False),
        (seen(None), 5, False),
    ],
)
def test_whether_the_export_still_holds_the_table(now, late, covers):
    assert still_covers(KEYED, now, late) is covers


def test_a_later_export_contains_the_earlier_one_of_the_same_range():
    later = Exported("s", "a", "DB 1", "t", "/y", 120, 6, "cd", "how", key="id", least=1, greatest=120)
    assert later.contains(KEYED.evidence())
    assert not KEYED.contains(later.evidence())
    assert not later.contains({**KEYED.evidence(), "database": "OTHER"})
    assert not later.contains({**KEYED.evidence(), "least": 0})
    assert PLAIN.contains(PLAIN.evidence()) and not PLAIN.contains({**PLAIN.evidence(), "sha1": "other"})
