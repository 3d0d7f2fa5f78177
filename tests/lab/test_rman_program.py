# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's rman: its forms, its state, its errors; the control file's views; mt. Each injected fault is seen."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from impax_lab.program import discover
from impax_lab.programs import bash, mt
from impax_lab.programs import rman as program
from impax_lab.rman import catalogue, forms, pieces, retention, tape
from impax_lab.state import LabError
from support.engines import asked
from support.rman_station import CONTROL, FULL, LOGS, WINDOWS, codes, ran, rman, shape, station

DATES = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
LISTED = """
using target database control file instead of recovery catalog

List of Backup Sets
===================


BS Key  Type LV Size       Device Type Elapsed Time Completion Time    $
------- ---- -- ---------- ----------- ------------ -------------------
11      Full    40.00M     DISK        00:00:07     2026-01-02 03:04:05
        BP Key: 21   Status: AVAILABLE  Compressed: NO  Tag: NIGHTLY
        Piece Name: /flash/p.bkp
  List of Datafiles in backup set 11
  File LV Type Ckp SCN    Ckp Time            Name
  ---- -- ---- ---------- ------------------- ----
  1       Full 3001000    2026-01-02 03:04:05 /u01/oradata/MVF/system01.dbf

BS Key  Type LV Size       Device Type Elapsed Time Completion Time    $
------- ---- -- ---------- ----------- ------------ -------------------
12      Full    1.03M      DISK        00:00:07     2026-01-02 03:04:05
        BP Key: 22   Status: AVAILABLE  Compressed: NO  Tag: NIGHTLY
        Piece Name: /flash/c.bkp
  SPFILE Included: Modification time: 2026-01-02 03:04:05
  SPFILE db_unique_name: MVF
  Control File Included: Ckp SCN: 3002000      Ckp time: 2026-01-02 03:04:05

BS Key  Size       Device Type Elapsed Time Completion Time    $
------- ---------- ----------- ------------ -------------------
13      3.00M      DISK        00:00:07     2026-01-02 03:04:05
        BP Key: 23   Status: AVAILABLE  Compressed: NO  Tag: LOGS
        Piece Name: /flash/p.bkp

  List of Archived Logs in backup set 13
  Thrd Seq     Low SCN    Low Time            Next SCN   Next Time          $
  ---- ------- ---------- ------------------- ---------- -------------------
  1    3       3002500    2026-01-02 03:04:05 3003000    2026-01-02 03:04:05
"""  # a blank at the end of a line stands before a $
FOLDERS = [Path(__file__).parents[1] / "transcripts/rman", Path(__file__).parents[3] / "shared/transcripts/rman"]


@pytest.fixture
def s(tmp_path):
    return station(tmp_path)


def body(call) -> str:
    """What was printed between the first prompt and the end."""
    return call.printed.partition("RMAN> ")[2].removesuffix("\nRMAN> \n\nRecovery Manager complete.\n")


# Forms ---------------------------------------------------------------------------------------------------------------


def test_a_list_has_the_forms_of_public_output(s):
    s = station(s.folder.path / "own", backup_sets=[{**FULL, "files": [1]}, {**CONTROL, "piece": "/flash/c.bkp"}, LOGS])
    printed = re.sub(DATES, "2026-01-02 03:04:05", body(rman(s, "list backup;\n")))
    printed = re.sub(r"/flash/MVF/\S+", "/flash/p.bkp", printed)
    assert printed == LISTED.replace("$\n", "\n")


@pytest.mark.parametrize(
    ("commands", "env"),
    [
        ("list backup;\n", {"NLS_LANG": "AMERICAN_AMERICA.US7ASCII"}),
        ("list backup summary;\n", None),
        ("list backupset 99;\n", None),
        ("delete backupset 13;\nYES\n", None),
        ("delete expired backup;\nYES\n", None),
    ],
)
def test_every_line_has_the_form_of_a_recorded_one(tmp_path, commands, env):
    if not FOLDERS[1].is_dir():
        pytest.skip("the recorded sessions are not beside the checkout")
    recorded = {
        shape(line) for folder in FOLDERS for file in folder.glob("*.txt") for line in file.read_text().splitlines()
    }
    recorded |= {"allocated channel: ORA_DISK_N", "channel ORA_DISK_N: SID=N device type=DISK"}
    recorded |= {form.replace("B F A", "B F X") for form in recorded}
    gone = {**FULL, "key": 14, "piece_key": 24, "status": "EXPIRED", "on_disk": False}
    s = station(tmp_path, backup_sets=[FULL, CONTROL, LOGS, gone])
    printed = body(rman(s, commands, env=env)).replace("YES or NO)? deleted", "YES or NO)? yes\ndeleted")
    strange = [line for line in printed.splitlines() if shape(line) not in recorded]
    assert printed.count("\n") > 5 and not strange


def test_dates_need_the_language_beside_them(s):
    assert re.search(r" \d\d-[A-Z]{3}-\d\d      \n", rman(s, "list backup;\n", env={}).printed)
    unread = rman(s, "list backup;\n", env={"NLS_DATE_FORMAT": "YYYY"}).printed
    assert re.search(r" \d\d-[A-Z]{3}-\d\d      \n", unread)
    dotted = {"NLS_LANG": "AMERICAN_AMERICA.US7ASCII", "NLS_DATE_FORMAT": "DD.MM.YYYY HH24:MI:SS"}
    assert re.search(r" \d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d\n", rman(s, "list backup;\n", env=dotted).printed)


def test_another_language_keeps_codes_and_numbers(s):
    german = rman(s, "list backupset 99;\nlist expired backup;\n", env={"NLS_LANG": "GERMAN_GERMANY.AL32UTF8"}).printed
    assert "Spezifikation entspricht keinem Backup" in german and "RMAN-20215" in german
    assert "specification" not in german and "FEHLERMELDUNGSSTAPEL" in german


def test_release_10_has_words_of_its_own(tmp_path):
    old = station(tmp_path, oracle={"version": "10.2.0.4.0"})
    printed = rman(old, "list backup;\nbackup database;\n").printed
    assert "sid=150 devtype=DISK" in printed and "starting full datafile backupset" in printed
    assert "input datafile fno=00001" in printed and "db_unique_name" not in printed.partition("Starting backup")[0]


@pytest.mark.parametrize(("count", "text"), [(512, "512"), (3072, "3.00K"), (50_480_000, "48.14M"), (1 << 30, "1.00G")])
def test_sizes(count, text):
    assert forms.size(count) == text


def test_a_stamp_counts_months_of_31_days():
    assert catalogue.stamp(datetime(2019, 11, 12, 18, 30, 14).timestamp()) == 1024165814


# Connecting ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("user", ["mvf", "root", "service"])
def test_only_accounts_of_the_dba_group_connect(s, user):
    call = rman(s, "list backup;\n", user=user)
    assert call.code == 1 and codes(call.printed) == ["RMAN-00554", "RMAN-04005", "ORA-01031"]
    assert "RMAN>" not in call.printed


def test_on_windows_it_is_agfaservice(tmp_path):
    w = station(tmp_path, **WINDOWS, backup_sets=[])
    assert rman(w, "list backup;\n").code == 0
    assert "ORA-01031" in rman(w, "list backup;\n", user="Administrator").printed


def test_a_password_is_looked_at(s):
    assert ran(s, "rman", "target", "sys/sys-Lab-1", stdin="list backup;\n").code == 0
    assert "ORA-01017" in ran(s, "rman", "target", "sys/wrong", stdin="").printed


def test_an_instance_that_is_down(s):
    s.oracle.down = True
    call = rman(s, "list backup;\n")
    assert "connected to target database (not started)" in call.printed and call.code == 1
    assert codes(call.printed) == ["RMAN-03002", "RMAN-06403", "ORA-01034", "ORA-27101"]


def test_a_station_without_a_database(s):
    class Bare(type(s)):
        @property
        def oracle(self):
            raise LabError("none")

    bare = Bare(**{name: value for name, value in vars(s).items() if name != "oracle"})
    call = rman(bare, "list backup;\n")
    assert call.code == 1 and codes(call.printed) == ["RMAN-00554", "RMAN-04005", "ORA-12162"]


@pytest.mark.parametrize("status", ["mounted", "down"])
def test_an_instance_that_is_not_open(tmp_path, status):
    s = station(tmp_path, oracle={"instance": {"status": status}})
    call = rman(s, "list backup;\n")
    assert ("not open" if status == "mounted" else "not started") in call.printed
    assert call.code == (0 if status == "mounted" else 1)
    with s.folder.remembering() as memory:
        memory["oracle"] = {"status": "open"}
    assert "not open" not in rman(s, "list backup;\n").printed and rman(s, "list backup;\n").code == 0


def test_without_a_connection_nothing_works(s):
    call = ran(s, "rman", stdin="list backup;\nconnect target /\nlist backup;\n")
    assert codes(call.printed) == ["RMAN-03002", "RMAN-06171"] and "BS Key  Type" in call.printed


@pytest.mark.parametrize(
    "text", ["foo;", "list nothing;", "delete archivelog all;", "recover database;", "list backup of moon;"]
)
def test_what_it_has_not_got_is_a_syntax_error_and_noted(s, text):
    call = rman(s, f"{text}\nlist backup summary;\n")
    assert call.code == 1 and codes(call.printed)[:2] == ["RMAN-00558", "RMAN-01009"]
    assert call.notes == [f"rman: {text[:-1]}"] and "List of Backups" in call.printed


def test_words_that_it_does_not_understand(s):
    call = ran(s, "rman", "destination", "/")
    assert call.code == 1 and call.notes and "RMAN-00600" in call.printed


# Reading ------------------------------------------------------------------------------------------------------------


def test_commands_over_several_lines_and_several_on_one(s):
    call = rman(s, "list\nbackup\nsummary;list expired backup; # what else\nquit\n")
    assert "2> 3> " in call.printed and "List of Backups" in call.printed and "specification does" in call.printed


def test_a_file_of_commands_is_shown_and_its_first_error_ends_it(s):
    (s.root / "c.rcv").write_text("list backupset 99;\nlist backup summary;\n")
    call = ran(s, "rman", "target", "/", "cmdfile=/c.rcv")
    assert call.code == 1 and "RMAN> list backupset 99;" in call.printed and "List of Backups" not in call.printed


def test_a_file_of_commands_deletes_without_asking(s):
    (s.root / "c.rcv").write_text("delete backupset 13;\nexit\n")
    call = ran(s, "rman", "target", "/", "@/c.rcv")
    assert call.code == 0 and "Do you really" not in call.printed and "Deleted 1 objects" in call.printed


# List, report -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("list backupset", [11, 12, 13]), ("list backupset 12,13", [12, 13]), ("list backup of database", [11]),
        ("list backup of controlfile", [12]), ("list backup of archivelog all", [13]), ("list backup of datafile 3", [11]),
        ("list backup of tablespace mvfl", [11]), ("list backup tag 'nightly'", [11, 12]), ("list backup device type sbt", []),
        ("list backup completed after 'sysdate-1'", [11, 12, 13]), ("list backup completed after 'sysdate - 1/24'", []),
        ("list backup completed before \"to_date('2001-01-01','YYYY-MM-DD')\"", []), ("list expired backup", []),
    ],
)  # fmt: skip
def test_which_sets_are_listed(s, words, keys):
    call = rman(s, f"{words};\n")
    assert [int(key) for key in re.findall(r"(?m)^(\d+) +(?:Full|\d)", call.printed)] == keys and call.code == 0
    assert ("specification does not match" in call.printed) == (not keys)


def test_obsolete_by_redundancy(tmp_path):
    older = {**FULL, "key": 9, "age_h": 50, "piece_key": 9}
    s = station(tmp_path, backup_sets=[older, FULL, CONTROL, LOGS])
    assert re.findall(r"Backup Set +(\d+)", rman(s, "report obsolete;\n").printed) == ["9"]
    call = rman(s, "delete obsolete;\nyes\n")
    assert "Deleted 1 objects" in call.printed and [each.key for each in s.sets()] == [11, 12, 13]
    assert "no obsolete backups found" in rman(s, "report obsolete;\n").printed
    two = station(tmp_path / "two", backup_sets=[older, FULL], oracle={"rman": {"redundancy": 2}})
    printed = rman(two, "report obsolete;\nshow retention policy;\n").printed
    assert "no obsolete backups found" in printed and "REDUNDANCY 2;\n" in printed


def test_an_expired_copy_keeps_none_from_being_needed():
    def made(key, status, completed):
        return catalogue.BackupSet(
            key, key, "full", None, [1], False, 1, completed, completed, status, "DISK", "T", "/p"
        )

    known = [made(1, "AVAILABLE", 1.0), made(2, "EXPIRED", 2.0)]
    assert [each.key for each in retention.obsolete(known, 1)] == [2]


# Delete -------------------------------------------------------------------------------------------------------------


def test_delete_asks_and_takes_set_and_piece(s):
    place = pieces.place(s, s.sets()[2])
    assert place.is_file()
    call = rman(s, "delete backupset 13;\nYES\nlist backupset 13;\n")
    assert "(enter YES or NO)? deleted backup piece\n" in call.printed and "Deleted 1 objects\n" in call.printed
    assert "RMAN-20215" in call.printed and not place.exists() and [each.key for each in s.sets()] == [11, 12]


@pytest.mark.parametrize("answer", ["NO\n", "n\n", ""])
def test_anything_but_yes_deletes_nothing(s, answer):
    call = rman(s, f"delete backupset 13;\n{answer}")
    assert call.printed.count("(enter YES or NO)?") == 1 and "Deleted" not in call.printed
    assert s.states() == {11: "good", 12: "good", 13: "good"}


def test_an_answer_that_is_none_is_asked_again(s):
    call = rman(s, "delete backupset 13;\nlist backup;\nYES\n")
    assert call.printed.count("(enter YES or NO)?") == 2 and len(s.sets()) == 2


def test_a_piece_that_is_gone_is_no_match_until_the_crosscheck(tmp_path):
    s = station(tmp_path, backup_sets=[FULL, {**LOGS, "on_disk": False}])
    call = rman(s, "delete noprompt backupset 13;\n")
    assert "RMAN-06207" in call.printed and "Deleted" not in call.printed and len(s.sets()) == 2
    call = rman(s, "crosscheck backup;\nlist expired backup;\ndelete expired backup;\nYES\n")
    assert "found to be 'EXPIRED'" in call.printed and "Status: EXPIRED" in call.printed
    assert "Deleted 1 EXPIRED objects" in call.printed and [each.key for each in s.sets()] == [11]


# Reading pieces -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on_disk", "code"),
    [("truncated", "ORA-19501"), ("corrupt", "ORA-19599"), (False, "ORA-19505"), ("empty", "ORA-19505")],
)
def test_a_bad_piece_is_found_by_validate_and_by_restore(tmp_path, on_disk, code):
    s = station(tmp_path, backup_sets=[{**FULL, "on_disk": on_disk}, CONTROL])
    call = rman(s, "validate backupset 11;\n")
    assert call.code == 1 and codes(call.printed)[:2] == ["ORA-19870", code] and "RMAN-03009" in call.printed
    assert ("ORA-27047" in call.printed) == (on_disk == "empty")
    call = rman(s, "restore database validate;\n")
    assert call.code == 1 and "failover to previous backup" in call.printed and call.printed.count("RMAN-06023") == 7
    crosschecked = rman(s, "crosscheck backupset 11;\n").printed
    assert ("'EXPIRED'" in crosschecked) == (on_disk in (False, "empty"))


def test_a_restore_takes_the_older_copy(tmp_path):
    s = station(tmp_path, backup_sets=[{**FULL, "key": 9, "age_h": 50}, {**FULL, "on_disk": "corrupt"}])
    call = rman(s, "restore database validate;\n")
    assert call.code == 0 and "ORA-19599" in call.printed and "Finished restore" in call.printed


def test_a_data_file_without_backup(tmp_path):
    s = station(tmp_path, backup_sets=[{**FULL, "files": [1, 2]}])
    call = rman(s, "restore database validate;\nrestore controlfile validate;\n")
    assert call.printed.count("RMAN-06023") == 5 and "RMAN-06172" in call.printed and call.code == 1


def test_a_good_piece_is_read(s):
    call = rman(s, "validate backupset 11;\nrestore database validate;\nrestore archivelog all validate;\n")
    assert call.code == 0 and call.printed.count("validation complete, elapsed time: 00:00:01") == 3


# Faults, views, tape -------------------------------------------------------------------------------------------------


def test_faults(tmp_path):
    s = station(tmp_path, backup_sets=[{**FULL, "on_disk": "corrupt"}, CONTROL, {**LOGS, "on_disk": False}])
    refused = rman(s, "list backup;\n", behaviour="not_available")
    assert refused.code == 1 and codes(refused.printed) == ["RMAN-00554", "RMAN-04005", "ORA-01034", "ORA-27101"]
    said = rman(s, "delete backupset 12;\nYES\n", behaviour="delete_says_done_keeps")
    assert "Deleted 1 objects" in said.printed and s.states()[12] == "good"
    said = rman(s, "delete backupset 12;\nYES\n", pretend=True)
    assert "Deleted 1 objects" in said.printed and s.states()[12] == "good"
    assert rman(s, "validate backupset 11;\n", behaviour="validate_says_ok").code == 0
    assert "'EXPIRED'" not in rman(s, "crosscheck backup;\n", behaviour="crosscheck_blind").printed
    place = pieces.place(s, s.sets()[1])
    rman(s, "delete backupset 12;\nYES\n", behaviour="delete_keeps_file")
    assert place.is_file() and 12 not in s.states()
    assert set(program.SPECIAL) == {
        "not_available", "delete_says_done_keeps", "validate_says_ok", "crosscheck_blind", "delete_keeps_file"
    }  # fmt: skip


def test_the_views_tell_the_same(s):
    session = s.oracle.logon("SYS", "sys-Lab-1")
    mib = 1 << 20
    used = sum(each.bytes for each in s.sets()) + 20 * mib
    area = "select name, space_limit, space_used, space_reclaimable, number_of_files from v$recovery_file_dest"
    assert asked(session, area) == [("/flash", 200 * mib, used, 0, 4)]
    assert asked(session, "select recid, status, device_type, bytes from v$backup_piece where set_count = 11") == [
        (21, "A", "DISK", 40 * mib)
    ]
    assert asked(session, "select recid, backup_type, controlfile_included from v$backup_set order by recid") == [
        (11, "D", "NO"), (12, "D", "YES"), (13, "L", "NO")
    ]  # fmt: skip
    assert asked(session, "select count(*) from v$datafile")[0] == (7,)
    assert asked(session, "select count(distinct file#) from v$backup_datafile where set_count = 11")[0] == (7,)
    percent = "select percent_space_used from v$flash_recovery_area_usage where file_type = 'ARCHIVED LOG'"
    assert asked(session, percent)[0] == (10,)
    rman(s, "delete noprompt backupset 11;\nbackup current controlfile;\n")
    assert asked(session, "select count(*) from v$backup_set where recid = 11")[0] == (0,)
    assert asked(session, "select status, input_type, output_device_type from v$rman_backup_job_details") == [
        ("COMPLETED", "CONTROLFILE", "DISK")
    ]


def test_the_catalogue_outlives_the_process(s):
    rman(s, "delete noprompt backupset 13;\n")
    catalogue.prepare(s)
    assert [each.key for each in s.sets()] == [11, 12]


def test_mt(s):
    tape.change(s, file=3)
    assert "file no= 3 " in ran(s, "mt", "-f", "/dev/rmt/0n", "status").printed
    assert ran(s, "mt", "rewind", behaviour="rewind_does_nothing").code == 0 and tape.state(s)["file"] == 3
    assert ran(s, "mt", "rewind").code == 0 and tape.state(s)["file"] == 0
    assert ran(s, "mt", "-f", "/dev/rmt/9", "status").code == 1 and ran(s, "mt", "fly").notes == ["mt: fly"]
    assert ran(s, "mt", "offline").code == 0
    gone = ran(s, "mt", "-f", "/dev/rmt/0", "status")
    assert gone.code == 1 and "no tape loaded or drive offline" in gone.complained
    assert set(mt.SPECIAL) == {"rewind_does_nothing"}


def test_where_they_are():
    assert "rman" in discover("unix") and "rman" in discover("windows") and "runbackup" in discover("unix")
    assert "bash" in discover("windows") and "bash" not in discover("unix")
    with_oracle, without = SimpleNamespace(oracle={"name": "MVF"}), SimpleNamespace(oracle={})
    assert bash.places(with_oracle, "bash") == ["C:\\mvf\\bin"] and bash.places(without, "bash") == []
    assert program.places(with_oracle, "rman") and program.places(without, "rman") == []
