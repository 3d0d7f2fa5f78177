# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's runbackup on Solaris and Windows: what it leaves behind, and each way in which its backup is none."""

from __future__ import annotations

import threading
import time
from datetime import datetime

import pytest
from impax_lab.program import Killed
from impax_lab.rman import catalogue, pieces, run_backup, tape
from support.engines import asked
from support.rman_station import CONTROL, FULL, WINDOWS, codes, ran, rman, runbackup, station


@pytest.fixture
def s(tmp_path):
    return station(tmp_path)


def jobs(on) -> list[str]:
    return [job["status"] for job in catalogue.read(catalogue.path(on).parent)["jobs"]]


def database(on) -> catalogue.BackupSet:
    """The one new set that has data files, or is one of the whole database without any."""
    (found,) = [each for each in on.new() if each.kind in ("full", "incremental")]
    return found


def test_a_backup_is_there_and_can_be_read(s):
    call = runbackup(s)
    assert call.code == 0 and codes(call.printed) == [] and "Recovery Manager complete." in call.printed
    assert [each.kind for each in s.new()] == ["archivelog", "full", "controlfile", "archivelog"]
    assert database(s).files == [1, 2, 3, 4, 5, 6, 7] and database(s).bytes == 40 << 20
    assert set(s.states().values()) == {"good"} and jobs(s) == ["COMPLETED"]
    keys = ",".join(str(each.key) for each in s.new())
    assert rman(s, f"validate backupset {keys};\nrestore database validate;\nrestore controlfile validate;\n").code == 0
    assert pieces.place(s, database(s)).stat().st_size == database(s).bytes


@pytest.mark.parametrize(("user", "code"), [("oracle", 0), ("service", 0), ("mvf", 1), ("root", 1)])
def test_who_may(s, user, code):
    assert runbackup(s, user=user).code == code and bool(s.new()) == (code == 0)


def test_windows(tmp_path):
    w = station(tmp_path, **WINDOWS, oracle={"recovery_area": {"path": "C:\\flash"}}, backup_sets=[])
    assert runbackup(w).code == 0 and database(w).piece.startswith("C:\\flash\\MVF\\BACKUPSET\\")
    assert runbackup(w, user="Administrator").code == 1 and len(w.new()) == 4
    assert runbackup(w, cwd="C:\\").code == 127 and ran(w, "bash", "-c", "ls").code == 126
    assert ran(w, "bash", "C:\\mvf\\bin\\runbackup", cwd="D:\\").code == 0 and len(w.new()) == 8


def test_it_takes_its_time_and_its_size(tmp_path):
    s = station(tmp_path, options={"runbackup_s": 0.2, "runbackup_mb": 5})
    began = time.monotonic()
    runbackup(s)
    assert time.monotonic() - began >= 0.2 and database(s).bytes == 5 << 20


def test_a_cold_backup_shuts_the_instance(tmp_path):
    s = station(tmp_path, options={"runbackup_mode": "cold", "runbackup_s": 0.4})
    work = threading.Thread(target=runbackup, args=(s,))
    work.start()
    time.sleep(0.2)
    assert s.oracle.down
    work.join()
    assert not s.oracle.down and database(s).files


# Room ----------------------------------------------------------------------------------------------------------------


def test_no_room_in_the_recovery_area(tmp_path):
    s = station(tmp_path, oracle={"recovery_area": {"limit_mb": 80}})
    call = runbackup(s)
    assert call.code == 0 and codes(call.printed) == ["RMAN-03009", "ORA-19809", "ORA-19804"]
    assert f"cannot reclaim {40 << 20} bytes disk space from {80 << 20} limit" in call.printed
    assert [each.kind for each in s.new()] == ["archivelog"] and jobs(s) == ["FAILED"]


def test_what_is_obsolete_gives_way(tmp_path):
    older = {**FULL, "key": 9, "piece_key": 9, "age_h": 60}
    s = station(tmp_path, backup_sets=[older, FULL, CONTROL], oracle={"recovery_area": {"limit_mb": 130}})
    place = pieces.place(s, s.sets()[0])
    runbackup(s)
    assert database(s) and 9 not in s.states() and not place.exists() and 11 in s.states()


def test_a_full_disk(tmp_path):
    s = station(tmp_path, disks={"/": 30})
    assert s.room("/flash/x") == 30 << 20
    call = runbackup(s)
    assert "ORA-19502" in call.printed and "No space left on device" in call.printed and call.code == 0
    assert not [each for each in s.new() if each.kind == "full"]
    assert "ORA-19502" in runbackup(s, full=True).printed


def test_a_killed_backup_leaves_half_a_piece_and_no_set(s):
    with pytest.raises(Killed):
        runbackup(s, dies=True)
    assert not s.new() and jobs(s) == ["FAILED"]


# Faults --------------------------------------------------------------------------------------------------------------


def test_pretending_changes_nothing(s):
    call = runbackup(s, pretend=True)
    assert call.code == 0 and "Finished backup" in call.printed and not s.new() and jobs(s) == []
    assert len(list(s.root.rglob("*.bkp"))) == 3


SEEN: dict[str, dict] = {
    "empty_set": {"files": []},
    "partial": {"files": [1, 2, 3, 4, 5, 6]},
    "incremental_called_full": {"kind": "incremental", "level": 1, "tag": "FULL"},
    "expired": {"status": "EXPIRED"},
    "empty_piece": {"bytes": 0},
    "wrong_device": {"device": "SBT_TAPE"},
    "tape_not_rewound": {"device": "SBT_TAPE"},
    "truncated_piece": {"status": "AVAILABLE"},
    "corrupt_piece": {"status": "AVAILABLE"},
    "piece_missing": {"status": "AVAILABLE"},
    "old": {"status": "AVAILABLE"},
    "no_controlfile": {"files": [1, 2, 3, 4, 5, 6, 7]},
    "still_running": {"files": [1, 2, 3, 4, 5, 6, 7]},
}
PIECE = {"expired": "missing", "empty_piece": "empty", "truncated_piece": "truncated", "corrupt_piece": "corrupt",
         "piece_missing": "missing"}  # fmt: skip
ELSEWHERE = {"other_database", "fails_half_way", "not_available", "no_tape"}


def test_every_fault_is_tried():
    assert set(SEEN) | ELSEWHERE == set(run_backup.SPECIAL)


@pytest.mark.parametrize("behaviour", SEEN)
def test_the_set_is_as_the_fault_makes_it(tmp_path, behaviour):
    s = station(tmp_path, options={"runbackup_hang_s": 0.1})
    call = runbackup(s, behaviour=behaviour)
    made = database(s)
    assert call.code == 0 and codes(call.printed) == [] and "Finished backup" in call.printed
    assert {name: getattr(made, name) for name in SEEN[behaviour]} == SEEN[behaviour]
    assert s.states()[made.key] == PIECE.get(behaviour, "good")
    assert any(each.controlfile for each in s.new()) == (behaviour != "no_controlfile")
    validated = rman(s, f"validate backupset {made.key};\n").code
    assert validated == (1 if behaviour in PIECE else 0)
    assert ("validation complete" in call.printed) == (behaviour == "empty_piece")
    assert (time.time() - made.completed > 8 * 86400) == (behaviour == "old")
    assert (tape.state(s)["file"] > 0) == (behaviour == "tape_not_rewound")
    if made.device == "SBT_TAPE":
        assert not list(s.root.rglob(made.piece))


def test_another_database(s):
    call = runbackup(s, behaviour="other_database")
    assert "connected to target database: TEST (DBID=" in call.printed and "Finished backup" in call.printed
    assert not s.new() and jobs(s) == [] and list(s.root.glob("flash/TEST/backupset/*/*.bkp"))


def test_it_breaks_off_and_ends_with_0(s):
    call = runbackup(s, behaviour="fails_half_way")
    assert call.code == 0 and "ORA-19502" in call.printed and jobs(s) == ["FAILED"]
    assert [each.kind for each in s.new()] == ["archivelog"]


def test_the_database_is_down(s):
    assert codes(runbackup(s, behaviour="not_available").printed) == [
        "RMAN-00554",
        "RMAN-04005",
        "ORA-01034",
        "ORA-27101",
    ]
    s.oracle.down = True
    call = runbackup(s)
    assert call.code == 0 and "ORA-01034" in call.printed and not s.new()


def test_no_tape(tmp_path):
    s = station(tmp_path, oracle={"rman": {"device": "SBT_TAPE"}}, options={"tape": {"loaded": False}})
    assert codes(runbackup(s).printed) == ["RMAN-03009", "ORA-19506", "ORA-27028", "ORA-19511"] and not s.new()
    tape.change(s, loaded=True)
    assert "ORA-19506" in runbackup(s, behaviour="no_tape").printed and not s.new()
    runbackup(s)
    assert database(s).device == "SBT_TAPE" and tape.state(s)["file"] == 0
    assert rman(s, f"validate backupset {database(s).key};\n").code == 0


def test_it_runs_until_it_is_released(tmp_path):
    s = station(tmp_path, options={"runbackup_hang_s": 30})
    work = threading.Thread(target=runbackup, args=(s,), kwargs={"behaviour": "still_running"})
    work.start()
    time.sleep(0.3)
    session = s.oracle.logon("SYS", "sys-Lab-1")
    assert work.is_alive() and asked(session, "select status, end_time from v$rman_backup_job_details") == [
        ("RUNNING", None)
    ]
    assert [each.kind for each in s.new()] == ["archivelog"]
    (s.folder.run / "release-backup").touch()
    work.join(5)
    assert not work.is_alive() and jobs(s) == ["COMPLETED"] and database(s).files


def test_the_tag_says_when(s):
    runbackup(s)
    assert abs(datetime.strptime(database(s).tag, "TAG%Y%m%dT%H%M%S").timestamp() - time.time()) < 60
