# SPDX-License-Identifier: GPL-3.0-or-later
"""Detached jobs on Windows stations of both kinds: they outlive who started them, begin at most once, leave no secret."""

from __future__ import annotations

import time

import pytest
from ansible_collections.impax.upgrade.plugins.plugin_utils.command import Command, Secret, State
from ansible_collections.impax.upgrade.plugins.plugin_utils.executor import windows_jobs
from support import windows_site

pytestmark = [pytest.mark.lab]

SITE = {"name": "jobs", "stations": {"new": windows_site.station(), "old": windows_site.station(release="5.2.3790")}}
BOTH = pytest.mark.parametrize("station", ["new", "old"])
PASSWORD = Secret('CANARY-a&b|c"d^e!f %g', "password")


@pytest.fixture(scope="module")
def lab(lab_up, tmp_path_factory):
    return lab_up(tmp_path_factory.mktemp("jobs"), SITE)


@pytest.fixture
def to(lab):
    made = []

    def carrier(station: str):
        made.append(windows_site.carrier(lab.variables(station)))
        return made[-1]

    yield carrier
    for each in made:
        each.connection.close()


def ended(carrier, job, within=30.0):
    until = time.monotonic() + within
    while (state := carrier.job(job)).state == "running" and time.monotonic() < until:
        time.sleep(0.3)
    return state


def folder(lab, station, job=""):
    return lab.root(station) / "c" / "impax-jobs" / job


@BOTH
def test_a_job_outlives_the_connection_that_started_it(to, lab, station):
    first = to(station)
    assert first.start_job("long", Command(("ping", "-n", "5", "127.0.0.1"))).as_expected
    assert first.job("long").state == "running"
    first.connection.close()
    second = to(station)
    assert second.job("long").state == "running"
    state = ended(second, "long")
    assert (state.state, state.exit_code) == ("done", 0) and b"127.0.0.1" in state.stdout and state.started
    assert second.forget_job("long").as_expected
    assert second.job("long").state == "none" and not folder(lab, station, "long").exists()
    assert second.run([Command(("schtasks", "/query", "/tn", "impax-long"))])[0].exit_code != 0


@BOTH
def test_a_job_id_starts_at_most_once(to, lab, station):
    carrier, before = to(station), len(lab.calls(station, "hostname"))
    assert carrier.start_job("once", Command(("hostname",))).exit_code == 0
    assert carrier.start_job("once", Command(("hostname",))).exit_code == windows_jobs.STARTED_BEFORE
    assert ended(carrier, "once").exit_code == 0
    carrier.run([Command(("schtasks", "/run", "/tn", "impax-once"))])
    time.sleep(1.5)
    assert len(lab.calls(station, "hostname")) == before + 1 and carrier.job("once").state == "done"


@pytest.mark.parametrize("code", [1, 3010, -1])
def test_exit_codes_of_jobs(to, code):
    carrier, job = to("new"), f"code{code}"
    carrier.start_job(job, Command(("cmd.exe", "/c", "exit", str(code))))
    assert (ended(carrier, job).state, ended(carrier, job).exit_code) == ("done", code)


def test_words_variables_input_and_folder_of_a_job(to, lab, tmp_path):
    windows_site.place_words_program(lab.root("new"), tmp_path)
    carrier = to("new")
    words = ("words", "a b", "100%", "%OS%", "!x!", 'say "a & b"', "^", "é", "")
    carrier.start_job("words", Command(words))
    assert windows_site.words_printed(ended(carrier, "words").stdout) == list(words[1:])
    carrier.start_job("input", Command(("findstr", "^"), stdin="é\nlast"))
    assert ended(carrier, "input").stdout == b"\x82\r\nlast\r\n"
    variables = {"IMPAX_PW": PASSWORD}
    carrier.start_job("variables", Command(("cmd.exe", "/v:on", "/c", "echo !IMPAX_PW!"), environment=variables))
    assert ended(carrier, "variables").stdout.decode("cp850").strip().strip('"') == PASSWORD.reveal()
    carrier.start_job("folder", Command(("cmd.exe", "/c", "cd"), folder="C:\\windows"))
    assert ended(carrier, "folder").stdout.strip().lower() == b"c:\\windows"
    carrier.start_job("nofolder", Command(("hostname",), folder="C:\\none"))
    assert ended(carrier, "nofolder").exit_code == 125


def test_a_batch_file_as_a_job(to, lab):
    (lab.root("new") / "c" / "x y.bat").write_bytes(b"@echo %1\r\n@exit /b 42\r\n")
    carrier = to("new")
    carrier.start_job("bat", Command(("C:\\x y.bat", "a & b")))
    state = ended(carrier, "bat")
    assert (state.exit_code, state.stdout.strip()) == (42, b'"a & b"')


@BOTH
def test_no_secret_stays_on_the_station_or_shows_in_a_call(to, lab, station):
    carrier = to(station)
    command = Command(("findstr", "^"), stdin=PASSWORD, environment={"IMPAX_PW": PASSWORD}, withheld=True)
    assert carrier.start_job("secret", command).as_expected
    assert PASSWORD.reveal() in ended(carrier, "secret").stdout.decode("cp850")
    texts = {path.name: path.read_bytes() for path in folder(lab, station, "secret").iterdir() if path.is_file()}
    assert [name for name, text in texts.items() if b"CANARY" in text] == ["out"]
    assert not any("CANARY" in str(call) for call in lab.calls(station))


def test_the_password_of_the_log_on_is_on_a_command_line_on_2003_only(to, lab):
    for station in ("new", "old"):
        to(station).start_job("rp", Command(("hostname",)))
    shown = {station: any("Secret-1" in str(call) for call in lab.calls(station)) for station in ("new", "old")}
    assert shown == {"new": False, "old": True}


@BOTH
def test_the_rights_of_the_folder_are_set_before_anything_is_in_it(to, lab, station):
    to(station).start_job("rights", Command(("hostname",)))
    rights = lab.calls(station, "icacls" if station == "new" else "cacls")[-1]
    writes = lab.calls(station, "findstr")[-1]
    assert rights["exit_code"] == 0 and rights["at"] <= writes["at"]
    assert "C:\\impax-jobs" in rights["words"]


def test_where_rights_cannot_be_set_nothing_begins(to, lab):
    lab.inject("new", "icacls", "permission_denied", nth=1)
    outcome = to("new").start_job("norights", Command(("hostname",)))
    assert outcome.state is State.NOT_BEGUN and "icacls" in outcome.why
    assert to("new").job("norights").state == "none"


def test_a_scheduler_that_starts_nothing_is_found_out(to, lab, monkeypatch):
    monkeypatch.setattr(windows_jobs, "BEGINS_WITHIN", 3.0)
    lab.inject("new", "schtasks", "never_starts", nth=2)
    outcome = to("new").start_job("never", Command(("hostname",)))
    assert outcome.state is State.NOT_BEGUN and "did not begin" in outcome.why
    assert to("new").job("never").state == "none"


def test_a_job_that_was_killed_is_lost(to, lab):
    carrier = to("new")
    carrier.start_job("killed", Command(("cmd.exe", "/c", "echo begun& ping -n 60 127.0.0.1")))
    assert carrier.job("killed").state == "running"
    carrier.run([Command(("schtasks", "/end", "/tn", "impax-killed"))])
    state = ended(carrier, "killed")
    assert (state.state, state.exit_code) == ("lost", None) and state.stdout.startswith(b"begun")
    assert carrier.forget_job("killed").as_expected


def test_a_job_is_lost_when_the_station_was_restarted(to, lab):
    carrier = to("new")
    carrier.start_job("restarted", Command(("ping", "-n", "60", "127.0.0.1")))
    assert carrier.job("restarted").state == "running"
    lab("power", "new", "off")
    assert carrier.job("restarted").state == "unknown"
    lab("power", "new", "on")
    assert to("new").job("restarted").state == "lost"


def test_a_job_of_another_account_is_refused(to):
    outcome = to("new").start_job("other", Command(("hostname",), user="AgfaService"))
    assert outcome.state is State.NOT_BEGUN and "AgfaService" in outcome.why
    assert to("new").job("other").state == "none"


def test_a_job_of_the_system(to):
    carrier = to("new")
    carrier.start_job("system", Command(("cmd.exe", "/v:on", "/c", "echo !USERNAME!"), user="SYSTEM"))
    assert ended(carrier, "system").stdout.strip() == b"SYSTEM"


@pytest.mark.parametrize("job", ["a b", "..", "x&y"])
def test_a_name_that_is_none(to, job):
    assert to("new").start_job(job, Command(("hostname",))).state is State.NOT_BEGUN
    assert to("new").job(job).state == "unknown"
    assert to("new").forget_job(job).state is State.NOT_BEGUN


def test_a_private_file_for_the_length_of_a_call(to, lab):
    carrier, path = to("new"), "C:\\impax-jobs\\call.par"
    (outcome,) = carrier.run([Command(("findstr", "^", path), stdin=PASSWORD, creates=path)])
    assert outcome.out == PASSWORD.reveal() + "\n" and not folder(lab, "new", "call.par").exists()
    (elsewhere,) = carrier.run([Command(("findstr", "^", "C:\\x.par"), stdin=PASSWORD, creates="C:\\x.par")])
    assert elsewhere.state is State.NOT_BEGUN
