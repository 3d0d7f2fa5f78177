# SPDX-License-Identifier: GPL-3.0-or-later
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs import recovery_area
from ansible_collections.impax.upgrade.plugins.plugin_utils.programs.sqlplus import Answer

GOOD = {
    "instance": Answer((("mvf", "OPEN"),)),
    "database": Answer((("MVF", "1122334455"),)),
    "log_mode": Answer((("ARCHIVELOG",),)),
    "area": Answer((("/flash", "10737418240", "8589934592", "1048576"),)),
    "usage": Answer((("BACKUPPIECE", "71.5", "0"), ("ARCHIVELOG", ".5", "0"))),
    "files": Answer((("1", "524288000"), ("2", "209715200"))),
    "now": Answer((("2026-05-02 01:10:00",),)),
}


def test_everything_answered():
    facts = recovery_area.read(GOOD)
    assert (facts.instance, facts.status, facts.database, facts.dbid) == ("mvf", "OPEN", "MVF", 1122334455)
    assert (facts.area, facts.limit, facts.used, facts.reclaimable) == ("/flash", 10737418240, 8589934592, 1048576)
    assert facts.files == {1: 524288000, 2: 209715200} and facts.usage == {"BACKUPPIECE": 71.5, "ARCHIVELOG": 0.5}
    assert facts.unread == {} and facts.down == ()


def test_nothing_answered_is_unread_and_never_a_number():
    facts = recovery_area.read({})
    assert set(facts.unread) == {"instance", "database", "files", "now", "area"}
    assert (facts.files, facts.limit, facts.dbid, facts.now, facts.area) == (None, None, None, None, None)


def test_an_instance_that_is_down_is_told_by_its_code():
    facts = recovery_area.read({name: Answer(None, ("ORA-01034",)) for name in recovery_area.QUESTIONS})
    assert facts.down == ("ORA-01034",) and facts.unread["files"] == "ORA-01034"


def test_an_area_that_is_not_set_is_no_area_and_one_that_is_not_answered_is_unread():
    row = Answer((("<null>", "0", "0", "0"),))
    assert recovery_area.read({**GOOD, "area": row}).area == ""
    assert recovery_area.read({**GOOD, "area": Answer(())}).area == ""
    assert recovery_area.read({**GOOD, "area": Answer(None, ("ORA-00942",))}).unread == {"area": "ORA-00942"}


def test_a_datafile_that_is_not_understood_leaves_no_list():
    assert recovery_area.read({**GOOD, "files": Answer((("1", "2"), ("x", "2")))}).files is None
    assert recovery_area.read({**GOOD, "files": Answer(())}).files is None


def test_another_form_of_the_date_is_unknown():
    assert recovery_area.read({**GOOD, "now": Answer((("02-MAY-26",),))}).now is None


def test_what_a_backup_will_hold_is_the_files_less_their_free_extents():
    assert recovery_area.read(GOOD).in_use == 524288000 + 209715200
    free = Answer((("1", "524000000"), ("7", "99")))
    assert recovery_area.read({**GOOD, "free": free}).in_use == 288000 + 209715200
    mounted = recovery_area.read({**GOOD, "free": Answer(None, ("ORA-01219",))})
    assert (mounted.in_use, mounted.unread) == (524288000 + 209715200, {})
