# SPDX-License-Identifier: GPL-3.0-or-later
"""The executor against a real sshd: batches, accounts, time-outs, cuts, jobs, files."""

from __future__ import annotations

import os
import signal
import time

import pytest
from ansible.playbook.play_context import PlayContext
from ansible.plugins import loader
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Command, Secret, State, Text
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor import Station, TransferFailed
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor.choose import connect, transport

SITE = {
    "name": "unix",
    "stations": {
        "sol": {
            "type": "as3000", "system": "unix", "release": "5.10", "codec": "latin-1", "user": "root", "disks": {"/": 12000},
            "users": {
                "root": {"uid": 0, "gid": 0, "group": "root", "home": "/", "shell": "/bin/sh"},
                "service": {"uid": 103, "gid": 102, "group": "mvf", "home": "/export/home/service", "shell": "/bin/sh"},
            },
        }
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def lab(lab_up, tmp_path_factory):
    return lab_up(tmp_path_factory.mktemp("posix"), SITE)


@pytest.fixture
def noted():
    return []


@pytest.fixture
def station(lab, noted):
    loader.init_plugin_loader([])
    variables = lab.variables("sol")
    connection = connect(loader, PlayContext(), variables, lambda value: value)
    carrier = transport(connection, lambda name, default: variables.get(name, default))
    yield Station("sol", carrier, lambda outcome, scrub: noted.append((outcome, scrub)))
    connection.close()


def test_a_batch_is_one_log_on_and_every_command_has_its_own_answer(station, lab):
    outcomes = station.ask(
        [Command(("sh", "-c", f"echo o{n}; echo e{n} >&2; exit {n}"), expected={n}) for n in range(5)]
        + [Command(("cat",), stdin="only mine\n")]
    )
    assert [(o.out, o.err, o.exit_code) for o in outcomes[:5]] == [(f"o{n}\n", f"e{n}\n", n) for n in range(5)]
    assert all(outcome.as_expected for outcome in outcomes)
    assert outcomes[5].out == "only mine\n"


def test_bytes_that_are_not_utf8_come_through_in_the_stations_own_codec(station):
    outcome = station.run(Command(("cat",), stdin="Ä é\n"))
    assert (outcome.stdout, outcome.out) == ("Ä é\n".encode("latin-1"), "Ä é\n")
    assert station.run(Command(("cat",), stdin="日\n")).state is State.NOT_BEGUN


def test_another_account_is_reached_by_su_and_a_wrong_one_ran_nothing(station):
    mine, others, nobody = station.ask(
        [Command(("id",)), Command(("id",), user="service"), Command(("id",), user="nosuch")]
    )
    assert "uid=0(root)" in mine.out and "uid=103(service)" in others.out
    assert nobody.state is State.NOT_BEGUN and nobody.exit_code is None


def test_a_time_out_is_an_unknown_outcome_and_nothing_follows_it(station):
    began = time.monotonic()
    station.transport.run.__func__.__globals__["SETTLING"] = 1.0
    try:
        slow, after = station.ask([Command(("sleep", "30"), timeout=1), Command(("id",), user="service", timeout=1)])
    finally:
        station.transport.run.__func__.__globals__["SETTLING"] = 10.0
    assert time.monotonic() - began < 10
    assert slow.state is State.UNKNOWN and "may still be running" in slow.why
    assert after.state is State.NOT_BEGUN
    assert station.run(Command(("id",))).ended  # the connection is usable again


def test_a_refused_connection_ran_nothing_and_a_cut_one_is_unknown(station, lab):
    cut = station.run(Command(("sh", "-c", "kill -9 $PPID; kill -9 `ps -o ppid= -p $PPID`; sleep 5"), timeout=20))
    assert cut.state in (State.UNKNOWN, State.ENDED)
    lab("power", "sol", "off")
    try:
        gone = station.run(Command(("id",), timeout=5))
        assert gone.state is not State.ENDED and gone.exit_code is None
        again = station.run(Command(("id",), timeout=5))
        assert again.state is State.NOT_BEGUN and "could not be reached" in again.why
    finally:
        lab("power", "sol", "on")


def test_a_job_outlives_its_connection(station):
    command = Command(
        ("sh", "-c", "cat p.par; sleep 1; exit 6"),
        stdin=Text.of("pw=", Secret("Canary-77", "pw"), "\n"),
        creates="p.par",
        user="service",
    )
    assert station.start_job("long.1", command).as_expected
    station.transport.connection.close()
    until = time.monotonic() + 15
    while (seen := station.job("long.1", "service")).state == "running" and time.monotonic() < until:
        time.sleep(0.2)
    assert (seen.state, seen.exit_code, seen.stdout) == ("done", 6, b"pw=Canary-77\n")
    assert station.start_job("long.1", command).exit_code == 73
    station.forget_job("long.1", "service")
    assert station.job("long.1", "service").state == "none"


def test_no_secret_in_words_on_disk_or_in_notes(station, lab, noted):
    secret = Secret("Canary-4711", "pw")
    station.ask(
        [
            Command(("cat",), stdin=Text.of("x", secret)),
            Command(("sh", "-c", "echo $PW"), environment={"PW": secret}, withheld=True),
        ]
    )
    assert "Canary-4711" not in str([call["words"] for call in lab.calls("sol")])
    assert "Canary-4711" not in str([outcome.command for outcome, _ in noted])
    assert noted[0][1]("a Canary-4711 b") == "a <secret: pw> b"


def test_a_file_comes_over_whole_or_not_at_all(station, lab, tmp_path):
    data = os.urandom(9 * 1024 * 1024 + 17)
    place = lab.root("sol") / "var/tmp/b i g"
    place.write_bytes(data)
    target = tmp_path / "copies/big"
    station.fetch("/var/tmp/b i g", target)
    assert target.read_bytes() == data and target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(TransferFailed):
        station.fetch("/var/tmp/b i g", target)  # never over another file
    with pytest.raises(TransferFailed):
        station.fetch("/var/tmp/none", tmp_path / "none")
    assert sorted(path.name for path in target.parent.iterdir()) == ["big"]


def test_the_limit_leaves_another_alarm_as_it_was(station):
    rang = []
    before = signal.signal(signal.SIGALRM, lambda *_: rang.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 30)
        station.run(Command(("id",)))
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 30
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
