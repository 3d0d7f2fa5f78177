# SPDX-License-Identifier: GPL-3.0-or-later
"""One run a site, one worker a station, whoever was killed meanwhile."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils import locks
from ansible_collections.impax.upgrade.plugins.plugin_utils.locks import HeavySlot, Held, RunLock, StationLock

CONTEXT = multiprocessing.get_context("fork")


@pytest.fixture
def sleeper():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


# The run's lock


def test_a_free_lock_is_taken_and_released(tmp_path):
    lock = RunLock(tmp_path)
    assert lock.holder() is None
    lock.take("r1", os.getpid())
    holder = lock.holder()
    assert (holder["run"], holder["pid"], holder["started"]) == ("r1", os.getpid(), locks.started(os.getpid()))
    assert holder["host"]
    assert holder["user"]
    assert holder["since"].endswith("Z")
    lock.release()
    assert lock.holder() is None


def test_a_living_holder_refuses_and_is_named(tmp_path, sleeper):
    RunLock(tmp_path).take("r1", sleeper.pid)
    with pytest.raises(Held, match=f"r1.*process {sleeper.pid}") as held:
        RunLock(tmp_path).take("r2", os.getpid())
    assert held.value.holder["run"] == "r1"
    assert RunLock(tmp_path).holder()["run"] == "r1"


def test_the_same_process_may_take_it_again(tmp_path):
    RunLock(tmp_path).take("r1", os.getpid())
    RunLock(tmp_path).take("r2", os.getpid())
    assert RunLock(tmp_path).holder()["run"] == "r2"


def test_the_lock_of_a_killed_process_is_free(tmp_path, sleeper):
    RunLock(tmp_path).take("r1", sleeper.pid)
    sleeper.kill()
    time.sleep(0.1)  # it is a zombie now: in the process list, and gone all the same
    assert RunLock(tmp_path).holder() is None
    RunLock(tmp_path).take("r2", os.getpid())
    assert RunLock(tmp_path).holder()["run"] == "r2"


def test_another_process_of_the_same_number_is_not_the_holder(tmp_path):
    RunLock(tmp_path).take("r1", os.getpid())
    note = json.loads((tmp_path / "run.lock").read_text())
    (tmp_path / "run.lock").write_text(json.dumps({**note, "started": note["started"] - 1}))
    assert RunLock(tmp_path).holder() is None


def test_a_holder_on_another_machine_is_believed(tmp_path):
    RunLock(tmp_path).take("r1", os.getpid())
    note = json.loads((tmp_path / "run.lock").read_text())
    (tmp_path / "run.lock").write_text(json.dumps({**note, "host": "elsewhere", "pid": 999999}))
    with pytest.raises(Held, match="elsewhere"):
        RunLock(tmp_path).take("r2", os.getpid())


def test_only_the_run_that_holds_it_releases_it(tmp_path):
    RunLock(tmp_path).take("r1", os.getpid())
    RunLock(tmp_path).release("r0")
    assert RunLock(tmp_path).holder()["run"] == "r1"


@pytest.mark.parametrize("rubbish", ["", "not json", "[1]"])
def test_a_note_that_cannot_be_read_holds_nobody_up(tmp_path, rubbish):
    (tmp_path / "run.lock").write_text(rubbish)
    RunLock(tmp_path).take("r1", os.getpid())


def test_a_process_that_is_not_there_has_no_start():
    assert locks.started(2**22 + 1) is None


def test_a_name_with_blanks_and_brackets_does_not_shift_the_start(tmp_path):
    program = tmp_path / "a) S 1 (b"
    program.symlink_to("/bin/sleep")
    process = subprocess.Popen([program, "30"])
    try:
        time.sleep(0.05)
        assert abs(locks.started(process.pid) - locks.started(os.getpid())) < 10_000_000
        assert locks.started(process.pid) >= locks.started(os.getpid())
    finally:
        process.kill()
        process.wait()


# The station's lock


def hold(state, station, ready):
    with StationLock(state, station):
        ready.set()
        time.sleep(60)


@pytest.fixture
def worker(tmp_path):
    ready = CONTEXT.Event()
    process = CONTEXT.Process(target=hold, args=(tmp_path, "as300", ready))
    process.start()
    assert ready.wait(5)
    yield process
    process.kill()
    process.join()


def test_a_worker_keeps_the_next_one_out(tmp_path, worker):
    said = []
    with (
        pytest.raises(Held, match=f"process {worker.pid}") as held,
        StationLock(tmp_path, "as300", wait=0.5, waiting=said.append),
    ):
        pass
    assert held.value.holder["pid"] == worker.pid
    assert len(said) == 1
    assert "as300 is held by" in said[0]


def test_another_station_is_free(tmp_path, worker):
    with StationLock(tmp_path, "as3000", wait=0):
        pass


def test_a_killed_worker_frees_the_station_at_once(tmp_path, worker):
    os.kill(worker.pid, signal.SIGKILL)
    with StationLock(tmp_path, "as300", wait=5):
        pass


def test_the_one_who_waits_goes_on_when_the_worker_ends(tmp_path, worker):
    begun = time.monotonic()
    killer = CONTEXT.Process(target=lambda: (time.sleep(0.6), os.kill(worker.pid, signal.SIGTERM)))
    killer.start()
    with StationLock(tmp_path, "as300", wait=10):
        waited = time.monotonic() - begun
    killer.join()
    assert 0.4 < waited < 5


def test_it_may_be_taken_again_after_its_end(tmp_path):
    for _again in range(2):
        with StationLock(tmp_path, "as300", wait=0):
            pass


def test_an_error_inside_frees_it(tmp_path):
    with pytest.raises(RuntimeError), StationLock(tmp_path, "as300"):
        raise RuntimeError
    with StationLock(tmp_path, "as300", wait=0):
        pass


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "..", "ä ö"])
def test_a_station_s_name_stays_in_the_folder(tmp_path, name):
    with StationLock(tmp_path / "state", name):
        assert len(list((tmp_path / "state" / "locks").iterdir())) == 1


# Heavy jobs


def test_so_many_heavy_jobs_at_once_and_the_next_waits(tmp_path):
    said = []
    with HeavySlot(tmp_path, 2, wait=0.1), HeavySlot(tmp_path, 2, wait=0.1):
        with pytest.raises(Held, match="2 heavy jobs"), HeavySlot(tmp_path, 2, wait=0.1, waiting=said.append):
            pass
        assert "waiting since 0 s" in said[0]
    with HeavySlot(tmp_path, 2, wait=0.1):
        pass


def test_a_slot_is_free_as_soon_as_its_process_is_gone(tmp_path):
    child = os.fork()
    if not child:
        HeavySlot(tmp_path, 1, wait=0.1).__enter__()
        os._exit(0)
    os.waitpid(child, 0)
    with HeavySlot(tmp_path, 1, wait=0.1):
        pass
