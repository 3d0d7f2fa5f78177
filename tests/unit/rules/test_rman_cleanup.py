# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sets may go: never the last complete one, never the one just made, never a log that is needed."""

from datetime import datetime, timedelta

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.findings import Verdict
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules import (
    backup_complete,
    rman_cleanup,
    rman_cleanup_said,
    rman_room,
)
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.backup import Where
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.backup_oracle import BackupSet, Piece
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.rman_cleanup import Policy
from ansible_collections.impax.upgrade.plugins.plugin_utils.rules.rman_room import Room

NOW = datetime(2026, 5, 10, 12)
WHERE = Where("S29", "as3000", "MVF", "rman")
GB = 1 << 30
ROOMY = Room("/flash", 100 * GB, 10 * GB, 0)
TIGHT = Room("/flash", 20 * GB, 18 * GB, 0)


def one(key, days, status="AVAILABLE", size=2 * GB, files=(1, 2), device="DISK", **more):
    piece = Piece(f"/flash/MVF/p{key}.bkp", device, status, size, True)
    more = {"tag": f"T{key}", "controlfile": bool(files), "scn": 1000 - days if files else None, **more}
    return BackupSet(key, NOW - timedelta(days=days), size, (piece,), files, **more)


def logs(key, days, highest_next):
    return one(key, days, files=(), has_logs=True, highest_next=highest_next, size=GB)


def choose(sets, room=TIGHT, policy=None, **more):
    completes = backup_complete.complete(sets, {1, 2})
    policy = policy or Policy(expected=3 * GB)
    return rman_cleanup.choose(WHERE, sets, completes, policy, room, now=NOW, **more)


def keys(choice):
    return [one.key for one in choice.sets]


def test_with_room_enough_nothing_goes_before_the_backup():
    choice, findings = choose([one(1, 9), one(2, 5)], ROOMY)
    assert choice is None and findings[0].verdict is Verdict.OK and findings[0].key == "rman.cleanup"


def test_without_room_the_oldest_go_only_until_it_fits():
    choice, _ = choose([one(3, 2), one(2, 5), one(1, 9), one(4, 1.5)])
    assert keys(choice) == [1] and choice.kept[-1].keys == (4,)


def test_expired_go_first_and_free_nothing_then_the_obsolete_then_the_oldest():
    sets = [one(1, 9), one(2, 8), one(3, 7, "EXPIRED"), one(4, 3)]
    choice, _ = choose(sets, policy=Policy(expected=5 * GB), obsolete={2})
    assert keys(choice) == [3, 2, 1] and choice.frees == 4 * GB
    assert choice.reasons == {3: "expired", 2: "obsolete", 1: "old"}


def test_what_oracle_calls_reclaimable_is_not_counted_twice():
    room = Room("/flash", 20 * GB, 18 * GB, 2 * GB)
    assert choose([one(1, 9), one(2, 5)], room, Policy(expected=5 * GB))[1][0].key == "rman.last_one"
    choice, _ = choose([one(1, 9), one(2, 8), one(3, 5)], room, Policy(expected=5 * GB))
    assert keys(choice) == [1, 2]


def test_the_last_complete_one_never_goes():
    choice, findings = choose([one(1, 9)])
    assert choice is None and [(f.key, f.verdict) for f in findings] == [("rman.last_one", Verdict.BLOCKER)]


def test_two_are_kept_where_the_policy_says_two():
    choice, findings = choose([one(1, 9), one(2, 5)], policy=Policy(keep=2, expected=3 * GB))
    assert choice is None and findings[0].key == "rman.last_one"


def test_what_is_too_young_stays():
    choice, findings = choose([one(1, 3), one(2, 2)], policy=Policy(expected=3 * GB, older_than=timedelta(days=7)))
    assert choice is None and findings[0].verdict is Verdict.BLOCKER


def test_after_the_backup_all_old_ones_go_and_the_new_one_stays():
    choice, _ = choose([one(1, 9), one(2, 5), one(3, 0)], ROOMY, made=(3,))
    assert keys(choice) == [1, 2] and (3,) in [each.keys for each in choice.kept]


def test_the_one_just_made_stays_even_where_a_newer_one_is_listed():
    choice, _ = choose([one(1, 9), one(2, 5), one(3, 2)], ROOMY, made=(2,))
    assert keys(choice) == [1]


def test_archived_logs_that_the_kept_backup_needs_stay_and_older_ones_may_go():
    kept = one(3, 1, scn=500)
    sets = [
        logs(1, 9, 499),
        logs(2, 8, 501),
        kept,
        BackupSet(7, NOW - timedelta(days=9), GB, one(7, 9).pieces, has_logs=True),
    ]
    choice, _ = choose(sets, ROOMY, made=(3,))
    assert keys(choice) == [1]


def test_what_the_site_keeps_and_what_is_on_tape_or_unavailable_is_never_chosen():
    sets = [one(1, 9, keep=True), one(2, 8, "UNAVAILABLE"), one(5, 8, device="SBT_TAPE"), one(4, 1)]
    assert choose(sets, ROOMY, made=(4,))[0].sets == ()


def test_a_backup_of_several_sets_goes_as_one_and_half_of_it_does_not():
    old = [one(1, 9, files=(1,), tag="A", controlfile=False), one(2, 8.9, files=(2,), tag="A", controlfile=True)]
    choice, _ = choose([*old, one(3, 2)])
    assert keys(choice) == [1, 2]
    half = Policy(expected=3 * GB, older_than=timedelta(days=8.95))
    assert choose([*old, one(3, 2)], policy=half)[0] is None


def test_named_keys_are_taken_but_for_those_that_have_to_stay():
    sets = [one(1, 9), one(2, 5)]
    assert keys(choose(sets, policy=Policy(keys=(1, 99)))[0]) == [1]
    choice, findings = choose(sets, policy=Policy(keys=(1, 2)))
    assert choice is None and findings[0].key == "rman.keys" and findings[0].verdict is Verdict.BLOCKER


def test_a_named_set_needs_a_complete_one_that_stays():
    sets = [one(1, 9, files=(1,))]
    choice, _ = choose(sets, policy=Policy(keys=(1,)))
    assert rman_cleanup_said.nothing_stays(WHERE, choice).verdict is Verdict.BLOCKER


def test_expired_sets_are_not_forgotten_while_no_complete_one_is_there():
    """A disk that is not mounted makes all of them expired."""
    unmounted = choose([one(1, 9, "EXPIRED"), one(2, 2, "EXPIRED")], policy=Policy(keys=(1, 2)))[0]
    assert rman_cleanup_said.nothing_stays(WHERE, unmounted).verdict is Verdict.BLOCKER
    beside = choose([one(1, 9, "EXPIRED"), one(2, 2)], policy=Policy(keys=(1,)))[0]
    assert rman_cleanup_said.nothing_stays(WHERE, beside) is None
    old = one(3, 9, "EXPIRED", files=(), has_logs=True)
    only_logs = rman_cleanup.Choice((old,), {3: "named"}, ())
    assert rman_cleanup_said.nothing_stays(WHERE, only_logs) is None


@pytest.mark.parametrize(("room", "policy"), [(Room("/flash", None, 1, 0), None), (TIGHT, Policy(expected=None))])
def test_room_or_size_that_is_not_known_deletes_nothing(room, policy):
    choice, findings = choose([one(1, 9), one(2, 5)], room, policy)
    assert choice is None and findings[0].verdict is Verdict.UNKNOWN


def test_the_approval_is_bound_to_the_very_list_with_its_sizes():
    choice, _ = choose([one(1, 9), one(2, 5)])
    other, _ = choose([one(1, 9, size=GB * 3), one(2, 5)])
    first, second = (rman_cleanup_said.approval_awaited(WHERE, each, 7, "x") for each in (choice, other))
    assert first.evidence_hash != second.evidence_hash and first.evidence_hash in first.remediation.text


@pytest.mark.parametrize(
    ("room", "verdict"),
    [(Room("/f", 100, 84, 0), "ok"), (Room("/f", 100, 85, 20), "attention"), (Room("/f", None, 1, 0), "unknown"),
     (Room("/f", 0, 0, 0), "unknown"), (Room(""), "unknown"), (Room(), "unknown")],
)  # fmt: skip
def test_an_area_from_85_percent_on_is_attention_and_one_that_does_not_answer_is_unknown(room, verdict):
    assert rman_room.room(WHERE, room)[0].verdict.value == verdict
