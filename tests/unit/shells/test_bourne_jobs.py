# SPDX-License-Identifier: GPL-3.0-or-later
"""Detached jobs, by a real /bin/sh."""

import os
import subprocess
import time

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Command, Secret, Text
from ansible_collections.impax.upgrade.plugins.plugin_utils.shells import Refused, bourne_jobs
from ansible_collections.impax.upgrade.plugins.plugin_utils.shells.bourne_limits import complaints


@pytest.fixture
def station(tmp_path):
    def send(script):
        ran = subprocess.run(
            ["/bin/sh"],
            input=bourne_jobs.framed(script).encode(),
            capture_output=True,
            timeout=20,
            env={**os.environ, "HOME": str(tmp_path)},
        )
        return bourne_jobs.read_frame(ran.stdout)

    return send


def ended(station, job, patience=10.0):
    until = time.monotonic() + patience
    while (seen := bourne_jobs.read_look(station(bourne_jobs.look(job))[1]))[
        0
    ] == "running" and time.monotonic() < until:
        time.sleep(0.1)
    return seen


def test_a_job_runs_detached_and_keeps_code_and_streams(station, tmp_path):
    words = ("/bin/sh", "-c", "cat p.par; ls -l p.par >&2; sleep 1; exit 7")
    code, said = station(
        bourne_jobs.start("a.1", Command(words, stdin=Text.of("pw=", Secret("s3cret", "pw")), creates="p.par"))
    )
    assert (code, said) == (0, b"started\n")
    assert bourne_jobs.read_look(station(bourne_jobs.look("a.1"))[1])[0] == "running"
    state, exit_code, _boot, out, err = ended(station, "a.1")
    assert (state, exit_code, out) == ("done", 7, b"pw=s3cret\n")
    assert err.startswith(b"-rw-------")
    assert "s3cret" not in "".join(
        path.read_text() for path in (tmp_path / ".impax-jobs/a.1").iterdir() if path.name != "out"
    )


def test_a_job_starts_at_most_once(station):
    command = Command(("/bin/echo", "once"))
    assert station(bourne_jobs.start("b", command))[0] == 0
    assert station(bourne_jobs.start("b", command))[0] == bourne_jobs.STARTED_BEFORE
    ended(station, "b")
    assert station(bourne_jobs.start("b", command))[0] == bourne_jobs.STARTED_BEFORE


def test_a_killed_job_is_lost_and_one_never_started_is_none(station, tmp_path):
    assert bourne_jobs.read_look(station(bourne_jobs.look("c"))[1])[0] == "none"
    station(bourne_jobs.start("c", Command(("/bin/sleep", "30"))))
    pid = tmp_path / ".impax-jobs/c/pid"
    while not pid.exists():
        time.sleep(0.05)
    subprocess.run(["/bin/sh", "-c", f"kill -9 {int(pid.read_text())}"], check=True)
    assert ended(station, "c")[0] == "lost"


def test_a_restarted_station_means_lost(station, tmp_path):
    station(bourne_jobs.start("d", Command(("/bin/sleep", "5"))))
    while not (tmp_path / ".impax-jobs/d/pid").exists():
        time.sleep(0.05)
    (tmp_path / ".impax-jobs/d/boot").write_text("another start\n")
    assert bourne_jobs.read_look(station(bourne_jobs.look("d"))[1])[0] == "lost"
    os.kill(int((tmp_path / ".impax-jobs/d/pid").read_text()), 15)


def test_forgetting_takes_everything_away(station, tmp_path):
    station(bourne_jobs.start("e", Command(("/bin/true",))))
    ended(station, "e")
    assert station(bourne_jobs.forget("e"))[0] == 0
    assert list((tmp_path / ".impax-jobs").iterdir()) == []


@pytest.mark.parametrize(
    "printed",
    [
        b"",
        b"done 0\n",
        b"done\n@impax-job out\n\n@impax-job err\n\n@impax-job end\n",
        b"Command not found\n",
        b"running\nboot\n@impax-job out\nhalf",
    ],
)
def test_a_cut_or_strange_answer_is_unknown(printed):
    assert bourne_jobs.read_look(printed)[0] == "unknown"


@pytest.mark.parametrize(
    "job, command",
    [
        ("../x", Command(("x",))),
        ("a b", Command(("x",))),
        ("ok", Command(("x", Secret("pw", "pw")))),
        ("ok", Command(("x",), environment={"A": Secret("pw", "pw")})),
        ("ok", Command(("x",), stdin="y", creates="/tmp/y")),
        ("ok", Command(("x", "\nimpax-job-cmd\n"))),
    ],
)
def test_what_cannot_be_a_job_is_refused(job, command):
    with pytest.raises(Refused):
        bourne_jobs.start(job, command)


def test_no_script_needs_more_than_the_bourne_shell():
    command = Command(("exp", "a'b"), stdin="x", creates="p", folder="/tmp", environment={"A": "b"})
    for script in (bourne_jobs.start("j", command), bourne_jobs.look("j"), bourne_jobs.forget("j")):
        assert complaints(bourne_jobs.framed(script)) == []
